/* LwUnitPanel: below the feature maps: how the chosen unit gets its value, drawn and as an
 * equation, renewed with the values. Walks backwards through the network: to the unit that
 * contributes most, or one that is clicked, with a trail of where one has been. Stands in the slot
 * of an LwFeatureMapsView. Main thread. */
#pragma once

#include "ui/feature-maps-view.h"
#include "ui/unit-picture.h"

G_BEGIN_DECLS

#define LW_TYPE_UNIT_PANEL (lw_unit_panel_get_type ())
G_DECLARE_FINAL_TYPE (LwUnitPanel, lw_unit_panel, LW, UNIT_PANEL, GtkWidget)

/* `view` is borrowed: the panel is a part of it. */
GtkWidget *lw_unit_panel_new (LwWorkbench *workbench, LwFeatureMapsView *view);
void lw_unit_panel_set_open (LwUnitPanel *self, bool open);
LwUnitPicture *lw_unit_panel_picture (LwUnitPanel *self);

G_END_DECLS
