#include "ui/camera-glide.h"

#include <math.h>

#define GLIDE_MS 200

/* Zoom by equal factors, and the place so that what both views share moves straight. */
static void
step (double t, gpointer data)
{
  const LwCameraGlide *self = data;
  const LwDiagramCamera *a = &self->from, *b = &self->to;
  const double zoom = a->zoom * pow (b->zoom / a->zoom, t);
  /* 1/zoom goes from 1/a to 1/b; the place follows it */
  const double s =
      fabs (b->zoom - a->zoom) < 1e-6 ? t : (1 / zoom - 1 / a->zoom) / (1 / b->zoom - 1 / a->zoom);

  self->set (self->view,
             (LwDiagramCamera){ zoom, a->x + (b->x - a->x) * s, a->y + (b->y - a->y) * s });
}

void
lw_camera_glide_init (LwCameraGlide *self, gpointer view,
                      void (*set) (gpointer view, LwDiagramCamera camera))
{
  AdwAnimationTarget *target = adw_callback_animation_target_new (step, self, NULL);

  self->view = GTK_WIDGET (view);
  self->set = set;
  self->from = self->to = (LwDiagramCamera){ 1, 0, 0 };
  self->animation = adw_timed_animation_new (self->view, 0, 1, GLIDE_MS, target);
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->animation), ADW_EASE_OUT_CUBIC);
}

void
lw_camera_glide_clear (LwCameraGlide *self)
{
  if (self->animation != NULL)
    adw_animation_reset (self->animation);
  g_clear_object (&self->animation);
}

void
lw_camera_glide_stop (LwCameraGlide *self, LwDiagramCamera at)
{
  self->from = self->to = at; /* a reset steps to the beginning */
  adw_animation_reset (self->animation);
}

void
lw_camera_glide_start (LwCameraGlide *self, LwDiagramCamera from, LwDiagramCamera to)
{
  lw_camera_glide_stop (self, from);
  self->to = to;
  if (gtk_widget_get_mapped (self->view))
    adw_animation_play (self->animation);
  else
    self->set (self->view, to);
}

LwDiagramCamera
lw_camera_glide_goal (const LwCameraGlide *self, LwDiagramCamera now)
{
  return adw_animation_get_state (self->animation) == ADW_ANIMATION_PLAYING ? self->to : now;
}
