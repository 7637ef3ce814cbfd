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
  LW_N_EXPORT_FORMATS
} LwExportFormat;

/* What may be chosen; all zero: the diagram as SVG, light, whole, with its legend. */
typedef struct {
  bool chosen; /* by somebody, not by default */
  LwFigureStyle style;
  LwExportFormat format;
  int scale_index; /* of PNG: 0 … 2: 2×, 1×, 3× */
  bool view_only;  /* the part in view */
  bool dark, transparent, no_legend;
} LwExportChoices;

/* Where it is read from: what is folded, what boxes say, what is in view. */
typedef struct {
  LwDiagramView *diagram;
  LwVolumesView *volumes;
} LwExportSource;

/* "svg" */
const char *lw_export_ending (LwExportFormat format);
/* Whether a picture is made; DOT and JSON are text. */
bool lw_export_is_picture (LwExportFormat format);
double lw_export_scale (const LwExportChoices *choices);

/* The picture; `title` "": none. */
LwFigure *
lw_export_figure (const LwExportSource *source, const LwExportChoices *choices, const char *title);
/* The text of DOT and JSON. g_free. */
char *
lw_export_text (const LwExportSource *source, const LwExportChoices *choices, const char *title);
/* Writes the file, beside and renamed, whatever its ending. */
bool lw_export_write (const LwExportSource *source, const LwExportChoices *choices,
                      const char *title, const char *path, GError **error);

G_END_DECLS
