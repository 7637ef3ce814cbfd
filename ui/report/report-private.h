/* What the files that fill a report share. Not for anybody else.
 *
 *   report.c            opens the runs, fills the document, writes the file
 *   report-words.c      summary, costs, changes, health: sentences
 *   report-tables.c     settings beside each other, epochs, the overview
 *   report-commands.c   how to do it again
 *   report-curves.c     the charts
 *   report-pictures.c   diagram and feature maps
 *   report-confusion.c  the test set's answers: matrix and classes
 *   document, report-html, report-pdf*  know nothing of runs */
#pragma once

#include "engine/data/dataset.h"
#include "engine/record.h"
#include "engine/run.h"
#include "ui/draw/text.h"
#include "ui/report/document.h"
#include "ui/report/report.h"

G_BEGIN_DECLS

typedef struct {
  LwRun *run;
  LwDataset *dataset; /* NULL: `dataset_problem` says why */
  char *dataset_problem;
  char *checkpoint; /* NULL: `checkpoint_problem` says why */
  char *checkpoint_problem;
  LwRecords *records; /* NULL: not wanted */
} LwReportRun;

/* Where the work stands: each run has an equal share of the first nine tenths. */
typedef struct {
  const LwReportOptions *options;
  LwReportDocument *document;
  double begin, share; /* of what is done now */
  bool several;        /* runs */
} LwReportWork;

/* Says how much of the present share is done; false and an error when it was cancelled. */
bool lw_report_told (const LwReportWork *work, double done, GError **error);

/* For pictures: the interface's fonts where they are installed. */
LwText *lw_report_text (void);
/* The best test, NULL before the first; its epoch's event. */
const LwEvent *lw_report_best (const LwRun *run);
const LwEvent *lw_report_last (const LwRun *run, LwEventKind kind);
/* "4 min 12 s", "12.3 s"; g_free. */
char *lw_report_duration (double seconds);

void lw_report_add_summary (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_costs (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_changes (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_algorithms (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_health (LwReportDocument *document, const LwReportRun *run);

void lw_report_add_overview (LwReportDocument *document, GPtrArray *runs);
/* Of one run beside the book's, of several beside each other; what differs is marked. */
void lw_report_add_settings (LwReportDocument *document, LwReportRun *const *runs, guint n);
void lw_report_add_epochs (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_commands (LwReportDocument *document, const LwReportRun *run);

void lw_report_add_diagram (LwReportDocument *document, const LwReportRun *run);
void lw_report_add_curves (LwReportDocument *document, LwReportRun *const *runs, guint n);
/* What batch normalization did to the first channel of the first such layer. */
void lw_report_add_norm_curves (LwReportDocument *document, const LwReportRun *run);
/* False only when cancelled: what cannot be computed is said in the report. */
bool lw_report_add_confusion (const LwReportWork *work, const LwReportRun *run, GError **error);
bool lw_report_add_maps (const LwReportWork *work, const LwReportRun *run, GError **error);

G_END_DECLS
