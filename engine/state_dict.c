#include "engine/state_dict.h"

#include "engine/formats/npz.h"
#include "engine/i18n.h"
#include "engine/weights_metadata.h"

#include <string.h>

struct LwStateDict {
  LwTensorFile *file; /* holds the data */
  GArray *tensors;    /* LwFileTensor */
  GPtrArray *names;   /* of the tensors */
};

static const int64_t no_batches;

void
lw_state_dict_free (LwStateDict *dict)
{
  if (dict == NULL)
    return;
  lw_tensor_file_free (dict->file);
  g_array_unref (dict->tensors);
  g_ptr_array_unref (dict->names);
  g_free (dict);
}

const LwFileTensor *
lw_state_dict_tensors (const LwStateDict *dict, int32_t *ret_n)
{
  *ret_n = (int32_t)dict->tensors->len;
  return (const LwFileTensor *)(void *)dict->tensors->data;
}

/* The tensor of the same layer and role in the other graph. Layers are built in one order, whatever
 * their names. */
static const LwTensorInfo *
same_tensor (const LwGraph *graph, const LwTensorInfo *tensor, const LwGraph *other)
{
  const LwNode *node = lw_graph_node (graph, tensor->node);
  const LwNode *there =
      tensor->node < lw_graph_n_nodes (other) ? lw_graph_node (other, tensor->node) : NULL;

  for (int32_t k = 0; k < node->n_tensors; k++)
    if (lw_graph_tensor (graph, node->tensors[k]) == tensor)
      return there != NULL && k < there->n_tensors ? lw_graph_tensor (other, there->tensors[k])
                                                   : NULL;
  return NULL;
}

static bool
fits (const LwFileTensor *found, const LwTensorInfo *wanted)
{
  return found->dtype == wanted->dtype && found->rank == wanted->rank &&
         memcmp (found->dims, wanted->dims, sizeof *found->dims * (gsize)wanted->rank) == 0;
}

static bool
take (LwStateDict *dict, LwGraph *stored, LwGraph *named, const LwTensorInfo *wanted,
      const char *path, GError **error)
{
  const LwTensorInfo *own = stored == named ? wanted : same_tensor (named, wanted, stored);
  const LwFileTensor *found = own != NULL ? lw_tensor_file_find (dict->file, own->name) : NULL;
  LwFileTensor tensor = {
    .dtype = wanted->dtype, .rank = wanted->rank, .size = wanted->size, .data = &no_batches
  };

  if (found != NULL ? !fits (found, wanted) : own == NULL || own->role != LW_ROLE_BATCHES) {
    g_autofree char *name = g_filename_display_name (path);

    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s does not hold \"%s\" as this network has it; choose another checkpoint."),
                 name, own != NULL ? own->name : wanted->name);
    return false;
  }
  memcpy (tensor.dims, wanted->dims, sizeof wanted->dims);
  if (found != NULL)
    tensor.data = found->data;
  tensor.name = g_strdup (wanted->name);
  g_ptr_array_add (dict->names, (gpointer)tensor.name);
  g_array_append_val (dict->tensors, tensor);
  return true;
}

LwStateDict *
lw_state_dict_open (const char *path, LwGraph *stored, LwGraph *named, GError **error)
{
  g_autoptr (LwStateDict) dict = g_new0 (LwStateDict, 1);
  LwGraph *graph = named != NULL ? named : stored;

  dict->tensors = g_array_new (FALSE, TRUE, sizeof (LwFileTensor));
  dict->names = g_ptr_array_new_with_free_func (g_free);
  dict->file = lw_tensor_file_open (path, error);
  if (dict->file == NULL)
    return NULL;
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    if (!take (dict, stored, graph, lw_graph_tensor (graph, i), path, error))
      return NULL;
  return g_steal_pointer (&dict);
}

bool
lw_state_dict_write_safetensors (const LwStateDict *dict, const LwSettings *settings,
                                 const char *path, GError **error)
{
  g_autoptr (GPtrArray) metadata = lw_weights_metadata (settings);
  int32_t n;
  const LwFileTensor *tensors = lw_state_dict_tensors (dict, &n);

  g_ptr_array_add (metadata, NULL);
  return lw_tensor_file_write (path, tensors, n, (const char *const *)metadata->pdata, error);
}

bool
lw_state_dict_write_npz (const LwStateDict *dict, const char *path, GError **error)
{
  int32_t n;
  const LwFileTensor *tensors = lw_state_dict_tensors (dict, &n);

  return lw_npz_write (path, tensors, n, error);
}
