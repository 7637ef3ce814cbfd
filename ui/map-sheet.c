#include "ui/map-sheet.h"

#include "ui/draw/ticks.h"
#include "ui/image-tile.h"

#include <glib/gi18n.h>
#include <math.h>

#define GAP 10.0

void
lw_map_sheet_clear (LwMapSheet *sheet)
{
  sheet->kind = LW_SHEET_NONE;
  sheet->n = 0;
  g_clear_pointer (&sheet->names, g_strfreev);
}

/* --- filling -------------------------------------------------------------------------------------
 */

/* The output layer's units are the classes. */
static char **
class_names (LwWorkbench *workbench, LwNodeId layer, int n)
{
  LwDataset *dataset = lw_workbench_dataset (workbench);
  char **names;

  if (dataset == NULL || layer != lw_graph_output (lw_workbench_graph (workbench)) ||
      n != lw_dataset_classes (dataset))
    return NULL;
  names = g_new0 (char *, n + 1);
  for (int i = 0; i < n; i++)
    names[i] = g_strdup (_ (lw_dataset_class_name (dataset, i)));
  return names;
}

static void
fill_values (LwMapSheet *sheet, LwWorkbench *workbench, LwActivationSource *source,
             const LwSheetLook *look)
{
  LwShape shape;
  const float *values = lw_activation_source_values (source, &shape);

  if (values == NULL)
    return;
  sheet->scale = lw_scale_chosen (values, (size_t)lw_shape_size (shape), look->colours);
  sheet->n = shape.c;
  if (shape.h == 1 && shape.w == 1) {
    sheet->kind = LW_SHEET_UNITS;
    sheet->names = class_names (workbench, lw_activation_source_layer (source), shape.c);
    sheet->units = (LwUnitBars){ .values = values,
                                 .n = shape.c,
                                 .names = (const char *const *)sheet->names,
                                 .scale = sheet->scale };
    return;
  }
  sheet->kind = LW_SHEET_MAPS;
  sheet->maps = (LwTileGrid){ .values = values,
                              .n = shape.c,
                              .rows = shape.h,
                              .columns = shape.w,
                              .scale = sheet->scale,
                              .scale_each = look->scale_each,
                              .colours = look->colours,
                              .gap = GAP,
                              .caption = LW_CAPTION_MEAN };
}

/* Behind a flatten a linear layer's weights lie over maps. */
static LwShape
shape_read (LwGraph *graph, const LwNode *node)
{
  const LwNode *from = lw_graph_node (graph, node->inputs[0]);

  while (from->n_inputs == 1 && (from->op == LW_OP_FLATTEN || from->op == LW_OP_DROPOUT))
    from = lw_graph_node (graph, from->inputs[0]);
  return from->shape;
}

LwNodeId
lw_map_sheet_filters_of (LwGraph *graph, LwNodeId layer)
{
  while (layer != LW_NO_NODE) {
    const LwNode *node = lw_graph_node (graph, layer);

    if (node->op == LW_OP_CONV2D || node->op == LW_OP_LINEAR)
      return layer;
    layer = node->n_inputs == 1 ? node->inputs[0] : LW_NO_NODE;
  }
  return LW_NO_NODE;
}

static void
fill_filters (LwMapSheet *sheet, LwWorkbench *workbench, LwActivationSource *source,
              const LwSheetLook *look)
{
  LwGraph *graph = lw_workbench_graph (workbench);
  const LwNodeId layer = lw_map_sheet_filters_of (graph, lw_activation_source_layer (source));
  const float *values = lw_activation_source_tensor (source, LW_ROLE_WEIGHT);
  LwKernelGrid *kernels = &sheet->kernels;
  const LwNode *node;
  LwShape read;

  if (values == NULL || layer == LW_NO_NODE)
    return;
  node = lw_graph_node (graph, layer);
  read = shape_read (graph, node);
  *kernels = (LwKernelGrid){ .values = values, .outputs = node->shape.c, .gap = 3 };
  if (node->op == LW_OP_CONV2D) {
    kernels->inputs = read.c;
    kernels->rows = kernels->columns = node->window.kernel;
    kernels->colours = read.c == 3 && lw_graph_node (graph, node->inputs[0])->op == LW_OP_INPUT &&
                       node->window.kernel > 1;
  } else {
    kernels->inputs = read.c;
    kernels->rows = read.h;
    kernels->columns = read.w;
  }
  if (lw_kernel_grid_is_row (kernels))
    kernels->gap = GAP;
  sheet->kind = LW_SHEET_KERNELS;
  sheet->n = kernels->outputs;
  sheet->scale = lw_scale_chosen (values,
                                  (size_t)kernels->outputs * (size_t)kernels->inputs *
                                      (size_t)kernels->rows * (size_t)kernels->columns,
                                  look->colours);
  kernels->scale = sheet->scale;
}

void
lw_map_sheet_fill (LwMapSheet *sheet, LwWorkbench *workbench, LwActivationSource *source,
                   const LwSheetLook *look)
{
  const LwNodeId layer = lw_activation_source_layer (source);

  lw_map_sheet_clear (sheet);
  if (layer == LW_NO_NODE || layer >= lw_graph_n_nodes (lw_workbench_graph (workbench)))
    return;
  if (look->filters)
    fill_filters (sheet, workbench, source, look);
  else
    fill_values (sheet, workbench, source, look);
  if (sheet->kind != LW_SHEET_NONE)
    lw_map_sheet_choose (sheet, sheet->chosen, sheet->input);
}

void
lw_map_sheet_choose (LwMapSheet *sheet, int chosen, int input)
{
  const bool matrix = sheet->kind == LW_SHEET_KERNELS && !lw_kernel_grid_is_row (&sheet->kernels);

  sheet->chosen = CLAMP (chosen, 0, MAX (sheet->n - 1, 0));
  sheet->input = matrix ? CLAMP (input, 0, sheet->kernels.inputs - 1) : 0;
  sheet->maps.selected = sheet->units.selected = sheet->kernels.output = sheet->chosen;
  sheet->kernels.input = sheet->input;
}

LwTile
lw_map_sheet_tile (const LwMapSheet *sheet)
{
  LwTile tile = { 0 };

  switch (sheet->kind) {
  case LW_SHEET_MAPS:
    return lw_tile_grid_tile (&sheet->maps, sheet->chosen);
  case LW_SHEET_UNITS:
    tile = (LwTile){
      .kind = LW_TILE_MAP, .values = sheet->units.values, .count = sheet->n, .scale = sheet->scale
    };
    lw_tile_fold (sheet->n, &tile.rows, &tile.columns);
    break;
  case LW_SHEET_KERNELS:
    return lw_kernel_grid_tile (&sheet->kernels, sheet->chosen, sheet->input);
  case LW_SHEET_NONE:
    break;
  }
  return tile;
}

/* --- places and painting -------------------------------------------------------------------------
 */

/* Few maps are shown larger: two, three or four in a row. */
void
lw_map_sheet_fit (LwMapSheet *sheet, double width)
{
  const int columns = sheet->n <= 6 ? 2 : sheet->n <= 12 ? 3 : 4;

  sheet->maps.side = MAX (LW_SHEET_TILE, floor ((width - (columns - 1) * GAP) / MAX (columns, 1)));
  sheet->kernels.side =
      sheet->kind == LW_SHEET_KERNELS ? lw_kernel_grid_side (&sheet->kernels, width) : 0;
}

void
lw_map_sheet_size (const LwMapSheet *sheet, double width, double *ret_width, double *ret_height)
{
  *ret_width = *ret_height = 0;
  switch (sheet->kind) {
  case LW_SHEET_MAPS:
    *ret_height = lw_tile_grid_height (&sheet->maps, width);
    break;
  case LW_SHEET_UNITS:
    *ret_height = lw_unit_bars_height (&sheet->units);
    break;
  case LW_SHEET_KERNELS:
    lw_kernel_grid_size (&sheet->kernels, width, ret_width, ret_height);
    if (lw_kernel_grid_is_row (&sheet->kernels))
      *ret_width = 0;
    break;
  case LW_SHEET_NONE:
    break;
  }
}

bool
lw_map_sheet_at (const LwMapSheet *sheet, double width, double x, double y, int *ret_chosen,
                 int *ret_input)
{
  int found = -1;

  *ret_input = 0;
  if (sheet->kind == LW_SHEET_MAPS)
    found = lw_tile_grid_at (&sheet->maps, width, x, y);
  else if (sheet->kind == LW_SHEET_UNITS)
    found = lw_unit_bars_at (&sheet->units, y);
  else if (sheet->kind == LW_SHEET_KERNELS &&
           !lw_kernel_grid_at (&sheet->kernels, width, x, y, &found, ret_input))
    found = -1;
  *ret_chosen = found;
  return found >= 0;
}

void
lw_map_sheet_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwMapSheet *sheet,
                    double width, cairo_rectangle_t view)
{
  cairo_save (cr);
  cairo_rectangle (cr, view.x - 6, view.y - 6, view.width + 12, view.height + 12);
  cairo_clip (cr);
  if (sheet->kind == LW_SHEET_MAPS)
    lw_tile_grid_paint (cr, theme, text, &sheet->maps, 0, 0, width);
  else if (sheet->kind == LW_SHEET_UNITS)
    lw_unit_bars_paint (cr, theme, text, &sheet->units, 0, 0, width);
  else if (sheet->kind == LW_SHEET_KERNELS)
    lw_kernel_grid_paint (cr, theme, text, &sheet->kernels, width, view);
  cairo_restore (cr);
}

/* --- words ---------------------------------------------------------------------------------------
 */

char *
lw_map_sheet_heading (const LwMapSheet *sheet)
{
  switch (sheet->kind) {
  case LW_SHEET_MAPS:
    return g_strdup_printf (ngettext ("%d map of %d × %d", "%d maps of %d × %d", sheet->n),
                            sheet->n, sheet->maps.rows, sheet->maps.columns);
  case LW_SHEET_UNITS:
    return g_strdup_printf (ngettext ("One unit", "One vector of %d", sheet->n), sheet->n);
  case LW_SHEET_KERNELS:
    return g_strdup_printf (ngettext ("%d filter of %d × %d", "%d filters of %d × %d", sheet->n),
                            sheet->n, sheet->kernels.rows, sheet->kernels.columns);
  case LW_SHEET_NONE:
    break;
  }
  return g_strdup ("");
}

char *
lw_map_sheet_title (const LwMapSheet *sheet)
{
  switch (sheet->kind) {
  case LW_SHEET_MAPS:
    return g_strdup_printf (_ ("Map %d"), sheet->chosen);
  case LW_SHEET_UNITS:
    return g_strdup_printf (ngettext ("%d value", "%d values", sheet->n), sheet->n);
  case LW_SHEET_KERNELS:
    if (lw_kernel_grid_is_row (&sheet->kernels))
      return g_strdup_printf (_ ("Filter %d"), sheet->chosen);
    return g_strdup_printf (_ ("Filter %d, input %d"), sheet->chosen, sheet->input);
  case LW_SHEET_NONE:
    break;
  }
  return g_strdup ("");
}

static void
value_words (double value, const LwScale *scale, char ret_text[LW_TICK_TEXT])
{
  if (fabs (value) < 99.995)
    lw_value_text_fixed (value, lw_scale_decimals (scale), ret_text);
  else
    lw_value_text (value, ret_text);
}

char *
lw_map_sheet_tip (const LwMapSheet *sheet, int chosen, int input)
{
  LwMapSheet other = *sheet;
  char mean_words[LW_TICK_TEXT], low_words[LW_TICK_TEXT], high_words[LW_TICK_TEXT];
  double sum = 0, low = INFINITY, high = -INFINITY;
  g_autofree char *title = NULL;
  LwTile tile;
  int n;

  lw_map_sheet_choose (&other, chosen, input);
  if (sheet->kind == LW_SHEET_UNITS) {
    value_words (sheet->units.values[chosen], &sheet->scale, mean_words);
    return sheet->names != NULL
               ? g_strdup_printf (_ ("Unit %d, %s: %s"), chosen, sheet->names[chosen], mean_words)
               : g_strdup_printf (_ ("Unit %d: %s"), chosen, mean_words);
  }
  tile = lw_map_sheet_tile (&other);
  title = lw_map_sheet_title (&other);
  n = tile.rows * tile.columns * (tile.kind == LW_TILE_RGB ? 3 : 1);
  for (int i = 0; i < n; i++) {
    sum += tile.values[i];
    low = fmin (low, tile.values[i]);
    high = fmax (high, tile.values[i]);
  }
  value_words (sum / MAX (n, 1), &sheet->scale, mean_words);
  value_words (low, &sheet->scale, low_words);
  value_words (high, &sheet->scale, high_words);
  return g_strdup_printf (_ ("%s: mean %s, from %s to %s"), title, mean_words, low_words,
                          high_words);
}

char *
lw_map_sheet_describe (const LwMapSheet *sheet)
{
  switch (sheet->kind) {
  case LW_SHEET_MAPS:
    return lw_tile_grid_describe (&sheet->maps);
  case LW_SHEET_UNITS:
    return lw_unit_bars_describe (&sheet->units);
  case LW_SHEET_KERNELS:
    return lw_kernel_grid_describe (&sheet->kernels);
  case LW_SHEET_NONE:
    break;
  }
  return g_strdup (_ ("No values yet"));
}
