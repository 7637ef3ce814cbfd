/* LwHealthChips: warnings about the selected run as chips; each opens a popover with the symptom
 * and the cure. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_HEALTH_CHIPS (lw_health_chips_get_type ())
G_DECLARE_FINAL_TYPE (LwHealthChips, lw_health_chips, LW, HEALTH_CHIPS, GtkWidget)

GtkWidget *lw_health_chips_new (LwWorkbench *workbench);

G_END_DECLS
