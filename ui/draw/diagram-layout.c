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
  layout->node_box = g_new (int32_t, n_nodes);
  for (int32_t i = 0; i < n_nodes; i++)
    layout->node_box[i] = -1;

  LwDiagramBuild build;
  LwDiagramPart *root = lw_diagram_build_parts (&build, state, options, layout->strings);
  lw_diagram_measure (&build, root, 0);
  lw_diagram_place (&build, layout, root);
  lw_diagram_build_clear (&build);
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
