/* What the export window writes: a network as a picture, or as text for other programs. Main
 * thread. */
#pragma once

#include "ui/draw/export.h"
#include "ui/draw/figure.h"
#include "ui/volumes-view.h"

G_BEGIN_DECLS

typedef enum {
  LW_EXPORT_SVG,
  LW_EXPORT_PDF,
  LW_EXPORT_PNG,
  LW_EXPORT_DOT,
  LW_EXPORT_JSON,
  LW_EXPORT_PYTHON, /* a module for PyTorch */
  LW_N_EXPORT_FORMATS
} LwExportFormat;

/* What may be chosen; all zero: the diagram as SVG, light, whole, with its legend. */
typedef struct {
  bool chosen; /* by somebody, not by default */
  LwFigureStyle style;
  bool memory; /* instead of a style, where the source has it */
  LwExportFormat format;
  int scale_index; /* of PNG: 0 … 2: 2×, 1×, 3× */
  bool view_only;  /* the part in view */
  bool dark, transparent, no_legend;
} LwExportChoices;

/* Where it is read from: what is folded, what boxes say, what is in view. */
typedef struct {
  LwDiagramView *diagram;
  LwVolumesView *volumes;
  /* The view of memory as a picture, whose kind the ending of `path` decides; NULL: there is none.
   */
  bool (*write_memory) (gpointer memory, const char *path, GError **error);
  gpointer memory;
  LwWorkbench *workbench; /* of the network, for the text above its code; NULL: nothing is said */
} LwExportSource;

/* "svg" */
const char *lw_export_ending (LwExportFormat format);
/* Whether a picture is made; DOT, JSON and Python are text. */
bool lw_export_is_picture (LwExportFormat format);
/* Whether that is the picture of memory. */
bool lw_export_is_memory (const LwExportSource *source, const LwExportChoices *choices);
double lw_export_scale (const LwExportChoices *choices);

/* The picture; `title` "": none. */
LwFigure *
lw_export_figure (const LwExportSource *source, const LwExportChoices *choices, const char *title);
/* The text of DOT, JSON and Python; NULL where the network cannot be written so. g_free. */
char *lw_export_text (const LwExportSource *source, const LwExportChoices *choices,
                      const char *title, GError **error);
/* Writes the file, beside and renamed, whatever its ending (but see `write_memory`). */
bool lw_export_write (const LwExportSource *source, const LwExportChoices *choices,
                      const char *title, const char *path, GError **error);

G_END_DECLS
