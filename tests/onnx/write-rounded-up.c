/* write-rounded-up FILE: an ONNX file whose poolings round their maps' sides up, of images of
 * 1 × 12 × 12, which no network of the library does: for judges to open. What is read back from it
 * is the network that was written. */
#include "onnx/onnx.h"

#include <stdio.h>

/* On maps of 12, 6, 4, 2 and 1. The last two round up by name only; of the last but one a second
 * window would begin in the padding. */
static const LwWindow windows[] = {
  { 3, 2, 0 }, { 3, 2, 1 }, { 3, 2, 0 }, { 2, 3, 1 }, { 1, 1, 0 }
};

static LwGraph *
build (void)
{
  LwGraph *graph = lw_graph_new ("rounded up");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 12, 12, false });

  x = lw_conv2d (graph, x, NULL, 3, (LwWindow){ 3, 1, 1 });
  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    x = i % 2 == 0 ? lw_max_pool_ceil (graph, x, NULL, windows[i])
                   : lw_avg_pool_ceil (graph, x, NULL, windows[i]);
  lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 10);
  return graph;
}

/* What makes no difference to a network is not in the file. */
static bool
is_same (const LwGraph *graph, const LwGraph *back)
{
  bool same = lw_graph_n_nodes (graph) == lw_graph_n_nodes (back);

  for (LwNodeId id = 0; same && id < lw_graph_n_nodes (graph); id++)
    same = lw_graph_node (graph, id)->op == lw_graph_node (back, id)->op &&
           lw_shape_equal (lw_graph_node (graph, id)->shape, lw_graph_node (back, id)->shape);
  return same;
}

int
main (int argc, char **argv)
{
  g_autoptr (LwGraph) graph = build ();
  g_autoptr (LwOnnxNetwork) network = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  float *tensors[8] = { NULL };
  bool same;

  if (argc != 2 || !lw_graph_finish (graph, &error)) {
    fprintf (stderr, "%s\n", error != NULL ? error->message : "usage: write-rounded-up FILE");
    return 1;
  }
  g_assert_cmpint (lw_graph_n_tensors (graph), <, G_N_ELEMENTS (tensors));
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const int64_t size = lw_graph_tensor (graph, i)->size;

    tensors[i] = g_new (float, size);
    for (int64_t k = 0; k < size; k++)
      tensors[i][k] = (float)g_rand_double_range (random, -1, 1);
  }
  if (lw_onnx_write (graph, (const void *const *)tensors, NULL, argv[1], &error))
    network = lw_onnx_open (argv[1], &error);
  same = network != NULL && is_same (graph, lw_onnx_graph (network));
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    g_free (tensors[i]);
  if (!same)
    fprintf (stderr, "%s\n", error != NULL ? error->message : "it comes back as another network");
  return same ? 0 : 1;
}
