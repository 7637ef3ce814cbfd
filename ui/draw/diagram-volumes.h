/* LwVolumes: a network as a row of blocks in space, left to right, each as large as what leaves it.
 *
 * A map of c × n × n is a box whose side grows with √n and whose thickness grows with √c; a vector
 * is a bar that grows with the logarithm of its length. Normalization and activation are thin bands
 * on their layer. A convolution shows its kernel on its input, with rays to its output. Layers that
 * a closed block hides, and the branches of an open Inception block, are one volume: that of their
 * output. A shortcut runs as an arc over what it skips, an open block is named by a line above its
 * volumes. It reads the same LwDiagramState as the diagram; the threads and ownership are those of
 * LwDiagramLayout. Units: logical pixels. */
#pragma once

#include "ui/draw/diagram-paint.h"

G_BEGIN_DECLS

#define LW_VOLUME_BANDS 4

typedef struct {
  LwDiagramSpot spot;
  LwKind kind;
  LwShape shape;
  cairo_rectangle_t slot;        /* the column with its words */
  cairo_rectangle_t rect;        /* around the drawn volume */
  double thickness;              /* of the front face; a vector: 20 */
  double side;                   /* height of the front face */
  double depth_x, depth_y;       /* from front to back; 0 for vectors; y is negative: up */
  LwKind bands[LW_VOLUME_BANDS]; /* in the order of computation */
  LwNodeId band_nodes[LW_VOLUME_BANDS];
  int n_bands, n_lead;  /* the first `n_lead` come before the layer and stand at its left */
  int32_t kernel;       /* of a convolution: drawn on the volume before; else 0 */
  const char *name;     /* bold */
  double chevron_x;     /* of a closed block: its middle, before the name; else 0 */
  const char *words[3]; /* shape, kernel, parameters; NULL: none */
} LwVolume;

/* A bracket below: what a kind of layer takes of the whole network. */
typedef struct {
  int32_t first, last; /* the volumes that it spans */
  double x, width;
  const char *words; /* "Convolutions: 8 % of the parameters, 95 % of the MACs" */
  double words_x;    /* their middle; below the bracket's where there is room */
} LwVolumeBracket;

/* An open block: a line above its volumes. */
typedef struct {
  LwBlockId block;
  int32_t first, last; /* its volumes */
  int32_t depth;       /* 0 outermost */
  cairo_rectangle_t rect;
  const char *title;
} LwVolumeFrame;

/* A shortcut, from one volume over others to the sum. */
typedef struct {
  int32_t from, to;
  double top;        /* y of its highest piece */
  const char *words; /* "identity", or the layer on it: "1×1 conv" */
} LwVolumeSkip;

typedef struct LwVolumes LwVolumes;

LwVolumes *lw_volumes_new (const LwDiagramState *state, const LwDiagramOptions *options);
void lw_volumes_free (LwVolumes *volumes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwVolumes, lw_volumes_free)

void lw_volumes_size (const LwVolumes *volumes, double *ret_width, double *ret_height);
const LwVolume *lw_volumes_items (const LwVolumes *volumes, int32_t *ret_n);
const LwVolumeBracket *lw_volumes_brackets (const LwVolumes *volumes, int32_t *ret_n);
const LwVolumeFrame *lw_volumes_frames (const LwVolumes *volumes, int32_t *ret_n);
const LwVolumeSkip *lw_volumes_skips (const LwVolumes *volumes, int32_t *ret_n);
/* The volume, or the band on it, at a point, its words included; or an open block's line.
 * LW_NO_SPOT: none. `ret_fold` (may be NULL): on what folds or unfolds at a single click. */
LwDiagramSpot lw_volumes_hit (const LwVolumes *volumes, double x, double y, bool *ret_fold);
/* The volume that shows a node, also a hidden one, or a block's output; −1: no spot. */
int32_t lw_volumes_find (const LwVolumes *volumes, LwDiagramSpot spot);
/* All that can be selected, from the input on: volumes, each followed by its bands. */
int32_t lw_volumes_n_spots (const LwVolumes *volumes);
LwDiagramSpot lw_volumes_spot (const LwVolumes *volumes, int32_t index);
LwGraph *lw_volumes_graph (const LwVolumes *volumes);
LwText *lw_volumes_text (const LwVolumes *volumes);

/* `paint`: as for the diagram; below 45 % only the volumes are painted, below 70 % names with them.
 * `image`: shown on the input's face, any size; NULL: none. */
void lw_volumes_paint (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme,
                       const LwDiagramPaint *paint, cairo_surface_t *image);

/* The kinds that are shown at the left, what the sizes mean at the right (a line below where that
 * does not fit into `width`). Returns the height; paints nothing when `cr` is NULL. */
double lw_volumes_paint_legend (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme,
                                double x, double y, double width);

/* As a page with title and legend; see diagram-paint.h. */
void lw_volumes_document_size (const LwVolumes *volumes, const LwDiagramDocument *document,
                               double *ret_width, double *ret_height);
void lw_volumes_paint_document (cairo_t *cr, const LwVolumes *volumes, const LwTheme *theme,
                                const LwDiagramDocument *document, cairo_surface_t *image);

G_END_DECLS
