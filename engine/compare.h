/* LwComparison: two to four networks beside each other, layer by layer, and what differs.
 *
 * Each network is cut into units: a block that holds only convolutions or knows a figure of its own
 * (NiN, residual, Inception, dense, transition) is one unit; other blocks are opened, and a layer
 * is one unit with the normalization, activation, dropout and flattening that hang on it. Units are
 * aligned by a longest common sequence over their roles; of alignments equally long the one whose
 * pairs are most alike is taken, of those the one that pairs earliest. The order in which the
 * networks are given changes no pair. Time and memory grow with units × units.
 *
 * Words are English; `translate` (gettext, or NULL) is asked for each phrase that is not a layer's
 * name. Immutable once made, any thread may read it. It keeps the graphs and owns its strings. */
#pragma once

#include "engine/op.h"

G_BEGIN_DECLS

#define LW_COMPARE_MOST 4

typedef struct LwComparison LwComparison;

/* What a unit does in its network; only units of one role stand in one row. */
typedef enum {
  LW_UNIT_INPUT,
  LW_UNIT_FEATURES, /* convolutions and blocks of them */
  LW_UNIT_POOLING,  /* pooling, and transitions between dense blocks */
  LW_UNIT_HIDDEN,   /* linear layers but the last */
  LW_UNIT_OTHER,    /* what stands alone: normalization, sums outside blocks */
  LW_UNIT_OUTPUT,   /* the last unit, whatever it is */
  LW_N_UNIT_ROLES
} LwUnitRole;

/* What is found between two networks in one row, from the first to the second. */
typedef enum {
  LW_SIGN_NONE,    /* neither has it */
  LW_SIGN_SAME,    /* the same layers; of layers with weights also the same sizes */
  LW_SIGN_CHANGED, /* both have one, and they differ */
  LW_SIGN_REMOVED, /* only in the first */
  LW_SIGN_ADDED,   /* only in the second */
} LwCompareSign;

/* One network's part of a row; `title` NULL: it has none. */
typedef struct {
  const char *title;    /* "conv 4 and conv 5", "linear 1, dropout", "NiN block 2" */
  const char *detail;   /* "11×11, stride 4", "5×5 + two 1×1", "6400 → 4096"; may be "" */
  LwNodeId first, last; /* its nodes */
  LwNodeId host;        /* the layer that the title is of (the first of several); none: a block */
  LwBlockId block;      /* −1: layers */
  int32_t n_units;      /* more than 1: convolutions in a row that only this network has */
  LwKind kind;
  LwShape output;
  LwCost cost;
} LwCompareCell;

typedef struct {
  LwUnitRole role;
  LwCompareCell cells[LW_COMPARE_MOST];
} LwCompareRow;

/* One property of a row's units, in words. */
typedef struct {
  const char *key;                     /* "window": for scripts */
  const char *title;                   /* for people, translated */
  const char *values[LW_COMPARE_MOST]; /* NULL: this network has none */
  bool differs;                        /* between two that have the row */
} LwCompareAspect;

/* A property of the whole networks. */
typedef enum {
  LW_UNIT_OF_COUNT,
  LW_UNIT_OF_BYTES,
  LW_UNIT_OF_LAYERS, /* small numbers: differences say more than factors */
  LW_UNIT_OF_PIXELS,
} LwCompareMeasure;

typedef struct {
  const char *key;   /* "parameters" */
  const char *title; /* translated */
  const char *help;  /* a sentence, translated */
  LwCompareMeasure measure;
  int64_t values[LW_COMPARE_MOST];
} LwCompareQuantity;

/* `graphs`: 2 to LW_COMPARE_MOST finished graphs. Fails when there are fewer or more, or when they
 * have too many layers to be aligned. */
LwComparison *lw_comparison_new (LwGraph *const *graphs, int n,
                                 const char *(*translate) (const char *), GError **error);
void lw_comparison_free (LwComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwComparison, lw_comparison_free)

int lw_comparison_n_graphs (const LwComparison *comparison);
LwGraph *lw_comparison_graph (const LwComparison *comparison, int index);

/* From the input to the output; every unit of every network is in one row. */
int lw_comparison_n_rows (const LwComparison *comparison);
const LwCompareRow *lw_comparison_row (const LwComparison *comparison, int row);
LwCompareSign lw_comparison_sign (const LwComparison *comparison, int row, int first, int second);
/* Over all networks: same or changed where all have it, removed where the first has it and some
 * other has not, added where the first has it not. */
LwCompareSign lw_comparison_row_sign (const LwComparison *comparison, int row);
/* What can be said about a row's units, most telling first; `ret_n` of them. */
const LwCompareAspect *lw_comparison_aspects (const LwComparison *comparison, int row, int *ret_n);
/* The activation that all networks use throughout, which the titles leave out; LW_N_OPS: they use
 * several or none, and the titles name them. */
LwOp lw_comparison_hidden_activation (const LwComparison *comparison);
/* Parameters, MACs, FLOPs, weighted layers, weights, activations, receptive field. */
const LwCompareQuantity *lw_comparison_quantities (const LwComparison *comparison, int *ret_n);

/* Trained parameters of a network by the kind of layer, ret[LW_N_KINDS]. */
void lw_compare_parameters_by_kind (const LwGraph *graph, int64_t *ret);
/* "46.8 M", "178 MiB", "8", "151 px"; g_free. */
char *lw_compare_value_text (const LwCompareQuantity *quantity, int64_t value);
/* What leads from one value to another: "÷ 23.5", "× 2.37", "+ 4", "− 40", "="; g_free. */
char *lw_compare_change_text (const LwCompareQuantity *quantity, int64_t from, int64_t to);
/* "same", "changed", "removed", "added": for scripts; NULL for none. */
const char *lw_compare_sign_name (LwCompareSign sign);
/* "=", "≠", "−", "+". */
const char *lw_compare_sign_text (LwCompareSign sign);

G_END_DECLS
