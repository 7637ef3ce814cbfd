/* LwChartExportDialog: a window in which to choose how charts are exported, beside a live preview;
 * then a file is chosen. As LwExportDialog does for architectures. Signal `saved` (a sentence) when
 * it is written; what goes wrong is said in the window. Main thread; numbers are written on
 * another.
 */
#pragma once

#include "ui/chart-export.h"

G_BEGIN_DECLS

#define LW_TYPE_CHART_EXPORT_DIALOG (lw_chart_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwChartExportDialog, lw_chart_export_dialog, LW, CHART_EXPORT_DIALOG,
                      AdwWindow)

/* More than the charts of one view. */
typedef struct {
  LwChartView *charts;
  LwChartView *below;           /* see LwChartExport */
  const char *heading;          /* of the window; NULL: "Export the Charts" */
  const char *name;             /* for the file */
  const char *title, *subtitle; /* NULL: the run's */
  /* A table that belongs to the charts, by LwTextForm: Markdown and CSV; NULL: none. */
  const char *tables[2];
} LwChartExportSource;

GtkWidget *lw_chart_export_dialog_new_for (const LwChartExportSource *source);
/* `name`: for the file ("lenet-bn"). What was chosen last for the same view is kept. */
GtkWidget *lw_chart_export_dialog_new (LwChartView *charts, const char *name);
/* Writes the file as if it had been chosen, in the chosen format, and closes once it is written. */
void lw_chart_export_dialog_save (LwChartExportDialog *self, const char *path);
/* "PNG, 1,800 × 1,280 pixels", under the preview. */
const char *lw_chart_export_dialog_summary (LwChartExportDialog *self);

G_END_DECLS
