#include "engine/health_pass.h"

#include <math.h>
#include <string.h>

/* Numbers that a layer's outputs are copied to, a few images at a time: 8 MiB, more only where one
 * image takes more. */
#define ROOM (INT64_C (1) << 21)
/* Outputs of all layers together that one look goes through, but at least LEAST images; of a
 * network with vectors behind a ReLU LEAST_UNITS: a unit that is above 0 for one image in ten is 0
 * for all of 24 in 8 % of all cases only. (A channel of a map has many pixels an image.) */
#define MOST_OUTPUTS (INT64_C (1) << 23)
#define LEAST        8
#define LEAST_UNITS  24

/* Sums that do not wait for each other. */
enum { LANES = 8 };

typedef struct {
  int64_t n, saturated;
  double sum, squares;
  float largest;
} LwHealthSums;

struct LwHealthPass {
  LwGraph *graph;
  int32_t n_layers, at_once, images;
  LwNodeId *layers;
  int32_t *row_of; /* [nodes]; −1: not looked at */
  int64_t *starts; /* [layers + 1]: of its channels */
  LwHealthSums *sums;
  double *means[2]; /* [channels of all]: Σ over images of a channel's mean, and of its square */
  bool *alive;      /* [channels of all] */
  float *values;
};

LwHealthPass *
lw_health_pass_new (LwGraph *graph, const LwNodeId *layers, int32_t n_layers)
{
  LwHealthPass *pass = g_new0 (LwHealthPass, 1);
  int64_t largest = 1, all = 1;
  int32_t least = LEAST;

  pass->graph = lw_graph_ref (graph);
  pass->n_layers = n_layers;
  pass->layers = g_memdup2 (layers, sizeof *layers * (gsize)n_layers);
  pass->row_of = g_new (int32_t, lw_graph_n_nodes (graph));
  pass->starts = g_new0 (int64_t, n_layers + 1);
  pass->sums = g_new0 (LwHealthSums, n_layers);
  memset (pass->row_of, -1, sizeof (int32_t) * (gsize)lw_graph_n_nodes (graph));
  for (int32_t i = 0; i < n_layers; i++) {
    const LwNode *node = lw_graph_node (graph, layers[i]);
    const LwShape shape = node->shape;

    if (node->op == LW_OP_RELU && shape.flat)
      least = LEAST_UNITS;
    pass->row_of[layers[i]] = i;
    pass->starts[i + 1] = pass->starts[i] + shape.c;
    largest = MAX (largest, lw_shape_size (shape));
    all += lw_shape_size (shape);
  }
  pass->means[0] = g_new0 (double, pass->starts[n_layers] + 1);
  pass->means[1] = g_new0 (double, pass->starts[n_layers] + 1);
  pass->alive = g_new0 (bool, pass->starts[n_layers] + 1);
  pass->at_once = (int32_t)CLAMP (ROOM / largest, 1, LW_HEALTH_IMAGES);
  pass->images = (int32_t)CLAMP (MOST_OUTPUTS / all, least, LW_HEALTH_IMAGES);
  pass->values = g_new (float, pass->at_once *largest);
  return pass;
}

void
lw_health_pass_free (LwHealthPass *pass)
{
  if (pass == NULL)
    return;
  lw_graph_unref (pass->graph);
  g_free (pass->layers);
  g_free (pass->row_of);
  g_free (pass->starts);
  g_free (pass->sums);
  g_free (pass->means[0]);
  g_free (pass->means[1]);
  g_free (pass->alive);
  g_free (pass->values);
  g_free (pass);
}

int32_t
lw_health_pass_images (const LwHealthPass *pass)
{
  return pass->images;
}

/* --- one layer's outputs -----------------------------------------------------------------------
 */

/* The slope of tanh at ±0.9 is to its largest as the sigmoid's at 0.05 and 0.95: tanh x =
 * 2 σ (2x) − 1. */
static int64_t
count_saturated (LwOp op, const float *x, int64_t n)
{
  const float low = op == LW_OP_SIGMOID ? 0.05F : -0.9F, high = op == LW_OP_SIGMOID ? 0.95F : 0.9F;
  int64_t count = 0;

  if (op != LW_OP_SIGMOID && op != LW_OP_TANH)
    return 0;
  for (int64_t i = 0; i < n; i++)
    count += x[i] < low || x[i] > high;
  return count;
}

/* Of one channel of one image. */
typedef struct {
  double sum, squares;
  float largest;
} LwChannelSums;

/* In lanes that do not wait for each other. */
static LwChannelSums
sum_channel (const float *x, int64_t n)
{
  float sums[LANES] = { 0 }, squares[LANES] = { 0 }, largest[LANES] = { 0 };
  LwChannelSums total = { 0 };

  for (int64_t i = 0; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) {
      const float size = fabsf (x[i + k]);

      sums[k] += x[i + k];
      squares[k] += size * size;
      largest[k] = size > largest[k] ? size : largest[k];
    }
  for (int64_t i = n - n % LANES; i < n; i++) {
    const float size = fabsf (x[i]);

    total.sum += (double)x[i];
    total.squares += (double)x[i] * (double)x[i];
    total.largest = size > total.largest ? size : total.largest;
  }
  for (int k = 0; k < LANES; k++) {
    total.sum += (double)sums[k];
    total.squares += (double)squares[k];
    total.largest = largest[k] > total.largest ? largest[k] : total.largest;
  }
  return total;
}

static void
add_channel (LwHealthPass *pass, LwOp op, LwHealthSums *sums, int64_t channel, const float *x,
             int64_t n)
{
  const LwChannelSums added = sum_channel (x, n);
  const double mean = added.sum / (double)n;

  sums->n += n;
  sums->sum += added.sum;
  sums->squares += added.squares;
  sums->largest = MAX (sums->largest, added.largest);
  sums->saturated += count_saturated (op, x, n);
  pass->means[0][channel] += mean;
  pass->means[1][channel] += mean * mean;
  pass->alive[channel] |= added.largest > 0 || isnan (added.sum);
}

typedef struct {
  LwHealthPass *pass;
  const bool *wanted;
  int32_t n;
} LwHealthLook;

static bool
look (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const LwHealthLook *at = data;
  LwHealthPass *pass = at->pass;
  const bool of_graph = step->id < lw_graph_n_nodes (pass->graph);
  const int32_t row = of_graph && !backward ? pass->row_of[step->id] : -1;
  const LwShape shape = step->y_shape;
  const int64_t pixels = (int64_t)shape.h * shape.w;

  if (row < 0 || (at->wanted != NULL && !at->wanted[row]))
    return true;
  if (!lw_session_download (session, step, at->n, pass->values, error))
    return false;
  for (int32_t i = 0; i < at->n; i++)
    for (int32_t c = 0; c < shape.c; c++)
      add_channel (pass, step->op, &pass->sums[row], pass->starts[row] + c,
                   pass->values + (i * (int64_t)shape.c + c) * pixels, pixels);
  return true;
}

/* --- their numbers -----------------------------------------------------------------------------
 */

static double
deviation (double sum, double squares, double n)
{
  const double mean = sum / n, variance = squares / n - mean * mean;

  return isfinite (variance) ? sqrt (MAX (variance, 0)) : NAN;
}

/* Mean of the channels' variances over the images. */
static double
variance_of_channels (const LwHealthPass *pass, int32_t row, int32_t images)
{
  const int64_t first = pass->starts[row], last = pass->starts[row + 1];
  double sum = 0;

  for (int64_t c = first; c < last; c++) {
    const double d = deviation (pass->means[0][c], pass->means[1][c], images);

    sum += d * d;
  }
  return sum / (double)MAX (last - first, 1);
}

static double
share_of_dead (const LwHealthPass *pass, int32_t row)
{
  const int64_t first = pass->starts[row], last = pass->starts[row + 1];
  int64_t dead = 0;

  for (int64_t c = first; c < last; c++)
    dead += !pass->alive[c];
  return (double)dead / (double)MAX (last - first, 1);
}

static LwHealthStats
finish (const LwHealthPass *pass, int32_t row, int32_t images)
{
  const LwHealthSums *sums = &pass->sums[row];
  const LwOp op = lw_graph_node (pass->graph, pass->layers[row])->op;
  const double n = (double)MAX (sums->n, 1), rms = sqrt (sums->squares / n);
  LwHealthStats stats = { NAN, NAN, NAN, NAN, NAN, NAN };

  stats.mean = sums->sum / n;
  stats.deviation = deviation (sums->sum, sums->squares, n);
  if (images > 1)
    stats.variation = rms > 0 ? sqrt (variance_of_channels (pass, row, images)) / rms : 0;
  if (op == LW_OP_RELU)
    stats.dead = share_of_dead (pass, row);
  if (op == LW_OP_SIGMOID || op == LW_OP_TANH)
    stats.saturated = (double)sums->saturated / n;
  stats.largest = isinf (sums->largest) || !isnan (sums->sum) ? (double)sums->largest : NAN;
  return stats;
}

bool
lw_health_pass_run (LwHealthPass *pass, LwSession *session, const LwBatch *batch, int32_t n,
                    const bool *wanted, LwHealthStats *ret_stats, GError **error)
{
  const int64_t size = lw_shape_size (lw_graph_input_shape (pass->graph));
  const int32_t most =
      MIN (pass->at_once, lw_plan_batch (lw_session_plan (session, LW_MODE_INFERENCE)));
  const int64_t channels = pass->starts[pass->n_layers];

  memset (pass->sums, 0, sizeof *pass->sums * (gsize)pass->n_layers);
  memset (pass->alive, 0, sizeof *pass->alive * (gsize)channels);
  memset (pass->means[0], 0, sizeof (double) * (gsize)channels);
  memset (pass->means[1], 0, sizeof (double) * (gsize)channels);
  for (int32_t at = 0; at < n; at += most) {
    LwHealthLook data = { pass, wanted, MIN (most, n - at) };
    LwBatch part = lw_batch_part (batch, size, at, data.n);

    part.labels = NULL;
    if (!lw_session_infer (session, &part, look, &data, NULL, NULL, error))
      return false;
  }
  for (int32_t i = 0; i < pass->n_layers; i++)
    if (wanted == NULL || wanted[i])
      ret_stats[i] = finish (pass, i, n);
  return true;
}
