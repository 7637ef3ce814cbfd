#include "ui/draw/figure.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>

struct LwFigure {
  LwDiagramLayout *layout; /* of the diagram, or what colours are made from */
  LwVolumes *volumes;      /* NULL: the diagram */
  LwDiagramColours *colours;
  char *title, *subtitle, *note;
  const LwTheme *theme;
  cairo_rectangle_t part;
  LwDiagramDocument document;
  cairo_surface_t *image;
};

LwFigure *
lw_figure_new (LwFigureStyle style, const LwDiagramState *state, const LwDiagramOptions *options,
               const LwFigureLook *look)
{
  const LwGraph *graph = lw_diagram_state_graph (state);
  const LwCost all = lw_graph_cost (graph);
  g_autofree char *parameters = lw_format_short ((double)all.parameters);
  g_autofree char *count = lw_diagram_count_words (all, options->count);
  LwFigure *figure = g_new0 (LwFigure, 1);
  if (style == LW_FIGURE_VOLUMES)
    figure->volumes = lw_volumes_new (state, options);
  if (!figure->volumes || look->colouring != LW_COLOUR_KIND)
    figure->layout = lw_diagram_layout_new (state, options);
  figure->note = g_strdup (look->note);
  if (look->colouring != LW_COLOUR_KIND)
    figure->colours =
        lw_diagram_colours_new (figure->layout, look->colouring, look->values, figure->note);
  figure->title = g_strdup (look->title ? look->title : lw_graph_title (graph));
  figure->subtitle =
      g_strdup_printf (options->count == LW_COUNT_FLOPS ? _ ("%s parameters · %s = 2 × MACs")
                                                        : _ ("%s parameters · %s"),
                       parameters, count);
  figure->theme = lw_theme (look->dark);
  figure->document = (LwDiagramDocument){
    .title = figure->title,
    .subtitle = *figure->title ? figure->subtitle : NULL,
    .transparent = look->transparent,
    .no_legend = look->no_legend,
    .part_zoom = look->part_zoom,
    .diagram = look->paint,
    .colours = figure->colours,
  };
  if (look->part) {
    figure->part = *look->part;
    figure->document.part = &figure->part;
  }
  if (look->image)
    figure->image = cairo_surface_reference (look->image);
  return figure;
}

void
lw_figure_free (LwFigure *figure)
{
  if (!figure)
    return;
  lw_diagram_colours_free (figure->colours);
  lw_diagram_layout_free (figure->layout);
  lw_volumes_free (figure->volumes);
  g_clear_pointer (&figure->image, cairo_surface_destroy);
  g_free (figure->title);
  g_free (figure->subtitle);
  g_free (figure->note);
  g_free (figure);
}

void
lw_figure_size (const LwFigure *figure, double *ret_width, double *ret_height)
{
  if (figure->volumes)
    lw_volumes_document_size (figure->volumes, &figure->document, ret_width, ret_height);
  else
    lw_diagram_document_size (figure->layout, &figure->document, ret_width, ret_height);
}

void
lw_figure_paint (cairo_t *cr, gpointer data)
{
  const LwFigure *figure = data;
  if (figure->volumes)
    lw_volumes_paint_document (cr, figure->volumes, figure->theme, &figure->document,
                               figure->image);
  else
    lw_diagram_paint_document (cr, figure->layout, figure->theme, &figure->document);
}
