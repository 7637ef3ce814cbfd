/* LwCollective over a link: one thread owns the link, which opens, uses and closes it (MPI's
 * MPI_THREAD_FUNNELED), and does what it is asked for in order. Private to this folder and its
 * tests. */
#pragma once

#include "distributed/link.h"
#include "engine/collective.h"

G_BEGIN_DECLS

/* Opens the link, on the thread that will use it. NULL and an error: it cannot. */
typedef LwLink *(*LwLinkOpen) (void *data, GError **error);

/* `name`: constant, "MPI". */
LwCollective *lw_queue_new (const char *name, LwLinkOpen open, void *data, GError **error);

G_END_DECLS
