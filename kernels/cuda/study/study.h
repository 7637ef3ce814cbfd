/* Two ladders of kernels for those who want to see where speed comes from: a product of matrices
 * and a 3 × 3 convolution, one idea a rung. Nothing in the engine calls them.
 *
 *   product      C [m][n] = A [m][k] · B [k][n]
 *   convolution  y[i,j,o] = Σ_{u,v,c} x[i + u − 1, j + v − 1, c] · w[u,v,c,o], zeros outside of x
 *
 * All by rows without gaps: x [images][h][w][channels], w [3][3][channels][n], y [images][h][w][n].
 * So a convolution is a product whose A, the windows of x, nobody has stored: m = images · h · w,
 * k = 9 · channels. Sizes are such that no array has more than INT_MAX numbers. */
#pragma once

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In which numbers a rung multiplies; all add in float32. */
typedef enum { LW_STUDY_FP32, LW_STUDY_TF32, LW_STUDY_BF16 } LwStudyNumbers;

typedef struct {
  int m, n, k;
  int images, h, w, channels; /* of a convolution */
  const float *a, *b;         /* device memory; of a convolution x and w */
  float *c;                   /* y */
  void *scratch;              /* scratch_bytes */
} LwStudyProblem;

typedef struct {
  const char *name;
  LwStudyNumbers numbers;
  bool (*fits) (const LwStudyProblem *problem);            /* NULL: every size */
  size_t (*scratch_bytes) (const LwStudyProblem *problem); /* NULL: none */
  /* (optional) once, before it is timed */
  cudaError_t (*prepare) (const LwStudyProblem *problem, cudaStream_t stream);
  /* Enqueues its kernels; the first error. */
  cudaError_t (*run) (const LwStudyProblem *problem, cudaStream_t stream);
} LwStudyRung;

/* From the bottom up; NULL at the end. */
extern const LwStudyRung *const lw_study_products[], *const lw_study_convolutions[];

extern const LwStudyRung lw_study_naive, lw_study_coalesced, lw_study_shared, lw_study_registers_1d,
    lw_study_registers_2d, lw_study_vectors, lw_study_double_buffer, lw_study_warp_tiles_rung,
    lw_study_async, lw_study_tf32, lw_study_bf16;
extern const LwStudyRung lw_study_direct, lw_study_halo, lw_study_columns, lw_study_implicit,
    lw_study_winograd, lw_study_implicit_bf16;

#ifdef __cplusplus
}
#endif
