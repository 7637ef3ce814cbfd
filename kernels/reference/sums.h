/* Sums over long arrays of float32, in double precision. Sixteen running sums, one for every
 * sixteenth number, added up at the end: the order depends on n alone, and a compiler can keep the
 * sixteen in vector registers. Private to this folder. */
#pragma once

#include <stdint.h>

/* Σ x[i] */
double lw_ref_sum (const float *x, int64_t n);
/* Σ (x[i] − mean)² */
double lw_ref_sum_squares (const float *x, int64_t n, double mean);
/* Σ (x[i] − mean) · y[i] */
double lw_ref_sum_products (const float *x, const float *y, int64_t n, double mean);
