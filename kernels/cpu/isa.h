/* The tables of all instruction sets that are compiled in. Private to this folder. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

extern const LwBackend lw_cpu_baseline_backend;
#ifdef __x86_64__
extern const LwBackend lw_cpu_avx2_backend, lw_cpu_avx512_backend, lw_cpu_avx512bf16_backend;
#endif

G_END_DECLS
