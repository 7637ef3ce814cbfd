/* LwSketch: a drawing of grey pixels, white on black, that is made with a round pen, and can be
 * undone stroke by stroke. A model without widgets. Units: its own pixels; (0.5, 0.5) is the middle
 * of the first. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwSketch LwSketch;

LwSketch *lw_sketch_new (int side); /* black */
void lw_sketch_free (LwSketch *sketch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSketch, lw_sketch_free)

const uint8_t *lw_sketch_pixels (const LwSketch *sketch); /* [side][side] */
bool lw_sketch_is_empty (const LwSketch *sketch);

/* What follows until the next call is one step for undo. */
void lw_sketch_begin_stroke (LwSketch *sketch);
/* A line with round ends, `thickness` wide, its rim one pixel soft; `erase`: black instead of
 * white. Parts outside are cut off. */
void lw_sketch_line (LwSketch *sketch, double x1, double y1, double x2, double y2, double thickness,
                     bool erase);
void lw_sketch_clear (LwSketch *sketch); /* a step for undo, too */
bool lw_sketch_can_undo (const LwSketch *sketch);
void lw_sketch_undo (LwSketch *sketch); /* at most the last 50 steps */

G_END_DECLS
