#include "engine/formats/file.h"
#include "engine/formats/safetensors_header.h"
#include "engine/i18n.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* tensors are used as they lie in the file */

#define PREFIX 8 /* bytes before the header: its length */

static LwTensorFile *
new_file (void)
{
  LwTensorFile *file = g_new0 (LwTensorFile, 1);

  file->tensors = g_array_new (FALSE, FALSE, sizeof (LwFileTensor));
  file->begins = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  file->metadata = g_array_new (FALSE, FALSE, sizeof (LwHeaderString));
  file->realigned = g_ptr_array_new_with_free_func (g_free);
  return file;
}

void
lw_tensor_file_free (LwTensorFile *file)
{
  if (file == NULL)
    return;
  g_free (file->header);
  g_array_unref (file->tensors);
  g_array_unref (file->begins);
  g_clear_pointer (&file->by_name, g_array_unref);
  g_array_unref (file->metadata);
  g_clear_pointer (&file->bytes, g_bytes_unref);
  g_ptr_array_unref (file->realigned);
  g_free (file);
}

/* The header's length, checked against the file's before anything is made of it. */
static bool
read_prefix (const uint8_t *prefix, uint64_t file_bytes, const char *name, gsize *ret_header,
             GError **error)
{
  uint64_t header = 0;

  if (file_bytes >= PREFIX)
    memcpy (&header, prefix, PREFIX);
  if (file_bytes < PREFIX + 2 || header < 2) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s: it has no safetensors header; the file is empty or of another kind."),
                 name);
    return false;
  }
  if (header > LW_HEADER_MAX_BYTES || header > file_bytes - PREFIX) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s: it is no safetensors file, or it was cut off: its first bytes announce a "
                    "header of %" PRIu64 " bytes."),
                 name, header);
    return false;
  }
  *ret_header = (gsize)header;
  return true;
}

/* Points the tensors into file->bytes, whose data part begins at `offset`. A tensor that is not
 * aligned to its element (other programs do not pad) is copied: C may not read it in place. */
static bool
attach_data (LwTensorFile *file, gsize offset, const char *name, GError **error)
{
  static const int64_t nothing;
  const uint8_t *data = (const uint8_t *)g_bytes_get_data (file->bytes, NULL) + offset;

  for (guint i = 0; i < file->tensors->len; i++) {
    LwFileTensor *tensor = &g_array_index (file->tensors, LwFileTensor, i);
    const gsize element = (gsize)lw_dtype_bytes_or_0 (tensor->dtype);
    const gsize bytes = (gsize)tensor->size * element;

    tensor->data = data + g_array_index (file->begins, uint64_t, i);
    if (bytes == 0)
      tensor->data = &nothing;
    else if ((guintptr)tensor->data % element != 0) {
      void *copy = lw_file_memory ((int64_t)bytes, name, error);

      if (copy == NULL)
        return false;
      memcpy (copy, tensor->data, bytes);
      g_ptr_array_add (file->realigned, copy);
      tensor->data = copy;
    }
  }
  return true;
}

LwTensorFile *
lw_tensor_file_parse (GBytes *bytes, const char *name_for_errors, GError **error)
{
  g_autoptr (LwTensorFile) file = new_file ();
  gsize length, header_bytes;
  const uint8_t *data = g_bytes_get_data (bytes, &length);

  if (!read_prefix (data, length, name_for_errors, &header_bytes, error))
    return NULL;
  file->header = g_memdup2 (data + PREFIX, header_bytes);
  file->bytes = g_bytes_ref (bytes);
  if (!lw_tensor_file_read_header (file, header_bytes, length - PREFIX - header_bytes,
                                   name_for_errors, error) ||
      !attach_data (file, PREFIX + header_bytes, name_for_errors, error))
    return NULL;
  return g_steal_pointer (&file);
}

/* --- from disk ------------------------------------------------------------------------------ */

static void
set_shrunk (GError **error, const char *name)
{
  g_set_error (error, LW_ERROR, LW_ERROR_IO,
               _ ("%s: it could not be read to its end; another program changed it, or the disk "
                  "failed."),
               name);
}

/* Reads `length` bytes into new memory; NULL with an error. */
static void *
read_part (int fd, gsize length, const char *name, GError **error)
{
  g_autofree char *part = lw_file_memory ((int64_t)length, name, error);

  if (part == NULL)
    return NULL;
  if (lw_file_read_fully (fd, part, (int64_t)length) == (int64_t)length)
    return g_steal_pointer (&part);
  set_shrunk (error, name);
  return NULL;
}

/* The header is checked before memory is taken for the data. Not mapped: a file that another
 * program cuts while it is mapped kills the reader. */
static LwTensorFile *
open_fd (int fd, int64_t file_bytes, const char *name, GError **error)
{
  g_autoptr (LwTensorFile) file = new_file ();
  uint8_t prefix[PREFIX] = { 0 };
  gsize header_bytes, data_bytes;
  void *data;

  if (lw_file_read_fully (fd, prefix, PREFIX) < MIN (file_bytes, PREFIX)) {
    set_shrunk (error, name);
    return NULL;
  }
  if (!read_prefix (prefix, (uint64_t)file_bytes, name, &header_bytes, error))
    return NULL;
  file->header = read_part (fd, header_bytes, name, error);
  if (file->header == NULL)
    return NULL;
  data_bytes = (gsize)file_bytes - PREFIX - header_bytes;
  if (!lw_tensor_file_read_header (file, header_bytes, data_bytes, name, error))
    return NULL;
  data = read_part (fd, data_bytes, name, error);
  if (data == NULL)
    return NULL;
  file->bytes = g_bytes_new_take (data, data_bytes);
  return attach_data (file, 0, name, error) ? g_steal_pointer (&file) : NULL;
}

LwTensorFile *
lw_tensor_file_open (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  LwTensorFile *file;
  int64_t bytes;
  const int fd = lw_file_open_regular (path, &bytes, error);

  if (fd < 0)
    return NULL;
  file = open_fd (fd, bytes, name, error);
  close (fd);
  return file;
}

/* --- reading -------------------------------------------------------------------------------- */

int32_t
lw_tensor_file_n (const LwTensorFile *file)
{
  return (int32_t)file->tensors->len;
}

const LwFileTensor *
lw_tensor_file_get (const LwTensorFile *file, int32_t index)
{
  g_return_val_if_fail (index >= 0 && index < lw_tensor_file_n (file), NULL);
  return &g_array_index (file->tensors, LwFileTensor, index);
}

const LwFileTensor *
lw_tensor_file_find (const LwTensorFile *file, const char *name)
{
  int32_t low = 0, high = lw_tensor_file_n (file) - 1;

  while (low <= high) {
    const int32_t middle = low + (high - low) / 2;
    const LwFileTensor *tensor =
        lw_tensor_file_get (file, g_array_index (file->by_name, int32_t, middle));
    const int order = strcmp (name, tensor->name);

    if (order == 0)
      return tensor;
    if (order < 0)
      high = middle - 1;
    else
      low = middle + 1;
  }
  return NULL;
}

const char *
lw_tensor_file_metadata (const LwTensorFile *file, const char *key)
{
  for (guint i = 0; i < file->metadata->len; i++) {
    const LwHeaderString *entry = &g_array_index (file->metadata, LwHeaderString, i);

    if (strcmp (entry->key, key) == 0)
      return entry->value;
  }
  return NULL;
}

char *
lw_dims_to_string (const int64_t *dims, int32_t rank)
{
  GString *text = g_string_new ("[");

  for (int32_t i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", dims[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}
