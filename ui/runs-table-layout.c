/* How the table of runs was left, as a line of text: its order, where columns stand that were
 * moved, and the widths that were given,
 * "sort=best:descending;order=tick,note,star,…;width.name=240". */
#include "ui/runs-table-private.h"

#include <string.h>

#define LEAST_WIDTH 20
#define MOST_WIDTH  4000

/* Words of the file: they stay what they are when columns come in between. */
static const char *const words[LW_N_RUN_COLUMNS] = {
  [LW_RUN_COLUMN_TICK] = "tick",
  [LW_RUN_COLUMN_STAR] = "star",
  [LW_RUN_COLUMN_NAME] = "name",
  [LW_RUN_COLUMN_RATE] = "rate",
  [LW_RUN_COLUMN_BATCH] = "batch",
  [LW_RUN_COLUMN_SEED] = "seed",
  [LW_RUN_COLUMN_PARAMETERS] = "parameters",
  [LW_RUN_COLUMN_MACS] = "macs",
  [LW_RUN_COLUMN_BEST] = "best",
  [LW_RUN_COLUMN_EPOCH] = "epoch",
  [LW_RUN_COLUMN_LAST] = "last",
  [LW_RUN_COLUMN_TIME] = "time",
  [LW_RUN_COLUMN_SPEED] = "speed",
  [LW_RUN_COLUMN_MEMORY] = "memory",
  [LW_RUN_COLUMN_OTHERS] = "others",
  [LW_RUN_COLUMN_STATE] = "state",
  [LW_RUN_COLUMN_DATE] = "date",
  [LW_RUN_COLUMN_NOTE] = "note",
};
static const char *const orders[] = {
  [GTK_SORT_ASCENDING] = "ascending", [GTK_SORT_DESCENDING] = "descending"
};

static int
find_column (const char *word)
{
  for (int c = 0; c < LW_N_RUN_COLUMNS; c++)
    if (g_str_equal (words[c], word))
      return c;
  return -1;
}

/* --- what it is ----------------------------------------------------------------------------------
 */

/* The column at a place of the view: heads can be dragged to another. */
static int
column_at (LwRunsTable *self, guint place)
{
  g_autoptr (GtkColumnViewColumn) column =
      g_list_model_get_item (gtk_column_view_get_columns (self->view), place);
  int c = 0;

  while (c < LW_N_RUN_COLUMNS && self->columns[c] != column)
    c++;
  return c;
}

/* GTK 4.8 does not tell by which column a view is sorted, but its heads show it: the arrow of that
 * one has the style class "ascending" or "descending". */
static bool
find_arrow (GtkWidget *widget, GtkSortType *ret_order)
{
  for (int order = 0; order < 2; order++)
    if (gtk_widget_has_css_class (widget, orders[order])) {
      *ret_order = (GtkSortType)order;
      return true;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (find_arrow (child, ret_order))
      return true;
  return false;
}

static void
append_sort (LwRunsTable *self, GString *text)
{
  GtkWidget *head = gtk_widget_get_first_child (GTK_WIDGET (self->view));
  guint place = 0;

  for (GtkWidget *title = gtk_widget_get_first_child (head);
       title != NULL && place < LW_N_RUN_COLUMNS;
       title = gtk_widget_get_next_sibling (title), place++) {
    const int c = column_at (self, place);
    GtkSortType order;

    if (c < LW_N_RUN_COLUMNS && find_arrow (title, &order)) {
      g_string_append_printf (text, "sort=%s:%s", words[c], orders[order]);
      return;
    }
  }
}

static void
append_order (LwRunsTable *self, GString *text)
{
  bool moved = false;

  for (int place = 0; place < LW_N_RUN_COLUMNS; place++)
    moved = moved || column_at (self, (guint)place) != place;
  for (int place = 0; moved && place < LW_N_RUN_COLUMNS; place++)
    g_string_append_printf (text, "%s%s", place == 0 ? ";order=" : ",",
                            words[column_at (self, (guint)place)]);
}

char *
lw_runs_table_save (LwRunsTable *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_sort (self, text);
  append_order (self, text);
  for (int c = LW_RUN_COLUMN_NAME; c < LW_N_RUN_COLUMNS; c++) {
    const int width = gtk_column_view_column_get_fixed_width (self->columns[c]);

    if (width > 0 && width != lw_run_column_width ((LwRunColumn)c))
      g_string_append_printf (text, ";width.%s=%d", words[c], width);
  }
  if (self->only_differs)
    g_string_append (text, ";differ");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- what it was ---------------------------------------------------------------------------------
 */

static void
take_sort (LwRunsTable *self, const char *column, const char *order)
{
  const int c = find_column (column);

  for (int i = 0; order != NULL && c > LW_RUN_COLUMN_TICK && i < 2; i++)
    if (g_str_equal (order, orders[i]))
      lw_runs_table_sort (self, (LwRunColumn)c, (GtkSortType)i);
}

static void
take_order (LwRunsTable *self, const char *list)
{
  g_auto (GStrv) names = g_strsplit (list, ",", LW_N_RUN_COLUMNS + 1);
  unsigned seen = 0;

  for (guint i = 0; names[i] != NULL && i < LW_N_RUN_COLUMNS; i++) {
    const int c = find_column (names[i]);

    if (c < 0 || (seen & 1u << c) != 0)
      return; /* the columns that it does not name stay behind those that it does */
    seen |= 1u << c;
    gtk_column_view_insert_column (self->view, i, self->columns[c]);
  }
}

static void
take_width (LwRunsTable *self, const char *column, const char *text)
{
  const int c = find_column (column);
  gint64 width;

  if (c >= LW_RUN_COLUMN_NAME && text != NULL &&
      g_ascii_string_to_signed (text, 10, LEAST_WIDTH, MOST_WIDTH, &width, NULL))
    gtk_column_view_column_set_fixed_width (self->columns[c], (int)width);
}

void
lw_runs_table_restore (LwRunsTable *self, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ";", 2 * LW_N_RUN_COLUMNS);

  for (int i = 0; parts[i] != NULL; i++) {
    g_auto (GStrv) part = g_strsplit_set (parts[i], "=:", 3);

    if (part[0] == NULL)
      continue;
    if (g_str_equal (part[0], "differ"))
      lw_runs_table_set_only_differs (self, true);
    else if (part[1] != NULL && g_str_equal (part[0], "sort"))
      take_sort (self, part[1], part[2]);
    else if (part[1] != NULL && g_str_equal (part[0], "order"))
      take_order (self, part[1]);
    else if (g_str_has_prefix (part[0], "width."))
      take_width (self, part[0] + strlen ("width."), part[1]);
  }
}
