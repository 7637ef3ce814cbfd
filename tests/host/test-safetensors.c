/* safetensors: what is written is read again; what a file says about itself is not believed; a
 * file is replaced whole or not at all. */
#include "engine/formats/file.h"
#include "engine/formats/safetensors.h"
#include "tests/support/data_files.h"
#include "tests/support/program.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- there and back -------------------------------------------------------------------------- */

static const float floats[3] = { 1.5f, -0.0f, INFINITY };
static const int64_t longs[2] = { G_MININT64, G_MAXINT64 };
static const int32_t ints[6] = { 1, 2, 3, 4, 5, 6 };

#define TENSOR(name_, dtype_, data_, size_, rank_, ...)                                            \
  {                                                                                                \
    .name = name_, .dtype = dtype_, .rank = rank_, .dims = { __VA_ARGS__ }, .size = size_,         \
    .data = data_                                                                                  \
  }

/* An odd number of floats before eight-byte numbers, no dimension, eight, zero elements, and names
 * that need escapes in JSON. */
static const LwFileTensor samples[] = {
  TENSOR ("0.weight", LW_F32, floats, 3, 1, 3),
  TENSOR ("1.num_batches_tracked", LW_I64, longs, 1, 0, 0),
  TENSOR ("\"quoted\" \\ and\nbroken\x01", LW_I32, ints, 6, 8, 1, 2, 1, 3, 1, 1, 1, 1),
  TENSOR ("leer/空/😀", LW_I64, longs, 2, 2, 2, 1),
  TENSOR ("empty", LW_F32, NULL, 0, 2, 0, 5),
  TENSOR ("", LW_F32, floats, 1, 1, 1),
};
static const char *const sample_metadata[] = { "format", "pt", "note", "a \"b\"\n", NULL };

static void
assert_same (const LwFileTensor *a, const LwFileTensor *b)
{
  const size_t element = a->dtype == LW_I64 ? 8 : 4;

  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpint (a->dtype, ==, b->dtype);
  g_assert_cmpint (a->rank, ==, b->rank);
  g_assert_cmpint (a->size, ==, b->size);
  for (int i = 0; i < a->rank; i++)
    g_assert_cmpint (a->dims[i], ==, b->dims[i]);
  g_assert_cmpuint ((guintptr)b->data % element, ==, 0);
  g_assert_cmpmem (a->data, (size_t)a->size * element, b->data, (size_t)b->size * element);
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (LwTensorFile) file = NULL;
  char *folder = lw_scratch_new ();
  uint64_t header;
  g_autofree char *raw = NULL;

  path = g_build_filename (folder, "weights.safetensors", NULL);
  lw_tensor_file_write (path, samples, G_N_ELEMENTS (samples), sample_metadata, &error);
  g_assert_no_error (error);
  file = lw_tensor_file_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (file), ==, G_N_ELEMENTS (samples));
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++) {
    assert_same (&samples[i], lw_tensor_file_get (file, (int32_t)i));
    g_assert_true (lw_tensor_file_find (file, samples[i].name) ==
                   lw_tensor_file_get (file, (int32_t)i));
  }
  g_assert_null (lw_tensor_file_find (file, "0.weigh"));
  g_assert_cmpstr (lw_tensor_file_metadata (file, "note"), ==, "a \"b\"\n");
  g_assert_null (lw_tensor_file_metadata (file, "none"));

  g_assert_true (g_file_get_contents (path, &raw, NULL, NULL));
  memcpy (&header, raw, sizeof header);
  g_assert_cmpuint (header % 8, ==, 0); /* the data begin aligned */
  g_assert_cmpint (lw_scratch_count (folder), ==, 1);
  lw_scratch_remove (folder);
}

static void
test_nothing_to_write (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = NULL;
  g_autofree char *path = NULL;
  char *folder = lw_scratch_new ();

  path = g_build_filename (folder, "none.safetensors", NULL);
  g_assert_true (lw_tensor_file_write (path, NULL, 0, NULL, &error));
  file = lw_tensor_file_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (file), ==, 0);
  g_assert_null (lw_tensor_file_find (file, ""));
  lw_scratch_remove (folder);
}

/* A file of another program: JSON with blanks, entries out of order, a tensor off its boundary. */
static void
test_foreign_layout (void)
{
  static const char header[] =
      " {\n \"b\" : { \"data_offsets\":[4, 20], \"shape\":[ 2 ],\t\"dtype\":\"I64\" } ,\r\n"
      "\"\\u0061\\ud83d\\ude00\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}  \n";
  const uint64_t length = sizeof header - 1;
  const float value = 2.5f;
  GByteArray *array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = NULL;
  const LwFileTensor *tensor;

  g_byte_array_append (array, (const uint8_t *)&length, 8);
  g_byte_array_append (array, (const uint8_t *)header, (guint)length);
  g_byte_array_append (array, (const uint8_t *)&value, 4);
  g_byte_array_append (array, (const uint8_t *)longs, 16);
  bytes = g_byte_array_free_to_bytes (array);
  file = lw_tensor_file_parse (bytes, "x", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lw_tensor_file_get (file, 0)->name, ==, "b");
  g_assert_cmpuint ((guintptr)lw_tensor_file_get (file, 0)->data % 8, ==, 0);
  g_assert_cmpmem (lw_tensor_file_get (file, 0)->data, 16, longs, 16);
  tensor = lw_tensor_file_find (file, "a😀");
  g_assert_nonnull (tensor);
  g_assert_cmpfloat (*(const float *)tensor->data, ==, 2.5f);
}

static void
test_golden (void)
{
  static const char *const names[] = { "ops.safetensors", "misc.safetensors",
                                       "trajectory-resnet18.safetensors" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), names[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);

    g_assert_no_error (error);
    g_assert_cmpint (lw_tensor_file_n (file), >, 10);
  }
}

/* --- hostile headers ------------------------------------------------------------------------- */

#define A(offsets)    "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" offsets "}"
#define SHAPED(shape) "{\"a\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[0,8]}}"

/* Each with 8 bytes of data, and what the sentence must hold. */
static const struct {
  const char *header, *message;
} hostile[] = {
  { "", "no safetensors header" },
  { "[]", "near its byte 0" },
  { "{ ", "near its byte 2" },
  { "{}", "the tensors fill 0 bytes and 8 follow" },
  { "{" A ("[0,8]") "} x", "near its byte" },
  { "{" A ("[0,8]") ",}", "near its byte" },
  { "{" A ("[0,8]") "," A ("[0,8]") "}", "tensor a comes twice" },
  { "{" A ("[0,8]") ",\"\\u0061\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
    "tensor a comes twice" },
  { "{" A ("[0,8]") ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
    "overlaps" },
  { "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "tensor b leaves a gap" },
  { "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "the tensors fill 4" },
  { "{" A ("[0,12]") "}", "bytes 0 to 12 of the data" },
  { "{" A ("[8,0]") "}", "bytes 8 to 0" },
  { "{" A ("[0,4]") "}", "needs 8 bytes for its shape, and its data_offsets leave 4" },
  { "{" A ("[0]") "}", "not two whole numbers" },
  { "{" A ("[0,8,8]") "}", "not two whole numbers" },
  { "{" A ("[-8,0]") "}", "not two whole numbers" },
  { "{" A ("[0,8.0]") "}", "not two whole numbers" },
  { "{" A ("[00,8]") "}", "not two whole numbers" },
  { "{" A ("[0,99999999999999999999]") "}", "not two whole numbers" },
  { SHAPED ("[1e3]"), "list of at most 8 whole numbers" },
  { SHAPED ("2"), "list of at most 8 whole numbers" },
  { SHAPED ("[1,1,1,1,1,1,1,1,2]"), "list of at most 8 whole numbers" },
  { SHAPED ("[9223372036854775807,2]"), "more elements than any memory" },
  { SHAPED ("[4294967296,4294967296]"), "more elements than any memory" },
  { SHAPED ("[2305843009213693954]"), "more elements than any memory" }, /* · 4 = 8 mod 2⁶⁴ */
  { SHAPED ("[9223372036854775807,9223372036854775807,0]"), "needs 0 bytes" },
  { "{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}", "numbers of type BF16" },
  { "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", "near its byte" },
  { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    "says its dtype twice" },
  { "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "lacks its dtype" },
  { "{\"a\":{\"dtype\":\"F32\",\"size\":2}}", "unknown field size" },
  { "{\"a\":[]}", "near its byte" },
  { "{\"a\\u0000b\":{}}", "near its byte" },
  { "{\"a\\ud800\":{}}", "near its byte" },
  { "{\"a\\udc00\":{}}", "near its byte" },
  { "{\"a\\x\":{}}", "near its byte" },
  { "{\"a\n\":{}}", "near its byte" },
  { "{\"a\xff\":{}}", "not text in UTF-8" },
  { "{\"__metadata__\":{\"k\":1}," A ("[0,8]") "}", "something else than strings" },
  { "{\"__metadata__\":\"k\"," A ("[0,8]") "}", "not a set of strings" },
  { "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," A ("[0,8]") "}", "k comes twice" },
  { "{\"__metadata__\":{},\"__metadata__\":{}," A ("[0,8]") "}", "__metadata__ comes twice" },
};

static GBytes *
make_bytes (const char *header, uint64_t announced, gsize data)
{
  GByteArray *array = g_byte_array_new ();

  g_byte_array_append (array, (const uint8_t *)&announced, 8);
  g_byte_array_append (array, (const uint8_t *)header, (guint)strlen (header));
  g_byte_array_set_size (array, array->len + (guint)data);
  memset (array->data + array->len - data, 0, data);
  return g_byte_array_free_to_bytes (array);
}

static void
assert_refused (GBytes *bytes, const char *message)
{
  g_autoptr (GError) error = NULL;
  LwTensorFile *file = lw_tensor_file_parse (bytes, "file.safetensors", &error);

  g_assert_null (file);
  g_assert_error (error, LW_ERROR, LW_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, "file.safetensors: "));
  g_assert_true (g_str_has_suffix (error->message, "."));
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” lacks “%s”", error->message, message);
}

static void
test_hostile (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autoptr (GBytes) bytes = make_bytes (hostile[i].header, strlen (hostile[i].header), 8);

    assert_refused (bytes, hostile[i].message);
  }
}

static void
test_lengths (void)
{
  static const uint64_t lengths[] = {
    0, 1, 100, 100000001, G_MAXINT64, (uint64_t)G_MAXINT64 + 1, G_MAXUINT64 - 7, G_MAXUINT64
  };
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autoptr (GBytes) bytes = make_bytes ("{}", lengths[i], 0);

    assert_refused (bytes, "header");
  }
  assert_refused (empty, "is empty or of another kind");
}

/* Any beginning of a good file is refused. */
static void
test_cut_off (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *raw = NULL;
  char *folder = lw_scratch_new ();
  gsize length;

  path = g_build_filename (folder, "cut.safetensors", NULL);
  g_assert_true (lw_tensor_file_write (path, samples, 3, sample_metadata, &error));
  g_assert_true (g_file_get_contents (path, &raw, &length, NULL));
  for (gsize cut = 0; cut < length; cut++) {
    g_autoptr (GBytes) bytes = g_bytes_new (raw, cut); /* of its own, so that overreads show */

    assert_refused (bytes, "");
  }
  lw_scratch_remove (folder);
}

/* The header is seen through before the terabyte that the file claims to have is asked for. */
static void
test_sparse_file (void)
{
  static const char header[] =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[274877906944],\"data_offsets\":[0,1099511627776]}}";
  const uint64_t length = sizeof header - 1;
  g_autoptr (GBytes) bytes = make_bytes (header, length, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  char *folder = lw_scratch_new ();
  LwTensorFile *file;

  lw_scratch_write (folder, "sparse", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  path = g_build_filename (folder, "sparse", NULL);
  if (truncate (path, (off_t)(8 + length + 1099511627776)) != 0)
    g_test_skip ("the file system has no files of a terabyte");
  else {
    file = lw_tensor_file_open (path, &error);
    g_assert_null (file);
    g_assert_error (error, LW_ERROR, LW_ERROR_MEMORY);
  }
  lw_scratch_remove (folder);
}

static void
test_open_errors (void)
{
  char *folder = lw_scratch_new ();
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  const char *const paths[] = { folder, pipe, missing };

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;
    LwTensorFile *file = lw_tensor_file_open (paths[i], &error);

    g_assert_null (file);
    g_assert_error (error, LW_ERROR, LW_ERROR_IO);
    g_assert_nonnull (strstr (error->message, paths[i]));
  }
  lw_scratch_remove (folder);
}

/* --- writing that fails ----------------------------------------------------------------------- */

static void
test_bad_tensors (void)
{
  static const LwFileTensor bad[][2] = {
    { TENSOR ("a", LW_F32, floats, 1, 1, 1), TENSOR ("a", LW_I32, ints, 1, 1, 1) },
    { TENSOR ("__metadata__", LW_F32, floats, 1, 1, 1), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("\xff", LW_F32, floats, 1, 1, 1), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("a", LW_F32, floats, 2, 1, 3), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("a", LW_F32, floats, 2, 1, -2), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("a", LW_F32, floats, 1, 9, 1), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("a", (LwDType)7, floats, 1, 1, 1), TENSOR ("b", LW_F32, floats, 1, 1, 1) },
    { TENSOR ("a", LW_F32, floats, 0, 3, G_MAXINT64, G_MAXINT64, 4),
      TENSOR ("b", LW_F32, floats, 1, 1, 1) },
  };
  char *folder = lw_scratch_new ();
  g_autofree char *path = g_build_filename (folder, "bad", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_tensor_file_write (path, bad[i], 2, NULL, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  }
  g_assert_cmpint (lw_scratch_count (folder), ==, 0);
  lw_scratch_remove (folder);
}

/* --- replacing ------------------------------------------------------------------------------- */

static void
assert_content (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_replace (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = lw_scratch_new ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *link_path = g_build_filename (folder, "link", NULL);
  GStatBuf status;

  g_assert_true (lw_file_replace (path, "old", 3, &error));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink ("file", link_path), ==, 0);
  g_assert_true (lw_file_replace (link_path, "new", 3, &error)); /* through the link */
  assert_content (path, "new");
  g_assert_true (g_file_test (link_path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  g_assert_true (lw_file_replace (path, NULL, 0, &error));
  assert_content (path, "");
  g_assert_cmpint (lw_scratch_count (folder), ==, 2);
  lw_scratch_remove (folder);
}

/* No device: a writer that is wrong about it would replace the machine's. */
static void
test_replace_refused (void)
{
  char *folder = lw_scratch_new ();
  g_autofree char *inner = g_build_filename (folder, "folder", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autofree char *below = g_build_filename (folder, "no", "such", "folder", NULL);
  const char *const paths[] = { inner, pipe, below };
  GStatBuf status;

  g_assert_cmpint (g_mkdir (inner, 0777), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_file_replace (paths[i], "x", 1, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_IO);
    g_assert_nonnull (strstr (error->message, paths[i]));
  }
  g_assert_cmpint (g_stat (pipe, &status), ==, 0);
  g_assert_true (S_ISFIFO (status.st_mode));
  g_assert_cmpint (lw_scratch_count (folder), ==, 2);
  lw_scratch_remove (folder);
}

/* A tensor whose data cannot be read makes write() fail halfway: the old file stays as it was. */
static void
test_failure_keeps_the_old_file (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = lw_scratch_new ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  const LwFileTensor unreadable = TENSOR ("a", LW_F32, (const void *)8, 4096, 1, 4096);

  g_assert_true (lw_file_replace (path, "old", 3, &error));
  g_assert_false (lw_tensor_file_write (path, &unreadable, 1, NULL, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_IO);
  assert_content (path, "old");
  g_assert_cmpint (lw_scratch_count (folder), ==, 1);
  lw_scratch_remove (folder);
}

/* A writer that is killed leaves the old file, and nothing beside it where the file system has
 * files without a name. */
static void
test_killed (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = lw_scratch_new ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  const int nameless = open (folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
  pid_t child;

  g_assert_true (lw_file_replace (path, "old", 3, &error));
  child = fork ();
  if (child == 0) {
    LwReplacement *replacement = lw_replacement_new (path, NULL);

    lw_replacement_write (replacement, "new", 3, NULL);
    kill (getpid (), SIGKILL);
  }
  g_assert_cmpint (child, >, 0);
  g_assert_false (lw_reap (child));
  assert_content (path, "old");
  g_assert_cmpint (lw_scratch_count (folder), ==, nameless >= 0 ? 1 : 2);
  if (nameless >= 0)
    close (nameless);
  lw_scratch_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/nothing-to-write", test_nothing_to_write);
  g_test_add_func ("/safetensors/foreign-layout", test_foreign_layout);
  g_test_add_func ("/safetensors/golden", test_golden);
  g_test_add_func ("/safetensors/hostile", test_hostile);
  g_test_add_func ("/safetensors/lengths", test_lengths);
  g_test_add_func ("/safetensors/cut-off", test_cut_off);
  g_test_add_func ("/safetensors/sparse-file", test_sparse_file);
  g_test_add_func ("/safetensors/open-errors", test_open_errors);
  g_test_add_func ("/safetensors/bad-tensors", test_bad_tensors);
  g_test_add_func ("/replace/replace", test_replace);
  g_test_add_func ("/replace/refused", test_replace_refused);
  g_test_add_func ("/replace/failure-keeps-the-old-file", test_failure_keeps_the_old_file);
  g_test_add_func ("/replace/killed", test_killed);
  return g_test_run ();
}
