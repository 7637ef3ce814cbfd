/* A longest common sequence over the roles of units, weighted by how alike they are:
 *
 *   best[i][j] = max (best[i+1][j], best[i][j+1], best[i+1][j+1] + likeness (i, j))
 *
 * for the rows from i on and the units from j on. Networks are added one after the other to the
 * rows that stand already, in an order that does not depend on how they were given. */
#include "engine/compare_private.h"

#include <string.h>

/* One more pair outweighs all likeness: 0 to 31 a pair. */
#define PAIR       (INT64_C (1) << 24)
#define MOST_CELLS (4 * 1024 * 1024)

static const LwUnit *
unit_at (const LwComparison *comparison, int graph, int32_t index)
{
  return &g_array_index (comparison->units[graph], LwUnit, index);
}

static LwKind
kind_of (const LwGraph *graph, const LwUnit *unit)
{
  return unit->host != LW_NO_NODE ? lw_op_info (lw_graph_node (graph, unit->host)->op)->kind
                                  : LW_KIND_JOIN;
}

/* The convolution or pooling that a unit begins with. */
static LwWindow
window_of (const LwGraph *graph, const LwUnit *unit)
{
  for (LwNodeId i = unit->first; i <= unit->last; i++)
    if (lw_graph_node (graph, i)->window.kernel > 0)
      return lw_graph_node (graph, i)->window;
  return (LwWindow){ 0 };
}

static int64_t
likeness (const LwComparison *comparison, int a, int32_t i, int b, int32_t j)
{
  const LwGraph *x = comparison->graphs[a], *y = comparison->graphs[b];
  const LwUnit *u = unit_at (comparison, a, i), *v = unit_at (comparison, b, j);
  const LwShape s = lw_graph_node (x, u->last)->shape, t = lw_graph_node (y, v->last)->shape;
  int64_t like = 0;
  if (lw_units_equal (x, u->first, u->last, y, v->first, v->last))
    like += 16;
  if (kind_of (x, u) == kind_of (y, v))
    like += 8;
  if (window_of (x, u).kernel == window_of (y, v).kernel)
    like += 4;
  if (s.c == t.c)
    like += 2;
  if (s.h == t.h && s.w == t.w)
    like += 1;
  return like;
}

static int64_t
pair (const LwComparison *comparison, const LwUnitRow *row, int graph, int32_t index)
{
  int64_t most = -1;
  if (row->role != unit_at (comparison, graph, index)->role)
    return -1;
  for (int k = 0; k < comparison->n; k++)
    if (row->unit[k] >= 0)
      most = MAX (most, likeness (comparison, k, row->unit[k], graph, index));
  return most < 0 ? -1 : PAIR + most;
}

/* Whether a row of the one network alone comes before one of the other: maps before vectors, so
 * that what replaces the linear layers stands above them. */
static bool
comes_first (LwUnitRole row, LwUnitRole unit)
{
  return !(row == LW_UNIT_HIDDEN && unit != LW_UNIT_HIDDEN);
}

static GArray *
add_graph (const LwComparison *comparison, GArray *rows, int graph)
{
  const gsize n = rows->len, m = comparison->units[graph]->len, width = m + 1;
  GArray *merged = g_array_new (FALSE, FALSE, sizeof (LwUnitRow));
  g_autofree int64_t *best = g_new0 (int64_t, (n + 1) * width);
  for (gsize i = n; i-- > 0;)
    for (gsize j = m; j-- > 0;) {
      const LwUnitRow *row = &g_array_index (rows, LwUnitRow, i);
      const int64_t both = pair (comparison, row, graph, (int32_t)j);
      int64_t value = MAX (best[(i + 1) * width + j], best[i * width + j + 1]);
      if (both >= 0)
        value = MAX (value, best[(i + 1) * width + j + 1] + both);
      best[i * width + j] = value;
    }
  for (gsize i = 0, j = 0; i < n || j < m;) {
    LwUnitRow row = { .unit = { -1, -1, -1, -1 }, .n = 1 };
    const LwUnitRow *old = i < n ? &g_array_index (rows, LwUnitRow, i) : NULL;
    const int64_t here = best[i * width + j];
    const int64_t both = old && j < m ? pair (comparison, old, graph, (int32_t)j) : -1;
    if (both >= 0 && here == best[(i + 1) * width + j + 1] + both) {
      row = *old;
      row.unit[graph] = (int32_t)j;
      i++, j++;
    } else {
      const bool may_old = old && (j == m || best[(i + 1) * width + j] == here);
      const bool may_new = j < m && (!old || best[i * width + j + 1] == here);
      const LwUnitRole role = j < m ? unit_at (comparison, graph, (int32_t)j)->role : LW_UNIT_OTHER;
      if (may_old && (!may_new || comes_first (old->role, role))) {
        row = *old;
        i++;
      } else {
        row.role = role;
        row.unit[graph] = (int32_t)j;
        j++;
      }
    }
    g_array_append_val (merged, row);
  }
  g_array_unref (rows);
  return merged;
}

/* Convolutions in a row that one network alone has, alike in window and map, stand as one. */
static bool
merges (const LwComparison *comparison, const LwUnitRow *row, const LwUnitRow *next)
{
  int owner = -1;
  for (int k = 0; k < comparison->n; k++) {
    if ((row->unit[k] >= 0) != (next->unit[k] >= 0) || (row->unit[k] >= 0 && owner >= 0))
      return false;
    if (row->unit[k] >= 0)
      owner = k;
  }
  if (owner < 0)
    return false;
  const LwGraph *graph = comparison->graphs[owner];
  const LwUnit *a = unit_at (comparison, owner, row->unit[owner]);
  const LwUnit *b = unit_at (comparison, owner, next->unit[owner]);
  if (a->host == LW_NO_NODE || b->host == LW_NO_NODE ||
      lw_graph_node (graph, a->host)->op != LW_OP_CONV2D ||
      lw_graph_node (graph, b->host)->op != LW_OP_CONV2D)
    return false;
  const LwNode *x = lw_graph_node (graph, a->host), *y = lw_graph_node (graph, b->host);
  return x->window.kernel == y->window.kernel && x->shape.h == y->shape.h &&
         x->shape.w == y->shape.w;
}

static void
merge_rows (const LwComparison *comparison, GArray *rows)
{
  guint kept = 0;
  for (guint i = 1; i < rows->len; i++) {
    LwUnitRow *row = &g_array_index (rows, LwUnitRow, kept);
    const LwUnitRow next = g_array_index (rows, LwUnitRow, i);
    if (merges (comparison, row, &next))
      row->n++;
    else
      g_array_index (rows, LwUnitRow, ++kept) = next;
  }
  g_array_set_size (rows, MIN (rows->len, kept + 1));
}

/* −1, 0, 1: which network is added first, by what it is. */
static int
order (const LwGraph *a, const LwGraph *b)
{
  const LwCost x = lw_graph_cost (a), y = lw_graph_cost (b);
  if (lw_graph_n_nodes (a) != lw_graph_n_nodes (b))
    return lw_graph_n_nodes (a) < lw_graph_n_nodes (b) ? -1 : 1;
  if (x.parameters != y.parameters)
    return x.parameters < y.parameters ? -1 : 1;
  if (x.macs != y.macs)
    return x.macs < y.macs ? -1 : 1;
  return strcmp (lw_graph_title (a), lw_graph_title (b));
}

GArray *
lw_units_align (const LwComparison *comparison)
{
  int sequence[LW_COMPARE_MOST];
  gsize units = 0;
  for (int i = 0; i < comparison->n; i++) {
    int at = i;
    for (; at > 0 && order (comparison->graphs[sequence[at - 1]], comparison->graphs[i]) > 0; at--)
      sequence[at] = sequence[at - 1];
    sequence[at] = i;
  }
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (LwUnitRow));
  for (int i = 0; i < comparison->n; i++) {
    const gsize more = comparison->units[sequence[i]]->len;
    if ((units + 1) * (more + 1) > MOST_CELLS) {
      g_array_unref (rows);
      return NULL;
    }
    units += more;
    rows = add_graph (comparison, rows, sequence[i]);
  }
  merge_rows (comparison, rows);
  return rows;
}
