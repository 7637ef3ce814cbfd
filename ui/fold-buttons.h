/* LwFoldButtons: unfold all, fold all, unfold to a depth: for a toolbar. Main thread. */
#pragma once

#include "ui/diagram-view.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_FOLD_BUTTONS (lw_fold_buttons_get_type ())
G_DECLARE_FINAL_TYPE (LwFoldButtons, lw_fold_buttons, LW, FOLD_BUTTONS, GtkWidget)

GtkWidget *lw_fold_buttons_new (LwDiagramView *diagram);

G_END_DECLS
