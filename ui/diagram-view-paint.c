/* What the diagram view paints: the diagram, its legend over it, and the diagram as a file. */
#include "ui/diagram-view-private.h"

#include "ui/draw/export.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define CONTROLS_WIDTH    158 /* the zoom buttons, with their margin */
#define CONTROLS_HEIGHT   54
#define LEGEND_MARGIN     12
#define LEGEND_WIDTH      1 /* wraps after each kind: a column takes the least of the width */
#define LEGEND_LEAST_VIEW 420
#define EXPORT_SCALE      2

/* --- the legend */

/* A legend of one kind would explain nothing; in a narrow view there is no room beside the trunk.
 */
static bool
has_legend (LwDiagramView *self)
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n);

  if (gtk_widget_get_width (GTK_WIDGET (self)) < LEGEND_LEAST_VIEW)
    return false;
  for (int32_t i = 0; i < n; i++)
    if (boxes[i].kind != LW_KIND_JOIN && boxes[i].kind != LW_KIND_DATA)
      return true;
  return false;
}

LwDiagramViewport
lw_diagram_view_viewport (LwDiagramView *self)
{
  LwDiagramViewport view = { .width = gtk_widget_get_width (GTK_WIDGET (self)),
                             .height = gtk_widget_get_height (GTK_WIDGET (self)),
                             .controls_width = CONTROLS_WIDTH,
                             .controls_height = CONTROLS_HEIGHT };

  if (!has_legend (self))
    return view;
  view.legend_height =
      lw_diagram_paint_legend (NULL, self->layout, NULL, 0, 0, LEGEND_WIDTH, &view.legend_width) +
      2 * LEGEND_MARGIN;
  view.legend_width += 2 * LEGEND_MARGIN;
  return view;
}

static bool
overlap (LwDiagramView *self, const cairo_rectangle_t *rect, const cairo_rectangle_t *area)
{
  const double zoom = self->camera.zoom;
  const double x = (rect->x - self->camera.x) * zoom, y = (rect->y - self->camera.y) * zoom;

  return x < area->x + area->width && x + rect->width * zoom > area->x &&
         y < area->y + area->height && y + rect->height * zoom > area->y;
}

bool
lw_diagram_view_legend (LwDiagramView *self, cairo_rectangle_t *ret_rect, bool *ret_card)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);
  int32_t n_boxes, n_frames;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n_boxes);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (self->layout, &n_frames);

  *ret_card = false;
  if (view.legend_width <= 0)
    return false;
  *ret_rect = (cairo_rectangle_t){ view.width - view.legend_width, LEGEND_MARGIN / 2.0,
                                   view.legend_width - LEGEND_MARGIN / 2.0,
                                   view.legend_height - LEGEND_MARGIN };
  for (int32_t i = 0; i < n_boxes && !*ret_card; i++)
    *ret_card = overlap (self, &boxes[i].rect, ret_rect);
  for (int32_t i = 0; i < n_frames && !*ret_card; i++)
    *ret_card = overlap (self, &frames[i].rect, ret_rect);
  return true;
}

static void
paint_legend (LwDiagramView *self, cairo_t *cr)
{
  const LwTheme *theme = lw_diagram_view_theme ();
  cairo_rectangle_t rect;
  bool card;

  if (!lw_diagram_view_legend (self, &rect, &card))
    return;
  if (card)
    lw_paint_card (cr, theme, rect.x, rect.y, rect.width, rect.height, 9);
  lw_diagram_paint_legend (cr, self->layout, theme, rect.x + LEGEND_MARGIN / 2.0 + 2,
                           rect.y + LEGEND_MARGIN / 2.0, LEGEND_WIDTH, NULL);
}

void
lw_diagram_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (widget);
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double zoom = self->camera.zoom;
  const cairo_rectangle_t visible = { self->camera.x, self->camera.y, width / zoom, height / zoom };
  const LwDiagramPaint paint = { .zoom = zoom,
                                 .visible = &visible,
                                 .selected = lw_diagram_view_selected (self),
                                 .focused = gtk_widget_has_visible_focus (widget) };
  cairo_t *cr;
  double scale;

  if (width < 1 || height < 1)
    return;
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  scale = gtk_widget_get_scale_factor (widget);
  cairo_save (cr);
  /* Whole device pixels keep thin lines sharp. */
  cairo_translate (cr, -round (self->camera.x * zoom * scale) / scale,
                   -round (self->camera.y * zoom * scale) / scale);
  cairo_scale (cr, zoom, zoom);
  lw_diagram_paint_canvas (cr, lw_diagram_view_theme (), &visible, zoom);
  if (self->fold.from != NULL)
    lw_diagram_view_paint_fold (self, cr, &paint);
  else if (!lw_diagram_view_paint_obstacle (self, cr, &paint))
    lw_diagram_paint (cr, self->layout, lw_diagram_view_theme (), &paint);
  cairo_restore (cr);
  paint_legend (self, cr);
  cairo_destroy (cr);
}

/* --- export -------------------------------------------------------------------------------------
 */

typedef struct {
  const LwDiagramLayout *layout;
  LwDiagramDocument document;
} Page;

static void
paint_page (cairo_t *cr, gpointer data)
{
  const Page *page = data;

  lw_diagram_paint_document (cr, page->layout, lw_theme (false), &page->document);
}

bool
lw_diagram_view_export (LwDiagramView *self, const char *path, GError **error)
{
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwCost all = lw_graph_cost (graph);
  g_autofree char *parameters = lw_format_short ((double)all.parameters);
  g_autofree char *count = lw_diagram_count_words (all, self->count);
  g_autofree char *subtitle = g_strdup_printf (_ ("%s parameters · %s"), parameters, count);
  const Page page = {
    self->layout,
    { .title = lw_graph_title (graph), .subtitle = subtitle, .diagram = { .selected = LW_NO_SPOT } }
  };
  LwPictureFormat format;
  double width, height;

  if (!lw_picture_format (path, &format, error))
    return false;
  lw_diagram_document_size (self->layout, &page.document, &width, &height);
  return lw_export_picture (path, width, height, format == LW_PICTURE_PNG ? EXPORT_SCALE : 1,
                            paint_page, (gpointer)&page, error);
}
