/* What the volumes' colours and sizes mean, and the volumes as a page. */
#include "ui/draw/diagram-volumes-private.h"

#include <glib/gi18n.h>

#define SQUARE      9.0
#define LEGEND_LINE 20.0
#define LEGEND_GAP  18.0

/* Where all activations are of one kind they have its name: "ReLU". */
static const char *
activation_name (const LwGraph *graph)
{
  const char *name = NULL;
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwOpInfo *op = lw_op_info (lw_graph_node (graph, i)->op);
    if (op->kind != LW_KIND_ACTIVATION)
      continue;
    if (name && !g_str_equal (name, op->label))
      return lw_diagram_kind_name (LW_KIND_ACTIVATION);
    name = op->label;
  }
  return name ? name : lw_diagram_kind_name (LW_KIND_ACTIVATION);
}

static double
paint_entry (cairo_t *cr, LwText *text, const LwTheme *theme, LwColour fill, LwColour line,
             const char *words, double x, double middle)
{
  if (cr) {
    lw_rounded_path (cr, x + 0.5, middle - SQUARE / 2, SQUARE, SQUARE, 2, LW_ROUND_ALL);
    lw_set_colour (cr, fill, 1);
    cairo_fill_preserve (cr);
    lw_set_colour (cr, line, 1);
    cairo_set_line_width (cr, 1.2);
    cairo_stroke (cr);
    lw_text_paint (cr, text, LW_TEXT_CAPTION, words, x + SQUARE + 6,
                   middle + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
  }
  return SQUARE + 6 + lw_text_width (text, LW_TEXT_CAPTION, words);
}

/* The kinds of volumes and bands, in the table's order, then the kernel: −1. */
static int
shown_kinds (const LwVolumes *volumes, int kinds[LW_N_KINDS + 1])
{
  bool shown[LW_N_KINDS] = { false }, kernel = false;
  int32_t n_items;
  const LwVolume *items = lw_volumes_items (volumes, &n_items);
  for (int32_t i = 0; i < n_items; i++) {
    shown[items[i].kind] = true;
    for (int band = 0; band < items[i].n_bands; band++)
      shown[items[i].bands[band]] = true;
    kernel = kernel || items[i].kernel > 0;
  }
  shown[LW_KIND_DATA] = false; /* it says so itself */
  int n = 0;
  for (int kind = 0; kind < LW_N_KINDS; kind++)
    if (shown[kind])
      kinds[n++] = kind;
  if (kernel)
    kinds[n++] = -1;
  return n;
}

double
lw_volumes_paint_legend (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme, double x,
                         double y, double width)
{
  LwText *text = volumes->text;
  const LwTheme *colours = theme ? theme : lw_theme (false);
  int kinds[LW_N_KINDS + 1];
  const int n = shown_kinds (volumes, kinds);
  double at = 0, line = 0;
  for (int i = 0; i < n; i++) {
    const bool kernel = kinds[i] < 0;
    const int kind = kernel ? LW_KIND_CONVOLUTION : kinds[i];
    LwColour fill = colours->kind_fill[kind];
    const char *words = kernel                       ? _ ("kernel on its input")
                        : kind == LW_KIND_ACTIVATION ? activation_name (volumes->graph)
                                                     : lw_diagram_kind_name ((LwKind)kind);
    if (kernel) {
      fill = colours->kind_line[kind];
      fill.a = 0.35;
    }
    const double entry = paint_entry (NULL, text, colours, fill, fill, words, 0, 0);
    if (at > 0 && at + entry > width) {
      at = 0;
      line += LEGEND_LINE;
    }
    paint_entry (cr, text, colours, fill, colours->kind_line[kind], words, x + at,
                 y + line + LEGEND_LINE / 2);
    at += entry + LEGEND_GAP;
  }
  const char *note = _ ("height, width ∝ √pixels  ·  thickness ∝ √channels");
  const double note_width = lw_text_width (text, LW_TEXT_CAPTION, note);
  const bool beside = at + note_width <= width;
  if (!beside && n > 0)
    line += LEGEND_LINE;
  if (cr)
    lw_text_paint (cr, text, LW_TEXT_CAPTION, note, beside ? x + width : x,
                   y + line + LEGEND_LINE / 2 + lw_text_middle (LW_TEXT_CAPTION), beside ? 1 : 0,
                   colours->dim, 1);
  return line + LEGEND_LINE;
}

static void
paint_row (cairo_t *cr, gconstpointer drawing, const LwTheme *theme, const LwDiagramPaint *paint,
           gpointer extra)
{
  lw_volumes_paint (cr, drawing, theme, paint, extra);
}

static double
row_legend (cairo_t *cr, gconstpointer drawing, const LwTheme *theme, double x, double y,
            double width)
{
  return lw_volumes_paint_legend (cr, drawing, theme, x, y, width);
}

static LwDiagramDrawing
drawing_of (const LwVolumes *volumes, cairo_surface_t *image)
{
  LwDiagramDrawing drawing = { .text = volumes->text,
                               .drawing = volumes,
                               .extra = image,
                               .paint = paint_row,
                               .legend = row_legend };
  lw_volumes_size (volumes, &drawing.width, &drawing.height);
  return drawing;
}

void
lw_volumes_document_size (const LwVolumes *volumes, const LwDiagramDocument *document,
                          double *ret_width, double *ret_height)
{
  const LwDiagramDrawing drawing = drawing_of (volumes, NULL);
  lw_diagram_page_size (&drawing, document, ret_width, ret_height);
}

void
lw_volumes_paint_document (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme,
                           const LwDiagramDocument *document, cairo_surface_t *image)
{
  const LwDiagramDrawing drawing = drawing_of (volumes, image);
  lw_diagram_paint_page (cr, &drawing, theme, document);
}
