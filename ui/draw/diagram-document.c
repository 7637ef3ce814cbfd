/* A diagram as a page: title, subtitle, the diagram, the kinds that it shows. */
#include "ui/draw/diagram-colour.h"
#include "ui/draw/diagram-paint-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define SQUARE      10.0
#define LEGEND_LINE 20.0
#define LEGEND_GAP  18.0
#define MARGIN      20.0
#define LEAST_WIDTH 320.0
#define KEY_GAP     6.0

const char *
lw_diagram_kind_name (LwKind kind)
{
  switch (kind) {
  case LW_KIND_CONVOLUTION:
    return _ ("convolution");
  case LW_KIND_NORMALIZATION:
    return _ ("batch norm");
  case LW_KIND_ACTIVATION:
    return _ ("activation");
  case LW_KIND_POOLING:
    return _ ("pooling");
  case LW_KIND_LINEAR:
    return _ ("linear");
  case LW_KIND_DROPOUT:
    return _ ("dropout");
  case LW_KIND_JOIN:
    return _ ("block, sum, concat");
  default:
    return _ ("input, flatten");
  }
}

static void
find_kinds (const LwDiagramLayout *layout, bool shown[LW_N_KINDS])
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);
  for (int32_t i = 0; i < n; i++)
    shown[boxes[i].kind] = true;
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n);
  for (int32_t i = 0; i < n; i++)
    shown[strips[i].kind] = true;
}

/* In one line where they fit, else in columns of one width. */
double
lw_diagram_paint_legend (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme, double x,
                         double y, double width, double *ret_width)
{
  LwText *text = lw_diagram_layout_text (layout);
  bool shown[LW_N_KINDS] = { false };
  find_kinds (layout, shown);
  shown[LW_KIND_DATA] = false; /* it says so itself */
  double entries[LW_N_KINDS] = { 0 }, all = -LEGEND_GAP, widest = 0;
  for (int kind = 0; kind < LW_N_KINDS; kind++) {
    if (!shown[kind])
      continue;
    entries[kind] =
        SQUARE + 6 + lw_text_width (text, LW_TEXT_CAPTION, lw_diagram_kind_name ((LwKind)kind));
    all += entries[kind] + LEGEND_GAP;
    widest = MAX (widest, entries[kind]);
  }
  const bool one_line = width <= 0 || all <= width;
  const int n_columns = MAX (1, (int)((width + LEGEND_GAP) / (widest + LEGEND_GAP)));
  double at = 0, line = 0, reach = 0;
  int column = 0;
  for (int kind = 0; kind < LW_N_KINDS; kind++) {
    if (!shown[kind])
      continue;
    if (!one_line && column == n_columns) {
      at = column = 0;
      line += LEGEND_LINE;
    }
    if (cr) {
      const double middle = y + line + LEGEND_LINE / 2;
      lw_rounded_path (cr, x + at, middle - SQUARE / 2, SQUARE, SQUARE, 2.5, LW_ROUND_ALL);
      lw_set_colour (cr, theme->kind_line[kind], 1);
      cairo_fill (cr);
      lw_text_paint (cr, text, LW_TEXT_CAPTION, lw_diagram_kind_name ((LwKind)kind),
                     x + at + SQUARE + 6, middle + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim,
                     1);
    }
    reach = MAX (reach, at + entries[kind]);
    at += (one_line ? entries[kind] : widest) + LEGEND_GAP;
    column++;
  }
  if (ret_width)
    *ret_width = reach;
  return reach > 0 ? line + LEGEND_LINE : 0;
}

/* --- pages --- */

typedef struct {
  char *title, *subtitle; /* one line each; NULL: none */
  double width, height;
  double head;         /* height of title and subtitle */
  double x;            /* left end of the drawing */
  double inner;        /* width between the margins */
  double drawn_height; /* of the drawing, or of the part that is shown */
  double drawn_width;
} Page;

/* The explanation of the colours; `cr` NULL: its size only. */
static double
paint_key (cairo_t *cr, const LwDiagramDrawing *drawing, const LwTheme *theme,
           const LwDiagramDocument *document, double x, double y, double width)
{
  if (document->no_legend)
    return 0;
  if (document->colours)
    return KEY_GAP + lw_diagram_colours_legend (cr, document->colours, theme, LW_NO_SPOT, x,
                                                y + KEY_GAP, NULL);
  return drawing->legend (cr, drawing->drawing, theme, x, y, width);
}

typedef struct {
  const LwDiagramDocument *document;
  bool dark;
} Marking;

static void
mark (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  const Marking *marking = data;
  const LwDiagramPaint *diagram = &marking->document->diagram;
  if (marking->document->colours)
    lw_diagram_colours_mark (marking->document->colours, marking->dark, spot, mark);
  if (diagram->mark)
    diagram->mark (spot, mark, diagram->mark_data);
}

static char *
line_or_null (const char *words)
{
  g_autofree char *line = lw_text_line (words);
  return line && *line ? g_steal_pointer (&line) : NULL;
}

static Page
measure_page (const LwDiagramDrawing *drawing, const LwDiagramDocument *document)
{
  const double zoom = document->part_zoom > 0 ? document->part_zoom : 1;
  Page page = { .title = line_or_null (document->title),
                .subtitle = line_or_null (document->subtitle),
                .drawn_width = drawing->width,
                .drawn_height = drawing->height };
  if (document->part) {
    page.drawn_width = ceil (document->part->width * zoom);
    page.drawn_height = ceil (document->part->height * zoom);
  }
  page.inner = MAX (page.drawn_width, LEAST_WIDTH);
  page.inner = MAX (page.inner, lw_text_width (drawing->text, LW_TEXT_HEADING, page.title));
  page.inner = MAX (page.inner, lw_text_width (drawing->text, LW_TEXT_CAPTION, page.subtitle));
  page.head = (page.title ? 26 : 0) + (page.subtitle ? 20 : 0);
  page.x = MARGIN + floor ((page.inner - page.drawn_width) / 2);
  page.width = page.inner + 2 * MARGIN;
  page.height = MARGIN + page.head + page.drawn_height +
                paint_key (NULL, drawing, NULL, document, 0, 0, page.inner) + MARGIN;
  return page;
}

static void
clear_page (Page *page)
{
  g_free (page->title);
  g_free (page->subtitle);
}

void
lw_diagram_page_size (const LwDiagramDrawing *drawing, const LwDiagramDocument *document,
                      double *ret_width, double *ret_height)
{
  Page page = measure_page (drawing, document);
  *ret_width = page.width;
  *ret_height = page.height;
  clear_page (&page);
}

static void
paint_drawing (cairo_t *cr, const LwDiagramDrawing *drawing, const LwTheme *theme,
               const LwDiagramDocument *document, const Page *page)
{
  const Marking marking = { document, theme->dark };
  LwDiagramPaint paint = document->diagram;
  paint.zoom = 1;
  paint.visible = document->part;
  paint.mark = mark;
  paint.mark_data = (gpointer)&marking;
  cairo_save (cr);
  cairo_translate (cr, page->x, MARGIN + page->head);
  if (document->part) {
    paint.zoom = document->part_zoom > 0 ? document->part_zoom : 1;
    cairo_rectangle (cr, 0, 0, page->drawn_width, page->drawn_height);
    cairo_clip (cr);
    cairo_scale (cr, paint.zoom, paint.zoom);
    cairo_translate (cr, -document->part->x, -document->part->y);
  }
  drawing->paint (cr, drawing->drawing, theme, &paint, drawing->extra);
  cairo_restore (cr);
}

void
lw_diagram_paint_page (cairo_t *cr, const LwDiagramDrawing *drawing, const LwTheme *theme,
                       const LwDiagramDocument *document)
{
  Page page = measure_page (drawing, document);
  if (!document->transparent) {
    cairo_rectangle (cr, 0, 0, page.width, page.height);
    lw_set_colour (cr, theme->canvas, 1);
    cairo_fill (cr);
  }
  double y = MARGIN;
  lw_text_paint (cr, drawing->text, LW_TEXT_HEADING, page.title, MARGIN, y + 17, 0, theme->text, 1);
  y += page.title ? 26 : 0;
  lw_text_paint (cr, drawing->text, LW_TEXT_CAPTION, page.subtitle, MARGIN, y + 12, 0, theme->dim,
                 1);
  paint_drawing (cr, drawing, theme, document, &page);
  paint_key (cr, drawing, theme, document, MARGIN, MARGIN + page.head + page.drawn_height,
             page.inner);
  clear_page (&page);
}

/* --- the diagram on a page --- */

static void
paint_layout (cairo_t *cr, gconstpointer drawing, const LwTheme *theme, const LwDiagramPaint *paint,
              gpointer extra)
{
  (void)extra;
  lw_diagram_paint (cr, drawing, theme, paint);
}

static double
layout_legend (cairo_t *cr, gconstpointer drawing, const LwTheme *theme, double x, double y,
               double width)
{
  return lw_diagram_paint_legend (cr, drawing, theme, x, y, width, NULL);
}

static LwDiagramDrawing
drawing_of (const LwDiagramLayout *layout)
{
  LwDiagramDrawing drawing = { .text = lw_diagram_layout_text (layout),
                               .drawing = layout,
                               .paint = paint_layout,
                               .legend = layout_legend };
  lw_diagram_layout_size (layout, &drawing.width, &drawing.height);
  return drawing;
}

void
lw_diagram_document_size (const LwDiagramLayout *layout, const LwDiagramDocument *document,
                          double *ret_width, double *ret_height)
{
  const LwDiagramDrawing drawing = drawing_of (layout);
  lw_diagram_page_size (&drawing, document, ret_width, ret_height);
}

void
lw_diagram_paint_document (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme,
                           const LwDiagramDocument *document)
{
  const LwDiagramDrawing drawing = drawing_of (layout);
  lw_diagram_paint_page (cr, &drawing, theme, document);
}
