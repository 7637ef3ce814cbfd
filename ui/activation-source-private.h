/* What the files of LwActivationSource share. */
#pragma once

#include "engine/snapshots.h"
#include "ui/activation-source.h"
#include "ui/looker.h"
#include "ui/run-moments.h"

G_BEGIN_DECLS

#define LW_MOST_OTHERS 32

struct _LwActivationSource {
  GObject parent;
  LwWorkbench *workbench; /* weak: a task may keep the source alive for longer */
  LwNodeId layer, parameters_of;
  int32_t row;
  LwNodeId others[LW_MOST_OTHERS];
  int n_others;
  bool active;

  LwSplit split;
  int32_t image;
  LwOwnPicture *own; /* instead of the example; or NULL */
  bool invert;
  LwPictureFit fit; /* for a network of an ONNX file */
  float *input;     /* as the network reads it; NULL: to be made, or impossible */
  LwShape input_shape;
  guint picture; /* its number */
  char *problem; /* with the picture */

  LwRunItem *run; /* the selected one */
  LwRunMoments *moments;
  int moment;          /* index; −1: now, or the best */
  int64_t moment_step; /* its step */

  LwLooker *looker;

  /* activation-live.c */
  LwProbe *probe;
  LwProbe *kept;     /* the one before, while `frame` is still of it */
  LwRunItem *probed; /* whose it is */
  const LwProbeFrame *frame;
  LwNodeId probed_parameters;         /* whose */
  LwNodeId nodes[LW_MOST_OTHERS + 1]; /* in the frame, in this order */
  int n_nodes;
  LwTensorPart parts[LW_MAX_TENSORS]; /* in the frame, after the layers */
  int32_t frame_row, watched_row;     /* of which unit `frame` and `probe` have weights */
  guint poll_id;
};

/* Whose parameters are read now. */
static inline LwNodeId
lw_activation_parameters_of (const LwActivationSource *self)
{
  return self->parameters_of != LW_NO_NODE ? self->parameters_of : self->layer;
}

/* As set_row asks, where that makes a difference. */
static inline int32_t
lw_activation_row (const LwActivationSource *self)
{
  const LwNodeId node = lw_activation_parameters_of (self);
  LwGraph *graph = lw_workbench_graph (self->workbench);

  return node != LW_NO_NODE && node < lw_graph_n_nodes (graph) && lw_layer_has_rows (graph, node)
             ? self->row
             : LW_ALL_ROWS;
}

/* activation-live.c: a training as it is now. */
void lw_activation_live_begin (LwActivationSource *self);
void lw_activation_live_end (LwActivationSource *self);
const float *lw_activation_live_values (LwActivationSource *self, LwNodeId node);
/* The numbers of a part, which may be of another unit than the one asked for; NULL: none. */
const float *
lw_activation_live_part (LwActivationSource *self, LwTensorRole role, LwTensorPart *ret_part);
/* Another unit's weights, with what is there until its first frame. */
void lw_activation_live_change_row (LwActivationSource *self);
const float *lw_activation_live_probabilities (LwActivationSource *self);
int64_t lw_activation_live_step (LwActivationSource *self);

G_END_DECLS
