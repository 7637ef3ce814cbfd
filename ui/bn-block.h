/* LwBnBlock: the batch as a block of images, channels and pixels with one channel marked: the
 * values that share one mean and one variance, and how many they are. */
#pragma once

#include "engine/graph.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_BLOCK (lw_bn_block_get_type ())
G_DECLARE_FINAL_TYPE (LwBnBlock, lw_bn_block, LW, BN_BLOCK, GtkWidget)

GtkWidget *lw_bn_block_new (void);
void lw_bn_block_show (LwBnBlock *self, LwShape shape, int images, int channel);

G_END_DECLS
