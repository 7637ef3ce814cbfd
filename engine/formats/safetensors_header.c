/* The header of a safetensors file:
 *
 *   { "__metadata__": { "key": "value", … },
 *     "name": { "dtype": "F32", "shape": [64, 3, 11, 11], "data_offsets": [begin, end] }, … }
 *
 * Offsets count from the end of the header. Sorted by them, the tensors must cover the data part
 * without a gap or an overlap, each with as many bytes as its shape and dtype say.
 *
 * Names that come twice are found by sorting, not hashing: n log n whatever the names are. */
#include "engine/formats/safetensors_header.h"
#include "engine/formats/json_cursor.h"
#include "engine/i18n.h"
#include <inttypes.h>
#include <string.h>

#define MAX_RANK 8

typedef struct {
  LwTensorFile *file;
  const char *name; /* of the file, for messages */
  uint64_t data_bytes;
  LwJsonCursor json;
  GError **error;
} Reader;

static const struct {
  const char *name;
  LwDType dtype;
  int32_t bytes;
} dtypes[] = { { "F32", LW_F32, 4 }, { "I64", LW_I64, 8 }, { "I32", LW_I32, 4 } };

static bool fail (Reader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);

static bool
fail (Reader *reader, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (reader->error, LW_ERROR, LW_ERROR_FORMAT, "%s: %s", reader->name, what);
  return false;
}

static bool
fail_syntax (Reader *reader)
{
  return fail (reader,
               _ ("the header is not what a safetensors file has, near its byte %zu; the file is "
                  "damaged or of another kind."),
               lw_json_cursor_offset (&reader->json));
}

int32_t
lw_dtype_bytes_or_0 (LwDType dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].dtype == dtype)
      return dtypes[i].bytes;
  return 0;
}

/* A name from the file as a message can carry it: short, and without what a terminal obeys. */
static char *
shown (const char *name)
{
  GString *text = g_string_new (NULL);
  const char *at = name;

  for (int i = 0; i < 60 && *at != '\0'; i++, at = g_utf8_next_char (at)) {
    const gunichar c = g_utf8_get_char (at);

    g_string_append_unichar (text, g_unichar_isprint (c) ? c : '?');
  }
  if (*at != '\0')
    g_string_append (text, "…");
  return g_string_free (text, FALSE);
}

/* --- one entry ------------------------------------------------------------------------------ */

static bool
read_metadata (Reader *reader)
{
  LwJsonCursor *json = &reader->json;

  if (!lw_json_cursor_expect (json, '{'))
    return fail (reader, _ ("its __metadata__ is not a set of strings."));
  if (lw_json_cursor_take (json, '}'))
    return true;
  do {
    LwHeaderString entry;

    entry.key = lw_json_cursor_string (json);
    lw_json_cursor_expect (json, ':');
    entry.value = lw_json_cursor_string (json);
    if (json->failed)
      return fail (reader,
                   _ ("its __metadata__ holds something else than strings, near byte "
                      "%zu of the header."),
                   lw_json_cursor_offset (json));
    g_array_append_val (reader->file->metadata, entry);
  } while (lw_json_cursor_take (json, ','));
  return lw_json_cursor_expect (json, '}') || fail_syntax (reader);
}

static bool
read_dtype (Reader *reader, const char *tensor, LwDType *ret_dtype)
{
  const char *word = lw_json_cursor_string (&reader->json);
  g_autofree char *shown_word = NULL;

  if (word == NULL)
    return fail_syntax (reader);
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (word, dtypes[i].name) == 0) {
      *ret_dtype = dtypes[i].dtype;
      return true;
    }
  shown_word = shown (word);
  return fail (reader,
               _ ("tensor %s has numbers of type %s, and only F32, I64 and I32 are read; save it "
                  "again after converting, in PyTorch with tensor.float()."),
               tensor, shown_word);
}

/* Reads "[a, b, …]" of at most `most` numbers; returns how many there were, or −1. */
static int32_t
read_numbers (LwJsonCursor *json, int64_t *ret_numbers, int32_t most)
{
  int32_t n = 0;

  if (!lw_json_cursor_expect (json, '['))
    return -1;
  if (lw_json_cursor_take (json, ']'))
    return 0;
  do {
    int64_t number;

    if (!lw_json_cursor_natural (json, &number))
      return -1;
    if (n < most)
      ret_numbers[n] = number;
    n = MIN (n + 1, most + 1);
  } while (lw_json_cursor_take (json, ','));
  return lw_json_cursor_expect (json, ']') ? n : -1;
}

/* Element count and bytes of the shape, without overflow. */
static bool
check_size (Reader *reader, LwFileTensor *tensor, const char *name, const int64_t offsets[2])
{
  const int64_t element = lw_dtype_bytes_or_0 (tensor->dtype);
  bool fits = true, zero = false;
  int64_t bytes;

  tensor->size = 1;
  for (int32_t i = 0; i < tensor->rank; i++)
    zero = zero || tensor->dims[i] == 0;
  for (int32_t i = 0; i < tensor->rank && !zero; i++)
    fits = fits && !__builtin_mul_overflow (tensor->size, tensor->dims[i], &tensor->size);
  if (zero)
    tensor->size = 0;
  if (!fits || __builtin_mul_overflow (tensor->size, element, &bytes))
    return fail (reader, _ ("the shape of tensor %s has more elements than any memory."), name);
  if (offsets[1] < offsets[0] || (uint64_t)offsets[1] > reader->data_bytes)
    return fail (reader,
                 _ ("tensor %s should lie at bytes %" PRId64 " to %" PRId64
                    " of the data, and there are %" PRIu64 "; the "
                    "file was cut off or is damaged."),
                 name, offsets[0], offsets[1], reader->data_bytes);
  if (offsets[1] - offsets[0] != bytes)
    return fail (reader,
                 _ ("tensor %s needs %" PRId64 " bytes for its shape, and its data_offsets "
                    "leave %" PRId64 "."),
                 name, bytes, offsets[1] - offsets[0]);
  return true;
}

static bool
read_tensor (Reader *reader, const char *raw_name)
{
  LwFileTensor tensor = { .name = raw_name };
  LwJsonCursor *json = &reader->json;
  g_autofree char *name = shown (raw_name);
  int64_t offsets[2];
  uint64_t begin;
  enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4 } seen = 0, field;

  if (!lw_json_cursor_expect (json, '{'))
    return fail_syntax (reader);
  do {
    const char *key = lw_json_cursor_string (json);

    if (!lw_json_cursor_expect (json, ':'))
      return fail_syntax (reader);
    if (strcmp (key, "dtype") == 0) {
      field = DTYPE;
      if (!read_dtype (reader, name, &tensor.dtype))
        return false;
    } else if (strcmp (key, "shape") == 0) {
      field = SHAPE;
      tensor.rank = read_numbers (json, tensor.dims, MAX_RANK);
      if (tensor.rank < 0 || tensor.rank > MAX_RANK)
        return fail (reader,
                     _ ("the shape of tensor %s is not a list of at most %d whole numbers."), name,
                     MAX_RANK);
    } else if (strcmp (key, "data_offsets") == 0) {
      field = OFFSETS;
      if (read_numbers (json, offsets, 2) != 2)
        return fail (reader, _ ("the data_offsets of tensor %s are not two whole numbers."), name);
    } else {
      g_autofree char *shown_key = shown (key);

      return fail (reader, _ ("tensor %s has the unknown field %s."), name, shown_key);
    }
    if (seen & field)
      return fail (reader, _ ("tensor %s says its %s twice."), name, key);
    seen |= field;
  } while (lw_json_cursor_take (json, ','));
  if (!lw_json_cursor_expect (json, '}'))
    return fail_syntax (reader);
  if (seen != (DTYPE | SHAPE | OFFSETS))
    return fail (reader, _ ("tensor %s lacks its dtype, shape or data_offsets."), name);
  if (!check_size (reader, &tensor, name, offsets))
    return false;
  begin = (uint64_t)offsets[0];
  g_array_append_val (reader->file->tensors, tensor);
  g_array_append_val (reader->file->begins, begin);
  return true;
}

static bool
read_entries (Reader *reader)
{
  LwJsonCursor *json = &reader->json;
  bool seen_metadata = false;

  if (!lw_json_cursor_expect (json, '{'))
    return fail_syntax (reader);
  if (!lw_json_cursor_take (json, '}')) {
    do {
      const char *name = lw_json_cursor_string (json);

      if (!lw_json_cursor_expect (json, ':'))
        return fail_syntax (reader);
      if (strcmp (name, "__metadata__") != 0) {
        if (!read_tensor (reader, name))
          return false;
      } else if (seen_metadata)
        return fail (reader, _ ("__metadata__ comes twice in the header."));
      else if (seen_metadata = true, !read_metadata (reader))
        return false;
    } while (lw_json_cursor_take (json, ','));
    if (!lw_json_cursor_expect (json, '}'))
      return fail_syntax (reader);
  }
  return lw_json_cursor_at_end (json) || fail_syntax (reader);
}

/* --- all entries together ------------------------------------------------------------------- */

static const LwFileTensor *
tensor_at (const LwTensorFile *file, int32_t index)
{
  return &g_array_index (file->tensors, LwFileTensor, index);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer file)
{
  const LwFileTensor *first = tensor_at (file, *(const int32_t *)a);
  const LwFileTensor *second = tensor_at (file, *(const int32_t *)b);

  return strcmp (first->name, second->name);
}

static int
compare_begins (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const LwTensorFile *file = user_data;
  const int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
  const uint64_t first_begin = g_array_index (file->begins, uint64_t, first);
  const uint64_t second_begin = g_array_index (file->begins, uint64_t, second);

  if (first_begin != second_begin)
    return first_begin < second_begin ? -1 : 1;
  /* an empty tensor before the one that begins at the same byte */
  return (tensor_at (file, first)->size > 0) - (tensor_at (file, second)->size > 0);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (((const LwHeaderString *)a)->key, ((const LwHeaderString *)b)->key);
}

static GArray *
sorted_indices (LwTensorFile *file, GCompareDataFunc compare)
{
  GArray *indices = g_array_sized_new (FALSE, FALSE, sizeof (int32_t), file->tensors->len);

  for (int32_t i = 0; i < (int32_t)file->tensors->len; i++)
    g_array_append_val (indices, i);
  g_array_sort_with_data (indices, compare, file);
  return indices;
}

static bool
check_names (Reader *reader)
{
  LwTensorFile *file = reader->file;

  file->by_name = sorted_indices (file, compare_names);
  for (guint i = 1; i < file->by_name->len; i++) {
    const int32_t *pair = &g_array_index (file->by_name, int32_t, i - 1);

    if (strcmp (tensor_at (file, pair[0])->name, tensor_at (file, pair[1])->name) == 0) {
      g_autofree char *name = shown (tensor_at (file, pair[0])->name);

      return fail (reader, _ ("tensor %s comes twice in the header."), name);
    }
  }
  g_array_sort (file->metadata, compare_keys);
  for (guint i = 1; i < file->metadata->len; i++) {
    const LwHeaderString *pair = &g_array_index (file->metadata, LwHeaderString, i - 1);

    if (strcmp (pair[0].key, pair[1].key) == 0) {
      g_autofree char *key = shown (pair[0].key);

      return fail (reader, _ ("%s comes twice in __metadata__."), key);
    }
  }
  return true;
}

static bool
check_cover (Reader *reader)
{
  LwTensorFile *file = reader->file;
  g_autoptr (GArray) order = sorted_indices (file, compare_begins);
  uint64_t end = 0;

  for (guint i = 0; i < order->len; i++) {
    const int32_t index = g_array_index (order, int32_t, i);
    const LwFileTensor *tensor = tensor_at (file, index);
    const uint64_t begin = g_array_index (file->begins, uint64_t, index);

    if (begin != end) {
      g_autofree char *name = shown (tensor->name);

      return fail (reader,
                   begin < end
                       ? _ ("tensor %s overlaps another in the data; the file is damaged.")
                       : _ ("tensor %s leaves a gap before it in the data; the file is damaged."),
                   name);
    }
    end += (uint64_t)tensor->size * (uint64_t)lw_dtype_bytes_or_0 (tensor->dtype);
  }
  if (end != reader->data_bytes)
    return fail (reader,
                 _ ("the tensors fill %" PRIu64 " bytes and %" PRIu64
                    " follow the header; the file is damaged."),
                 end, reader->data_bytes);
  return true;
}

bool
lw_tensor_file_read_header (LwTensorFile *file, gsize header_bytes, uint64_t data_bytes,
                            const char *name, GError **error)
{
  Reader reader = { .file = file, .name = name, .data_bytes = data_bytes, .error = error };

  if (!g_utf8_validate_len (file->header, header_bytes, NULL))
    return fail (&reader, _ ("the header is not text in UTF-8; the file is damaged or of another "
                             "kind."));
  lw_json_cursor_init (&reader.json, file->header, header_bytes);
  return read_entries (&reader) && check_names (&reader) && check_cover (&reader);
}
