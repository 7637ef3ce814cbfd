#include "engine/processors.h"

#include <glib.h>
#include <sched.h>

int32_t
lw_processors (void)
{
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return MAX (1, CPU_COUNT (&set));
  return MAX (1, (int32_t)g_get_num_processors ());
}
