/* What the health chips open: one finding with its meaning, its cure and its number over the run;
 * or all layers with all that is measured of them. Both are pictures of the moment they are opened.
 */
#pragma once

#include "engine/health.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

/* `record`: of `run`. */
GtkWidget *lw_finding_popover_new (LwWorkbench *workbench, LwRunItem *run, LwHealthRecord *record,
                                   const LwFinding *finding);
GtkWidget *lw_health_popover_new (LwRunItem *run, const LwHealthReport *report);

G_END_DECLS
