/* What of LwDistributionSets is painted where: the head and the rows of one run or two, for the
 * screen and for files. Plain functions, main thread. */
#pragma once

#include "ui/distribution-set.h"
#include "ui/draw/ridge-rows.h"

G_BEGIN_DECLS

typedef struct {
  LwDistributionSet *set, *other; /* other: NULL, or the run beside */
  const int *other_rows;          /* of lw_distribution_match */
  bool same_axis;
  LwRidgePanel panels[2];
  int n_panels; /* 1 with another: it is an outline over the first */
} LwDistributionPicture;

/* A cell with all that its painter points at. */
typedef struct {
  LwDistribution ridges[LW_RIDGES_SHOWN], other;
  LwDistributionMoment moments[LW_RIDGES_SHOWN];
  LwRidges cell;
} LwDistributionCell;

/* For each row of `set` that of `other` which people call the same, or −1; where they have nothing
 * in common, by their order. g_free. */
int *lw_distribution_match (const LwDistributionSet *set, const LwDistributionSet *other);
/* The panels for a width. */
void lw_distribution_picture_lay_out (LwDistributionPicture *picture, double width);
/* The set of a panel, and its row beside row `row` of the first; −1: it has none. */
LwDistributionSet *lw_distribution_picture_set (const LwDistributionPicture *picture, int panel);
int lw_distribution_picture_row (const LwDistributionPicture *picture, int panel, int row);
/* False where nothing is. */
bool lw_distribution_picture_cell (const LwDistributionPicture *picture, int panel, int row,
                                   int column, const LwTheme *theme, LwDistributionCell *ret_cell);
void lw_distribution_picture_head (const LwDistributionPicture *picture, cairo_t *cr,
                                   const LwTheme *theme, LwText *text);
/* One row of one panel, at y. */
void lw_distribution_picture_paint (const LwDistributionPicture *picture, int panel, int row,
                                    cairo_t *cr, const LwTheme *theme, LwText *text, double y);
/* All rows as a picture file, light, whose kind the ending of `path` decides. */
bool lw_distribution_picture_export (const LwDistributionPicture *picture, LwText *text,
                                     const char *path, GError **error);

G_END_DECLS
