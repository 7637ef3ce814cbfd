/* LwExplainView: which parts of an image speak for a class: Grad-CAM and input gradients over the
 * marked image, any other of the test, or a picture of the student's own, for two classes side by
 * side. Computes only while it is
 * on the screen. Main thread only. */
#pragma once

#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPLAIN_VIEW (lw_explain_view_get_type ())
G_DECLARE_FINAL_TYPE (LwExplainView, lw_explain_view, LW, EXPLAIN_VIEW, GtkWidget)

GtkWidget *lw_explain_view_new (LwPredictionsSource *source);
/* Whether a map of class place `i` (0, 1) is shown. */
bool lw_explain_view_has_map (LwExplainView *self, int i);

G_END_DECLS
