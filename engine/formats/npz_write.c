#include "engine/formats/file.h"
#include "engine/formats/npz.h"
#include "engine/formats/safetensors_header.h"
#include "engine/i18n.h"

#include <string.h>
#include <zlib.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* elements and fields are written as they lie */

#define NPY_ALIGNMENT 64 /* the header's length with all before it, as numpy itself pads */
#define ZIP_VERSION   20 /* 2.0: needed to extract */
#define ZIP_UTF8      0x800
#define ZIP_DATE      0x21 /* 1 January 1980, the first that there is */
#define MOST_FILES    65535
#define MOST_BYTES    ((int64_t)UINT32_MAX)
#define CRC_PIECE     (1 << 30) /* zlib counts in unsigned int */

/* One file of the archive. */
typedef struct {
  char *name; /* "0.weight.npy" */
  GString *header;
  int64_t data_bytes;
  uint32_t crc, size, offset;
} Entry;

static void
clear_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_string_free (entry->header, TRUE);
}

static void
append_u16 (GString *bytes, uint32_t value)
{
  const uint16_t field = (uint16_t)value;

  g_string_append_len (bytes, (const char *)&field, sizeof field);
}

static void
append_u32 (GString *bytes, uint32_t value)
{
  g_string_append_len (bytes, (const char *)&value, sizeof value);
}

/* "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 1, 5, 5), }", padded, ended by a line. */
static GString *
npy_header (const LwFileTensor *tensor)
{
  GString *header = g_string_new (NULL), *literal = g_string_new (NULL);

  g_string_append_printf (literal, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                          tensor->dtype == LW_F32   ? "<f4"
                          : tensor->dtype == LW_I64 ? "<i8"
                                                    : "<i4");
  for (int32_t d = 0; d < tensor->rank; d++)
    g_string_append_printf (literal, "%" G_GINT64_FORMAT "%s", tensor->dims[d],
                            tensor->rank == 1      ? ","
                            : d + 1 < tensor->rank ? ", "
                                                   : "");
  g_string_append (literal, "), }");
  while ((10 + literal->len + 1) % NPY_ALIGNMENT != 0)
    g_string_append_c (literal, ' ');
  g_string_append_c (literal, '\n');
  g_string_append_len (header, "\x93NUMPY\x01\x00", 8);
  append_u16 (header, (uint32_t)literal->len);
  g_string_append_len (header, literal->str, (gssize)literal->len);
  g_string_free (literal, TRUE);
  return header;
}

static uint32_t
checksum (const Entry *entry, const void *data)
{
  uLong crc = crc32 (0, (const Bytef *)entry->header->str, (uInt)entry->header->len);

  for (int64_t done = 0; done < entry->data_bytes; done += CRC_PIECE)
    crc = crc32 (crc, (const Bytef *)data + done, (uInt)MIN (entry->data_bytes - done, CRC_PIECE));
  return (uint32_t)crc;
}

/* The fields that a file's own header and the directory share. */
static void
append_common (GString *bytes, const Entry *entry)
{
  append_u16 (bytes, ZIP_VERSION);
  append_u16 (bytes, g_str_is_ascii (entry->name) ? 0 : ZIP_UTF8);
  append_u16 (bytes, 0); /* stored */
  append_u16 (bytes, 0); /* midnight */
  append_u16 (bytes, ZIP_DATE);
  append_u32 (bytes, entry->crc);
  append_u32 (bytes, entry->size); /* compressed, */
  append_u32 (bytes, entry->size); /* and not */
  append_u16 (bytes, (uint32_t)strlen (entry->name));
  append_u16 (bytes, 0); /* extra fields */
}

static void
append_local (GString *bytes, const Entry *entry)
{
  append_u32 (bytes, 0x04034b50);
  append_common (bytes, entry);
  g_string_append (bytes, entry->name);
}

static void
append_directory (GString *bytes, const Entry *entry)
{
  append_u32 (bytes, 0x02014b50);
  append_u16 (bytes, ZIP_VERSION); /* made by */
  append_common (bytes, entry);
  append_u16 (bytes, 0); /* comment */
  append_u16 (bytes, 0); /* disk */
  append_u16 (bytes, 0); /* internal attributes */
  append_u32 (bytes, 0); /* external attributes */
  append_u32 (bytes, entry->offset);
  g_string_append (bytes, entry->name);
}

static void
append_end (GString *bytes, int32_t n, uint32_t directory_offset)
{
  const uint32_t directory_bytes = (uint32_t)bytes->len;

  append_u32 (bytes, 0x06054b50);
  append_u16 (bytes, 0); /* this disk, */
  append_u16 (bytes, 0); /* the directory's */
  append_u16 (bytes, (uint32_t)n);
  append_u16 (bytes, (uint32_t)n);
  append_u32 (bytes, directory_bytes);
  append_u32 (bytes, directory_offset);
  append_u16 (bytes, 0); /* comment */
}

/* Names, headers and places of all files; their sizes are added before anything is written. */
static GArray *
lay_out (const char *path, const LwFileTensor *tensors, int32_t n, uint32_t *ret_end,
         GError **error)
{
  GArray *entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  int64_t offset = 0, directory = 0;

  g_array_set_clear_func (entries, clear_entry);
  for (int32_t i = 0; i < n && offset + directory <= MOST_BYTES; i++) {
    Entry entry = { .name = g_strconcat (tensors[i].name, ".npy", NULL),
                    .header = npy_header (&tensors[i]),
                    .data_bytes = tensors[i].size * lw_dtype_bytes_or_0 (tensors[i].dtype),
                    .offset = (uint32_t)offset };

    offset += 30 + (int64_t)strlen (entry.name) + (int64_t)entry.header->len + entry.data_bytes;
    directory += 46 + (int64_t)strlen (entry.name);
    entry.size = (uint32_t)((int64_t)entry.header->len + entry.data_bytes);
    g_array_append_val (entries, entry);
  }
  *ret_end = (uint32_t)offset;
  if (n <= MOST_FILES && offset + directory <= MOST_BYTES)
    return entries;
  g_array_unref (entries);
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("Cannot write %s: an npz file ends at 4 GiB; use safetensors for so large a "
                  "network."),
               path);
  return NULL;
}

static bool
write_entry (LwReplacement *file, Entry *entry, const void *data, GError **error)
{
  g_autoptr (GString) local = g_string_new (NULL);

  entry->crc = checksum (entry, data);
  append_local (local, entry);
  g_string_append_len (local, entry->header->str, (gssize)entry->header->len);
  return lw_replacement_write (file, local->str, local->len, error) &&
         lw_replacement_write (file, data, (gsize)entry->data_bytes, error);
}

bool
lw_npz_write (const char *path, const LwFileTensor *tensors, int32_t n, GError **error)
{
  uint32_t end;
  g_autoptr (GArray) entries = lay_out (path, tensors, n, &end, error);
  g_autoptr (LwReplacement) file = entries != NULL ? lw_replacement_new (path, error) : NULL;
  g_autoptr (GString) directory = g_string_new (NULL);

  if (file == NULL)
    return false;
  for (int32_t i = 0; i < n; i++) {
    Entry *entry = &g_array_index (entries, Entry, i);

    if (!write_entry (file, entry, tensors[i].data, error))
      return false;
    append_directory (directory, entry);
  }
  append_end (directory, n, end);
  return lw_replacement_write (file, directory->str, directory->len, error) &&
         lw_replacement_commit (file, error);
}
