/* Training a run again with another learning rate: what chips and the trouble bar propose. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The base rate that the run trains with now, after what was changed by hand. */
double lw_run_rate (LwRunItem *run);
/* `factor` times its rate, and where that is to help against too high a rate, at most the book's
 * for this network. */
double lw_advised_rate (LwRunItem *run, double factor);
/* For a run that does not learn. `dead`: its outputs no longer vary, and too high a rate did that;
 * else it may have been too low. 0: it is as it should be, and has to be given time. */
double lw_unstuck_rate (LwRunItem *run, bool dead);
/* "Try Learning Rate 0.1"; g_free. */
char *lw_try_rate_words (double rate);
/* Trains with the run's settings and this rate, or queues that while another run trains; stops the
 * run first when it still trains. `widget`: in the window. */
void lw_try_rate (GtkWidget *widget, LwWorkbench *workbench, LwRunItem *run, double rate);

G_END_DECLS
