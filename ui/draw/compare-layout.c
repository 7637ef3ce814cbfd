#include "ui/draw/compare-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

static const char *
keep (LwCompareLayout *layout, char *string)
{
  const char *kept = g_string_chunk_insert_const (layout->strings, string);
  g_free (string);
  return kept;
}

/* --- words that fit ----------------------------------------------------------------------------
 */

static double
line_width (const LwCompareLayout *layout, const LwCompareBox *box, LwTextStyle style,
            const char *left, const char *right)
{
  const double indent = style == LW_TEXT_NAME && box->folds ? LW_COMPARE_CHEVRON : 0;
  const double b = lw_text_width (layout->text, LW_TEXT_DETAIL, right);
  return LW_COMPARE_PAD_LEFT + indent + lw_text_width (layout->text, style, left) +
         (b > 0 ? LW_COMPARE_PAD + b : 0) + LW_COMPARE_PAD;
}

static bool
fits (const LwCompareLayout *layout, const LwCompareBox *box, LwTextStyle style, const char *left,
      const char *right)
{
  return line_width (layout, box, style, left, right) <= layout->box_width + 1e-6;
}

/* A title in few words, and what that leaves out: "conv 1" and "batch norm, sigmoid"; of a block
 * its own name without its stage's. */
static char *
short_title (const LwCompareCell *cell, const char **ret_rest)
{
  const char *comma = strstr (cell->title, ", ");
  *ret_rest = NULL;
  if (comma == NULL)
    return g_strdup (cell->title);
  if (cell->block >= 0)
    return g_strdup (comma + 2);
  *ret_rest = comma + 2;
  return g_strndup (cell->title, (gsize)(comma - cell->title));
}

/* Window and costs where there is room; else the window takes the costs' place, or what the name
 * leaves out does. */
static void
fit_words (LwCompareLayout *layout, LwCompareBox *box, const LwCompareCell *cell)
{
  g_autofree char *number = lw_format_short ((double)cell->cost.parameters);
  g_autofree char *macs = lw_format_short ((double)cell->cost.macs);
  const bool has = cell->cost.parameters > 0;
  const char *parameters =
      has ? keep (layout, g_strdup_printf (_ ("%s params"), number)) : _ ("no parameters");
  const char *count =
      cell->cost.macs > 0 ? keep (layout, g_strdup_printf (_ ("%s MACs"), macs)) : NULL;
  const char *detail = *cell->detail != '\0' ? cell->detail : NULL;
  const char *rest = NULL;
  box->name = cell->title;
  if (!fits (layout, box, LW_TEXT_NAME, box->name, NULL))
    box->name = keep (layout, short_title (cell, &rest));
  if (rest != NULL) {
    box->detail = fits (layout, box, LW_TEXT_NAME, box->name, detail) ? detail : NULL;
    box->left = fits (layout, box, LW_TEXT_DETAIL, rest, NULL) ? rest : parameters;
    return;
  }
  if (detail == NULL || fits (layout, box, LW_TEXT_NAME, box->name, detail)) {
    box->detail = detail;
    box->left = parameters;
    box->right = count;
    if (!fits (layout, box, LW_TEXT_DETAIL, parameters, count))
      box->right = NULL;
    return;
  }
  box->left = detail;
  box->right = has ? parameters : NULL;
  if (!fits (layout, box, LW_TEXT_DETAIL, detail, box->right))
    box->right = has ? keep (layout, g_strdup (number)) : NULL;
  if (!fits (layout, box, LW_TEXT_DETAIL, detail, box->right))
    box->right = NULL;
  if (!fits (layout, box, LW_TEXT_DETAIL, detail, NULL))
    box->left = parameters;
}

/* What the names of all boxes need. */
static double
least_width (LwCompareLayout *layout)
{
  double least = LW_COMPARE_BOX_LEAST;
  for (int i = 0; i < lw_comparison_n_rows (layout->comparison); i++)
    for (int k = 0; k < layout->n; k++) {
      const LwCompareCell *cell = &lw_comparison_row (layout->comparison, i)->cells[k];
      const LwCompareBox box = { .folds = cell->block >= 0 };
      const char *rest;
      if (cell->title == NULL)
        continue;
      g_autofree char *name = short_title (cell, &rest);
      least = fmax (least, line_width (layout, &box, LW_TEXT_NAME, name, NULL));
    }
  return ceil (least);
}

/* --- boxes -------------------------------------------------------------------------------------
 */

/* A layer of an open block: convolutions, pooling, normalization; activations only where the titles
 * name them too. */
static bool
is_part (const LwCompareLayout *layout, const LwNode *node)
{
  const LwKind kind = lw_op_info (node->op)->kind;
  if (kind == LW_KIND_ACTIVATION)
    return node->op != lw_comparison_hidden_activation (layout->comparison);
  return node->op != LW_OP_FLATTEN;
}

static void
add_part (LwCompareLayout *layout, LwCompareBox *box, const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwOpInfo *op = lw_op_info (node->op);
  const LwCost cost = lw_node_cost (graph, id);
  LwComparePart part = { .node = id, .kind = op->kind };
  part.rect = (cairo_rectangle_t){ box->rect.x, box->rect.y + box->rect.height, box->rect.width,
                                   LW_COMPARE_PART };
  part.title = op->label;
  if (node->window.kernel > 0)
    part.title = keep (
        layout,
        g_strdup_printf (node->window.stride > 1 ? _ ("%s %d×%d, stride %d") : "%s %d×%d",
                         op->label, node->window.kernel, node->window.kernel, node->window.stride));
  if (cost.parameters > 0) {
    g_autofree char *number = lw_format_short ((double)cost.parameters);
    part.value = keep (layout, g_strdup_printf (_ ("%s params"), number));
  }
  if (!fits (layout, box, LW_TEXT_DETAIL, part.title, part.value))
    part.value = NULL;
  box->rect.height += LW_COMPARE_PART;
  box->n_parts++;
  g_array_append_val (layout->parts, part);
}

static char *
shape_words (LwShape shape)
{
  if (shape.flat)
    return g_strdup_printf ("%d", shape.c);
  return g_strdup_printf ("%d × %d × %d", shape.c, shape.h, shape.w);
}

static double
column_x (const LwCompareLayout *layout, int column)
{
  return layout->first_x + column * (layout->box_width + layout->gap);
}

static void
add_pill (LwCompareLayout *layout, LwCompareBox *box, const LwCompareCell *cell)
{
  g_autofree char *shape = shape_words (cell->output);
  box->pill = true;
  box->name = keep (layout, g_strdup_printf (_ ("Input %s"), shape));
  if (lw_text_width (layout->text, LW_TEXT_NAME, box->name) + 20 > layout->box_width)
    box->name = keep (layout, g_strdup (shape));
  const double words = lw_text_width (layout->text, LW_TEXT_NAME, box->name);
  const double width = fmin (words + 50, layout->box_width);
  box->rect.x += (layout->box_width - width) / 2;
  box->rect.width = width;
  box->rect.height = LW_COMPARE_PILL;
}

static double
add_box (LwCompareLayout *layout, int row, int column, const LwCompareCell *cell, double y,
         bool open)
{
  LwCompareBox box = {
    .row = row, .column = column, .folds = cell->block >= 0, .first_part = (int)layout->parts->len
  };
  box.rect =
      (cairo_rectangle_t){ column_x (layout, column), y, layout->box_width, LW_COMPARE_BOX_HEIGHT };
  if (lw_comparison_row (layout->comparison, row)->role == LW_UNIT_INPUT)
    add_pill (layout, &box, cell);
  else
    fit_words (layout, &box, cell);
  box.body = box.rect;
  box.open = open && box.folds;
  if (box.open) {
    const LwGraph *graph = lw_comparison_graph (layout->comparison, column);
    for (LwNodeId i = cell->first; i <= cell->last; i++)
      if (is_part (layout, lw_graph_node (graph, i)))
        add_part (layout, &box, graph, i);
  }
  g_array_append_val (layout->boxes, box);
  return box.rect.height;
}

static void
add_marks (LwCompareLayout *layout, int row, double y, double height)
{
  const bool input = lw_comparison_row (layout->comparison, row)->role == LW_UNIT_INPUT;
  for (int k = 0; k + 1 < layout->n; k++) {
    LwCompareMark mark = { .row = row, .left = k };
    mark.sign = lw_comparison_sign (layout->comparison, row, k, k + 1);
    mark.x = column_x (layout, k + 1) - layout->gap / 2;
    mark.y = y + height / 2;
    if (mark.sign != LW_SIGN_NONE && !(input && mark.sign == LW_SIGN_SAME))
      g_array_append_val (layout->marks, mark);
  }
}

/* From each box to the next of its column, whatever rows lie between. */
static void
add_edges (LwCompareLayout *layout)
{
  for (int k = 0; k < layout->n; k++) {
    const LwCompareBox *from = NULL;
    const LwGraph *graph = lw_comparison_graph (layout->comparison, k);
    for (guint i = 0; i <= layout->boxes->len; i++) {
      const bool end = i == layout->boxes->len;
      const LwCompareBox *box = end ? NULL : &g_array_index (layout->boxes, LwCompareBox, i);
      if (!end && box->column != k)
        continue;
      if (from != NULL) {
        const LwCompareCell *cell = &lw_comparison_row (layout->comparison, from->row)->cells[k];
        LwCompareEdge edge = { .column = k,
                               .x = column_x (layout, k) + layout->box_width / 2,
                               .top = from->rect.y + from->rect.height };
        edge.bottom = end ? edge.top + LW_COMPARE_GAP : box->rect.y;
        if (end)
          edge.label = keep (layout, g_strdup_printf (ngettext ("%d class", "%d classes",
                                                                (gulong)lw_graph_classes (graph)),
                                                      lw_graph_classes (graph)));
        else if (!from->pill)
          edge.label = keep (layout, shape_words (cell->output));
        edge.label_x = edge.x + 9;
        edge.label_y = edge.top + LW_COMPARE_GAP / 2;
        layout->end[k] = edge.bottom;
        g_array_append_val (layout->edges, edge);
      }
      from = box;
    }
  }
}

/* --- the whole ---------------------------------------------------------------------------------
 */

LwCompareLayout *
lw_compare_layout_new (const LwComparison *comparison, LwText *text, double width, const bool *open)
{
  static const double gaps[] = { 0, 0, 86, 62, 48 };
  LwCompareLayout *layout = g_new0 (LwCompareLayout, 1);
  layout->comparison = comparison;
  layout->text = text;
  layout->n = lw_comparison_n_graphs (comparison);
  layout->strings = g_string_chunk_new (2048);
  layout->boxes = g_array_new (FALSE, FALSE, sizeof (LwCompareBox));
  layout->parts = g_array_new (FALSE, FALSE, sizeof (LwComparePart));
  layout->marks = g_array_new (FALSE, FALSE, sizeof (LwCompareMark));
  layout->edges = g_array_new (FALSE, FALSE, sizeof (LwCompareEdge));
  layout->bands = g_array_new (FALSE, FALSE, sizeof (LwCompareBand));
  layout->gap = gaps[layout->n];

  const double margin = layout->n == 2 ? LW_COMPARE_EDGE : LW_COMPARE_EDGE / 2;
  const double gaps_width = (layout->n - 1) * layout->gap;
  const double room = floor ((width - 2 * margin - gaps_width) / layout->n);
  layout->box_width = MAX (MIN (room, LW_COMPARE_BOX_WIDTH), least_width (layout));
  const double needed = layout->n * layout->box_width + gaps_width + 2 * margin;
  layout->width = MAX (needed, width);
  layout->first_x = margin + floor ((layout->width - needed) / 2);

  double y = LW_COMPARE_TOP;
  for (int i = 0; i < lw_comparison_n_rows (comparison); i++) {
    const LwCompareRow *row = lw_comparison_row (comparison, i);
    double height = 0, first = LW_COMPARE_BOX_HEIGHT;
    for (int k = 0; k < layout->n; k++) {
      const bool has = row->cells[k].title != NULL;
      const double one =
          has ? add_box (layout, i, k, &row->cells[k], y, open != NULL && open[i]) : 0;
      height = MAX (height, one);
    }
    first = MIN (first, height);
    const LwCompareBand band = { lw_comparison_row_sign (comparison, i), y - LW_COMPARE_BAND_OUT,
                                 height + 2 * LW_COMPARE_BAND_OUT };
    g_array_append_val (layout->bands, band);
    add_marks (layout, i, y, first);
    y += height + LW_COMPARE_GAP;
  }
  layout->height = y + 2 * LW_COMPARE_BAND_OUT;
  add_edges (layout);
  return layout;
}

void
lw_compare_layout_free (LwCompareLayout *layout)
{
  g_array_unref (layout->boxes);
  g_array_unref (layout->parts);
  g_array_unref (layout->marks);
  g_array_unref (layout->edges);
  g_array_unref (layout->bands);
  g_string_chunk_free (layout->strings);
  g_free (layout);
}

void
lw_compare_layout_size (const LwCompareLayout *layout, double *ret_width, double *ret_height)
{
  *ret_width = layout->width;
  *ret_height = layout->height;
}

void
lw_compare_layout_column (const LwCompareLayout *layout, int column, double *ret_x,
                          double *ret_width)
{
  *ret_x = column_x (layout, column);
  *ret_width = layout->box_width;
}

double
lw_compare_layout_end (const LwCompareLayout *layout, int column)
{
  return layout->end[column];
}

#define ARRAY(name, field, type)                                                                   \
  const type *lw_compare_layout_##name (const LwCompareLayout *layout, int *ret_n)                 \
  {                                                                                                \
    *ret_n = (int)layout->field->len;                                                              \
    return (const type *)(const void *)layout->field->data;                                        \
  }

ARRAY (boxes, boxes, LwCompareBox)
ARRAY (parts, parts, LwComparePart)
ARRAY (marks, marks, LwCompareMark)
ARRAY (edges, edges, LwCompareEdge)
ARRAY (bands, bands, LwCompareBand)

int
lw_compare_layout_hit (const LwCompareLayout *layout, const double *shift, double x, double y,
                       bool *ret_chevron)
{
  int column =
      (int)floor ((x - layout->first_x + layout->gap / 2) / (layout->box_width + layout->gap));
  if (ret_chevron != NULL)
    *ret_chevron = false;
  column = CLAMP (column, 0, layout->n - 1);
  if (x < LW_COMPARE_BAND_INSET || x > layout->width - LW_COMPARE_BAND_INSET)
    return -1;
  if (shift != NULL)
    y -= shift[column];
  for (guint i = 0; i < layout->boxes->len && ret_chevron != NULL; i++) {
    const LwCompareBox *box = &g_array_index (layout->boxes, LwCompareBox, i);
    const double left = x - box->body.x, top = y - box->body.y;
    if (box->column == column && box->folds && left >= 0 &&
        left <= LW_COMPARE_PAD_LEFT + LW_COMPARE_CHEVRON && top >= 0 && top <= 24)
      *ret_chevron = true;
  }
  for (guint i = 0; i < layout->bands->len; i++) {
    const LwCompareBand *band = &g_array_index (layout->bands, LwCompareBand, i);
    if (y >= band->y && y < band->y + band->height)
      return (int)i;
  }
  return -1;
}

/* --- in words ----------------------------------------------------------------------------------
 */

char *
lw_compare_sign_words (LwCompareSign sign, const char *first, const char *second)
{
  switch (sign) {
  case LW_SIGN_SAME:
    return g_strdup (_ ("same"));
  case LW_SIGN_CHANGED:
    return g_strdup (_ ("changed"));
  case LW_SIGN_REMOVED:
    return g_strdup_printf (_ ("only in %s"), first);
  case LW_SIGN_ADDED:
    return g_strdup_printf (_ ("only in %s"), second);
  default:
    return g_strdup ("");
  }
}

/* Signs are read as words: "11×11" is "11 by 11". */
static char *
spoken (const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, "×", -1);
  for (int i = 0; parts[i] != NULL; i++)
    g_strstrip (parts[i]);
  g_autofree char *by = g_strjoinv (_ (" by "), parts);
  g_auto (GStrv) arrows = g_strsplit (by, "→", -1);
  for (int i = 0; arrows[i] != NULL; i++)
    g_strstrip (arrows[i]);
  return g_strjoinv (_ (" to "), arrows);
}

char *
lw_compare_describe (const LwComparison *comparison, const char *const *titles, int row)
{
  if (row < 0 || row >= lw_comparison_n_rows (comparison))
    return g_strdup ("");
  const LwCompareRow *info = lw_comparison_row (comparison, row);
  const LwCompareSign sign = lw_comparison_row_sign (comparison, row);
  GString *cells = g_string_new (NULL);
  const char *name = NULL;
  for (int k = 0; k < lw_comparison_n_graphs (comparison); k++) {
    const LwCompareCell *cell = &info->cells[k];
    if (cell->title == NULL)
      continue;
    name = name != NULL ? name : cell->title;
    g_autofree char *detail = spoken (cell->detail);
    g_autofree char *number = lw_format_short ((double)cell->cost.parameters);
    g_string_append_printf (cells, "%s%s %s%s%s, ", cells->len > 0 ? "; " : "", titles[k],
                            cell->title, *detail != '\0' ? ", " : "", detail);
    if (cell->cost.parameters > 0)
      g_string_append_printf (cells, _ ("%s parameters"), number);
    else
      g_string_append (cells, _ ("no parameters"));
  }
  g_autofree char *pair = lw_compare_sign_words (sign, titles[0], titles[1]);
  const bool alone = sign == LW_SIGN_REMOVED || sign == LW_SIGN_ADDED;
  const bool of_two = lw_comparison_n_graphs (comparison) == 2;
  char *all =
      g_strdup_printf ("%s, %s: %s", name, alone && !of_two ? _ ("not in all") : pair, cells->str);
  g_string_free (cells, TRUE);
  return all;
}
