/* Winograd's convolution (winograd.h) as an algorithm of the table: 3 × 3 and 5 × 5 windows of
 * stride 1 with enough channels and tiles. Of its variants the one with the fewest products is
 * taken. */
#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/winograd.h"

enum {
  CHANNELS = 16, /* at least, on both sides */
  TILES = 32,    /* of 8 × 8 points, at least: fewer do not pay for transforming the weights */
};

typedef struct {
  void (*fn) (void *data, int index);
  void *data;
} Job;

static void
do_items (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;

  (void)thread;
  for (int64_t i = first; i < last; i++)
    job->fn (job->data, (int)i);
}

static void
parallel (void *pool, int n, void (*fn) (void *data, int index), void *data)
{
  const Job job = { fn, data };

  lw_pool_run (pool, n, do_items, &job);
}

static LwWinogradPool
pool_of (const LwDevice *device)
{
  return (LwWinogradPool){ MIN (LW_LANES, lw_winograd_lanes ()), device->threads, parallel,
                           device->pool };
}

/* Of x and y, or of their gradients. */
static LwWinogradShape
shape_of (const LwStep *step, int32_t n, LwConvDirection direction)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t x = direction == LW_CONV_DATA ? step->dx_pixel[0] : step->x_pixel[0];
  const int64_t y = direction == LW_CONV_FORWARD ? step->y_pixel : step->dy_pixel;

  return (LwWinogradShape){ n,
                            from.h,
                            from.w,
                            from.c,
                            to.c,
                            window.kernel,
                            window.padding,
                            lw_pixel (x, from),
                            lw_pixel (y, to) };
}

/* Of the planned batch, so that an incomplete one is computed in the same way. */
static LwWinogradVariant
choose (const LwStep *step, LwConvDirection direction, double *ret_products)
{
  const LwWinogradShape shape = shape_of (step, step->batch, direction);
  LwWinogradVariant best = LW_N_WINOGRAD;

  for (int i = 0; i < LW_N_WINOGRAD; i++) {
    const LwWinogradVariant variant = (LwWinogradVariant)i;
    double products;

    if (!lw_winograd_applies (&shape, variant))
      continue;
    products = lw_winograd_products (&shape, variant, (LwWinogradDirection)direction);
    if (best == LW_N_WINOGRAD || products < *ret_products)
      best = variant, *ret_products = products;
  }
  return best;
}

static bool
applies (const LwStep *step, LwConvDirection direction)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const double definition = (double)step->batch * to.h * to.w * window.kernel * window.kernel;
  double products = 0;

  if (LW_LANES < 8 || lw_winograd_lanes () < LW_LANES || window.stride != 1 ||
      MIN (from.c, to.c) < CHANNELS || choose (step, direction, &products) == LW_N_WINOGRAD)
    return false;
  return products >= TILES * 64 && definition >= 1.8 * products;
}

static size_t
workspace (const LwDevice *device, const LwStep *step, LwConvDirection direction)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->batch, direction);
  double products = 0;

  return lw_winograd_workspace (&pool, &shape, choose (step, direction, &products),
                                (LwWinogradDirection)direction);
}

static void
forward (LwDevice *device, const LwStep *step, bool relu)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_CONV_FORWARD);
  double products = 0;

  lw_winograd_forward (&pool, &shape, choose (step, LW_CONV_FORWARD, &products), step->x[0],
                       step->param[LW_ROLE_WEIGHT], step->param[LW_ROLE_BIAS], relu, step->y,
                       step->workspace);
}

static void
backward_data (LwDevice *device, const LwStep *step)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_CONV_DATA);
  double products = 0;

  lw_winograd_backward_data (&pool, &shape, choose (step, LW_CONV_DATA, &products), step->dy, NULL,
                             step->param[LW_ROLE_WEIGHT], step->dx[0], step->accumulate & 1,
                             lw_link (step).mask[0], lw_pixel (step->x_pixel[0], step->x_shape[0]),
                             step->workspace);
}

static void
backward_weights (LwDevice *device, const LwStep *step)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_CONV_WEIGHTS);
  double products = 0;

  lw_winograd_backward_weights (&pool, &shape, choose (step, LW_CONV_WEIGHTS, &products),
                                step->x[0], step->dy, NULL, step->dparam[LW_ROLE_WEIGHT],
                                step->dparam[LW_ROLE_BIAS], step->workspace);
}

const LwConvAlgorithm LW_CPU (conv_winograd) = {
  .name = "Winograd",
  .clears = true,
  .applies = applies,
  .workspace = workspace,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = backward_weights,
};
