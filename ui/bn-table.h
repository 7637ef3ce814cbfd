/* LwBnTable: the channels of a batch-normalization layer as rows: number, scale γ and shift β as a
 * dot on a stem from where they started (1 and 0) with their value, and the gap |batch mean −
 * running mean| in running deviations. Up, Down, Home, End move the mark; a click on
 * a heading sorts by it, S by the next. Signal `channel-changed`. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_TABLE (lw_bn_table_get_type ())
G_DECLARE_FINAL_TYPE (LwBnTable, lw_bn_table, LW, BN_TABLE, GtkWidget)

GtkWidget *lw_bn_table_new (void);
/* Copies; arrays of n; any may be NULL when nothing was recorded yet. n = 0: empty. */
void lw_bn_table_set_values (LwBnTable *self, int n, const float *gamma, const float *beta,
                             const float *gap);
int lw_bn_table_channel (LwBnTable *self);
void lw_bn_table_set_channel (LwBnTable *self, int channel);

G_END_DECLS
