#include "engine/priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* About a third of the share of a thread of niceness 0. */
#define NICENESS 5
#endif

void
lw_thread_give_way (void)
{
#ifdef __linux__
  /* Linux counts niceness per thread; a new thread has that of the one that made it. */
  setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), NICENESS);
#endif
}
