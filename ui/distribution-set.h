/* LwDistributionSet: the distributions of one run as rows and columns of ridges: which layers,
 * which places in them, their axes, badges and gradient norms. Copies only what is asked for; what
 * is needed of all layers is worked out when the record has something new. Main thread. */
#pragma once

#include "engine/layer_rows.h"
#include "engine/record_distributions.h"
#include "ui/draw/ridge-rows.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

#define LW_RIDGES_SHOWN 14 /* of the moments, the first and the last among them */

typedef struct LwDistributionSet LwDistributionSet;

/* NULL: the run has none, or they are not read yet. */
LwDistributionSet *lw_distribution_set_new (LwRunItem *run);
void lw_distribution_set_free (LwDistributionSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDistributionSet, lw_distribution_set_free)

void lw_distribution_set_show (LwDistributionSet *set, LwDistributionOf of);
LwDistributionOf lw_distribution_set_shown (const LwDistributionSet *set);
/* Whether there was something new since the last time. */
bool lw_distribution_set_refresh (LwDistributionSet *set);

LwRunItem *lw_distribution_set_run (const LwDistributionSet *set);
LwGraph *lw_distribution_set_graph (const LwDistributionSet *set);
/* How many moments; the newest in `ret_newest`, if there is one. */
int lw_distribution_set_moments (const LwDistributionSet *set, LwDistributionMoment *ret_newest);
int lw_distribution_set_images (const LwDistributionSet *set);
int lw_distribution_set_n_rows (const LwDistributionSet *set);
int lw_distribution_set_n_columns (const LwDistributionSet *set);
/* "before the sigmoid"; belongs to the set. */
const char *lw_distribution_set_column (const LwDistributionSet *set, int column);
const char *lw_distribution_set_name (const LwDistributionSet *set, int row); /* "conv 1" */
/* The blocks it is in: "Stage 2 · Residual 1", "". */
const char *lw_distribution_set_place (const LwDistributionSet *set, int row);
/* The layer that gives a row its name. */
LwNodeId lw_distribution_set_row_node (const LwDistributionSet *set, int row);
/* The layer whose values a cell shows; LW_NO_NODE: nothing is there. */
LwNodeId lw_distribution_set_node (const LwDistributionSet *set, int row, int column);
/* The row that a layer is in; −1: none. `ret_column` (may be NULL): of the layer; −1 likewise. */
int lw_distribution_set_find (const LwDistributionSet *set, LwNodeId node, int *ret_column);
/* Whether an activation follows: of all but the last layer, in most networks. */
bool lw_distribution_set_is_hidden (const LwDistributionSet *set, int row);
/* Widens an axis (min > max: none yet) by a column's, of one row or, for −1, of all hidden ones. */
void lw_distribution_set_axis (const LwDistributionSet *set, int row, int column, double *min,
                               double *max);
/* The cell's curves; arrays of LW_RIDGES_SHOWN. Returns how many. */
int lw_distribution_set_read (const LwDistributionSet *set, int row, int column,
                              LwDistribution *ret_ridges, LwDistributionMoment *ret_moments);
/* Saturated or zero, update, dead: those that the layer has, at the newest moment. */
int lw_distribution_set_badges (const LwDistributionSet *set, int row, LwRidgeBadge *ret_badges);
/* The norm of the gradient of each row's weights at the newest moment; NAN: none. Belongs to the
 * set, until the next refresh. */
const double *lw_distribution_set_norms (const LwDistributionSet *set);
/* How a cell is painted but for curves, axis and ground. */
void lw_distribution_set_style (const LwDistributionSet *set, int row, int column,
                                const LwTheme *theme, LwRidges *ret_ridges);
/* "epoch 3", "before training". g_free. */
char *lw_distribution_moment_words (const LwDistributionMoment *moment);

G_END_DECLS
