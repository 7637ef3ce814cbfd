/* From options to a graph, and where there is none, what would help. */
#include "engine/graph_private.h"
#include "engine/models.h"

#define LARGEST_TRIAL 1024

/* As many steps of the trail are shown; more would not be read. */
#define TRAIL_STEPS 6

static LwGraph *
run_builder (const LwOptions *options)
{
  const LwModel *model = lw_options_model (options);
  LwGraph *graph = lw_graph_new (model->title);
  LwNodeId x = lw_graph_input (graph, lw_options_input (options));
  model->build (graph, x, options);
  lw_graph_set_normalization (graph, lw_options_normalization (options));
  return graph;
}

LwGraph *
lw_model_build (const LwOptions *options, GError **error)
{
  g_autoptr (LwGraph) graph = run_builder (options);
  if (!lw_graph_finish (graph, error))
    return NULL;
  return g_steal_pointer (&graph);
}

int
lw_model_smallest_input (const LwOptions *options)
{
  g_autoptr (LwOptions) trial = lw_options_copy (options);
  LwShape input = lw_options_input (options);
  for (input.h = 1; input.h <= LARGEST_TRIAL; input.h++) {
    input.w = input.h;
    g_autoptr (LwGraph) graph = NULL;
    if (lw_options_set_input (trial, input, NULL))
      graph = lw_model_build (trial, NULL);
    if (graph != NULL)
      return input.h;
  }
  return 0;
}

static char *
side_of (LwShape shape)
{
  if (shape.h == shape.w)
    return g_strdup_printf ("%d", shape.h);
  return g_strdup_printf ("%d×%d", shape.h, shape.w);
}

char *
lw_model_trail (const LwOptions *options)
{
  g_autoptr (LwGraph) graph = run_builder (options);
  if (graph->failed_input == LW_NO_NODE)
    return NULL;
  lw_graph_title_failed (graph);
  g_autoptr (GString) trail = g_string_new ("?");
  int steps = 0;
  LwNodeId id = graph->failed_input;
  for (; LW_GRAPH_NODE (graph, id)->n_inputs > 0; id = LW_GRAPH_NODE (graph, id)->inputs[0]) {
    const LwNode *node = LW_GRAPH_NODE (graph, id);
    if (node->window.kernel == 0 || ++steps > TRAIL_STEPS)
      continue;
    g_autofree char *side = side_of (node->shape);
    g_autofree char *step = g_strdup_printf ("%s (%s) → ", side, node->title);
    g_string_prepend (trail, step);
  }
  if (steps > TRAIL_STEPS)
    g_string_prepend (trail, "… → ");
  g_autofree char *side = side_of (LW_GRAPH_NODE (graph, id)->shape);
  g_string_prepend (trail, " → ");
  g_string_prepend (trail, side);
  return g_string_free (g_steal_pointer (&trail), FALSE);
}
