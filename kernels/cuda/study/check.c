#include "kernels/cuda/study/check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

LwStudyProblem
lw_study_product (int m, int n, int k)
{
  return (LwStudyProblem){ .m = m, .n = n, .k = k };
}

LwStudyProblem
lw_study_convolution (int images, int h, int w, int channels, int outputs)
{
  return (LwStudyProblem){ .m = images * h * w,
                           .n = outputs,
                           .k = 9 * channels,
                           .images = images,
                           .h = h,
                           .w = w,
                           .channels = channels };
}

size_t
lw_study_a_size (const LwStudyProblem *p)
{
  return (size_t)p->m * (size_t)(p->images > 0 ? p->channels : p->k);
}

size_t
lw_study_b_size (const LwStudyProblem *p)
{
  return (size_t)p->k * (size_t)p->n;
}

size_t
lw_study_c_size (const LwStudyProblem *p)
{
  return (size_t)p->m * (size_t)p->n;
}

/* SplitMix64 (Steele, Lea and Flood 2014, section 5), the upper 24 bits. */
void
lw_study_fill (float *values, size_t n, unsigned seed)
{
  uint64_t state = seed;

  for (size_t i = 0; i < n; i++) {
    uint64_t z = state += UINT64_C (0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    values[i] = (float)((z ^ (z >> 31)) >> 40) * 0x1p-23f - 1;
  }
}

/* --- on the device ---------------------------------------------------------------------------- */

typedef struct {
  cudaStream_t stream;
  void *a, *b, *c, *scratch;
} Memory;

static cudaError_t
upload (void **memory, size_t n, unsigned seed, cudaStream_t stream)
{
  float *values = malloc (n * sizeof (float));
  cudaError_t code =
      values == NULL ? cudaErrorMemoryAllocation : cudaMalloc (memory, n * sizeof (float));

  if (code == cudaSuccess) {
    lw_study_fill (values, n, seed);
    code = cudaMemcpyAsync (*memory, values, n * sizeof (float), cudaMemcpyHostToDevice, stream);
  }
  if (code == cudaSuccess)
    code = cudaStreamSynchronize (stream);
  free (values);
  return code;
}

static cudaError_t
take (Memory *memory, const LwStudyRung *rung, const LwStudyProblem *p)
{
  const size_t scratch = rung->scratch_bytes != NULL ? rung->scratch_bytes (p) : 0;
  cudaError_t code = cudaStreamCreateWithFlags (&memory->stream, cudaStreamNonBlocking);

  if (code == cudaSuccess)
    code = upload (&memory->a, lw_study_a_size (p), 1, memory->stream);
  if (code == cudaSuccess)
    code = upload (&memory->b, lw_study_b_size (p), 2, memory->stream);
  if (code == cudaSuccess)
    code = cudaMalloc (&memory->c, lw_study_c_size (p) * sizeof (float));
  if (code == cudaSuccess && scratch > 0)
    code = cudaMalloc (&memory->scratch, scratch);
  return code;
}

/* The first error, earlier ones before those of freeing. */
static cudaError_t
give_back (const Memory *memory, cudaError_t code)
{
  void *const all[] = { memory->a, memory->b, memory->c, memory->scratch };

  for (int i = 0; i < 4; i++) {
    const cudaError_t freed = cudaFree (all[i]);

    code = code == cudaSuccess ? freed : code;
  }
  if (memory->stream != NULL) {
    const cudaError_t freed = cudaStreamDestroy (memory->stream);

    code = code == cudaSuccess ? freed : code;
  }
  return code;
}

cudaError_t
lw_study_compute (const LwStudyRung *rung, const LwStudyProblem *problem, float *ret_c)
{
  Memory memory = { NULL, NULL, NULL, NULL, NULL };
  LwStudyProblem p = *problem;
  cudaError_t code = take (&memory, rung, &p);

  p.a = memory.a;
  p.b = memory.b;
  p.c = memory.c;
  p.scratch = memory.scratch;
  if (code == cudaSuccess && rung->prepare != NULL)
    code = rung->prepare (&p, memory.stream);
  if (code == cudaSuccess)
    code = rung->run (&p, memory.stream);
  if (code == cudaSuccess)
    code = cudaMemcpyAsync (ret_c, p.c, lw_study_c_size (&p) * sizeof (float),
                            cudaMemcpyDeviceToHost, memory.stream);
  if (code == cudaSuccess)
    code = cudaStreamSynchronize (memory.stream);
  return give_back (&memory, code);
}

/* --- what it should be ------------------------------------------------------------------------ */

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

double *
lw_study_expected (const LwStudyProblem *p)
{
  float *a = malloc (lw_study_a_size (p) * sizeof (float));
  float *b = malloc (lw_study_b_size (p) * sizeof (float));
  double *c = calloc (lw_study_c_size (p), sizeof (double));

  if (a == NULL || b == NULL || c == NULL) {
    free (c);
    c = NULL;
  } else {
    lw_study_fill (a, lw_study_a_size (p), 1);
    lw_study_fill (b, lw_study_b_size (p), 2);
    for (int i = 0; i < p->m; i++)
      for (int l = 0; l < p->k; l++) {
        const double value = a_at (p, a, i, l);

        for (int j = 0; j < p->n; j++)
          c[(size_t)i * (size_t)p->n + (size_t)j] +=
              value * (double)b[(size_t)l * (size_t)p->n + (size_t)j];
      }
  }
  free (a);
  free (b);
  return c;
}

double
lw_study_error (const float *c, const double *expected, size_t n)
{
  double difference = 0, length = 0;

  for (size_t i = 0; i < n; i++) {
    const double off = (double)c[i] - expected[i];

    difference += off * off;
    length += expected[i] * expected[i];
  }
  return sqrt (difference / length);
}

/* TF32 has 10 bits behind the point, bfloat16 7. */
double
lw_study_tolerance (LwStudyNumbers numbers)
{
  switch (numbers) {
  case LW_STUDY_TF32:
    return 1e-3;
  case LW_STUDY_BF16:
    return 8e-3;
  default:
    return 1e-6;
  }
}
