#include "ui/compare-runs-private.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <math.h>

#define REFRESH_MS   60 /* ticks and names come several at a time */
#define TABLE_HEIGHT 220
#define TABLE_NARROW 138
#define CURVES_WIDTH 580

G_DEFINE_FINAL_TYPE (LwCompareRuns, lw_compare_runs, GTK_TYPE_WIDGET)

/* --- what is plotted -----------------------------------------------------------------------------
 */

/* The ticked first, then the others of the table's rows: bubbles are of all. */
static GPtrArray *
plotted (LwCompareRuns *self, guint *ret_n_ticked)
{
  GPtrArray *runs = lw_run_ticks_runs (self->ticks);
  GListModel *rows = lw_runs_table_rows (LW_RUNS_TABLE (self->table));

  *ret_n_ticked = runs->len;
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (rows, i);

    if (!lw_run_ticks_has (self->ticks, run))
      g_ptr_array_add (runs, g_object_ref (run));
  }
  return runs;
}

static void
show_count (LwCompareRuns *self, guint ticked, guint all)
{
  g_autofree char *count =
      self->narrow
          ? g_strdup_printf (_ ("%u of %u"), ticked, all)
          : g_strdup_printf (ngettext ("%u of %u run plotted", "%u of %u runs plotted", all),
                             ticked, all);

  gtk_label_set_text (GTK_LABEL (self->counted), count);
}

static gboolean
refresh (gpointer data)
{
  LwCompareRuns *self = data;
  const guint all = g_list_model_get_n_items (lw_workbench_runs (self->workbench));
  guint n_ticked;
  g_autoptr (GPtrArray) runs = plotted (self, &n_ticked);
  g_auto (GStrv) names = lw_compare_runs_names (runs);

  self->refresh_id = 0;
  self->stale = false;
  lw_bubble_view_set_runs (LW_BUBBLE_VIEW (self->bubbles), runs, names, n_ticked);
  g_ptr_array_set_size (runs, (int)n_ticked);
  for (guint i = n_ticked; names[i] != NULL; i++)
    g_clear_pointer (&names[i], g_free);
  lw_runs_curves_set_runs (LW_RUNS_CURVES (self->curves), runs, names);
  show_count (self, n_ticked, all);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), all > 0 ? "runs" : "none");
  gtk_stack_set_visible_child_name (GTK_STACK (self->plots), n_ticked > 0 ? "plots" : "none");
  lw_compare_runs_update_actions (self);
  return G_SOURCE_REMOVE;
}

static void
refresh_later (LwCompareRuns *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->stale = true;
  else if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (REFRESH_MS, refresh, self);
}

static void
lw_compare_runs_map (GtkWidget *widget)
{
  LwCompareRuns *self = LW_COMPARE_RUNS (widget);

  if (self->stale)
    refresh (self);
  GTK_WIDGET_CLASS (lw_compare_runs_parent_class)->map (widget);
}

/* --- the page's toolbar --------------------------------------------------------------------------
 */

static void
filter_changed (GtkEditable *filter, LwCompareRuns *self)
{
  lw_runs_table_set_filter (LW_RUNS_TABLE (self->table), gtk_editable_get_text (filter));
}

static void
only_changed (LwCompareRuns *self)
{
  lw_runs_table_set_only_differs (LW_RUNS_TABLE (self->table),
                                  gtk_switch_get_active (GTK_SWITCH (self->only)));
}

static void
differences_opened (GtkMenuButton *button, LwCompareRuns *self)
{
  (void)button;
  gtk_widget_activate_action (GTK_WIDGET (self), "runs.compare", NULL);
}

static GtkWidget *
make_filter (LwCompareRuns *self)
{
  self->filter = gtk_search_entry_new ();
  g_object_set (self->filter, "placeholder-text", _ ("Filter runs"), NULL);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->filter), 14);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->filter), 18);
  gtk_widget_set_valign (self->filter, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      self->filter, _ ("Words of name, network, settings, note or state; or numbers: lr>0.1, "
                       "accuracy>=0.8, batch=256, time<60"));
  lw_name_widget (self->filter, _ ("Filter runs"));
  g_signal_connect (self->filter, "search-changed", G_CALLBACK (filter_changed), self);
  return self->filter;
}

static GtkWidget *
make_menu_button (const char *label, const char *icon, GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  if (icon != NULL)
    gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), icon);
  else
    gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_widget_set_tooltip_text (button, label);
  lw_name_widget (button, label);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_unref (menu);
  return button;
}

static void
make_tools (LwCompareRuns *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *popover = gtk_popover_new ();

  self->only_words = gtk_label_new (_ ("Only what differs"));
  self->only = gtk_switch_new ();
  self->counted = gtk_label_new (NULL);
  self->differences = gtk_menu_button_new ();
  self->run_button = make_menu_button (_ ("Run"), NULL, lw_compare_runs_menu ());
  self->export = make_menu_button (_ ("Export…"), NULL, lw_compare_runs_export_menu ());
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->differences), "lw-compare-symbolic");
  lw_name_widget (self->differences, _ ("Compare settings"));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->differences), popover);
  gtk_widget_set_tooltip_text (self->differences,
                               _ ("Compare settings: in which the ticked or selected runs differ"));
  gtk_widget_set_tooltip_text (self->run_button, _ ("What can be done with the selected runs"));
  gtk_widget_set_tooltip_text (
      self->only, _ ("Only what differs: hides the columns in which the ticked runs are alike"));
  lw_name_widget (self->only, _ ("Only what differs"));
  g_signal_connect (popover, "show", G_CALLBACK (differences_opened), self);
  gtk_widget_set_valign (self->only, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->differences, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->counted, "lw-caption");
  gtk_widget_add_css_class (self->counted, "lw-number");
  gtk_widget_set_hexpand (space, TRUE);
  gtk_widget_set_hexpand (row, TRUE);
  g_signal_connect_swapped (self->only, "notify::active", G_CALLBACK (only_changed), self);
  for (GtkWidget **part =
           (GtkWidget *[]){ gtk_separator_new (GTK_ORIENTATION_VERTICAL), make_filter (self),
                            self->only_words, self->only, space, self->counted, self->differences,
                            self->run_button, self->export, NULL };
       *part != NULL; part++)
    gtk_box_append (GTK_BOX (row), *part);
  gtk_widget_set_margin_top (gtk_widget_get_first_child (row), 8);
  gtk_widget_set_margin_bottom (gtk_widget_get_first_child (row), 8);
  gtk_widget_insert_action_group (row, "runs", G_ACTION_GROUP (self->actions));
  self->tools = g_object_ref_sink (row);
}

GtkWidget *
lw_compare_runs_tools (LwCompareRuns *self)
{
  return self->tools;
}

/* Beside each other the charts need some room, and the toolbar its words. */
void
lw_compare_runs_set_narrow (LwCompareRuns *self, bool narrow)
{
  self->narrow = narrow;
  gtk_widget_set_visible (self->only_words, !narrow);
  lw_runs_curves_set_compact (LW_RUNS_CURVES (self->curves), narrow);
  gtk_paned_set_position (GTK_PANED (self->across), narrow ? 430 : CURVES_WIDTH);
  gtk_paned_set_position (GTK_PANED (self->down), narrow ? TABLE_NARROW : TABLE_HEIGHT);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->filter), narrow ? 9 : 14);
  refresh_later (self);
}

/* --- the menu of rows ----------------------------------------------------------------------------
 */

static gboolean
remove_menu (gpointer menu)
{
  gtk_widget_unparent (menu);
  g_object_unref (menu);
  return G_SOURCE_REMOVE;
}

static void
menu_closed (GtkWidget *menu)
{
  g_idle_add (remove_menu, g_object_ref (menu)); /* its action is activated after this */
}

static void
open_menu (LwCompareRuns *self)
{
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (LW_RUNS_TABLE (self->table));
  g_autoptr (GMenuModel) model = lw_compare_runs_menu ();
  GtkWidget *menu = gtk_popover_menu_new_from_model (model);
  GdkRectangle place;

  if (!lw_runs_table_pointed (LW_RUNS_TABLE (self->table), &place) &&
      (runs->len == 0 ||
       !lw_runs_table_place (LW_RUNS_TABLE (self->table), runs->pdata[0], &place)))
    place = (GdkRectangle){ 100, 30, 1, 1 };
  gtk_popover_set_pointing_to (GTK_POPOVER (menu), &place);
  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  gtk_widget_set_parent (menu, self->table);
  g_signal_connect (menu, "closed", G_CALLBACK (menu_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (menu));
}

static void
asked (LwRunsTable *table, const char *what, LwCompareRuns *self)
{
  (void)table;
  if (g_str_equal (what, "menu"))
    open_menu (self);
  else
    lw_compare_runs_ask (self, what);
}

/* --- for the page --------------------------------------------------------------------------------
 */

LwRunTicks *
lw_compare_runs_ticks (LwCompareRuns *self)
{
  return self->ticks;
}

LwRunsTable *
lw_compare_runs_table (LwCompareRuns *self)
{
  return LW_RUNS_TABLE (self->table);
}

LwRunsCurves *
lw_compare_runs_curves (LwCompareRuns *self)
{
  return LW_RUNS_CURVES (self->curves);
}

void
lw_compare_runs_restore_table (LwCompareRuns *self, const char *text)
{
  lw_runs_table_restore (LW_RUNS_TABLE (self->table), text);
  gtk_switch_set_active (GTK_SWITCH (self->only),
                         lw_runs_table_only_differs (LW_RUNS_TABLE (self->table)));
}

const char *
lw_compare_runs_description (LwCompareRuns *self)
{
  return lw_bubble_view_description (LW_BUBBLE_VIEW (self->bubbles));
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
x_chosen (GtkDropDown *choice, GParamSpec *spec, LwCompareRuns *self)
{
  (void)spec;
  lw_bubble_view_set_x (LW_BUBBLE_VIEW (self->bubbles),
                        (LwBubbleX)MIN (gtk_drop_down_get_selected (choice), LW_N_BUBBLE_X - 1));
}

static GtkWidget *
make_bubbles (LwCompareRuns *self)
{
  const char *const names[] = { _ ("MACs"), _ ("Parameters"), _ ("Time"), NULL };
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *words = gtk_label_new (_ ("Cost")), *choice = gtk_drop_down_new_from_strings (names);

  gtk_widget_add_css_class (row, "lw-toolbar");
  gtk_widget_add_css_class (row, "lw-runs-tools");
  gtk_widget_add_css_class (words, "lw-caption");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_label_set_xalign (GTK_LABEL (words), 1);
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  lw_name_drop_down (choice, _ ("Cost"));
  gtk_widget_set_tooltip_text (choice, _ ("What the x axis of the bubbles is"));
  g_signal_connect (choice, "notify::selected", G_CALLBACK (x_chosen), self);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), choice);
  gtk_widget_set_margin_start (self->bubbles, 8);
  gtk_widget_set_vexpand (self->bubbles, TRUE);
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), self->bubbles);
  gtk_widget_set_size_request (column, 260, -1);
  return column;
}

static GtkWidget *
make_view (LwCompareRuns *self)
{
  GtkWidget *down = gtk_paned_new (GTK_ORIENTATION_VERTICAL), *nothing = adw_status_page_new ();

  self->down = down;
  self->across = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  self->plots = gtk_stack_new ();
  gtk_paned_set_start_child (GTK_PANED (self->across), self->curves);
  gtk_paned_set_end_child (GTK_PANED (self->across), make_bubbles (self));
  gtk_paned_set_position (GTK_PANED (self->across), CURVES_WIDTH);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->across), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->across), FALSE);
  gtk_paned_set_resize_end_child (GTK_PANED (self->across), TRUE);
  adw_status_page_set_title (ADW_STATUS_PAGE (nothing), _ ("Tick runs to plot them"));
  gtk_widget_add_css_class (nothing, "compact");
  gtk_stack_add_named (GTK_STACK (self->plots), self->across, "plots");
  gtk_stack_add_named (GTK_STACK (self->plots), nothing, "none");
  gtk_widget_add_css_class (self->plots, "lw-canvas");
  gtk_widget_set_size_request (self->table, -1, 90);
  gtk_paned_set_start_child (GTK_PANED (down), self->table);
  gtk_paned_set_end_child (GTK_PANED (down), self->plots);
  gtk_paned_set_position (GTK_PANED (down), TABLE_HEIGHT);
  gtk_paned_set_resize_start_child (GTK_PANED (down), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (down), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (down), FALSE);
  return down;
}

GtkWidget *
lw_compare_runs_new (LwWorkbench *workbench)
{
  LwCompareRuns *self = g_object_new (LW_TYPE_COMPARE_RUNS, NULL);
  GtkWidget *none = adw_status_page_new ();

  self->workbench = workbench;
  self->ticks = lw_run_ticks_new (workbench);
  self->table = lw_runs_table_new (workbench, self->ticks);
  self->curves = lw_runs_curves_new (self->ticks);
  self->bubbles = lw_bubble_view_new (workbench);
  lw_compare_runs_add_actions (self);
  make_tools (self);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "lw-compare-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("No runs yet"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (none),
      _ ("Train two networks, and their curves and accuracies stand here beside each other."));
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  gtk_stack_add_named (GTK_STACK (self->stack), make_view (self), "runs");
  g_signal_connect (self->table, "asked", G_CALLBACK (asked), self);
  g_signal_connect_object (self->table, "changed", G_CALLBACK (lw_compare_runs_update_actions),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table, "changed", G_CALLBACK (refresh_later), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->ticks, "changed", G_CALLBACK (refresh_later), self,
                           G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
lw_compare_runs_dispose (GObject *object)
{
  LwCompareRuns *self = LW_COMPARE_RUNS (object);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->tools);
  g_clear_object (&self->actions);
  g_clear_object (&self->ticks);
  G_OBJECT_CLASS (lw_compare_runs_parent_class)->dispose (object);
}

static void
lw_compare_runs_class_init (LwCompareRunsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_compare_runs_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_compare_runs_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_compare_runs_init (LwCompareRuns *self)
{
  self->stack = gtk_stack_new ();
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}
