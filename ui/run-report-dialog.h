/* LwReportDialog: a window in which to choose what a report of runs holds; then a file is chosen
 * and written on a thread, with progress, and can be cancelled. Signal `saved` (the path) when it
 * is written; what goes wrong is said in the window. Main thread. */
#pragma once

#include "ui/run-item.h"
#include "ui/report/report.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_REPORT_DIALOG (lw_report_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwReportDialog, lw_report_dialog, LW, REPORT_DIALOG, AdwWindow)

/* `runs`: LwRunItem, at least one; what it needs of them is copied. `backends`: constant. */
GtkWidget *lw_report_dialog_new (GPtrArray *runs, const LwBackend *const *backends);
/* Writes the file as if it had been chosen, and closes once it is written. */
void lw_report_dialog_save (LwReportDialog *self, const char *path);
bool lw_report_dialog_is_working (LwReportDialog *self);

G_END_DECLS
