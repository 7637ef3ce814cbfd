/* The interface of a build without protobuf-c. */
#include "engine/i18n.h"
#include "onnx/onnx.h"

static void
say_absent (GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("this build reads and writes no ONNX files: install libprotobuf-c-dev, "
                  "protobuf-c-compiler and libonnx-dev, then ./run --build"));
}

bool
lw_onnx_write (const LwGraph *graph, const void *const *tensors, const char *const *metadata,
               const char *path, GError **error)
{
  (void)graph, (void)tensors, (void)metadata, (void)path;
  say_absent (error);
  return false;
}

bool
lw_onnx_write_run (const LwRun *run, const char *checkpoint, const char *path, GError **error)
{
  (void)run, (void)checkpoint, (void)path;
  say_absent (error);
  return false;
}

LwOnnxNetwork *
lw_onnx_open (const char *path, GError **error)
{
  (void)path;
  say_absent (error);
  return NULL;
}

LwOnnxNetwork *
lw_onnx_parse (GBytes *bytes, const char *name_for_errors, GError **error)
{
  (void)bytes, (void)name_for_errors;
  say_absent (error);
  return NULL;
}

/* Of a network that there never is. */

LwOnnxNetwork *
lw_onnx_ref (LwOnnxNetwork *network)
{
  return network;
}

void
lw_onnx_free (LwOnnxNetwork *network)
{
  (void)network;
}

LwGraph *
lw_onnx_graph (const LwOnnxNetwork *network)
{
  (void)network;
  return NULL;
}

const LwModel *
lw_onnx_model (const LwOnnxNetwork *network)
{
  (void)network;
  return NULL;
}

const LwSettings *
lw_onnx_settings (const LwOnnxNetwork *network)
{
  (void)network;
  return NULL;
}

const void *
lw_onnx_tensor (const LwOnnxNetwork *network, int32_t index)
{
  (void)network, (void)index;
  return NULL;
}

const char *
lw_onnx_metadata (const LwOnnxNetwork *network, const char *key)
{
  (void)network, (void)key;
  return NULL;
}

char **
lw_onnx_classes (const LwOnnxNetwork *network)
{
  (void)network;
  return NULL;
}

const char *
lw_onnx_unread_normalization (const LwOnnxNetwork *network)
{
  (void)network;
  return NULL;
}

const char *
lw_onnx_producer (const LwOnnxNetwork *network)
{
  (void)network;
  return "";
}

int64_t
lw_onnx_opset (const LwOnnxNetwork *network)
{
  (void)network;
  return 0;
}

bool
lw_onnx_had_softmax (const LwOnnxNetwork *network)
{
  (void)network;
  return false;
}

bool
lw_onnx_load (const LwOnnxNetwork *network, LwSession *session, GError **error)
{
  (void)network, (void)session;
  say_absent (error);
  return false;
}
