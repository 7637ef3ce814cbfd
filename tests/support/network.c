#include "tests/support/network.h"

LwGraph *
lw_test_network (const char *model, int32_t side, const char *const *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) chosen = lw_options_new (lw_model_find (model, &error));
  LwGraph *graph;

  g_assert_no_error (error);
  for (; options != NULL && *options != NULL; options += 2) {
    lw_options_set (chosen, options[0], options[1], &error);
    g_assert_no_error (error);
  }
  lw_options_set_input (chosen, (LwShape){ 1, side, side, false }, &error);
  g_assert_no_error (error);
  graph = lw_model_build (chosen, &error);
  g_assert_no_error (error);
  return graph;
}

float *
lw_test_read_tensors (LwSession *session, int64_t *ret_n)
{
  const LwGraph *graph = lw_session_graph (session);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const guint before = values->len;

    if (tensor->dtype != LW_F32)
      continue;
    g_array_set_size (values, before + (guint)tensor->size);
    g_assert_true (
        lw_session_get_tensor (session, i, &g_array_index (values, float, before), NULL));
  }
  *ret_n = values->len;
  return (float *)(void *)g_array_free (values, FALSE);
}

bool
lw_test_watch (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  (void)session;
  (void)step;
  (void)backward;
  (void)data;
  (void)error;
  return true;
}

GArray *
lw_test_choices (const LwGraph *graph, const char *algorithm)
{
  GArray *choices = g_array_new (FALSE, FALSE, sizeof (LwAlgorithmChoice));

  for (int32_t i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwNode *node = lw_graph_node (graph, i);
    const LwAlgorithmChoice own = { node->name, { algorithm, algorithm, algorithm } };

    if (node->op == LW_OP_CONV2D)
      g_array_append_val (choices, own);
  }
  return choices;
}
