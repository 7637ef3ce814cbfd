#include "distributed/launch.h"

#include <stdlib.h>

static int32_t
number (const char *variable)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (int32_t)CLAMP (strtol (text, NULL, 10), 0, G_MAXINT32) : 0;
}

/* Open MPI's mpirun names the size itself; other starters offer PMIx or PMI, which srun does where
 * it was told to. A script of sbatch has neither, nor the variables of a step. */
LwLaunch
lw_launch_detect (void)
{
  const bool open_mpi = g_getenv ("OMPI_COMM_WORLD_SIZE") != NULL;
  const bool pmix = g_getenv ("PMIX_RANK") != NULL;
  const bool pmi = pmix || g_getenv ("PMI_RANK") != NULL;
  const int32_t step = number ("SLURM_STEP_NUM_TASKS");

  if (open_mpi)
    return (LwLaunch){ "mpirun", number ("OMPI_COMM_WORLD_SIZE"), true, false,
                       number ("OMPI_COMM_WORLD_RANK") == 0 };
  if (step > 0 && (pmi || step > 1))
    return (LwLaunch){ "srun", step, pmi, pmi && !pmix, number ("SLURM_PROCID") == 0 };
  if (pmi)
    return (LwLaunch){ "mpirun", number ("PMI_SIZE"), true, !pmix,
                       number ("PMIX_RANK") == 0 && number ("PMI_RANK") == 0 };
  return (LwLaunch){ 0 };
}
