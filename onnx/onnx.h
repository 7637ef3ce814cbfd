/* ONNX files (the Open Neural Network Exchange format): a network with its weights for other
 * programs, and networks of other programs. The format is the standard's own protobuf schema; its
 * operators are those of opset 17 (https://onnx.ai/onnx/operators). A build without protobuf-c has
 * the same functions, which fail with LW_ERROR_UNSUPPORTED and say what to install.
 *
 * Threads: functions are reentrant; a network is immutable and atomically counted. Nothing is
 * printed. */
#pragma once

#include "engine/run.h"

G_BEGIN_DECLS

/* --- writing ---------------------------------------------------------------------------------- */

/* What a file says of a trained network beside its graph: key, value, key, value, …, NULL: what
 * engine/weights_metadata.h says of a network, "title", and with `class_names` (a JSON array, or
 * NULL) "class_names". g_strfreev. */
char **lw_onnx_describe (const LwOptions *options, const char *class_names);
/* The names of a run's classes as a JSON array; NULL: they are not known. g_free. */
char *lw_onnx_class_names (const LwRun *run);

/* Writes the network for inference: one node a layer under its name, every value with its shape,
 * the batch symbolic ("batch"), weights inside; input "input" [batch, C, H, W] float32, output
 * "logits" [batch, classes]. `tensors`: of each tensor of the graph its data,
 * contiguous and in PyTorch's order; those of counters are not read and may be NULL.
 * `metadata`: as above, or NULL. The file is written beside and renamed. Fails for a network whose
 * file would have 2 GB or more, which protobuf cannot. */
bool lw_onnx_write (const LwGraph *graph, const void *const *tensors, const char *const *metadata,
                    const char *path, GError **error);
/* The same with a run's checkpoint ("last", "best", a step), read from its folder. */
bool lw_onnx_write_run (const LwRun *run, const char *checkpoint, const char *path, GError **error);

/* --- reading ---------------------------------------------------------------------------------- */

/* A network of an ONNX file: feed-forward, of operators that Layerwise has, float32. */
typedef struct LwOnnxNetwork LwOnnxNetwork;

/* Reads a file, hostile or not: sizes, nesting and shapes are checked before memory is taken. Fails
 * with a sentence that names the operator and the node that cannot be read. */
LwOnnxNetwork *lw_onnx_open (const char *path, GError **error);
LwOnnxNetwork *lw_onnx_parse (GBytes *bytes, const char *name_for_errors, GError **error);
LwOnnxNetwork *lw_onnx_ref (LwOnnxNetwork *network);
void lw_onnx_free (LwOnnxNetwork *network); /* drops a reference */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOnnxNetwork, lw_onnx_free)

/* The network's; layers are called as the file's weights and nodes are, blocks follow from names.
 * Its normalization is what the file's metadata say ("normalization", as Layerwise writes it). */
LwGraph *lw_onnx_graph (const LwOnnxNetwork *network);
/* Of a file that Layerwise wrote: the model and its knobs, with the book's recipe; NULL: it is
 * none. */
const LwSettings *lw_onnx_settings (const LwOnnxNetwork *network);
/* The network as a row of the model library, for what shows models: called as the file, with knobs
 * that cannot be turned, family "ONNX". As long as the network lives. */
const LwModel *lw_onnx_model (const LwOnnxNetwork *network);
/* Contiguous data of tensor `index` of the graph, float32 (int64 for counters), as long as the
 * network lives. */
const void *lw_onnx_tensor (const LwOnnxNetwork *network, int32_t index);
/* Of the file's metadata; NULL: it has no such key, or what it has is no UTF-8. */
const char *lw_onnx_metadata (const LwOnnxNetwork *network, const char *key);
/* The names of the classes that the metadata give ("class_names", a JSON array); NULL: it names
 * none, or not all. g_strfreev. */
char **lw_onnx_classes (const LwOnnxNetwork *network);
/* What the metadata say of the normalization of images where that is not to be understood: the
 * graph has none then, and whoever predicts asks. NULL: it is the graph's. */
const char *lw_onnx_unread_normalization (const LwOnnxNetwork *network);
/* Who made the file ("pytorch 2.1"), and its opset; may be "" and 0. */
const char *lw_onnx_producer (const LwOnnxNetwork *network);
int64_t lw_onnx_opset (const LwOnnxNetwork *network);
/* Whether a softmax at the end was left out, because scores become probabilities here anyway. */
bool lw_onnx_had_softmax (const LwOnnxNetwork *network);
/* Puts the weights into a session of this graph, or of one with the same tensors; fails for
 * another, as a network with other knobs has it. */
bool lw_onnx_load (const LwOnnxNetwork *network, LwSession *session, GError **error);

/* Whether a file's name says that it is one: ".onnx". */
bool lw_onnx_is_name (const char *path);

G_END_DECLS
