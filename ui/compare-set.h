/* LwCompareSet: the networks that the Compare page sets beside each other, and the marked row.
 *
 * Two to four networks, each given by its options. Signals: `changed` (other networks: all of the
 * comparison is new), `row-selected` (another row is marked, or its blocks are open now). Main
 * thread only. */
#pragma once

#include "engine/compare_ready.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_SET (lw_compare_set_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareSet, lw_compare_set, LW, COMPARE_SET, GObject)

/* The book's AlexNet beside NiN. */
LwCompareSet *lw_compare_set_new (void);

int lw_compare_set_n (LwCompareSet *self);
const LwOptions *lw_compare_set_options (LwCompareSet *self, int index);
/* The networks' names, as many as there are. */
const char *const *lw_compare_set_titles (LwCompareSet *self);
const LwComparison *lw_compare_set_comparison (LwCompareSet *self); /* until `changed` */
/* When these networks are a ready comparison; else NULL. */
const LwReadyComparison *lw_compare_set_ready (LwCompareSet *self);

void lw_compare_set_open (LwCompareSet *self, const LwReadyComparison *ready);
/* Takes another network in a place; `index` = n adds one, up to four. False and a sentence when it
 * cannot be built. */
bool
lw_compare_set_replace (LwCompareSet *self, int index, const LwOptions *options, GError **error);
/* Takes one away; two stay. */
void lw_compare_set_remove (LwCompareSet *self, int index);

int lw_compare_set_row (LwCompareSet *self); /* −1: none */
void lw_compare_set_select (LwCompareSet *self, int row);
/* For each row whether its blocks show their layers. */
const bool *lw_compare_set_open_rows (LwCompareSet *self);
void lw_compare_set_toggle (LwCompareSet *self, int row);

G_END_DECLS
