#include "engine/health_trace.h"

#include "engine/session_norms.h"

#include <math.h>

/* What the copies of a small network may take together. */
#define KEPT_BYTES  (INT64_C (18) << 20)
#define FEW_IMAGES  2
#define SHARE       100 /* it takes at most 1 / SHARE of the time, */
#define FIRST       64  /*   but for a small network's first iterations, */
#define FIRST_LOOKS 8   /*   and a large one's: which is where most divergences are */
#define STEPS       LW_DIVERGENCE_STEPS
#define SLOTS       (STEPS + 1) /* a step may be begun before the fatal one is known to be so */
#define N_COPIES    (SLOTS + 1) /* and the present one while it explains */
#define BLOCK_BYTES 64          /* tensors begin at whole blocks on every device */

struct LwHealthTrace {
  LwGraph *graph;
  LwHealthPass *pass;
  const LwNodeId *layers;
  int32_t n_layers;
  bool *wanted;         /* [layers]: with weights */
  int32_t n_rows;       /* of these */
  LwHealthStats *stats; /* [layers] */
  char *copies;         /* [N_COPIES][copy_bytes]; NULL: a large network */
  int64_t copy_bytes;
  int64_t steps[SLOTS];     /* by step % SLOTS; 0: none */
  float *outputs, *weights; /* [SLOTS][layers], of a large network */
  int64_t spent_us, n_noted;
};

/* An upper bound of lw_session_tensors_bytes. */
static int64_t
tensors_bytes (const LwGraph *graph)
{
  int64_t bytes = 0;

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    bytes += (tensor->dtype == LW_I64 ? 8 : 4) * tensor->size + 4 * BLOCK_BYTES;
  }
  return bytes;
}

LwHealthTrace *
lw_health_trace_new (LwGraph *graph, LwHealthPass *pass, const LwNodeId *layers, int32_t n_layers)
{
  LwHealthTrace *trace = g_new0 (LwHealthTrace, 1);

  trace->graph = lw_graph_ref (graph);
  trace->pass = pass;
  trace->layers = layers;
  trace->n_layers = n_layers;
  trace->wanted = g_new0 (bool, n_layers + 1);
  trace->stats = g_new0 (LwHealthStats, n_layers + 1);
  for (int32_t i = 0; i < n_layers; i++) {
    const LwOp op = lw_graph_node (graph, layers[i])->op;

    trace->wanted[i] = op == LW_OP_CONV2D || op == LW_OP_LINEAR;
    trace->n_rows += trace->wanted[i];
  }
  trace->copy_bytes = tensors_bytes (graph);
  if (trace->copy_bytes * N_COPIES <= KEPT_BYTES)
    trace->copies = g_try_malloc ((gsize)trace->copy_bytes * N_COPIES);
  trace->outputs = g_new0 (float, (gsize)n_layers *SLOTS + 1);
  trace->weights = g_new0 (float, (gsize)n_layers *SLOTS + 1);
  return trace;
}

void
lw_health_trace_free (LwHealthTrace *trace)
{
  if (trace == NULL)
    return;
  lw_graph_unref (trace->graph);
  g_free (trace->wanted);
  g_free (trace->stats);
  g_free (trace->copies);
  g_free (trace->outputs);
  g_free (trace->weights);
  g_free (trace);
}

static char *
copy_of (const LwHealthTrace *trace, int32_t slot)
{
  return trace->copies + slot * trace->copy_bytes;
}

static bool
keeps_copies (const LwHealthTrace *trace, const LwSession *session)
{
  const size_t bytes = lw_session_tensors_bytes (session);

  return trace->copies != NULL && bytes > 0 && (int64_t)bytes <= trace->copy_bytes;
}

/* What the layers put out for `n` images with the present tensors, as column `slot`. */
static bool
look (LwHealthTrace *trace, LwSession *session, const LwBatch *batch, int32_t n, int32_t slot,
      GError **error)
{
  if (!lw_health_pass_run (trace->pass, session, batch, n, trace->wanted, trace->stats, error))
    return false;
  for (int32_t l = 0; l < trace->n_layers; l++) {
    const LwNode *node = lw_graph_node (trace->graph, trace->layers[l]);
    const gsize at = (gsize)slot * (gsize)trace->n_layers + (gsize)l;

    if (!trace->wanted[l])
      continue;
    trace->outputs[at] = (float)trace->stats[l].largest;
    trace->weights[at] = (float)lw_session_norm (session, node->tensors[LW_ROLE_WEIGHT]);
  }
  return true;
}

static bool
note (LwHealthTrace *trace, LwSession *session, const LwBatch *batch, int32_t slot, GError **error)
{
  if (!keeps_copies (trace, session))
    return look (trace, session, batch, MIN (batch->n, FEW_IMAGES), slot, error);
  lw_session_keep_tensors (session, copy_of (trace, slot));
  return true;
}

static bool
is_time (const LwHealthTrace *trace, int64_t first, int64_t train_us)
{
  return trace->n_noted < first || trace->spent_us * SHARE <= train_us;
}

bool
lw_health_trace_wants (const LwHealthTrace *trace, int64_t train_us)
{
  return is_time (trace, FIRST_LOOKS, train_us);
}

bool
lw_health_trace_note (LwHealthTrace *trace, LwSession *session, const LwBatch *batch, int64_t step,
                      int64_t train_us, GError **error)
{
  const int32_t slot = (int32_t)(step % SLOTS);
  const gint64 begin = g_get_monotonic_time ();

  trace->steps[slot] = 0;
  if (!is_time (trace, keeps_copies (trace, session) ? FIRST : FIRST_LOOKS, train_us))
    return true;
  if (!note (trace, session, batch, slot, error))
    return false;
  trace->steps[slot] = step;
  trace->n_noted++;
  trace->spent_us += g_get_monotonic_time () - begin;
  return true;
}

/* Passes the batch through all that is kept. */
static bool
look_back (LwHealthTrace *trace, LwSession *session, const LwBatch *batch, GError **error)
{
  bool done = true;

  lw_session_keep_tensors (session, copy_of (trace, SLOTS));
  for (int32_t slot = 0; done && slot < SLOTS; slot++) {
    if (trace->steps[slot] == 0)
      continue;
    lw_session_put_tensors (session, copy_of (trace, slot));
    done = look (trace, session, batch, MIN (batch->n, LW_HEALTH_IMAGES), slot, error);
  }
  lw_session_put_tensors (session, copy_of (trace, SLOTS));
  return done;
}

static void
fill (const LwHealthTrace *trace, LwDivergence *divergence, int64_t first)
{
  int32_t column = 0, row = 0;

  for (int64_t step = MAX (first, 1); column < divergence->n_steps; step++)
    if (trace->steps[step % SLOTS] == step)
      divergence->steps[column++] = step;
  for (int32_t l = 0; l < trace->n_layers; l++) {
    if (!trace->wanted[l])
      continue;
    divergence->layers[row] = trace->layers[l];
    for (column = 0; column < divergence->n_steps; column++) {
      const gsize slot = (gsize)(divergence->steps[column] % SLOTS);
      const gsize from = slot * (gsize)trace->n_layers + (gsize)l;
      const gsize to = (gsize)row * (gsize)divergence->n_steps + (gsize)column;

      divergence->outputs[to] = trace->outputs[from];
      divergence->weights[to] = trace->weights[from];
    }
    row++;
  }
}

LwDivergence *
lw_health_trace_explain (LwHealthTrace *trace, LwSession *session, const LwBatch *batch,
                         int64_t step, double learning_rate, GError **error)
{
  const int32_t last = (int32_t)(step % SLOTS);
  LwDivergence *divergence;
  int32_t n_steps = 0;

  for (int32_t i = 0; i < SLOTS; i++)
    if (trace->steps[i] <= step - STEPS || trace->steps[i] > step)
      trace->steps[i] = 0;
  /* The present tensors are those before the step. The whole batch: the images that were looked at
   * may not be those that show it. */
  if (keeps_copies (trace, session) && !look_back (trace, session, batch, error))
    return NULL;
  if (!look (trace, session, batch, MIN (batch->n, LW_HEALTH_IMAGES), last, error))
    return NULL;
  trace->steps[last] = step;
  for (int32_t i = 0; i < SLOTS; i++)
    n_steps += trace->steps[i] != 0;
  divergence = lw_divergence_new (trace->n_rows, n_steps);
  divergence->learning_rate = learning_rate;
  fill (trace, divergence, step - STEPS + 1);
  return divergence;
}
