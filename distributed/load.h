/* Loads the MPI module, which is a shared object of its own (module.h), where this program was
 * started as one of several processes. Links nothing of MPI. */
#pragma once

#include "distributed/launch.h"
#include "engine/collective.h"

G_BEGIN_DECLS

/* Joins the others. True and NULL: this process is alone. False and a sentence: it is not, but
 * cannot join; it must not train then, as each of the others would train the same. The module is
 * the one that LAYERWISE_MPI_MODULE names ("none": there is none), or that was built or installed
 * with the program. Once in a process; the main thread. */
bool lw_distributed_join (LwCollective **ret_collective, GError **error);

/* The library that the module uses: "Open MPI v4.1.4"; NULL and a sentence: there is none. */
char *lw_distributed_describe (GError **error);

G_END_DECLS
