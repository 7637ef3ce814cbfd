/* Making a layout and reading its arrays. */
#include "ui/draw/diagram-private.h"

LwDiagramPart *
lw_diagram_build_parts (LwDiagramBuild *build, const LwDiagramState *state,
                        const LwDiagramOptions *options, GStringChunk *strings)
{
  *build = (LwDiagramBuild){
    .state = state,
    .graph = lw_diagram_state_graph (state),
    .options = *options,
    .shows = options->shows != 0 ? options->shows : LW_SHOW_STANDARD,
    .strings = strings,
    .items = g_ptr_array_new_with_free_func (g_free),
    .parts = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_diagram_part_free),
    .levels = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_diagram_level_free),
  };
  if (build->shows & LW_SHOW_FIELD)
    build->fields = lw_graph_receptive_fields (build->graph);
  LwDiagramPart *root = lw_diagram_parts_new (build, LW_ROOT_BLOCK);
  lw_diagram_fit_words (build, root);
  return root;
}

void
lw_diagram_build_clear (LwDiagramBuild *build)
{
  g_ptr_array_unref (build->parts);
  g_ptr_array_unref (build->levels);
  g_ptr_array_unref (build->items);
  g_free (build->fields);
}

static void
find_spans (LwDiagramLayout *layout)
{
  for (int i = 0; i < LW_N_DIAGRAM_ARRAYS; i++)
    layout->spans[i] = lw_spans_new ();
  for (guint i = 0; i < layout->boxes->len; i++) {
    const cairo_rectangle_t *r = &g_array_index (layout->boxes, LwDiagramBox, i).rect;
    lw_spans_add (layout->spans[LW_DIAGRAM_BOXES], r->y, r->y + r->height);
  }
  for (guint i = 0; i < layout->edges->len; i++) {
    const LwDiagramEdge *edge = &g_array_index (layout->edges, LwDiagramEdge, i);
    double low = edge->points[0].y, high = low;
    for (int k = 1; k < edge->n_points; k++) {
      low = MIN (low, edge->points[k].y);
      high = MAX (high, edge->points[k].y);
    }
    lw_spans_add (layout->spans[LW_DIAGRAM_EDGES], low, high);
  }
  for (guint i = 0; i < layout->labels->len; i++) {
    const double y = g_array_index (layout->labels, LwDiagramLabel, i).y;
    lw_spans_add (layout->spans[LW_DIAGRAM_LABELS], y - LW_LABEL_HEIGHT / 2,
                  y + LW_LABEL_HEIGHT / 2);
  }
  for (guint i = 0; i < layout->frames->len; i++) {
    const LwDiagramFrame *frame = &g_array_index (layout->frames, LwDiagramFrame, i);
    lw_spans_add (layout->spans[LW_DIAGRAM_FRAMES], frame->rect.y,
                  frame->rect.y + frame->rect.height);
    layout->block_frame[frame->block] = (int32_t)i;
  }
  for (guint i = 0; i < layout->dots->len; i++) {
    const double y = g_array_index (layout->dots, LwDiagramPoint, i).y;
    lw_spans_add (layout->spans[LW_DIAGRAM_DOTS], y, y);
  }
  for (int i = 0; i < LW_N_DIAGRAM_ARRAYS; i++)
    lw_spans_seal (layout->spans[i]);
}

LwDiagramLayout *
lw_diagram_layout_new (const LwDiagramState *state, const LwDiagramOptions *options)
{
  LwGraph *graph = lw_diagram_state_graph (state);
  LwDiagramLayout *layout = g_new0 (LwDiagramLayout, 1);
  layout->graph = lw_graph_ref (graph);
  layout->options = *options;
  layout->options.forward_ms = layout->options.backward_ms = NULL; /* not ours to keep */
  layout->strings = g_string_chunk_new (4096);
  layout->boxes = g_array_new (FALSE, FALSE, sizeof (LwDiagramBox));
  layout->strips = g_array_new (FALSE, FALSE, sizeof (LwDiagramStrip));
  layout->shares = g_array_new (FALSE, FALSE, sizeof (LwDiagramShare));
  layout->edges = g_array_new (FALSE, FALSE, sizeof (LwDiagramEdge));
  layout->labels = g_array_new (FALSE, FALSE, sizeof (LwDiagramLabel));
  layout->frames = g_array_new (FALSE, FALSE, sizeof (LwDiagramFrame));
  layout->dots = g_array_new (FALSE, FALSE, sizeof (LwDiagramPoint));
  layout->spots = g_array_new (FALSE, FALSE, sizeof (LwDiagramSpot));
  const int32_t n_nodes = lw_graph_n_nodes (graph);
  const int32_t n_blocks = lw_graph_n_blocks (graph);
  layout->node_box = g_new (int32_t, n_nodes);
  for (int32_t i = 0; i < n_nodes; i++)
    layout->node_box[i] = -1;
  layout->block_frame = g_new (int32_t, n_blocks);
  for (int32_t i = 0; i < n_blocks; i++)
    layout->block_frame[i] = -1;

  LwDiagramBuild build;
  LwDiagramPart *root = lw_diagram_build_parts (&build, state, options, layout->strings);
  /* room at once: growing by doubling would copy large layouts several times */
  g_array_set_size (layout->boxes, build.items->len);
  g_array_set_size (layout->boxes, 0);
  lw_diagram_measure (&build, root, 0);
  lw_diagram_place (&build, layout, root);
  lw_diagram_build_clear (&build);
  find_spans (layout);
  return layout;
}

void
lw_diagram_layout_free (LwDiagramLayout *layout)
{
  if (!layout)
    return;
  g_array_unref (layout->boxes);
  g_array_unref (layout->strips);
  g_array_unref (layout->shares);
  g_array_unref (layout->edges);
  g_array_unref (layout->labels);
  g_array_unref (layout->frames);
  g_array_unref (layout->dots);
  g_array_unref (layout->spots);
  g_free (layout->node_box);
  g_free (layout->block_frame);
  for (int i = 0; i < LW_N_DIAGRAM_ARRAYS; i++)
    lw_spans_free (layout->spans[i]);
  g_string_chunk_free (layout->strings);
  lw_graph_unref (layout->graph);
  g_free (layout);
}

LwGraph *
lw_diagram_layout_graph (const LwDiagramLayout *layout)
{
  return layout->graph;
}

LwText *
lw_diagram_layout_text (const LwDiagramLayout *layout)
{
  return layout->options.text;
}

LwCount
lw_diagram_layout_count (const LwDiagramLayout *layout)
{
  return layout->options.count;
}

void
lw_diagram_layout_size (const LwDiagramLayout *layout, double *ret_width, double *ret_height)
{
  *ret_width = layout->width;
  *ret_height = layout->height;
}

double
lw_diagram_layout_axis (const LwDiagramLayout *layout)
{
  return layout->axis;
}

void
lw_diagram_layout_between (const LwDiagramLayout *layout, LwDiagramArray what, double top,
                           double bottom, GArray *found)
{
  lw_spans_find (layout->spans[what], top, bottom, found);
}

static const void *
array (const GArray *from, int32_t *ret_n)
{
  if (ret_n)
    *ret_n = (int32_t)from->len;
  return from->data;
}

const LwDiagramBox *
lw_diagram_layout_boxes (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->boxes, ret_n);
}

const LwDiagramStrip *
lw_diagram_layout_strips (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->strips, ret_n);
}

const LwDiagramShare *
lw_diagram_layout_shares (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->shares, ret_n);
}

const LwDiagramEdge *
lw_diagram_layout_edges (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->edges, ret_n);
}

const LwDiagramLabel *
lw_diagram_layout_labels (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->labels, ret_n);
}

const LwDiagramFrame *
lw_diagram_layout_frames (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->frames, ret_n);
}

const LwDiagramPoint *
lw_diagram_layout_dots (const LwDiagramLayout *layout, int32_t *ret_n)
{
  return array (layout->dots, ret_n);
}
