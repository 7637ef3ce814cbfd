/* What LwExplainView asks with: image, classes, method, layer, opacity. Main thread only. */
#pragma once

#include "engine/explain.h"
#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPLAIN_CONTROLS (lw_explain_controls_get_type ())
G_DECLARE_FINAL_TYPE (LwExplainControls, lw_explain_controls, LW, EXPLAIN_CONTROLS, GtkWidget)

/* Signals: `asked` (another question), `faded` (another opacity). */
GtkWidget *lw_explain_controls_new (LwPredictionsSource *source);
LwExplainMethod lw_explain_controls_method (LwExplainControls *self);
LwNodeId lw_explain_controls_layer (LwExplainControls *self);
double lw_explain_controls_opacity (LwExplainControls *self);
/* The drop-down of class place `i`, to stand above its picture; and its choice, −1: none. */
GtkWidget *lw_explain_controls_class_chooser (LwExplainControls *self, int i);
int32_t lw_explain_controls_class (LwExplainControls *self, int i);
/* Follows the source: layers of the network, classes of the marked image by their probability. */
void lw_explain_controls_refresh (LwExplainControls *self);

G_END_DECLS
