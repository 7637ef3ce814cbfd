/* Runs a harness as an ordinary test: on every file of its corpus, and on some thousand mutations
 * of them, the same ones each time.
 *
 *     fuzz-FORMAT CORPUS-FOLDER [MUTATIONS]
 *
 * With LAYERWISE_FUZZ_KEEP=FILE in the environment, each input is written to FILE before it is
 * tried, so that after a crash the file holds the culprit. */
#include "tests/fuzz/fuzz.h"
#include "engine/rng.h"

#include <stdlib.h>
#include <string.h>

#define MUTATIONS  4000
#define MAX_LENGTH 65536

#define MOST_MEMORY_KB (512 << 10) /* the largest picture that is read has 400 MB */

typedef struct {
  LwStream stream;
  uint64_t position;
} Random;

static char *corpus_folder;
static int n_mutations = MUTATIONS;
static int64_t peak_before_kb;

/* Uniform in 0 … n − 1; 0 for n = 0. */
static uint32_t
below (Random *random, size_t n)
{
  return (uint32_t)((uint64_t)lw_stream_bits (&random->stream, random->position++) * n >> 32);
}

static void
try_input (const GByteArray *input)
{
  const char *keep = g_getenv ("LAYERWISE_FUZZ_KEEP");
  /* of its own and of exactly this size, so that reading too far is seen */
  uint8_t *copy = malloc (input->len > 0 ? input->len : 1);

  if (keep != NULL)
    g_file_set_contents (keep, (const char *)input->data, input->len, NULL);
  memcpy (copy, input->data != NULL ? input->data : (const uint8_t *)"", input->len);
  LLVMFuzzerTestOneInput (copy, input->len);
  free (copy);
}

/* --- mutations ------------------------------------------------------------------------------- */

/* What lengths and counts are made of when they are false. */
static const uint64_t odd_numbers[] = {
  0,
  1,
  2,
  7,
  8,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  0x100000000,
  G_MAXINT64 / 8,
  G_MAXINT64,
  (uint64_t)G_MAXINT64 + 1,
  G_MAXUINT64 - 7,
  G_MAXUINT64,
};

static void
write_number (Random *random, GByteArray *input)
{
  const size_t width = (size_t)1 << below (random, 4); /* 1, 2, 4 or 8 bytes */
  uint64_t number = odd_numbers[below (random, G_N_ELEMENTS (odd_numbers))];
  const bool big_endian = below (random, 2);
  size_t at;

  if (input->len < width)
    return;
  /* Numbers that matter mostly stand at the beginning. */
  at = below (random, below (random, 2) ? MIN (input->len, 32) : input->len);
  at = MIN (at, input->len - width);
  for (size_t i = 0; i < width; i++, number >>= 8)
    input->data[at + (big_endian ? width - 1 - i : i)] = (uint8_t)number;
}

/* Replaces a run of digits with another number in decimal, or sets one anywhere. */
static void
write_decimal (Random *random, GByteArray *input)
{
  g_autofree char *digits = g_strdup_printf (
      "%" G_GUINT64_FORMAT, odd_numbers[below (random, G_N_ELEMENTS (odd_numbers))]);
  guint at = below (random, input->len), end;

  while (at < input->len && !g_ascii_isdigit (input->data[at]))
    at++;
  for (end = at; end < input->len && g_ascii_isdigit (input->data[end]);)
    end++;
  if (end > at) {
    g_autoptr (GByteArray) tail = g_byte_array_new ();

    g_byte_array_append (tail, input->data + end, input->len - end);
    g_byte_array_set_size (input, at);
    g_byte_array_append (input, (const uint8_t *)digits, (guint)strlen (digits));
    g_byte_array_append (input, tail->data, tail->len);
  }
}

static void
repeat_or_drop (Random *random, GByteArray *input)
{
  const guint at = below (random, input->len);
  const guint length = 1 + below (random, MIN (input->len - at, 64));
  g_autoptr (GByteArray) slice = g_byte_array_new ();

  if (input->len < 2)
    return;
  if (below (random, 2)) {
    g_byte_array_remove_range (input, at, MIN (length, input->len - at));
    return;
  }
  g_byte_array_append (slice, input->data + at, input->len - at);
  g_byte_array_set_size (input, MIN (at + length, input->len));
  g_byte_array_append (input, slice->data, slice->len);
}

static void
mutate (Random *random, GByteArray *input, const GByteArray *other)
{
  switch (below (random, 7)) {
  case 0:
  case 1: /* one bit */
    if (input->len > 0)
      input->data[below (random, input->len)] ^= (uint8_t)(1 << below (random, 8));
    break;
  case 2: /* the end is missing */
    g_byte_array_set_size (input, below (random, input->len));
    break;
  case 3:
    write_number (random, input);
    break;
  case 4:
    write_decimal (random, input);
    break;
  case 5:
    repeat_or_drop (random, input);
    break;
  default: { /* the end of another file */
    const guint from = below (random, other->len);

    g_byte_array_set_size (input, below (random, input->len + 1));
    g_byte_array_append (input, other->data + from, other->len - from);
  }
  }
  if (input->len > MAX_LENGTH)
    g_byte_array_set_size (input, MAX_LENGTH);
}

/* --- tests ----------------------------------------------------------------------------------- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The corpus in the order of its names, so that the mutations are the same everywhere. */
static GPtrArray *
read_corpus (void)
{
  GPtrArray *inputs = g_ptr_array_new_with_free_func ((GDestroyNotify)g_byte_array_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GDir *dir = g_dir_open (corpus_folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (corpus_folder, name, NULL));
  g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    char *content;
    gsize length;

    g_file_get_contents (names->pdata[i], &content, &length, &error);
    g_assert_no_error (error);
    g_ptr_array_add (inputs, g_byte_array_new_take ((guint8 *)content, length));
  }
  g_assert_cmpuint (inputs->len, >, 0);
  return inputs;
}

static void
test_corpus (void)
{
  g_autoptr (GPtrArray) inputs = read_corpus ();
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  try_input (nothing);
  for (guint i = 0; i < inputs->len; i++)
    try_input (inputs->pdata[i]);
}

static void
test_mutations (void)
{
  g_autoptr (GPtrArray) inputs = read_corpus ();

  for (int i = 0; i < n_mutations; i++) {
    Random random = { .stream = lw_stream (1, LW_STREAM_DATA, 0, (uint32_t)i) };
    const GByteArray *origin = inputs->pdata[i % (int)inputs->len];
    const GByteArray *other = inputs->pdata[below (&random, inputs->len)];
    g_autoptr (GByteArray) input = g_byte_array_new ();

    g_byte_array_append (input, origin->data, origin->len);
    for (uint32_t n = 1 + below (&random, 3); n > 0; n--)
      mutate (&random, input, other);
    try_input (input);
  }
}

/* Kilobytes of addresses that were in use at most; 0: the system does not say. */
static int64_t
peak_kb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmPeak:");
  return line != NULL ? g_ascii_strtoll (line + strlen ("VmPeak:"), NULL, 10) : 0;
}

/* Of the tests before: whatever an input of these few bytes says of sizes, no reader asked for much
 * memory, even if it did not touch it. */
static void
test_memory (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the address sanitizer takes memory of its own");
#else
  g_assert_cmpint (peak_kb () - peak_before_kb, <, MOST_MEMORY_KB);
#endif
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc < 2)
    g_error ("The corpus' folder is missing.");
  corpus_folder = argv[1];
  if (argc > 2)
    n_mutations = atoi (argv[2]);
  g_test_add_func ("/fuzz/corpus", test_corpus);
  g_test_add_func ("/fuzz/mutations", test_mutations);
  g_test_add_func ("/fuzz/memory", test_memory);
  peak_before_kb = peak_kb ();
  return g_test_run ();
}
