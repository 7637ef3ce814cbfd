/* The steps of a comparison, for the files compare*.c only:
 *
 *   graph ─ units ─► LwUnit[] ─ align ─► rows ─ words ─► titles, details, aspects */
#pragma once

#include "engine/analysis.h"
#include "engine/compare.h"

typedef struct {
  LwUnitRole role;
  LwNodeId first, last, host; /* host LW_NO_NODE: a block */
  LwBlockId block;
  int32_t number; /* among the layers of its operation, from 1; 0: the only one */
} LwUnit;

/* Indices into each network's units, −1: none; `n`: how many in a row stand here as one. */
typedef struct {
  LwUnitRole role;
  int32_t unit[LW_COMPARE_MOST];
  int32_t n;
} LwUnitRow;

typedef const char *(*LwTranslateFunc) (const char *);

struct LwComparison {
  int n;
  LwGraph *graphs[LW_COMPARE_MOST];
  GArray *units[LW_COMPARE_MOST]; /* LwUnit */
  LwTranslateFunc translate;
  LwOp hidden_activation;
  GStringChunk *strings;
  GArray *rows;    /* LwCompareRow */
  GArray *aspects; /* LwCompareAspect, of all rows */
  GArray *starts;  /* int: where each row's aspects begin, and the end */
  GArray *quantities;
};

/* compare_units.c */
GArray *lw_units_new (const LwGraph *graph);
/* The same operations with the same sizes: nothing to tell apart but the place. */
bool lw_units_equal (const LwGraph *a, LwNodeId first_a, LwNodeId last_a, const LwGraph *b,
                     LwNodeId first_b, LwNodeId last_b);

/* compare_align.c: LwUnitRow of all networks; NULL: too many units. */
GArray *lw_units_align (const LwComparison *comparison);

/* compare_words.c */
const char *lw_compare_keep (LwComparison *comparison, char *string); /* takes it over */
void lw_compare_fill_cell (LwComparison *comparison, int graph, const LwUnit *unit, int n_units,
                           LwCompareCell *cell);
void lw_compare_add_aspects (LwComparison *comparison, const LwCompareRow *row);

/* compare_quantities.c */
void lw_compare_add_quantities (LwComparison *comparison);
