/* LwFigure: a network as a picture for a file: the diagram or the volumes on a page with title,
 * totals and legend. The workbench's export and the command line make the same picture from it.
 *
 * Units: logical pixels. One thread, that of its LwText; keeps what it needs of the state. */
#pragma once

#include "ui/draw/diagram-colour.h"
#include "ui/draw/diagram-volumes.h"

G_BEGIN_DECLS

typedef enum { LW_FIGURE_BLOCKS, LW_FIGURE_VOLUMES } LwFigureStyle;

/* How it looks; all zero: light, whole, on its ground, with legend and the network's title. */
typedef struct {
  const char *title; /* NULL: the network's; "": none */
  bool dark, transparent, no_legend;
  const cairo_rectangle_t *part; /* what is shown, in the drawing's units; NULL: all */
  double part_zoom;              /* how large the part is; 0: 1 */
  LwDiagramPaint paint;          /* marks; `zoom` and `visible` are ignored */
  LwColouring colouring;         /* with values and note as lw_diagram_colours_new takes them */
  const double *values;          /* copied */
  const char *note;              /* copied */
  cairo_surface_t *image;        /* volumes: on the input's face; NULL: none. Referenced */
} LwFigureLook;

typedef struct LwFigure LwFigure;

/* `options->text` must outlive it. */
LwFigure *lw_figure_new (LwFigureStyle style, const LwDiagramState *state,
                         const LwDiagramOptions *options, const LwFigureLook *look);
void lw_figure_free (LwFigure *figure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwFigure, lw_figure_free)

void lw_figure_size (const LwFigure *figure, double *ret_width, double *ret_height);
/* An LwPaintFunc (see export.h). */
void lw_figure_paint (cairo_t *cr, gpointer figure);

G_END_DECLS
