/* LwOwnPicture: a picture of a student's own, from a file, the clipboard, a drop or the drawing
 * canvas, and how it becomes a network's input: its aspect kept, whole and centred on black or its
 * middle alone, grey (luma, ITU-R BT.601) for one channel; large pictures are averaged down first,
 * because the engine's resize (bilinear, without antialiasing) takes it from there. Transparent
 * parts lie on black. Of files and textures at most 1024 pixels a side are kept: no network here
 * reads more. Immutable and atomically counted; functions run on any thread. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/graph.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct LwOwnPicture LwOwnPicture;

/* `rgb`: three planes [3][height][width]; copied. `name`: for people. */
LwOwnPicture *lw_own_picture_new (const uint8_t *rgb, int width, int height, const char *name);
/* NULL: it has more than 100 million pixels. */
LwOwnPicture *lw_own_picture_from_texture (GdkTexture *texture, const char *name);
/* Reads any kind of picture that gdk-pixbuf knows; at most 64 MiB, 100 million pixels. On a thread;
 * fails with a sentence. */
void lw_own_picture_load_async (GFile *file, GAsyncReadyCallback done, gpointer data);
LwOwnPicture *lw_own_picture_load_finish (GAsyncResult *result, GError **error);
LwOwnPicture *lw_own_picture_ref (LwOwnPicture *picture);
void lw_own_picture_unref (LwOwnPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOwnPicture, lw_own_picture_unref)

const char *lw_own_picture_name (const LwOwnPicture *picture);
/* Whether its rim is light: dark on white, as paper is and Fashion-MNIST is not. */
bool lw_own_picture_is_light (const LwOwnPicture *picture);
/* [c][h][w] in [0, 1]; false for other than 1 or 3 channels. `invert`: light becomes dark. */
bool lw_own_picture_convert (const LwOwnPicture *picture, LwShape input, LwPictureFit fit,
                             bool invert, float *ret_values);
/* Why not, a sentence; g_free. */
char *lw_own_picture_problem (int channels);

G_END_DECLS
