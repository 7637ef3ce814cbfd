/* What this processor and its memory can do at most, measured: the roofline that `bench` compares
 * layers with (Williams, Waterman, Patterson, "Roofline: an insightful visual performance model",
 * CACM 2009). One thread calls; the measurement uses threads of its own. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int threads;        /* that worked at once */
  double peak_gflops; /* float32 multiply-adds in registers, two operations each; NaN: unknown */
  double peak_bf16_gflops; /* the same of pairs of bfloat16 added to float32; NaN: not here */
  double copy_gb_s; /* 10⁹ bytes read and written by a copy beyond the caches; NaN: unknown */
} LwBenchMachine;

/* The best of several short loops on `threads` threads at once (0: all); half a second. */
LwBenchMachine lw_bench_machine (int threads);

G_END_DECLS
