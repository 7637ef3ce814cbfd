/* The CPU backend: fast kernels for the processor, no library. One table for each instruction set,
 * all of the same name; those that this processor lacks count no devices.
 *
 * Layouts: maps [n][h][w][c], float32 or bfloat16, weights [kernel][kernel][in][out] and [in][out],
 * float32; small
 * networks: [group of examples][c][h][w][example], weights as in PyTorch.
 * Threads: a device owns a pool; results are bit-identical for every number of threads, but differ
 * in their last bits between instruction sets. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef enum { LW_CPU_BASELINE, LW_CPU_AVX2, LW_CPU_AVX512, LW_N_CPU_ISAS } LwCpuIsa;

/* NULL: not compiled in (another kind of processor). */
const LwBackend *lw_cpu_backend_for (LwCpuIsa isa);
/* The best one that works here and that the environment's LAYERWISE_CPU allows: baseline, avx2,
 * avx512; other words allow all. */
const LwBackend *lw_cpu_backend (void);

/* Values and their gradients in bfloat16, on processors with AVX-512 BF16; the table that any of
 * the others hands over to when that precision is asked for. NULL: not compiled in. */
const LwBackend *lw_cpu_bf16_backend (void);
/* `backend`, or the one that the options' precision asks for: LwBackend's variant. */
const LwBackend *lw_cpu_variant (const LwBackend *backend, const LwDeviceOptions *options);

/* Puts the batch in lanes, as `adapt` does for small networks: for tests of single kernels, before
 * any memory is laid out. */
void lw_cpu_use_lanes (LwDevice *device);

G_END_DECLS
