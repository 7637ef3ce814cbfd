/* What the files compare-*.c share. */
#pragma once

#include "engine/analysis.h"
#include "ui/draw/compare.h"

/* Geometry, logical pixels. */
#define LW_COMPARE_BOX_WIDTH  264.0
#define LW_COMPARE_BOX_LEAST  128.0
#define LW_COMPARE_BOX_HEIGHT 36.0
#define LW_COMPARE_PART       18.0
#define LW_COMPARE_PILL       20.0
#define LW_COMPARE_GAP        18.0 /* between boxes, where the shape stands */
#define LW_COMPARE_EDGE       38.0 /* from the layout's edge to the first box */
#define LW_COMPARE_BAND_INSET 8.0
#define LW_COMPARE_BAND_OUT   4.0 /* the tint above and below a box */
#define LW_COMPARE_TOP        12.0
#define LW_COMPARE_RADIUS     7.0
#define LW_COMPARE_CHEVRON    16.0
#define LW_COMPARE_PAD        10.0 /* from a box's right edge to its words */
#define LW_COMPARE_PAD_LEFT   13.0
#define LW_COMPARE_SIGN       10.0 /* radius */

struct LwCompareLayout {
  const LwComparison *comparison;
  LwText *text;
  int n;
  double width, height, box_width, gap, first_x;
  double end[LW_COMPARE_MOST]; /* y below each column's last box */
  GStringChunk *strings;
  GArray *boxes, *parts, *marks, *edges, *bands;
};
