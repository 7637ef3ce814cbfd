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

bool
lw_winograd_has_bf16 (void)
{
#if defined LW_WINOGRAD_COMPILED
  return lw_winograd_lanes () == 16 && __builtin_cpu_supports ("avx512bf16");
#else
  return false;
#endif
}

static const LwWinogradJobs *
jobs_of (const LwWinogradPool *pool)
{
  assert (pool->lanes == 16 || (pool->lanes == 8 && !pool->bf16));
#if defined LW_WINOGRAD_COMPILED
  if (pool->bf16)
    return &lw_cpu_avx512bf16_winograd_jobs;
  return pool->lanes == 16 ? &lw_cpu_avx512_winograd_jobs : &lw_cpu_avx2_winograd_jobs;
#else
  return NULL;
#endif
}

/* --- variants --------------------------------------------------------------------------------- */

/* F(m, r) down the image and across it; none where the variant is not offered. */
typedef struct {
  const LwWinogradTable *down, *across;
} Tables;

/* For float32 and for bfloat16; LW_WINOGRAD_SWITCH has the same ones. */
static const Tables variants[2][LW_N_WINOGRAD] = {
  { [LW_WINOGRAD_F63] = { &lw_winograd_f63, &lw_winograd_f63 },
    [LW_WINOGRAD_F43] = { &lw_winograd_f43, &lw_winograd_f43 },
    [LW_WINOGRAD_F33] = { &lw_winograd_f33, &lw_winograd_f33 },
    [LW_WINOGRAD_F45] = { &lw_winograd_f45, &lw_winograd_f45 },
    [LW_WINOGRAD_F62] = { &lw_winograd_f62, &lw_winograd_f62 },
    [LW_WINOGRAD_F42] = { &lw_winograd_f42, &lw_winograd_f42 },
    [LW_WINOGRAD_F32] = { &lw_winograd_f32, &lw_winograd_f32 } },
  { [LW_WINOGRAD_F43] = { &lw_winograd_bf16_f43, &lw_winograd_bf16_f43 },
    [LW_WINOGRAD_F33] = { &lw_winograd_bf16_f33, &lw_winograd_bf16_f33 },
    [LW_WINOGRAD_F63_33] = { &lw_winograd_f63, &lw_winograd_bf16_f33 },
    [LW_WINOGRAD_F35] = { &lw_winograd_bf16_f35, &lw_winograd_bf16_f35 },
    [LW_WINOGRAD_F42] = { &lw_winograd_f42, &lw_winograd_f42 },
    [LW_WINOGRAD_F32] = { &lw_winograd_f32, &lw_winograd_f32 } },
};

/* --- plans ------------------------------------------------------------------------------------ */

static int64_t
greatest_common_divisor (int64_t a, int64_t b)
{
  return b == 0 ? a : greatest_common_divisor (b, a % b);
}

static int
out_size (int size, const LwWinogradShape *shape)
{
  const int padded = size + 2 * shape->padding;

  return padded < shape->kernel ? 0 : (padded - shape->kernel) / shape->stride + 1;
}

/* Numbers of transformed pixels in a cache line. */
static int
line (bool bf16)
{
  return bf16 ? 2 * LW_PANEL : LW_PANEL;
}

/* What the convolution is; not yet how it is divided. */
static LwWinogradPlan
describe (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16,
          LwWinogradDirection direction)
{
  const Tables t = variants[bf16][variant];
  const int phases = shape->stride * shape->stride;
  LwWinogradPlan plan = { .variant = variant,
                          .m_y = t.down->m,
                          .m_x = t.across->m,
                          .kernel = t.down->r,
                          .window = shape->kernel,
                          .in_phases = phases,
                          .out_phases = 1 };
  int rows, columns;

  plan.points = t.down->alpha * t.across->alpha;
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
    plan.in_phases = 1, plan.out_phases = phases;
  }
  plan.in_panels = plan.in_phases * (int)lw_winograd_divide_up (plan.in_c, LW_PANEL);
  plan.out_panels = plan.out_phases * (int)lw_winograd_divide_up (plan.out_c, LW_PANEL);
  rows = plan.out_h, columns = plan.out_w;
  if (plan.out_phases > 1) {
    /* A tile begins with an odd row of the padded image, 2 i − 1, that is row 0 of the image or
     * the one before: tap 1 takes y's row i − 1 to it, and row 2 i gets that row's tap 2 and tap 0
     * of the next one. So one tap comes first here, too. */
    const int first = (shape->padding + 1) / 2;

    plan.padding = 1 - first;
    plan.before = shape->padding + 1 - 2 * first;
    rows = (int)lw_winograd_divide_up (rows + plan.before, 2);
    columns = (int)lw_winograd_divide_up (columns + plan.before, 2);
  }
  plan.tiles_y = (int)lw_winograd_divide_up (rows, plan.m_y);
  plan.tiles_x = (int)lw_winograd_divide_up (columns, plan.m_x);
  plan.tiles = plan.n * plan.tiles_y * plan.tiles_x;
  plan.weight_step = (int64_t)plan.in_panels * plan.out_panels * LW_PANEL * LW_PANEL + line (bf16);
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

/* With four phases the values of few tiles fill the second cache: so many stay within `bytes`. */
static int64_t
tiles_within (const LwWinogradPlan *plan, int64_t bytes)
{
  const int64_t panels = plan->in_panels + plan->out_panels;
  const int64_t tiles = bytes / (plan->points * panels * LW_PANEL * (int64_t)sizeof (float));

  return tiles > 14 ? tiles : 14;
}

static bool
has_phases (const LwWinogradPlan *plan)
{
  return plan->in_phases > 1 || plan->out_phases > 1;
}

static int64_t
largest_group (const LwWinogradPlan *plan, const LwWinogradPool *pool)
{
  const bool large = plan->weight_bytes > large_weights;

  if (has_phases (plan) && plan->weight_bytes < 3 * large_weights / 2)
    return tiles_within (plan, 640 << 10);
  return pool->bf16 ? (large ? 4 : 2) * LW_WINOGRAD_TALL (pool->lanes)
                    : (plan->points == 64 ? 24 : 48) * (large ? 4 : 1);
}

static void
divide_convolution (LwWinogradPlan *plan, const LwWinogradPool *pool)
{
  const int tall = LW_WINOGRAD_TALL (pool->lanes), small = LW_WINOGRAD_SHORT (pool->lanes);
  int64_t group = largest_group (plan, pool);
  int64_t groups = lw_winograd_divide_up (plan->tiles, group);

  if (groups < 4 * pool->threads) {
    groups = lw_winograd_divide_up (groups, pool->threads) * pool->threads;
    group = lw_winograd_divide_up (plan->tiles, groups);
  }
  plan->group = lw_winograd_rows (group, tall, small);
  plan->groups = lw_winograd_divide_up (plan->tiles, plan->group);
  plan->chunks = 1;
  plan->parts = plan->groups < pool->threads ? parts_of (plan, plan->groups, pool) : 1;
}

/* Groups and chunks decide in which order numbers are added: they come from the shape alone. A
 * chunk has enough tiles for its sums to be worth their memory. */
static void
divide_weight_gradient (LwWinogradPlan *plan, const LwWinogradPool *pool)
{
  const int64_t bytes = plan->weight_bytes;
  int64_t chunks = plan->tiles / 192;

  if (chunks > 16)
    chunks = 16;
  if (chunks > all_chunks / bytes)
    chunks = all_chunks / bytes;
  if (chunks < 1)
    chunks = 1;
  plan->group = (plan->points == 64 ? 48 : 96) * (bytes > large_weights ? 2 : 1);
  if (has_phases (plan) && bytes <= large_weights)
    plan->group = tiles_within (plan, 1 << 20);
  if (plan->group > plan->tiles)
    plan->group = plan->tiles;
  if (pool->bf16)
    plan->group += plan->group % 2;
  plan->groups = lw_winograd_divide_up (plan->tiles, plan->group);
  plan->chunks = chunks < plan->groups ? chunks : plan->groups;
  plan->parts = parts_of (plan, plan->chunks, pool);
}

/* What follows from the size of a group. */
static void
lay_out (LwWinogradPlan *plan, const LwWinogradPool *pool, bool is_gradient)
{
  const int64_t size = pool->bf16 ? 2 : 4; /* bytes of a transformed pixel */

  plan->in_step = plan->group * plan->in_panels * LW_PANEL + line (pool->bf16);
  plan->out_step = plan->group * plan->out_panels * LW_PANEL + line (is_gradient && pool->bf16);
  plan->in_bytes = plan->points * plan->in_step * size;
  plan->scratch = plan->in_bytes + plan->points * plan->out_step * (is_gradient ? size : 4);
}

static LwWinogradPlan
make_plan (const LwWinogradPool *pool, const LwWinogradShape *shape, LwWinogradVariant variant,
           LwWinogradDirection direction)
{
  const bool is_gradient = direction == LW_WINOGRAD_BACKWARD_WEIGHTS;
  LwWinogradPlan plan;

  assert (lw_winograd_applies (shape, variant, pool->bf16));
  plan = describe (shape, variant, pool->bf16, direction);
  plan.weight_bytes = plan.weights * (is_gradient || !pool->bf16 ? 4 : 2);
  if (is_gradient)
    divide_weight_gradient (&plan, pool);
  else
    divide_convolution (&plan, pool);
  lay_out (&plan, pool, is_gradient);
  return plan;
}

/* --- the interface ---------------------------------------------------------------------------- */

bool
lw_winograd_applies (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16)
{
  const Tables t = variants[bf16][variant];

  return t.down != NULL && shape->stride == (t.down->r == 2 ? 2 : 1) &&
         shape->kernel == shape->stride * (t.down->r - 1) + 1 && shape->padding >= 0 &&
         shape->n > 0 && shape->in > 0 && shape->out > 0 && out_size (shape->h, shape) > 0 &&
         out_size (shape->w, shape) > 0;
}

double
lw_winograd_products (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16,
                      LwWinogradDirection direction)
{
  const LwWinogradPlan plan = describe (shape, variant, bf16, direction);
  const int phases = plan.in_phases * plan.out_phases; /* one of them is 1 */
  double products = 0;

  for (int point = 0; point < plan.points; point++) {
    const LwWinogradPanels panels = lw_winograd_panels (&plan, point, phases, phases);

    products += (double)plan.tiles * (panels.to - panels.from);
  }
  return products;
}

size_t
lw_winograd_workspace (const LwWinogradPool *pool, const LwWinogradShape *shape,
                       LwWinogradVariant variant, LwWinogradDirection direction)
{
  LwWinogradPlan plan = make_plan (pool, shape, variant, direction);
  const int64_t largest = largest_group (&plan, pool);
  int64_t bytes;

  /* Groups are evened out, so that fewer examples may go in larger ones. */
  if (direction != LW_WINOGRAD_BACKWARD_WEIGHTS) {
    plan.group = lw_winograd_rows (largest < plan.tiles ? largest : plan.tiles,
                                   LW_WINOGRAD_TALL (pool->lanes), LW_WINOGRAD_SHORT (pool->lanes));
    lay_out (&plan, pool, false);
  }
  bytes =
      plan.chunks * plan.weight_bytes + pool->threads * (plan.scratch + LW_WINOGRAD_SHARE_BYTES);

  if (direction == LW_WINOGRAD_BACKWARD_WEIGHTS)
    bytes += plan.chunks * plan.out_panels * LW_PANEL * (int64_t)sizeof (float);
  return (size_t)bytes;
}

LwStretches
lw_winograd_stretches (const LwWinogradShape *shape, LwWinogradVariant variant, bool bf16)
{
  const LwWinogradPlan plan = describe (shape, variant, bf16, LW_WINOGRAD_FORWARD);

  return (LwStretches){ .n = lw_winograd_divide_up (plan.tiles, LW_WINOGRAD_STRETCH),
                        .width = lw_stretch_width (plan.out_c) };
}

/* Outputs that the caches do not hold are written past them, where whole lines are. */
static bool
may_stream (const LwWinogradPool *pool, const LwWinogradPlan *plan, const void *pixels)
{
  const int64_t bytes =
      plan->n * plan->out_h * plan->out_w * plan->out_stride * (pool->bf16 ? 2 : 4);

  return bytes >= 8 << 20 && plan->out_stride % line (pool->bf16) == 0 &&
         (uintptr_t)pixels % 64 == 0;
}

void
lw_winograd_forward (const LwWinogradPool *pool, const LwWinogradShape *shape,
                     LwWinogradVariant variant, const void *x, const float *w, const float *bias,
                     bool add, bool relu, void *y, const LwSums *sums, void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_FORWARD);
  const LwWinogradTarget target = { .pixels = y,
                                    .bias = bias,
                                    .relu = relu,
                                    .accumulate = add,
                                    .stream = !add && may_stream (pool, &plan, y),
                                    .sums = sums ? *sums : (LwSums){ 0 } };

  assert (sums == NULL || !add);

  jobs_of (pool)->convolve (pool, &plan, (LwWinogradSource){ x, NULL }, w, false, target,
                            workspace);
}

void
lw_winograd_backward_data (const LwWinogradPool *pool, const LwWinogradShape *shape,
                           LwWinogradVariant variant, const void *dy, const void *y, const float *w,
                           void *dx, bool accumulate, const void *positive, int64_t positive_stride,
                           void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_BACKWARD_DATA);
  const LwWinogradTarget target = { .pixels = dx,
                                    .accumulate = accumulate,
                                    .positive = positive,
                                    .positive_stride = positive_stride,
                                    .stream = !accumulate && may_stream (pool, &plan, dx) };

  jobs_of (pool)->convolve (pool, &plan, (LwWinogradSource){ dy, y }, w, true, target, workspace);
}

void
lw_winograd_backward_weights (const LwWinogradPool *pool, const LwWinogradShape *shape,
                              LwWinogradVariant variant, const void *x, const void *dy,
                              const void *y, float *dw, float *dbias, void *workspace)
{
  const LwWinogradPlan plan = make_plan (pool, shape, variant, LW_WINOGRAD_BACKWARD_WEIGHTS);

  jobs_of (pool)->weight_gradient (pool, &plan, (LwWinogradSource){ x, NULL },
                                   (LwWinogradSource){ dy, y }, dw, dbias, workspace);
}
