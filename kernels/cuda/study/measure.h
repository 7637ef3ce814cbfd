/* Times the rungs of one problem on a graphics card, beside cuBLAS. One thread. */
#pragma once

#include "kernels/cuda/study/study.h"

typedef struct {
  char name[256];
  int major, minor, multiprocessors;
  double clock_mhz;
  double fp32_gflops; /* multiply-adds of all lanes at that clock; 0: not known */
} LwStudyDevice;

typedef struct {
  double ms;    /* the median; 0: this device or size does not allow it */
  double error; /* relative L2, beside cuBLAS in float32 */
} LwStudyTime;

cudaError_t lw_study_device (LwStudyDevice *ret_device);

/* Memory for one problem. NULL and an error's code: it could not be had. */
typedef struct LwStudyBench LwStudyBench;
LwStudyBench *lw_study_bench_new (const LwStudyProblem *problem, const LwStudyRung *const *ladder,
                                  cudaError_t *ret_code);
void lw_study_bench_free (LwStudyBench *bench);

/* cuBLAS on the product, or on the product that the convolution is (its columns made before). */
cudaError_t lw_study_time_cublas (LwStudyBench *bench, LwStudyNumbers numbers, double *ret_ms);
cudaError_t lw_study_time (LwStudyBench *bench, const LwStudyRung *rung, LwStudyTime *ret_time);
