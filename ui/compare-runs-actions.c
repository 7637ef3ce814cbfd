/* What can be done with runs: the actions behind menus, keys and buttons, all of group `runs`. */
#include "ui/accessible.h"
#include "ui/chart-export-dialog.h"
#include "ui/compare-runs-private.h"
#include "ui/file-chooser.h"
#include "ui/follow-actions.h"
#include "ui/main-window.h"
#include "ui/run-edit.h"
#include "ui/run-trash.h"
#include "ui/runs-differences.h"

#include "engine/formats/safetensors.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

static LwMainWindow *
window_of (LwCompareRuns *self)
{
  return LW_MAIN_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

static LwRunsTable *
table_of (LwCompareRuns *self)
{
  return LW_RUNS_TABLE (self->table);
}

/* The first of the selected, or NULL; borrowed: the table's rows keep it. */
static LwRunItem *
selected_run (LwCompareRuns *self)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (self));

  return runs->len > 0 ? runs->pdata[0] : NULL;
}

/* Below its row; where that is out of view, at the table's top. */
static GdkRectangle
place_of (LwCompareRuns *self, LwRunItem *run)
{
  GdkRectangle place;

  if (!lw_runs_table_place (table_of (self), run, &place))
    place = (GdkRectangle){ gtk_widget_get_width (self->table) / 3, 8, 40, 24 };
  return place;
}

char **
lw_compare_runs_names (const GPtrArray *runs)
{
  char **names = g_new0 (char *, runs->len + 1);
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) rates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < runs->len; i++) {
    LwRunItem *run = runs->pdata[i];
    const char *title = lw_run_item_title (run);
    char *rate =
        g_strdup_printf (_ ("%s, lr %g"), title, lw_run_item_settings (run)->learning_rate);

    g_hash_table_insert (
        titles, (gpointer)title,
        GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (titles, title)) + 1));
    g_hash_table_insert (rates, rate,
                         GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (rates, rate)) + 1));
  }
  for (guint i = 0; i < runs->len; i++) {
    LwRunItem *run = runs->pdata[i];
    const LwSettings *settings = lw_run_item_settings (run);
    const char *title = lw_run_item_title (run);
    g_autofree char *rate = g_strdup_printf (_ ("%s, lr %g"), title, settings->learning_rate);
    const int same = GPOINTER_TO_INT (g_hash_table_lookup (rates, rate));

    if (GPOINTER_TO_INT (g_hash_table_lookup (titles, title)) < 2)
      names[i] = g_strdup (title);
    else if (same < 2)
      names[i] = g_steal_pointer (&rate);
    else
      names[i] = g_strdup_printf (_ ("%s, seed %" PRIu64), rate, settings->seed);
  }
  return names;
}

/* --- one run -------------------------------------------------------------------------------------
 */

static void
show_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  LwRunItem *run = selected_run (self);

  (void)action;
  (void)parameter;
  if (run != NULL)
    lw_workbench_select_run (self->workbench, run);
}

static void
edit_run (LwCompareRuns *self,
          void (*edit) (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place))
{
  LwRunItem *run = selected_run (self);

  if (run != NULL) {
    const GdkRectangle place = place_of (self, run);

    edit (run, self->table, &place);
  }
}

static void
rename_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  edit_run (data, lw_run_rename);
}

static void
note_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  edit_run (data, lw_run_edit_note);
}

static void
clone_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  LwRunItem *run = selected_run (self);

  (void)action;
  (void)parameter;
  if (run == NULL)
    return;
  lw_workbench_use_settings (self->workbench, lw_run_item_settings (run));
  lw_main_window_show_page (window_of (self), "train");
}

static void
open_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  LwRunItem *run = selected_run (self);
  g_autofree char *uri =
      run != NULL ? g_filename_to_uri (lw_run_item_folder (run), NULL, NULL) : NULL;

  (void)action;
  (void)parameter;
  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (window_of (self)), uri, GDK_CURRENT_TIME);
}

/* --- several -------------------------------------------------------------------------------------
 */

static void
tick_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (self));
  bool all = true;

  (void)action;
  (void)parameter;
  for (guint i = 0; i < runs->len; i++)
    all = all && lw_run_ticks_has (self->ticks, runs->pdata[i]);
  lw_run_ticks_set (self->ticks, (LwRunItem *const *)runs->pdata, runs->len, !all);
}

static void
untick_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  g_autoptr (GPtrArray) runs = lw_run_ticks_runs (self->ticks);

  (void)action;
  (void)parameter;
  lw_run_ticks_set (self->ticks, (LwRunItem *const *)runs->pdata, runs->len, false);
}

static void
star_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (data));

  (void)action;
  (void)parameter;
  lw_runs_toggle_star ((LwRunItem *const *)runs->pdata, runs->len);
}

static void
delete_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (data));

  (void)action;
  (void)parameter;
  if (runs->len > 0)
    lw_run_trash_put (window_of (data), runs);
}

static void
unfollow_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (data));

  (void)action;
  (void)parameter;
  for (guint i = 0; i < runs->len; i++)
    if (lw_run_item_followed (runs->pdata[i]) != NULL)
      lw_follow_actions_end (window_of (data), runs->pdata[i]);
}

/* Keys do not show why they do nothing; what Delete does with one on another machine is that it
 * leaves the list. */
void
lw_compare_runs_ask (LwCompareRuns *self, const char *what)
{
  g_autofree char *action = g_strconcat ("runs.", what, NULL);
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (self));
  LwFollowedRun *followed = NULL;

  for (guint i = 0; i < runs->len && followed == NULL; i++)
    followed = lw_run_item_followed (runs->pdata[i]);
  if (followed != NULL && g_str_equal (what, "delete")) {
    gtk_widget_activate_action (GTK_WIDGET (self), "runs.unfollow", NULL);
  } else if (followed != NULL && (g_str_equal (what, "star") || g_str_equal (what, "rename"))) {
    g_autofree char *reason = lw_followed_run_reason (followed);

    lw_main_window_say (window_of (self), reason);
  } else {
    gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
  }
}

/* The selected ones where these are several, else the ticked. */
static void
compare_settings (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (self));
  g_auto (GStrv) names = NULL;
  GtkWidget *popover =
      GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->differences)));

  (void)action;
  (void)parameter;
  if (runs->len < 2) {
    g_ptr_array_unref (runs);
    runs = lw_run_ticks_runs (self->ticks);
  }
  names = lw_compare_runs_names (runs);
  gtk_popover_set_child (
      GTK_POPOVER (popover),
      lw_runs_differences_new ((LwRunItem *const *)runs->pdata, names, runs->len));
  if (!gtk_widget_get_visible (popover))
    gtk_menu_button_popup (GTK_MENU_BUTTON (self->differences));
}

static void
sort (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const int column = g_variant_get_int32 (parameter);

  (void)action;
  /* What is better when larger begins with the largest. */
  lw_runs_table_sort (table_of (data), (LwRunColumn)column,
                      lw_run_column_better ((LwRunColumn)column) > 0 ||
                              column == LW_RUN_COLUMN_DATE || column == LW_RUN_COLUMN_STAR
                          ? GTK_SORT_DESCENDING
                          : GTK_SORT_ASCENDING);
}

/* --- export --------------------------------------------------------------------------------------
 */

static char *
table_text (LwCompareRuns *self, LwTextForm form)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_all (table_of (self));
  g_autoptr (LwTextTable) table = NULL;
  bool shown[LW_N_RUN_COLUMNS];

  for (int c = 0; c < LW_N_RUN_COLUMNS; c++)
    shown[c] = lw_runs_table_shows (table_of (self), (LwRunColumn)c);
  table = lw_run_columns_export (runs, shown);
  return lw_text_table_write (table, form);
}

bool
lw_compare_runs_export (LwCompareRuns *self, const char *path, GError **error)
{
  const LwTextForm form = g_str_has_suffix (path, ".csv")   ? LW_TEXT_CSV
                          : g_str_has_suffix (path, ".tex") ? LW_TEXT_LATEX
                                                            : LW_TEXT_MARKDOWN;
  g_autofree char *text = table_text (self, form);

  return lw_file_replace (path, text, strlen (text), error);
}

static void
file_chosen (gpointer data, const char *path, gconstpointer what)
{
  LwCompareRuns *self = data;
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *saved = g_strdup_printf (_ ("Saved %s"), name);
  g_autoptr (GError) error = NULL;

  (void)what;
  lw_main_window_say (window_of (self),
                      lw_compare_runs_export (self, path, &error) ? saved : error->message);
}

static void
export_table (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  const char *const endings[] = { g_variant_get_string (parameter, NULL), NULL };
  g_autofree char *name = g_strconcat ("runs.", endings[0], NULL);

  (void)action;
  lw_choose_file (GTK_WINDOW (window_of (self)), _ ("Export the Table of Runs"), name, endings,
                  file_chosen, self, NULL);
}

static void
copy_table (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  g_autofree char *text = table_text (self, LW_TEXT_MARKDOWN);

  (void)action;
  (void)parameter;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  lw_main_window_say (window_of (self), _ ("Copied the table"));
}

static void
export_charts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCompareRuns *self = data;
  GtkWidget *dialog =
      lw_chart_export_dialog_new (lw_runs_curves_charts (LW_RUNS_CURVES (self->curves)), "runs");

  (void)action;
  (void)parameter;
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window_of (self)));
  g_signal_connect_object (dialog, "saved", G_CALLBACK (lw_main_window_say), window_of (self),
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- menus ---------------------------------------------------------------------------------------
 */

static void
add_item (GMenu *menu, const char *label, const char *action, const char *accelerator)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, action);

  if (accelerator != NULL)
    g_menu_item_set_attribute (item, "accel", "s", accelerator);
  g_menu_append_item (menu, item);
}

static GMenu *
sort_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (int c = LW_RUN_COLUMN_STAR; c < LW_N_RUN_COLUMNS; c++) {
    g_autofree char *action = g_strdup_printf ("runs.sort(%d)", c);

    g_menu_append (
        menu, c == LW_RUN_COLUMN_STAR ? _ ("Star") : lw_run_column_title ((LwRunColumn)c), action);
  }
  return menu;
}

GMenuModel *
lw_compare_runs_menu (void)
{
  GMenu *menu = g_menu_new (), *view = g_menu_new (), *edit = g_menu_new (), *more = g_menu_new ();
  GMenu *last = g_menu_new (), *remote = g_menu_new (), *sorts = sort_menu ();

  add_item (view, _ ("_Show on All Pages"), "runs.show", "Return");
  add_item (view, _ ("_Plot or Not"), "runs.tick", "space");
  add_item (edit, _ ("_Star"), "runs.star", "s");
  add_item (edit, _ ("_Rename…"), "runs.rename", "F2");
  add_item (edit, _ ("_Note…"), "runs.note", NULL);
  add_item (more, _ ("_Clone into a New Run"), "runs.clone", NULL);
  add_item (more, _ ("Compare _Settings"), "runs.compare", NULL);
  add_item (more, _ ("_Open Folder"), "runs.open-folder", NULL);
  add_item (last, _ ("Move to the _Trash"), "runs.delete", "Delete");
  add_item (last, _ ("Stop _Following"), "runs.unfollow", NULL);
  g_menu_append (remote, _ ("Follow a Run over SS_H…"), "win.follow-run");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (view));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (edit));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (more));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (last));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (remote));
  g_menu_append_submenu (menu, _ ("Sort _by"), G_MENU_MODEL (sorts));
  g_menu_append (menu, _ ("_Untick All"), "runs.untick-all");
  for (GMenu **part = (GMenu *[]){ view, edit, more, last, remote, sorts, NULL }; *part != NULL;
       part++)
    g_object_unref (*part);
  return G_MENU_MODEL (menu);
}

GMenuModel *
lw_compare_runs_export_menu (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("Table as _CSV…"), "runs.export::csv");
  g_menu_append (menu, _ ("Table as _Markdown…"), "runs.export::md");
  g_menu_append (menu, _ ("Table as _LaTeX…"), "runs.export::tex");
  g_menu_append (menu, _ ("Copy the _Table"), "runs.copy");
  g_menu_append (menu, _ ("_Charts…"), "runs.export-charts");
  return G_MENU_MODEL (menu);
}

void
lw_compare_runs_update_actions (LwCompareRuns *self)
{
  static const char *const of_one[] = { "rename", "note", "clone", "open-folder", "show" };
  static const char *const of_some[] = { "tick", "star", "delete" };
  static const char *const changing[] = { "rename", "note", "open-folder", "star", "delete" };
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (table_of (self));
  bool followed = false;

  for (guint i = 0; i < G_N_ELEMENTS (of_one); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), of_one[i])),
        runs->len == 1);
  for (guint i = 0; i < G_N_ELEMENTS (of_some); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), of_some[i])),
        runs->len > 0);
  for (guint i = 0; i < runs->len; i++)
    followed = followed || lw_run_item_followed (runs->pdata[i]) != NULL;
  for (guint i = 0; followed && i < G_N_ELEMENTS (changing); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), changing[i])),
        false);
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "unfollow")),
      followed);
}

void
lw_compare_runs_add_actions (LwCompareRuns *self)
{
  static const GActionEntry entries[] = {
    { .name = "show", .activate = show_run },
    { .name = "tick", .activate = tick_runs },
    { .name = "untick-all", .activate = untick_all },
    { .name = "star", .activate = star_runs },
    { .name = "rename", .activate = rename_run },
    { .name = "note", .activate = note_run },
    { .name = "clone", .activate = clone_run },
    { .name = "open-folder", .activate = open_folder },
    { .name = "compare", .activate = compare_settings },
    { .name = "delete", .activate = delete_runs },
    { .name = "unfollow", .activate = unfollow_runs },
    { .name = "sort", .activate = sort, .parameter_type = "i" },
    { .name = "export", .activate = export_table, .parameter_type = "s" },
    { .name = "copy", .activate = copy_table },
    { .name = "export-charts", .activate = export_charts },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "runs", G_ACTION_GROUP (self->actions));
}
