/* Activations, number by number; the formulas are in ../reference/activation.c. Exponentials are
 * polynomials, so that the loops become vectors. */
#include "kernels/cpu/exponential.h"
#include "kernels/cpu/kernels.h"

/* A comparison with NaN is false, so that NaN stays NaN. */
static void
relu (const LwNumber *x, LwNumber *y, int64_t n)
{
  int64_t i = 0;

  for (; i + LW_LANES <= n; i += LW_LANES)
    lw_store (y + i, lw_vec_relu (lw_load (x + i)));
  if (i < n)
    lw_store_part (y + i, lw_vec_relu (lw_load_part (x + i, n - i)), n - i);
}

static void
sigmoid (const LwNumber *x, LwNumber *y, int64_t n)
{
  LW_INDEPENDENT
  for (int64_t i = 0; i < n; i++)
    y[i] = lw_number_of (1 / (1 + lw_exponential (-lw_number (x[i]))));
}

/* (1 − e) / (1 + e), e = exp (−2|x|); near 0, where 1 − e loses its digits, x − x³/3 + … */
static void
hyperbolic_tangent (const LwNumber *from, LwNumber *y, int64_t n)
{
  LW_INDEPENDENT
  for (int64_t i = 0; i < n; i++) {
    const float x = lw_number (from[i]), a = x < 0 ? -x : x, e = lw_exponential (-2 * a), s = a * a;
    const float far = (1 - e) / (1 + e);
    const float near = a + a * s *
                               (-0x1.555556p-2f +
                                s * (0x1.111112p-3f + s * (-0x1.ba1ba2p-5f + s * 0x1.664f48p-6f)));
    const float value = a < 0.25f ? near : far;

    y[i] = lw_number_of (x < 0 ? -value : value);
  }
}

typedef struct {
  const LwStep *step;
  LwRows rows;
  int64_t x_step, y_step, dx_step, dy_step; /* numbers from a row to the next */
} Job;

static Job
job_new (const LwStep *step)
{
  const LwRows rows =
      lw_rows (step->n, step->y_shape,
               step->x_pixel[0] || step->y_pixel || step->dx_pixel[0] || step->dy_pixel);

  return (Job){ step,
                rows,
                lw_row_step (&rows, step->x_pixel[0]),
                lw_row_step (&rows, step->y_pixel),
                lw_row_step (&rows, step->dx_pixel[0]),
                lw_row_step (&rows, step->dy_pixel) };
}

static void
forward_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const int64_t group = job->rows.group;

  (void)thread;
  for (int64_t row = first * group; row < MIN (last * group, job->rows.rows); row++) {
    const LwNumber *x = (const LwNumber *)step->x[0] + row * job->x_step;
    LwNumber *y = (LwNumber *)step->y + row * job->y_step;
    const int64_t n = lw_row_size (&job->rows, row);

    if (step->op == LW_OP_RELU)
      relu (x, y, n);
    else if (step->op == LW_OP_SIGMOID)
      sigmoid (x, y, n);
    else
      hyperbolic_tangent (x, y, n);
  }
}

LW_INLINE void
relu_gradient (const LwNumber *y, const LwNumber *dy, LwNumber *dx, int64_t count, bool accumulate)
{
  const LwVec value = lw_vec_relu_gradient (lw_load_some (y, count), lw_load_some (dy, count));

  lw_store_some (dx, accumulate ? lw_load_some (dx, count) + value : value, count);
}

/* y, dy and dx may be the same memory. */
static void
relu_gradients (const LwNumber *y, const LwNumber *dy, LwNumber *dx, int64_t n, bool accumulate)
{
  int64_t i = 0;

  for (; i + LW_LANES <= n; i += LW_LANES)
    relu_gradient (y + i, dy + i, dx + i, LW_LANES, accumulate);
  if (i < n)
    relu_gradient (y + i, dy + i, dx + i, n - i, accumulate);
}

LW_INLINE float
gradient (LwOp op, float y, float dy)
{
  return op == LW_OP_SIGMOID ? dy * (y * (1 - y)) : dy * (1 - y * y);
}

LW_INLINE void
write_gradients (LwOp op, const LwNumber *y, const LwNumber *dy, LwNumber *dx, int64_t n,
                 bool accumulate)
{
  if (accumulate) {
    LW_INDEPENDENT
    for (int64_t i = 0; i < n; i++)
      dx[i] = lw_number_of (lw_number (dx[i]) + gradient (op, lw_number (y[i]), lw_number (dy[i])));
  } else {
    LW_INDEPENDENT
    for (int64_t i = 0; i < n; i++)
      dx[i] = lw_number_of (gradient (op, lw_number (y[i]), lw_number (dy[i])));
  }
}

static void
backward_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const bool accumulate = step->accumulate & 1;
  const int64_t group = job->rows.group;

  (void)thread;
  for (int64_t row = first * group; row < MIN (last * group, job->rows.rows); row++) {
    const LwNumber *y = (const LwNumber *)step->y + row * job->y_step;
    const LwNumber *dy = (const LwNumber *)step->dy + row * job->dy_step;
    LwNumber *dx = (LwNumber *)step->dx[0] + row * job->dx_step;
    const int64_t n = lw_row_size (&job->rows, row);

    if (step->op == LW_OP_RELU)
      relu_gradients (y, dy, dx, n, accumulate);
    else if (step->op == LW_OP_SIGMOID)
      write_gradients (LW_OP_SIGMOID, y, dy, dx, n, accumulate);
    else
      write_gradients (LW_OP_TANH, y, dy, dx, n, accumulate);
  }
}

bool
LW_CPU (activation_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  if (!lw_link (step).forward_done)
    lw_pool_run (device->pool, lw_row_items (&job.rows), forward_rows, &job);
  return true;
}

bool
LW_CPU (activation_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  if (step->dx[0] && !lw_link (step).backward_done)
    lw_pool_run (device->pool, lw_row_items (&job.rows), backward_rows, &job);
  return true;
}

const char *
LW_CPU (linked_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwCpuLink link = lw_link (step);

  (void)device;
  return (direction == LW_FORWARD ? link.forward_done : link.backward_done) ? "with its neighbour"
                                                                            : NULL;
}

/* --- gradients that another step's activation cuts off ---------------------------------------- */

typedef struct {
  LwRows rows;
  const LwNumber *mask;
  LwNumber *dx;
  int64_t mask_step, dx_step;
} Clearing;

static void
clear_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Clearing *job = data;
  const int64_t group = job->rows.group;

  (void)thread;
  for (int64_t row = first * group; row < MIN (last * group, job->rows.rows); row++) {
    LwNumber *dx = job->dx + row * job->dx_step;

    relu_gradients (job->mask + row * job->mask_step, dx, dx, lw_row_size (&job->rows, row), false);
  }
}

void
LW_CPU (clear_gradient) (LwDevice *device, const LwStep *step, int32_t input)
{
  const LwRows rows =
      lw_rows (step->n, step->x_shape[input], step->x_pixel[input] || step->dx_pixel[input]);
  const Clearing job = { rows, lw_link (step).mask[input], step->dx[input],
                         lw_row_step (&rows, step->x_pixel[input]),
                         lw_row_step (&rows, step->dx_pixel[input]) };

  if (job.mask && job.dx)
    lw_pool_run (device->pool, lw_row_items (&rows), clear_rows, &job);
}
