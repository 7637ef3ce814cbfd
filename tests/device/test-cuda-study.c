/* The ladders of kernels/cuda/study on the processor: every rung against sums in double precision,
 * at sizes that its tiles do not divide, in every order of threads, the same bits each time. */
#include "kernels/cuda/study/study.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Relative L2, of float32, TF32 (10 bits behind the point) and bfloat16 (7 bits). */
static const double tolerances[] = { 1e-6, 1e-3, 8e-3 };

typedef struct {
  const LwStudyRung *rung;
  LwStudyProblem problem;
} Case;

static void
check (cudaError_t code)
{
  if (code != cudaSuccess)
    g_error ("%s", cudaGetErrorString (code));
}

static size_t
x_size (const LwStudyProblem *p)
{
  return p->images > 0 ? (size_t)p->m * (size_t)p->channels : (size_t)p->m * (size_t)p->k;
}

static float *
numbers (const char *name, size_t n)
{
  const uint64_t seed = lw_formula_seed (name);
  float *values = g_new (float, n);

  for (size_t i = 0; i < n; i++)
    values[i] = (float)(2 * lw_formula_uniform (seed, (int64_t)i) - 1);
  return values;
}

/* A number of A: of a convolution that of U, the windows' rows. */
static double
a_at (const LwStudyProblem *p, const float *a, int row, int depth)
{
  if (p->images == 0)
    return (double)a[(size_t)row * (size_t)p->k + (size_t)depth];

  const int c = depth % p->channels, place = depth / p->channels;
  const int image = row / (p->h * p->w);
  const int i = row / p->w % p->h + place / 3 - 1, j = row % p->w + place % 3 - 1;

  return i >= 0 && i < p->h && j >= 0 && j < p->w
             ? (double)a[(size_t)((image * p->h + i) * p->w + j) * (size_t)p->channels + (size_t)c]
             : 0;
}

static double *
expected_of (const LwStudyProblem *p, const float *a, const float *b)
{
  double *c = g_new0 (double, (gsize)p->m *(gsize)p->n);

  for (int i = 0; i < p->m; i++)
    for (int l = 0; l < p->k; l++) {
      const double value = a_at (p, a, i, l);

      for (int j = 0; j < p->n; j++)
        c[(size_t)i * (size_t)p->n + (size_t)j] +=
            value * (double)b[(size_t)l * (size_t)p->n + (size_t)j];
    }
  return c;
}

static void *
upload (const float *values, size_t n, cudaStream_t stream)
{
  void *memory;

  check (cudaMalloc (&memory, n * sizeof (float)));
  check (cudaMemcpyAsync (memory, values, n * sizeof (float), cudaMemcpyHostToDevice, stream));
  check (cudaStreamSynchronize (stream));
  return memory;
}

static void
run_rung (const LwStudyRung *rung, LwStudyProblem p, const float *a, const float *b, float *c)
{
  const size_t c_bytes = (size_t)p.m * (size_t)p.n * sizeof (float);
  const size_t scratch = rung->scratch_bytes != NULL ? rung->scratch_bytes (&p) : 0;
  void *memory[4] = { NULL };
  cudaStream_t stream;

  check (cudaStreamCreateWithFlags (&stream, cudaStreamNonBlocking));
  memory[0] = upload (a, x_size (&p), stream);
  memory[1] = upload (b, (size_t)p.k * (size_t)p.n, stream);
  check (cudaMalloc (&memory[2], c_bytes));
  if (scratch > 0)
    check (cudaMalloc (&memory[3], scratch));
  p.a = memory[0];
  p.b = memory[1];
  p.c = memory[2];
  p.scratch = memory[3];
  if (rung->prepare != NULL)
    check (rung->prepare (&p, stream));
  check (rung->run (&p, stream));
  check (cudaMemcpyAsync (c, p.c, c_bytes, cudaMemcpyDeviceToHost, stream));
  check (cudaStreamSynchronize (stream));
  for (int i = 0; i < 4; i++)
    check (cudaFree (memory[i]));
  check (cudaStreamDestroy (stream));
}

static double
relative_error (const float *c, const double *expected, size_t n)
{
  double difference = 0, length = 0;

  for (size_t i = 0; i < n; i++) {
    const double off = (double)c[i] - expected[i];

    difference += off * off;
    length += expected[i] * expected[i];
  }
  return sqrt (difference / length);
}

static void
test_rung (gconstpointer data)
{
  const Case *info = data;
  const LwStudyProblem *p = &info->problem;
  const size_t n = (size_t)p->m * (size_t)p->n;
  g_autofree float *a = numbers ("a", x_size (p));
  g_autofree float *b = numbers ("b", (size_t)p->k * (size_t)p->n);
  g_autofree float *first = g_new (float, n), *c = g_new (float, n);
  g_autofree double *expected = expected_of (p, a, b);

  for (int order = 0; order < LW_N_ORDERS; order++) {
    lw_emulation_set_order ((LwOrder)order, 1);
    run_rung (info->rung, *p, a, b, c);

    const double error = relative_error (c, expected, n);

    if (!(error <= tolerances[info->rung->numbers]))
      g_error ("order %d: off by %.3g", order, error);
    if (order == 0) {
      g_test_message ("%s: off by %.2g", info->rung->name, error);
      memcpy (first, c, n * sizeof (float));
    } else {
      g_assert_cmpmem (first, n * sizeof (float), c, n * sizeof (float));
    }
  }
}

static void
add (const char *ladder, const LwStudyRung *rung, const LwStudyProblem *problem, const char *size)
{
  g_autofree char *path = g_strdup_printf ("/cuda-study/%s/%s/%s", ladder, rung->name, size);
  Case *info;

  if (rung->fits != NULL && !rung->fits (problem))
    return;
  for (char *at = path + strlen ("/cuda-study/"); *at != '\0'; at++)
    *at = *at == ' ' ? '-' : *at;
  info = g_new (Case, 1);
  *info = (Case){ rung, *problem };
  g_test_add_data_func_full (path, info, test_rung, g_free);
}

static void
add_products (void)
{
  /* One number; a whole tile; what no tile divides; multiples of 4 and of 8, no tile's. */
  static const int sizes[][3] = {
    { 1, 1, 1 }, { 128, 128, 32 }, { 67, 45, 29 }, { 131, 68, 20 }, { 135, 136, 40 }, { 3, 8, 8 },
  };

  for (const LwStudyRung *const *rung = lw_study_products; *rung != NULL; rung++)
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
      const LwStudyProblem problem = { .m = sizes[i][0], .n = sizes[i][1], .k = sizes[i][2] };
      g_autofree char *size = g_strdup_printf ("%d×%d×%d", problem.m, problem.n, problem.k);

      add ("product", *rung, &problem, size);
    }
}

static void
add_convolutions (void)
{
  /* Images, height, width, channels, outputs. */
  static const int sizes[][5] = {
    { 1, 1, 1, 1, 1 },
    { 2, 7, 5, 3, 5 },
    { 2, 9, 6, 4, 8 },
    { 1, 8, 16, 12, 36 },
  };

  for (const LwStudyRung *const *rung = lw_study_convolutions; *rung != NULL; rung++)
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
      const int *s = sizes[i];
      const LwStudyProblem problem = { .m = s[0] * s[1] * s[2],
                                       .n = s[4],
                                       .k = 9 * s[3],
                                       .images = s[0],
                                       .h = s[1],
                                       .w = s[2],
                                       .channels = s[3] };
      g_autofree char *size = g_strdup_printf ("%d×%d×%d×%d-%d", s[0], s[1], s[2], s[3], s[4]);

      add ("convolution", *rung, &problem, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_products ();
  add_convolutions ();
  return g_test_run ();
}
