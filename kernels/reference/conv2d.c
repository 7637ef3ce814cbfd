/* Convolution, n examples, c input channels, o output channels, kernel k × k (u, v), stride s,
 * padding p (zeros around the image), w [o][c][k][k]:
 *
 *   forward   y[n,o,i,j] = b[o] + Σ_{c,u,v} w[o,c,u,v] · x[n, c, s·i + u − p, s·j + v − p]
 *   gradients, of the data (over whole quotients), the weights and the bias:
 *             dx[n,c,y,x] = Σ_{o,u,v} w[o,c,u,v] · dy[n, o, (y + p − u) / s, (x + p − v) / s]
 *             dw[o,c,u,v] += Σ_{n,i,j} dy[n,o,i,j] · x[n, c, s·i + u − p, s·j + v − p]
 *             db[o] += Σ_{n,i,j} dy[n,o,i,j]
 *
 * (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.) With the
 * unfolded matrices of unfold.h these are y = w U, dx = w̃ Ũ, dw = dy Uᵀ, where w̃ [c][o][k][k] is w
 * with input and output channels exchanged; conv2d_definition.c has the same as bare sums. */
#include "engine/i18n.h"
#include "kernels/reference/matmul.h"
#include "kernels/reference/sums.h"
#include "kernels/reference/unfold.h"

#include <string.h>

/* --- y = w U and dx = w̃ Ũ -------------------------------------------------------------------- */

typedef struct {
  LwUnfold unfold;
  const float *weight; /* [rows][depth of U] */
  const float *bias;   /* [rows] or NULL */
  float *y;            /* [n][rows][positions] */
  bool accumulate;
  float *scratch; /* a panel a thread */
} Product;

static size_t
panel_bytes (const LwUnfold *unfold)
{
  return (size_t)lw_ref_unfold_depth (unfold) * LW_LANES * sizeof (float);
}

static int64_t
row_blocks (const Product *job)
{
  return (job->unfold.to.c + LW_PANEL_ROWS - 1) / LW_PANEL_ROWS;
}

/* Writes the sums of `rows` rows from `row` on, 16 columns from `column` on, to their places. */
static void
store (const Product *job, int64_t row, int64_t rows, int64_t column, const LwPanelSums *sums)
{
  const LwShape to = job->unfold.to;
  const int64_t positions = (int64_t)to.h * to.w;
  const int64_t lanes = MIN (job->unfold.n * positions - column, LW_LANES);
  int64_t example = column / positions, position = column % positions, at[LW_LANES];

  for (int64_t lane = 0; lane < lanes; lane++) {
    at[lane] = example * to.c * positions + position;
    if (++position == positions)
      position = 0, example++;
  }
  for (int64_t i = 0; i < rows; i++) {
    const float bias = job->bias ? job->bias[row + i] : 0;
    float *y = job->y + (row + i) * positions;

    for (int64_t lane = 0; lane < lanes; lane++)
      y[at[lane]] = sums->at[i][lane] + bias + (job->accumulate ? y[at[lane]] : 0);
  }
}

/* Item number: panel × (blocks of rows) + block, so that a thread unfolds a panel once. */
static void
multiply_unfolded (const void *data, int64_t first, int64_t last, int thread)
{
  const Product *job = data;
  const int64_t depth = lw_ref_unfold_depth (&job->unfold), blocks = row_blocks (job);
  float (*panel)[LW_LANES] =
      (void *)((char *)job->scratch + panel_bytes (&job->unfold) * (size_t)thread);
  int64_t unfolded = -1;
  LwPanelSums sums;

  for (int64_t item = first; item < last; item++) {
    const int64_t column = item / blocks * LW_LANES, row = item % blocks * LW_PANEL_ROWS;
    const int64_t rows = MIN (job->unfold.to.c - row, LW_PANEL_ROWS);

    if (column != unfolded)
      lw_ref_unfold_panel (&job->unfold, column, panel);
    unfolded = column;
    memset (&sums, 0, sizeof sums.at[0] * (size_t)rows);
    lw_ref_multiply_panel (rows, depth, job->weight + row * depth, depth, 1, panel[0], sums.at);
    store (job, row, rows, column, &sums);
  }
}

static void
run_product (LwDevice *device, const Product *job)
{
  const int64_t columns = job->unfold.n * job->unfold.to.h * job->unfold.to.w;

  lw_ref_parallel_for (device, (columns + LW_LANES - 1) / LW_LANES * row_blocks (job),
                       multiply_unfolded, job);
}

/* A 1 × 1 window sees the image as one long row, which is faster to unfold. */
static LwUnfold
as_a_row (LwUnfold unfold)
{
  const LwWindow window = unfold.window;

  if (window.kernel == 1 && window.stride == 1 && window.padding == 0) {
    unfold.from.w *= unfold.from.h;
    unfold.to.w *= unfold.to.h;
    unfold.from.h = unfold.to.h = 1;
  }
  return unfold;
}

static LwUnfold
unfold_input (const LwStep *step)
{
  return as_a_row ((LwUnfold){ .from = step->x_shape[0],
                               .to = step->y_shape,
                               .window = step->node->window,
                               .n = step->n,
                               .x = step->x[0] });
}

static LwUnfold
unfold_gradient (const LwStep *step)
{
  return as_a_row ((LwUnfold){ .from = step->y_shape,
                               .to = step->x_shape[0],
                               .window = step->node->window,
                               .adjoint = true,
                               .n = step->n,
                               .x = step->dy });
}

bool
lw_ref_conv2d_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const Product product = { .unfold = unfold_input (step),
                            .weight = step->param[LW_ROLE_WEIGHT],
                            .bias = step->param[LW_ROLE_BIAS],
                            .y = step->y,
                            .scratch = step->workspace };

  (void)error;
  run_product (device, &product);
  return true;
}

/* w̃[c,o,u,v] = w[o,c,u,v] */
static void
exchange_channels (const LwStep *step, float *exchanged)
{
  const int64_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const int64_t kernel = step->node->window.kernel, cells = kernel * kernel;
  const float *w = step->param[LW_ROLE_WEIGHT];

  for (int64_t c = 0; c < inputs; c++)
    for (int64_t o = 0; o < outputs; o++)
      memcpy (exchanged + (c * outputs + o) * cells, w + (o * inputs + c) * cells,
              sizeof (float) * (size_t)cells);
}

static size_t
weight_bytes (const LwStep *step)
{
  const size_t bytes =
      panel_bytes (&(LwUnfold){ .from = step->x_shape[0], .window = step->node->window }) /
      LW_LANES * (size_t)step->y_shape.c;

  return (bytes + 63) / 64 * 64;
}

static void
data_gradient (LwDevice *device, const LwStep *step)
{
  const Product product = { .unfold = unfold_gradient (step),
                            .weight = step->workspace,
                            .y = step->dx[0],
                            .accumulate = step->accumulate & 1,
                            .scratch = (void *)((char *)step->workspace + weight_bytes (step)) };

  exchange_channels (step, step->workspace);
  run_product (device, &product);
}

/* --- dw = dy Uᵀ ------------------------------------------------------------------------------- */

/* A panel is 16 columns of dw. Where there are few of them, the batch is cut into slices, so that
 * many threads can take part; each slice's sum is kept apart until all are added in order. The
 * number of slices follows from the shapes alone, and so does the result. */
typedef struct {
  const LwStep *step;
  LwUnfold unfold;
  int64_t panels, slices;
  float *partial; /* [slices][panels][o][16] */
} WeightGradient;

static WeightGradient
plan_weight_gradient (const LwStep *step)
{
  WeightGradient job = { .step = step, .unfold = unfold_input (step), .partial = step->workspace };

  job.panels = (lw_ref_unfold_depth (&job.unfold) + LW_LANES - 1) / LW_LANES;
  job.slices = MIN (CLAMP (64 / job.panels, 1, 16), step->batch);
  return job;
}

/* Item number: slice × panels + panel. */
static void
weight_gradient_items (const void *data, int64_t first, int64_t last, int thread)
{
  const WeightGradient *job = data;
  const LwStep *step = job->step;
  const int64_t outputs = step->y_shape.c, positions = (int64_t)step->y_shape.h * step->y_shape.w;
  _Alignas(64) float rows[LW_PANEL_DEPTH][LW_LANES];

  (void)thread;
  for (int64_t item = first; item < last; item++) {
    const int64_t slice = item / job->panels, k = item % job->panels * LW_LANES;
    const int64_t end = step->n * (slice + 1) / job->slices;
    float (*sum)[LW_LANES] = (void *)(job->partial + item * outputs * LW_LANES);

    memset (sum, 0, sizeof *sum * (size_t)outputs);
    for (int64_t n = step->n * slice / job->slices; n < end; n++)
      for (int64_t p = 0; p < positions; p += LW_PANEL_DEPTH) {
        const int64_t depth = MIN (positions - p, LW_PANEL_DEPTH);
        const float *dy = step->dy;

        lw_ref_unfold_rows (&job->unfold, n, p, depth, k, rows);
        lw_ref_multiply_panel (outputs, depth, dy + n * outputs * positions + p, positions, 1,
                               rows[0], sum);
      }
  }
}

/* dw[o,k] += Σ_slices partial[slice,k,o]; an item is a panel. */
static void
add_slices (const void *data, int64_t first, int64_t last, int thread)
{
  const WeightGradient *job = data;
  const int64_t outputs = job->step->y_shape.c, depth = lw_ref_unfold_depth (&job->unfold);
  float *dw = job->step->dparam[LW_ROLE_WEIGHT];

  (void)thread;
  for (int64_t panel = first; panel < last; panel++)
    for (int64_t o = 0; o < outputs; o++)
      for (int64_t lane = 0; lane < MIN (depth - panel * LW_LANES, LW_LANES); lane++) {
        float sum = 0;

        for (int64_t slice = 0; slice < job->slices; slice++)
          sum += job->partial[((slice * job->panels + panel) * outputs + o) * LW_LANES + lane];
        dw[o * depth + panel * LW_LANES + lane] += sum;
      }
}

static void
bias_gradient_channels (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t positions = (int64_t)step->y_shape.h * step->y_shape.w;
  const float *dy = step->dy;
  float *db = step->dparam[LW_ROLE_BIAS];

  (void)thread;
  for (int64_t o = first; o < last; o++) {
    double sum = 0;

    for (int64_t n = 0; n < step->n; n++)
      sum += lw_ref_sum (dy + (n * step->y_shape.c + o) * positions, positions);
    db[o] += (float)sum;
  }
}

bool
lw_ref_conv2d_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dparam[LW_ROLE_BIAS])
    lw_ref_parallel_for (device, step->y_shape.c, bias_gradient_channels, step);
  if (step->dparam[LW_ROLE_WEIGHT]) {
    const WeightGradient job = plan_weight_gradient (step);

    lw_ref_parallel_for (device, job.slices * job.panels, weight_gradient_items, &job);
    lw_ref_parallel_for (device, job.panels, add_slices, &job);
  }
  if (step->dx[0])
    data_gradient (device, step);
  return true;
}

size_t
lw_ref_conv2d_workspace_bytes (LwDevice *device, const LwStep *step)
{
  const LwUnfold input = unfold_input (step), gradient = unfold_gradient (step);
  const WeightGradient job = plan_weight_gradient (step);
  const size_t threads = (size_t)device->threads;
  const size_t forward = panel_bytes (&input) * threads;
  const size_t data = weight_bytes (step) + panel_bytes (&gradient) * threads;
  const size_t weight =
      (size_t)(job.slices * job.panels * step->y_shape.c) * LW_LANES * sizeof (float);

  return step->training ? MAX (forward, MAX (data, weight)) : forward;
}

/* Of convolution and pooling: unfold.c counts within sixteen examples, pool.c within a plane, in 32
 * bits. */
bool
lw_ref_window_prepare (LwDevice *device, LwStep *step, GError **error)
{
  const int64_t largest = INT32_MAX / LW_LANES;

  (void)device;
  if (lw_shape_size (step->x_shape[0]) <= largest && lw_shape_size (step->y_shape) <= largest)
    return true;
  g_set_error (
      error, LW_ERROR, LW_ERROR_UNSUPPORTED,
      _ ("%s: a map of more than %d numbers an example is too large for this device; use a "
         "smaller input."),
      step->node->name, (int)largest);
  return false;
}
