/* Keeping the moments and reading them. */
#include "engine/record_distributions_private.h"

#include "engine/op.h"
#include "engine/thin.h"

#include <string.h>

#define AT_FIRST     80   /* moments that the run would have at the distance that it begins with */
#define SHARE        0.02 /* of the steps' time that moments may take */
#define FREE_SECONDS 0.15 /* that they may take in any case, spread over the run */
#define LEAST_IMAGES 8    /* whatever the network's size */
#define MOST_IMAGES  32
#define MOST_VALUES  (1 << 23) /* of all layers' outputs together, above the least images */

static LwDistributions *
self_of (LwRecord *record)
{
  return (LwDistributions *)record;
}

/* --- making ----------------------------------------------------------------------------------- */

static bool
has_outputs (const LwNode *node)
{
  return node->op != LW_OP_INPUT && node->op != LW_OP_DROPOUT && node->op != LW_OP_FLATTEN;
}

static void
list_entries (LwDistributions *self)
{
  const int32_t n_nodes = lw_graph_n_nodes (self->graph);

  self->entries = g_new0 (LwDistributionEntry, (gsize)n_nodes * LW_N_DISTRIBUTIONS);
  for (int of = 0; of < LW_N_DISTRIBUTIONS; of++) {
    self->places[of] = g_new (int32_t, n_nodes);
    for (LwNodeId id = 0; id < n_nodes; id++) {
      const LwNode *node = lw_graph_node (self->graph, id);
      const bool has = of == LW_OF_OUTPUTS ? has_outputs (node) : node->n_tensors > 0;

      self->places[of][id] = has ? self->n_entries : -1;
      if (has)
        self->entries[self->n_entries++] = (LwDistributionEntry){ id, (LwDistributionOf)of };
    }
    if (of == LW_OF_OUTPUTS)
      self->n_outputs = self->n_entries;
  }
}

static int32_t
choose_images (const LwGraph *graph, int32_t available)
{
  int64_t values = 1;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    values += lw_shape_size (lw_graph_node (graph, id)->shape);
  return MIN (available, (int32_t)CLAMP (MOST_VALUES / values, LEAST_IMAGES, MOST_IMAGES));
}

static LwRecord *
make (const LwRecordContext *context)
{
  LwDistributions *self = g_new0 (LwDistributions, 1);

  self->graph = context->graph;
  self->context = context;
  pthread_mutex_init (&self->lock, NULL);
  list_entries (self);
  self->stride = MAX (1, (context->total_steps + AT_FIRST - 1) / AT_FIRST);
  self->rows = g_new0 (LwDistribution, (gsize)self->n_entries * LW_DISTRIBUTION_MOMENTS);
  self->pending = g_new0 (LwDistribution, self->n_entries);
  self->free_seconds = FREE_SECONDS;
  if (context->dataset != NULL) {
    self->images = choose_images (self->graph, lw_record_test_images (context));
    lw_distributions_prepare (self);
  }
  return &self->base;
}

static void
free_record (LwRecord *record)
{
  LwDistributions *self = self_of (record);

  lw_distributions_unprepare (self);
  pthread_mutex_destroy (&self->lock);
  for (int of = 0; of < LW_N_DISTRIBUTIONS; of++)
    g_free (self->places[of]);
  g_free (self->entries);
  g_free (self->rows);
  g_free (self->pending);
  g_free (self);
}

/* --- moments ---------------------------------------------------------------------------------- */

static void
thin_out (LwDistributions *self)
{
  lw_keep_even (self->moments, sizeof *self->moments, LW_DISTRIBUTION_MOMENTS);
  lw_keep_even (self->rows, sizeof *self->rows * (gsize)self->n_entries, LW_DISTRIBUTION_MOMENTS);
  self->n = LW_DISTRIBUTION_MOMENTS / 2;
  self->stride *= 2;
}

static void
commit (LwDistributions *self, LwDistributionMoment moment)
{
  pthread_mutex_lock (&self->lock);
  if (self->n == LW_DISTRIBUTION_MOMENTS)
    thin_out (self);
  self->moments[self->n] = moment;
  memcpy (self->rows + (gsize)self->n * (gsize)self->n_entries, self->pending,
          sizeof *self->rows * (gsize)self->n_entries);
  self->n++;
  pthread_mutex_unlock (&self->lock);
  atomic_fetch_add (&self->base.version, 1);
}

static double
seconds_since (gint64 begin)
{
  return (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

static bool
before_step (LwRecord *record, LwSession *session, const LwBatch *batch, int64_t step,
             GError **error)
{
  LwDistributions *self = self_of (record);

  (void)batch;
  if (step == 1 && self->n == 0 && !self->begun) {
    const gint64 begin = g_get_monotonic_time ();

    if (!lw_distributions_measure (self, session, error))
      return false;
    self->begun = true;
    self->spent += seconds_since (begin);
  }
  self->step_begin = g_get_monotonic_time ();
  return true;
}

static bool
is_due (const LwDistributions *self, int64_t step)
{
  const int64_t last = self->n > 0 ? self->moments[self->n - 1].step : -1;
  const int64_t total = self->context->total_steps;
  double allowed;

  if (step <= last)
    return false;
  if (step == total)
    return true;
  allowed = SHARE * self->steps;
  if (total > 0)
    allowed = MAX (allowed, self->free_seconds * (0.2 + 0.8 * (double)step / (double)total));
  return step / self->stride > MAX (last, 0) / self->stride && self->spent <= allowed;
}

static bool
after_step (LwRecord *record, LwSession *session, const LwMoment *moment, GError **error)
{
  LwDistributions *self = self_of (record);
  const gint64 begin = g_get_monotonic_time ();

  self->steps += (double)(begin - self->step_begin) / G_USEC_PER_SEC;
  if (session == NULL) {
    /* at the next step already */
  } else if (self->begun) {
    self->begun = false;
    if (!lw_distributions_measure_gradients (self, session, error))
      return false;
    commit (self, (LwDistributionMoment){ 0, 0, moment->learning_rate });
  } else if (is_due (self, moment->step)) {
    if (!lw_distributions_measure_gradients (self, session, error) ||
        !lw_distributions_measure (self, session, error))
      return false;
    commit (self, (LwDistributionMoment){ moment->step, moment->epoch, moment->learning_rate });
  }
  self->spent += seconds_since (begin);
  return true;
}

static bool
wants (LwRecord *record, int64_t step)
{
  const LwDistributions *self = self_of (record);

  return self->begun || is_due (self, step);
}

/* Its gradients say where it began; weights are those before the step. */
static bool
diverged (LwRecord *record, LwSession *session, const LwBatch *batch, const LwMoment *moment,
          GError **error)
{
  LwDistributions *self = self_of (record);

  (void)batch;
  if (!lw_distributions_measure_gradients (self, session, error) ||
      !(self->begun || lw_distributions_measure (self, session, error)))
    return false;
  commit (self, self->begun
                    ? (LwDistributionMoment){ 0, 0, moment->learning_rate }
                    : (LwDistributionMoment){ moment->step, moment->epoch, moment->learning_rate });
  self->begun = false;
  return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

int32_t
lw_distributions_moments (LwRecord *record, LwDistributionMoment *ret_moments)
{
  LwDistributions *self = self_of (record);
  int32_t n;

  pthread_mutex_lock (&self->lock);
  n = self->n;
  memcpy (ret_moments, self->moments, sizeof *ret_moments * (gsize)n);
  pthread_mutex_unlock (&self->lock);
  return n;
}

bool
lw_distributions_has (LwRecord *record, LwDistributionOf of, LwNodeId node)
{
  LwDistributions *self = self_of (record);

  return node >= 0 && node < lw_graph_n_nodes (self->graph) && self->places[of][node] >= 0;
}

int32_t
lw_distributions_read (LwRecord *record, LwDistributionOf of, LwNodeId node,
                       LwDistributionMoment *ret_moments, LwDistribution *ret_distributions)
{
  LwDistributions *self = self_of (record);
  int32_t n;

  if (!lw_distributions_has (record, of, node))
    return 0;
  pthread_mutex_lock (&self->lock);
  n = self->n;
  if (ret_moments != NULL)
    memcpy (ret_moments, self->moments, sizeof *ret_moments * (gsize)n);
  for (int32_t i = 0; ret_distributions != NULL && i < n; i++)
    ret_distributions[i] =
        self->rows[(gsize)i * (gsize)self->n_entries + (gsize)self->places[of][node]];
  pthread_mutex_unlock (&self->lock);
  return n;
}

int32_t
lw_distributions_images (LwRecord *record)
{
  return self_of (record)->images;
}

int64_t
lw_distributions_bytes (LwRecord *record)
{
  const LwDistributions *self = self_of (record);
  const int64_t pixels =
      (int64_t)self->at_once * lw_shape_size (lw_graph_input_shape (self->graph));

  return (int64_t)sizeof *self +
         (LW_DISTRIBUTION_MOMENTS + 1) * self->n_entries * (int64_t)sizeof (LwDistribution) +
         self->n_outputs * (int64_t)(sizeof (LwTally) + sizeof (int32_t)) +
         (self->n_values + pixels + 2 * (int64_t)self->n_units) * (int64_t)sizeof (float);
}

const LwRecordKind lw_distributions_kind = { .file = "distributions.safetensors",
                                             .make = make,
                                             .free = free_record,
                                             .load = lw_distributions_load,
                                             .save = lw_distributions_save,
                                             .before_step = before_step,
                                             .after_step = after_step,
                                             .wants = wants,
                                             .diverged = diverged };
