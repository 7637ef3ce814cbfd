#include "kernels/check/run.h"

#include <math.h>
#include <string.h>

const LwKernelArray *
lw_kernel_result_find (const LwKernelResult *result, const char *name)
{
  for (int i = 0; i < result->n_arrays; i++)
    if (strcmp (result->arrays[i].name, name) == 0)
      return &result->arrays[i];
  return NULL;
}

LwKernelDistance
lw_kernel_distance (const float *a, const float *b, int64_t n)
{
  double difference = 0, length = 0;

  for (int64_t i = 0; i < n; i++) {
    difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    length += (double)b[i] * (double)b[i];
  }
  return (LwKernelDistance){ sqrt (difference), sqrt (length) };
}

bool
lw_kernel_is_near (LwKernelDistance distance, int64_t n, double tolerance)
{
  return distance.off <= tolerance * distance.length + 1e-7 * sqrt ((double)n);
}

bool
lw_kernel_results_equal (const LwKernelResult *a, const LwKernelResult *b)
{
  if (a->n_arrays != b->n_arrays || a->batches != b->batches)
    return false;
  for (int i = 0; i < a->n_arrays; i++)
    if (a->arrays[i].n != b->arrays[i].n || memcmp (a->arrays[i].values, b->arrays[i].values,
                                                    sizeof (float) * (size_t)a->arrays[i].n) != 0)
      return false;
  return true;
}
