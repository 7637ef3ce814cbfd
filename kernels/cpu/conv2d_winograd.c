/* Winograd's convolution (winograd.h) as algorithms of the table: 3 × 3 and 5 × 5 windows with
 * enough channels; the fixed rule also asks for enough tiles, and takes the variant with the fewest
 * products. */
#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/kernels.h"
#include "kernels/cpu/winograd.h"

enum {
  CHANNELS = 16, /* at least, on both sides */
  TILES = 32,    /* of 8 × 8 points, at least: fewer do not pay for transforming the weights */
};

/* So many times fewer products than the definition has, at least. With stride 2 there are never 2
 * times fewer; F(3, 2) on whole tiles, 1.65 times, still gains a fifth. */
#define FEWER(window) ((window).stride == 2 ? 1.6 : 1.8)

#ifdef LW_BF16
#define IS_BF16 true
#else
#define IS_BF16 false
#endif

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
  return (LwWinogradPool){ .lanes = MIN (LW_LANES, lw_winograd_lanes ()),
                           .threads = device->threads,
                           .bf16 = IS_BF16,
                           .parallel = parallel,
                           .pool = device->pool };
}

/* Of x and y, or of their gradients. */
static LwWinogradShape
shape_of (const LwStep *step, int32_t n, LwDirection direction)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t x = direction == LW_BACKWARD_DATA ? step->dx_pixel[0] : step->x_pixel[0];
  const int64_t y = direction == LW_FORWARD ? step->y_pixel : step->dy_pixel;

  return (LwWinogradShape){ .n = n,
                            .h = from.h,
                            .w = from.w,
                            .in = from.c,
                            .out = to.c,
                            .kernel = window.kernel,
                            .stride = window.stride,
                            .padding = window.padding,
                            .x_stride = lw_pixel (x, from),
                            .y_stride = lw_pixel (y, to) };
}

/* Shapes are those of the planned batch, so that an incomplete one is computed in the same way. */
static bool
applies (const LwStep *step, LwWinogradVariant variant)
{
  const LwWinogradShape shape = shape_of (step, step->batch, LW_FORWARD);

  return LW_LANES >= 8 && lw_winograd_lanes () >= LW_LANES &&
         MIN (shape.in, shape.out) >= CHANNELS && lw_winograd_applies (&shape, variant, IS_BF16);
}

static double
products (const LwStep *step, LwWinogradVariant variant, LwDirection direction)
{
  const LwWinogradShape shape = shape_of (step, step->batch, direction);

  return lw_winograd_products (&shape, variant, IS_BF16, (LwWinogradDirection)direction);
}

const LwConvAlgorithm *
LW_CPU (winograd_by_products) (const LwStep *step, LwDirection direction)
{
  const LwShape to = step->y_shape;
  const int32_t kernel = step->node->window.kernel;
  const double definition = (double)step->batch * to.h * to.w * kernel * kernel;
  const LwConvAlgorithm *best = NULL;
  double least = 0;

  for (int i = 0; i < LW_N_WINOGRAD; i++) {
    const LwWinogradVariant variant = (LwWinogradVariant)i;

    if (!applies (step, variant))
      continue;
    if (best == NULL || products (step, variant, direction) < least) {
      best = &LW_CPU (conv_winograd)[i];
      least = products (step, variant, direction);
    }
  }
  if (best == NULL || least < TILES * 64 || definition < FEWER (step->node->window) * least)
    return NULL;
  return best;
}

static size_t
workspace (const LwDevice *device, const LwStep *step, LwWinogradVariant variant,
           LwDirection direction)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->batch, direction);

  return lw_winograd_workspace (&pool, &shape, variant, (LwWinogradDirection)direction);
}

static LwStretches
stretches (const LwStep *step, LwWinogradVariant variant)
{
  const LwWinogradShape shape = shape_of (step, step->n, LW_FORWARD);

  return lw_winograd_stretches (&shape, variant, IS_BF16);
}

static void
forward (LwDevice *device, const LwStep *step, LwWinogradVariant variant, LwConvEnd end)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_FORWARD);

  lw_winograd_forward (&pool, &shape, variant, step->x[0], step->param[LW_ROLE_WEIGHT],
                       step->param[LW_ROLE_BIAS], end.add, end.relu, step->y,
                       end.sums.at ? &end.sums : NULL, step->workspace);
}

static void
backward_data (LwDevice *device, const LwStep *step, LwWinogradVariant variant)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_BACKWARD_DATA);

  lw_winograd_backward_data (&pool, &shape, variant, step->dy, NULL, step->param[LW_ROLE_WEIGHT],
                             step->dx[0], step->accumulate & 1, lw_link (step).mask[0],
                             lw_pixel (step->x_pixel[0], step->x_shape[0]), step->workspace);
}

static void
backward_weights (LwDevice *device, const LwStep *step, LwWinogradVariant variant)
{
  const LwWinogradPool pool = pool_of (device);
  const LwWinogradShape shape = shape_of (step, step->n, LW_BACKWARD_WEIGHTS);

  lw_winograd_backward_weights (&pool, &shape, variant, step->x[0], step->dy, NULL,
                                step->dparam[LW_ROLE_WEIGHT], step->dparam[LW_ROLE_BIAS],
                                step->workspace);
}

/* Each variant is an algorithm. */
#define VARIANT(V)                                                                                 \
  static bool applies_##V (const LwStep *step, LwDirection direction)                              \
  {                                                                                                \
    (void)direction;                                                                               \
    return applies (step, LW_WINOGRAD_##V);                                                        \
  }                                                                                                \
  static double products_##V (const LwStep *step, LwDirection direction)                           \
  {                                                                                                \
    return products (step, LW_WINOGRAD_##V, direction);                                            \
  }                                                                                                \
  static size_t workspace_##V (const LwDevice *device, const LwStep *step, LwDirection direction)  \
  {                                                                                                \
    return workspace (device, step, LW_WINOGRAD_##V, direction);                                   \
  }                                                                                                \
  static LwStretches stretches_##V (const LwStep *step)                                            \
  {                                                                                                \
    return stretches (step, LW_WINOGRAD_##V);                                                      \
  }                                                                                                \
  static void forward_##V (LwDevice *device, const LwStep *step, LwConvEnd end)                    \
  {                                                                                                \
    forward (device, step, LW_WINOGRAD_##V, end);                                                  \
  }                                                                                                \
  static void backward_data_##V (LwDevice *device, const LwStep *step)                             \
  {                                                                                                \
    backward_data (device, step, LW_WINOGRAD_##V);                                                 \
  }                                                                                                \
  static void backward_weights_##V (LwDevice *device, const LwStep *step)                          \
  {                                                                                                \
    backward_weights (device, step, LW_WINOGRAD_##V);                                              \
  }
VARIANT (F63)
VARIANT (F43)
VARIANT (F33)
VARIANT (F45)
VARIANT (F63_33)
VARIANT (F35)
VARIANT (F62)
VARIANT (F42)
VARIANT (F32)

#define ROW(V, NAME)                                                                               \
  [LW_WINOGRAD_##V] = { .name = NAME,                                                              \
                        .slices = true,                                                            \
                        .adds = true,                                                              \
                        .clears = true,                                                            \
                        .applies = applies_##V,                                                    \
                        .products = products_##V,                                                  \
                        .workspace = workspace_##V,                                                \
                        .stretches = stretches_##V,                                                \
                        .forward = forward_##V,                                                    \
                        .backward_data = backward_data_##V,                                        \
                        .backward_weights = backward_weights_##V }

const LwConvAlgorithm LW_CPU (conv_winograd)[LW_N_WINOGRAD] = {
  ROW (F63, "Winograd F(6,3)"),          ROW (F43, "Winograd F(4,3)"),
  ROW (F33, "Winograd F(3,3)"),          ROW (F45, "Winograd F(4,5)"),
  ROW (F63_33, "Winograd F(6x3,3)"),     ROW (F35, "Winograd F(3,5)"),
  ROW (F62, "Winograd F(6,2) stride 2"), ROW (F42, "Winograd F(4,2) stride 2"),
  ROW (F32, "Winograd F(3,2) stride 2"),
};
