/* What the measurements of bench.c and bench-together.c share: the clock, medians, made-up images.
 * One thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

/* How long steps are measured, and how many there are at least. */
#define LW_BENCH_MEASURED_S    3.0
#define LW_BENCH_LEAST_STEPS   5
#define LW_BENCH_SEED          42
#define LW_BENCH_LEARNING_RATE 0.01f

/* Streams of LW_STREAM_DATA that no data set uses. */
enum { LW_BENCH_STREAM_IMAGES = 16, LW_BENCH_STREAM_LABELS, LW_BENCH_STREAM_EXAMPLES };

double lw_bench_now_s (void); /* since some moment */
/* Of doubles, which it sorts; 0 without any. */
double lw_bench_median (GArray *values);
/* The examples first … first + n − 1 of a batch: images [n] of the network's input, in 0 … 1, and
 * labels [n]; g_free both. */
bool lw_bench_make_images (const LwGraph *graph, int32_t first, int32_t n, float **ret_images,
                           int32_t **ret_labels, GError **error);

G_END_DECLS
