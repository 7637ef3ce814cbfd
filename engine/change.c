#include "engine/change.h"

#include "engine/analysis.h"
#include "engine/same_place.h"

#include <math.h>
#include <string.h>

/* Up to so many layers are rows of their own; of larger networks the innermost blocks are. */
#define MOST_LAYERS 30

static int32_t
count_layers (const LwGraph *graph)
{
  int32_t count = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwOp op = lw_graph_node (graph, id)->op;

    count += op == LW_OP_CONV2D || op == LW_OP_LINEAR;
  }
  return count;
}

static int64_t
activations_of (const LwGraph *graph)
{
  int64_t bytes = 0;

  for (LwNodeId id = 1; id < lw_graph_n_nodes (graph); id++)
    bytes += 4 * lw_shape_size (lw_graph_node (graph, id)->shape);
  return bytes;
}

/* --- what is a row -----------------------------------------------------------------------------
 */

/* The convolution blocks of a dense block are its layers. */
static LwBlockId
shown_block (const LwGraph *graph, LwNodeId id)
{
  LwBlockId block = lw_graph_node (graph, id)->block;
  const LwBlockId parent = lw_graph_block (graph, block)->parent;

  if (parent >= 0 && lw_graph_block (graph, parent)->kind == LW_BLOCK_DENSE)
    block = parent;
  return block;
}

static const char *
title_or_null (const LwGraph *graph, LwBlockId block)
{
  return block > LW_ROOT_BLOCK ? lw_graph_block (graph, block)->title : NULL;
}

static char *
join_titles (const LwGraph *graph, LwBlockId block)
{
  GString *text = g_string_new (NULL);

  for (; block > LW_ROOT_BLOCK; block = lw_graph_block (graph, block)->parent) {
    if (text->len > 0)
      g_string_prepend (text, " · ");
    g_string_prepend (text, lw_graph_block (graph, block)->title);
  }
  return g_string_free (text, text->len == 0);
}

/* The row that a node's parameters belong to. `key` tells rows apart. */
static char *
row_of (const LwGraph *graph, LwNodeId id, bool by_block, LwChangeRow *row)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwBlockId block = shown_block (graph, id);

  memset (row, 0, sizeof *row);
  if (by_block && block > LW_ROOT_BLOCK) {
    const LwBlockId parent = lw_graph_block (graph, block)->parent;

    row->title = g_strdup (lw_graph_block (graph, block)->title);
    row->group = g_strdup (title_or_null (graph, parent));
    row->kind = LW_KIND_CONVOLUTION; /* that is where nearly all of them are */
    return join_titles (graph, block);
  }
  if (node->op == LW_OP_BATCH_NORM) { /* few parameters each, and as many rows as convolutions */
    row->title = g_strdup (lw_op_info (node->op)->title);
    row->kind = lw_op_info (node->op)->kind;
    return g_strdup ("\n");
  }
  row->title = g_strdup (node->title);
  row->group = join_titles (graph, block);
  row->kind = lw_op_info (node->op)->kind;
  return lw_place_of_node (graph, id);
}

static void
row_clear (gpointer data)
{
  LwChangeRow *row = data;

  g_free (row->title);
  g_free (row->group);
}

/* Adds a network's parameters to the rows. A row that is new stands after the one before it. */
static void
add_rows (GArray *rows, GPtrArray *keys, const LwGraph *graph, bool by_block, bool is_book)
{
  guint at = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    LwChangeRow row;
    const int64_t parameters = lw_node_cost (graph, id).parameters;
    g_autofree char *key = parameters > 0 ? row_of (graph, id, by_block, &row) : NULL;
    guint found = 0;
    int64_t *value;

    if (key == NULL)
      continue;
    while (found < keys->len && !g_str_equal (g_ptr_array_index (keys, found), key))
      found++;
    if (found < keys->len) {
      row_clear (&row);
    } else {
      row.book = row.yours = -1;
      found = at;
      g_array_insert_val (rows, at, row);
      g_ptr_array_insert (keys, (gint)at, g_steal_pointer (&key));
    }
    value = is_book ? &g_array_index (rows, LwChangeRow, found).book
                    : &g_array_index (rows, LwChangeRow, found).yours;
    *value = MAX (*value, 0) + parameters;
    if (g_array_index (rows, LwChangeRow, found).kind != LW_KIND_NORMALIZATION)
      at = found + 1; /* those have one row for all, wherever they are */
  }
}

static void
norms_last (GArray *rows)
{
  for (guint i = 0; i + 1 < rows->len; i++) {
    const LwChangeRow row = g_array_index (rows, LwChangeRow, i);

    if (row.kind != LW_KIND_NORMALIZATION || row.group != NULL)
      continue;
    g_array_remove_index (rows, i);
    g_array_append_val (rows, row);
    return;
  }
}

LwChange *
lw_change_new (const LwGraph *book, const LwGraph *yours)
{
  LwChange *change = g_new0 (LwChange, 1);
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (LwChangeRow));
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  bool by_block;

  change->book = lw_graph_cost (book);
  change->yours = lw_graph_cost (yours);
  change->book_activations = activations_of (book);
  change->your_activations = activations_of (yours);
  change->book_depth = lw_graph_depth (book);
  change->your_depth = lw_graph_depth (yours);
  by_block = MAX (count_layers (book), count_layers (yours)) > MOST_LAYERS;
  add_rows (rows, keys, book, by_block, true);
  add_rows (rows, keys, yours, by_block, false);
  norms_last (rows);
  change->n_rows = (int32_t)rows->len;
  change->rows = (LwChangeRow *)g_array_free (rows, FALSE);
  return change;
}

void
lw_change_free (LwChange *change)
{
  if (change == NULL)
    return;
  for (int32_t i = 0; i < change->n_rows; i++)
    row_clear (&change->rows[i]);
  g_free (change->rows);
  g_free (change);
}

char *
lw_change_factor (int64_t book, int64_t yours)
{
  const bool less = yours < book;
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  double factor;

  if (book == yours)
    return g_strdup ("=");
  if (book <= 0 || yours <= 0)
    return g_strdup ("");
  factor = less ? (double)book / (double)yours : (double)yours / (double)book;
  if (factor < 99.95) {
    g_ascii_formatd (digits, sizeof digits, factor < 9.995 ? "%.2f" : "%.1f", factor);
    return g_strdup_printf ("%s %s", less ? "÷" : "×", digits);
  }
  {
    g_autofree char *whole = lw_format_exact ((int64_t)round (factor));

    return g_strdup_printf ("%s %s", less ? "÷" : "×", whole);
  }
}
