/* LwPredictionsView: what the selected run predicts: confusion matrix, its images, mistakes,
 * probabilities. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_PREDICTIONS_VIEW (lw_predictions_view_get_type ())
G_DECLARE_FINAL_TYPE (LwPredictionsView, lw_predictions_view, LW, PREDICTIONS_VIEW, GtkWidget)

GtkWidget *lw_predictions_view_new (LwWorkbench *workbench);
/* In a narrow window the matrix and what is beside it take turns. */
void lw_predictions_view_set_compact (LwPredictionsView *self, bool compact);

G_END_DECLS
