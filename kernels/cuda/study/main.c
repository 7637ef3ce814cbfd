/* Checks the rungs of both ladders on a graphics card against sums in double precision, times them
 * beside cuBLAS, and prints the tables. How to build it: README.md. */
#include "kernels/cuda/study/check.h"
#include "kernels/cuda/study/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail (const char *what, cudaError_t code)
{
  fprintf (stderr, "study: %s: %s.\n", what, cudaGetErrorString (code));
  return 1;
}

/* Asynchronous copies are plain ones on older devices, tensor cores cannot be replaced. */
static bool
can_run (const LwStudyDevice *device, const LwStudyRung *rung, const LwStudyProblem *problem)
{
  return (rung->fits == NULL || rung->fits (problem)) &&
         (rung->numbers == LW_STUDY_FP32 || device->major >= 8);
}

/* --- right? ----------------------------------------------------------------------------------- */

static bool
is_right (const LwStudyRung *rung, const LwStudyProblem *problem)
{
  const size_t n = lw_study_c_size (problem);
  float *c = malloc (n * sizeof (float));
  double *expected = lw_study_expected (problem);
  cudaError_t code = c == NULL || expected == NULL ? cudaErrorMemoryAllocation
                                                   : lw_study_compute (rung, problem, c);
  const double error = code == cudaSuccess ? lw_study_error (c, expected, n) : 0;
  const bool right = code == cudaSuccess && error <= lw_study_tolerance (rung->numbers);

  if (code != cudaSuccess)
    fail (rung->name, code);
  else if (!right)
    fprintf (stderr, "study: %s, %d×%d×%d: off by %.3g.\n", rung->name, problem->m, problem->n,
             problem->k, error);
  free (c);
  free (expected);
  return right;
}

static bool
check_ladder (const LwStudyDevice *device, const LwStudyRung *const *ladder,
              const LwStudyProblem *problems, int n)
{
  bool all_right = true;

  for (; *ladder != NULL; ladder++) {
    int right = 0, possible = 0;

    for (int i = 0; i < n; i++)
      if (can_run (device, *ladder, &problems[i])) {
        possible++;
        right += is_right (*ladder, &problems[i]);
      }
    printf ("%s: right at %d of %d sizes\n", (*ladder)->name, right, possible);
    all_right = all_right && right == possible;
  }
  return all_right;
}

static bool
check_all (const LwStudyDevice *device)
{
  const LwStudyProblem products[] = {
    lw_study_product (1, 1, 1),       lw_study_product (128, 128, 32),
    lw_study_product (67, 45, 29),    lw_study_product (131, 68, 20),
    lw_study_product (135, 136, 40),  lw_study_product (3, 8, 8),
    lw_study_product (517, 264, 328),
  };
  const LwStudyProblem convolutions[] = {
    lw_study_convolution (1, 1, 1, 1, 1),     lw_study_convolution (2, 7, 5, 3, 5),
    lw_study_convolution (2, 9, 6, 4, 8),     lw_study_convolution (1, 8, 16, 12, 36),
    lw_study_convolution (3, 29, 31, 16, 68), lw_study_convolution (3, 29, 31, 24, 136),
  };
  const bool first = check_ladder (device, lw_study_products, products,
                                   (int)(sizeof products / sizeof products[0]));

  return check_ladder (device, lw_study_convolutions, convolutions,
                       (int)(sizeof convolutions / sizeof convolutions[0])) &&
         first;
}

/* --- how fast? -------------------------------------------------------------------------------- */

static const char *
name_of (LwStudyNumbers numbers)
{
  return numbers == LW_STUDY_TF32 ? "TF32" : numbers == LW_STUDY_BF16 ? "bf16" : "fp32";
}

static void
print_row (const LwStudyDevice *device, const char *name, LwStudyNumbers numbers, double flops,
           double ms, double cublas_ms, double error)
{
  const double gflops = flops / ms / 1e6;

  printf ("| %s | %s | %.3f | %.0f | ", name, name_of (numbers), ms, gflops);
  /* Of tensor cores the device does not say its peak: there cuBLAS is the measure. */
  if (numbers == LW_STUDY_FP32 && device->fp32_gflops > 0)
    printf ("%.1f %% | ", 100 * gflops / device->fp32_gflops);
  else
    printf ("– | ");
  printf ("%.1f %% | %.1g |\n", 100 * cublas_ms / ms, error);
}

static cudaError_t
time_ladder (const LwStudyDevice *device, const LwStudyRung *const *ladder,
             const LwStudyProblem *problem)
{
  const double flops = 2.0 * problem->m * problem->n * problem->k;
  double cublas[3] = { 0 };
  cudaError_t code;
  LwStudyBench *bench = lw_study_bench_new (problem, ladder, &code);

  if (bench == NULL)
    return code;
  printf ("\n| rung | numbers | ms | GFLOP/s | of fp32 peak | of cuBLAS | off by |\n"
          "|---|---|---:|---:|---:|---:|---:|\n");
  for (; *ladder != NULL && code == cudaSuccess; ladder++) {
    const LwStudyNumbers numbers = (*ladder)->numbers;
    LwStudyTime time;

    if (!can_run (device, *ladder, problem))
      continue;
    if (cublas[numbers] == 0) /* once for each kind of numbers */
      code = lw_study_time_cublas (bench, numbers, &cublas[numbers]);
    if (code == cudaSuccess)
      code = lw_study_time (bench, *ladder, &time);
    if (code == cudaSuccess)
      print_row (device, (*ladder)->name, numbers, flops, time.ms, cublas[numbers], time.error);
    fflush (stdout);
  }
  for (int numbers = 0; numbers < 3 && code == cudaSuccess; numbers++)
    if (cublas[numbers] > 0)
      print_row (device, "cuBLAS", (LwStudyNumbers)numbers, flops, cublas[numbers], cublas[numbers],
                 0);
  lw_study_bench_free (bench);
  return code;
}

static cudaError_t
time_all (const LwStudyDevice *device, int side)
{
  static const int layers[][5] = {
    { 128, 24, 24, 64, 64 }, /* ResNet-18's first stage, a batch of 96×96 images */
    { 128, 6, 6, 256, 256 }, /* its third */
    { 32, 56, 56, 128, 128 },
  };
  const LwStudyProblem product = lw_study_product (side, side, side);
  cudaError_t code;

  printf ("\nProduct of matrices, %d×%d×%d\n", side, side, side);
  code = time_ladder (device, lw_study_products, &product);
  for (size_t i = 0; i < sizeof layers / sizeof layers[0] && code == cudaSuccess; i++) {
    const int *s = layers[i];
    const LwStudyProblem layer = lw_study_convolution (s[0], s[1], s[2], s[3], s[4]);

    printf ("\nConvolution 3×3, %d images of %d×%d×%d to %d channels; GFLOP/s by the formula, of "
            "cuBLAS: of the product of its columns alone\n",
            s[0], s[1], s[2], s[3], s[4]);
    code = time_ladder (device, lw_study_convolutions, &layer);
  }
  return code;
}

int
main (int argc, char **argv)
{
  LwStudyDevice device;
  int side = 4096;
  cudaError_t code;

  if (argc == 3 && strcmp (argv[1], "--side") == 0)
    side = atoi (argv[2]);
  else if (argc != 1)
    side = 0;
  if (side < 8 || side > 16384 || side % 8 != 0) {
    fprintf (stderr, "usage: study [--side N]\n  N: side of the matrices, a multiple of 8 up to "
                     "16384 (default 4096)\n");
    return 2;
  }
  code = lw_study_device (&device);
  if (code != cudaSuccess)
    return fail ("no graphics card can be used here", code);
  printf (
      "%s, compute capability %d.%d, %d multiprocessors, %.0f MHz at most: %.1f TFLOP/s (fp32)\n",
      device.name, device.major, device.minor, device.multiprocessors, device.clock_mhz,
      device.fp32_gflops / 1e3);
  if (!check_all (&device))
    return 1;
  code = time_all (&device, side);
  return code == cudaSuccess ? 0 : fail ("a kernel could not be timed", code);
}
