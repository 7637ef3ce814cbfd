/* How many processors a program has for itself. Any thread. */
#pragma once

#include <stdint.h>

/* Those that the calling thread may run on (taskset, containers and batch systems allow fewer than
 * the computer has), at least 1. */
int32_t lw_processors (void);
