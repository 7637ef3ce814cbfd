#include "engine/data/picture_scan.h"
#include "engine/i18n.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEST_EVERY  5
#define MAX_CLASSES 256
#define MAX_FILES   10000000
#define MAX_LOOKED  64 /* entries of a folder that are looked at before it is read */

typedef enum { ENTRY_NONE, ENTRY_FOLDER, ENTRY_FILE, ENTRY_OUTSIDE } EntryKind;

typedef struct {
  LwPictureScan *scan;
  char *root; /* without symbolic links */
  GError **error;
} Walk;

/* Names of files may be any bytes; what is shown stays on its line. */
static char *
show_name (const char *name)
{
  char *shown = g_filename_display_name (name);

  for (char *at = shown; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = '?';
  return shown;
}

static char *
show_below (const char *folder, const char *name)
{
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *both = g_build_filename (base, name, NULL);

  return show_name (both);
}

static bool
is_picture (const char *name)
{
  static const char *const endings[] = { ".png", ".jpg", ".jpeg" };
  const gsize length = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    const gsize ending = strlen (endings[i]);

    if (length > ending && g_ascii_strcasecmp (name + length - ending, endings[i]) == 0)
      return true;
  }
  return false;
}

/* `root` NULL: links are followed wherever they lead, for looking only. */
static EntryKind
kind_of (const char *path, const char *root)
{
  struct stat status;

  if (lstat (path, &status) != 0)
    return ENTRY_NONE;
  if (S_ISLNK (status.st_mode)) {
    char *real = realpath (path, NULL);
    const gsize length = root != NULL ? strlen (root) : 0;
    const bool inside = real != NULL && (root == NULL || (strncmp (real, root, length) == 0 &&
                                                          (real[length] == '/' || length == 1)));

    free (real);
    if (!inside || stat (path, &status) != 0)
      return ENTRY_OUTSIDE;
  }
  return S_ISDIR (status.st_mode)   ? ENTRY_FOLDER
         : S_ISREG (status.st_mode) ? ENTRY_FILE
                                    : ENTRY_NONE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names that begin with a dot are nobody's pictures; __MACOSX is what one archiver leaves. */
static bool
is_hidden (const char *name)
{
  return *name == '.' || strcmp (name, "__MACOSX") == 0;
}

/* Sorted by bytes; a folder that cannot be opened has none. */
static GPtrArray *
list (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!is_hidden (name))
      g_ptr_array_add (names, g_strdup (name));
  g_clear_pointer (&dir, g_dir_close);
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Whether one of the first entries is a picture. */
static bool
has_picture (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  bool found = false;

  for (int i = 0; dir != NULL && !found && i < MAX_LOOKED; i++) {
    name = g_dir_read_name (dir);
    if (name == NULL)
      break;
    found = !is_hidden (name) && is_picture (name);
  }
  g_clear_pointer (&dir, g_dir_close);
  return found;
}

/* How many of the folder's folders hold pictures, counted up to 2. */
static int
count_class_folders (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int n = 0;

  for (int i = 0; dir != NULL && n < 2 && i < 4 * MAX_CLASSES; i++) {
    g_autofree char *path = NULL;

    name = g_dir_read_name (dir);
    if (name == NULL)
      break;
    path = g_build_filename (folder, name, NULL);
    n += !is_hidden (name) && kind_of (path, NULL) == ENTRY_FOLDER && has_picture (path);
  }
  g_clear_pointer (&dir, g_dir_close);
  return n;
}

/* The folder of a part, or NULL: one with class folders in it, not a class of that name. */
static char *
find_split (const char *folder, LwSplit split)
{
  static const char *const names[2][5] = { { "train", "training" },
                                           { "test", "val", "valid", "validation" } };

  for (const char *const *name = names[split]; *name != NULL; name++) {
    g_autofree char *path = g_build_filename (folder, *name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && count_class_folders (path) > 0)
      return g_steal_pointer (&path);
  }
  return NULL;
}

LwFolderState
lw_picture_look (const char *folder)
{
  g_autofree char *train = find_split (folder, LW_SPLIT_TRAIN);
  g_autofree char *test = find_split (folder, LW_SPLIT_TEST);
  int n;

  if (train != NULL || test != NULL)
    return train != NULL && test != NULL && count_class_folders (train) == 2 ? LW_FOLDER_COMPLETE
                                                                             : LW_FOLDER_INCOMPLETE;
  n = count_class_folders (folder);
  return n == 0 ? LW_FOLDER_FOREIGN : n == 1 ? LW_FOLDER_INCOMPLETE : LW_FOLDER_COMPLETE;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
clear_file (void *data)
{
  LwPictureFile *file = data;

  g_free (file->path);
  g_free (file->shown);
  g_free ((char *)file->problem);
}

void
lw_picture_scan_free (LwPictureScan *scan)
{
  g_array_unref (scan->files);
  g_ptr_array_unref (scan->classes);
  g_ptr_array_unref (scan->outside);
  g_ptr_array_unref (scan->foreign);
  g_free (scan);
}

/* The pictures of a class. `both`: every fifth is for testing, else all are for `split`. */
static bool
add_class (Walk *walk, const char *folder, uint8_t label, LwSplit split, bool both)
{
  g_autoptr (GPtrArray) names = list (folder);
  LwPictureScan *scan = walk->scan;
  int n = 0;

  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    g_autofree char *path = g_build_filename (folder, name, NULL);
    const EntryKind kind = kind_of (path, walk->root);
    LwPictureFile file = { .label = label, .split = split };

    if (kind == ENTRY_OUTSIDE)
      g_ptr_array_add (scan->outside, show_below (folder, name));
    else if (kind != ENTRY_FILE || !is_picture (name))
      g_ptr_array_add (scan->foreign, show_below (folder, name));
    else {
      if (both && ++n % TEST_EVERY == 0)
        file.split = LW_SPLIT_TEST;
      file.path = g_steal_pointer (&path);
      file.shown = show_below (folder, name);
      g_array_append_val (scan->files, file);
    }
    if (scan->files->len > MAX_FILES)
      return lw_data_fail (walk->error, walk->root, _ ("it holds more than %d pictures."),
                           MAX_FILES);
  }
  return true;
}

/* The names of the class folders in `folder`, by bytes. */
static GPtrArray *
list_classes (Walk *walk, const char *folder)
{
  g_autoptr (GPtrArray) names = list (folder);
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    const EntryKind kind = kind_of (path, walk->root);

    if (kind == ENTRY_FOLDER)
      g_ptr_array_add (classes, g_strdup (names->pdata[i]));
    else
      g_ptr_array_add (kind == ENTRY_OUTSIDE ? walk->scan->outside : walk->scan->foreign,
                       show_below (folder, names->pdata[i]));
  }
  return classes;
}

static bool
check_classes (Walk *walk, const GPtrArray *classes)
{
  if (classes->len >= 2 && classes->len <= MAX_CLASSES)
    return true;
  return lw_data_fail (
      walk->error, walk->root,
      _ ("it holds %u folders, and a set of pictures has a folder for each of its 2 "
         "to %d classes."),
      classes->len, MAX_CLASSES);
}

static int
place_of (const GPtrArray *classes, const char *name)
{
  for (guint i = 0; i < classes->len; i++)
    if (strcmp (classes->pdata[i], name) == 0)
      return (int)i;
  return -1;
}

static bool
add_split (Walk *walk, const char *folder, const GPtrArray *classes, LwSplit split, bool both)
{
  g_autoptr (GPtrArray) own = list_classes (walk, folder);

  for (guint i = 0; i < own->len; i++) {
    g_autofree char *path = g_build_filename (folder, own->pdata[i], NULL);
    g_autofree char *shown = show_name (own->pdata[i]);
    const int label = place_of (classes, own->pdata[i]);

    if (label < 0)
      return lw_data_fail (walk->error, folder,
                           _ ("it has the class “%s”, which the folder to train with lacks."),
                           shown);
    if (!add_class (walk, path, (uint8_t)label, split, both))
      return false;
  }
  return true;
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const LwPictureFile *one = a, *other = b;

  if (one->split != other->split)
    return one->split < other->split ? -1 : 1;
  if (one->label != other->label)
    return one->label < other->label ? -1 : 1;
  return strcmp (one->path, other->path);
}

static bool
walk_folder (Walk *walk, const char *folder)
{
  g_autofree char *train = find_split (folder, LW_SPLIT_TRAIN);
  g_autofree char *test = find_split (folder, LW_SPLIT_TEST);
  g_autoptr (GPtrArray) classes = NULL;
  const char *const parts[2] = { train != NULL ? train : folder, test };

  if (train == NULL && test != NULL)
    return lw_data_fail (walk->error, folder, _ ("it has a folder to test with and none “train”."));
  if (train != NULL && test == NULL)
    return lw_data_fail (walk->error, folder,
                         _ ("it has a folder “train” and none “test” or “val”."));
  for (int split = 0; split < 2; split++) {
    if (parts[split] == NULL)
      continue;
    if (parts[split] != folder && kind_of (parts[split], walk->root) == ENTRY_OUTSIDE) {
      g_autofree char *shown = show_name (parts[split]);

      return lw_data_fail (walk->error, folder,
                           _ ("%s is a symbolic link that leads out of it, and is not followed."),
                           shown);
    }
    if (split == LW_SPLIT_TRAIN) {
      classes = list_classes (walk, parts[split]);
      g_ptr_array_set_size (walk->scan->outside, 0); /* they come again below */
      g_ptr_array_set_size (walk->scan->foreign, 0);
      if (!check_classes (walk, classes))
        return false;
    }
    if (!add_split (walk, parts[split], classes, (LwSplit)split, test == NULL))
      return false;
  }
  for (guint i = 0; i < classes->len; i++)
    g_ptr_array_add (walk->scan->classes, show_name (classes->pdata[i]));
  g_array_sort (walk->scan->files, compare_files);
  return true;
}

LwPictureScan *
lw_picture_scan (const char *folder, GError **error)
{
  g_autoptr (LwPictureScan) scan = g_new0 (LwPictureScan, 1);
  char *root = realpath (folder, NULL);
  Walk walk = { scan, root, error };
  bool walked;

  scan->files = g_array_new (FALSE, FALSE, sizeof (LwPictureFile));
  g_array_set_clear_func (scan->files, clear_file);
  scan->classes = g_ptr_array_new_with_free_func (g_free);
  scan->outside = g_ptr_array_new_with_free_func (g_free);
  scan->foreign = g_ptr_array_new_with_free_func (g_free);
  walked =
      root != NULL ? walk_folder (&walk, folder) : lw_data_fail (error, folder, _ ("it is gone."));
  free (root);
  return walked ? g_steal_pointer (&scan) : NULL;
}
