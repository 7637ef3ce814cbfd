/* LwSketchPad: a canvas of 28 × 28 pixels to draw on with the mouse, white on black as
 * Fashion-MNIST is, with pen and eraser, thickness, undo and clear. Keys on the canvas: arrows move
 * a mark, Space puts the pen down and takes it up, Ctrl+Z undoes, Delete clears. Signal `changed`,
 * also while a line is drawn. Main thread. */
#pragma once

#include "ui/draw/sketch.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_SKETCH_SIDE 28

#define LW_TYPE_SKETCH_PAD (lw_sketch_pad_get_type ())
G_DECLARE_FINAL_TYPE (LwSketchPad, lw_sketch_pad, LW, SKETCH_PAD, GtkWidget)

GtkWidget *lw_sketch_pad_new (void);
const LwSketch *lw_sketch_pad_sketch (LwSketchPad *self);
/* The canvas alone, for tests and for the focus. */
GtkWidget *lw_sketch_pad_canvas (LwSketchPad *self);

G_END_DECLS
