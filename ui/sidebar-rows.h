/* The sidebar's rows: two lines of two labels each, name and figure above details. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One label of a row: what has room (`expand`) is at the left and cut where it is too long, what is
 * a figure at the right. */
GtkWidget *lw_sidebar_label (const char *text, const char *css_class, bool expand);
/* A network with its input and costs, for which it is built. In a list that has families and years
 * as headings, `under_heading`, the year is left out. */
GtkWidget *lw_sidebar_model_row (const LwModel *model, bool under_heading);
/* A heading before a row of `model`: its family and year. */
GtkWidget *lw_sidebar_family_heading (const LwModel *model);
/* A run, which the row follows until it is gone. */
GtkWidget *lw_sidebar_run_row (LwRunItem *run);

G_END_DECLS
