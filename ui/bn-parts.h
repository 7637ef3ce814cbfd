/* Small parts of the batch-norm view. Main thread only. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* How running values follow the batches' ones. */
GtkWidget *lw_bn_rule_card_new (void);
/* What stands in the table, under it. */
GtkWidget *lw_bn_note_new (void);
/* An AdwStatusPage for when there is nothing to show, with what may be done then: train the
 * network, or train it with batch normalization. */
GtkWidget *lw_bn_status_new (GtkWidget **ret_train, GtkWidget **ret_train_with);
/* Two linked buttons of which one is down, the first at first; `toggled` is their signal's. */
GtkWidget *lw_bn_switch_new (GtkWidget *ret_buttons[2], const char *first, const char *second,
                             GCallback toggled, gpointer data);

G_END_DECLS
