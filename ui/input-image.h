/* The picture that stands for the network's input: the data set's first test image, at the size
 * that the network reads. Main thread. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/graph.h"
#include <cairo.h>

G_BEGIN_DECLS

/* RGB, three bytes a pixel, without gaps; NULL: no image. */
GBytes *lw_input_image_pixels (const LwDataset *dataset, LwShape input);
/* The same for Cairo; cairo_surface_destroy. `dataset` may be NULL: no image. */
cairo_surface_t *lw_input_image_surface (const LwDataset *dataset, LwShape input);

G_END_DECLS
