/* What a closed block holds, in as many words as fit, and remarks beside transition layers. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <string.h>

char *
lw_diagram_title_stem (const char *title)
{
  const char *space = strrchr (title, ' ');
  if (space)
    for (const char *p = space + 1; *p; p++)
      if (g_ascii_isdigit (*p))
        return g_strndup (title, (gsize)(space - title));
  return g_strdup (title);
}

/* Blocks right under this one; the layers of a dense block are no blocks. */
static bool
is_child (const LwGraph *graph, LwBlockId child, LwBlockId block)
{
  return lw_graph_block (graph, child)->parent == block && lw_diagram_block_folds (graph, child);
}

int
lw_diagram_repeats (const LwGraph *graph, LwBlockId block)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int most = 0;
  const int32_t depth = lw_graph_block (graph, block)->depth;
  for (LwBlockId i = block + 1;
       i < lw_graph_n_blocks (graph) && lw_graph_block (graph, i)->depth > depth; i++) {
    if (!is_child (graph, i, block))
      continue;
    char *stem = lw_diagram_title_stem (lw_graph_block (graph, i)->title);
    const int n = GPOINTER_TO_INT (g_hash_table_lookup (counts, stem)) + 1;
    g_hash_table_replace (counts, stem, GINT_TO_POINTER (n));
    most = MAX (most, n);
  }
  return most;
}

/* How much a summary leaves out. */
enum { EVERYTHING, NO_ACTIVATIONS, NO_SMALL_ONES, NO_SIZES };

static char *
layer_word (const LwGraph *graph, LwNodeId node, int leave_out)
{
  const LwNode *info = lw_graph_node (graph, node);
  const LwOpInfo *op = lw_op_info (info->op);
  if (op->kind == LW_KIND_ACTIVATION && leave_out >= NO_ACTIVATIONS)
    return NULL;
  if ((op->kind == LW_KIND_NORMALIZATION || op->kind == LW_KIND_DROPOUT ||
       info->op == LW_OP_FLATTEN) &&
      leave_out >= NO_SMALL_ONES)
    return NULL;
  if (info->op == LW_OP_BATCH_NORM)
    return g_strdup ("BN");
  if (info->op == LW_OP_GLOBAL_AVG_POOL)
    return g_strdup (lw_op_info (LW_OP_AVG_POOL)->label);
  if (info->op == LW_OP_CONV2D && leave_out < NO_SIZES)
    return g_strdup_printf ("%s %d×%d", op->label, info->window.kernel, info->window.kernel);
  return g_strdup (op->label);
}

static void
add_word (GString *out, const char *word, int count)
{
  if (!word || count == 0)
    return;
  g_string_append_printf (out, "%s%s", out->len ? ", " : "", word);
  if (count > 1)
    g_string_append_printf (out, " × %d", count);
}

/* "conv 7×7, BN, ReLU, max pool", "Inception × 5, max pool" */
static char *
list_contents (const LwGraph *graph, LwBlockId block, int leave_out)
{
  const LwBlock *info = lw_graph_block (graph, block);
  GString *out = g_string_new (NULL);
  g_autofree char *last = NULL;
  int count = 0;
  for (LwNodeId i = info->first; i <= info->last; i++) {
    LwBlockId child = lw_graph_node (graph, i)->block;
    while (child > block && lw_graph_block (graph, child)->parent > block)
      child = lw_graph_block (graph, child)->parent;
    g_autofree char *word = NULL;
    if (child > block && lw_diagram_block_folds (graph, child)) {
      word = lw_diagram_title_stem (lw_graph_block (graph, child)->title);
      i = lw_graph_block (graph, child)->last;
    } else {
      word = layer_word (graph, i, leave_out);
    }
    if (!word)
      continue;
    if (g_strcmp0 (word, last) == 0) {
      count++;
      continue;
    }
    add_word (out, last, count);
    g_free (last);
    last = g_steal_pointer (&word);
    count = 1;
  }
  add_word (out, last, count);
  return g_string_free (out, FALSE);
}

static int
count_ops (const LwGraph *graph, const LwBlock *block, LwOp op)
{
  int n = 0;
  for (LwNodeId i = block->first; i <= block->last; i++)
    n += lw_graph_node (graph, i)->op == op;
  return n;
}

/* A residual block's other way: nothing, a bare line, or a convolution. */
static char *
shortcut_words (const LwGraph *graph, const LwBlock *block)
{
  for (LwNodeId i = block->last; i >= block->first; i--) {
    const LwNode *node = lw_graph_node (graph, i);
    if (node->op != LW_OP_ADD)
      continue;
    for (int32_t k = 0; k < node->n_inputs; k++) {
      LwNodeId from = node->inputs[k];
      if (from < block->first)
        return g_strdup (_ ("identity shortcut"));
      while (lw_op_info (lw_graph_node (graph, from)->op)->shape_kept &&
             lw_graph_node (graph, from)->n_inputs == 1 &&
             lw_graph_node (graph, from)->inputs[0] >= block->first)
        from = lw_graph_node (graph, from)->inputs[0];
      const LwNode *end = lw_graph_node (graph, from);
      if (end->op == LW_OP_CONV2D && end->inputs[0] < block->first)
        return g_strdup_printf (_ ("%d×%d shortcut"), end->window.kernel, end->window.kernel);
    }
    return NULL;
  }
  return g_strdup (_ ("no shortcut"));
}

/* What a block of a known kind is best told apart by; NULL: list its contents. */
static char *
kind_words (const LwGraph *graph, const LwBlock *block)
{
  if (block->kind == LW_BLOCK_RESIDUAL)
    return shortcut_words (graph, block);
  if (block->kind == LW_BLOCK_DENSE)
    return g_strdup_printf (_ ("%d conv blocks"), count_ops (graph, block, LW_OP_CONCAT));
  const LwNode *last = lw_graph_node (graph, block->last);
  if (block->kind == LW_BLOCK_INCEPTION && last->op == LW_OP_CONCAT)
    return g_strdup_printf (_ ("%d paths"), last->n_inputs);
  return NULL;
}

int
lw_diagram_summaries (LwDiagramBuild *build, const LwDiagramItem *item,
                      const char *ret[LW_SUMMARIES])
{
  const LwGraph *graph = build->graph;
  const LwBlock *block = lw_graph_block (graph, item->block);
  int n = 0;
  if (item->type == LW_BOX_GROUP) {
    int count = 0;
    for (LwBlockId i = item->block; i <= item->last_block; i++)
      count += lw_graph_block (graph, i)->parent == block->parent;
    g_autofree char *stem = lw_diagram_title_stem (block->title);
    ret[n++] = lw_diagram_keep (build, g_strdup_printf ("%s × %d", stem, count));
    return n;
  }
  char *kind = kind_words (graph, block);
  if (kind) {
    ret[n++] = lw_diagram_keep (build, kind);
    return n;
  }
  for (int leave_out = EVERYTHING; leave_out <= NO_SIZES; leave_out++)
    ret[n++] = lw_diagram_keep (build, list_contents (graph, item->block, leave_out));
  ret[n++] = lw_diagram_keep (
      build,
      g_strdup_printf (ngettext ("%d layer", "%d layers", (gulong)(block->last - block->first + 1)),
                       block->last - block->first + 1));
  return n;
}

void
lw_diagram_notes (LwDiagramBuild *build, LwDiagramItem *item)
{
  const LwGraph *graph = build->graph;
  const LwNode *node = lw_graph_node (graph, item->host);
  if (lw_graph_block (graph, node->block)->kind != LW_BLOCK_TRANSITION || node->n_inputs != 1)
    return;
  const LwShape input = lw_graph_node (graph, node->inputs[0])->shape;
  int n = 0;
  if (node->shape.c * 2 == input.c)
    item->notes[n++] = _ ("halves the channels");
  if (node->shape.h * 2 == input.h && node->shape.w * 2 == input.w)
    item->notes[n++] = _ ("halves height and width");
}
