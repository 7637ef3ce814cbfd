/* From a name or a folder to a data set: the sets that are known by name, the kinds of folder that
 * can be read, and where is looked. */
#include "engine/data/dataset_private.h"
#include "engine/i18n.h"
#include <string.h>

#define SHAPES_TRAIN 6000
#define SHAPES_TEST  1000
#define SHAPES_SEED  1

static const LwDatasetReader *const readers[] = { &lw_idx_reader, &lw_cifar10_reader };

typedef struct {
  const char *name;
  const char *folders[4]; /* within a folder of the search path; other programs' habits too */
  const LwDatasetReader *reader;
  uint8_t first_labels[LW_FIRST_LABELS];
  const char *classes[11];
  const char *advice;
} KnownSet;

static const KnownSet known_sets[] = {
  {
      .name = "fashion-mnist",
      .folders = { "fashion-mnist", "FashionMNIST/raw", "FashionMNIST" },
      .reader = &lw_idx_reader,
      .first_labels = { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 },
      .classes = { N_ ("t-shirt"), N_ ("trouser"), N_ ("pullover"), N_ ("dress"), N_ ("coat"),
                   N_ ("sandal"), N_ ("shirt"), N_ ("sneaker"), N_ ("bag"), N_ ("ankle boot") },
      .advice = N_ ("Install Debian's package dataset-fashion-mnist, or put the four files of "
                    "Fashion-MNIST into a folder “fashion-mnist” in ~/.local/share/layerwise/data "
                    "or in the folder that the variable LAYERWISE_DATA names."),
  },
  {
      .name = "mnist",
      .folders = { "mnist", "MNIST/raw", "MNIST" },
      .reader = &lw_idx_reader,
      .first_labels = { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 },
      .classes = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
      .advice = N_ ("Put the four files of MNIST into a folder “mnist” in "
                    "~/.local/share/layerwise/data or in the folder that the variable "
                    "LAYERWISE_DATA names."),
  },
  {
      .name = "cifar-10",
      .folders = { "cifar-10", "cifar-10-batches-bin", "cifar10" },
      .reader = &lw_cifar10_reader,
      .classes = { N_ ("airplane"), N_ ("automobile"), N_ ("bird"), N_ ("cat"), N_ ("deer"),
                   N_ ("dog"), N_ ("frog"), N_ ("horse"), N_ ("ship"), N_ ("truck") },
      .advice = N_ ("Unpack CIFAR-10's binary version, and put its folder “cifar-10-batches-bin” "
                    "into ~/.local/share/layerwise/data or into the folder that the variable "
                    "LAYERWISE_DATA names."),
  },
};

static const KnownSet *
find_known (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++)
    if (strcmp (known_sets[i].name, name) == 0)
      return &known_sets[i];
  return NULL;
}

const char *
lw_dataset_advice (const char *name)
{
  const KnownSet *known = find_known (name);

  if (known != NULL)
    return known->advice;
  if (strcmp (name, "shapes") == 0)
    return N_ ("The set “shapes” is always there; it is drawn by Layerwise itself.");
  return N_ ("Give the folder in which the set's files lie: the four IDX files of a set made like "
             "MNIST, or the six files of CIFAR-10's binary version.");
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
look (const char *folder, const LwDatasetReader **ret_reader)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    const LwFolderState state = readers[i]->look (folder);

    *ret_reader = readers[i];
    if (state != LW_FOLDER_FOREIGN)
      return state;
  }
  return LW_FOLDER_FOREIGN;
}

/* Which known set a folder's content is, or NULL. */
static const KnownSet *
identify (const char *folder, const LwDatasetReader *reader)
{
  uint8_t labels[LW_FIRST_LABELS];

  if (reader->first_labels != NULL && !reader->first_labels (folder, labels))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++)
    if (known_sets[i].reader == reader &&
        (reader->first_labels == NULL ||
         memcmp (known_sets[i].first_labels, labels, LW_FIRST_LABELS) == 0))
      return &known_sets[i];
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
name_classes (const char *folder, const KnownSet *known, LwRawData *raw)
{
  const int32_t n = MAX (highest_label (raw) + 1, 10);
  g_autofree char *whole = g_canonicalize_filename (folder, NULL);
  g_autofree char *name = g_path_get_basename (whole);
  g_autofree char *shown = g_filename_display_name (name);
  g_auto (GStrv) classes = NULL;

  if (known == NULL)
    known = find_known (name);
  if (known != NULL && n == (int32_t)g_strv_length ((char **)known->classes))
    return lw_dataset_take (known->name, whole, raw, known->classes, n);
  classes = g_new0 (char *, n + 1);
  for (int32_t i = 0; i < n; i++)
    classes[i] = g_strdup_printf ("class %d", i);
  return lw_dataset_take (shown, whole, raw, (const char *const *)classes, n);
}

static bool
has_folders (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  bool found = false;

  while (dir != NULL && !found && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    found = g_file_test (path, G_FILE_TEST_IS_DIR);
  }
  g_clear_pointer (&dir, g_dir_close);
  return found;
}

static void
set_nothing_to_read (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("There is no folder %s."), shown);
  else if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s is a file; give the folder in which the files of a data set lie."), shown);
  else
    g_set_error (
        error, LW_ERROR, LW_ERROR_FORMAT,
        _ ("%s holds no data set that can be read%s: looked for %s, and for %s."), shown,
        has_folders (folder) ? _ (" (folders of pictures, one for each class, are not read)") : "",
        _ (readers[0]->files), _ (readers[1]->files));
}

/* `wanted`: the set that the folder should be, by its name; NULL: whatever it is. */
static LwDataset *
open_folder (const char *folder, const KnownSet *wanted, GError **error)
{
  const LwDatasetReader *reader;
  const KnownSet *known;
  LwRawData raw = { 0 };

  if (look (folder, &reader) == LW_FOLDER_FOREIGN) {
    set_nothing_to_read (folder, error);
    return NULL;
  }
  known = identify (folder, reader);
  if (wanted != NULL && known != NULL && known != wanted) {
    g_autofree char *shown = g_filename_display_name (folder);

    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s holds %s, not %s."), shown, known->name,
                 wanted->name);
    return NULL;
  }
  if (!reader->read (folder, &raw, error))
    return NULL;
  return name_classes (folder, known != NULL ? known : wanted, &raw);
}

/* --- by name -------------------------------------------------------------------------------- */

/* The folder below `base` (or `base` itself) that should hold the set; NULL if there is none. */
static char *
find_below (const char *base, const char *name, const KnownSet *known)
{
  const LwDatasetReader *reader;
  const char *const own[] = { name, NULL };

  for (const char *const *sub = known != NULL ? known->folders : own; *sub != NULL; sub++) {
    g_autofree char *folder = g_build_filename (base, *sub, NULL);

    if (look (folder, &reader) != LW_FOLDER_FOREIGN)
      return g_steal_pointer (&folder);
  }
  if (known != NULL && look (base, &reader) != LW_FOLDER_FOREIGN && reader == known->reader) {
    const KnownSet *held = identify (base, reader);

    if (held == known || held == NULL)
      return g_strdup (base);
  }
  return NULL;
}

static char *
find_named (const char *name, const KnownSet *known)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  char *folder = NULL;

  for (int i = 0; folder == NULL && search[i] != NULL; i++)
    folder = find_below (search[i], name, known);
  if (folder == NULL && g_file_test (name, G_FILE_TEST_IS_DIR))
    folder = g_strdup (name); /* a folder right here */
  return folder;
}

static void
set_not_found (const char *name, const KnownSet *known, GError **error)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  g_autofree char *places = g_strjoinv (", ", search);
  g_autofree char *shown_places = g_filename_display_name (places);
  g_autofree char *shown = g_filename_display_name (name);
  const char *names[G_N_ELEMENTS (known_sets) + 2] = { "shapes" };
  const char *nearest;

  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++)
    names[i + 1] = known_sets[i].name;
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
lw_dataset_open (const char *name_or_folder, GError **error)
{
  const KnownSet *known = find_known (name_or_folder);
  g_autofree char *folder = NULL;

  if (strcmp (name_or_folder, "shapes") == 0)
    return lw_dataset_new_shapes (SHAPES_TRAIN, SHAPES_TEST, SHAPES_SEED);
  if (*name_or_folder == '\0') {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("No data set is named. %s"),
                 _ (lw_dataset_advice ("")));
    return NULL;
  }
  if (strchr (name_or_folder, G_DIR_SEPARATOR) != NULL || *name_or_folder == '.')
    return open_folder (name_or_folder, NULL, error);
  folder = find_named (name_or_folder, known);
  if (folder == NULL) {
    set_not_found (name_or_folder, known, error);
    return NULL;
  }
  return open_folder (folder, known, error);
}

/* --- all that are there --------------------------------------------------------------------- */

static void
add_name (GPtrArray *names, const char *name)
{
  if (g_utf8_validate (name, -1, NULL) &&
      !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

/* Sub-folders with sets of a student's own. */
static void
add_folders (GPtrArray *names, const char *base)
{
  GDir *dir = g_dir_open (base, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *folder = g_build_filename (base, name, NULL);
    const LwDatasetReader *reader;

    if (*name != '.' && find_known (name) == NULL && look (folder, &reader) == LW_FOLDER_COMPLETE &&
        identify (folder, reader) == NULL)
      add_name (names, name);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
lw_dataset_list_available (void)
{
  g_auto (GStrv) search = lw_dataset_search_path ();
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (known_sets); i++) {
    const LwDatasetReader *reader;
    g_autofree char *folder = find_named (known_sets[i].name, &known_sets[i]);
    const KnownSet *held;

    if (folder == NULL || look (folder, &reader) != LW_FOLDER_COMPLETE)
      continue;
    held = identify (folder, reader);
    if (held == NULL || held == &known_sets[i])
      add_name (names, known_sets[i].name);
  }
  for (int i = 0; search[i] != NULL; i++)
    add_folders (names, search[i]);
  add_name (names, "shapes");
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
