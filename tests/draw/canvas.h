/* Image surfaces for tests of painters: made, checked and looked at in a line each. */
#pragma once

#include "ui/draw/theme.h"

typedef struct {
  cairo_surface_t *surface;
  cairo_t *cr;
  int width, height;
} Canvas;

/* Filled with `ground`. A size of 0 is allowed. */
Canvas canvas_new (int width, int height, LwColour ground);
/* Fails the test if Cairo is in an error state; writes the picture into the folder named by the
 * environment variable LAYERWISE_PICTURES, for people who want to look at it. */
void canvas_finish (Canvas *canvas, const char *name);

/* 0xRRGGBB; 0 outside of the canvas. */
guint32 canvas_pixel (const Canvas *canvas, double x, double y);
/* Pixels of the rectangle that differ from `ground`. */
int canvas_count_painted (const Canvas *canvas, double x, double y, double width, double height,
                          LwColour ground);
/* Pixels within 6/255 of a colour in each channel. */
int canvas_count_colour (const Canvas *canvas, double x, double y, double width, double height,
                         LwColour colour);

/* The contrast of WCAG 2.1, 1 to 21; alpha is blended over `ground`. */
double contrast_ratio (LwColour colour, LwColour ground);
LwColour blend (LwColour colour, LwColour ground);

/* Normally distributed, from a seeded generator. */
double normal (GRand *random);
