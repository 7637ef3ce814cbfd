#include "kernels/cpu/onednn_batch.h"

#include "kernels/common/bf16.h"

/* Slices of a batch, and of these the sums of weight gradients that are kept side by side. */
enum { MOST_SLICES = 16, ALL_SUMS_BYTES = 64 << 20, LINE = 64 };

struct LwOnednnBatch {
  LwOnednnShape shape; /* of the whole batch */
  LwOnednnDirection direction;
  int threads;
  int32_t slices, images; /* in each slice but the last */
  LwOnednn *parts[2];     /* all slices but the last; the last */
  int64_t weights;        /* numbers, in our order */
};

/* --- making ----------------------------------------------------------------------------------- */

/* Enough for many threads; so few that the sums of weight gradients stay small. */
static int32_t
slices_of (const LwOnednnBatch *b)
{
  int64_t slices = MIN (b->shape.n, MOST_SLICES);

  if (b->direction == LW_ONEDNN_WEIGHTS)
    slices = MIN (slices, MAX (1, ALL_SUMS_BYTES / (b->weights * (int64_t)sizeof (float))));
  return (int32_t)slices;
}

LwOnednnBatch *
lw_onednn_batch_new (const LwOnednnShape *shape, LwOnednnDirection direction, int threads)
{
  g_autoptr (LwOnednnBatch) b = g_new0 (LwOnednnBatch, 1);
  LwOnednnShape part = *shape;

  b->shape = *shape;
  b->direction = direction;
  b->threads = threads;
  b->weights = (int64_t)shape->kernel * shape->kernel * shape->in * shape->out;
  b->images = (shape->n + slices_of (b) - 1) / slices_of (b);
  b->slices = (shape->n + b->images - 1) / b->images;
  part.n = b->images;
  b->parts[0] = lw_onednn_new (&part, direction, threads, NULL);
  if (b->parts[0] == NULL)
    return NULL;
  part.n = shape->n - b->images * (b->slices - 1);
  b->parts[1] = lw_onednn_new (&part, direction, threads, b->parts[0]);
  return b->parts[1] != NULL ? g_steal_pointer (&b) : NULL;
}

void
lw_onednn_batch_free (LwOnednnBatch *b)
{
  if (b == NULL)
    return;
  lw_onednn_free (b->parts[0]);
  lw_onednn_free (b->parts[1]);
  g_free (b);
}

/* --- the workspace ---------------------------------------------------------------------------- */

/* In this order; each a multiple of a cache line. */
typedef struct {
  size_t packed;     /* weights in the library's order; weight gradients: one for each slice */
  size_t plain;      /* a weight gradient in our order */
  size_t biases;     /* [slices][out] */
  size_t slice;      /* of a thread: a slice of dx before it is added */
  size_t scratchpad; /* of a thread */
} Layout;

static size_t
lines (size_t bytes)
{
  return (bytes + LINE - 1) / LINE * LINE;
}

/* Of a value. */
static size_t
number_bytes (const LwOnednnBatch *b)
{
  return b->shape.bf16 ? 2 : sizeof (float);
}

static Layout
layout_of (const LwOnednnBatch *b)
{
  const LwOnednnShape *s = &b->shape;
  Layout layout = { .packed = lines (lw_onednn_packed (b->parts[0])),
                    .scratchpad = lines (MAX (lw_onednn_scratchpad (b->parts[0]),
                                              lw_onednn_scratchpad (b->parts[1]))) };

  if (b->direction == LW_ONEDNN_WEIGHTS) {
    layout.plain = lines (sizeof (float) * (size_t)b->weights);
    layout.biases = lines (sizeof (float) * (size_t)b->slices * (size_t)s->out);
  }
  if (b->direction == LW_ONEDNN_DATA)
    layout.slice =
        lines (number_bytes (b) * (size_t)b->images * (size_t)s->h * (size_t)s->w * (size_t)s->in);
  return layout;
}

size_t
lw_onednn_batch_workspace (const LwOnednnBatch *b)
{
  const Layout l = layout_of (b);
  const size_t sums = b->direction == LW_ONEDNN_WEIGHTS ? (size_t)b->slices : 1;

  return l.packed * sums + l.plain + l.biases + (l.slice + l.scratchpad) * (size_t)b->threads;
}

/* --- running ---------------------------------------------------------------------------------- */

typedef struct {
  const LwOnednnBatch *b;
  Layout layout;
  const char *source;               /* x, or dy for the data gradient */
  char *target;                     /* y, dx; for the weight gradient dy, which is only read */
  int64_t source_size, target_size; /* numbers an image */
  char *sums, *biases;              /* weight gradients and their biases, of each slice */
  char *own;                        /* of each thread */
  bool relu, accumulate;
  bool *failed; /* set by any thread, never taken back */
} Job;

static void
finish_floats (const Job *job, float *to, const float *from, int64_t n)
{
  if (job->accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] += from[i];
  if (job->relu)
    for (int64_t i = 0; i < n; i++)
      to[i] = to[i] < 0 ? 0 : to[i];
}

static void
finish_bf16 (const Job *job, uint16_t *to, const uint16_t *from, int64_t n)
{
  if (job->accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] = lw_bf16_of (lw_bf16_value (to[i]) + lw_bf16_value (from[i]));
  if (job->relu) /* all that is below 0, but for NaN */
    for (int64_t i = 0; i < n; i++)
      to[i] = to[i] > 0x8000 && to[i] <= 0xff80 ? 0 : to[i];
}

static void
finish (const Job *job, char *to, const char *from, int64_t n)
{
  if (job->b->shape.bf16)
    finish_bf16 (job, (uint16_t *)to, (const uint16_t *)from, n);
  else
    finish_floats (job, (float *)to, (const float *)from, n);
}

static bool
do_slice (const Job *job, int64_t slice, int thread)
{
  const LwOnednnBatch *b = job->b;
  LwOnednn *part = b->parts[slice == b->slices - 1];
  const int64_t image = slice * b->images;
  char *own = job->own + (size_t)thread * (job->layout.slice + job->layout.scratchpad);
  const int64_t bytes = (int64_t)number_bytes (b);
  char *target = job->target + image * job->target_size * bytes;
  char *written = job->accumulate ? own : target;

  if (b->direction == LW_ONEDNN_WEIGHTS) {
    const size_t bias = (size_t)slice * (size_t)b->shape.out * sizeof (float);

    if (!lw_onednn_set_weights (part, thread, job->sums + (size_t)slice * job->layout.packed,
                                (const float *)(job->biases + bias)))
      return false;
  }
  if (!lw_onednn_run (part, thread, job->source + image * job->source_size * bytes, written,
                      own + job->layout.slice))
    return false;
  finish (job, target, written, MIN (b->images, b->shape.n - image) * job->target_size);
  return true;
}

static void
do_slices (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;

  for (; first < last; first++)
    if (!do_slice (job, first, thread))
      __atomic_store_n (job->failed, true, __ATOMIC_RELAXED);
}

static bool
run_slices (LwPool *pool, Job job)
{
  bool failed = false;

  job.failed = &failed;
  lw_pool_run (pool, job.b->slices, do_slices, &job);
  return !failed;
}

/* Weights and bias are the same for all threads and slices. */
static bool
run_with_weights (Job job, LwPool *pool, const float *w, const float *bias, char *workspace)
{
  const LwOnednnBatch *b = job.b;
  const void *weights = w;
  bool done = true;

  job.layout = layout_of (b);
  job.own = workspace + job.layout.packed;
  if (lw_onednn_reorders (b->parts[0])) {
    if (!lw_onednn_reorder (b->parts[0], w, workspace))
      return false;
    weights = workspace;
  }
  for (int i = 0; i < 2; i++)
    for (int t = 0; t < b->threads; t++)
      done = done && lw_onednn_set_weights (b->parts[i], t, weights, bias);
  return done && run_slices (pool, job);
}

static int64_t
x_size (const LwOnednnBatch *b)
{
  return (int64_t)b->shape.h * b->shape.w * b->shape.in;
}

static int64_t
y_size (const LwOnednnBatch *b)
{
  return (int64_t)b->shape.out_h * b->shape.out_w * b->shape.out;
}

bool
lw_onednn_batch_forward (LwOnednnBatch *b, LwPool *pool, const void *x, const float *w,
                         const float *bias, bool relu, void *y, void *workspace)
{
  const Job job = { .b = b,
                    .source = x,
                    .target = y,
                    .source_size = x_size (b),
                    .target_size = y_size (b),
                    .relu = relu };

  return run_with_weights (job, pool, w, bias, workspace);
}

bool
lw_onednn_batch_data (LwOnednnBatch *b, LwPool *pool, const void *dy, const float *w, void *dx,
                      bool accumulate, void *workspace)
{
  const Job job = { .b = b,
                    .source = dy,
                    .target = dx,
                    .source_size = y_size (b),
                    .target_size = x_size (b),
                    .accumulate = accumulate };

  return run_with_weights (job, pool, w, NULL, workspace);
}

/* --- sums ------------------------------------------------------------------------------------- */

/* to += from [1] + from [2] + …, `stride` bytes apart, in this order; items are blocks. */
typedef struct {
  float *to;
  const char *from;
  size_t stride;
  int64_t terms, n;
} Sum;

static void
do_sum (const void *data, int64_t first, int64_t last, int thread)
{
  const Sum *sum = data;
  const int64_t begin = first * LW_BLOCK, n = lw_blocks_size (sum->n, first, last);

  (void)thread;
  for (int64_t k = 0; k < sum->terms; k++) {
    const float *from = (const float *)(sum->from + (size_t)k * sum->stride) + begin;

    for (int64_t i = 0; i < n; i++)
      sum->to[begin + i] += from[i];
  }
}

static void
add_up (LwPool *pool, Sum sum)
{
  lw_pool_run (pool, lw_blocks (sum.n), do_sum, &sum);
}

bool
lw_onednn_batch_weights (LwOnednnBatch *b, LwPool *pool, const void *x, const void *dy, float *dw,
                         float *dbias, void *workspace)
{
  const Layout layout = layout_of (b);
  char *sums = workspace, *plain = sums + layout.packed * (size_t)b->slices;
  char *biases = plain + layout.plain;
  const bool reorders = lw_onednn_reorders (b->parts[0]);
  const Job job = { .b = b,
                    .layout = layout,
                    .source = x,
                    .target = (char *)dy,
                    .source_size = x_size (b),
                    .target_size = y_size (b),
                    .sums = sums,
                    .biases = biases,
                    .own = biases + layout.biases };

  if (!run_slices (pool, job))
    return false;
  add_up (pool, (Sum){ (float *)sums, sums + layout.packed, layout.packed, b->slices - 1,
                       (int64_t)(lw_onednn_packed (b->parts[0]) / sizeof (float)) });
  if (reorders && !lw_onednn_reorder (b->parts[0], sums, plain))
    return false;
  add_up (pool, (Sum){ dw, reorders ? plain : sums, 0, 1, b->weights });
  if (dbias != NULL)
    add_up (pool,
            (Sum){ dbias, biases, sizeof (float) * (size_t)b->shape.out, b->slices, b->shape.out });
  return true;
}
