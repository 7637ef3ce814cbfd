/* Winograd's convolution against the definition in double precision, for every variant, direction
 * and instruction set that this processor has. */
#include "tests/support/winograd_case.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define TOLERANCE 1e-5
/* With bfloat16, of few numbers, where one may stand for many. */
#define FEW_TOLERANCE 8e-2

enum { MAX_THREADS = 7 };

static const char *const variant_names[LW_N_WINOGRAD] = {
  "F(6,3)", "F(4,3)",          "F(3,3)",          "F(4,5)",         "F(6x3,3)",
  "F(3,5)", "F(6,2) stride 2", "F(4,2) stride 2", "F(3,2) stride 2"
};

/* With bfloat16, of a network's layer; winograd.h has what is measured. */
static const double bf16_tolerances[LW_N_WINOGRAD] = {
  [LW_WINOGRAD_F43] = 1.3e-2, [LW_WINOGRAD_F33] = 0.9e-2, [LW_WINOGRAD_F63_33] = 2e-2,
  [LW_WINOGRAD_F35] = 2.5e-2, [LW_WINOGRAD_F42] = 1.3e-2, [LW_WINOGRAD_F32] = 0.6e-2,
};

/* --- pools ------------------------------------------------------------------------------------ */

/* The last index first, by the caller itself. */
static void
run_backwards (void *pool, int n, void (*fn) (void *data, int index), void *data)
{
  const int *threads = pool;

  g_assert_cmpint (n, <=, *threads);
  while (n-- > 0)
    fn (data, n);
}

typedef struct {
  void (*fn) (void *data, int index);
  void *data;
  int index;
} Call;

static void *
call (void *data)
{
  const Call *it = data;

  it->fn (it->data, it->index);
  return NULL;
}

static void
run_at_once (void *pool, int n, void (*fn) (void *data, int index), void *data)
{
  const int *threads = pool;
  pthread_t ids[MAX_THREADS];
  Call calls[MAX_THREADS];

  g_assert_cmpint (n, <=, *threads);
  for (int i = 0; i < n; i++) {
    calls[i] = (Call){ fn, data, i };
    g_assert_cmpint (pthread_create (&ids[i], NULL, call, &calls[i]), ==, 0);
  }
  for (int i = 0; i < n; i++)
    pthread_join (ids[i], NULL);
}

/* The kinds of pools that this processor has, from 0 on: AVX2, AVX-512, bfloat16. */
static bool
pool_of (int kind, int *threads,
         void (*run) (void *pool, int n, void (*fn) (void *data, int index), void *data),
         LwWinogradPool *pool)
{
  *pool = (LwWinogradPool){ kind == 0 ? 8 : 16, *threads, run, threads, kind == 2 };
  return kind < 2 ? pool->lanes <= lw_winograd_lanes () : kind == 2 && lw_winograd_has_bf16 ();
}

/* --- errors ----------------------------------------------------------------------------------- */

/* The largest errors so far: forward, data, weights, in float32 and bfloat16. */
typedef double Errors[2][LW_N_WINOGRAD][3];

static void
check (const LwWinogradCase *c, const LwWinogradPool *pool, bool relu, bool masked, bool accumulate,
       bool few, Errors worst)
{
  const LwWinogradShape *s = &c->shape;
  const float before = accumulate ? 0.5f : 0;

  for (int v = 0; v < LW_N_WINOGRAD; v++) {
    if (!lw_winograd_applies (s, (LwWinogradVariant)v, pool->bf16))
      continue;

    LwWinogradResults r =
        lw_winograd_results_new (c, pool, (LwWinogradVariant)v, relu, masked, accumulate, before);
    const double bf16_tolerance = few ? FEW_TOLERANCE : bf16_tolerances[v];
    const double tolerance = pool->bf16 ? bf16_tolerance : TOLERANCE;
    const double errors[] = { lw_test_distance (&r.y, c->y, relu, 0),
                              lw_test_distance (&r.dx, c->dx, false, before),
                              lw_test_distance (&r.dw, c->dw, false, before) };

    for (int d = 0; d < 3; d++) {
      if (!(errors[d] <= tolerance))
        g_error (
            "%s, %d lanes%s, direction %d, %d × %d × %d, %d → %d channels, batch %d, padding %d: "
            "relative error %g",
            variant_names[v], pool->lanes, pool->bf16 ? ", bfloat16" : "", d, s->h, s->w, s->kernel,
            s->in, s->out, s->n, s->padding, errors[d]);
      worst[pool->bf16][v][d] = MAX (worst[pool->bf16][v][d], errors[d]);
    }
    g_assert_cmpfloat (lw_test_distance (&r.dbias, c->dbias, false, before), <=, TOLERANCE);
    lw_winograd_results_free (&r);
  }
}

static void
check_case (LwWinogradShape shape, bool relu, bool masked, bool accumulate, int threads, bool few,
            Errors worst)
{
  LwWinogradPool pool;

  for (int kind = 0; pool_of (kind, &threads, run_backwards, &pool); kind++) {
    LwWinogradCase c = lw_winograd_case_new (shape, masked, pool.bf16, 1);

    check (&c, &pool, relu, masked, accumulate, few, worst);
    lw_winograd_case_free (&c);
  }
}

static bool
can_run (void)
{
  if (lw_winograd_lanes () > 0)
    return true;
  g_test_skip ("this processor or this build has neither AVX2 nor AVX-512");
  return false;
}

/* --- tests ------------------------------------------------------------------------------------ */

/* n, h, w, in, out, kernel, stride, padding, distances of pixels */
static void
test_networks (void)
{
  static const LwWinogradShape shapes[] = {
    { 2, 24, 24, 64, 64, 3, 1, 1, 64, 64 },   { 2, 12, 12, 384, 96, 3, 1, 1, 384, 96 },
    { 3, 6, 6, 256, 80, 3, 1, 1, 256, 80 },   { 8, 3, 3, 512, 64, 3, 1, 1, 512, 64 },
    { 2, 24, 24, 64, 128, 3, 2, 1, 64, 128 }, { 2, 12, 12, 128, 256, 3, 2, 1, 128, 256 },
    { 3, 6, 6, 256, 80, 3, 2, 1, 256, 80 },   { 2, 13, 13, 96, 128, 5, 1, 2, 96, 128 },
    { 1, 26, 26, 256, 48, 5, 1, 2, 256, 48 },
  };
  Errors worst = { { { 0 } } };

  if (!can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_case (shapes[i], false, false, false, 2, false, worst);
  for (int v = 0; v < LW_N_WINOGRAD; v++)
    for (int bf16 = 0; bf16 < 2; bf16++)
      if (worst[bf16][v][0] > 0)
        g_test_message ("%s%s: forward %.1e, data %.1e, weights %.1e", variant_names[v],
                        bf16 ? ", bfloat16" : "", worst[bf16][v][0], worst[bf16][v][1],
                        worst[bf16][v][2]);
}

static void
test_awkward (void)
{
  static const LwWinogradShape shapes[] = {
    { 1, 1, 1, 1, 1, 3, 1, 1, 1, 1 },       { 1, 1, 1, 16, 16, 5, 1, 2, 16, 16 },
    { 2, 1, 1, 5, 3, 3, 1, 4, 5, 3 },       { 3, 2, 14, 33, 17, 3, 1, 1, 40, 20 },
    { 1, 3, 3, 1, 6, 3, 1, 0, 1, 6 },       { 1, 5, 5, 6, 16, 5, 1, 0, 6, 16 },
    { 2, 7, 9, 120, 10, 3, 1, 1, 120, 16 }, { 1, 13, 11, 16, 32, 3, 1, 2, 16, 48 },
    { 5, 14, 1, 3, 120, 3, 1, 3, 3, 120 },  { 1, 28, 28, 1, 6, 5, 1, 2, 1, 6 },
    { 2, 10, 6, 15, 31, 5, 1, 3, 15, 31 },  { 1, 9, 8, 120, 24, 5, 1, 4, 144, 24 },
    { 40, 4, 4, 8, 8, 3, 1, 1, 8, 8 },      { 1, 1, 1, 1, 1, 3, 2, 1, 1, 1 },
    { 2, 3, 3, 16, 16, 3, 2, 0, 16, 16 },   { 2, 1, 1, 5, 3, 3, 2, 4, 5, 3 },
    { 3, 2, 14, 33, 17, 3, 2, 1, 40, 20 },  { 1, 8, 9, 6, 16, 3, 2, 0, 6, 16 },
    { 2, 7, 9, 120, 10, 3, 2, 1, 120, 16 }, { 1, 13, 11, 16, 32, 3, 2, 2, 16, 48 },
    { 2, 25, 26, 20, 35, 3, 2, 2, 24, 35 }, { 5, 14, 1, 3, 120, 3, 2, 3, 3, 120 },
    { 40, 7, 6, 8, 8, 3, 2, 1, 8, 8 },      { 70, 6, 5, 20, 12, 5, 1, 2, 20, 12 },
  };
  Errors worst = { { { 0 } } };

  if (!can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    check_case (shapes[i], i % 2, i % 3 == 0, i % 4 == 1, 1 + (int)i % 4, true, worst);
}

static void
test_random (void)
{
  uint32_t state = 20;
  Errors worst = { { { 0 } } };

  if (!can_run ())
    return;
  for (int i = 0; i < 60; i++) {
    LwWinogradShape s = { .kernel = lw_test_draw_between (&state, 1, 2) * 2 + 1 };

    s.stride = s.kernel == 3 ? lw_test_draw_between (&state, 1, 2) : 1;
    s.padding = lw_test_draw_between (&state, 0, 4);
    s.n = lw_test_draw_between (&state, 1, 4);
    s.h = lw_test_draw_between (&state, 1, 20);
    s.w = lw_test_draw_between (&state, 1, 20);
    s.in = lw_test_draw_between (&state, 1, 40);
    s.out = lw_test_draw_between (&state, 1, 70);
    s.x_stride = s.in + lw_test_draw_between (&state, 0, 3) * 8;
    s.y_stride = s.out + lw_test_draw_between (&state, 0, 20);
    if (lw_winograd_applies (&s,
                             s.stride == 2   ? LW_WINOGRAD_F42
                             : s.kernel == 3 ? LW_WINOGRAD_F43
                                             : LW_WINOGRAD_F45,
                             false))
      check_case (s, lw_test_draw (&state) & 1, lw_test_draw (&state) & 1,
                  lw_test_draw (&state) & 1, lw_test_draw_between (&state, 1, MAX_THREADS), true,
                  worst);
  }
}

/* LwWinogradResults are the same bits again and again and for every number of threads. */
static void
test_threads (void)
{
  static const LwWinogradShape shapes[] = {
    { 9, 12, 12, 24, 40, 3, 1, 1, 24, 40 }, { 2, 3, 3, 100, 130, 3, 1, 1, 100, 130 },
    { 9, 14, 13, 24, 40, 3, 2, 1, 24, 40 }, { 2, 6, 6, 100, 130, 3, 2, 1, 100, 130 },
    { 90, 8, 8, 16, 40, 5, 1, 2, 16, 40 },
  };

  if (!can_run ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    LwWinogradCase c = lw_winograd_case_new (shapes[i], true, false, i);
    LwWinogradPool pool;
    int threads = 1;

    for (int kind = 0; pool_of (kind, &threads, run_at_once, &pool); kind++)
      for (int v = 0; v < LW_N_WINOGRAD; v++) {
        static const int counts_of_threads[] = { 1, 1, 2, 2, 3, MAX_THREADS };
        LwWinogradResults first = { 0 };

        if (!lw_winograd_applies (&shapes[i], (LwWinogradVariant)v, pool.bf16))
          continue;
        for (guint t = 0; t < G_N_ELEMENTS (counts_of_threads); t++) {
          pool.threads = threads = counts_of_threads[t];

          LwWinogradResults r =
              lw_winograd_results_new (&c, &pool, (LwWinogradVariant)v, true, true, true, 0.25f);

          if (t == 0) {
            first = r;
            continue;
          }
          g_assert_true (lw_test_buffer_equal (&first.y, &r.y));
          g_assert_true (lw_test_buffer_equal (&first.dx, &r.dx));
          g_assert_true (lw_test_buffer_equal (&first.dw, &r.dw));
          g_assert_true (lw_test_buffer_equal (&first.dbias, &r.dbias));
          lw_winograd_results_free (&r);
        }
        lw_winograd_results_free (&first);
      }
    lw_winograd_case_free (&c);
  }
}

/* Large outputs that begin at a cache line are written past the caches; the numbers are the same as
 * where they are not. */
static void
test_large_outputs (void)
{
  const LwWinogradShape s = { 1, 262, 262, 3, 64, 3, 1, 1, 3, 64 };
  const gsize size = (gsize)s.h * s.w * s.out;
  uint32_t state = 3;
  int threads = 2;
  LwWinogradPool pool;

  if (!can_run ())
    return;

  LwTestBuffer x = lw_test_buffer_random ((int64_t)s.h * s.w, s.in, s.in, true, &state);
  LwTestBuffer w =
      lw_test_buffer_random (9, (int64_t)s.in * s.out, (int64_t)s.in * s.out, false, &state);
  char *aligned = g_aligned_alloc0 (size, 4, 64), *odd = (char *)g_aligned_alloc0 (size + 1, 4, 64);

  for (int kind = 0; pool_of (kind, &threads, run_at_once, &pool); kind++) {
    const gsize number = pool.bf16 ? 2 : 4;
    LwTestNumbers in = lw_test_numbers_new (&x, pool.bf16);
    LwTestWorkspace work = lw_test_workspace_new (
        lw_winograd_workspace (&pool, &s, LW_WINOGRAD_F43, LW_WINOGRAD_FORWARD));

    lw_winograd_forward (&pool, &s, LW_WINOGRAD_F43, in.at, w.at, NULL, false, true, aligned, NULL,
                         work.at);
    lw_winograd_forward (&pool, &s, LW_WINOGRAD_F43, in.at, w.at, NULL, false, true, odd + number,
                         NULL, work.at);
    g_assert_cmpint (memcmp (aligned, odd + number, size * number), ==, 0);
    for (gsize i = 0; i < size; i++) /* the sign and the exponent */
      g_assert_cmpint (((uint16_t *)(void *)(aligned + i * number))[number / 2 - 1], <, 0x7f80);
    lw_test_workspace_free (&work);
    lw_test_numbers_free (&in, NULL);
  }
  g_aligned_free (aligned);
  g_aligned_free (odd);
  lw_test_buffer_free (&x);
  lw_test_buffer_free (&w);
}

/* ReLU lets NaN through, and zeros and the like become no surprise. */
static void
check_nan (const LwWinogradPool *pool, LwWinogradVariant variant, int32_t stride)
{
  enum { PIXELS = 16 * 16 };
  const LwWinogradShape s = { 1, 16, 16, 1, 1, 3, stride, 1, 1, 1 };
  const int last = PIXELS / (stride * stride) - 1;
  float x[PIXELS + 32] = { 0 }, w[9] = { 0, 0, 0, 0, 1, 0, 0, 0, 0 }, y[PIXELS + 32] = { 0 };
  LwTestBuffer from = { x, x + 16, PIXELS, 1, 1 }, to = { y, y + 16, PIXELS, 1, 1 };

  if (!lw_winograd_applies (&s, variant, pool->bf16))
    return;
  from.at[0] = NAN;

  LwTestNumbers in = lw_test_numbers_new (&from, pool->bf16);
  LwTestNumbers out = lw_test_numbers_new (&to, pool->bf16);
  LwTestWorkspace work =
      lw_test_workspace_new (lw_winograd_workspace (pool, &s, variant, LW_WINOGRAD_FORWARD));

  lw_winograd_forward (pool, &s, variant, in.at, w, NULL, false, true, out.at, NULL, work.at);
  lw_test_numbers_free (&in, NULL);
  lw_test_numbers_free (&out, &to);
  g_assert_true (isnan (to.at[0]));
  g_assert_cmpfloat (to.at[last], ==, 0);
  lw_test_workspace_free (&work);
}

static void
test_nan (void)
{
  LwWinogradPool pool;
  int threads = 1;

  if (!can_run ())
    return;
  for (int kind = 0; pool_of (kind, &threads, run_backwards, &pool); kind++)
    for (int v = 0; v < LW_N_WINOGRAD; v++)
      for (int stride = 1; stride <= 2; stride++)
        check_nan (&pool, (LwWinogradVariant)v, stride);
}

static void
test_applies (void)
{
  LwWinogradShape s = { 1, 2, 8, 4, 4, 3, 1, 0, 4, 4 };

  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F63, false));
  s.padding = 1;
  g_assert_true (lw_winograd_applies (&s, LW_WINOGRAD_F63, false));
  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F45, false));
  s.kernel = 1;
  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F43, true));

  /* 12 × 12 are 2 × 2 tiles of 6 × 6 with 64 points, 3 × 3 of 4 × 4 with 36. */
  s = (LwWinogradShape){ 2, 12, 12, 4, 4, 3, 1, 1, 4, 4 };
  g_assert_cmpfloat (lw_winograd_products (&s, LW_WINOGRAD_F63, false, LW_WINOGRAD_FORWARD), ==,
                     512);
  g_assert_cmpfloat (lw_winograd_products (&s, LW_WINOGRAD_F43, true, LW_WINOGRAD_FORWARD), ==,
                     648);

  /* With stride 2 they become 6 × 6: 2 × 2 tiles of 4 × 4 with 9² products, one of 6 × 6 with 13².
   */
  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F42, false));
  s.stride = 2;
  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F43, false));
  g_assert_true (lw_winograd_applies (&s, LW_WINOGRAD_F42, false));
  g_assert_false (lw_winograd_applies (&s, LW_WINOGRAD_F62, true));
  g_assert_cmpfloat (lw_winograd_products (&s, LW_WINOGRAD_F42, false, LW_WINOGRAD_FORWARD), ==,
                     648);
  g_assert_cmpfloat (lw_winograd_products (&s, LW_WINOGRAD_F62, false, LW_WINOGRAD_BACKWARD_DATA),
                     ==, 338);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/winograd/applies", test_applies);
  g_test_add_func ("/winograd/networks", test_networks);
  g_test_add_func ("/winograd/awkward", test_awkward);
  g_test_add_func ("/winograd/random", test_random);
  g_test_add_func ("/winograd/threads", test_threads);
  g_test_add_func ("/winograd/large-outputs", test_large_outputs);
  g_test_add_func ("/winograd/nan", test_nan);
  return g_test_run ();
}
