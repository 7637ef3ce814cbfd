/* What the programs that time the CPU backend's kernels have in common: options, a clock and the
 * backend that is asked for. One file of a program includes it. */
#pragma once

#include "kernels/cpu/cpu.h"

#include <string.h>
#include <time.h>

static int batch = 128, threads = 1;
static char *isa_name, *match, *precision;
static gboolean cpu_time;

/* Rows of GOptionEntry; precisions and rounds are each program's own. */
#define BENCH_OPTIONS                                                                              \
  { "isa", 0, 0, G_OPTION_ARG_STRING, &isa_name, "baseline, avx2 or avx512; the best", "NAME" },   \
      { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "Threads, 1 unless given", "N" },             \
      { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Examples, 128 unless given", "N" },              \
      { "match", 0, 0, G_OPTION_ARG_STRING, &match, "Layers whose names contain this", "TEXT" },   \
  {                                                                                                \
    "cpu-time", 0, 0, G_OPTION_ARG_NONE, &cpu_time,                                                \
        "Processor time by thread in place of the clock, where others use the machine too", NULL   \
  }

static inline double
now_s (void)
{
  struct timespec time;

  clock_gettime (cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return ((double)time.tv_sec + 1e-9 * (double)time.tv_nsec) / (cpu_time ? threads : 1);
}

static inline bool
is_wanted (const char *name)
{
  return match == NULL || strstr (name, match) != NULL;
}

/* In float32; NULL: there is none of that name. */
static inline const LwBackend *
find_backend (void)
{
  static const char *const names[] = { "baseline", "avx2", "avx512" };

  for (int i = 0; isa_name != NULL && i < LW_N_CPU_ISAS; i++)
    if (strcmp (names[i], isa_name) == 0)
      return lw_cpu_backend_for ((LwCpuIsa)i);
  return isa_name == NULL ? lw_cpu_backend () : NULL;
}
