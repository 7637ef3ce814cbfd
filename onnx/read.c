/* A file as a network: checked, unpacked, imported. The message lives as long as the network, whose
 * weights lie in it. */
#include "engine/data/class_names.h"
#include "engine/formats/file.h"
#include "engine/free_memory.h"
#include "engine/i18n.h"
#include "engine/weights_metadata.h"
#include "onnx/import.h"
#include "onnx/model.h"
#include "onnx/onnx.h"
#include "onnx/own.h"
#include "onnx/wire_check.h"

#include <string.h>

/* Protobuf itself goes no further. */
#define LARGEST_FILE G_MAXINT32
/* What the structure of a file may take beside its bytes; an honest one of hundreds of layers takes
 * less than one MB. */
#define LARGEST_STRUCTURE (64 << 20)

struct LwOnnxNetwork {
  gatomicrefcount references;
  Onnx__ModelProto *model;
  LwGraph *graph;
  LwSettings *settings; /* of a network of the library */
  GPtrArray *data;      /* of the graph's tensors */
  GPtrArray *owned;     /* what of them is not in the message */
  LwOnnxModel *row;
  char *producer;
  char *unread_normalization; /* NULL: it is the graph's */
  int64_t opset;
  bool softmax;
};

static Onnx__ModelProto *
unpack (GBytes *bytes, const char *file, GError **error)
{
  gsize length;
  const uint8_t *data = g_bytes_get_data (bytes, &length);
  const int64_t available = lw_free_host_memory ();
  Onnx__ModelProto *model = NULL;
  uint64_t memory;

  if (length > 0 && lw_wire_check (&onnx__model_proto__descriptor, data, length, &memory) &&
      memory <= length + LARGEST_STRUCTURE) {
    if (available >= 0 && memory > (uint64_t)available + LARGEST_STRUCTURE) {
      g_set_error (error, LW_ERROR, LW_ERROR_MEMORY, _ ("There is not enough memory for %s."),
                   file);
      return NULL;
    }
    model = onnx__model_proto__unpack (NULL, length, data);
  }
  if (model == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("%s is no ONNX file, or it is damaged; export it again."), file);
  return model;
}

static bool
import_model (LwOnnxNetwork *network, const char *file, gsize length, GError **error)
{
  LwOnnxImport import = {
    .file = file,
    .graph = network->model->graph,
    .values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .reads = g_hash_table_new (g_str_hash, g_str_equal),
    .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .owned = network->owned,
    .to_own = length + LARGEST_STRUCTURE,
    .flat = lw_graph_new ("ONNX"),
    .layers = g_array_new (FALSE, TRUE, sizeof (LwOnnxLayer)),
  };

  network->graph = lw_onnx_import (&import, network->model, network->data);
  network->opset = import.opset;
  network->softmax = import.softmax;
  g_hash_table_unref (import.values);
  g_hash_table_unref (import.reads);
  g_hash_table_unref (import.names);
  g_array_unref (import.layers);
  lw_graph_unref (import.flat);
  if (network->graph == NULL)
    g_propagate_error (error, import.error);
  return network->graph != NULL;
}

/* The library's graph may have its tensors in another order. */
static void
recognize (LwOnnxNetwork *network)
{
  g_autoptr (GPtrArray) data = NULL;
  LwGraph *graph;

  if (!lw_onnx_find_own (network->model, network->graph, &graph, &network->settings))
    return;
  data = g_ptr_array_new ();
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    g_ptr_array_add (
        data, network->data
                  ->pdata[lw_graph_find_tensor (network->graph, lw_graph_tensor (graph, i)->name)]);
  g_ptr_array_unref (network->data);
  network->data = g_steal_pointer (&data);
  lw_graph_unref (network->graph);
  network->graph = graph;
}

/* A word that nobody understands does not hide of which network the layers are. */
static void
read_normalization (LwOnnxNetwork *network)
{
  LwNormalization normalization;

  if (!lw_normalization_metadata_read (lw_onnx_find_key, network->model,
                                       lw_graph_input_shape (network->graph).c, &normalization,
                                       NULL)) {
    network->unread_normalization =
        lw_onnx_clean (lw_onnx_find_metadata (network->model, "normalization"));
    return;
  }
  lw_graph_set_normalization (network->graph, &normalization);
  if (network->settings != NULL)
    lw_options_set_normalization (network->settings->options, &normalization);
}

LwOnnxNetwork *
lw_onnx_parse (GBytes *bytes, const char *name_for_errors, GError **error)
{
  g_autoptr (LwOnnxNetwork) network = g_new0 (LwOnnxNetwork, 1);
  g_autofree char *file = lw_onnx_clean (name_for_errors);
  g_autofree char *producer = NULL;

  g_atomic_ref_count_init (&network->references);
  network->data = g_ptr_array_new ();
  network->owned = g_ptr_array_new_with_free_func (g_free);
  network->model = unpack (bytes, file, error);
  if (network->model == NULL || !import_model (network, file, g_bytes_get_size (bytes), error))
    return NULL;
  recognize (network);
  read_normalization (network);
  producer = g_strdup_printf (
      "%s %s", network->model->producer_name != NULL ? network->model->producer_name : "",
      network->model->producer_version != NULL ? network->model->producer_version : "");
  network->producer = g_strstrip (lw_onnx_clean (producer));
  network->row = lw_onnx_model_new (network->graph, file, network->producer);
  return g_steal_pointer (&network);
}

LwOnnxNetwork *
lw_onnx_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = lw_file_read (path, LARGEST_FILE, error);
  g_autofree char *name = g_filename_display_basename (path);

  return bytes != NULL ? lw_onnx_parse (bytes, name, error) : NULL;
}

LwOnnxNetwork *
lw_onnx_ref (LwOnnxNetwork *network)
{
  g_atomic_ref_count_inc (&network->references);
  return network;
}

void
lw_onnx_free (LwOnnxNetwork *network)
{
  if (network == NULL || !g_atomic_ref_count_dec (&network->references))
    return;
  g_clear_pointer (&network->graph, lw_graph_unref);
  if (network->model != NULL)
    onnx__model_proto__free_unpacked (network->model, NULL);
  g_ptr_array_unref (network->data);
  g_ptr_array_unref (network->owned);
  lw_settings_free (network->settings);
  lw_onnx_model_free (network->row);
  g_free (network->producer);
  g_free (network->unread_normalization);
  g_free (network);
}

LwGraph *
lw_onnx_graph (const LwOnnxNetwork *network)
{
  return network->graph;
}

const void *
lw_onnx_tensor (const LwOnnxNetwork *network, int32_t index)
{
  g_return_val_if_fail (index >= 0 && (guint)index < network->data->len, NULL);
  return network->data->pdata[index];
}

const LwModel *
lw_onnx_model (const LwOnnxNetwork *network)
{
  return lw_onnx_model_row (network->row);
}

const LwSettings *
lw_onnx_settings (const LwOnnxNetwork *network)
{
  return network->settings;
}

const char *
lw_onnx_metadata (const LwOnnxNetwork *network, const char *key)
{
  return lw_onnx_find_metadata (network->model, key);
}

char **
lw_onnx_classes (const LwOnnxNetwork *network)
{
  const char *names = lw_onnx_metadata (network, "class_names");

  return names != NULL ? lw_class_names_parse (names, lw_graph_classes (network->graph)) : NULL;
}

const char *
lw_onnx_unread_normalization (const LwOnnxNetwork *network)
{
  return network->unread_normalization;
}

const char *
lw_onnx_producer (const LwOnnxNetwork *network)
{
  return network->producer;
}

int64_t
lw_onnx_opset (const LwOnnxNetwork *network)
{
  return network->opset;
}

bool
lw_onnx_had_softmax (const LwOnnxNetwork *network)
{
  return network->softmax;
}

static bool
same_tensors (LwGraph *a, LwGraph *b)
{
  bool same = lw_graph_n_tensors (a) == lw_graph_n_tensors (b);

  for (int32_t i = 0; same && i < lw_graph_n_tensors (a); i++) {
    const LwTensorInfo *of_a = lw_graph_tensor (a, i), *of_b = lw_graph_tensor (b, i);

    same = g_str_equal (of_a->name, of_b->name) && of_a->rank == of_b->rank &&
           memcmp (of_a->dims, of_b->dims, sizeof *of_a->dims * (size_t)of_a->rank) == 0;
  }
  return same;
}

bool
lw_onnx_load (const LwOnnxNetwork *network, LwSession *session, GError **error)
{
  if (!same_tensors (network->graph, lw_session_graph (session))) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The file's weights are those of the network as the file has it: with these "
                    "knobs it has other layers."));
    return false;
  }
  for (guint i = 0; i < network->data->len; i++)
    if (!lw_session_set_tensor (session, (int32_t)i, network->data->pdata[i], error))
      return false;
  return true;
}
