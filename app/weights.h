/* LwWeights: a network with trained weights, from a run's folder, a safetensors file or an ONNX
 * file. One thread. */
#pragma once

#include "app/args.h"
#include "engine/data/dataset.h"
#include "engine/run.h"
#include "onnx/onnx.h"

G_BEGIN_DECLS

typedef struct {
  LwRun *run;           /* NULL: from a file */
  LwSettings *settings; /* the run's, or the model's own; owned */
  LwGraph *graph;       /* owned */
  char *path;           /* of the safetensors or ONNX file */
  LwOnnxNetwork *onnx;  /* NULL: no ONNX file; owned. `settings` then are of this network only where
                           lw_onnx_settings knows some */
} LwWeights;

/* `source`: a run's folder, or a safetensors file, whose network --model (and --set, --input,
 * --classes, --resize) describes; without --model the file's own metadata does; or an ONNX file,
 * which says all that itself. `checkpoint`:
 * "last", "best" or a step; NULL: the best, and the last where no epoch was finished. On failure
 * `*ret_status` is the exit status. */
LwWeights *lw_weights_open (const LwArgs *args, const char *source, const char *checkpoint,
                            int *ret_status, GError **error);
/* The same of a safetensors file that says itself of which network it is, whatever --names says,
 * which is about what is made of it then. */
LwWeights *
lw_weights_open_file (const LwArgs *args, const char *path, int *ret_status, GError **error);
/* The run alone: `path` is NULL, and there is no session to be had. */
LwWeights *
lw_weights_open_run (const LwArgs *args, const char *folder, int *ret_status, GError **error);
void lw_weights_free (LwWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwWeights, lw_weights_free)

/* What of a picture of another shape than the input is read: as for the images of the data, which
 * may be NULL; for a network of an ONNX file, which says nothing of them, the middle. */
LwPictureFit lw_weights_picture_fit (const LwWeights *weights, const LwDataset *dataset);
/* An inference session with these weights on a device ("auto", "reference", …), in batches of
 * `batch` (0: 64). */
LwSession *lw_weights_session (const LwWeights *weights, const char *device,
                               LwAlgorithms algorithms, int32_t batch, GError **error);

G_END_DECLS
