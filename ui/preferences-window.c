#include "ui/preferences-window.h"

#include "engine/processors.h"
#include "engine/run.h"
#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <string.h>

/* What the rows share; goes with the window. */
typedef struct {
  LwPreferences *preferences;
  LwWorkbench *workbench;
  GtkWidget *runs;
  GPtrArray *devices; /* names, in the order of the list */
} Page;

/* --- applying ----------------------------------------------------------------------------------
 */

static void
apply_theme (LwPreferences *preferences)
{
  const char *theme = lw_preferences_text (preferences, LW_PREFERENCE_THEME);

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (theme, "light")  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                      : g_str_equal (theme, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                    : ADW_COLOR_SCHEME_DEFAULT);
}

static void
apply_defaults (LwPreferences *preferences, LwWorkbench *workbench)
{
  lw_workbench_set_defaults (workbench, lw_preferences_text (preferences, LW_PREFERENCE_DEVICE),
                             lw_preferences_number (preferences, LW_PREFERENCE_CORES_FREE));
}

void
lw_preferences_apply (LwPreferences *preferences, LwWorkbench *workbench)
{
  g_signal_connect (preferences, "changed::theme", G_CALLBACK (apply_theme), NULL);
  g_signal_connect_object (preferences, "changed::device", G_CALLBACK (apply_defaults), workbench,
                           0);
  g_signal_connect_object (preferences, "changed::cores-free", G_CALLBACK (apply_defaults),
                           workbench, 0);
  if (!g_str_equal (lw_preferences_text (preferences, LW_PREFERENCE_THEME), "system"))
    apply_theme (preferences);
  apply_defaults (preferences, workbench);
}

/* --- rows --------------------------------------------------------------------------------------
 */

/* A list whose choices stand for texts. */
typedef struct {
  LwPreferences *preferences;
  LwPreference entry;
  char **values; /* NULL-terminated */
} Choice;

static void
choice_free (gpointer data, GClosure *closure)
{
  Choice *choice = data;

  (void)closure;
  g_strfreev (choice->values);
  g_free (choice);
}

static void
chosen (AdwComboRow *row, GParamSpec *spec, gpointer data)
{
  const Choice *choice = data;
  const guint i = adw_combo_row_get_selected (row);

  (void)spec;
  if (i < g_strv_length (choice->values))
    lw_preferences_set_text (choice->preferences, choice->entry, choice->values[i]);
}

/* `titles` and `values`: of the same length. */
static GtkWidget *
make_choice (Page *page, LwPreference entry, const char *title, const char *subtitle,
             const char *const *titles, const char *const *values)
{
  const char *now = lw_preferences_text (page->preferences, entry);
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) list = gtk_string_list_new (titles);
  Choice *choice = g_new (Choice, 1);

  *choice = (Choice){ page->preferences, entry, g_strdupv ((char **)values) };
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  for (guint i = 0; values[i] != NULL; i++)
    if (g_str_equal (values[i], now))
      adw_combo_row_set_selected (ADW_COMBO_ROW (row), i);
  g_signal_connect_data (row, "notify::selected", G_CALLBACK (chosen), choice, choice_free, 0);
  return row;
}

static void
cores_changed (GtkSpinButton *spin, Page *page)
{
  lw_preferences_set_number (page->preferences, LW_PREFERENCE_CORES_FREE,
                             gtk_spin_button_get_value_as_int (spin));
}

static GtkWidget *
make_cores (Page *page)
{
  const int cores = lw_processors ();
  g_autofree char *subtitle = g_strdup_printf (
      ngettext ("Trainings leave so many of this computer's %d core to other programs",
                "Trainings leave so many of this computer's %d cores to other programs", cores),
      cores);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (0, MAX (cores - 1, 0), 1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Cores left free"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin),
                             lw_preferences_number (page->preferences, LW_PREFERENCE_CORES_FREE));
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  g_signal_connect (spin, "value-changed", G_CALLBACK (cores_changed), page);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  return row;
}

static GtkWidget *
make_device (Page *page)
{
  const LwBackend *const *backends = lw_workbench_backends (page->workbench);
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  GtkWidget *row;

  g_ptr_array_add (page->devices, g_strdup ("auto"));
  g_ptr_array_add (
      titles, g_strdup_printf (_ ("Automatic (%s)"), lw_workbench_device_text (page->workbench)));
  for (int i = 0; backends[i] != NULL; i++) {
    const int n = backends[i]->count (NULL);

    for (int k = 0; k < n; k++) {
      g_autofree char *device = backends[i]->describe (k);

      g_ptr_array_add (page->devices, k > 0 ? g_strdup_printf ("%s:%d", backends[i]->name, k)
                                            : g_strdup (backends[i]->name));
      g_ptr_array_add (titles, g_strdup_printf ("%s, %s", _ (backends[i]->title), device));
    }
  }
  g_ptr_array_add (page->devices, NULL);
  g_ptr_array_add (titles, NULL);
  row = make_choice (page, LW_PREFERENCE_DEVICE, _ ("Device"), NULL,
                     (const char *const *)titles->pdata, (const char *const *)page->devices->pdata);
  /* Below the title there is room for a device's whole name. */
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (row), TRUE);
  return row;
}

/* --- where runs lie ----------------------------------------------------------------------------
 */

static void
show_runs (Page *page)
{
  const char *chosen_folder = lw_preferences_text (page->preferences, LW_PREFERENCE_RUNS);
  g_autofree char *usual = lw_runs_folder ();
  g_autofree char *name = g_filename_display_name (*chosen_folder != '\0' ? chosen_folder : usual);
  const gsize home = strlen (g_get_home_dir ());
  const bool below =
      home > 1 && g_str_has_prefix (name, g_get_home_dir ()) && G_IS_DIR_SEPARATOR (name[home]);
  g_autofree char *words =
      g_markup_printf_escaped ("%s%s", below ? "~" : "", below ? name + home : name);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (page->runs), words);
}

static void
runs_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Page *page = data;

  if (response == GTK_RESPONSE_ACCEPT && page->runs != NULL) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      lw_preferences_set_text (page->preferences, LW_PREFERENCE_RUNS, path);
    show_runs (page);
  }
  g_object_unref (dialog);
}

static void
choose_runs (GtkWidget *button, Page *page)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Folder for Runs"), GTK_WINDOW (gtk_widget_get_root (button)),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"), NULL);

  /* With the window it is answered by nobody. */
  g_signal_connect (dialog, "response", G_CALLBACK (runs_chosen), page);
  g_signal_connect_object (button, "destroy", G_CALLBACK (gtk_native_dialog_destroy), dialog,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
reset_runs (GtkWidget *button, Page *page)
{
  (void)button;
  lw_preferences_set_text (page->preferences, LW_PREFERENCE_RUNS, "");
  show_runs (page);
}

static GtkWidget *
make_runs (Page *page)
{
  GtkWidget *choose = gtk_button_new_with_label (_ ("Choose…"));
  GtkWidget *usual = gtk_button_new_with_label (_ ("Usual Place"));

  page->runs = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->runs), _ ("Folder for runs"));
  gtk_widget_set_valign (choose, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (usual, GTK_ALIGN_CENTER);
  g_signal_connect (choose, "clicked", G_CALLBACK (choose_runs), page);
  g_signal_connect (usual, "clicked", G_CALLBACK (reset_runs), page);
  adw_action_row_add_suffix (ADW_ACTION_ROW (page->runs), usual);
  adw_action_row_add_suffix (ADW_ACTION_ROW (page->runs), choose);
  show_runs (page);
  return page->runs;
}

/* --- the window --------------------------------------------------------------------------------
 */

static GtkWidget *
make_group (GtkWidget *page, const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  return group;
}

static void
add (GtkWidget *group, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_object_unref (page->preferences);
  g_object_unref (page->workbench);
  g_ptr_array_unref (page->devices);
  g_free (page);
}

GtkWidget *
lw_preferences_window_new (GtkWindow *parent, LwPreferences *preferences, LwWorkbench *workbench)
{
  const char *const themes[] = { _ ("Follow the system"), _ ("Light"), _ ("Dark"), NULL };
  static const char *const theme_values[] = { "system", "light", "dark", NULL };
  const char *const languages[] = { _ ("Follow the system"), "English", "简体中文", NULL };
  static const char *const language_values[] = { "", "en", "zh_CN", NULL };
  GtkWidget *window = adw_preferences_window_new (), *content = adw_preferences_page_new (), *group;
  Page *page = g_new0 (Page, 1);

  page->preferences = g_object_ref (preferences);
  page->workbench = g_object_ref (workbench);
  page->devices = g_ptr_array_new_with_free_func (g_free);
  g_object_set_data_full (G_OBJECT (window), "page", page, page_free);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 620, 610);
  lw_name_widget (gtk_widget_get_first_child (content), _ ("Preferences")); /* what scrolls */
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);

  group = make_group (content, _ ("Appearance"), NULL);
  add (group, make_choice (page, LW_PREFERENCE_THEME, _ ("Theme"), NULL, themes, theme_values));
  add (group, make_choice (page, LW_PREFERENCE_LANGUAGE, _ ("Language"),
                           _ ("From the next start on"), languages, language_values));
  group = make_group (content, _ ("Training"),
                      _ ("What new runs begin with. Each run's settings can differ."));
  add (group, make_device (page));
  add (group, make_cores (page));
  group = make_group (content, _ ("Runs"), _ ("From the next start on"));
  add (group, make_runs (page));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (content));
  return window;
}
