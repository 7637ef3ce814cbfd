/* The cells of the table of runs: made for the rows in view, filled anew when their run changes. */
#include "ui/accessible.h"
#include "ui/run-swatch.h"
#include "ui/runs-table-private.h"

#include <glib/gi18n.h>
#include <math.h>

static LwRunColumn
column_of (GtkWidget *cell)
{
  return (LwRunColumn)GPOINTER_TO_INT (g_object_get_data (G_OBJECT (cell), "column"));
}

static LwRunsTable *
table_of (GtkWidget *cell)
{
  return g_object_get_data (G_OBJECT (cell), "table");
}

LwRunItem *
lw_runs_table_run_of (GtkWidget *widget)
{
  for (GtkWidget *up = widget; up != NULL && !LW_IS_RUNS_TABLE (up);
       up = gtk_widget_get_parent (up)) {
    GtkWidget *down = up;

    /* Of a row or the room around a cell: its first cell's. */
    for (int depth = 0; down != NULL && depth < 3; depth++) {
      LwRunItem *run = g_object_get_data (G_OBJECT (down), "run");

      if (run != NULL)
        return run;
      down = gtk_widget_get_first_child (down);
    }
    if (GTK_IS_LIST_VIEW (up) || GTK_IS_COLUMN_VIEW (up))
      return NULL;
  }
  return NULL;
}

static void
show_tick (LwRunsTable *table, GtkWidget *cell, LwRunItem *run)
{
  GtkWidget *check = gtk_widget_get_first_child (cell);
  const bool ticked = lw_run_ticks_has (table->ticks, run);
  g_autofree char *name = g_strdup_printf (_ ("Plot %s"), lw_run_item_title (run));

  table->selecting = true;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), ticked);
  table->selecting = false;
  lw_name_widget (check, name);
  lw_run_swatch_show (gtk_widget_get_next_sibling (check), ticked ? lw_run_ticks_colour (run) : -1,
                      lw_run_ticks_dash (run));
}

/* Nothing is set that is so already. */
static void
show_star (GtkWidget *cell, LwRunItem *run)
{
  const bool star = lw_run_item_notes (run)->star;
  const char *icon = star ? "starred-symbolic" : "non-starred-symbolic";
  g_autofree char *name =
      g_strdup_printf (star ? _ ("Take the star from %s") : _ ("Star %s"), lw_run_item_title (run));

  LwFollowedRun *followed = lw_run_item_followed (run);
  g_autofree char *reason = followed != NULL ? lw_followed_run_reason (followed) : NULL;
  const char *tooltip;

  lw_name_widget (cell, name);
  gtk_widget_set_sensitive (cell, followed == NULL);
  tooltip = reason != NULL ? reason : star ? _ ("Take the star away") : _ ("Star");
  if (g_strcmp0 (gtk_widget_get_tooltip_text (cell), tooltip) != 0)
    gtk_widget_set_tooltip_text (cell, tooltip);
  if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (cell)), icon) == 0)
    return;
  gtk_button_set_icon_name (GTK_BUTTON (cell), icon);
  if (star)
    gtk_widget_add_css_class (cell, "lw-starred");
  else
    gtk_widget_remove_css_class (cell, "lw-starred");
}

static bool
is_best (LwRunsTable *table, LwRunColumn column, LwRunItem *run)
{
  return lw_run_column_better (column) != 0 && !isnan (table->best[column]) &&
         lw_run_column_number (column, run) == table->best[column];
}

static void
show_text (LwRunsTable *table, GtkWidget *cell, LwRunItem *run)
{
  const LwRunColumn column = column_of (cell);
  g_autofree char *text = lw_run_column_text (column, run);

  if (!g_str_equal (gtk_label_get_text (GTK_LABEL (cell)), text))
    gtk_label_set_text (GTK_LABEL (cell), text);
  if (is_best (table, column, run))
    gtk_widget_add_css_class (cell, "lw-best");
  else
    gtk_widget_remove_css_class (cell, "lw-best");
  if (column == LW_RUN_COLUMN_STATE) {
    if (lw_run_item_state (run) >= LW_RUN_DIVERGED)
      gtk_widget_add_css_class (cell, "lw-error-text");
    else
      gtk_widget_remove_css_class (cell, "lw-error-text");
  }
}

static void
show_cell (GtkWidget *cell)
{
  LwRunItem *run = g_object_get_data (G_OBJECT (cell), "run");
  GtkWidget *place = gtk_widget_get_parent (cell); /* the column's part of the row */

  if (run == NULL)
    return;
  if (place != NULL && gtk_widget_get_prev_sibling (place) == NULL &&
      gtk_widget_get_parent (place) != NULL)
    lw_name_widget (gtk_widget_get_parent (place), lw_run_item_title (run)); /* the row */
  switch (column_of (cell)) {
  case LW_RUN_COLUMN_TICK:
    show_tick (table_of (cell), cell, run);
    break;
  case LW_RUN_COLUMN_STAR:
    show_star (cell, run);
    break;
  default:
    show_text (table_of (cell), cell, run);
  }
}

/* A run that trains says something in each frame, to a page that may be hidden. Rows out of view
 * are filled too: one that is scrolled in is mapped in the midst of the list's allocation, and a
 * text that is set then asks all cells of its column, the header among them, for another size,
 * which nobody allocates before the frame is painted. */
static void
run_changed (GtkWidget *cell)
{
  LwRunsTable *table = table_of (cell);

  if (gtk_widget_get_mapped (GTK_WIDGET (table)))
    show_cell (cell);
  else
    g_hash_table_add (table->stale, cell);
}

void
lw_runs_table_catch_up (LwRunsTable *self)
{
  GHashTableIter iterator;
  gpointer cell;

  g_hash_table_iter_init (&iterator, self->stale);
  while (g_hash_table_iter_next (&iterator, &cell, NULL))
    show_cell (cell);
  g_hash_table_remove_all (self->stale);
}

void
lw_runs_table_refresh (LwRunsTable *self)
{
  GHashTableIter iterator;
  gpointer cell;

  g_hash_table_iter_init (&iterator, self->cells);
  while (g_hash_table_iter_next (&iterator, &cell, NULL))
    show_cell (cell);
}

static gboolean
query_tooltip (GtkWidget *cell, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  LwRunItem *run = g_object_get_data (G_OBJECT (cell), "run");
  g_autofree char *words = run != NULL ? lw_run_column_exact (column_of (cell), run) : NULL;

  (void)x;
  (void)y;
  (void)keyboard;
  if (words == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, words);
  return TRUE;
}

static void
ticked (GtkCheckButton *check)
{
  GtkWidget *cell = gtk_widget_get_parent (GTK_WIDGET (check));
  LwRunItem *run = g_object_get_data (G_OBJECT (cell), "run");
  LwRunsTable *table = table_of (cell);

  if (run != NULL && !table->selecting)
    lw_run_ticks_set (table->ticks, &run, 1, gtk_check_button_get_active (check));
}

static void
starred (GtkWidget *cell)
{
  LwRunItem *run = g_object_get_data (G_OBJECT (cell), "run");
  LwRunNotes notes;

  if (run == NULL)
    return;
  notes = lw_run_notes_copy (lw_run_item_notes (run));
  notes.star = !notes.star;
  lw_run_item_set_notes (run, &notes);
  lw_run_notes_clear (&notes);
}

/* --- making and filling --------------------------------------------------------------------------
 */

/* The row has the focus, and keys for its tick and star: assistive tools are told the same. */
static void
leave_focus_to_row (GtkWidget *widget)
{
  gtk_widget_set_focusable (widget, FALSE);
  gtk_widget_set_can_focus (widget, FALSE);
}

static GtkWidget *
make_tick (void)
{
  GtkWidget *cell = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *check = gtk_check_button_new ();

  leave_focus_to_row (check);
  gtk_box_append (GTK_BOX (cell), check);
  gtk_box_append (GTK_BOX (cell), lw_run_swatch_new ());
  g_signal_connect (check, "toggled", G_CALLBACK (ticked), NULL);
  return cell;
}

static GtkWidget *
make_star (void)
{
  GtkWidget *cell = gtk_button_new ();

  leave_focus_to_row (cell);
  gtk_widget_set_halign (cell, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (cell, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (cell, "flat");
  gtk_widget_add_css_class (cell, "lw-run-star");
  g_signal_connect (cell, "clicked", G_CALLBACK (starred), NULL);
  return cell;
}

static GtkWidget *
make_text (LwRunColumn column)
{
  GtkWidget *cell = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (cell), lw_run_column_is_number (column) ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (cell), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (cell, "lw-number");
  if (column == LW_RUN_COLUMN_RATE || column == LW_RUN_COLUMN_BATCH ||
      column == LW_RUN_COLUMN_SEED || column == LW_RUN_COLUMN_EPOCH ||
      column >= LW_RUN_COLUMN_OTHERS)
    gtk_widget_add_css_class (cell, "lw-dim");
  gtk_widget_set_has_tooltip (cell, TRUE);
  g_signal_connect (cell, "query-tooltip", G_CALLBACK (query_tooltip), NULL);
  return cell;
}

static void
setup (GtkSignalListItemFactory *factory, GtkListItem *list_item, LwRunsTable *self)
{
  const LwRunColumn column =
      (LwRunColumn)GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), "column"));
  GtkWidget *cell = column == LW_RUN_COLUMN_TICK   ? make_tick ()
                    : column == LW_RUN_COLUMN_STAR ? make_star ()
                                                   : make_text (column);

  g_object_set_data (G_OBJECT (cell), "column", GINT_TO_POINTER (column));
  g_object_set_data (G_OBJECT (cell), "table", self);
  gtk_list_item_set_child (list_item, cell);
}

static void
bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, LwRunsTable *self)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  LwRunItem *run = gtk_list_item_get_item (list_item);

  (void)factory;
  g_object_set_data_full (G_OBJECT (cell), "run", g_object_ref (run), g_object_unref);
  g_hash_table_add (self->cells, cell);
  g_signal_connect_object (run, "synced", G_CALLBACK (run_changed), cell, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notes-changed", G_CALLBACK (run_changed), cell, G_CONNECT_SWAPPED);
  show_cell (cell);
}

static void
unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item, LwRunsTable *self)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  LwRunItem *run = g_object_get_data (G_OBJECT (cell), "run");

  (void)factory;
  g_hash_table_remove (self->cells, cell);
  g_hash_table_remove (self->stale, cell);
  if (run == NULL)
    return;
  g_signal_handlers_disconnect_by_func (run, G_CALLBACK (run_changed), cell);
  g_object_set_data (G_OBJECT (cell), "run", NULL);
}

GtkListItemFactory *
lw_runs_table_factory (LwRunsTable *self, LwRunColumn column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_object_set_data (G_OBJECT (factory), "column", GINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", G_CALLBACK (setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind), self);
  return factory;
}
