/* A report of one or several runs: a self-contained HTML page, or a PDF, with networks, settings,
 * curves, confusion matrix, feature maps and the commands that do it all again. The command line
 * and the window write the same one.
 *
 * It reads runs' folders as they are on the disk and changes nothing in them. Predictions and
 * feature maps are computed on a device of `backends`, from the best checkpoint (the last where no
 * epoch was finished); a part whose checkpoint or data set is missing is left out, and a sentence
 * in the report says why. Takes as long as testing the runs does: for a worker thread. */
#pragma once

#include "engine/backend.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  LW_REPORT_PART_DIAGRAM = 1 << 0, /* with what the network costs */
  LW_REPORT_PART_SETTINGS = 1 << 1,
  LW_REPORT_PART_CURVES = 1 << 2,
  LW_REPORT_PART_EPOCHS = 1 << 3,
  LW_REPORT_PART_CONFUSION = 1 << 4,
  LW_REPORT_PART_MAPS = 1 << 5,
  LW_REPORT_PART_HEALTH = 1 << 6, /* with batch normalization */
  LW_REPORT_PART_COMMANDS = 1 << 7,
  LW_REPORT_ALL_PARTS = (1 << 8) - 1
} LwReportParts;

typedef struct {
  const char *title;                /* NULL or "": the run's name, or how many there are */
  const char *author;               /* NULL or "": none */
  guint parts;                      /* of LwReportParts */
  bool pdf;                         /* else HTML */
  const LwBackend *const *backends; /* NULL-terminated, best first */
  const char *device;               /* "auto", … */
  void (*progress) (double done, gpointer data); /* 0 to 1, on the calling thread; may be NULL */
  gpointer data;
  GCancellable *cancellable; /* may be NULL */
} LwReportOptions;

/* Writes the report of the runs in these folders (NULL-terminated, at least one) beside `path` and
 * renames it. Fails with a sentence, also G_IO_ERROR_CANCELLED; what was at `path` stays then. */
bool lw_report_write (const char *const *folders, const LwReportOptions *options, const char *path,
                      GError **error);

G_END_DECLS
