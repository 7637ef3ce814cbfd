/* The pen and what it draws with. For diagram-place*.c and diagram-tangle.c only. */
#pragma once

#include "ui/draw/diagram-private.h"

/* The end of what is drawn so far: the last box, and the value that leaves it. */
typedef struct {
  double x, y;
  int32_t box; /* −1: from outside */
  LwNodeId value;
} LwPen;

typedef struct {
  LwDiagramBuild *build;
  LwDiagramLayout *layout;
  int32_t frame; /* around what is being placed, or −1 */
} LwPlacing;

void lw_place_part (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen);
void lw_place_columns (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen);
void lw_place_shortcut (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen);
void lw_place_dense (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen);
void lw_place_tangle (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen);

/* `middle`: y of the line's middle. Left: the words end at `x`. NULL words: nothing. */
void lw_place_label (LwPlacing *p, const char *words, double x, double middle);
void lw_place_label_left (LwPlacing *p, const char *words, double x, double middle);
void lw_place_dot (LwPlacing *p, double x, double y);
/* `xy`: the corners, `n` pairs; points that repeat or lie on a line with their neighbours are left
 * out. */
void lw_place_edge (LwPlacing *p, LwNodeId value, int32_t from, int32_t to, const double *xy, int n,
                    bool arrow);
/* Straight down from the pen, if there is anything to come from. */
void lw_place_edge_down (LwPlacing *p, const LwPen *pen, int32_t to, double y, bool arrow);
/* Appends the box and what belongs to it; returns its index. `y`: its top, strips included. */
int32_t lw_place_box (LwPlacing *p, const LwDiagramItem *item, double left, double y, double width);
