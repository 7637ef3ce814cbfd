/* The network again, with blocks: layers that follow one another and whose names begin alike are
 * one. */
#include "onnx/import.h"
#include "onnx/model.h"

#include <string.h>

#define DEEPEST 6 /* blocks within blocks; more would not be seen */

typedef struct {
  LwGraph *graph;
  GPtrArray *open; /* paths of the open blocks, owned */
} Builder;

/* Where the `n`th dot of a name is; NULL: it has fewer. */
static const char *
find_dot (const char *name, int n)
{
  const char *dot = name;

  for (int i = 0; i < n && dot != NULL; i++)
    dot = strchr (i == 0 ? dot : dot + 1, '.');
  return dot;
}

static bool
begins (const char *name, const char *path)
{
  const size_t n = strlen (path);

  return n == 0 || (strncmp (name, path, n) == 0 && name[n] == '.');
}

static const char *
path_of (const Builder *builder)
{
  return builder->open->len > 0 ? g_ptr_array_index (builder->open, builder->open->len - 1) : "";
}

/* Opens a block: "layer1.0" within "layer1" is called "0" by PyTorch and shown as "layer1.0". */
static void
open_block (Builder *builder, char *path)
{
  const char *outer = path_of (builder);
  const char *own = outer[0] == '\0' ? path : path + strlen (outer) + 1;

  lw_graph_push_block (builder->graph, LW_BLOCK_PLAIN, own, "%s",
                       g_ascii_isdigit (own[0]) ? path : own);
  g_ptr_array_add (builder->open, path);
}

/* Closes what the name is not in, opens what it shares with its successor. */
static void
enter (Builder *builder, const char *name, const char *next)
{
  while (builder->open->len > 0 && !begins (name, path_of (builder))) {
    lw_graph_pop_block (builder->graph);
    g_ptr_array_remove_index (builder->open, builder->open->len - 1);
  }
  for (int depth = 1; depth <= DEEPEST && next != NULL; depth++) {
    const char *dot = find_dot (name, depth);
    g_autofree char *path = dot != NULL ? g_strndup (name, (gsize)(dot - name)) : NULL;

    if (path == NULL || !begins (next, path))
      return;
    if (strlen (path) > strlen (path_of (builder)))
      open_block (builder, g_steal_pointer (&path));
  }
}

static bool
has_no_place (const LwOnnxImport *import, LwNodeId id)
{
  return g_array_index (import->layers, LwOnnxLayer, id).function &&
         strchr (lw_graph_node (import->flat, id)->name, '.') == NULL;
}

/* The name of the next layer that says where it stands; NULL: there is none. */
static const char *
next_placed (const LwOnnxImport *import, LwNodeId id)
{
  const LwNodeId n = lw_graph_n_nodes (import->flat);

  do
    id++;
  while (id < n && has_no_place (import, id));
  return id < n ? lw_graph_node (import->flat, id)->name : NULL;
}

/* A function without a path, "Relu_3", stands where its neighbours do. */
static char *
placed_name (const LwOnnxImport *import, const Builder *builder, LwNodeId id, const char *next)
{
  const char *name = lw_graph_node (import->flat, id)->name;
  const char *path = path_of (builder);

  if (!has_no_place (import, id) || path[0] == '\0' || next == NULL || !begins (next, path))
    return g_strdup (name);
  return g_strdup_printf ("%s.%s", path, name);
}

/* The data in the order of the finished graph's tensors. */
static void
gather_data (const LwOnnxImport *import, const LwGraph *graph, GPtrArray *ret_data)
{
  g_ptr_array_set_size (ret_data, lw_graph_n_tensors (graph));
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwOnnxLayer *layer = &g_array_index (import->layers, LwOnnxLayer, id);

    for (int32_t k = 0; k < node->n_tensors; k++)
      ret_data->pdata[node->tensors[k]] = (gpointer)layer->data[k];
  }
}

LwGraph *
lw_onnx_build (LwOnnxImport *import, const char *title, GPtrArray *ret_data)
{
  const LwNodeId n = lw_graph_n_nodes (import->flat);
  g_autoptr (LwGraph) graph = lw_graph_new (title);
  Builder builder = { graph, g_ptr_array_new_with_free_func (g_free) };
  bool done = true;

  for (LwNodeId id = 0; id < n && done; id++) {
    const LwNode *node = lw_graph_node (import->flat, id);
    const char *next = next_placed (import, id);
    g_autofree char *name = placed_name (import, &builder, id, next);
    const char *path;

    enter (&builder, name, next);
    path = path_of (&builder);
    done = lw_graph_add_like (graph, node, path[0] == '\0' ? name : name + strlen (path) + 1) !=
           LW_NO_NODE;
  }
  for (; builder.open->len > 0; g_ptr_array_remove_index (builder.open, builder.open->len - 1))
    lw_graph_pop_block (graph);
  g_ptr_array_unref (builder.open);
  if (!lw_graph_finish (graph, &import->error)) {
    g_prefix_error (&import->error, "%s: ", import->file);
    return NULL;
  }
  gather_data (import, graph, ret_data);
  return g_steal_pointer (&graph);
}
