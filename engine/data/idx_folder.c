/* A folder with the four IDX files of a MNIST-like set; or one with those of several, of which the
 * path's last part is how the wanted one's names begin: FOLDER/emnist-letters.
 *
 * EMNIST stores its images with rows and columns exchanged, and counts the labels of its letters
 * from 1 (Cohen et al. 2017; the set's own readme): both are put right, where the files have
 * EMNIST's names. */
#include "engine/data/dataset_private.h"
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include <string.h>

#define MAX_FILE_BYTES G_GINT64_CONSTANT (0x7fffffff)

static bool
read_file (const char *folder, const char *file, int32_t rank, int32_t ret_dims[3],
           uint8_t **ret_data, GError **error)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_file_read (path, MAX_FILE_BYTES, error);
  gsize length;
  const uint8_t *data;

  if (bytes == NULL)
    return false;
  data = g_bytes_get_data (bytes, &length);
  return lw_idx_parse (data, length, name, rank, ret_dims, ret_data, error);
}

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, N_ROLES };

static const struct {
  const char *name, *other_name; /* before "idx3-ubyte" */
  int32_t rank;
} roles[N_ROLES] = {
  [TRAIN_IMAGES] = { "train-images", NULL, 3 },
  [TRAIN_LABELS] = { "train-labels", NULL, 1 },
  [TEST_IMAGES] = { "t10k-images", "test-images", 3 },
  [TEST_LABELS] = { "t10k-labels", "test-labels", 1 },
};

/* Files are called as MNIST's are, "train-images-idx3-ubyte.gz"; also without ".gz", with a dot
 * before "idx3" (as some programs unpack them), with "test" for "t10k", and with the name of one of
 * several sets before ("emnist-letters-train-images-idx3-ubyte.gz"). Returns the role, or −1. */
static int
role_of (const char *file, char **ret_prefix, bool *ret_packed)
{
  gsize length = strlen (file);

  *ret_packed = g_str_has_suffix (file, ".gz");
  length -= *ret_packed ? 3 : 0;
  for (int role = 0; role < N_ROLES; role++) {
    const char *ending = roles[role].rank == 3 ? "idx3-ubyte" : "idx1-ubyte";

    for (int other = 0; other < 2; other++) {
      const char *name = other ? roles[role].other_name : roles[role].name;
      const gsize tail = name != NULL ? strlen (name) + 1 + strlen (ending) : 0;
      const char *at = file + length - tail;

      if (name == NULL || length < tail || memcmp (at, name, strlen (name)) != 0 ||
          (at[strlen (name)] != '-' && at[strlen (name)] != '.') ||
          memcmp (at + strlen (name) + 1, ending, strlen (ending)) != 0)
        continue;
      *ret_prefix = g_strndup (file, (gsize)(at - file));
      return role;
    }
  }
  return -1;
}

typedef struct {
  char *folder; /* in which the files lie */
  char *wanted; /* how their names begin; NULL: any, but all the same */
  char *prefix; /* of the set that was chosen */
  char *other;  /* of a second set, if there is one */
  char *files[N_ROLES];
  int n;
} Folder;

static void
folder_clear (Folder *found)
{
  g_free (found->folder);
  g_free (found->wanted);
  g_free (found->prefix);
  g_free (found->other);
  for (int role = 0; role < N_ROLES; role++)
    g_free (found->files[role]);
}

/* "emnist-letters-" belongs to "emnist-letters", and to nothing wanted. */
static bool
is_wanted (const char *wanted, const char *prefix)
{
  const gsize length = wanted != NULL ? strlen (wanted) : 0;

  return wanted == NULL || (strncmp (prefix, wanted, length) == 0 && prefix[length] == '-' &&
                            prefix[length + 1] == '\0');
}

static void
folder_add (Folder *found, const char *file)
{
  g_autofree char *prefix = NULL;
  bool packed;
  const int role = role_of (file, &prefix, &packed);

  if (role < 0 || !is_wanted (found->wanted, prefix))
    return;
  if (found->prefix == NULL)
    found->prefix = g_strdup (prefix);
  if (strcmp (found->prefix, prefix) != 0) {
    if (found->other == NULL)
      found->other = g_steal_pointer (&prefix);
    return;
  }
  found->n += found->files[role] == NULL;
  if (found->files[role] == NULL || !packed) { /* of both, the one that needs no unpacking */
    g_free (found->files[role]);
    found->files[role] = g_strdup (file);
  }
}

static void
folder_scan (const char *path, Folder *found)
{
  const bool whole = g_file_test (path, G_FILE_TEST_IS_DIR);
  GDir *dir;
  const char *file;

  *found = (Folder){ .folder = whole ? g_strdup (path) : g_path_get_dirname (path),
                     .wanted = whole ? NULL : g_path_get_basename (path) };
  dir = g_dir_open (found->folder, 0, NULL);
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    folder_add (found, file);
  g_clear_pointer (&dir, g_dir_close);
}

static LwFolderState
look (const char *path)
{
  Folder found;
  LwFolderState state;

  folder_scan (path, &found);
  state = found.n == 0                                ? LW_FOLDER_FOREIGN
          : found.n == N_ROLES && found.other == NULL ? LW_FOLDER_COMPLETE
                                                      : LW_FOLDER_INCOMPLETE;
  folder_clear (&found);
  return state;
}

/* Rows become columns, image by image. */
static bool
transpose (LwExamples *examples, int32_t dims[3], const char *name, GError **error)
{
  const int32_t h = dims[1], w = dims[2];
  g_autofree uint8_t *image = lw_file_memory ((int64_t)h * w, name, error);

  if (image == NULL)
    return false;
  for (int32_t i = 0; i < dims[0]; i++) {
    uint8_t *to = examples->images + (int64_t)i * h * w;

    memcpy (image, to, (gsize)h * (gsize)w);
    for (int32_t x = 0; x < w; x++)
      for (int32_t y = 0; y < h; y++)
        *to++ = image[(int64_t)y * w + x];
  }
  dims[1] = w;
  dims[2] = h;
  return true;
}

static bool
count_from_0 (LwExamples *examples, const char *folder, const char *file, GError **error)
{
  for (int32_t i = 0; i < examples->n; i++) {
    if (examples->labels[i] == 0)
      return lw_data_fail (error, folder,
                           _ ("%s has the label 0, and EMNIST counts its letters from 1."), file);
    examples->labels[i]--;
  }
  return true;
}

static bool
read_split (const Folder *found, LwSplit split, LwRawData *raw, GError **error)
{
  const int images = split == LW_SPLIT_TRAIN ? TRAIN_IMAGES : TEST_IMAGES;
  LwExamples *examples = &raw->splits[split];
  const char *folder = found->folder;
  int32_t dims[3], labels[3];

  if (!read_file (folder, found->files[images], 3, dims, &examples->images, error) ||
      !read_file (folder, found->files[images + 1], 1, labels, &examples->labels, error))
    return false;
  if (labels[0] != dims[0])
    return lw_data_fail (error, folder,
                         _ ("%s holds %d images and %s holds %d labels; they do not belong "
                            "together."),
                         found->files[images], dims[0], found->files[images + 1], labels[0]);
  if (g_str_has_prefix (found->prefix, "emnist-") && !transpose (examples, dims, folder, error))
    return false;
  if (split == LW_SPLIT_TEST && (dims[1] != raw->height || dims[2] != raw->width))
    return lw_data_fail (error, folder,
                         _ ("the images to train with are %d×%d and those to test with %d×%d."),
                         raw->height, raw->width, dims[1], dims[2]);
  examples->n = dims[0];
  raw->channels = 1;
  raw->height = dims[1];
  raw->width = dims[2];
  return !g_str_equal (found->prefix, "emnist-letters-") ||
         count_from_0 (examples, folder, found->files[images + 1], error);
}

static bool
read_found (const Folder *found, LwRawData *raw, GError **error)
{
  const char *folder = found->folder;

  if (found->other != NULL)
    return lw_data_fail (
        error, folder,
        _ ("it holds the files of several sets (“%s…” and “%s…”); give the folder and how the "
           "names of one begin, as in FOLDER/emnist-letters."),
        found->prefix, found->other);
  for (int role = 0; role < N_ROLES; role++)
    if (found->files[role] == NULL)
      return lw_data_fail (error, folder, _ ("%s%s-idx%d-ubyte is missing, with or without .gz."),
                           found->prefix != NULL ? found->prefix : "", roles[role].name,
                           roles[role].rank);
  return read_split (found, LW_SPLIT_TRAIN, raw, error) &&
         read_split (found, LW_SPLIT_TEST, raw, error);
}

static bool
read_folder (const char *path, LwRawData *ret_raw, GError **error)
{
  LwRawData raw = { 0 };
  Folder found;
  bool read;

  folder_scan (path, &found);
  read = read_found (&found, &raw, error);
  if (read && *found.prefix != '\0') /* "emnist-letters-" */
    raw.set_name = g_strndup (found.prefix, strlen (found.prefix) - 1);
  folder_clear (&found);
  if (read)
    *ret_raw = raw;
  else
    lw_raw_data_clear (&raw);
  return read;
}

static bool
read_first_labels (const char *path, uint8_t ret_labels[LW_FIRST_LABELS])
{
  g_autofree uint8_t *labels = NULL;
  int32_t dims[3];
  Folder found;
  bool enough;

  folder_scan (path, &found);
  enough = found.files[TRAIN_LABELS] != NULL &&
           read_file (found.folder, found.files[TRAIN_LABELS], 1, dims, &labels, NULL) &&
           dims[0] >= LW_FIRST_LABELS;
  if (enough)
    memcpy (ret_labels, labels, LW_FIRST_LABELS);
  folder_clear (&found);
  return enough;
}

const LwDatasetReader lw_idx_reader = {
  .title = N_ ("IDX (MNIST, Fashion-MNIST, KMNIST, EMNIST)"),
  .files = N_ ("train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
               "t10k-labels-idx1-ubyte (with or without .gz)"),
  .look = look,
  .read = read_folder,
  .first_labels = read_first_labels,
  .least_classes = 10,
};
