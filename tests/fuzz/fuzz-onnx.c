/* An ONNX file: read as a network, of which each tensor has all of its numbers. */
#include "onnx/onnx.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (LwOnnxNetwork) network = NULL;
  GError *error = NULL;
  const LwGraph *graph;

  network = lw_onnx_parse (bytes, "input", &error);
  lw_fuzz_check_error (network == NULL, error);
  if (network == NULL)
    return 0;
  graph = lw_onnx_graph (network);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    g_assert_true (g_utf8_validate (tensor->name, -1, NULL));
    lw_fuzz_read (lw_onnx_tensor (network, i),
                  (size_t)tensor->size * (tensor->dtype == LW_I64 ? 8 : 4));
  }
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    g_assert_cmpint (lw_shape_size (lw_graph_node (graph, id)->shape), >, 0);
  g_assert_true (g_utf8_validate (lw_onnx_producer (network), -1, NULL));
  if (lw_onnx_metadata (network, "class_names") != NULL)
    g_assert_cmpuint (strlen (lw_onnx_metadata (network, "class_names")), <=, size);
  return 0;
}
