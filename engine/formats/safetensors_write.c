/* Writing safetensors. The header lists the tensors in the caller's order; the data holds those
 * with elements of eight bytes first, and the header is padded to a multiple of eight, so every
 * tensor is aligned to its element. PyTorch's reader insists on that. */
#include "engine/formats/file.h"
#include "engine/formats/safetensors_header.h"
#include "engine/i18n.h"
#include <string.h>

static bool
fail (GError **error, const char *path, const char *what, const char *name)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("Cannot write %s: tensor %s %s."), shown,
               valid, what);
  return false;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static bool
check_tensors (const char *path, const LwFileTensor *tensors, int32_t n, GError **error)
{
  g_autofree const char **names = g_new (const char *, n + 1);

  for (int32_t i = 0; i < n; i++) {
    const LwFileTensor *tensor = &tensors[i];
    int64_t size = 1;

    names[i] = tensor->name;
    if (!g_utf8_validate (tensor->name, -1, NULL) || strcmp (tensor->name, "__metadata__") == 0)
      return fail (error, path, _ ("has a name that the format does not allow"), tensor->name);
    if (tensor->rank < 0 || tensor->rank > 8 || lw_dtype_bytes_or_0 (tensor->dtype) == 0)
      return fail (error, path, _ ("has a rank or type that is not written"), tensor->name);
    for (int32_t d = 0; d < tensor->rank; d++)
      if (tensor->dims[d] < 0 || __builtin_mul_overflow (size, tensor->dims[d], &size))
        return fail (error, path, _ ("has an impossible shape"), tensor->name);
    if (size != tensor->size || size > G_MAXINT64 / 8)
      return fail (error, path, _ ("has another size than its shape says"), tensor->name);
  }
  qsort (names, (size_t)n, sizeof *names, compare_strings);
  for (int32_t i = 1; i < n; i++)
    if (strcmp (names[i - 1], names[i]) == 0)
      return fail (error, path, _ ("comes twice"), names[i]);
  return true;
}

static void
append_string (GString *json, const char *string)
{
  g_string_append_c (json, '"');
  for (; *string != '\0'; string++) {
    if (*string == '"' || *string == '\\')
      g_string_append_c (json, '\\');
    if ((unsigned char)*string < ' ')
      g_string_append_printf (json, "\\u%04x", (unsigned)*string);
    else
      g_string_append_c (json, *string);
  }
  g_string_append_c (json, '"');
}

static void
append_metadata (GString *json, const char *const *metadata)
{
  g_string_append (json, "\"__metadata__\":{");
  for (int i = 0; metadata[i] != NULL; i += 2) {
    g_string_append (json, i > 0 ? "," : "");
    append_string (json, metadata[i]);
    g_string_append_c (json, ':');
    append_string (json, metadata[i + 1]);
  }
  g_string_append_c (json, '}');
}

static void
append_tensor (GString *json, const LwFileTensor *tensor, uint64_t begin, uint64_t end)
{
  append_string (json, tensor->name);
  g_string_append_printf (json, ":{\"dtype\":\"%s\",\"shape\":[",
                          tensor->dtype == LW_F32   ? "F32"
                          : tensor->dtype == LW_I64 ? "I64"
                                                    : "I32");
  for (int32_t d = 0; d < tensor->rank; d++)
    g_string_append_printf (json, "%s%" G_GINT64_FORMAT, d > 0 ? "," : "", tensor->dims[d]);
  g_string_append_printf (json, "],\"data_offsets\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]}",
                          begin, end);
}

static uint64_t
bytes_of (const LwFileTensor *tensor)
{
  return (uint64_t)tensor->size * (uint64_t)lw_dtype_bytes_or_0 (tensor->dtype);
}

/* Where each tensor begins: those with wide elements in the caller's order, then the others. */
static bool
lay_out (const LwFileTensor *tensors, int32_t n, uint64_t *ret_begins)
{
  uint64_t end = 0;

  for (int32_t width = 8; width >= 4; width -= 4)
    for (int32_t i = 0; i < n; i++) {
      if (lw_dtype_bytes_or_0 (tensors[i].dtype) != width)
        continue;
      ret_begins[i] = end;
      if (__builtin_add_overflow (end, bytes_of (&tensors[i]), &end) || end > G_MAXINT64)
        return false;
    }
  return true;
}

static GString *
make_header (const LwFileTensor *tensors, int32_t n, const uint64_t *begins,
             const char *const *metadata)
{
  GString *json = g_string_new ("{");

  if (metadata != NULL)
    append_metadata (json, metadata);
  for (int32_t i = 0; i < n; i++) {
    g_string_append (json, json->len > 1 ? "," : "");
    append_tensor (json, &tensors[i], begins[i], begins[i] + bytes_of (&tensors[i]));
  }
  g_string_append_c (json, '}');
  while (json->len % 8 != 0)
    g_string_append_c (json, ' ');
  return json;
}

bool
lw_tensor_file_write (const char *path, const LwFileTensor *tensors, int32_t n,
                      const char *const *metadata, GError **error)
{
  g_autoptr (LwReplacement) replacement = NULL;
  g_autofree uint64_t *begins = g_new0 (uint64_t, n + 1);
  g_autoptr (GString) header = NULL;
  uint64_t length;

  if (!check_tensors (path, tensors, n, error))
    return false;
  for (int i = 0; metadata != NULL && metadata[i] != NULL; i++)
    if (!g_utf8_validate (metadata[i], -1, NULL))
      return fail (error, path, _ ("cannot stand beside metadata that is not UTF-8 text"),
                   metadata[0]);
  if (!lay_out (tensors, n, begins))
    return fail (error, path, _ ("makes the file larger than any disk"), tensors[0].name);
  header = make_header (tensors, n, begins, metadata);
  length = header->len;
  replacement = lw_replacement_new (path, error);
  if (replacement == NULL || !lw_replacement_write (replacement, &length, sizeof length, error) ||
      !lw_replacement_write (replacement, header->str, header->len, error))
    return false;
  for (int32_t width = 8; width >= 4; width -= 4)
    for (int32_t i = 0; i < n; i++)
      if (lw_dtype_bytes_or_0 (tensors[i].dtype) == width &&
          !lw_replacement_write (replacement, tensors[i].data, bytes_of (&tensors[i]), error))
        return false;
  return lw_replacement_commit (replacement, error);
}
