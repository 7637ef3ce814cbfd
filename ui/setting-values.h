/* Values of settings as the fields of a row have them. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* "0.1", and whole numbers with all their digits; g_free. */
char *lw_setting_number_text (double value);
/* What the help says of a list: that it is one, and how long; g_free. */
char *lw_setting_list_text (const char *list);
/* Learning rates go in steps of about a third of a decade: 0.1, 0.3, 1, 3 … `factor` over 1: up. */
void lw_setting_step_rate (GtkSpinButton *spin, double factor);

G_END_DECLS
