#include "kernels/reference/sums.h"
#include "kernels/reference/clones.h"

enum { LANES = 16 };

static double
add_lanes (const double lane[LANES])
{
  double sum = 0;

  for (int i = 0; i < LANES; i++)
    sum += lane[i];
  return sum;
}

LW_CLONES double
lw_ref_sum (const float *x, int64_t n)
{
  double lane[LANES] = { 0 };
  int64_t i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++)
      lane[j] += (double)x[i + j];
  for (; i < n; i++)
    lane[i % LANES] += (double)x[i];
  return add_lanes (lane);
}

LW_CLONES double
lw_ref_sum_squares (const float *x, int64_t n, double mean)
{
  double lane[LANES] = { 0 };
  int64_t i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++)
      lane[j] += ((double)x[i + j] - mean) * ((double)x[i + j] - mean);
  for (; i < n; i++)
    lane[i % LANES] += ((double)x[i] - mean) * ((double)x[i] - mean);
  return add_lanes (lane);
}

LW_CLONES double
lw_ref_sum_products (const float *x, const float *y, int64_t n, double mean)
{
  double lane[LANES] = { 0 };
  int64_t i = 0;

  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++)
      lane[j] += ((double)x[i + j] - mean) * (double)y[i + j];
  for (; i < n; i++)
    lane[i % LANES] += ((double)x[i] - mean) * (double)y[i];
  return add_lanes (lane);
}
