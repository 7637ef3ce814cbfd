/* What the files of the volumes share: diagram-volumes*.c only.
 *
 *   diagram-volumes.c        which volumes there are, their words; finding
 *   diagram-volumes-place.c  sizes, slots, lines above, brackets below
 *   diagram-volumes-paint.c  faces, bands, kernels, rays
 *   diagram-volumes-marks.c  words, lines above, shortcuts, brackets, the selection
 *   diagram-volumes-page.c   the legend, the page */
#pragma once

#include "ui/draw/diagram-paint-private.h"
#include "ui/draw/diagram-volumes.h"

#define LW_VOLUME_LINE  16.5 /* of words below a volume */
#define LW_VOLUME_HEAD  20.0 /* of an open block's line */
#define LW_VOLUME_WORDS (10 + 4 * LW_VOLUME_LINE)
/* Between the lines of open blocks and the tallest volume; arcs rise into it. */
#define LW_VOLUME_ARC 18.0

struct LwVolumes {
  LwGraph *graph;
  LwText *text;
  GStringChunk *strings;
  GArray *items, *brackets, *frames, *skips;
  GArray *spots;        /* LwDiagramSpot */
  int32_t *node_volume; /* [n_nodes] */
  int32_t open_depth;   /* of the deepest open block, while parts are added */
  double width, height;
};

typedef struct {
  cairo_t *cr;
  const LwVolumes *volumes;
  const LwTheme *theme;
  const LwDiagramPaint *paint;
  LwText *text;
  double zoom;
} LwVolumePainter;

/* The left edge of a band, from the front face's left edge. */
static inline double
lw_volumes_band_at (const LwVolume *volume, int band)
{
  return band < volume->n_lead ? band * LW_BAND_WIDTH
                               : volume->thickness - (volume->n_bands - band) * LW_BAND_WIDTH;
}

const char *lw_volumes_keep (LwVolumes *volumes, char *string); /* takes it over */

/* diagram-volumes-place.c */
void lw_volumes_size_item (LwVolume *volume);
void lw_volumes_place (LwVolumes *volumes);
void lw_volumes_add_brackets (LwVolumes *volumes);

/* diagram-volumes-paint.c */
LwDiagramMark lw_volumes_mark (const LwVolumePainter *p, LwDiagramSpot spot);

/* diagram-volumes-marks.c */
void lw_volumes_paint_words (const LwVolumePainter *p, int32_t index);
void lw_volumes_paint_marks (const LwVolumePainter *p);
