/* LwDistributionsView: histograms of activations, weights and gradients over a run, layer by layer.
 */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DISTRIBUTIONS_VIEW (lw_distributions_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDistributionsView, lw_distributions_view, LW, DISTRIBUTIONS_VIEW, GtkWidget)

GtkWidget *lw_distributions_view_new (LwWorkbench *workbench);

G_END_DECLS
