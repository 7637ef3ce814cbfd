#include "ui/draw/sketch.h"

#include <math.h>
#include <string.h>

#define MOST_STEPS 50

struct LwSketch {
  int side;
  uint8_t *pixels;
  GQueue steps; /* earlier pixels, the newest first */
};

static gsize
area (const LwSketch *sketch)
{
  return (gsize)sketch->side * (gsize)sketch->side;
}

LwSketch *
lw_sketch_new (int side)
{
  LwSketch *sketch = g_new0 (LwSketch, 1);

  sketch->side = side;
  sketch->pixels = g_malloc0 (area (sketch));
  g_queue_init (&sketch->steps);
  return sketch;
}

void
lw_sketch_free (LwSketch *sketch)
{
  if (sketch == NULL)
    return;
  g_queue_clear_full (&sketch->steps, g_free);
  g_free (sketch->pixels);
  g_free (sketch);
}

const uint8_t *
lw_sketch_pixels (const LwSketch *sketch)
{
  return sketch->pixels;
}

bool
lw_sketch_is_empty (const LwSketch *sketch)
{
  for (gsize i = 0; i < area (sketch); i++)
    if (sketch->pixels[i] != 0)
      return false;
  return true;
}

void
lw_sketch_begin_stroke (LwSketch *sketch)
{
  const uint8_t *newest = g_queue_peek_head (&sketch->steps);

  if (newest != NULL && memcmp (newest, sketch->pixels, area (sketch)) == 0)
    return; /* nothing has happened since */
  g_queue_push_head (&sketch->steps, g_memdup2 (sketch->pixels, area (sketch)));
  if (g_queue_get_length (&sketch->steps) > MOST_STEPS)
    g_free (g_queue_pop_tail (&sketch->steps));
}

/* From a point to the line's nearest. */
static double
distance (double x, double y, double x1, double y1, double x2, double y2)
{
  const double dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy;
  const double t = length > 0 ? CLAMP (((x - x1) * dx + (y - y1) * dy) / length, 0, 1) : 0;

  return hypot (x - (x1 + t * dx), y - (y1 + t * dy));
}

void
lw_sketch_line (LwSketch *sketch, double x1, double y1, double x2, double y2, double thickness,
                bool erase)
{
  const double radius = thickness / 2;
  uint8_t *pixel = sketch->pixels;

  if (!isfinite (x1 + y1 + x2 + y2 + thickness))
    return;
  for (int y = 0; y < sketch->side; y++)
    for (int x = 0; x < sketch->side; x++, pixel++) {
      const double far = distance (x + 0.5, y + 0.5, x1, y1, x2, y2);
      const double share = CLAMP (radius + 0.5 - far, 0, 1);
      const int ink = (int)lround (255 * share), before = *pixel;

      *pixel = (uint8_t)(erase ? MIN (before, 255 - ink) : MAX (before, ink));
    }
}

void
lw_sketch_clear (LwSketch *sketch)
{
  lw_sketch_begin_stroke (sketch);
  memset (sketch->pixels, 0, area (sketch));
}

/* Steps that changed nothing are passed over. */
static uint8_t *
pop_step (LwSketch *sketch)
{
  uint8_t *step;

  while ((step = g_queue_pop_head (&sketch->steps)) != NULL) {
    if (memcmp (step, sketch->pixels, area (sketch)) != 0)
      return step;
    g_free (step);
  }
  return NULL;
}

bool
lw_sketch_can_undo (const LwSketch *sketch)
{
  for (const GList *at = sketch->steps.head; at != NULL; at = at->next)
    if (memcmp (at->data, sketch->pixels, area (sketch)) != 0)
      return true;
  return false;
}

void
lw_sketch_undo (LwSketch *sketch)
{
  uint8_t *step = pop_step (sketch);

  if (step == NULL)
    return;
  g_free (sketch->pixels);
  sketch->pixels = step;
}
