/* What the files of `export` share: a request, all names of it checked, and the table of formats. A
 * format is a row of export-formats.c and a function in the file that its kind has. One thread. */
#pragma once

#include "app/weights.h"

G_BEGIN_DECLS

/* What a format is made of, which decides the options that go with it; those before TEXT have no
 * --what. */
typedef enum {
  LW_EXPORT_WEIGHTS, /* trained weights: of a RUN or a safetensors file; --checkpoint, --names */
  LW_EXPORT_NUMBERS, /* what a RUN recorded */
  LW_EXPORT_CODE,    /* the network: also of a MODEL; --names */
  LW_EXPORT_TEXT,    /* its diagram for other programs: also of a MODEL */
  LW_EXPORT_PICTURE, /* --what chooses; the diagram and --what report have options of their own */
  LW_EXPORT_PAGE,    /* --what report alone */
} LwExportKind;

typedef struct LwExport LwExport;

typedef struct {
  const char *name;   /* of --format: "safetensors" */
  const char *ending; /* of files that mean it where --format is not given; NULL: none does */
  LwExportKind kind;
  /* Writes export->output. NULL: pages and reports, which export-report.h writes. */
  bool (*write) (const LwExport *export, GError **error);
} LwExportFormat;

struct LwExport {
  const LwArgs *args;
  const LwExportFormat *format;
  const char *source, *output;
  const char *what; /* "curves": a picture's; "diagram" or "report" */
  const char *checkpoint, *layer, *image, *device, *names;
  const char *style, *theme, *title; /* of diagrams */
  bool transparent, no_legend;
  double scale; /* of pictures; 0: the format's own */
  int64_t depth, channel;
  /* Opened for the writer, who finds all but what its kind needs NULL. */
  LwWeights *weights; /* of a RUN or a file; its `path` for LW_EXPORT_WEIGHTS and such pictures */
  LwOptions *options; /* the network's; owned */
  LwGraph *graph;     /* owned */
};

/* By --format, or the file's ending. Fails with a sentence (wrong usage). */
const LwExportFormat *
lw_export_format_find (const char *format, const char *output, GError **error);

/* Reads the command line; `export` may be cleared after a failure too. */
bool lw_export_parse (const LwArgs *args, LwExport *ret_export, GError **error);
void lw_export_clear (LwExport *export);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwExport, lw_export_clear)

bool lw_export_is_report (const LwExport *export);
bool lw_export_is_diagram (const LwExport *export);

/* --- writers ---------------------------------------------------------------------------------- */

bool lw_export_safetensors (const LwExport *export, GError **error);
bool lw_export_npz (const LwExport *export, GError **error);
/* The network with its weights; what a run, or the ONNX file, calls its classes too. */
bool lw_export_onnx (const LwExport *export, GError **error);
bool lw_export_csv (const LwExport *export, GError **error);
bool lw_export_tensorboard (const LwExport *export, GError **error);
bool lw_export_pytorch (const LwExport *export, GError **error);
bool lw_export_dot (const LwExport *export, GError **error);
bool lw_export_json (const LwExport *export, GError **error);
bool lw_export_drawing (const LwExport *export, GError **error); /* png, svg, pdf */

G_END_DECLS
