/* Which part of the row is in view: fitting, moving, gliding. */
#include "ui/volumes-view-private.h"

#include <math.h>

/* The first view shows everything down to this zoom. */
#define FIRST_ZOOM 0.70
/* How far the view may go beyond the row, pixels. */
#define SLACK 24.0

void
lw_volumes_view_stop (LwVolumesView *self)
{
  self->home = false;
  lw_camera_glide_stop (&self->glide, self->camera);
}

void
lw_volumes_view_glide (LwVolumesView *self, LwDiagramCamera camera)
{
  self->home = false;
  lw_camera_glide_start (&self->glide, self->camera, camera);
}

/* In the middle below the legend; what is wider than the view begins at its left end. */
static LwDiagramCamera
place (LwVolumesView *self, double zoom)
{
  const double head = lw_volumes_view_head (self);
  const double view_width = gtk_widget_get_width (GTK_WIDGET (self));
  const double view_height = gtk_widget_get_height (GTK_WIDGET (self)) - head;
  double width, height;

  lw_volumes_size (self->volumes, &width, &height);
  return (LwDiagramCamera){ zoom, -fmax ((view_width - width * zoom) / 2, 0) / zoom,
                            -(head + fmax ((view_height - height * zoom) / 2, 0)) / zoom };
}

static double
fitting_zoom (LwVolumesView *self)
{
  double width, height;

  lw_volumes_size (self->volumes, &width, &height);
  return fmin (
      1, fmin (gtk_widget_get_width (GTK_WIDGET (self)) / width,
               (gtk_widget_get_height (GTK_WIDGET (self)) - lw_volumes_view_head (self)) / height));
}

/* All of it if that leaves the words, else its left end as high as the view. */
LwDiagramCamera
lw_volumes_view_first (LwVolumesView *self)
{
  const double all = fitting_zoom (self);
  double width, height;

  lw_volumes_size (self->volumes, &width, &height);
  if (all >= FIRST_ZOOM)
    return place (self, all);
  return place (
      self,
      CLAMP ((gtk_widget_get_height (GTK_WIDGET (self)) - lw_volumes_view_head (self)) / height,
             FIRST_ZOOM, 1));
}

/* `low` to `high` are the ends of what may be seen; what fits stays inside. */
static double
within (double at, double length, double low, double high)
{
  if (high - low <= length)
    return CLAMP (at, high - length, low);
  return CLAMP (at, low, high - length);
}

/* The nearest place where the row is in view. */
static LwDiagramCamera
at_row (LwVolumesView *self, LwDiagramCamera camera)
{
  const double zoom = camera.zoom, slack = SLACK / zoom;
  const double head = lw_volumes_view_head (self) / zoom;
  double width, height;

  lw_volumes_size (self->volumes, &width, &height);
  camera.x =
      within (camera.x, gtk_widget_get_width (GTK_WIDGET (self)) / zoom, -slack, width + slack);
  camera.y = within (camera.y, gtk_widget_get_height (GTK_WIDGET (self)) / zoom, -head - slack,
                     height + slack);
  return camera;
}

void
lw_volumes_view_move (LwVolumesView *self, double dx, double dy)
{
  LwDiagramCamera camera = self->camera;

  camera.x += dx / camera.zoom;
  camera.y += dy / camera.zoom;
  lw_volumes_view_stop (self);
  lw_volumes_view_set_camera (self, at_row (self, camera));
}

void
lw_volumes_view_zoom_about (LwVolumesView *self, double zoom, double x, double y)
{
  lw_volumes_view_stop (self);
  lw_volumes_view_set_camera (self,
                              at_row (self, lw_diagram_camera_zoomed (self->camera, zoom, x, y)));
}

void
lw_volumes_view_zoom_to (LwVolumesView *self, double zoom)
{
  const LwDiagramCamera zoomed =
      lw_diagram_camera_zoomed (self->camera, zoom, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                                gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);

  lw_volumes_view_glide (self, at_row (self, zoomed));
}

void
lw_volumes_view_zoom_by (LwVolumesView *self, int direction)
{
  const LwDiagramCamera goal = lw_camera_glide_goal (&self->glide, self->camera);

  lw_volumes_view_zoom_to (self, lw_diagram_zoom_step (goal.zoom, direction));
}

void
lw_volumes_view_fit (LwVolumesView *self)
{
  lw_volumes_view_glide (self, place (self, fmax (fitting_zoom (self), LW_ZOOM_MIN)));
  self->home = true;
}

/* Where a spot is: a volume with its words, or an open block's line. */
static bool
spot_rect (const LwVolumes *volumes, LwDiagramSpot spot, cairo_rectangle_t *rect)
{
  int32_t n;
  const LwVolumeFrame *frames = lw_volumes_frames (volumes, &n);
  const int32_t item = lw_volumes_find (volumes, spot);

  for (int32_t i = 0; i < n; i++)
    if (spot.block >= 0 && frames[i].block == spot.block) {
      *rect = frames[i].rect;
      return true;
    }
  if (item >= 0)
    *rect = lw_volumes_items (volumes, NULL)[item].slot;
  return item >= 0;
}

/* Sideways; the row's height is seen to by fitting. */
void
lw_volumes_view_show_spot (LwVolumesView *self, LwDiagramSpot spot)
{
  LwDiagramCamera camera = lw_camera_glide_goal (&self->glide, self->camera);
  const LwDiagramViewport view = { .width = gtk_widget_get_width (GTK_WIDGET (self)),
                                   .height = gtk_widget_get_height (GTK_WIDGET (self)) };
  const double y = camera.y;
  cairo_rectangle_t rect;

  if (!self->placed || !spot_rect (self->volumes, spot, &rect))
    return;
  camera = lw_diagram_camera_showing (camera, &view, &rect);
  camera.y = y;
  if (camera.x != self->camera.x)
    lw_volumes_view_glide (self, camera);
}

/* After folding. */
void
lw_volumes_view_keep_place (LwVolumesView *self, const LwVolumes *before)
{
  LwDiagramSpot anchor = lw_volumes_view_selected (self);
  cairo_rectangle_t old, new;
  int32_t n;
  const LwVolume *items = lw_volumes_items (before, &n);

  if (lw_volumes_find (before, anchor) < 0)
    for (int32_t i = n - 1; i >= 0; i--)
      if (items[i].slot.x + items[i].slot.width > self->camera.x)
        anchor = items[i].spot;
  lw_volumes_view_stop (self);
  if (spot_rect (before, anchor, &old) && spot_rect (self->volumes, anchor, &new))
    self->camera.x += new.x - old.x;
  lw_volumes_view_move (self, 0, 0);
}
