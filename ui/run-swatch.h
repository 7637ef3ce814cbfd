/* LwRunSwatch: a stroke as a run has it in the charts, or nothing. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *lw_run_swatch_new (void);
/* −1: none. */
void lw_run_swatch_show (GtkWidget *swatch, int colour, int dash);

G_END_DECLS
