/* From a level's items and links to a tree of parts: series, parallel parts, tangles.
 *
 * Items are in topological order. An item that no link jumps over lies on every path, so it stands
 * on the trunk. Between two such items lie none (a plain edge) or several: their connected pieces
 * are the branches, each decomposed in the same way; a link from the first to the second item is a
 * branch without items. This finds every series-parallel shape. What remains between two items of
 * the trunk is a tangle. */
#include "ui/draw/diagram-private.h"

static LwDiagramPart *
part_new (LwDiagramBuild *build, LwPartType type)
{
  LwDiagramPart *part = g_new0 (LwDiagramPart, 1);
  part->type = type;
  part->value = LW_NO_NODE;
  part->main = -1;
  if (type != LW_PART_BOX)
    part->children = g_ptr_array_new ();
  g_ptr_array_add (build->parts, part);
  return part;
}

void
lw_diagram_part_free (LwDiagramPart *part)
{
  if (part->children)
    g_ptr_array_unref (part->children);
  if (part->shares)
    g_array_unref (part->shares);
  g_free (part->lanes);
  g_free (part);
}

static LwDiagramPart *
item_part (LwDiagramBuild *build, LwDiagramItem *item)
{
  const bool open = item->item_kind == LW_ITEM_OPEN;
  LwDiagramPart *part = part_new (build, open ? LW_PART_FRAME : LW_PART_BOX);
  part->item = item;
  if (open) {
    if (!item->content)
      item->content = lw_diagram_parts_new (build, item->block);
    g_ptr_array_add (part->children, item->content);
  }
  return part;
}

/* A stretch of a level: `n` items between the items `entry` and `exit`. `place` maps item + 1 to
 * its position in the stretch, entry 0, exit n + 1, others −1. */
typedef struct {
  LwDiagramLevel *level;
  const int *items;
  int n, entry, exit;
  int *place;
} Stretch;

static int *
places_new (const LwDiagramLevel *level, const int *items, int n, int entry, int exit)
{
  int *place = g_new (int, level->items->len + 2);
  for (guint i = 0; i < level->items->len + 2; i++)
    place[i] = -1;
  place[entry + 1] = 0;
  for (int i = 0; i < n; i++)
    place[items[i] + 1] = i + 1;
  place[exit + 1] = n + 1;
  return place;
}

/* The link's ends as positions; false when it is no business of this stretch. */
static bool
ends (const Stretch *stretch, const LwDiagramLink *link, int *from, int *to)
{
  *from = stretch->place[link->from + 1];
  *to = stretch->place[link->to + 1];
  return *from >= 0 && *to >= 0 && !(*from == 0 && *to == stretch->n + 1);
}

static const LwDiagramLink *
find_link (const LwDiagramLevel *level, int from, int to)
{
  for (guint i = 0; i < level->links->len; i++) {
    const LwDiagramLink *link = &g_array_index (level->links, LwDiagramLink, i);
    if (link->from == from && link->to == to)
      return link;
  }
  return NULL;
}

/* How many links jump over each position. */
static int *
count_jumps (const Stretch *stretch)
{
  int *jumps = g_new0 (int, stretch->n + 2);
  for (guint i = 0; i < stretch->level->links->len; i++) {
    int from, to;
    if (ends (stretch, &g_array_index (stretch->level->links, LwDiagramLink, i), &from, &to))
      for (int p = from + 1; p < to; p++)
        jumps[p]++;
  }
  return jumps;
}

/* Every item of the stretch must be read and must read, or lines would end in nothing. */
static bool
is_connected (const Stretch *stretch)
{
  g_autofree int *degree_in = g_new0 (int, stretch->n + 2);
  g_autofree int *degree_out = g_new0 (int, stretch->n + 2);
  for (guint i = 0; i < stretch->level->links->len; i++) {
    int from, to;
    if (ends (stretch, &g_array_index (stretch->level->links, LwDiagramLink, i), &from, &to)) {
      degree_out[from]++;
      degree_in[to]++;
    }
  }
  for (int p = 1; p <= stretch->n; p++) {
    const LwDiagramItem *item = stretch->level->items->pdata[stretch->items[p - 1]];
    if (degree_out[p] == 0 || (degree_in[p] == 0 && item->type != LW_BOX_INPUT))
      return false;
  }
  return true;
}

/* Connected pieces of the positions first … last: piece number of each, returns how many. */
static int
find_pieces (const Stretch *stretch, int first, int last, int *piece)
{
  for (int p = first; p <= last; p++)
    piece[p] = p;
  for (bool changed = true; changed;) {
    changed = false;
    for (guint i = 0; i < stretch->level->links->len; i++) {
      int from, to;
      if (!ends (stretch, &g_array_index (stretch->level->links, LwDiagramLink, i), &from, &to) ||
          from < first || to > last || piece[from] == piece[to])
        continue;
      piece[from] = piece[to] = MIN (piece[from], piece[to]);
      changed = true;
    }
  }
  int n = 0;
  for (int p = first; p <= last; p++)
    n += piece[p] == p;
  return n;
}

static void decompose (LwDiagramBuild *build, const Stretch *stretch, LwDiagramPart *series);

static void
add_branch (LwDiagramBuild *build, LwDiagramPart *parallel, LwDiagramLevel *level, const int *items,
            int n, int entry, int exit)
{
  LwDiagramPart *branch = part_new (build, LW_PART_SERIES);
  g_ptr_array_add (parallel->children, branch);
  for (guint i = 0; i < level->links->len; i++) {
    const LwDiagramLink *link = &g_array_index (level->links, LwDiagramLink, i);
    bool ours = n == 0 && link->from == entry;
    for (int k = 0; k < n; k++)
      ours = ours || link->from == items[k];
    if (ours && link->to == exit)
      branch->value = link->value;
  }
  if (n == 0)
    return;
  g_autofree int *place = places_new (level, items, n, entry, exit);
  const Stretch stretch = { level, items, n, entry, exit, place };
  decompose (build, &stretch, branch);
}

/* Branches stand in the order in which the join reads them: the numbers in a concat bar. */
static void
sort_branches (const LwDiagramBuild *build, LwDiagramPart *parallel)
{
  const LwNode *join = lw_graph_node (build->graph, parallel->item->host);
  guint done = 0;
  for (int32_t k = 0; k < join->n_inputs; k++)
    for (guint i = done; i < parallel->children->len; i++) {
      LwDiagramPart *branch = parallel->children->pdata[i];
      if (branch->value != join->inputs[k])
        continue;
      g_ptr_array_steal_index (parallel->children, i);
      g_ptr_array_insert (parallel->children, (int)done++, branch);
      break;
    }
}

/* Layers in a branch, whether its blocks are open or not: folding must not change sides. */
static int
count_layers (const LwDiagramPart *part)
{
  int n = 0;
  if (part->item)
    n = part->item->block >= 0 ? part->item->last - part->item->first + 1
                               : 1 + part->item->n_top + part->item->n_bottom;
  if (part->type == LW_PART_FRAME)
    return n;
  for (guint i = 0; part->children && i < part->children->len; i++)
    n += count_layers (part->children->pdata[i]);
  return n;
}

/* Two branches into a sum: the longer one is the main path, the other its shortcut. A concat that
 * also reads what the branch read is a dense layer. Anything else stands in columns. */
static void
choose_style (LwDiagramPart *parallel)
{
  const guint n = parallel->children->len;
  if (n == 2) {
    const int a = count_layers (parallel->children->pdata[0]);
    const int b = count_layers (parallel->children->pdata[1]);
    const bool direct = a == 0 || b == 0;
    if (direct || (parallel->item->type == LW_BOX_SUM && a != b)) {
      parallel->main = a >= b ? 0 : 1;
      parallel->style =
          parallel->item->type == LW_BOX_SUM ? LW_PARALLEL_SHORTCUT : LW_PARALLEL_DENSE;
      return;
    }
  }
  parallel->style = LW_PARALLEL_COLUMNS;
}

/* The positions first … last between the trunk items at first − 1 and last + 1; false where they
 * do not nest. */
static bool
add_parallel (LwDiagramBuild *build, const Stretch *stretch, LwDiagramPart *series, int first,
              int last)
{
  if (last + 1 > stretch->n)
    return false; /* the branches meet outside */
  const int entry = first == 1 ? stretch->entry : stretch->items[first - 2];
  const int exit = stretch->items[last];
  LwDiagramItem *join = stretch->level->items->pdata[exit];
  if (join->item_kind == LW_ITEM_OPEN || (join->type != LW_BOX_SUM && join->type != LW_BOX_CONCAT))
    return false;

  g_autofree int *piece = g_new (int, stretch->n + 2);
  const int n_pieces = find_pieces (stretch, first, last, piece);
  const LwDiagramLink *direct = find_link (stretch->level, entry, exit);
  if (n_pieces + (direct != NULL) < 2)
    return false; /* one piece that no item divides */

  LwDiagramPart *parallel = part_new (build, LW_PART_PARALLEL);
  parallel->item = join;
  parallel->value = direct ? direct->value : LW_NO_NODE;
  g_ptr_array_add (series->children, parallel);
  g_autofree int *items = g_new (int, stretch->n);
  for (int p = first; p <= last; p++) {
    int n = 0;
    for (int q = p; q <= last; q++)
      if (piece[q] == p)
        items[n++] = stretch->items[q - 1];
    if (n > 0) {
      add_branch (build, parallel, stretch->level, items, n, entry, exit);
      const LwDiagramLink *in = find_link (stretch->level, entry, items[0]);
      if (in && parallel->value == LW_NO_NODE)
        parallel->value = in->value;
    }
  }
  if (direct)
    add_branch (build, parallel, stretch->level, NULL, 0, entry, exit);
  sort_branches (build, parallel);
  choose_style (parallel);
  return true;
}

/* The positions first … last as one column with lanes, a level of its own. */
static void
add_tangle (LwDiagramBuild *build, const Stretch *stretch, LwDiagramPart *series, int first,
            int last)
{
  LwDiagramPart *tangle = part_new (build, LW_PART_TANGLE);
  LwDiagramLevel *level = g_new0 (LwDiagramLevel, 1);
  level->items = g_ptr_array_new ();
  level->links = g_array_new (FALSE, FALSE, sizeof (LwDiagramLink));
  g_ptr_array_add (build->levels, level);
  g_ptr_array_add (series->children, tangle);
  tangle->level = level;
  for (int p = first; p <= last; p++) {
    LwDiagramItem *item = stretch->level->items->pdata[stretch->items[p - 1]];
    g_ptr_array_add (level->items, item);
    g_ptr_array_add (tangle->children, item_part (build, item));
  }
  for (guint i = 0; i < stretch->level->links->len; i++) {
    const LwDiagramLink *link = &g_array_index (stretch->level->links, LwDiagramLink, i);
    int from, to;
    if (!ends (stretch, link, &from, &to) || to < first || from > last ||
        (from < first && to > last))
      continue;
    const LwDiagramLink own = { MAX (from - first, -1), MIN (to - first, last - first + 1),
                                link->value };
    g_array_append_val (level->links, own);
    if (own.from < 0 && (own.to == 0 || tangle->value == LW_NO_NODE))
      tangle->value = link->value;
  }
}

static void
decompose (LwDiagramBuild *build, const Stretch *stretch, LwDiagramPart *series)
{
  if (!is_connected (stretch)) {
    add_tangle (build, stretch, series, 1, stretch->n);
    return;
  }
  g_autofree int *jumps = count_jumps (stretch);
  int last = 0;
  for (int p = 1; p <= stretch->n + 1; p++) {
    if (p <= stretch->n && jumps[p] > 0)
      continue;
    if (p > last + 1) {
      if (!add_parallel (build, stretch, series, last + 1, p - 1))
        add_tangle (build, stretch, series, last + 1, MIN (p, stretch->n));
    } else if (p <= stretch->n) {
      LwDiagramPart *part = item_part (build, stretch->level->items->pdata[stretch->items[p - 1]]);
      const LwDiagramLink *in =
          find_link (stretch->level, last == 0 ? stretch->entry : stretch->items[last - 1],
                     stretch->items[p - 1]);
      part->value = in ? in->value : LW_NO_NODE;
      g_ptr_array_add (series->children, part);
    }
    last = p;
  }
}

LwDiagramPart *
lw_diagram_parts_new (LwDiagramBuild *build, LwBlockId block)
{
  LwDiagramLevel *level = lw_diagram_level_new (build, block);
  const int n = (int)level->items->len;
  g_autofree int *items = g_new (int, n + 1);
  for (int i = 0; i < n; i++)
    items[i] = i;
  g_autofree int *place = places_new (level, items, n, -1, n);
  const Stretch stretch = { level, items, n, -1, n, place };
  LwDiagramPart *series = part_new (build, LW_PART_SERIES);
  decompose (build, &stretch, series);
  return series;
}
