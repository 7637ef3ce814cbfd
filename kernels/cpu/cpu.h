/* The CPU backend: fast kernels for the processor, no library. One table for each instruction set,
 * all of the same name; those that this processor lacks count no devices.
 *
 * Layouts: maps [n][h][w][c], weights [kernel][kernel][in][out] and [in][out], float32; small
 * networks: [group of examples][c][h][w][example], weights as in PyTorch.
 * Threads: a device owns a pool; results are bit-identical for every number of threads, but differ
 * in their last bits between instruction sets. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef enum { LW_CPU_BASELINE, LW_CPU_AVX2, LW_CPU_AVX512, LW_N_CPU_ISAS } LwCpuIsa;

/* NULL: not compiled in (another kind of processor). */
const LwBackend *lw_cpu_backend_for (LwCpuIsa isa);
/* The best one that works here. */
const LwBackend *lw_cpu_backend (void);

/* Puts the batch in lanes, as `adapt` does for small networks: for tests of single kernels, before
 * any memory is laid out. */
void lw_cpu_use_lanes (LwDevice *device);

G_END_DECLS
