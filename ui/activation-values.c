/* What LwActivationSource has to show: of a live frame or of an answer of the looker; and whether
 * more is on its way. */
#include "ui/activation-source-private.h"
#include "ui/workbench-viewer.h"

/* Of the picture that is shown; while it is dragged over epochs also of one on the way. */
static const LwLook *
look_now (LwActivationSource *self)
{
  const LwLook *look = self->looker != NULL ? lw_looker_last (self->looker) : NULL;

  return look != NULL && look->picture == self->picture && self->input != NULL ? look : NULL;
}

const float *
lw_activation_source_values_of (LwActivationSource *self, LwNodeId node)
{
  const LwLook *look;

  if (node < 0 || node >= lw_graph_n_nodes (lw_workbench_graph (self->workbench)))
    return NULL;
  if (lw_activation_source_is_live (self))
    return lw_activation_live_values (self, node);
  look = look_now (self);
  return look != NULL ? lw_observation_values (look->observation, node) : NULL;
}

const float *
lw_activation_source_values (LwActivationSource *self, LwShape *ret_shape)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  if (self->layer == LW_NO_NODE || self->layer >= lw_graph_n_nodes (graph))
    return NULL;
  *ret_shape = lw_graph_node (graph, self->layer)->shape;
  return lw_activation_source_values_of (self, self->layer);
}

const void *
lw_activation_source_held (LwActivationSource *self)
{
  return self->looker != NULL && !lw_activation_source_is_live (self)
             ? lw_looker_last (self->looker)
             : NULL;
}

/* Numbers of the layer, and which part of the tensor they are. */
static const float *
part_now (LwActivationSource *self, LwTensorRole role, LwTensorPart *ret_part)
{
  const LwLook *look;

  if (lw_activation_source_is_live (self))
    return lw_activation_live_part (self, role, ret_part);
  look = look_now (self);
  if (look == NULL || look->layer != lw_activation_parameters_of (self))
    return NULL;
  *ret_part = look->parts[role];
  return look->tensors[role];
}

const float *
lw_activation_source_tensor (LwActivationSource *self, LwTensorRole role)
{
  LwTensorPart part;
  const float *numbers = part_now (self, role, &part);

  return numbers != NULL && part.row == LW_ALL_ROWS ? numbers : NULL;
}

const float *
lw_activation_source_row (LwActivationSource *self, LwTensorRole role)
{
  LwTensorPart part;
  const float *numbers = part_now (self, role, &part);

  return numbers != NULL && part.row != LW_ALL_ROWS && part.row == self->row ? numbers : NULL;
}

const float *
lw_activation_source_probabilities (LwActivationSource *self)
{
  const LwLook *look;

  if (lw_activation_source_is_live (self))
    return lw_activation_live_probabilities (self);
  look = look_now (self);
  return look != NULL ? lw_observation_probabilities (look->observation) : NULL;
}

LwWeightsKind
lw_activation_source_kind (LwActivationSource *self, int64_t *ret_step, double *ret_epoch)
{
  const LwLook *look = look_now (self);
  GPtrArray *moments = lw_run_moments_get (self->moments);
  const LwWeightsMoment *moment = NULL;

  *ret_step = 0;
  *ret_epoch = 0;
  if (lw_activation_source_is_live (self)) {
    *ret_step = lw_activation_live_step (self);
    return *ret_step > 0 ? LW_WEIGHTS_LIVE : LW_WEIGHTS_INITIAL;
  }
  for (guint i = 0; look != NULL && moments != NULL && i < moments->len; i++) {
    const LwWeightsMoment *one = g_ptr_array_index (moments, i);

    if (g_strcmp0 (one->path, look->weights) == 0)
      moment = one;
  }
  if (moment == NULL && lw_workbench_network (self->workbench) != NULL)
    return LW_WEIGHTS_FILE;
  if (moment == NULL || moment->step == 0)
    return LW_WEIGHTS_INITIAL;
  *ret_step = moment->step;
  *ret_epoch = moment->epoch;
  if (moment->best)
    return LW_WEIGHTS_BEST;
  return moment->epoch == (double)(int64_t)moment->epoch ? LW_WEIGHTS_EPOCH : LW_WEIGHTS_STEP;
}

const char *
lw_activation_source_problem (LwActivationSource *self)
{
  const char *looking = self->looker != NULL ? lw_looker_problem (self->looker) : NULL;

  if (self->problem != NULL)
    return self->problem;
  if (self->own == NULL && lw_workbench_dataset_error (self->workbench) != NULL)
    return lw_workbench_dataset_error (self->workbench);
  return lw_activation_source_is_live (self) ? NULL : looking;
}

bool
lw_activation_source_is_busy (LwActivationSource *self)
{
  return lw_run_moments_is_busy (self->moments) ||
         (self->looker != NULL && lw_looker_is_busy (self->looker));
}

bool
lw_activation_source_is_searching (LwActivationSource *self)
{
  return self->looker != NULL && lw_looker_is_searching (self->looker);
}
