#include "ui/diagram-camera.h"

#include <math.h>

/* The first view shows everything down to this zoom. */
#define FIRST_ZOOM 0.70
/* How far the view may go beyond the diagram, pixels. */
#define SLACK 24.0
/* Around what is brought into view, pixels. */
#define SHOW_MARGIN 24.0
#define CLEAR       8.0
/* Of the layout's margin, this much may be out of view. */
#define TRIM 12.0
/* A label that begins this near to the trunk belongs to it. */
#define LABEL_REACH 16.0
/* From a label's middle to its lower edge. */
#define LABEL_HALF 8.0

/* The right edge of what stands on or at the trunk between two heights, open blocks included. */
static double
right_end (const LwDiagramLayout *layout, double from, double to)
{
  const double axis = lw_diagram_layout_axis (layout);
  double right = axis;
  int32_t n, n_frames, n_labels;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n_frames);
  const LwDiagramLabel *labels = lw_diagram_layout_labels (layout, &n_labels);

  for (int32_t i = 0; i < n; i++) {
    const cairo_rectangle_t *r = &boxes[i].rect;

    if (boxes[i].frame < 0 && r->x < axis && r->x + r->width > axis && r->y < to &&
        r->y + r->height > from)
      right = fmax (right, r->x + r->width + (boxes[i].sheet ? 4 : 0));
  }
  for (int32_t i = 0; i < n_frames; i++)
    if (frames[i].parent < 0 && frames[i].rect.y < to &&
        frames[i].rect.y + frames[i].rect.height > from)
      right = fmax (right, frames[i].rect.x + frames[i].rect.width);
  for (int32_t i = 0; i < n_labels; i++)
    if (labels[i].x > axis && labels[i].x < axis + LABEL_REACH && labels[i].y + LABEL_HALF > from &&
        labels[i].y - LABEL_HALF < to)
      right = fmax (right, labels[i].x + labels[i].width);
  return right;
}

/* x of the camera at the diagram's top: centred, or further left where a corner would lie on the
 * trunk. */
static double
place_x (const LwDiagramLayout *layout, const LwDiagramViewport *view, double zoom)
{
  const double axis = lw_diagram_layout_axis (layout);
  double width, height, free, at, beside_legend, beside_controls;

  lw_diagram_layout_size (layout, &width, &height);
  free = view->width - (width - 2 * TRIM) * zoom;
  if (free < 0) { /* too wide: the trunk in the middle, as far as there is something beside it */
    at = view->width / 2 - axis * zoom;
    return -fmin (fmax (at, view->width - width * zoom), 0) / zoom;
  }
  beside_legend = view->band > 0
                      ? INFINITY
                      : view->width - view->legend_width -
                            right_end (layout, -INFINITY, view->legend_height / zoom) * zoom;
  beside_controls =
      view->width - view->controls_width -
      right_end (layout, (view->height - view->controls_height) / zoom, view->height / zoom) * zoom;
  at = fmin (free / 2 - TRIM * zoom, fmin (beside_legend, beside_controls) - CLEAR);
  return -fmax (at, -TRIM * zoom) / zoom;
}

/* Whether the trunk's lower end would run under the zoom buttons. */
static bool
meets_controls (const LwDiagramLayout *layout, const LwDiagramViewport *view, double zoom)
{
  double width, height;

  lw_diagram_layout_size (layout, &width, &height);
  return height * zoom > view->height - view->band - view->controls_height &&
         (right_end (layout, (view->height - view->controls_height) / zoom, INFINITY) -
          place_x (layout, view, zoom)) *
                 zoom >
             view->width - view->controls_width;
}

static LwDiagramCamera
place (const LwDiagramLayout *layout, const LwDiagramViewport *view, double zoom)
{
  double width, height, below;

  lw_diagram_layout_size (layout, &width, &height);
  below = view->height - view->band - height * zoom;
  return (LwDiagramCamera){ zoom, place_x (layout, view, zoom),
                            -(view->band + fmin (fmax (below / 2, 0), CLEAR)) / zoom };
}

LwDiagramCamera
lw_diagram_camera_fit (const LwDiagramLayout *layout, const LwDiagramViewport *view, double largest)
{
  double width, height, zoom;

  lw_diagram_layout_size (layout, &width, &height);
  zoom = fmin (largest, fmin (view->width / width, (view->height - view->band) / height));
  if (meets_controls (layout, view, zoom))
    zoom = fmin (zoom, (view->height - view->band - view->controls_height) / height);
  zoom = fmax (zoom, LW_ZOOM_MIN);
  return place (layout, view, zoom);
}

LwDiagramCamera
lw_diagram_camera_first (const LwDiagramLayout *layout, const LwDiagramViewport *view)
{
  const LwDiagramCamera all = lw_diagram_camera_fit (layout, view, 1);

  if (all.zoom >= FIRST_ZOOM)
    return all;
  return (LwDiagramCamera){ 1, place_x (layout, view, 1), -view->band };
}

LwDiagramCamera
lw_diagram_camera_zoomed (LwDiagramCamera camera, double zoom, double x, double y)
{
  zoom = fmin (fmax (zoom, LW_ZOOM_MIN), LW_ZOOM_MAX);
  return (LwDiagramCamera){ zoom, camera.x + x / camera.zoom - x / zoom,
                            camera.y + y / camera.zoom - y / zoom };
}

/* `now` may lie outside [low, high], after folding; it never goes further out. */
static double
within (double value, double now, double low, double high)
{
  if (low > high) /* all fits: anywhere where all stays in view */
    return fmin (fmax (value, fmin (high, now)), fmax (low, now));
  return fmin (fmax (value, fmin (low, now)), fmax (high, now));
}

LwDiagramCamera
lw_diagram_camera_moved (LwDiagramCamera camera, const LwDiagramLayout *layout,
                         const LwDiagramViewport *view, double dx, double dy)
{
  const double slack = SLACK / camera.zoom;
  double width, height;

  lw_diagram_layout_size (layout, &width, &height);
  camera.x = within (camera.x + dx / camera.zoom, camera.x, -slack,
                     width + slack - view->width / camera.zoom);
  camera.y =
      within (camera.y + dy / camera.zoom, camera.y, -slack - view->band / camera.zoom,
              height + (SLACK + view->controls_height) / camera.zoom - view->height / camera.zoom);
  return camera;
}

static double
showing (double at, double length, double from, double extent, double margin)
{
  if (extent + 2 * margin > length)
    return from - margin;
  if (from - margin < at)
    return from - margin;
  if (from + extent + margin > at + length)
    return from + extent + margin - length;
  return at;
}

LwDiagramCamera
lw_diagram_camera_showing (LwDiagramCamera camera, const LwDiagramViewport *view,
                           const cairo_rectangle_t *rect)
{
  const double margin = SHOW_MARGIN / camera.zoom;

  camera.x = showing (camera.x, view->width / camera.zoom, rect->x, rect->width, margin);
  camera.y = showing (camera.y, view->height / camera.zoom, rect->y, rect->height, margin);
  return camera;
}

LwDiagramCamera
lw_diagram_camera_settled (LwDiagramCamera camera, const LwDiagramLayout *layout,
                           const LwDiagramViewport *view, const cairo_rectangle_t *rect)
{
  double width, height;

  lw_diagram_layout_size (layout, &width, &height);
  if ((width - 2 * TRIM) * camera.zoom <= view->width)
    camera.x = place_x (layout, view, camera.zoom);
  else if (rect->width * camera.zoom <= view->width)
    camera.x = showing (camera.x, view->width / camera.zoom, rect->x, rect->width,
                        fmin (CLEAR, (view->width - rect->width * camera.zoom) / 2) / camera.zoom);
  if ((width - 2 * TRIM) * camera.zoom > view->width) { /* no empty margin while something is cut */
    const double beyond = CLEAR / camera.zoom;

    camera.x = fmin (camera.x, width - TRIM + beyond - view->width / camera.zoom);
    camera.x = fmax (camera.x, TRIM - beyond);
  }
  return camera;
}

double
lw_diagram_zoom_step (double zoom, int direction)
{
  static const double steps[] = { 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4 };
  const int n = G_N_ELEMENTS (steps);

  if (direction > 0) {
    for (int i = 0; i < n; i++)
      if (steps[i] > zoom + 0.01)
        return steps[i];
    return LW_ZOOM_MAX;
  }
  for (int i = n - 1; i >= 0; i--)
    if (steps[i] < zoom - 0.01)
      return steps[i];
  return LW_ZOOM_MIN;
}
