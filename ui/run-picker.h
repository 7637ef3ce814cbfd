/* LwRunPicker: a drop-down of all runs but the selected one, with "Nothing" on top. Its list is
 * made when it is opened: there may be hundreds. Signal `picked`: another run is chosen, or none
 * any more because the chosen one was selected. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_RUN_PICKER (lw_run_picker_get_type ())
G_DECLARE_FINAL_TYPE (LwRunPicker, lw_run_picker, LW, RUN_PICKER, GtkWidget)

/* `name`: for assistive tools. */
GtkWidget *lw_run_picker_new (LwWorkbench *workbench, const char *name);
LwRunItem *lw_run_picker_run (LwRunPicker *self); /* NULL: none */
void lw_run_picker_set_run (LwRunPicker *self, LwRunItem *run);

G_END_DECLS
