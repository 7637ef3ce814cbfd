/* A command that several processes run together (distributed/load.h). Process 0 reads, writes and
 * prints; the others do their part and say nothing. One thread. */
#pragma once

#include "app/args.h"
#include "engine/collective.h"

G_BEGIN_DECLS

/* Joins the others; *ret_collective NULL: this process is alone. False: it cannot, and *ret_status
 * is the program's; of several processes that cannot one says why (`error`). */
bool lw_together_join (LwCollective **ret_collective, int *ret_status, GError **error);
/* Of a process but the first: does its part of trainings until there are no more; the program's
 * exit status. `args`: of layerwise train, of which --device and --threads are its own. */
int lw_together_work (LwCollective *collective, const LwArgs *args, GError **error);
/* Of process 0: there is no more to do; then, of all, the end. NULL: nothing. */
void lw_together_dismiss (LwCollective *collective);
void lw_together_leave (LwCollective *collective);

/* Whether this process is one of several, and not the first: its words are another's too. */
bool lw_together_is_silent (void);
/* Whether it is one of several at all. */
bool lw_together_is_one_of_several (void);

G_END_DECLS
