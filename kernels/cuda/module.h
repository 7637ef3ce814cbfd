/* What the CUDA backend's shared object hands to the program that loads it (load.h). It exports one
 * symbol, lw_cuda_module.
 *
 * Of the engine it calls little (errors, graphs), and that it carries within itself, under hidden
 * names: programs then need not export anything, and any program can load it. Two copies do no
 * harm, because the engine has no globals that change: its tables are read by value, never compared
 * by address; LW_ERROR is the same number in both, because GLib, which is shared, makes it of a
 * text; and so is the language, which belongs to the C library. What both must agree on are the
 * types they hand to each other, for which LW_CUDA_INTERFACE stands. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

enum { LW_CUDA_MODULE_ABI = 2 }; /* of this struct */
#define LW_CUDA_MODULE_SYMBOL "lw_cuda_module"

/* Constant. */
typedef struct {
  uint32_t abi; /* stays first */
  /* A hash of the headers that say what program and module hand to each other, as they were when
   * the module was compiled: the generated kernels/cuda/interface.h. */
  const char *interface;
  int32_t toolkit; /* CUDART_VERSION: 13000 */
  const LwBackend *backend;
  /* The NCCL that processes on several cards add up with: "2.28.9"; g_free. NULL and a sentence:
   * there is none that can be used. */
  char *(*describe_nccl) (GError **error);
} LwCudaModule;

typedef const LwCudaModule *LwCudaModuleFunction (void);
LwCudaModuleFunction lw_cuda_module;

G_END_DECLS
