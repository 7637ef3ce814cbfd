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
/* The drop-down of class place `i`, to stand above its picture; and its choice as a question has
 * it, −1: none. */
GtkWidget *lw_explain_controls_class_chooser (LwExplainControls *self, int i);
int32_t lw_explain_controls_class (LwExplainControls *self, int i);
/* Follows the source: layers of the network, classes of the marked image by their probability; or
 * `own`: the image is another, of which nothing is known until it is listed. */
void lw_explain_controls_refresh (LwExplainControls *self, bool own);
/* The classes of a picture of one's own by their `probabilities` [classes], of which these were
 * explained. */
void lw_explain_controls_list_own (LwExplainControls *self, const float *probabilities,
                                   int32_t classes, const int32_t *explained);

G_END_DECLS
