/* A folder with a folder of pictures for each class (picture_scan.h), as a set of images of one
 * size: that of the pictures where all have the same, up to 256 pixels a side; otherwise all are
 * scaled, and their middles cut out, to squares whose side is the median of the pictures' shorter
 * sides, at most 224. Grey where all pictures are grey, else red, green, blue. */
#include "engine/data/picture_scan.h"
#include "engine/data/pictures.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/processors.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES   (64 << 20)
#define LARGEST_AS_IT_IS 256
#define LARGEST_SQUARE   224
#define MAX_THREADS      32
#define NAMED            3 /* files that a note names */

typedef struct {
  LwPictures *pictures;
  LwPictureScan *scan;
  int32_t *sizes; /* [n][2]: width, height; 0 where it could not be read */
  int32_t width, height;
  uint8_t *rgb; /* [n][height][width][3]; NULL: sizes are measured */
  atomic_uint next;
} Reading;

/* --- all files, by several threads ------------------------------------------------------------ */

static bool
read_one (const Reading *reading, LwPictureFile *file, guint i, GError **error)
{
  g_autoptr (GBytes) bytes = lw_file_read (file->path, MAX_FILE_BYTES, error);
  const uint8_t *data;
  gsize length;

  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  if (reading->rgb == NULL)
    return lw_pictures_measure (reading->pictures, data, length, &reading->sizes[2 * i],
                                &reading->sizes[2 * i + 1], error);
  return lw_pictures_read (
      reading->pictures, data, length, reading->width, reading->height,
      reading->rgb + (gsize)i * 3 * (gsize)reading->width * (gsize)reading->height, error);
}

static void *
read_some (void *data)
{
  Reading *reading = data;
  guint i;

  while ((i = atomic_fetch_add (&reading->next, 1)) < reading->scan->files->len) {
    LwPictureFile *file = &g_array_index (reading->scan->files, LwPictureFile, i);
    g_autoptr (GError) error = NULL;

    if (file->problem == NULL && !read_one (reading, file, i, &error))
      file->problem = g_strdup (error->message);
  }
  return NULL;
}

static void
read_all (Reading *reading)
{
  pthread_t threads[MAX_THREADS];
  const guint wanted = (guint)MIN (lw_processors (), MAX_THREADS);
  guint n = 0;
  sigset_t all, before;

  atomic_store (&reading->next, 0);
  sigfillset (&all); /* signals are for the program's own threads */
  pthread_sigmask (SIG_SETMASK, &all, &before);
  while (n + 1 < wanted && pthread_create (&threads[n], NULL, read_some, reading) == 0)
    n++;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  read_some (reading); /* fewer threads do the same work */
  while (n > 0)
    pthread_join (threads[--n], NULL);
}

/* --- one size --------------------------------------------------------------------------------- */

static int
compare_sides (gconstpointer a, gconstpointer b)
{
  const int32_t one = *(const int32_t *)a, other = *(const int32_t *)b;

  return one < other ? -1 : one > other;
}

/* False: no picture could be measured. */
static bool
choose_size (Reading *reading)
{
  const guint n = reading->scan->files->len;
  g_autofree int32_t *sides = g_new (int32_t, n);
  guint measured = 0;
  bool equal = true;

  for (guint i = 0; i < n; i++) {
    const int32_t width = reading->sizes[2 * i], height = reading->sizes[2 * i + 1];

    if (g_array_index (reading->scan->files, LwPictureFile, i).problem != NULL)
      continue;
    if (measured == 0) {
      reading->width = width;
      reading->height = height;
    }
    equal = equal && width == reading->width && height == reading->height;
    sides[measured++] = MIN (width, height);
  }
  if (measured == 0)
    return false;
  if (!equal || MAX (reading->width, reading->height) > LARGEST_AS_IT_IS) {
    qsort (sides, measured, sizeof *sides, compare_sides);
    reading->width = reading->height = MIN (sides[measured / 2], LARGEST_SQUARE);
  }
  return true;
}

/* --- from pixels to planes -------------------------------------------------------------------- */

static bool
is_grey (const Reading *reading, gsize pixels)
{
  for (guint i = 0; i < reading->scan->files->len; i++) {
    const uint8_t *rgb = reading->rgb + (gsize)i * 3 * pixels;

    if (g_array_index (reading->scan->files, LwPictureFile, i).problem != NULL)
      continue;
    for (gsize p = 0; p < pixels; p++, rgb += 3)
      if (rgb[0] != rgb[1] || rgb[0] != rgb[2])
        return false;
  }
  return true;
}

/* Moves what could be read into its split, as planes. */
static bool
split_images (const Reading *reading, const char *name, LwRawData *raw, GError **error)
{
  const GArray *files = reading->scan->files;
  const gsize pixels = (gsize)reading->width * (gsize)reading->height;
  gsize channels;

  raw->width = reading->width;
  raw->height = reading->height;
  raw->channels = is_grey (reading, pixels) ? 1 : 3;
  channels = (gsize)raw->channels;
  for (int split = 0; split < 2; split++) {
    LwExamples *examples = &raw->splits[split];
    int64_t n = 0;

    for (guint i = 0; i < files->len; i++) {
      const LwPictureFile *file = &g_array_index (files, LwPictureFile, i);

      n += file->split == (LwSplit)split && file->problem == NULL;
    }
    if (n == 0)
      return lw_data_fail (error, name,
                           split == LW_SPLIT_TRAIN
                               ? _ ("none of its pictures to train with can be read.")
                               : _ ("none of its pictures to test with can be read; where there is "
                                    "no folder “test”, every fifth picture of a class is one."));
    examples->images = lw_file_memory (n * (int64_t)(channels * pixels), name, error);
    examples->labels = examples->images != NULL ? lw_file_memory (n, name, error) : NULL;
    if (examples->labels == NULL)
      return false;
    for (guint i = 0; i < files->len; i++) {
      const LwPictureFile *file = &g_array_index (files, LwPictureFile, i);
      const uint8_t *rgb = reading->rgb + (gsize)i * 3 * pixels;
      uint8_t *to = examples->images + (gsize)examples->n * channels * pixels;

      if (file->split != (LwSplit)split || file->problem != NULL)
        continue;
      for (gsize c = 0; c < channels; c++)
        for (gsize p = 0; p < pixels; p++)
          *to++ = rgb[3 * p + c];
      examples->labels[examples->n++] = file->label;
    }
  }
  return true;
}

/* --- what is said of the rest ----------------------------------------------------------------- */

/* `sentence`: takes how many there are, and "a, b, c, …". */
static void
append_named (GString *note, const char *sentence, const GPtrArray *names)
{
  g_autoptr (GString) some = g_string_new (NULL);

  for (guint i = 0; i < names->len && i < NAMED; i++)
    g_string_append_printf (some, "%s%s", i > 0 ? ", " : "", (const char *)names->pdata[i]);
  g_string_append (some, names->len > NAMED ? ", …" : "");
  if (names->len > 0)
    g_string_append_printf (note, sentence, names->len, some->str);
}

static char *
make_note (const LwPictureScan *scan)
{
  g_autoptr (GPtrArray) bad = g_ptr_array_new_with_free_func (g_free);
  GString *note = g_string_new (NULL);

  for (guint i = 0; i < scan->files->len; i++) {
    const LwPictureFile *file = &g_array_index (scan->files, LwPictureFile, i);

    if (file->problem != NULL)
      g_ptr_array_add (bad, g_strdup_printf ("%s (%s)", file->shown, file->problem));
  }
  append_named (note,
                LW_PLURAL ("%u picture could not be read: %s. ",
                           "%u pictures could not be read: %s. ", bad->len),
                bad);
  append_named (note,
                LW_PLURAL ("%u symbolic link leads out of the folder and was left out: %s. ",
                           "%u symbolic links lead out of the folder and were left out: %s. ",
                           scan->outside->len),
                scan->outside);
  append_named (note,
                LW_PLURAL ("%u entry is no PNG or JPEG file and was left out: %s. ",
                           "%u entries are no PNG or JPEG files and were left out: %s. ",
                           scan->foreign->len),
                scan->foreign);
  if (note->len > 0)
    g_string_truncate (note, note->len - 1);
  for (char *at = note->str; *at != '\0'; at++) /* a problem may name its file */
    if (g_ascii_iscntrl (*at))
      *at = '?';
  return g_string_free (note, note->len == 0);
}

/* --- the reader ------------------------------------------------------------------------------- */

static bool
read_pictures (Reading *reading, const char *folder, LwRawData *raw, GError **error)
{
  const guint n = reading->scan->files->len;

  if (n == 0)
    return lw_data_fail (error, folder, _ ("there is no PNG or JPEG file in its folders."));
  reading->sizes = g_new0 (int32_t, 2 * (gsize)n);
  read_all (reading);
  if (!choose_size (reading))
    return lw_data_fail (error, folder, _ ("none of its %u pictures can be read: %s"), n,
                         g_array_index (reading->scan->files, LwPictureFile, 0).problem);
  reading->rgb = lw_file_memory ((int64_t)n * 3 * reading->width * reading->height, folder, error);
  if (reading->rgb == NULL)
    return false;
  read_all (reading);
  raw->note = make_note (reading->scan);
  return split_images (reading, folder, raw, error);
}

static bool
read_folder (const char *folder, LwRawData *ret_raw, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (LwPictureScan) scan = NULL;
  Reading reading = { .pictures = lw_pictures_get () };
  LwRawData raw = { .fit = LW_FIT_MIDDLE };
  bool read = false;

  if (reading.pictures == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("%s holds pictures, and this build reads none: install libgdk-pixbuf-2.0-dev, "
                    "then ./run --build."),
                 shown);
    return false;
  }
  scan = reading.scan = lw_picture_scan (folder, error);
  read = scan != NULL && read_pictures (&reading, shown, &raw, error);
  if (read) {
    g_ptr_array_add (scan->classes, NULL);
    raw.classes = (char **)g_ptr_array_steal (scan->classes, NULL);
    *ret_raw = raw;
  } else
    lw_raw_data_clear (&raw);
  g_free (reading.rgb);
  g_free (reading.sizes);
  g_object_unref (reading.pictures);
  return read;
}

const LwDatasetReader lw_picture_reader = {
  .title = N_ ("pictures, PNG and JPEG"),
  .files = N_ ("a folder for each class with PNG or JPEG files, or “train” and “test” (or “val”) "
               "with such folders"),
  .look = lw_picture_look,
  .read = read_folder,
  .least_classes = 2,
};
