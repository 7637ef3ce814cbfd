/* LwDistributionsView: histograms of activations, weights and gradients over a run, layer by layer,
 * a second run beside on request; below, the gradient norm by depth and one layer large. Follows
 * the selection; redraws when the record has a new moment. Main thread. */
#pragma once

#include "ui/distribution-set.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DISTRIBUTIONS_VIEW (lw_distributions_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDistributionsView, lw_distributions_view, LW, DISTRIBUTIONS_VIEW, GtkWidget)

GtkWidget *lw_distributions_view_new (LwWorkbench *workbench);
void lw_distributions_view_show (LwDistributionsView *self, LwDistributionOf of);
/* NULL: none beside. */
void lw_distributions_view_compare (LwDistributionsView *self, LwRunItem *run);
/* All rows as a picture file, light, whose kind the ending of `path` decides. */
bool lw_distributions_view_export (LwDistributionsView *self, const char *path, GError **error);

G_END_DECLS
