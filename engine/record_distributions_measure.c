/* One moment: an inference pass whose outputs are tallied layer by layer, and the tensors. */
#include "engine/record_distributions_private.h"

#include "engine/op.h"

#include <math.h>

#define MOST_AT_HAND (1 << 23) /* floats that are kept for one tensor or output */

static bool
is_activation (const LwNode *node)
{
  return lw_op_info (node->op)->kind == LW_KIND_ACTIVATION;
}

/* A larger tensor is copied into memory that is taken for it and given back, as for a checkpoint,
 * which copies all of them. */
void
lw_distributions_prepare (LwDistributions *self)
{
  const LwGraph *graph = self->graph;
  int64_t output = 1, tensor = 1;

  self->units = g_new (int32_t, self->n_outputs);
  for (int32_t i = 0; i < self->n_outputs; i++) {
    const LwNode *node = lw_graph_node (graph, self->entries[i].node);

    output = MAX (output, lw_shape_size (node->shape));
    self->units[i] = is_activation (node) ? self->n_units : -1;
    self->n_units += is_activation (node) ? node->shape.c : 0;
  }
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    tensor = MAX (tensor, lw_graph_tensor (graph, i)->size);
  self->at_once = (int32_t)CLAMP (MOST_AT_HAND / output, 1,
                                  MAX (1, MIN (self->images, self->context->settings->batch)));
  self->n_values = MAX (output * self->at_once, MIN (tensor, MOST_AT_HAND));
  self->values = g_new (float, self->n_values);
  self->pixels = g_new (float, self->at_once *lw_shape_size (lw_graph_input_shape (graph)));
  self->tallies = g_new (LwTally, self->n_outputs);
  self->lows = g_new (float, MAX (self->n_units, 1));
  self->highs = g_new (float, MAX (self->n_units, 1));
}

void
lw_distributions_unprepare (LwDistributions *self)
{
  g_free (self->units);
  g_free (self->values);
  g_free (self->pixels);
  g_free (self->tallies);
  g_free (self->lows);
  g_free (self->highs);
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* Images `first` … of those that are looked at. */
static void
read_pixels (LwDistributions *self, int32_t first, int32_t n)
{
  if (self->has_pixels && n == self->images)
    return; /* all of them, as the last time */
  lw_record_read_images (self->context, first, n, self->images, self->pixels);
  self->has_pixels = true;
}

static bool
look (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  LwDistributions *self = data;
  const int32_t place = step->node != NULL ? self->places[LW_OF_OUTPUTS][step->id] : -1;
  int64_t size;

  if (backward || place < 0)
    return true;
  if (!lw_session_download (session, step, step->n, self->values, error))
    return false;
  size = lw_shape_size (step->node->shape);
  lw_tally_add (&self->tallies[place], self->values, size * step->n);
  if (self->units[place] >= 0)
    lw_units_add (self->values, step->n, step->node->shape.c, size / step->node->shape.c,
                  self->lows + self->units[place], self->highs + self->units[place]);
  return true;
}

static void
end_outputs (LwDistributions *self)
{
  for (int32_t i = 0; i < self->n_outputs; i++) {
    const LwNode *node = lw_graph_node (self->graph, self->entries[i].node);
    LwDistribution *distribution = &self->pending[i];
    const int32_t first = self->units[i];

    lw_tally_end (&self->tallies[i], distribution);
    distribution->units = node->shape.c;
    if (first >= 0)
      distribution->dead =
          lw_units_dead (node->op, node->shape.c, self->lows + first, self->highs + first);
  }
}

static bool
measure_outputs (LwDistributions *self, LwSession *session, GError **error)
{
  const int32_t most =
      MIN (self->at_once, lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE)));

  for (int32_t i = 0; i < self->n_outputs; i++)
    lw_tally_begin (&self->tallies[i], lw_graph_node (self->graph, self->entries[i].node)->op);
  for (int32_t i = 0; i < self->n_units; i++) {
    self->lows[i] = INFINITY;
    self->highs[i] = -INFINITY;
  }
  for (int32_t first = 0; first < self->images; first += most) {
    const LwBatch batch = { .images = self->pixels, .n = MIN (most, self->images - first) };

    read_pixels (self, first, batch.n);
    if (!lw_session_infer (session, &batch, look, self, NULL, NULL, error))
      return false;
  }
  end_outputs (self);
  return true;
}

/* --- tensors ---------------------------------------------------------------------------------- */

static bool
measure_tensor (LwDistributions *self, LwSession *session, int32_t entry, GError **error)
{
  const LwNode *node = lw_graph_node (self->graph, self->entries[entry].node);
  const int32_t index = node->tensors[LW_ROLE_WEIGHT];
  const int64_t size = lw_graph_tensor (self->graph, index)->size;
  g_autofree float *own = size > self->n_values ? g_try_new (float, size) : NULL;
  float *values = size > self->n_values ? own : self->values;
  LwTally tally;

  self->pending[entry] = (LwDistribution){ .high = 1 };
  if (values == NULL)
    return true; /* no reason to end a training */
  if (!(self->entries[entry].of == LW_OF_WEIGHTS
            ? lw_session_get_tensor (session, index, values, error)
            : lw_session_get_gradient (session, index, values, error)))
    return false;
  lw_tally_begin (&tally, node->op);
  lw_tally_add (&tally, values, size);
  lw_tally_end (&tally, &self->pending[entry]);
  self->pending[entry].units = node->shape.c;
  return true;
}

static bool
measure_tensors (LwDistributions *self, LwSession *session, LwDistributionOf of, GError **error)
{
  for (int32_t i = self->n_outputs; i < self->n_entries; i++)
    if (self->entries[i].of == of && !measure_tensor (self, session, i, error))
      return false;
  return true;
}

bool
lw_distributions_measure_gradients (LwDistributions *self, LwSession *session, GError **error)
{
  return measure_tensors (self, session, LW_OF_GRADIENTS, error);
}

bool
lw_distributions_measure (LwDistributions *self, LwSession *session, GError **error)
{
  return measure_outputs (self, session, error) &&
         measure_tensors (self, session, LW_OF_WEIGHTS, error);
}
