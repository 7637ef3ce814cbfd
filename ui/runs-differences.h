/* A popover with the settings in which runs differ, side by side. Main thread. */
#pragma once

#include "ui/run-item.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* `names` of each of `runs`; the popover's content. */
GtkWidget *lw_runs_differences_new (LwRunItem *const *runs, char *const *names, guint n);

G_END_DECLS
