/* Numbers of boxes and the colours that stand for them. */
#include "ui/draw/diagram-colour-private.h"

#include "engine/analysis.h"
#include "ui/draw/scale.h"

#include <glib/gi18n.h>
#include <math.h>

static double
node_value (const LwGraph *graph, LwNodeId node, LwColouring by, LwCount count)
{
  const LwCost cost = lw_node_cost (graph, node);
  switch (by) {
  case LW_COLOUR_PARAMETERS:
    return (double)cost.parameters;
  case LW_COLOUR_COUNT:
    return count == LW_COUNT_MACS    ? (double)cost.macs
           : count == LW_COUNT_FLOPS ? 2 * (double)cost.macs
                                     : (double)cost.operations;
  case LW_COLOUR_MEMORY:
    return (double)cost.output_bytes;
  default:
    return 0;
  }
}

static bool
comes_from_graph (LwColouring by)
{
  return by == LW_COLOUR_PARAMETERS || by == LW_COLOUR_COUNT || by == LW_COLOUR_MEMORY;
}

static double
sum (const LwDiagramColours *colours, LwNodeId first, LwNodeId last)
{
  const double all = MAX (colours->sums[last + 1] - colours->sums[first], 0);
  return colours->by == LW_COLOUR_GRADIENT ? sqrt (all) : all;
}

/* With its strips, which the layout keeps in a row; of the graph they need not be neighbours. */
static double
box_value (const LwDiagramColours *colours, const LwDiagramBox *box)
{
  const LwGraph *graph = lw_diagram_layout_graph (colours->layout);
  if (box->block >= 0)
    return sum (colours, lw_graph_block (graph, box->block)->first,
                lw_graph_block (graph, box->last_block)->last);
  const LwDiagramStrip *strips = lw_diagram_layout_strips (colours->layout, NULL);
  double all = colours->sums[box->node + 1] - colours->sums[box->node];
  for (int32_t i = 0; i < box->n_strips; i++) {
    const LwNodeId node = strips[box->first_strip + i].node;
    all += colours->sums[node + 1] - colours->sums[node];
  }
  return colours->by == LW_COLOUR_GRADIENT ? sqrt (MAX (all, 0)) : MAX (all, 0);
}

LwDiagramColours *
lw_diagram_colours_new (const LwDiagramLayout *layout, LwColouring by, const double *values,
                        const char *note)
{
  if (by == LW_COLOUR_KIND)
    return NULL;
  const LwGraph *graph = lw_diagram_layout_graph (layout);
  const LwCount count = lw_diagram_layout_count (layout);
  const int32_t n = lw_graph_n_nodes (graph);
  LwDiagramColours *colours = g_new0 (LwDiagramColours, 1);
  *colours = (LwDiagramColours){ .layout = layout, .by = by, .count = count, .note = note };
  colours->known = values || comes_from_graph (by);
  colours->sums = g_new0 (double, n + 1);
  for (LwNodeId i = 0; i < n; i++) {
    double value = values ? values[i] : node_value (graph, i, by, count);
    if (!isfinite (value))
      value = 0;
    colours->sums[i + 1] = colours->sums[i] + value;
  }
  int32_t n_boxes;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  for (int32_t i = 0; i < n_boxes; i++)
    colours->most = MAX (colours->most, box_value (colours, &boxes[i]));
  return colours;
}

void
lw_diagram_colours_free (LwDiagramColours *colours)
{
  if (!colours)
    return;
  g_free (colours->sums);
  g_free (colours);
}

bool
lw_diagram_colours_known (const LwDiagramColours *colours)
{
  return colours->known;
}

double
lw_diagram_colours_total (const LwDiagramColours *colours)
{
  return sum (colours, 0, lw_graph_n_nodes (lw_diagram_layout_graph (colours->layout)) - 1);
}

double
lw_diagram_colours_most (const LwDiagramColours *colours)
{
  return colours->most;
}

/* The box that stands for a spot; NULL for strips, open blocks and what is folded away. */
static const LwDiagramBox *
box_at (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const LwGraph *graph = lw_diagram_layout_graph (colours->layout);
  const LwNodeId node = spot.block >= 0 ? lw_graph_block (graph, spot.block)->first : spot.node;
  const int32_t index = lw_diagram_layout_box_of (colours->layout, node);
  if (index < 0)
    return NULL;
  const LwDiagramBox *box = &lw_diagram_layout_boxes (colours->layout, NULL)[index];
  return box->node == spot.node && box->block == spot.block ? box : NULL;
}

static bool
exists (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const LwGraph *graph = lw_diagram_layout_graph (colours->layout);
  return spot.block >= 0 ? spot.block < lw_graph_n_blocks (graph)
                         : spot.node >= 0 && spot.node < lw_graph_n_nodes (graph);
}

double
lw_diagram_colours_value (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const LwGraph *graph = lw_diagram_layout_graph (colours->layout);
  if (!exists (colours, spot))
    return 0;
  const LwDiagramBox *box = box_at (colours, spot);
  if (box)
    return box_value (colours, box);
  if (spot.block >= 0)
    return sum (colours, lw_graph_block (graph, spot.block)->first,
                lw_graph_block (graph, spot.block)->last);
  return sum (colours, spot.node, spot.node);
}

double
lw_diagram_colours_share (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const double total = lw_diagram_colours_total (colours);
  return total > 0 ? lw_diagram_colours_value (colours, spot) / total : 0;
}

static bool
keeps_its_own (LwDiagramBoxType type)
{
  return type == LW_BOX_INPUT || type == LW_BOX_CONCAT || type == LW_BOX_SUM;
}

void
lw_diagram_colours_mark (const LwDiagramColours *colours, bool dark, LwDiagramSpot spot,
                         LwDiagramMark *mark)
{
  if (!colours->known || !exists (colours, spot))
    return;
  const LwDiagramBox *box = box_at (colours, spot);
  const double value = lw_diagram_colours_value (colours, spot);
  if ((!box && spot.node >= 0) || (box && keeps_its_own (box->type) && !(value > 0)))
    return;
  const LwScale scale = { LW_MAP_COST, 0, colours->most > 0 ? colours->most : 1 };
  mark->has_fill = true;
  mark->fill = lw_scale_colour (&scale, dark, value);
}

/* --- words --- */

char *
lw_diagram_colours_words (const LwDiagramColours *colours, double value)
{
  switch (colours->by) {
  case LW_COLOUR_PARAMETERS: {
    g_autofree char *number = lw_format_short (value);
    return g_strdup_printf (_ ("%s parameters"), number);
  }
  case LW_COLOUR_COUNT: {
    g_autofree char *number = lw_format_short (value);
    return g_strdup_printf (colours->count == LW_COUNT_MACS    ? _ ("%s MACs")
                            : colours->count == LW_COUNT_FLOPS ? _ ("%s FLOPs")
                                                               : _ ("%s ops"),
                            number);
  }
  case LW_COLOUR_MEMORY:
    return lw_format_bytes ((int64_t)value);
  case LW_COLOUR_FORWARD:
  case LW_COLOUR_BACKWARD: {
    g_autofree char *number = lw_diagram_ms_words (value);
    return g_strdup_printf (_ ("%s ms"), number);
  }
  default:
    return g_strdup_printf ("%.3g", value);
  }
}

char *
lw_diagram_colours_name (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const LwGraph *graph = lw_diagram_layout_graph (colours->layout);
  if (!exists (colours, spot))
    return g_strdup (_ ("Whole network"));
  const LwDiagramBox *box = box_at (colours, spot);
  return g_strdup (box               ? box->name
                   : spot.block >= 0 ? lw_graph_block (graph, spot.block)->title
                                     : lw_graph_node (graph, spot.node)->title);
}

char *
lw_diagram_colours_percent_words (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  const double percent = 100 * lw_diagram_colours_share (colours, spot);
  if (percent > 0 && percent < 0.1)
    /* xgettext:no-c-format */
    return g_strdup (_ ("less than 0.1 % of the total"));
  return g_strdup_printf (percent > 0 && percent < 99.95 ? _ ("%.1f %% of the total")
                                                         : _ ("%.0f %% of the total"),
                          percent);
}

char *
lw_diagram_colours_share_words (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  if (!colours->known)
    return g_strdup (colours->note ? colours->note : "");
  if (!exists (colours, spot))
    return lw_diagram_colours_words (colours, lw_diagram_colours_total (colours));
  g_autofree char *number =
      lw_diagram_colours_words (colours, lw_diagram_colours_value (colours, spot));
  g_autofree char *percent = lw_diagram_colours_percent_words (colours, spot);
  return g_strdup_printf ("%s, %s", number, percent);
}

char *
lw_diagram_colours_describe (const LwDiagramColours *colours, LwDiagramSpot spot)
{
  g_autofree char *name = lw_diagram_colours_name (colours, spot);
  g_autofree char *words = lw_diagram_colours_share_words (colours, spot);
  return colours->known ? g_strdup_printf ("%s: %s", name, words) : g_steal_pointer (&words);
}
