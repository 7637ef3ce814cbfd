#include "engine/partial_load.h"

#include "engine/i18n.h"

#include <string.h>

#define OPTIMIZER "optimizer."

static void
clear_tensor (gpointer data)
{
  g_free (((LwPartialTensor *)data)->name);
}

static LwPartialFate
fate_of (const LwTensorInfo *tensor, const LwFileTensor *entry)
{
  if (entry == NULL)
    return LW_PARTIAL_MISSING;
  if (entry->rank != tensor->rank ||
      memcmp (entry->dims, tensor->dims, sizeof *entry->dims * (gsize)tensor->rank) != 0)
    return LW_PARTIAL_SHAPE;
  return entry->dtype == tensor->dtype ? LW_PARTIAL_TAKEN : LW_PARTIAL_TYPE;
}

GArray *
lw_partial_compare (const LwGraph *graph, const LwTensorFile *file)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (LwPartialTensor));

  g_array_set_clear_func (all, clear_tensor);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const LwFileTensor *entry = lw_tensor_file_find (file, tensor->name);
    LwPartialTensor row = { .name = g_strdup (tensor->name),
                            .fate = fate_of (tensor, entry),
                            .rank = tensor->rank,
                            .file_rank = entry != NULL ? entry->rank : 0 };

    memcpy (row.dims, tensor->dims, sizeof row.dims);
    if (entry != NULL)
      memcpy (row.file_dims, entry->dims, sizeof row.file_dims);
    g_array_append_val (all, row);
  }
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++) {
    const LwFileTensor *entry = lw_tensor_file_get (file, i);
    LwPartialTensor row = { .fate = LW_PARTIAL_UNUSED, .file_rank = entry->rank };

    if (g_str_has_prefix (entry->name, OPTIMIZER) || lw_graph_find_tensor (graph, entry->name) >= 0)
      continue;
    row.name = g_strdup (entry->name);
    memcpy (row.file_dims, entry->dims, sizeof row.file_dims);
    g_array_append_val (all, row);
  }
  return all;
}

GArray *
lw_session_load_partial (LwSession *session, const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  LwGraph *graph = lw_session_graph (session);
  g_autoptr (GArray) all = file != NULL ? lw_partial_compare (graph, file) : NULL;
  int32_t taken = 0;

  if (all == NULL)
    return NULL;
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwPartialTensor *row = &g_array_index (all, LwPartialTensor, i);
    const LwFileTensor *entry;

    if (row->fate != LW_PARTIAL_TAKEN)
      continue;
    entry = lw_tensor_file_find (file, row->name);
    taken += lw_graph_tensor (graph, i)->trainable;
    if (!lw_session_set_tensor (session, i, entry->data, error))
      return NULL;
  }
  if (taken == 0) {
    g_autofree char *name = g_filename_display_name (path);

    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" has no weights of a name and shape that %s has; is it of another "
                    "network, or under other names (--names)?"),
                 name, lw_graph_title (graph));
    return NULL;
  }
  return g_steal_pointer (&all);
}
