#include "ui/runs-table-private.h"

#include "ui/accessible.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define REVIEW_MS 100

G_DEFINE_FINAL_TYPE (LwRunsTable, lw_runs_table, GTK_TYPE_WIDGET)

static guint changed_signal;

GListModel *
lw_runs_table_rows (LwRunsTable *self)
{
  return G_LIST_MODEL (self->sorted);
}

static GPtrArray *
runs_of (GListModel *model)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    g_ptr_array_add (runs, g_list_model_get_item (model, i));
  return runs;
}

GPtrArray *
lw_runs_table_all (LwRunsTable *self)
{
  return runs_of (lw_runs_table_rows (self));
}

GPtrArray *
lw_runs_table_selected (LwRunsTable *self)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) set =
      gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iterator;
  guint place;

  for (gboolean more = gtk_bitset_iter_init_first (&iterator, set, &place); more;
       more = gtk_bitset_iter_next (&iterator, &place)) {
    LwRunItem *run = g_list_model_get_item (lw_runs_table_rows (self), place);

    if (run != NULL)
      g_ptr_array_add (runs, run);
  }
  return runs;
}

/* --- which columns -------------------------------------------------------------------------------
 */

static bool
same_in (LwRunColumn column, LwRunItem *a, LwRunItem *b)
{
  const double x = lw_run_column_number (column, a), y = lw_run_column_number (column, b);

  if (!isnan (x) || !isnan (y))
    return x == y;
  {
    g_autofree char *text_a = lw_run_column_text (column, a);
    g_autofree char *text_b = lw_run_column_text (column, b);

    return g_str_equal (text_a, text_b);
  }
}

static bool
differs (LwRunColumn column, const GPtrArray *runs)
{
  for (guint i = 1; i < runs->len; i++)
    if (!same_in (column, runs->pdata[0], runs->pdata[i]))
      return true;
  return false;
}

static void
choose_columns (LwRunsTable *self)
{
  g_autoptr (GPtrArray) runs = NULL;

  if (self->only_differs) {
    runs = lw_run_ticks_runs (self->ticks);
    if (runs->len == 0) {
      g_ptr_array_unref (runs);
      runs = lw_runs_table_all (self);
    }
  }
  for (int c = LW_RUN_COLUMN_NAME + 1; c < LW_N_RUN_COLUMNS; c++)
    gtk_column_view_column_set_visible (self->columns[c], runs == NULL || runs->len < 2 ||
                                                              differs ((LwRunColumn)c, runs));
}

static void
find_best (LwRunsTable *self)
{
  GListModel *rows = G_LIST_MODEL (self->filtered);

  for (int c = 0; c < LW_N_RUN_COLUMNS; c++)
    self->best[c] = NAN;
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (rows, i);

    for (int c = 0; c < LW_N_RUN_COLUMNS; c++) {
      const int better = lw_run_column_better ((LwRunColumn)c);
      const double value = better != 0 ? lw_run_column_number ((LwRunColumn)c, run) : NAN;

      if (!isnan (value) && !(better * (value - self->best[c]) <= 0))
        self->best[c] = value;
    }
  }
}

static gboolean
review (gpointer data)
{
  LwRunsTable *self = data;
  GtkAdjustment *top = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list));

  self->review_id = 0;
  /* Rows came in above those that were there. */
  if (!self->touched && gtk_adjustment_get_value (top) > gtk_adjustment_get_lower (top))
    gtk_widget_activate_action (self->list, "list.scroll-to-item", "u", 0);
  find_best (self);
  choose_columns (self);
  lw_runs_table_refresh (self);
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
review_later (LwRunsTable *self)
{
  if (self->review_id == 0)
    self->review_id = g_timeout_add (REVIEW_MS, review, self);
}

/* What is sorted and searched may be other now: a run has ended, or was renamed. */
static void
values_changed (LwRunsTable *self)
{
  if (self->filter != NULL && *self->filter != '\0')
    gtk_filter_changed (self->matches, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_sorter_changed (gtk_column_view_get_sorter (self->view), GTK_SORTER_CHANGE_DIFFERENT);
  review_later (self);
}

static void
ticks_changed (LwRunsTable *self)
{
  lw_runs_table_refresh (self);
  review_later (self);
}

void
lw_runs_table_set_only_differs (LwRunsTable *self, bool only)
{
  self->only_differs = only;
  choose_columns (self);
  g_signal_emit (self, changed_signal, 0);
}

bool
lw_runs_table_only_differs (LwRunsTable *self)
{
  return self->only_differs;
}

bool
lw_runs_table_shows (LwRunsTable *self, LwRunColumn column)
{
  return gtk_column_view_column_get_visible (self->columns[column]);
}

/* --- rows ----------------------------------------------------------------------------------------
 */

static gboolean
matches (gpointer run, gpointer data)
{
  return lw_run_matches (LW_RUN_ITEM (run), LW_RUNS_TABLE (data)->filter);
}

void
lw_runs_table_set_filter (LwRunsTable *self, const char *filter)
{
  g_free (self->filter);
  self->filter = g_strdup (filter);
  gtk_filter_changed (self->matches, GTK_FILTER_CHANGE_DIFFERENT);
  review_later (self);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  return lw_run_column_compare ((LwRunColumn)GPOINTER_TO_INT (column), (LwRunItem *)a,
                                (LwRunItem *)b);
}

void
lw_runs_table_sort (LwRunsTable *self, LwRunColumn column, GtkSortType order)
{
  gtk_column_view_sort_by_column (self->view, self->columns[column], order);
}

void
lw_runs_table_select (LwRunsTable *self, LwRunItem *run)
{
  GListModel *rows = lw_runs_table_rows (self);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (LwRunItem) row = g_list_model_get_item (rows, i);

    if (row == run) {
      gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), i, TRUE);
      return;
    }
  }
}

/* The run that all pages show is marked here too. */
static void
follow_selection (LwRunsTable *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (run != NULL)
    lw_runs_table_select (self, run);
}

bool
lw_runs_table_place (LwRunsTable *self, LwRunItem *run, GdkRectangle *ret_place)
{
  GHashTableIter iterator;
  gpointer cell;

  g_hash_table_iter_init (&iterator, self->cells);
  while (g_hash_table_iter_next (&iterator, &cell, NULL)) {
    graphene_rect_t bounds;

    if (g_object_get_data (cell, "run") != run || !GTK_IS_LABEL (cell) ||
        GPOINTER_TO_INT (g_object_get_data (cell, "column")) != LW_RUN_COLUMN_NAME ||
        !gtk_widget_get_mapped (cell) ||
        !gtk_widget_compute_bounds (cell, GTK_WIDGET (self), &bounds) || bounds.origin.y < 0 ||
        bounds.origin.y > (float)gtk_widget_get_height (GTK_WIDGET (self)))
      continue;
    *ret_place = (GdkRectangle){ (int)bounds.origin.x, (int)bounds.origin.y, (int)bounds.size.width,
                                 (int)bounds.size.height };
    return true;
  }
  return false;
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
add_column (LwRunsTable *self, LwRunColumn column)
{
  GtkColumnViewColumn *made = gtk_column_view_column_new (lw_run_column_title (column),
                                                          lw_runs_table_factory (self, column));
  g_autoptr (GtkSorter) sorter =
      GTK_SORTER (gtk_custom_sorter_new (compare, GINT_TO_POINTER (column), NULL));

  if (column != LW_RUN_COLUMN_TICK)
    gtk_column_view_column_set_sorter (made, sorter);
  /* Names get what the others leave, and never less than their width. */
  gtk_column_view_column_set_expand (made, column == LW_RUN_COLUMN_NAME);
  gtk_column_view_column_set_fixed_width (made, lw_run_column_width (column));
  gtk_column_view_column_set_resizable (made, column >= LW_RUN_COLUMN_NAME);
  gtk_column_view_append_column (self->view, made);
  self->columns[column] = made;
  g_object_unref (made); /* the view keeps it */
}

/* Heads stand over the numbers of their column, and are named where a sign is all there is. */
static void
arrange_heads (LwRunsTable *self)
{
  GtkWidget *head = gtk_widget_get_first_child (GTK_WIDGET (self->view));
  int c = 0;

  for (GtkWidget *title = gtk_widget_get_first_child (head); title != NULL && c < LW_N_RUN_COLUMNS;
       title = gtk_widget_get_next_sibling (title), c++) {
    GtkWidget *box = gtk_widget_get_first_child (title);

    if (box != NULL && lw_run_column_is_number ((LwRunColumn)c))
      gtk_widget_set_halign (box, GTK_ALIGN_END);
    gtk_widget_set_tooltip_text (title, lw_run_column_hint ((LwRunColumn)c));
    lw_name_widget (title, c == LW_RUN_COLUMN_TICK   ? _ ("Plotted")
                           : c == LW_RUN_COLUMN_STAR ? _ ("Star")
                                                     : lw_run_column_title ((LwRunColumn)c));
  }
}

/* Words of runs that come and go are listened to for the search and the order. */
static void
items_changed (LwRunsTable *self, guint position, guint removed, guint added)
{
  GListModel *runs = lw_workbench_runs (self->workbench);

  (void)removed;
  for (guint i = position; i < position + added; i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (runs, i);

    g_signal_handlers_disconnect_by_func (run, G_CALLBACK (values_changed), self);
    g_signal_connect_object (run, "notes-changed", G_CALLBACK (values_changed), self,
                             G_CONNECT_SWAPPED);
  }
  review_later (self);
  if (added > 0 && lw_workbench_run (self->workbench) != NULL)
    follow_selection (self);
}

static void
selected (LwRunsTable *self)
{
  g_signal_emit (self, changed_signal, 0);
}

GtkWidget *
lw_runs_table_new (LwWorkbench *workbench, LwRunTicks *ticks)
{
  LwRunsTable *self = g_object_new (LW_TYPE_RUNS_TABLE, NULL);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->workbench = workbench;
  self->ticks = g_object_ref (ticks);
  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  for (int c = 0; c < LW_N_RUN_COLUMNS; c++)
    add_column (self, (LwRunColumn)c);
  self->matches = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  self->filtered = gtk_filter_list_model_new (g_object_ref (lw_workbench_runs (workbench)),
                                              g_object_ref (self->matches));
  self->sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)),
                                          g_object_ref (gtk_column_view_get_sorter (self->view)));
  self->selection = gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->sorted)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  for (GtkWidget *part = gtk_widget_get_first_child (GTK_WIDGET (self->view)); part != NULL;
       part = gtk_widget_get_next_sibling (part))
    lw_name_widget (part, _ ("Runs")); /* its header and its list */
  lw_runs_table_sort (self, LW_RUN_COLUMN_BEST, GTK_SORT_DESCENDING);
  arrange_heads (self);
  self->list = gtk_widget_get_last_child (GTK_WIDGET (self->view));
  /* The header, which GTK lets no key into but calls focusable. */
  gtk_widget_set_focusable (gtk_widget_get_first_child (GTK_WIDGET (self->view)), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "lw-runs");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Runs"), -1);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  self->stop = lw_tab_stop_new (scroller);
  gtk_widget_set_parent (self->stop, GTK_WIDGET (self));
  lw_runs_table_add_input (self);
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed",
                           G_CALLBACK (items_changed), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (values_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (follow_selection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (ticks, "changed", G_CALLBACK (ticks_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selected), self,
                           G_CONNECT_SWAPPED);
  items_changed (self, 0, 0, g_list_model_get_n_items (lw_workbench_runs (workbench)));
  return GTK_WIDGET (self);
}

static void
lw_runs_table_map (GtkWidget *widget)
{
  lw_runs_table_catch_up (LW_RUNS_TABLE (widget));
  GTK_WIDGET_CLASS (lw_runs_table_parent_class)->map (widget);
}

static void
lw_runs_table_dispose (GObject *object)
{
  LwRunsTable *self = LW_RUNS_TABLE (object);

  g_clear_handle_id (&self->review_id, g_source_remove);
  for (GtkWidget *child; (child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL;)
    gtk_widget_unparent (child); /* a popover may still be there */
  g_clear_object (&self->selection);
  g_clear_object (&self->sorted);
  g_clear_object (&self->filtered);
  g_clear_object (&self->matches);
  g_clear_object (&self->ticks);
  G_OBJECT_CLASS (lw_runs_table_parent_class)->dispose (object);
}

static void
lw_runs_table_finalize (GObject *object)
{
  g_hash_table_unref (LW_RUNS_TABLE (object)->cells);
  g_hash_table_unref (LW_RUNS_TABLE (object)->stale);
  g_free (LW_RUNS_TABLE (object)->filter);
  G_OBJECT_CLASS (lw_runs_table_parent_class)->finalize (object);
}

static void
lw_runs_table_class_init (LwRunsTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_runs_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_runs_table_finalize;
  GTK_WIDGET_CLASS (klass)->map = lw_runs_table_map;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_runs_table_init (LwRunsTable *self)
{
  self->cells = g_hash_table_new (NULL, NULL);
  self->stale = g_hash_table_new (NULL, NULL);
  for (int c = 0; c < LW_N_RUN_COLUMNS; c++)
    self->best[c] = NAN;
}
