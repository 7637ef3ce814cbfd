/* A rung on made-up numbers, and how far its result is from sums in double precision: for the test,
 * which runs it on the processor, and for the program, which runs it on a graphics card. */
#pragma once

#include "kernels/cuda/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The problem's sizes alone; its pointers are not read. */
LwStudyProblem lw_study_product (int m, int n, int k);
LwStudyProblem lw_study_convolution (int images, int h, int w, int channels, int outputs);

/* How many numbers A (or x), B (or w) and C (or y) have. */
size_t lw_study_a_size (const LwStudyProblem *problem);
size_t lw_study_b_size (const LwStudyProblem *problem);
size_t lw_study_c_size (const LwStudyProblem *problem);

/* Uniform in [−1, 1), from `seed`. */
void lw_study_fill (float *values, size_t n, unsigned seed);

/* Computes C for A and B filled with seeds 1 and 2, into host memory. */
cudaError_t lw_study_compute (const LwStudyRung *rung, const LwStudyProblem *problem, float *ret_c);

/* The same in double precision, slowly; free() it. NULL: no memory. */
double *lw_study_expected (const LwStudyProblem *problem);
/* ‖c − expected‖ / ‖expected‖ */
double lw_study_error (const float *c, const double *expected, size_t n);
/* What that may be: the rounding of products and of sums. */
double lw_study_tolerance (LwStudyNumbers numbers);

#ifdef __cplusplus
}
#endif
