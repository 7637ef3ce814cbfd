/* Reads an image file as the network wants it. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/graph.h"

G_BEGIN_DECLS

/* The picture in a PNG or JPEG file as [C][H][W] floats in [0, 1] of the network's input shape:
 * grey (luma) for one channel, red, green, blue for three; transparent parts lie on black; turned
 * as its EXIF data say. `fit`: what of it, where it has another shape than the input. It is shrunk
 * by averaging, as folders of pictures are for training; a smaller one is enlarged bilinearly.
 * Fails for other kinds of files and other numbers of channels. g_free. */
float *lw_image_file_read (const char *path, LwShape input, LwPictureFit fit, GError **error);

G_END_DECLS
