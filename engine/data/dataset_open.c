/* From a name, a folder or a file to a data set: the kinds of files that can be read, and where is
 * looked. */
#include "engine/data/dataset_private.h"
#include "engine/i18n.h"
#include <string.h>

#define SHAPES_TRAIN 6000
#define SHAPES_TEST  1000
#define SHAPES_SEED  1

/* In the order in which is looked; pictures last, because a folder of theirs is known by least. */
static const LwDatasetReader *const readers[] = { &lw_idx_reader, &lw_cifar10_reader,
                                                  &lw_cifar100_reader, &lw_npz_reader,
                                                  &lw_picture_reader };

int
lw_dataset_n_formats (void)
{
  return G_N_ELEMENTS (readers);
}

const char *
lw_dataset_format_title (int format)
{
  return readers[format]->title;
}

const char *
lw_dataset_format_files (int format)
{
  return readers[format]->files;
}

const char *
lw_dataset_advice (const char *name)
{
  const LwKnownSet *known = lw_known_set_find (name);

  if (known != NULL)
    return known->advice;
  if (strcmp (name, "shapes") == 0)
    return N_ ("The set “shapes” is always there; it is drawn by Layerwise itself.");
  return N_ ("Give the folder in which the set's files lie: the four IDX files of a set made like "
             "MNIST, CIFAR's binary files, a folder of pictures for each class; or a .npz file.");
}

char **
lw_dataset_search_path (void)
{
  const char *own = g_getenv ("LAYERWISE_DATA");
  GPtrArray *folders = g_ptr_array_new ();

  if (own != NULL && *own != '\0')
    g_ptr_array_add (folders, g_strdup (own));
  g_ptr_array_add (folders, g_build_filename (g_get_user_data_dir (), "layerwise", "data", NULL));
  g_ptr_array_add (folders, g_strdup ("/usr/share/datasets"));
  g_ptr_array_add (folders, NULL);
  return (char **)g_ptr_array_free (folders, FALSE);
}

/* --- what a folder holds -------------------------------------------------------------------- */

static LwFolderState
look (const char *path, const LwDatasetReader **ret_reader)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    const LwFolderState state = readers[i]->look (path);

    *ret_reader = readers[i];
    if (state != LW_FOLDER_FOREIGN)
      return state;
  }
  return LW_FOLDER_FOREIGN;
}

/* `labels`: the first, or NULL. */
static const LwKnownSet *
find_known (const LwDatasetReader *reader, const uint8_t *labels)
{
  int32_t n;
  const LwKnownSet *sets = lw_known_sets (&n);

  for (int32_t i = 0; i < n; i++)
    if (sets[i].reader == reader &&
        (labels == NULL ||
         (sets[i].has_first_labels && memcmp (sets[i].first_labels, labels, LW_FIRST_LABELS) == 0)))
      return &sets[i];
  return NULL;
}

/* Which known set a folder's content is, or NULL. */
static const LwKnownSet *
identify (const char *path, const LwDatasetReader *reader)
{
  uint8_t labels[LW_FIRST_LABELS];

  if (reader->first_labels == NULL)
    return find_known (reader, NULL);
  return reader->first_labels (path, labels) ? find_known (reader, labels) : NULL;
}

/* After reading: by the name that the files have, or as MNIST in numpy's files. */
static const LwKnownSet *
identify_read (const LwRawData *raw)
{
  const LwExamples *train = &raw->splits[LW_SPLIT_TRAIN];

  if (raw->set_name != NULL)
    return lw_known_set_find (raw->set_name);
  if (raw->classes == NULL && raw->channels == 1 && raw->height == 28 && raw->width == 28 &&
      train->n >= LW_FIRST_LABELS)
    return find_known (&lw_idx_reader, train->labels);
  return NULL;
}

static int32_t
highest_label (const LwRawData *raw)
{
  int32_t highest = 0;

  for (int split = 0; split < 2; split++)
    for (int32_t i = 0; i < raw->splits[split].n; i++)
      highest = MAX (highest, raw->splits[split].labels[i]);
  return highest;
}

static LwDataset *
name_classes (const char *path, const LwKnownSet *known, int32_t least, LwRawData *raw)
{
  const int32_t n = MAX (highest_label (raw) + 1, least);
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autofree char *name = g_path_get_basename (whole);
  g_autofree char *shown = lw_plain_text (name);
  g_auto (GStrv) classes = NULL;

  if (raw->classes != NULL)
    return lw_dataset_take (shown, whole, raw, (const char *const *)raw->classes,
                            (int32_t)g_strv_length (raw->classes));
  if (known == NULL)
    known = lw_known_set_find (name);
  if (known != NULL && n <= (int32_t)g_strv_length ((char **)known->classes))
    return lw_dataset_take (known->name, whole, raw, known->classes,
                            (int32_t)g_strv_length ((char **)known->classes));
  classes = g_new0 (char *, n + 1);
  for (int32_t i = 0; i < n; i++)
    classes[i] = g_strdup_printf ("class %d", i);
  return lw_dataset_take (shown, whole, raw, (const char *const *)classes, n);
}

static void
set_nothing_to_read (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("There is no folder %s."), shown);
  else if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s is a file; give the folder in which the files of a data set lie, or a .npz "
                    "file."),
                 shown);
  else {
    g_autoptr (GString) files = g_string_new (NULL);

    for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
      g_string_append_printf (files, "%s%s", i > 0 ? _ ("; for ") : "", _ (readers[i]->files));
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s holds no data set that can be read: looked for %s."), shown, files->str);
  }
}

static bool
is_wanted (const char *path, const LwKnownSet *known, const LwKnownSet *wanted, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (wanted == NULL || known == NULL || known == wanted)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s holds %s, not %s."), shown, known->name,
               wanted->name);
  return false;
}

/* `wanted`: the set that the folder should be, by its name; NULL: whatever it is. */
static LwDataset *
open_path (const char *path, const LwKnownSet *wanted, GError **error)
{
  const LwDatasetReader *reader;
  const LwKnownSet *known;
  LwDataset *dataset = NULL;
  LwRawData raw = { 0 };

  if (look (path, &reader) == LW_FOLDER_FOREIGN) {
    set_nothing_to_read (path, error);
    return NULL;
  }
  known = identify (path, reader);
  if (!is_wanted (path, known, wanted, error) || !reader->read (path, &raw, error))
    return NULL;
  if (known == NULL)
    known = identify_read (&raw);
  if (is_wanted (path, known, wanted, error))
    dataset = name_classes (path, known != NULL ? known : wanted, reader->least_classes, &raw);
  lw_raw_data_clear (&raw);
  return dataset;
}

/* --- by name -------------------------------------------------------------------------------- */

/* What below `base` (or `base` itself) should hold the set; NULL if there is nothing. */
static char *
find_below (const char *base, const char *name, const LwKnownSet *known)
{
  const LwDatasetReader *reader;
  g_autofree char *file = g_strconcat (name, ".npz", NULL);
  const char *const own[] = { name, file, NULL };

  for (const char *const *sub = known != NULL ? known->places : own; *sub != NULL; sub++) {
    g_autofree char *path = g_build_filename (base, *sub, NULL);

    if (look (path, &reader) != LW_FOLDER_FOREIGN)
      return g_steal_pointer (&path);
  }
  /* The folder itself, unless only its name could say that it is this set. */
  if (known != NULL && (known->has_first_labels || known->reader->first_labels == NULL) &&
      look (base, &reader) != LW_FOLDER_FOREIGN && reader == known->reader) {
    const LwKnownSet *held = identify (base, reader);

    if (held == known || held == NULL)
      return g_strdup (base);
  }
  return NULL;
}

static char *
find_named (const char *name, const LwKnownSet *known)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  const LwDatasetReader *reader;
  char *path = NULL;

  for (int i = 0; path == NULL && search[i] != NULL; i++)
    path = find_below (search[i], name, known);
  if (path == NULL && (g_file_test (name, G_FILE_TEST_IS_DIR) ||
                       (known == NULL && look (name, &reader) != LW_FOLDER_FOREIGN)))
    path = g_strdup (name); /* right here */
  return path;
}

static void
set_not_found (const char *name, const LwKnownSet *known, GError **error)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  g_autofree char *places = g_strjoinv (", ", search);
  g_autofree char *shown_places = g_filename_display_name (places);
  g_autofree char *shown = g_filename_display_name (name);
  int32_t n;
  const LwKnownSet *sets = lw_known_sets (&n);
  g_autofree const char **names = g_new0 (const char *, n + 2);
  const char *nearest;

  names[0] = "shapes";
  for (int32_t i = 0; i < n; i++)
    names[i + 1] = sets[i].name;
  nearest = lw_nearest_name (name, names);
  if (known != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("The data set %s was not found in %s. %s"), name,
                 shown_places, _ (known->advice));
  else if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("There is no data set “%s”; did you mean “%s”?"), shown, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("There is no data set “%s” in %s, and no such folder here. %s"), shown,
                 shown_places, _ (lw_dataset_advice (name)));
}

LwDataset *
lw_dataset_open (const char *name_or_path, GError **error)
{
  const LwKnownSet *known = lw_known_set_find (name_or_path);
  g_autofree char *path = NULL;

  if (strcmp (name_or_path, "shapes") == 0)
    return lw_dataset_new_shapes (SHAPES_TRAIN, SHAPES_TEST, SHAPES_SEED);
  if (*name_or_path == '\0') {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("No data set is named. %s"),
                 _ (lw_dataset_advice ("")));
    return NULL;
  }
  if (strchr (name_or_path, G_DIR_SEPARATOR) != NULL || *name_or_path == '.')
    return open_path (name_or_path, NULL, error);
  path = find_named (name_or_path, known);
  if (path == NULL) {
    set_not_found (name_or_path, known, error);
    return NULL;
  }
  return open_path (path, known, error);
}

/* --- all that are there --------------------------------------------------------------------- */

static void
add_name (GPtrArray *names, const char *name)
{
  if (g_utf8_validate (name, -1, NULL) &&
      !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

/* A student's own sets: folders, and .npz files, which are called without that. */
static void
add_own (GPtrArray *names, const char *base)
{
  GDir *dir = g_dir_open (base, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (base, name, NULL);
    const bool file = g_str_has_suffix (name, ".npz");
    g_autofree char *title = g_strndup (name, strlen (name) - (file ? 4 : 0));
    const LwDatasetReader *reader;

    if (*name != '.' && (file || g_file_test (path, G_FILE_TEST_IS_DIR)) &&
        lw_known_set_find (title) == NULL && look (path, &reader) == LW_FOLDER_COMPLETE &&
        identify (path, reader) == NULL)
      add_name (names, title);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Where a known set lies that would open now; NULL: nowhere. */
static char *
find_available (const LwKnownSet *known)
{
  g_autofree char *path = find_named (known->name, known);
  const LwDatasetReader *reader;
  const LwKnownSet *held;

  if (path == NULL || look (path, &reader) != LW_FOLDER_COMPLETE)
    return NULL;
  held = identify (path, reader);
  return held == NULL || held == known ? g_steal_pointer (&path) : NULL;
}

char *
lw_dataset_place (const char *name)
{
  const LwKnownSet *known = lw_known_set_find (name);
  g_autofree char *path = NULL;

  if (strcmp (name, "shapes") == 0)
    return NULL;
  path = known != NULL ? find_available (known) : find_named (name, NULL);
  return path != NULL ? g_filename_display_name (path) : NULL;
}

char **
lw_dataset_list_available (void)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  GPtrArray *names = g_ptr_array_new ();
  int32_t n;
  const LwKnownSet *sets = lw_known_sets (&n);

  for (int32_t i = 0; i < n; i++) {
    g_autofree char *path = find_available (&sets[i]);

    if (path != NULL)
      add_name (names, sets[i].name);
  }
  for (int i = 0; search[i] != NULL; i++)
    add_own (names, search[i]);
  add_name (names, "shapes");
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
