/* What this processor and its memory can do at most, measured: the roofline (engine/roofline.h)
 * that layers are compared with. One thread calls; the measurement uses threads of its own. */
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
} LwMachine;

/* The best of several short loops on `threads` threads at once (0: all); half a second. What is
 * copied takes at most an eighth of the memory that is free. */
LwMachine lw_machine_measure (int threads);

G_END_DECLS
