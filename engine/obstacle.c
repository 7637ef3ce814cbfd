#include "engine/obstacle.h"

#include "engine/graph_private.h"

#define MOST_TRIALS 256

/* Normalization, activation and dropout hand on what they get: the layer before them made it. */
static const LwNode *
maker_of (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = LW_GRAPH_NODE (graph, id);

  while (node->n_inputs == 1 &&
         lw_shape_equal (node->shape, LW_GRAPH_NODE (graph, node->inputs[0])->shape) &&
         node->window.kernel == 0 && node->op != LW_OP_LINEAR)
    node = LW_GRAPH_NODE (graph, node->inputs[0]);
  return node;
}

LwObstacle *
lw_obstacle_new (const LwOptions *options)
{
  const LwModel *model = lw_options_model (options);
  g_autoptr (LwGraph) graph = lw_graph_new (model->title);
  g_autoptr (GError) error = NULL;
  LwObstacle *obstacle;

  model->build (graph, lw_graph_input (graph, lw_options_input (options)), options);
  if (lw_graph_finish (graph, &error))
    return NULL;
  obstacle = g_new0 (LwObstacle, 1);
  obstacle->sentence = g_strdup (error->message);
  if (graph->failed_input == LW_NO_NODE)
    return obstacle;
  obstacle->title = g_strdup (lw_graph_title_failed (graph));
  obstacle->layer = g_strdup (graph->failed.name);
  obstacle->giver = g_strdup (maker_of (graph, graph->failed_input)->title);
  obstacle->gets = LW_GRAPH_NODE (graph, graph->failed_input)->shape;
  if (graph->failed.window.kernel > 0 && !obstacle->gets.flat)
    obstacle->needs = lw_window_least (graph->failed.window, graph->failed.ceil_mode);
  if (obstacle->gets.h >= obstacle->needs && obstacle->gets.w >= obstacle->needs)
    obstacle->needs = 0; /* the window would fit: it is something else */
  return obstacle;
}

LwObstacle *
lw_obstacle_copy (const LwObstacle *obstacle)
{
  LwObstacle *copy;

  if (obstacle == NULL)
    return NULL;
  copy = g_memdup2 (obstacle, sizeof *obstacle);
  copy->sentence = g_strdup (obstacle->sentence);
  copy->layer = g_strdup (obstacle->layer);
  copy->title = g_strdup (obstacle->title);
  copy->giver = g_strdup (obstacle->giver);
  return copy;
}

void
lw_obstacle_free (LwObstacle *obstacle)
{
  if (obstacle == NULL)
    return;
  g_free (obstacle->sentence);
  g_free (obstacle->layer);
  g_free (obstacle->title);
  g_free (obstacle->giver);
  g_free (obstacle);
}

static bool
builds_with (LwOptions *trial, const char *knob, int value)
{
  g_autofree char *text = g_strdup_printf ("%d", value);
  g_autoptr (LwGraph) graph = NULL;

  if (!lw_options_set (trial, knob, text, NULL)) /* beyond its range */
    return false;
  graph = lw_model_build (trial, NULL);
  return graph != NULL;
}

bool
lw_obstacle_nearest (const LwOptions *options, const char *knob, int *ret_value)
{
  const LwKnob *info = lw_model_knob (lw_options_model (options), knob);
  g_autoptr (LwOptions) trial = NULL;
  int value;

  if (info == NULL || info->type != LW_KNOB_INTEGER)
    return false;
  if (g_str_equal (knob, "input_size")) {
    *ret_value = lw_model_smallest_input (options);
    return *ret_value > 0 && *ret_value <= info->maximum;
  }
  trial = lw_options_copy (options);
  value = lw_options_integer (options, knob);
  for (int distance = 0; distance <= MOST_TRIALS / 2; distance++)
    for (int sign = -1; sign <= 1; sign += 2)
      if (builds_with (trial, knob, value + sign * distance)) {
        *ret_value = value + sign * distance;
        return true;
      }
  return false;
}
