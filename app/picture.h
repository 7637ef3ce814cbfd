/* Pictures of runs and networks for `export`, by the painters that the workbench uses. Each fills
 * an LwPicture: a size and a function that paints it; lw_picture_write makes the file. Only in
 * builds with Cairo. One thread. */
#pragma once

#include "app/args.h"
#include "app/weights.h"
#include "ui/draw/export.h"
#include "ui/draw/figure.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  double width, height; /* logical pixels */
  LwPaintFunc paint;
  gpointer data;
  GDestroyNotify free; /* of data */
  double scale;        /* of the file; 0: 2 for PNG, 1 for SVG and PDF */
} LwPicture;

void lw_picture_clear (LwPicture *picture);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwPicture, lw_picture_clear)

/* Writes it as "png", "svg" or "pdf". */
bool
lw_picture_write (const LwPicture *picture, const char *format, const char *path, GError **error);
/* Words for pictures in files: the interface's fonts where they are installed. */
LwText *lw_picture_text (void);

/* The architecture, blocks deeper than `depth` folded. Keeps a reference to the graph. */
void lw_picture_diagram (LwPicture *picture, LwGraph *graph, int depth, LwFigureStyle style,
                         const LwFigureLook *look);
/* Loss above accuracy over the epochs. */
bool lw_picture_curves (LwPicture *picture, const LwRun *run, GError **error);
/* What batch normalization `layer` (NULL: the first) did to one channel over the run. */
bool lw_picture_bn (LwPicture *picture, const LwRun *run, const char *layer, int32_t channel,
                    GError **error);
/* The maps of layer `layer` (NULL: the first convolution) for one image: a PNG file, or the number
 * of a test image (NULL: the first). */
bool lw_picture_maps (LwPicture *picture, const LwWeights *weights, const char *layer,
                      const char *image, const char *device, GError **error);
/* Test images by true and by predicted class. */
bool lw_picture_confusion (LwPicture *picture, const LwWeights *weights, const char *device,
                           GError **error);

G_END_DECLS
