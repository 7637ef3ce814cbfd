/* LwBnCard: test accuracy with the batch's statistics, running ones and fresh ones, as three bars
 * and the sentence that the numbers choose; or the button that measures them, or how far it is. */
#pragma once

#include "ui/bn-measuring.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BN_CARD (lw_bn_card_get_type ())
G_DECLARE_FINAL_TYPE (LwBnCard, lw_bn_card, LW, BN_CARD, GtkWidget)

GtkWidget *lw_bn_card_new (LwBnMeasuring *measuring);
/* The steps that the shown run has gone through: older results are marked so; `past`: an earlier
 * moment of it is looked at, and so are all. */
void lw_bn_card_set_step (LwBnCard *self, int64_t step, bool past);
/* What three accuracies mean, a sentence; g_free. */
char *lw_bn_sentence (const LwBnAccuracies *accuracies);

G_END_DECLS
