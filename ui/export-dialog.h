/* LwExportDialog: a window in which to choose what of the architecture is exported and how it
 * looks, beside a live preview; then a file is chosen. Signal `saved` (a sentence) when it is
 * written; what goes wrong is said in the window. Main thread. */
#pragma once

#include "ui/export-figure.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPORT_DIALOG (lw_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwExportDialog, lw_export_dialog, LW, EXPORT_DIALOG, AdwWindow)

/* `name`: of the network, for the file ("resnet18"). What `source` names and `choices`, which hold
 * what was chosen last, must live as long. */
GtkWidget *
lw_export_dialog_new (const LwExportSource *source, LwExportChoices *choices, const char *name);
/* Writes the file as if it had been chosen, and closes. */
void lw_export_dialog_save (LwExportDialog *self, const char *path);
/* "SVG, 660 × 1,204", under the preview. */
const char *lw_export_dialog_summary (LwExportDialog *self);

G_END_DECLS
