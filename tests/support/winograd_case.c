#include "tests/support/winograd_case.h"

#include <math.h>
#include <string.h>

enum { GUARD = 16 }; /* numbers before and behind a buffer */

/* --- buffers ---------------------------------------------------------------------------------- */

uint32_t
lw_test_draw (uint32_t *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

int
lw_test_draw_between (uint32_t *state, int low, int high)
{
  return low + (int)(lw_test_draw (state) % (uint32_t)(high - low + 1));
}

/* About normally distributed. */
static float
draw_normal (uint32_t *state)
{
  float sum = -2;

  for (int i = 0; i < 4; i++)
    sum += (float)lw_test_draw (state) / 16777216.0f;
  return sum;
}

static LwTestBuffer
lw_test_buffer_new (int64_t rows, int64_t row, int64_t stride)
{
  LwTestBuffer b = { .rows = rows, .row = row, .stride = stride };
  const int64_t size = rows * stride + 2 * GUARD;

  b.all = g_new (float, (gsize)size);
  b.at = b.all + GUARD;
  for (int64_t i = 0; i < size; i++)
    b.all[i] = NAN;
  return b;
}

LwTestBuffer
lw_test_buffer_random (int64_t rows, int64_t row, int64_t stride, bool after_relu, uint32_t *state)
{
  LwTestBuffer b = lw_test_buffer_new (rows, row, stride);

  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < row; j++) {
      const float v = draw_normal (state);

      b.at[i * stride + j] = after_relu && v < 0 ? 0 : v;
    }
  return b;
}

static void
lw_test_buffer_set (LwTestBuffer *b, float value)
{
  for (int64_t i = 0; i < b->rows; i++)
    for (int64_t j = 0; j < b->row; j++)
      b->at[i * b->stride + j] = value;
}

/* Numbers where there must be numbers, and nowhere else. */
static void
lw_test_buffer_check (const LwTestBuffer *b)
{
  for (int64_t i = -GUARD; i < b->rows * b->stride + GUARD; i++) {
    const bool inside = i >= 0 && i < b->rows * b->stride && i % b->stride < b->row;

    if (inside == (bool)isnan (b->at[i]))
      g_error ("number %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
               " (stride %" G_GINT64_FORMAT ") is %g",
               i, b->rows, b->row, b->stride, (double)b->at[i]);
  }
}

bool
lw_test_buffer_equal (const LwTestBuffer *a, const LwTestBuffer *b)
{
  return memcmp (a->all, b->all, (gsize)(a->rows * a->stride + 2 * GUARD) * sizeof (float)) == 0;
}

void
lw_test_buffer_free (LwTestBuffer *b)
{
  g_free (b->all);
}

static uint16_t
to_bf16 (float value)
{
  union {
    float value;
    uint32_t bits;
  } both = { .value = value };

  return (uint16_t)(isnan (value) ? 0x7fc0 : (both.bits + 0x7fff + (both.bits >> 16 & 1)) >> 16);
}

static float
from_bf16 (uint16_t number)
{
  union {
    uint32_t bits;
    float value;
  } both = { .bits = (uint32_t)number << 16 };

  return both.value;
}

static int64_t
buffer_size (const LwTestBuffer *b)
{
  return b->rows * b->stride + 2 * GUARD;
}

static void
buffer_round (LwTestBuffer *b)
{
  for (int64_t i = 0; i < buffer_size (b); i++)
    b->all[i] = from_bf16 (to_bf16 (b->all[i]));
}

LwTestNumbers
lw_test_numbers_new (const LwTestBuffer *b, bool bf16)
{
  const int64_t size = buffer_size (b);
  LwTestNumbers numbers = { .bf16 = bf16 };

  if (bf16) {
    uint16_t *all = g_new (uint16_t, (gsize)size);

    for (int64_t i = 0; i < size; i++)
      all[i] = to_bf16 (b->all[i]);
    numbers.all = all;
    numbers.at = all + GUARD;
  } else {
    numbers.all = g_memdup2 (b->all, (gsize)size * sizeof (float));
    numbers.at = (float *)numbers.all + GUARD;
  }
  return numbers;
}

void
lw_test_numbers_free (LwTestNumbers *numbers, LwTestBuffer *to)
{
  for (int64_t i = 0; to != NULL && i < buffer_size (to); i++)
    to->all[i] =
        numbers->bf16 ? from_bf16 (((uint16_t *)numbers->all)[i]) : ((float *)numbers->all)[i];
  g_free (numbers->all);
}

/* --- a case ----------------------------------------------------------------------------------- */

static bool
counts (const LwWinogradCase *c, bool masked, int64_t at)
{
  return !masked || c->mask.at[at] > 0;
}

static void
define (LwWinogradCase *c, bool masked)
{
  const LwWinogradShape *s = &c->shape;

  for (int64_t n = 0; n < s->n; n++)
    for (int i = 0; i < c->out_h; i++)
      for (int j = 0; j < c->out_w; j++) {
        const int64_t pixel = (n * c->out_h + i) * c->out_w + j;
        g_autofree double *dy = g_new (double, (gsize)s->out);
        double *y = c->y + pixel * s->out;

        for (int o = 0; o < s->out; o++) {
          const int64_t at = pixel * s->y_stride + o;

          dy[o] = counts (c, masked, at) ? c->dy.at[at] : 0;
          c->dbias[o] += dy[o];
          y[o] = c->bias.at[o];
        }
        for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
          const int row = s->stride * i + tap / s->kernel - s->padding;
          const int col = s->stride * j + tap % s->kernel - s->padding;

          if (row < 0 || col < 0 || row >= s->h || col >= s->w)
            continue;
          for (int k = 0; k < s->in; k++) {
            const int64_t from = (n * s->h + row) * s->w + col;
            const int64_t weights = ((int64_t)tap * s->in + k) * s->out;
            const double x = c->x.at[from * s->x_stride + k];
            double sum = 0;

            for (int o = 0; o < s->out; o++) {
              const double w = c->w.at[weights + o];

              y[o] += x * w;
              sum += dy[o] * w;
              c->dw[weights + o] += x * dy[o];
            }
            c->dx[from * s->in + k] += sum;
          }
        }
      }
}

LwWinogradCase
lw_winograd_case_new (LwWinogradShape s, bool masked, bool bf16, uint32_t seed)
{
  LwWinogradCase c = { .shape = s };
  const int64_t weights = (int64_t)s.kernel * s.kernel * s.in;
  uint32_t state = seed;

  c.out_h = (s.h + 2 * s.padding - s.kernel) / s.stride + 1;
  c.out_w = (s.w + 2 * s.padding - s.kernel) / s.stride + 1;

  const int64_t from = (int64_t)s.n * s.h * s.w, to = (int64_t)s.n * c.out_h * c.out_w;

  c.x = lw_test_buffer_random (from, s.in, s.x_stride, true, &state);
  c.w = lw_test_buffer_random (weights, s.out, s.out, false, &state);
  c.bias = lw_test_buffer_random (1, s.out, s.out, false, &state);
  c.dy = lw_test_buffer_random (to, s.out, s.y_stride, false, &state);
  c.mask = lw_test_buffer_random (to, s.out, s.y_stride, true, &state);
  if (bf16) {
    buffer_round (&c.x);
    buffer_round (&c.w);
    buffer_round (&c.bias);
    buffer_round (&c.dy);
    buffer_round (&c.mask);
  }
  c.y = g_new0 (double, (gsize)(to * s.out));
  c.dx = g_new0 (double, (gsize)(from * s.in));
  c.dw = g_new0 (double, (gsize)(weights * s.out));
  c.dbias = g_new0 (double, (gsize)s.out);
  define (&c, masked);
  return c;
}

void
lw_winograd_case_free (LwWinogradCase *c)
{
  lw_test_buffer_free (&c->x);
  lw_test_buffer_free (&c->w);
  lw_test_buffer_free (&c->bias);
  lw_test_buffer_free (&c->dy);
  lw_test_buffer_free (&c->mask);
  g_free (c->y);
  g_free (c->dx);
  g_free (c->dw);
  g_free (c->dbias);
}

LwTestWorkspace
lw_test_workspace_new (gsize bytes)
{
  LwTestWorkspace w = { .bytes = bytes };

  g_assert_cmpuint (bytes % 64, ==, 0);
  w.all = g_aligned_alloc (1, bytes + 128, 64);
  w.at = w.all + 64;
  memset (w.all, 0xff, bytes + 128);
  return w;
}

void
lw_test_workspace_free (LwTestWorkspace *w)
{
  for (int i = 0; i < 64; i++) {
    g_assert_cmpint (w->all[i], ==, (char)0xff);
    g_assert_cmpint (w->at[w->bytes + (gsize)i], ==, (char)0xff);
  }
  g_aligned_free (w->all);
}

/* What goes in, as the pool wants it. */
typedef struct {
  LwTestNumbers x, dy, mask;
} Inputs;

/* With x for the activation that made it, dx is what it is without, or 0. */
static void
check_cleared (const LwWinogradCase *c, const LwWinogradPool *pool, LwWinogradVariant variant,
               const Inputs *in, const void *mask, bool accumulate, float before,
               const LwTestBuffer *dx, void *workspace)
{
  const LwWinogradShape *s = &c->shape;
  LwTestBuffer cleared = lw_test_buffer_new (c->x.rows, s->in, s->x_stride);
  LwTestNumbers out;

  lw_test_buffer_set (&cleared, before);
  out = lw_test_numbers_new (&cleared, pool->bf16);
  lw_winograd_backward_data (pool, s, variant, in->dy.at, mask, c->w.at, out.at, accumulate,
                             in->x.at, s->x_stride, workspace);
  lw_test_numbers_free (&out, &cleared);
  for (int64_t row = 0; row < dx->rows; row++)
    for (int64_t i = row * dx->stride; i < row * dx->stride + dx->row; i++)
      g_assert_true (cleared.at[i] == (c->x.at[i] <= 0 ? 0 : dx->at[i]));
  lw_test_buffer_free (&cleared);
}

/* Added to what is there, y is the sum, and the activation comes after it. */
static void
check_added (const LwWinogradCase *c, const LwWinogradPool *pool, LwWinogradVariant variant,
             const Inputs *in, float before, void *workspace)
{
  const LwWinogradShape *s = &c->shape;
  const double tolerance = pool->bf16 ? 1.0 / 64 : 0; /* one rounding more */
  LwTestBuffer plain = lw_test_buffer_new (c->dy.rows, s->out, s->y_stride);
  LwTestBuffer added = lw_test_buffer_new (c->dy.rows, s->out, s->y_stride);
  LwTestNumbers out;

  lw_test_buffer_set (&plain, 0);
  out = lw_test_numbers_new (&plain, pool->bf16);
  lw_winograd_forward (pool, s, variant, in->x.at, c->w.at, c->bias.at, false, false, out.at, NULL,
                       workspace);
  lw_test_numbers_free (&out, &plain);
  lw_test_buffer_set (&added, before);
  out = lw_test_numbers_new (&added, pool->bf16);
  lw_winograd_forward (pool, s, variant, in->x.at, c->w.at, c->bias.at, true, true, out.at, NULL,
                       workspace);
  lw_test_numbers_free (&out, &added);
  for (int64_t row = 0; row < plain.rows; row++)
    for (int64_t i = row * plain.stride; i < row * plain.stride + plain.row; i++) {
      const float sum = plain.at[i] + before;

      g_assert_cmpfloat (fabsf (added.at[i] - MAX (sum, 0)), <=,
                         tolerance * (fabsf (plain.at[i]) + fabsf (before)));
    }
  lw_test_buffer_free (&plain);
  lw_test_buffer_free (&added);
}

/* Between guards, as the stretches ask for. */
typedef struct {
  LwTestWorkspace at, counts;
  LwSums sums;
} Sums;

static Sums
sums_new (const LwWinogradCase *c, LwWinogradVariant variant, bool bf16)
{
  const LwStretches stretches = lw_winograd_stretches (&c->shape, variant, bf16);
  Sums sums = {
    .at = lw_test_workspace_new (sizeof (float) * (gsize)(3 * stretches.n * stretches.width)),
    .counts = lw_test_workspace_new (sizeof (float) * (gsize)((stretches.n + 15) / 16 * 16)),
  };

  sums.sums =
      (LwSums){ (float *)(void *)sums.at.at, (float *)(void *)sums.counts.at, stretches.width };
  return sums;
}

/* They are of y: counts, and Σ y of every channel, by way of s. */
static void
sums_free (const LwWinogradCase *c, Sums *sums, LwWinogradVariant variant, bool bf16,
           const LwTestBuffer *y)
{
  const LwStretches stretches = lw_winograd_stretches (&c->shape, variant, bf16);
  const LwSums *s = &sums->sums;
  double pixels = 0;

  for (int64_t i = 0; i < stretches.n; i++)
    pixels += (double)s->counts[i];
  g_assert_cmpfloat (pixels, ==, (double)y->rows);
  for (int64_t channel = 0; channel < y->row; channel++) {
    double got = 0, want = 0, size = 0;

    for (int64_t i = 0; i < stretches.n; i++) {
      const float *at = s->at + 3 * i * s->width + channel;

      got += (double)s->counts[i] * (double)at[0] + (double)at[s->width];
    }
    for (int64_t row = 0; row < y->rows; row++) {
      want += (double)y->at[row * y->stride + channel];
      size += fabs ((double)y->at[row * y->stride + channel]);
    }
    g_assert_cmpfloat (fabs (got - want), <=, 1e-5 * size);
  }
  lw_test_workspace_free (&sums->at);
  lw_test_workspace_free (&sums->counts);
}

LwWinogradResults
lw_winograd_results_new (const LwWinogradCase *c, const LwWinogradPool *pool,
                         LwWinogradVariant variant, bool relu, bool masked, bool accumulate,
                         float before)
{
  const LwWinogradShape *s = &c->shape;
  Inputs in = { lw_test_numbers_new (&c->x, pool->bf16), lw_test_numbers_new (&c->dy, pool->bf16),
                lw_test_numbers_new (&c->mask, pool->bf16) };
  const void *mask = masked ? in.mask.at : NULL;
  LwWinogradResults r = { .y = lw_test_buffer_new (c->dy.rows, s->out, s->y_stride),
                          .dx = lw_test_buffer_new (c->x.rows, s->in, s->x_stride),
                          .dw = lw_test_buffer_new (c->w.rows, s->out, s->out),
                          .dbias = lw_test_buffer_new (1, s->out, s->out) };
  Sums sums = sums_new (c, variant, pool->bf16);
  LwTestNumbers out;
  LwTestWorkspace work;

  lw_test_buffer_set (&r.y, before);
  lw_test_buffer_set (&r.dx, before);
  lw_test_buffer_set (&r.dw, before);
  lw_test_buffer_set (&r.dbias, before);

  work = lw_test_workspace_new (lw_winograd_workspace (pool, s, variant, LW_WINOGRAD_FORWARD));
  out = lw_test_numbers_new (&r.y, pool->bf16);
  lw_winograd_forward (pool, s, variant, in.x.at, c->w.at, c->bias.at, false, relu, out.at,
                       &sums.sums, work.at);
  lw_test_numbers_free (&out, &r.y);
  sums_free (c, &sums, variant, pool->bf16, &r.y);
  check_added (c, pool, variant, &in, before, work.at);
  lw_test_workspace_free (&work);
  work =
      lw_test_workspace_new (lw_winograd_workspace (pool, s, variant, LW_WINOGRAD_BACKWARD_DATA));
  out = lw_test_numbers_new (&r.dx, pool->bf16);
  lw_winograd_backward_data (pool, s, variant, in.dy.at, mask, c->w.at, out.at, accumulate, NULL, 0,
                             work.at);
  lw_test_numbers_free (&out, &r.dx);
  check_cleared (c, pool, variant, &in, mask, accumulate, before, &r.dx, work.at);
  lw_test_workspace_free (&work);
  work = lw_test_workspace_new (
      lw_winograd_workspace (pool, s, variant, LW_WINOGRAD_BACKWARD_WEIGHTS));
  lw_winograd_backward_weights (pool, s, variant, in.x.at, in.dy.at, mask, r.dw.at, r.dbias.at,
                                work.at);
  lw_test_workspace_free (&work);
  lw_test_numbers_free (&in.x, NULL);
  lw_test_numbers_free (&in.dy, NULL);
  lw_test_numbers_free (&in.mask, NULL);
  lw_test_buffer_check (&r.y);
  lw_test_buffer_check (&r.dx);
  lw_test_buffer_check (&r.dw);
  lw_test_buffer_check (&r.dbias);
  return r;
}

void
lw_winograd_results_free (LwWinogradResults *r)
{
  lw_test_buffer_free (&r->y);
  lw_test_buffer_free (&r->dx);
  lw_test_buffer_free (&r->dw);
  lw_test_buffer_free (&r->dbias);
}

double
lw_test_distance (const LwTestBuffer *got, const double *want, bool relu, double before)
{
  double difference = 0, size = 0;

  for (int64_t i = 0; i < got->rows; i++)
    for (int64_t j = 0; j < got->row; j++) {
      const double v = want[i * got->row + j], expected = (relu && v < 0 ? 0 : v) + before;

      difference += pow (got->at[i * got->stride + j] - expected, 2);
      size += expected * expected;
    }
  return size > 0 ? sqrt (difference / size) : sqrt (difference);
}
