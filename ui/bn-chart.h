/* LwBnChart: one channel of a batch-normalization layer over the run: mean and variance, the
 * batch's as a band and the running ones as a line, and the last batches one by one; or its γ and
 * β. */
#pragma once

#include "engine/bn_history.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_CHART (lw_bn_chart_get_type ())
G_DECLARE_FINAL_TYPE (LwBnChart, lw_bn_chart, LW, BN_CHART, GtkWidget)

GtkWidget *lw_bn_chart_new (void);
/* Reads the history now (it is not kept); NULL: empty charts. `until`: the epoch that is looked at;
 * NAN: the end, with the last batches. */
void
lw_bn_chart_show (LwBnChart *self, LwBnHistory *history, LwNodeId layer, int channel, double until);
/* γ and β instead of the statistics. */
void lw_bn_chart_set_parameters (LwBnChart *self, bool parameters);

G_END_DECLS
