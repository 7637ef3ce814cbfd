/* The health of a run item: its record judged, with what its loss says. Main thread. */
#pragma once

#include "engine/health.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

/* Grows whenever the report may be another. */
int64_t lw_run_health_version (LwRunItem *run);
/* The network does not learn (engine/health.h). */
bool lw_run_is_not_learning (LwRunItem *run);
/* Of now, NULL: nothing is known (yet); its layers are the record's, which lives as long as the
 * item keeps its records: let go of it when the item does. */
LwHealthReport *lw_run_health_report (LwRunItem *run);

G_END_DECLS
