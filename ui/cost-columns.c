/* The columns of the cost table: their titles and how wide they are. */
#include "ui/cost-row.h"

#include <glib/gi18n.h>

const char *
lw_cost_column_title (LwCostColumn column, LwCount count)
{
  static const char *const titles[LW_N_COLUMNS] = {
    [LW_COLUMN_LAYER] = N_ ("Layer"),      [LW_COLUMN_OUTPUT] = N_ ("Output"),
    [LW_COLUMN_WINDOW] = N_ ("Window"),    [LW_COLUMN_FIELD] = N_ ("Field"),
    [LW_COLUMN_MEMORY] = N_ ("Memory"),    [LW_COLUMN_PARAMETERS] = N_ ("Parameters"),
    [LW_COLUMN_VALUE] = N_ ("Operations"),
  };

  if (column == LW_COLUMN_VALUE && count == LW_COUNT_MACS)
    return _ ("MACs");
  if (column == LW_COLUMN_VALUE && count == LW_COUNT_FLOPS)
    return _ ("FLOPs");
  return _ (titles[column]);
}

static int
text_width (PangoLayout *layout, const char *text)
{
  int width;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

/* Digits are equally wide, so the widest of a column's texts is its longest. */
static void
take_longest (char **longest, char *text)
{
  if (*longest == NULL || g_utf8_strlen (text, -1) > g_utf8_strlen (*longest, -1)) {
    g_free (*longest);
    *longest = text;
  } else {
    g_free (text);
  }
}

/* The longest texts of the columns that no total bounds. */
static void
find_longest (const LwCostColumns *columns, char *longest[LW_N_COLUMNS])
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (columns->graph); id++) {
    const LwNode *node = lw_graph_node (columns->graph, id);

    take_longest (&longest[LW_COLUMN_OUTPUT], lw_shape_to_string (node->shape));
    take_longest (&longest[LW_COLUMN_WINDOW],
                  g_strdup_printf ("%d×%d, %d, %d", node->window.kernel, node->window.kernel,
                                   node->window.stride, node->window.padding));
  }
  longest[LW_COLUMN_FIELD] = g_strdup ("0000");
  longest[LW_COLUMN_MEMORY] = g_strdup ("00.0 MiB");
  longest[LW_COLUMN_PARAMETERS] = lw_format_exact (columns->parameters);
  longest[LW_COLUMN_VALUE] = lw_format_exact (columns->value);
}

void
lw_cost_columns_measure (LwCostColumns *columns, GtkWidget *widget)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  g_autoptr (PangoLayout) head = gtk_widget_create_pango_layout (widget, NULL);
  g_autoptr (PangoAttrList) digits = pango_attr_list_new (), bold = pango_attr_list_new ();
  char *longest[LW_N_COLUMNS] = { NULL };

  pango_attr_list_insert (digits, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, digits);
  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (head, bold);
  find_longest (columns, longest);
  for (int i = LW_COLUMN_OUTPUT; i < LW_N_COLUMNS; i++) {
    const char *title = lw_cost_column_title ((LwCostColumn)i, columns->rows.count);

    columns->widths[i] = MAX (text_width (layout, longest[i]), text_width (head, title)) + 4;
    g_free (longest[i]);
  }
}
