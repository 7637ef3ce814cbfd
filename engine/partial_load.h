/* First weights out of a file that fits a network in part only: what has the same name, shape and
 * type is taken, all else is said. What is not taken keeps what it was initialized with. For new
 * classes over trained layers (Yosinski, Clune, Bengio, Lipson, "How transferable are features in
 * deep neural networks?", NIPS 2014). */
#pragma once

#include "engine/formats/safetensors.h"
#include "engine/session.h"

G_BEGIN_DECLS

typedef enum {
  LW_PARTIAL_TAKEN,
  LW_PARTIAL_MISSING, /* the file has none of this name */
  LW_PARTIAL_SHAPE,   /* it has another shape there */
  LW_PARTIAL_TYPE,    /* it has numbers of another type there */
  LW_PARTIAL_UNUSED,  /* the file's; the network has none of this name */
} LwPartialFate;

typedef struct {
  char *name;
  LwPartialFate fate;
  int32_t rank, file_rank; /* of what there is of both */
  int64_t dims[4], file_dims[8];
} LwPartialTensor;

/* Of each tensor of the network in its order, then of each that only the file has (an optimizer's
 * copies left out): elements are LwPartialTensor; g_array_unref. Pure. */
GArray *lw_partial_compare (const LwGraph *graph, const LwTensorFile *file);

/* Takes what fits and returns what became of all; NULL with a sentence where nothing fits. The
 * session must have been initialized. */
GArray *lw_session_load_partial (LwSession *session, const char *path, GError **error);

G_END_DECLS
