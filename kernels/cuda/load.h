/* Loads the CUDA backend, which is a shared object of its own (module.h), so that one program works
 * on machines with and without CUDA. Links nothing of CUDA. */
#pragma once

#include "kernels/cuda/module.h"

G_BEGIN_DECLS

/* The module's table; where there is none, one that counts no devices and says why in a sentence:
 * there is no driver, the module is not built, is another version's, or cannot be loaded. Loaded
 * once, at the first call, from where the environment's LAYERWISE_CUDA_MODULE says ("none": not at
 * all), or from where it was built or installed with the program (engine/program_files.h). It stays
 * loaded. Any thread. */
const LwBackend *lw_cuda_load_backend (void);

/* The same module; NULL: there is none. Any thread. */
const LwCudaModule *lw_cuda_loaded (void);

/* As lw_cuda_load_backend, from that file, without looking for a driver; NULL and a sentence. Any
 * thread. */
const LwCudaModule *lw_cuda_load_file (const char *path, GError **error);

G_END_DECLS
