/* What the MPI module's shared object hands to the program that loads it (load.h). It exports one
 * symbol, lw_mpi_module. What it needs of the engine it carries within itself, as the CUDA module
 * does (kernels/cuda/module.h). */
#pragma once

#include "engine/collective.h"

G_BEGIN_DECLS

#define LW_MPI_MODULE_SYMBOL "lw_mpi_module"

/* Constant. */
typedef struct {
  const char *version; /* of the program that it was built with; stays first */
  /* Joins the processes that were started together; once in a process. */
  LwCollective *(*open) (GError **error);
  /* The library's own words: "Open MPI v4.1.4"; g_free. Without joining anything. */
  char *(*describe) (void);
} LwMpiModule;

typedef const LwMpiModule *LwMpiModuleFunction (void);
LwMpiModuleFunction lw_mpi_module;

G_END_DECLS
