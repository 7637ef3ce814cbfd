/* Popovers in which a person writes about a run: its name, its note. Main thread. */
#pragma once

#include "ui/run-item.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Points at `place` of `parent`. Enter renames; nothing written: the network's name again. */
void lw_run_rename (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place);
/* Several lines; Ctrl+Enter saves, Esc does not. */
void lw_run_edit_note (LwRunItem *run, GtkWidget *parent, const GdkRectangle *place);
/* All get a star, unless all have one: then it goes. */
void lw_runs_toggle_star (LwRunItem *const *runs, guint n);

G_END_DECLS
