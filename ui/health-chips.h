/* LwHealthChips: the health of the selected run as chips: up to two warnings, how many more there
 * are, or one quiet "Healthy". A warning opens its symptom, its cure and its number over the run;
 * the others a table of all layers. Hidden while nothing is known. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_HEALTH_CHIPS (lw_health_chips_get_type ())
G_DECLARE_FINAL_TYPE (LwHealthChips, lw_health_chips, LW, HEALTH_CHIPS, GtkWidget)

/* Emits `changed` when it shows others. */
GtkWidget *lw_health_chips_new (LwWorkbench *workbench);
int lw_health_chips_shown (LwHealthChips *self); /* how many */

G_END_DECLS
