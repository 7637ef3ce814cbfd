/* LwBnStages: one channel of a study in three cards: what arrives, normalized, scaled and shifted;
 * each with the batch's statistics in blue and with running ones in orange, and the numbers below.
 * The mode decides which is filled and which is the ghost. */
#pragma once

#include "engine/bn_study.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_STAGES (lw_bn_stages_get_type ())
G_DECLARE_FINAL_TYPE (LwBnStages, lw_bn_stages, LW, BN_STAGES, GtkWidget)

GtkWidget *lw_bn_stages_new (void);
/* Copies the channel; NULL: none, `words` say why. */
void lw_bn_stages_show (LwBnStages *self, const LwBnStudy *study, int channel, const char *words);
/* Narrow: short names, no arrows. */
void lw_bn_stages_set_compact (LwBnStages *self, bool compact);
void lw_bn_stages_set_mode (LwBnStages *self, LwBnStatistics mode);

G_END_DECLS
