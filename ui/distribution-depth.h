/* LwDistributionDepth: the gradient norm of each layer of one run or two, from the first layer to
 * the last, on a log scale. The pointer reads values out; a click selects the layer. Main thread.
 */
#pragma once

#include "ui/distribution-picture.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DISTRIBUTION_DEPTH (lw_distribution_depth_get_type ())
G_DECLARE_FINAL_TYPE (LwDistributionDepth, lw_distribution_depth, LW, DISTRIBUTION_DEPTH, GtkWidget)

GtkWidget *lw_distribution_depth_new (LwWorkbench *workbench);
/* The picture is copied; what it points at is borrowed until the next call. NULL: nothing. */
void lw_distribution_depth_show (LwDistributionDepth *self, const LwDistributionPicture *picture);

G_END_DECLS
