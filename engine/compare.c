#include "engine/compare_private.h"

#include "engine/error.h"
#include "engine/i18n.h"

/* The one activation that all graphs use; LW_N_OPS: several, or none. */
static LwOp
common_activation (const LwComparison *comparison)
{
  LwOp common = LW_N_OPS;
  for (int k = 0; k < comparison->n; k++)
    for (LwNodeId i = 0; i < lw_graph_n_nodes (comparison->graphs[k]); i++) {
      const LwOp op = lw_graph_node (comparison->graphs[k], i)->op;
      if (lw_op_info (op)->kind != LW_KIND_ACTIVATION)
        continue;
      if (common != LW_N_OPS && common != op)
        return LW_N_OPS;
      common = op;
    }
  return common;
}

static void
fill_rows (LwComparison *comparison, const GArray *aligned)
{
  for (guint i = 0; i < aligned->len; i++) {
    const LwUnitRow *from = &g_array_index (aligned, LwUnitRow, i);
    LwCompareRow row = { .role = from->role };
    for (int k = 0; k < comparison->n; k++)
      if (from->unit[k] >= 0)
        lw_compare_fill_cell (comparison, k,
                              &g_array_index (comparison->units[k], LwUnit, from->unit[k]), from->n,
                              &row.cells[k]);
    const int start = (int)comparison->aspects->len;
    g_array_append_val (comparison->starts, start);
    lw_compare_add_aspects (comparison, &row);
    g_array_append_val (comparison->rows, row);
  }
  const int end = (int)comparison->aspects->len;
  g_array_append_val (comparison->starts, end);
}

LwComparison *
lw_comparison_new (LwGraph *const *graphs, int n, const char *(*translate) (const char *),
                   GError **error)
{
  if (n < 2 || n > LW_COMPARE_MOST) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("two to %d networks can be compared at once, not %d"), LW_COMPARE_MOST, n);
    return NULL;
  }
  LwComparison *comparison = g_new0 (LwComparison, 1);
  comparison->n = n;
  comparison->translate = translate;
  comparison->strings = g_string_chunk_new (4096);
  comparison->rows = g_array_new (FALSE, FALSE, sizeof (LwCompareRow));
  comparison->aspects = g_array_new (FALSE, FALSE, sizeof (LwCompareAspect));
  comparison->starts = g_array_new (FALSE, FALSE, sizeof (int));
  comparison->quantities = g_array_new (FALSE, FALSE, sizeof (LwCompareQuantity));
  for (int i = 0; i < n; i++) {
    comparison->graphs[i] = lw_graph_ref (graphs[i]);
    comparison->units[i] = lw_units_new (graphs[i]);
  }
  comparison->hidden_activation = common_activation (comparison);
  g_autoptr (GArray) aligned = lw_units_align (comparison);
  if (aligned == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("these networks have too many layers to be aligned; compare smaller ones"));
    lw_comparison_free (comparison);
    return NULL;
  }
  fill_rows (comparison, aligned);
  lw_compare_add_quantities (comparison);
  return comparison;
}

void
lw_comparison_free (LwComparison *comparison)
{
  for (int i = 0; i < comparison->n; i++) {
    lw_graph_unref (comparison->graphs[i]);
    g_array_unref (comparison->units[i]);
  }
  g_array_unref (comparison->rows);
  g_array_unref (comparison->aspects);
  g_array_unref (comparison->starts);
  g_array_unref (comparison->quantities);
  g_string_chunk_free (comparison->strings);
  g_free (comparison);
}

int
lw_comparison_n_graphs (const LwComparison *comparison)
{
  return comparison->n;
}

LwGraph *
lw_comparison_graph (const LwComparison *comparison, int index)
{
  g_return_val_if_fail (index >= 0 && index < comparison->n, NULL);
  return comparison->graphs[index];
}

int
lw_comparison_n_rows (const LwComparison *comparison)
{
  return (int)comparison->rows->len;
}

const LwCompareRow *
lw_comparison_row (const LwComparison *comparison, int row)
{
  g_return_val_if_fail (row >= 0 && row < (int)comparison->rows->len, NULL);
  return &g_array_index (comparison->rows, LwCompareRow, row);
}

LwCompareSign
lw_comparison_sign (const LwComparison *comparison, int row, int first, int second)
{
  const LwCompareRow *r = lw_comparison_row (comparison, row);
  g_return_val_if_fail (r != NULL, LW_SIGN_NONE);
  const LwCompareCell *a = &r->cells[first], *b = &r->cells[second];
  if (a->title == NULL)
    return b->title == NULL ? LW_SIGN_NONE : LW_SIGN_ADDED;
  if (b->title == NULL)
    return LW_SIGN_REMOVED;
  return lw_units_equal (comparison->graphs[first], a->first, a->last, comparison->graphs[second],
                         b->first, b->last)
             ? LW_SIGN_SAME
             : LW_SIGN_CHANGED;
}

LwCompareSign
lw_comparison_row_sign (const LwComparison *comparison, int row)
{
  LwCompareSign sign = LW_SIGN_SAME;
  for (int i = 1; i < comparison->n; i++) {
    const LwCompareSign one = lw_comparison_sign (comparison, row, 0, i);
    if (one == LW_SIGN_NONE || one == LW_SIGN_ADDED)
      return LW_SIGN_ADDED; /* the first has it not, and somebody has it */
    if (one == LW_SIGN_REMOVED || (one == LW_SIGN_CHANGED && sign == LW_SIGN_SAME))
      sign = one;
  }
  return sign;
}

const LwCompareAspect *
lw_comparison_aspects (const LwComparison *comparison, int row, int *ret_n)
{
  *ret_n = 0;
  g_return_val_if_fail (row >= 0 && row < (int)comparison->rows->len, NULL);
  const int start = g_array_index (comparison->starts, int, row);
  *ret_n = g_array_index (comparison->starts, int, row + 1) - start;
  return &g_array_index (comparison->aspects, LwCompareAspect, start);
}

LwOp
lw_comparison_hidden_activation (const LwComparison *comparison)
{
  return comparison->hidden_activation;
}

const char *
lw_compare_sign_name (LwCompareSign sign)
{
  static const char *const names[] = { NULL, "same", "changed", "removed", "added" };
  return names[sign];
}

const char *
lw_compare_sign_text (LwCompareSign sign)
{
  static const char *const texts[] = { "", "=", "≠", "−", "+" };
  return texts[sign];
}
