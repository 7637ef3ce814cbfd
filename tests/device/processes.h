/* Processes that train one network together, for tests: forked from this one, each with its own
 * emulation, and joined by a collective over memory that they share. */
#pragma once

#include "engine/collective.h"

G_BEGIN_DECLS

typedef void LwProcess (LwCollective *collective, const void *data);

/* Runs it in `size` processes and waits for their ends, all of which must be good, but process
 * `killed`'s, which kills itself; −1: nobody. */
void lw_run_processes (int32_t size, LwProcess *process, const void *data, int32_t killed);

G_END_DECLS
