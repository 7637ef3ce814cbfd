/* What a comparison says of units: titles, details, and their aspects. */
#include "engine/compare_private.h"

#include "engine/i18n.h"

#include <string.h>

#define NONE "–" /* a network has the row, but not this part of it */

static const char *
tr (const LwComparison *comparison, const char *phrase)
{
  return comparison->translate != NULL ? comparison->translate (phrase) : phrase;
}

const char *
lw_compare_keep (LwComparison *comparison, char *string)
{
  const char *kept = g_string_chunk_insert_const (comparison->strings, string);
  g_free (string);
  return kept;
}

static void
append (GString *out, const char *separator, const char *word)
{
  if (out->len > 0)
    g_string_append (out, separator);
  g_string_append (out, word);
}

/* --- windows --------------------------------------------------------------------------------- */

/* "11×11, stride 4"; of a pooling that moves by its own width, the usual one, only the window. */
static char *
window_words (const LwComparison *comparison, const LwNode *node, bool with_padding)
{
  const LwWindow window = node->window;
  const bool usual = node->op != LW_OP_CONV2D && window.stride == window.kernel;
  GString *out = g_string_new (NULL);
  g_string_printf (out, "%d×%d", window.kernel, window.kernel);
  if (window.stride != 1 && !usual) {
    g_autofree char *stride =
        g_strdup_printf ("%s %d", tr (comparison, N_ ("stride")), window.stride);
    append (out, ", ", stride);
  }
  if (with_padding && window.padding != 0) {
    g_autofree char *padding =
        g_strdup_printf ("%s %d", tr (comparison, N_ ("padding")), window.padding);
    append (out, ", ", padding);
  }
  if (node->ceil_mode)
    append (out, ", ", tr (comparison, N_ ("rounded up")));
  return g_string_free (out, FALSE);
}

static const char *const count_words[] = { NULL,         NULL,         N_ ("two"),
                                           N_ ("three"), N_ ("four"),  N_ ("five"),
                                           N_ ("six"),   N_ ("seven"), N_ ("eight") };

static void
append_group (const LwComparison *comparison, GString *out, const char *words, int count)
{
  g_autofree char *group = NULL;
  if (count == 1)
    group = g_strdup (words);
  else if (count < (int)G_N_ELEMENTS (count_words))
    group = g_strdup_printf ("%s %s", tr (comparison, count_words[count]), words);
  else
    group = g_strdup_printf ("%d × %s", count, words);
  append (out, " + ", group);
}

/* The windows of a unit in the order of computation: "11×11, stride 4 + two 1×1"; where more than
 * three different ones follow one another they are counted. `shortcut`: a convolution that is left
 * out, or LW_NO_NODE. */
static char *
convolution_words (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell,
                   LwNodeId shortcut, bool with_padding)
{
  GString *out = g_string_new (NULL);
  g_autofree char *last = NULL;
  int count = 0, groups = 0, all = 0;
  for (LwNodeId i = cell->first; i <= cell->last; i++) {
    const LwNode *node = lw_graph_node (graph, i);
    const bool pool = node->op == LW_OP_MAX_POOL || node->op == LW_OP_AVG_POOL;
    if ((node->op != LW_OP_CONV2D && !pool) || i == shortcut)
      continue;
    g_autofree char *window = window_words (comparison, node, with_padding);
    g_autofree char *words =
        pool && cell->block >= 0
            ? g_strdup_printf ("%s %s", window, tr (comparison, N_ ("pooling")))
            : g_steal_pointer (&window);
    all++;
    if (g_strcmp0 (words, last) == 0) {
      count++;
      continue;
    }
    if (last != NULL)
      append_group (comparison, out, last, count);
    g_free (last);
    last = g_steal_pointer (&words);
    count = 1;
    groups++;
  }
  if (last != NULL)
    append_group (comparison, out, last, count);
  if (groups > 3)
    g_string_printf (out, tr (comparison, N_ ("%d convolutions")), all);
  return g_string_free (out, FALSE);
}

/* The convolution on a residual block's other way: it reads what the block reads, and is not the
 * first to do so. */
static LwNodeId
shortcut_of (const LwGraph *graph, const LwCompareCell *cell)
{
  bool seen = false;
  for (LwNodeId i = cell->first; i <= cell->last; i++) {
    const LwNode *node = lw_graph_node (graph, i);
    if (node->op != LW_OP_CONV2D || node->inputs[0] >= cell->first)
      continue;
    if (seen)
      return i;
    seen = true;
  }
  return LW_NO_NODE;
}

static bool
contains (const LwGraph *graph, const LwCompareCell *cell, LwOp op)
{
  for (LwNodeId i = cell->first; i <= cell->last; i++)
    if (lw_graph_node (graph, i)->op == op)
      return true;
  return false;
}

static char *
shortcut_words (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  const LwNodeId shortcut = shortcut_of (graph, cell);
  if (!contains (graph, cell, LW_OP_ADD))
    return g_strdup (tr (comparison, N_ ("no shortcut")));
  if (shortcut == LW_NO_NODE)
    return g_strdup (tr (comparison, N_ ("identity shortcut")));
  const int kernel = lw_graph_node (graph, shortcut)->window.kernel;
  return g_strdup_printf (tr (comparison, N_ ("%d×%d shortcut")), kernel, kernel);
}

static char *
block_detail (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  const LwBlock *block = lw_graph_block (graph, cell->block);
  const LwNode *last = lw_graph_node (graph, block->last);
  const bool residual = block->kind == LW_BLOCK_RESIDUAL;
  if (block->kind == LW_BLOCK_INCEPTION && last->op == LW_OP_CONCAT)
    return g_strdup_printf (tr (comparison, N_ ("%d paths")), last->n_inputs);
  g_autofree char *windows = convolution_words (
      comparison, graph, cell, residual ? shortcut_of (graph, cell) : LW_NO_NODE, false);
  if (!residual)
    return g_steal_pointer (&windows);
  g_autofree char *shortcut = shortcut_words (comparison, graph, cell);
  return g_strdup_printf ("%s, %s", windows, shortcut);
}

static char *
shape_words (LwShape shape)
{
  if (shape.flat)
    return g_strdup_printf ("%d", shape.c);
  return g_strdup_printf ("%d × %d × %d", shape.c, shape.h, shape.w);
}

static char *
detail_of (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell,
           bool with_padding)
{
  if (cell->block >= 0)
    return block_detail (comparison, graph, cell);
  const LwNode *node = lw_graph_node (graph, cell->host);
  switch (node->op) {
  case LW_OP_CONV2D: {
    if (cell->n_units > 3)
      return convolution_words (comparison, graph, cell, LW_NO_NODE, with_padding);
    GString *out = g_string_new (NULL);
    int shown = 0;
    for (LwNodeId i = cell->first; i <= cell->last && shown < cell->n_units; i++)
      if (lw_graph_node (graph, i)->op == LW_OP_CONV2D) {
        g_autofree char *one = window_words (comparison, lw_graph_node (graph, i), with_padding);
        append (out, ", ", one);
        shown++;
      }
    return g_string_free (out, FALSE);
  }
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    return window_words (comparison, node, with_padding);
  case LW_OP_LINEAR:
  case LW_OP_GLOBAL_AVG_POOL: {
    g_autofree char *from = shape_words (lw_graph_node (graph, node->inputs[0])->shape);
    return g_strdup_printf ("%s → %d", from, node->shape.c);
  }
  default:
    return g_strdup ("");
  }
}

/* --- titles ---------------------------------------------------------------------------------- */

static char *
layer_title (const LwGraph *graph, const LwUnit *unit)
{
  const LwOp op = lw_graph_node (graph, unit->host)->op;
  const char *label = lw_op_info (op)->label;
  const bool numbered = op == LW_OP_CONV2D || op == LW_OP_LINEAR;
  return numbered && unit->number > 0 ? g_strdup_printf ("%s %d", label, unit->number)
                                      : g_strdup (label);
}

/* With the stage's title where the block's own is not the only one: "Stage 2, Residual 1". */
static char *
block_title (const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < lw_graph_n_blocks (graph); i++)
    if (i != id && block->parent > LW_ROOT_BLOCK &&
        g_str_equal (lw_graph_block (graph, i)->title, block->title))
      return g_strdup_printf ("%s, %s", lw_graph_block (graph, block->parent)->title, block->title);
  return g_strdup (block->title);
}

static void
append_company (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell,
                GString *title)
{
  LwNodeId from = cell->block >= 0 ? lw_graph_block (graph, cell->block)->last : cell->host;
  for (LwNodeId i = from + 1; i <= cell->last; i++) {
    const LwOpInfo *op = lw_op_info (lw_graph_node (graph, i)->op);
    const bool shown = op->kind == LW_KIND_NORMALIZATION || op->kind == LW_KIND_DROPOUT ||
                       (op->kind == LW_KIND_ACTIVATION &&
                        lw_graph_node (graph, i)->op != comparison->hidden_activation);
    if (shown)
      append (title, ", ", op->label);
  }
}

static char *
title_of (const LwComparison *comparison, int graph, const LwUnit *unit, const LwCompareCell *cell)
{
  const LwGraph *g = comparison->graphs[graph];
  if (cell->n_units > 1) {
    g_autofree char *first = layer_title (g, unit);
    g_autofree char *last = layer_title (g, unit + cell->n_units - 1);
    return g_strdup_printf (
        tr (comparison, cell->n_units == 2 ? N_ ("%s and %s") : N_ ("%s to %s")), first, last);
  }
  g_autofree char *name = cell->block >= 0 ? block_title (g, cell->block) : layer_title (g, unit);
  GString *title = g_string_new (name);
  append_company (comparison, g, cell, title);
  return g_string_free (title, FALSE);
}

void
lw_compare_fill_cell (LwComparison *comparison, int graph, const LwUnit *unit, int n_units,
                      LwCompareCell *cell)
{
  const LwGraph *g = comparison->graphs[graph];
  *cell = (LwCompareCell){ .first = unit->first,
                           .last = unit[n_units - 1].last,
                           .host = unit->host,
                           .block = unit->block,
                           .n_units = n_units };
  cell->kind =
      unit->block >= 0 ? LW_KIND_JOIN : lw_op_info (lw_graph_node (g, unit->host)->op)->kind;
  /* A map that is only flattened is still a map to people. */
  LwNodeId end = cell->last;
  while (end > cell->first && lw_graph_node (g, end)->op == LW_OP_FLATTEN)
    end--;
  cell->output = lw_graph_node (g, end)->shape;
  if (cell->output.h == 1 && cell->output.w == 1)
    cell->output = lw_graph_node (g, cell->last)->shape;
  for (LwNodeId i = cell->first; i <= cell->last; i++) {
    const LwCost cost = lw_node_cost (g, i);
    cell->cost.parameters += cost.parameters;
    cell->cost.buffers += cost.buffers;
    cell->cost.macs += cost.macs;
    cell->cost.operations += cost.operations;
    cell->cost.output_bytes += cost.output_bytes;
  }
  cell->title = lw_compare_keep (comparison, title_of (comparison, graph, unit, cell));
  cell->detail = lw_compare_keep (comparison, detail_of (comparison, g, cell, false));
}

/* --- aspects --------------------------------------------------------------------------------- */

typedef char *(*AspectFunc) (const LwComparison *comparison, const LwGraph *graph,
                             const LwCompareCell *cell);

static char *
kind_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  if (cell->block < 0)
    return g_strdup (tr (comparison, lw_op_info (lw_graph_node (graph, cell->host)->op)->title));
  char *stem = g_strdup (lw_graph_block (graph, cell->block)->title);
  char *space = strrchr (stem, ' ');
  if (space != NULL && strpbrk (space, "0123456789") != NULL)
    *space = '\0'; /* "NiN block" of "NiN block 2" */
  return stem;
}

static char *
window_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  const bool residual = cell->block >= 0 && contains (graph, cell, LW_OP_ADD);
  char *words = convolution_words (comparison, graph, cell,
                                   residual ? shortcut_of (graph, cell) : LW_NO_NODE, true);
  if (*words == '\0')
    g_clear_pointer (&words, g_free);
  return words;
}

static char *
shortcut_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  if (cell->block < 0 || lw_graph_block (graph, cell->block)->kind != LW_BLOCK_RESIDUAL)
    return NULL;
  return shortcut_words (comparison, graph, cell);
}

/* What of a kind of small layers the unit holds: "ReLU", "dropout 0.5". */
static char *
company_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell,
                LwKind kind)
{
  (void)comparison;
  for (LwNodeId i = cell->first; i <= cell->last; i++) {
    const LwNode *node = lw_graph_node (graph, i);
    const LwOpInfo *op = lw_op_info (node->op);
    if (op->kind == kind && node->op == LW_OP_DROPOUT)
      return g_strdup_printf ("%.3g", (double)node->dropout);
    if (op->kind == kind)
      return g_strdup (op->label);
  }
  return NULL;
}

static char *
normalization_aspect (const LwComparison *comparison, const LwGraph *graph,
                      const LwCompareCell *cell)
{
  return company_aspect (comparison, graph, cell, LW_KIND_NORMALIZATION);
}

static char *
activation_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  return company_aspect (comparison, graph, cell, LW_KIND_ACTIVATION);
}

static char *
dropout_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  return company_aspect (comparison, graph, cell, LW_KIND_DROPOUT);
}

static char *
input_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  const LwNode *first = lw_graph_node (graph, cell->first);
  (void)comparison;
  return first->n_inputs > 0 ? shape_words (lw_graph_node (graph, first->inputs[0])->shape) : NULL;
}

static char *
output_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  (void)comparison;
  (void)graph;
  return shape_words (cell->output);
}

static char *
parameters_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  (void)comparison;
  (void)graph;
  return lw_format_exact (cell->cost.parameters);
}

static char *
macs_aspect (const LwComparison *comparison, const LwGraph *graph, const LwCompareCell *cell)
{
  (void)comparison;
  (void)graph;
  return lw_format_exact (cell->cost.macs);
}

static const struct {
  const char *key, *title;
  AspectFunc words;
} aspect_kinds[] = {
  { "kind", N_ ("Kind"), kind_aspect },
  { "window", N_ ("Window"), window_aspect },
  { "shortcut", N_ ("Shortcut"), shortcut_aspect },
  { "normalization", N_ ("Normalization"), normalization_aspect },
  { "activation", N_ ("Activation"), activation_aspect },
  { "dropout", N_ ("Dropout"), dropout_aspect },
  { "input", N_ ("Input"), input_aspect },
  { "output", N_ ("Output"), output_aspect },
  { "parameters", N_ ("Parameters"), parameters_aspect },
  { "macs", N_ ("MACs"), macs_aspect },
};

void
lw_compare_add_aspects (LwComparison *comparison, const LwCompareRow *row)
{
  for (guint a = 0; a < G_N_ELEMENTS (aspect_kinds); a++) {
    LwCompareAspect aspect = { .key = aspect_kinds[a].key,
                               .title = tr (comparison, aspect_kinds[a].title) };
    const char *first = NULL;
    bool any = false;
    for (int i = 0; i < comparison->n; i++) {
      if (row->cells[i].title == NULL)
        continue;
      char *words = aspect_kinds[a].words (comparison, comparison->graphs[i], &row->cells[i]);
      any = any || words != NULL;
      aspect.values[i] = words != NULL ? lw_compare_keep (comparison, words) : NONE;
      aspect.differs = aspect.differs || (first != NULL && !g_str_equal (first, aspect.values[i]));
      first = first != NULL ? first : aspect.values[i];
    }
    if (any)
      g_array_append_val (comparison->aspects, aspect);
  }
}
