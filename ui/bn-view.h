/* LwBnView: one batch-normalization layer of the selected run: a table of its channels (γ, β, how
 * far the batch's mean is from the running one) and, for the marked channel, mean, variance, γ and
 * β over the whole run: the batch's own against the running values. Renewed while the run is live.
 */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_VIEW (lw_bn_view_get_type ())
G_DECLARE_FINAL_TYPE (LwBnView, lw_bn_view, LW, BN_VIEW, GtkWidget)

GtkWidget *lw_bn_view_new (LwWorkbench *workbench);
/* LW_NO_NODE: the network has no batch normalization; the view says so. */
void lw_bn_view_set_layer (LwBnView *self, LwNodeId layer);
int lw_bn_view_channel (LwBnView *self);
void lw_bn_view_set_channel (LwBnView *self, int channel);

/* Narrow windows: the explaining cards are left out. */
void lw_bn_view_set_compact (LwBnView *self, bool compact);

G_END_DECLS
