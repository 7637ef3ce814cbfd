/* A numpy archive (numpy.savez, numpy.savez_compressed) with the arrays x_train, y_train, x_test
 * and y_test, as Keras names them: a zip archive of .npy files.
 *
 * Images: [N,H,W], [N,H,W,C] or [N,C,H,W] with at most four channels: a last dimension of up to
 * four is the channels', else a second one. Bytes stay what they are; integers and floats become
 * bytes: floats that reach from 0 to 1 in both parts times 255, others from 0 to 255 rounded.
 * Labels: [N] or [N,1], whole numbers from 0 to 255. */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/formats/npy_header.h"
#include "engine/formats/zip_read.h"
#include "engine/i18n.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MAX_FILE_BYTES ((int64_t)G_MAXUINT32 - 1)
#define MAX_CHANNELS   4
#define MAX_SIDE       16384

enum { X_TRAIN, Y_TRAIN, X_TEST, Y_TEST, N_ARRAYS };
static const char *const array_names[N_ARRAYS] = { "x_train", "y_train", "x_test", "y_test" };

typedef struct {
  const char *name; /* of the file and array, for people */
  LwNpyHeader header;
  uint8_t *values;
} Array;

/* --- from a member to an array ---------------------------------------------------------------- */

/* Header and values out of a stream that is open; `crc` goes on over all that is read. */
static bool
read_array (LwUnpacker *stream, const LwZipMember *member, Array *array, uint32_t *crc,
            GError **error)
{
  uint8_t first[LW_NPY_FIRST_BYTES];
  g_autofree uint8_t *header = NULL;
  int64_t header_bytes = 0, bytes, got = lw_unpacker_read (stream, first, sizeof first);

  if (got == sizeof first)
    header_bytes = lw_npy_header_bytes (first);
  if (header_bytes < (int64_t)sizeof first || header_bytes > LW_NPY_MAX_HEADER)
    return lw_data_fail (error, array->name, _ ("it is no array that numpy saved."));
  header = g_malloc ((gsize)header_bytes);
  memcpy (header, first, sizeof first);
  got = lw_unpacker_read (stream, header + sizeof first, (gsize)header_bytes - sizeof first);
  if (got != header_bytes - (int64_t)sizeof first)
    return lw_data_fail (error, array->name, _ ("it ends within its header."));
  if (!lw_npy_parse (header, (gsize)header_bytes, array->name, &array->header, error))
    return false;
  bytes = array->header.count * array->header.bytes;
  if (bytes < 1 || header_bytes + bytes != member->size)
    return lw_data_fail (error, array->name,
                         _ ("its header promises %" PRId64 " bytes of values, and the archive has "
                            "%" PRId64 "; save it again."),
                         bytes, member->size - header_bytes);
  array->values = lw_file_memory (bytes, array->name, error);
  if (array->values == NULL)
    return false;
  got = lw_unpacker_read (stream, array->values, (gsize)bytes);
  if (got != bytes || !lw_unpacker_at_end (stream))
    return lw_data_fail (error, array->name,
                         _ ("its data are damaged or cut off; copy or download the file again."));
  *crc = (uint32_t)crc32_z (crc32_z (0, header, (gsize)header_bytes), array->values, (gsize)bytes);
  return true;
}

static bool
unpack (const LwZipMember *member, Array *array, GError **error)
{
  LwUnpacker stream;
  uint32_t crc = 0;
  bool read;

  if (!lw_unpacker_open (&stream, member->bytes, member->packed_size, member->packed)) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("%s: there is not enough memory to unpack it."), array->name);
    return false;
  }
  read = read_array (&stream, member, array, &crc, error);
  lw_unpacker_close (&stream);
  if (read && crc != member->crc)
    read = lw_data_fail (error, array->name,
                         _ ("its checksum is wrong; copy or download the file again."));
  if (!read)
    g_clear_pointer (&array->values, g_free);
  return read;
}

/* --- from an array to labels and images ------------------------------------------------------- */

static bool
convert_labels (const Array *array, LwExamples *examples, GError **error)
{
  const LwNpyHeader *header = &array->header;
  const bool column = header->rank == 2 && header->shape[1] == 1;

  if ((header->rank != 1 && !column) || header->count > G_MAXINT32)
    return lw_data_fail (error, array->name,
                         _ ("labels have the shape [N] or [N, 1]: one number an image, not one for "
                            "each class (numpy.argmax makes them)."));
  examples->n = (int32_t)header->count;
  examples->labels = lw_file_memory (header->count, array->name, error);
  for (int32_t i = 0; examples->labels != NULL && i < examples->n; i++) {
    const double value = lw_npy_value (header, array->values, i);

    if (!(value >= 0 && value <= 255) || value != floor (value))
      return lw_data_fail (error, array->name,
                           _ ("its label %d is %g, and labels are whole numbers from 0 to 255."), i,
                           value);
    examples->labels[i] = (uint8_t)value;
  }
  return examples->labels != NULL;
}

/* How far apart neighbours lie along each axis, in values. */
typedef struct {
  int64_t n, c, h, w;             /* sizes */
  int64_t to_n, to_c, to_h, to_w; /* steps */
} Layout;

static bool
find_layout (const Array *array, Layout *ret_layout, GError **error)
{
  const LwNpyHeader *header = &array->header;
  const int64_t *shape = header->shape;
  int64_t steps[4] = { 0 };
  const bool last = header->rank == 4 && shape[3] <= MAX_CHANNELS;

  if ((header->rank != 3 && header->rank != 4) ||
      (header->rank == 4 && !last && shape[1] > MAX_CHANNELS))
    return lw_data_fail (
        error, array->name,
        _ ("images have the shape [N, H, W], [N, H, W, C] or [N, C, H, W] with one "
           "to four channels C."));
  for (int32_t axis = 0; axis < header->rank; axis++) {
    steps[axis] = 1;
    for (int32_t other = header->fortran ? 0 : axis + 1;
         other < (header->fortran ? axis : header->rank); other++)
      steps[axis] *= shape[other];
  }
  if (header->rank == 3)
    *ret_layout = (Layout){ shape[0], 1, shape[1], shape[2], steps[0], 0, steps[1], steps[2] };
  else if (last)
    *ret_layout =
        (Layout){ shape[0], shape[3], shape[1], shape[2], steps[0], steps[3], steps[1], steps[2] };
  else
    *ret_layout =
        (Layout){ shape[0], shape[1], shape[2], shape[3], steps[0], steps[1], steps[2], steps[3] };
  if (ret_layout->n > G_MAXINT32 || ret_layout->h > MAX_SIDE || ret_layout->w > MAX_SIDE)
    return lw_data_fail (error, array->name, _ ("images have sides of at most %d pixels."),
                         MAX_SIDE);
  return true;
}

/* The largest value, after all were found to be from 0 to 255; −1 and a sentence else. */
static double
largest_value (const Array *array, GError **error)
{
  double largest = 0;

  if (array->header.kind == 'b')
    return 1;
  if (array->header.kind == 'u' && array->header.bytes == 1)
    return 255;
  for (int64_t i = 0; i < array->header.count; i++) {
    const double value = lw_npy_value (&array->header, array->values, i);

    if (!(value >= 0 && value <= 255)) { /* not a number either */
      lw_data_fail (error, array->name,
                    _ ("it has the value %g, and images have values from 0 to 1 or from 0 to 255; "
                       "save them as they were before they were normalized."),
                    value);
      return -1;
    }
    largest = MAX (largest, value);
  }
  return array->header.kind == 'f' ? largest : 255;
}

static bool
convert_images (const Array *array, const Layout *layout, double scale, LwExamples *examples,
                GError **error)
{
  const bool bytes = array->header.kind == 'u' && array->header.bytes == 1;
  uint8_t *to = lw_file_memory (array->header.count, array->name, error);

  examples->images = to;
  if (to == NULL)
    return false;
  if (bytes && (layout->c == 1 || layout->to_w == 1) && !array->header.fortran) {
    memcpy (to, array->values, (gsize)array->header.count); /* it lies there as it should */
    return true;
  }
  for (int64_t n = 0; n < layout->n; n++)
    for (int64_t c = 0; c < layout->c; c++)
      for (int64_t h = 0; h < layout->h; h++) {
        int64_t from = n * layout->to_n + c * layout->to_c + h * layout->to_h;

        for (int64_t w = 0; w < layout->w; w++, from += layout->to_w)
          *to++ = bytes
                      ? array->values[from]
                      : (uint8_t)(lw_npy_value (&array->header, array->values, from) * scale + 0.5);
      }
  return true;
}

static bool
convert (const Array arrays[N_ARRAYS], const char *name, LwRawData *raw, GError **error)
{
  Layout layouts[2];
  double largest[2], scale;

  for (int split = 0; split < 2; split++) {
    const Array *images = &arrays[2 * split];

    if (!convert_labels (&arrays[2 * split + 1], &raw->splits[split], error) ||
        !find_layout (images, &layouts[split], error))
      return false;
    if (layouts[split].n != raw->splits[split].n)
      return lw_data_fail (error, images->name,
                           _ ("it holds %" PRId64 " images, and there are %d labels; they do not "
                              "belong together."),
                           layouts[split].n, raw->splits[split].n);
    largest[split] = largest_value (images, error);
    if (largest[split] < 0)
      return false;
  }
  if (layouts[0].c != layouts[1].c || layouts[0].h != layouts[1].h || layouts[0].w != layouts[1].w)
    return lw_data_fail (
        error, name, _ ("the images to train with are %d×%d and those to test with %d×%d."),
        (int)layouts[0].h, (int)layouts[0].w, (int)layouts[1].h, (int)layouts[1].w);
  raw->channels = (int32_t)layouts[0].c;
  raw->height = (int32_t)layouts[0].h;
  raw->width = (int32_t)layouts[0].w;
  scale = MAX (largest[0], largest[1]) <= 1 ? 255 : 1;
  return convert_images (&arrays[X_TRAIN], &layouts[0], scale, &raw->splits[0], error) &&
         convert_images (&arrays[X_TEST], &layouts[1], scale, &raw->splits[1], error);
}

/* --- the archive ------------------------------------------------------------------------------ */

/* "a, b and so on", of a stranger's names. */
static char *
list_names (const GArray *members)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < members->len && i < 8; i++) {
    const char *name = g_array_index (members, LwZipMember, i).name;

    g_string_append (names, i > 0 ? ", " : "");
    for (int at = 0; name[at] != '\0' && at < 32; at++)
      g_string_append_c (names, g_ascii_isprint (name[at]) ? name[at] : '?');
  }
  g_string_append (names, members->len > 8 ? ", …" : "");
  return g_string_free (names, FALSE);
}

/* NULL and a sentence when it is not there, or twice. */
static const LwZipMember *
find_member (const GArray *members, const char *array, const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (array, ".npy", NULL);
  const LwZipMember *found = NULL;

  for (guint i = 0; i < members->len; i++) {
    const LwZipMember *member = &g_array_index (members, LwZipMember, i);

    if (strcmp (member->name, file) != 0)
      continue;
    if (found != NULL) {
      lw_data_fail (error, name, _ ("it holds the array %s twice."), array);
      return NULL;
    }
    found = member;
  }
  if (found == NULL) {
    g_autofree char *names = list_names (members);

    lw_data_fail (error, name,
                  _ ("the array %s is missing: save it with numpy.savez (\"data.npz\", "
                     "x_train=…, y_train=…, x_test=…, y_test=…). It holds: %s."),
                  array, names);
  }
  return found;
}

bool
lw_npz_parse (const uint8_t *bytes, gsize length, const char *name, LwRawData *ret_raw,
              GError **error)
{
  g_autoptr (GArray) members = lw_zip_list (bytes, length, name, error);
  Array arrays[N_ARRAYS] = { 0 };
  LwRawData raw = { 0 };
  bool good = members != NULL;

  for (int i = 0; good && i < N_ARRAYS; i++) {
    const LwZipMember *member = find_member (members, array_names[i], name, error);

    arrays[i].name = g_strdup_printf ("%s, %s", name, array_names[i]);
    good = member != NULL && unpack (member, &arrays[i], error);
  }
  good = good && convert (arrays, name, &raw, error);
  for (int i = 0; i < N_ARRAYS; i++) {
    g_free (arrays[i].values);
    g_free ((char *)arrays[i].name);
  }
  if (good)
    *ret_raw = raw;
  else
    lw_raw_data_clear (&raw);
  return good;
}

/* --- the reader ------------------------------------------------------------------------------- */

/* A file is meant by its name; of a folder its only archive. */
static char *
find_file (const char *path, int *ret_n)
{
  GDir *dir;
  const char *name;
  char *found = NULL;

  *ret_n = 1;
  if (g_str_has_suffix (path, ".npz") && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_strdup (path);
  *ret_n = 0;
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (*name != '.' && g_str_has_suffix (name, ".npz") && ++*ret_n == 1)
      found = g_build_filename (path, name, NULL);
  g_clear_pointer (&dir, g_dir_close);
  return found;
}

static LwFolderState
look (const char *path)
{
  int n;
  g_autofree char *file = find_file (path, &n);

  return n == 0 ? LW_FOLDER_FOREIGN : n == 1 ? LW_FOLDER_COMPLETE : LW_FOLDER_INCOMPLETE;
}

static bool
read_path (const char *path, LwRawData *ret_raw, GError **error)
{
  int n;
  g_autofree char *file = find_file (path, &n);
  g_autofree char *name = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const uint8_t *data;
  gsize length;

  if (n != 1)
    return lw_data_fail (error, path, _ ("it holds several .npz files; give one of them."));
  bytes = lw_file_read (file, MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  name = g_filename_display_name (file);
  return lw_npz_parse (data, length, name, ret_raw, error);
}

const LwDatasetReader lw_npz_reader = {
  .title = N_ ("numpy's .npz"),
  .files = N_ ("a .npz file with the arrays x_train, y_train, x_test and y_test"),
  .look = look,
  .read = read_path,
  .least_classes = 2,
};
