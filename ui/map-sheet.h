/* LwMapSheet: what the feature-map view shows of one layer: its maps, the units of a vector, or its
 * filters, with what is chosen among them. Filled from an LwActivationSource; points into what that
 * has, so it lasts until the next `updated`. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include "ui/draw/kernel-grid.h"
#include "ui/draw/unit-bars.h"

G_BEGIN_DECLS

#define LW_SHEET_TILE 62.0 /* the least side of a map */

typedef enum {
  LW_SHEET_NONE,
  LW_SHEET_MAPS,    /* C maps of H × W */
  LW_SHEET_UNITS,   /* a vector, or maps of one pixel */
  LW_SHEET_KERNELS, /* the layer's weights */
} LwSheetKind;

/* How it shall look. */
typedef struct {
  bool filters;
  bool scale_each; /* each map by its own scale */
  LwColours colours;
} LwSheetLook;

typedef struct {
  LwSheetKind kind;
  LwTileGrid maps;
  LwUnitBars units;
  LwKernelGrid kernels;
  LwScale scale; /* of all */
  int n;         /* maps, units or output channels */
  int chosen;    /* among these */
  int input;     /* of kernels: the input channel */
  char **names;  /* of units, owned; or NULL */
} LwMapSheet;

void lw_map_sheet_clear (LwMapSheet *sheet);
/* Keeps what is chosen, as far as it is still there. */
void lw_map_sheet_fill (LwMapSheet *sheet, LwWorkbench *workbench, LwActivationSource *source,
                        const LwSheetLook *look);
/* The layer whose filters are shown: itself, or the convolution or linear layer that a
 * normalization, activation, pooling or dropout reads; LW_NO_NODE: a sum, a concatenation, the
 * input. */
LwNodeId lw_map_sheet_filters_of (LwGraph *graph, LwNodeId layer);
/* Chooses; clamps. */
void lw_map_sheet_choose (LwMapSheet *sheet, int chosen, int input);
/* The chosen map or kernel; all units of a vector, folded. */
LwTile lw_map_sheet_tile (const LwMapSheet *sheet);

/* For a width: sizes of tiles, then the whole. */
void lw_map_sheet_fit (LwMapSheet *sheet, double width);
void
lw_map_sheet_size (const LwMapSheet *sheet, double width, double *ret_width, double *ret_height);
/* What is at a point; false: nothing. */
bool lw_map_sheet_at (const LwMapSheet *sheet, double width, double x, double y, int *ret_chosen,
                      int *ret_input);
/* Paints what lies in `view`, in the sheet's pixels. */
void lw_map_sheet_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwMapSheet *sheet,
                         double width, cairo_rectangle_t view);

/* "16 maps of 8 × 8", "84 units", "6 filters of 5 × 5". g_free. */
char *lw_map_sheet_heading (const LwMapSheet *sheet);
/* "Map 7", "Filter 3, input channel 2", "84 units". g_free. */
char *lw_map_sheet_title (const LwMapSheet *sheet);
/* "Map 7: mean 1.42, from −0.86 to 3.14" of any of them. g_free. */
char *lw_map_sheet_tip (const LwMapSheet *sheet, int chosen, int input);
/* For assistive tools. g_free. */
char *lw_map_sheet_describe (const LwMapSheet *sheet);

G_END_DECLS
