/* LwCountChoice: what "cost" counts everywhere on the page: MACs, FLOPs or all operations; and a
 * button that says what each of them means, with the rule of every operation of the network. Joined
 * buttons where there is room, else a drop-down. Signal `changed`. Main thread. */
#pragma once

#include "ui/draw/diagram-layout.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COUNT_CHOICE (lw_count_choice_get_type ())
G_DECLARE_FINAL_TYPE (LwCountChoice, lw_count_choice, LW, COUNT_CHOICE, GtkWidget)

GtkWidget *lw_count_choice_new (LwWorkbench *workbench);
LwCount lw_count_choice_count (LwCountChoice *self);

G_END_DECLS
