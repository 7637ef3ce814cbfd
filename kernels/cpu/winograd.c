#include "kernels/cpu/winograd_plan.h"
#include "kernels/cpu/winograd_tables.h"

#include <assert.h>

int
lw_winograd_lanes (void)
{
#if defined LW_WINOGRAD_COMPILED
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")) {
    if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512vl") &&
        __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512dq"))
      return 16;
    return 8;
  }
#endif
  return 0;
}

static const LwWinogradJobs *
jobs_of (const LwWinogradPool *pool)
{
  assert (pool->lanes == 8 || pool->lanes == 16);
#if defined LW_WINOGRAD_COMPILED
  return pool->lanes == 16 ? &lw_cpu_avx512_winograd_jobs : &lw_cpu_avx2_winograd_jobs;
#else
  return NULL;
#endif
}

/* --- plans ------------------------------------------------------------------------------------ */

static int64_t
divide_up (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

static int64_t
greatest_common_divisor (int64_t a, int64_t b)
{
  return b == 0 ? a : greatest_common_divisor (b, a % b);
}

static int
out_size (int size, const LwWinogradShape *shape)
{
  return size + 2 * shape->padding - shape->kernel + 1;
}

/* What the convolution is; not yet how it is divided. */
static LwWinogradPlan
describe (const LwWinogradShape *shape, LwWinogradVariant variant, LwWinogradDirection direction)
{
  const LwWinogradTable *t = &lw_winograd_tables[variant];
  LwWinogradPlan plan = { .variant = variant, .m = t->m, .kernel = t->r, .alpha = t->alpha };

  plan.points = plan.alpha * plan.alpha;
  plan.n = shape->n;
  plan.padding = shape->padding;
  plan.in_h = shape->h, plan.in_w = shape->w, plan.in_c = shape->in;
  plan.out_h = out_size (shape->h, shape), plan.out_w = out_size (shape->w, shape);
  plan.out_c = shape->out;
  plan.in_stride = shape->x_stride, plan.out_stride = shape->y_stride;
  if (direction == LW_WINOGRAD_BACKWARD_DATA) {
    plan.padding = shape->kernel - 1 - shape->padding;
    plan.in_h = plan.out_h, plan.in_w = plan.out_w, plan.in_c = shape->out;
    plan.out_h = shape->h, plan.out_w = shape->w, plan.out_c = shape->in;
    plan.in_stride = shape->y_stride, plan.out_stride = shape->x_stride;
  }
  plan.in_panels = (int)divide_up (plan.in_c, LW_PANEL);
  plan.out_panels = (int)divide_up (plan.out_c, LW_PANEL);
  plan.tiles_y = (int)divide_up (plan.out_h, plan.m);
  plan.tiles_x = (int)divide_up (plan.out_w, plan.m);
  plan.tiles = plan.n * plan.tiles_y * plan.tiles_x;
  plan.weight_step = (int64_t)plan.in_panels * plan.out_panels * LW_PANEL * LW_PANEL + LW_PANEL;
  plan.weights = plan.points * plan.weight_step;
  return plan;
}

/* Into how many parts to cut `items` items so that the threads get equal numbers of them: 1 when
 * there are many. Every part repeats the input's transform. */
static int
parts_of (const LwWinogradPlan *plan, int64_t items, const LwWinogradPool *pool)
{
  const int units = pool->lanes == 16 ? (plan->out_panels + 1) / 2 : plan->out_panels;
  const int64_t parts = pool->threads / greatest_common_divisor (items, pool->threads);

  if (items >= 4 * pool->threads)
    return 1;
  return (int)(parts < units ? parts : units);
}

/* A group is as large as what it keeps in the caches allows; when the weights do not fit there
 * either, larger, so that they are read less often. */
static const int64_t large_weights = 8 << 20, all_chunks = 64 << 20;

static void
divide_convolution (LwWinogradPlan *plan, const LwWinogradPool *pool)
{
  const bool large = plan->weights * (int64_t)sizeof (float) > large_weights;
  const int tall = LW_WINOGRAD_TALL (pool->lanes), small = LW_WINOGRAD_SHORT (pool->lanes);
  int64_t group = (plan->alpha == 8 ? 24 : 48) * (large ? 4 : 1);
  int64_t groups = divide_up (plan->tiles, group);

  if (groups < 4 * pool->threads) {
    groups = divide_up (groups, pool->threads) * pool->threads;
    group = divide_up (plan->tiles, groups);
  }
  plan->group = lw_winograd_rows (group, tall, small);
  plan->groups = divide_up (plan->tiles, plan->group);
  plan->chunks = 1;
  plan->parts = plan->groups < pool->threads ? parts_of (plan, plan->groups, pool) : 1;
}

/* Groups and chunks decide in which order numbers are added: they come from the shape alone. A
 * chunk has enough tiles for its sums to be worth their memory. */
static void
divide_weight_gradient (LwWinogradPlan *plan, const LwWinogradPool *pool)
{
  const int64_t bytes = plan->weights * (int64_t)sizeof (float);
  int64_t chunks = plan->tiles / 192;

  if (chunks > 16)
    chunks = 16;
  if (chunks > all_chunks / bytes)
    chunks = all_chunks / bytes;
  if (chunks < 1)
    chunks = 1;
  plan->group = (plan->alpha == 8 ? 48 : 96) * (bytes > large_weights ? 2 : 1);
  if (plan->group > plan->tiles)
    plan->group = plan->tiles;
  plan->groups = divide_up (plan->tiles, plan->group);
  plan->chunks = chunks < plan->groups ? chunks : plan->groups;
  plan->parts = parts_of (plan, plan->chunks, pool);
}

static LwWinogradPlan
make_plan (const LwWinogradPool *pool, const LwWinogradShape *shape, LwWinogradVariant variant,
           LwWinogradDirection direction)
{
  LwWinogradPlan plan = describe (shape, variant, direction);

  assert (lw_winograd_applies (shape, variant));
  if (direction == LW_WINOGRAD_BACKWARD_WEIGHTS)
    divide_weight_gradient (&plan, pool);
  else
    divide_convolution (&plan, pool);
  plan.in_step = plan.group * plan.in_panels * LW_PANEL + LW_PANEL;
  plan.out_step = plan.group * plan.out_panels * LW_PANEL + LW_PANEL;
  plan.scratch = plan.points * (plan.in_step + plan.out_step);
  return plan;
}

/* --- the interface ---------------------------------------------------------------------------- */

bool
lw_winograd_applies (const LwWinogradShape *shape, LwWinogradVariant variant)
{
  return shape->kernel == lw_winograd_tables[variant].r && shape->padding >= 0 && shape->n > 0 &&
         shape->in > 0 && shape->out > 0 && out_size (shape->h, shape) > 0 &&
         out_size (shape->w, shape) > 0;
}

double
lw_winograd_products (const LwWinogradShape *shape, LwWinogradVariant variant,
                      LwWinogradDirection direction)
{
  const LwWinogradPlan plan = describe (shape, variant, direction);

  return (double)plan.tiles * plan.points;
}

size_t
lw_winograd_workspace (const LwWinogradPool *pool, const LwWinogradShape *shape,
                       LwWinogradVariant variant, LwWinogradDirection direction)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, direction);
  int64_t numbers = plan.chunks * plan.weights + pool->threads * plan.scratch;

  if (direction == LW_WINOGRAD_BACKWARD_WEIGHTS)
    numbers += plan.chunks * plan.out_panels * LW_PANEL;
  return (size_t)numbers * sizeof (float);
}

/* Outputs that the caches do not hold are written past them, where whole lines are. */
static bool
may_stream (const LwWinogradPlan *plan, const float *pixels)
{
  const int64_t bytes = plan->n * plan->out_h * plan->out_w * plan->out_stride * 4;

  return bytes >= 8 << 20 && plan->out_stride % LW_PANEL == 0 && (uintptr_t)pixels % 64 == 0;
}

void
lw_winograd_forward (const LwWinogradPool *pool, const LwWinogradShape *shape,
                     LwWinogradVariant variant, const float *x, const float *w, const float *bias,
                     bool relu, float *y, void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_FORWARD);
  const LwWinogradTarget target = {
    .pixels = y, .bias = bias, .relu = relu, .stream = may_stream (&plan, y)
  };

  jobs_of (pool)->convolve (pool, &plan, (LwWinogradSource){ x, NULL }, w, false, target,
                            workspace);
}

void
lw_winograd_backward_data (const LwWinogradPool *pool, const LwWinogradShape *shape,
                           LwWinogradVariant variant, const float *dy, const float *y,
                           const float *w, float *dx, bool accumulate, const float *positive,
                           int64_t positive_stride, void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_BACKWARD_DATA);
  const LwWinogradTarget target = { .pixels = dx,
                                    .accumulate = accumulate,
                                    .positive = positive,
                                    .positive_stride = positive_stride,
                                    .stream = !accumulate && may_stream (&plan, dx) };

  jobs_of (pool)->convolve (pool, &plan, (LwWinogradSource){ dy, y }, w, true, target, workspace);
}

void
lw_winograd_backward_weights (const LwWinogradPool *pool, const LwWinogradShape *shape,
                              LwWinogradVariant variant, const float *x, const float *dy,
                              const float *y, float *dw, float *dbias, void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_BACKWARD_WEIGHTS);

  jobs_of (pool)->weight_gradient (pool, &plan, (LwWinogradSource){ x, NULL },
                                   (LwWinogradSource){ dy, y }, dw, dbias, workspace);
}
