/* LwDivergenceView: where the selected run's divergence began: the largest value that each layer
 * put out in the last iterations, and a sentence. Hidden unless there is such a record. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DIVERGENCE_VIEW (lw_divergence_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDivergenceView, lw_divergence_view, LW, DIVERGENCE_VIEW, GtkWidget)

GtkWidget *lw_divergence_view_new (LwWorkbench *workbench);
/* The page calls it when the selected run has something new; returns whether it shows something. */
bool lw_divergence_view_update (LwDivergenceView *self);

/* For narrow windows: fewer layers at once, no sentence. */
void lw_divergence_view_set_compact (LwDivergenceView *self, bool compact);

G_END_DECLS
