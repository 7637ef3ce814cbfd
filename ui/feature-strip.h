/* LwFeatureStrip: one row of feature maps under the charts: the input image and as many maps of a
 * chosen layer as fit, live while training. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_FEATURE_STRIP (lw_feature_strip_get_type ())
G_DECLARE_FINAL_TYPE (LwFeatureStrip, lw_feature_strip, LW, FEATURE_STRIP, GtkWidget)

GtkWidget *lw_feature_strip_new (LwWorkbench *workbench);

/* Narrow windows: smaller tiles. */
void lw_feature_strip_set_compact (LwFeatureStrip *self, bool compact);

G_END_DECLS
