/* The nine networks against PyTorch: names, shapes, parameters and multiply-accumulates. */
#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/models.h"
#include "tests/null/reference.h"

#include <string.h>

static LwGraph *
build_standard (const LwModel *model)
{
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (GError) error = NULL;
  LwGraph *graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

static void
assert_shape (const char *layer, LwShape got, LwShape wanted)
{
  g_autofree char *a = lw_shape_to_string (got);
  g_autofree char *b = lw_shape_to_string (wanted);
  if (!lw_shape_equal (got, wanted))
    g_error ("%s: shape %s, PyTorch has %s", layer, a, b);
}

static void
test_totals (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (JsonParser) parser = NULL;
  JsonObject *reference = reference_load (model->name, &parser);
  g_autoptr (LwGraph) graph = build_standard (model);
  LwCost cost = lw_graph_cost (graph);

  g_assert_cmpint (cost.parameters, ==, json_object_get_int_member (reference, "params"));
  g_assert_cmpint (cost.macs, ==, json_object_get_int_member (reference, "macs"));
  assert_shape ("input", model->input,
                reference_shape (json_object_get_array_member (reference, "input")));
  assert_shape ("input", lw_graph_input_shape (graph), model->input);
  g_assert_cmpint (lw_graph_classes (graph), ==, model->classes);
  g_assert_cmpfloat (model->recipe.learning_rate, ==,
                     json_object_get_double_member (reference, "learning_rate"));
  g_assert_cmpint (model->recipe.epochs, ==, json_object_get_int_member (reference, "epochs"));
  g_assert_cmpint (model->recipe.batch_size, ==,
                   json_object_get_int_member (reference, "batch_size"));
}

/* Every layer that PyTorch lists, in its order; ours has functions (sums, ReLUs of a residual
 * block) between them, without parameters and MACs. */
static void
test_layers (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (JsonParser) parser = NULL;
  JsonArray *layers =
      json_object_get_array_member (reference_load (model->name, &parser), "layers");
  g_autoptr (LwGraph) graph = build_standard (model);
  LwNodeId id = 0;
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    const char *name = json_object_get_string_member (layer, "name");
    for (id++; !g_str_equal (lw_graph_node (graph, id)->name, name); id++) {
      g_assert_cmpint (id, <, lw_graph_output (graph));
      g_assert_cmpint (lw_graph_node (graph, id)->n_tensors, ==, 0);
      g_assert_cmpint (lw_node_cost (graph, id).macs, ==, 0);
    }
    const LwNode *node = lw_graph_node (graph, id);
    LwCost cost = lw_node_cost (graph, id);
    g_assert_cmpint (lw_graph_find_node (graph, name), ==, id);
    g_assert_cmpstr (lw_node_torch_type (graph, id), ==,
                     json_object_get_string_member (layer, "type"));
    assert_shape (name, lw_graph_node (graph, node->inputs[0])->shape,
                  reference_shape (json_object_get_array_member (layer, "input")));
    assert_shape (name, node->shape,
                  reference_shape (json_object_get_array_member (layer, "output")));
    g_assert_cmpint (cost.parameters, ==, json_object_get_int_member (layer, "params"));
    g_assert_cmpint (cost.macs, ==, json_object_get_int_member (layer, "macs"));
  }
  g_assert_cmpint (id, ==, lw_graph_output (graph));
}

static bool
is_running (const char *name)
{
  return g_str_has_suffix (name, ".running_mean") || g_str_has_suffix (name, ".running_var") ||
         g_str_has_suffix (name, ".num_batches_tracked");
}

static void
test_tensors (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (JsonParser) parser = NULL;
  JsonObject *wanted =
      json_object_get_object_member (reference_load (model->name, &parser), "state_dict");
  g_autoptr (LwGraph) graph = build_standard (model);
  g_autoptr (GList) names = json_object_get_members (wanted); /* in the file's order */
  g_assert_cmpint (lw_graph_n_tensors (graph), ==, g_list_length (names));

  int32_t index = 0;
  for (GList *l = names; l != NULL; l = l->next, index++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, index);
    JsonArray *dims = json_object_get_array_member (wanted, l->data);
    g_assert_cmpstr (tensor->name, ==, l->data);
    g_assert_cmpint (tensor->rank, ==, json_array_get_length (dims));
    int64_t size = 1;
    for (int32_t k = 0; k < tensor->rank; k++) {
      g_assert_cmpint (tensor->dims[k], ==, json_array_get_int_element (dims, (guint)k));
      size *= tensor->dims[k];
    }
    g_assert_cmpint (tensor->size, ==, size);
    g_assert_cmpint (lw_graph_find_tensor (graph, tensor->name), ==, index);
    g_assert_cmpint (tensor->trainable, ==, !is_running (tensor->name));
    g_assert_cmpint (tensor->dtype, ==,
                     g_str_has_suffix (tensor->name, "num_batches_tracked") ? LW_I64 : LW_F32);
    const LwNode *node = lw_graph_node (graph, tensor->node);
    g_assert_cmpint (node->tensors[tensor->role], ==, index);
    g_assert_true (g_str_has_prefix (tensor->name, node->name));
  }
}

/* Blocks: ranges nest, paths are prefixes of the tensors' names, titles are unique beside each
 * other. */
static void
test_blocks (gconstpointer data)
{
  g_autoptr (LwGraph) graph = build_standard (data);
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (LwBlockId id = 1; id < lw_graph_n_blocks (graph); id++) {
    const LwBlock *block = lw_graph_block (graph, id);
    const LwBlock *parent = lw_graph_block (graph, block->parent);
    g_assert_cmpint (block->parent, <, id);
    g_assert_cmpint (block->depth, ==, parent->depth + 1);
    g_assert_cmpint (block->first, <=, block->last);
    g_assert_cmpint (block->first, >=, parent->first);
    g_assert_cmpint (block->last, <=, parent->last);
    g_assert_true (
        g_hash_table_add (titles, g_strdup_printf ("%d/%s", block->parent, block->title)));
  }
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwBlock *block = lw_graph_block (graph, node->block);
    g_assert_true (id >= block->first && id <= block->last);
    if (id > 0)
      g_assert_true (g_str_has_prefix (node->name, block->path));
    g_assert_true (g_hash_table_add (titles, g_strdup_printf ("%d/%s", node->block, node->title)));
  }
}

static void
assert_title (const LwGraph *graph, const char *name, const char *blocks, const char *title)
{
  LwNodeId id = lw_graph_find_node (graph, name);
  g_assert_cmpint (id, !=, LW_NO_NODE);
  const LwNode *node = lw_graph_node (graph, id);
  g_assert_cmpstr (node->title, ==, title);
  g_autofree char *path = g_strdup ("");
  for (LwBlockId b = node->block; b != LW_ROOT_BLOCK; b = lw_graph_block (graph, b)->parent) {
    char *longer =
        g_strjoin (path[0] == '\0' ? "" : " > ", lw_graph_block (graph, b)->title, path, NULL);
    g_free (path);
    path = longer;
  }
  g_assert_cmpstr (path, ==, blocks);
}

static void
test_titles (void)
{
  g_autoptr (LwGraph) alexnet = build_standard (lw_model_find ("alexnet", NULL));
  assert_title (alexnet, "5", "", "max pool 2");
  assert_title (alexnet, "17", "", "linear 2");
  assert_title (alexnet, "13", "", "flatten");
  g_autoptr (LwGraph) resnet = build_standard (lw_model_find ("resnet18", NULL));
  assert_title (resnet, "0.1", "Stem", "batch norm");
  assert_title (resnet, "2.0.conv3", "Stage 2 > Residual 1", "conv3");
  assert_title (resnet, "2.0.relu2", "Stage 2 > Residual 1", "ReLU 2");
  assert_title (resnet, "2.0.add", "Stage 2 > Residual 1", "sum");
  assert_title (resnet, "7", "Head", "linear");
  g_autoptr (LwGraph) googlenet = build_standard (lw_model_find ("googlenet", NULL));
  assert_title (googlenet, "2.1.p3_2", "Block 3 > Inception 3b", "p3_2");
  assert_title (googlenet, "4.2", "Block 5", "global average pool");
  assert_title (googlenet, "5", "", "linear");
  g_autoptr (LwGraph) densenet = build_standard (lw_model_find ("densenet", NULL));
  assert_title (densenet, "1.net.2.2", "Dense block 1 > Conv block 3", "conv 3");
  assert_title (densenet, "1.concat3", "Dense block 1", "concat 3");
  assert_title (densenet, "2.2", "Transition 1", "conv");
  g_autoptr (LwGraph) nin = build_standard (lw_model_find ("nin", NULL));
  assert_title (nin, "7.4", "NiN block 4", "conv 3");
  assert_title (nin, "8", "", "global average pool");
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (lw_n_book_models (), ==, 9);
  for (int32_t i = 0; i < lw_n_models (); i++)
    g_assert_true (lw_model_find (lw_model (i)->name, NULL) == lw_model (i));
  g_assert_null (lw_model_find ("resnet19", &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_UNKNOWN);
  g_assert_cmpstr (error->message, ==, "unknown model \"resnet19\"; did you mean resnet18?");
  g_clear_error (&error);
  g_assert_null (lw_model_find ("transformer", &error));
  g_assert_nonnull (strstr (error->message, "lenet, lenet-bn, alexnet"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_book_models (); i++) {
    const LwModel *model = lw_model (i);
    static const struct {
      const char *name;
      GTestDataFunc function;
    } tests[] = { { "totals", test_totals },
                  { "layers", test_layers },
                  { "tensors", test_tensors },
                  { "blocks", test_blocks } };
    for (size_t k = 0; k < G_N_ELEMENTS (tests); k++) {
      g_autofree char *path = g_strdup_printf ("/models/%s/%s", model->name, tests[k].name);
      g_test_add_data_func (path, model, tests[k].function);
    }
  }
  g_test_add_func ("/models/titles", test_titles);
  g_test_add_func ("/models/find", test_find);
  return g_test_run ();
}
