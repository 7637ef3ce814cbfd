/* Whether this program was started as one of several processes, and by whom; from the environment
 * alone, without MPI. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  const char *by; /* "mpirun", "srun"; NULL: alone */
  int32_t size;   /* processes; 0: only MPI knows */
  bool joins;     /* it offers MPI a way to join them (PMIx, PMI) */
  bool by_pmi;    /* by PMI-1 or PMI-2 alone: Open MPI joins so only where it was built for that */
  bool first;     /* of these processes, as far as the environment says it */
} LwLaunch;

LwLaunch lw_launch_detect (void);

G_END_DECLS
