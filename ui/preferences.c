#include "ui/preferences.h"

#include <string.h>

#define SAVE_MS 500

typedef struct {
  const char *group, *name;
  const char *text;           /* the default; NULL: a number */
  const char *const *choices; /* NULL: any text */
  int number, minimum, maximum;
} Entry;

static const char *const themes[] = { "system", "light", "dark", NULL };
static const char *const languages[] = { "", "en", "zh_CN", NULL };
static const char *const pages[] = { "explore", "train", "inspect", "compare", NULL };

static const Entry entries[LW_N_PREFERENCES] = {
  [LW_PREFERENCE_THEME] = { "preferences", "theme", "system", themes, 0, 0, 0 },
  [LW_PREFERENCE_LANGUAGE] = { "preferences", "language", "", languages, 0, 0, 0 },
  [LW_PREFERENCE_DEVICE] = { "preferences", "device", "auto", NULL, 0, 0, 0 },
  [LW_PREFERENCE_CORES_FREE] = { "preferences", "cores-free", NULL, NULL, 0, 0, 1024 },
  [LW_PREFERENCE_RUNS] = { "preferences", "runs", "", NULL, 0, 0, 0 },
  [LW_PREFERENCE_WIDTH] = { "window", "width", NULL, NULL, 1280, 800, 32767 },
  [LW_PREFERENCE_HEIGHT] = { "window", "height", NULL, NULL, 800, 600, 32767 },
  [LW_PREFERENCE_MAXIMIZED] = { "window", "maximized", NULL, NULL, 0, 0, 1 },
  [LW_PREFERENCE_SIDEBAR] = { "window", "sidebar", NULL, NULL, 1, 0, 1 },
  [LW_PREFERENCE_PAGE] = { "window", "page", "explore", pages, 0, 0, 0 },
  [LW_PREFERENCE_MODEL] = { "window", "model", "", NULL, 0, 0, 0 },
  [LW_PREFERENCE_RUN] = { "window", "run", "", NULL, 0, 0, 0 },
  [LW_PREFERENCE_ZOOM] = { "explore", "zoom", NULL, NULL, 0, 0, 400 },
  [LW_PREFERENCE_RIGHT] = { "explore", "right", NULL, NULL, 0, 0, 32767 },
  [LW_PREFERENCE_BELOW] = { "explore", "below", NULL, NULL, 0, 0, 32767 },
  [LW_PREFERENCE_LOWER] = { "explore", "lower", NULL, NULL, 0, 0, 32767 },
  [LW_PREFERENCE_BESIDE] = { "explore", "beside", NULL, NULL, 0, 0, 32767 },
  [LW_PREFERENCE_TICKED] = { "compare", "ticked", "", NULL, 0, 0, 0 },
  [LW_PREFERENCE_RUNS_TABLE] = { "compare", "table", "", NULL, 0, 0, 0 },
  [LW_PREFERENCE_WELCOMED] = { "window", "welcomed", NULL, NULL, 0, 0, 1 },
};

struct _LwPreferences {
  GObject parent;
  char *path; /* NULL: none */
  char *texts[LW_N_PREFERENCES];
  int numbers[LW_N_PREFERENCES];
  bool set[LW_N_PREFERENCES]; /* since it was read */
  guint save_id;
};

G_DEFINE_FINAL_TYPE (LwPreferences, lw_preferences, G_TYPE_OBJECT)

static guint changed_signal;

char *
lw_preferences_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "layerwise", "workbench.ini", NULL);
}

static bool
is_legal_text (const Entry *entry, const char *value)
{
  return value != NULL && (entry->choices == NULL || g_strv_contains (entry->choices, value));
}

static bool
is_legal_number (const Entry *entry, int value)
{
  return value >= entry->minimum && value <= entry->maximum;
}

static void
read_entry (LwPreferences *self, GKeyFile *file, int i)
{
  const Entry *entry = &entries[i];
  g_autoptr (GError) error = NULL;

  if (entry->text != NULL) {
    g_autofree char *text = g_key_file_get_string (file, entry->group, entry->name, NULL);

    self->texts[i] = g_strdup (is_legal_text (entry, text) ? text : entry->text);
  } else {
    const int number = g_key_file_get_integer (file, entry->group, entry->name, &error);

    self->numbers[i] = error == NULL && is_legal_number (entry, number) ? number : entry->number;
  }
}

/* What is there now; nothing where there is no file, or a damaged one. */
static GKeyFile *
read_file (const char *path)
{
  GKeyFile *file = g_key_file_new ();

  if (path != NULL)
    g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return file;
}

static void
write_file (GKeyFile *file, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL); /* beside and renamed */
}

LwPreferences *
lw_preferences_new (const char *path)
{
  LwPreferences *self = g_object_new (LW_TYPE_PREFERENCES, NULL);
  g_autoptr (GKeyFile) file = NULL;

  self->path = g_strdup (path);
  file = read_file (path);
  for (int i = 0; i < LW_N_PREFERENCES; i++)
    read_entry (self, file, i);
  return self;
}

/* Only what was set here: the rest of the file is others', who may have written since it was read,
 * another window with other choices among them. */
void
lw_preferences_save (LwPreferences *self)
{
  g_autoptr (GKeyFile) file = NULL;

  if (self->save_id == 0)
    return;
  g_clear_handle_id (&self->save_id, g_source_remove);
  file = read_file (self->path);
  for (int i = 0; i < LW_N_PREFERENCES; i++)
    if (self->set[i] && entries[i].text != NULL)
      g_key_file_set_string (file, entries[i].group, entries[i].name, self->texts[i]);
    else if (self->set[i])
      g_key_file_set_integer (file, entries[i].group, entries[i].name, self->numbers[i]);
  write_file (file, self->path);
}

static gboolean
save_due (gpointer data)
{
  lw_preferences_save (LW_PREFERENCES (data));
  return G_SOURCE_REMOVE;
}

static void
changed (LwPreferences *self, LwPreference entry)
{
  self->set[entry] = true;
  if (self->path != NULL && self->save_id == 0)
    self->save_id = g_timeout_add (SAVE_MS, save_due, self);
  g_signal_emit (self, changed_signal, g_quark_from_static_string (entries[entry].name));
}

const char *
lw_preferences_text (LwPreferences *self, LwPreference entry)
{
  return self->texts[entry];
}

int
lw_preferences_number (LwPreferences *self, LwPreference entry)
{
  return self->numbers[entry];
}

void
lw_preferences_set_text (LwPreferences *self, LwPreference entry, const char *value)
{
  if (!is_legal_text (&entries[entry], value) || g_str_equal (self->texts[entry], value))
    return;
  g_free (self->texts[entry]);
  self->texts[entry] = g_strdup (value);
  changed (self, entry);
}

void
lw_preferences_set_number (LwPreferences *self, LwPreference entry, int value)
{
  if (!is_legal_number (&entries[entry], value) || self->numbers[entry] == value)
    return;
  self->numbers[entry] = value;
  changed (self, entry);
}

/* --- lists --------------------------------------------------------------------------------------
 */

char **
lw_preferences_read_list (const char *group, const char *name)
{
  g_autofree char *path = lw_preferences_path ();
  g_autoptr (GKeyFile) file = read_file (path);
  char **list = g_key_file_get_string_list (file, group, name, NULL, NULL);

  return list != NULL ? list : g_new0 (char *, 1);
}

void
lw_preferences_write_list (const char *group, const char *name, const char *const *list)
{
  g_autofree char *path = lw_preferences_path ();
  g_autoptr (GKeyFile) file = read_file (path);

  g_key_file_set_string_list (file, group, name, list, g_strv_length ((char **)list));
  write_file (file, path);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_preferences_finalize (GObject *object)
{
  LwPreferences *self = LW_PREFERENCES (object);

  lw_preferences_save (self);
  for (int i = 0; i < LW_N_PREFERENCES; i++)
    g_free (self->texts[i]);
  g_free (self->path);
  G_OBJECT_CLASS (lw_preferences_parent_class)->finalize (object);
}

static void
lw_preferences_class_init (LwPreferencesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_preferences_finalize;
  changed_signal =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_preferences_init (LwPreferences *self)
{
  (void)self;
}
