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

/* A link's ends as positions in a stretch. */
typedef struct {
  int from, to;
  LwNodeId value;
} Ends;

/* A stretch of a level: `n` items, ascending, between the items `entry` and `exit`, which stand at
 * the positions 0 and n + 1. */
typedef struct {
  LwDiagramLevel *level;
  const int *items;
  int n, entry, exit;
  GArray *ends; /* Ends: the links between its positions but entry → exit, by `to` */
  int *first;   /* [n + 3]: of those to each position */
} Stretch;

/* −1: elsewhere */
static int
position_of (const Stretch *stretch, int item)
{
  if (item == stretch->entry)
    return 0;
  if (item == stretch->exit)
    return stretch->n + 1;
  for (int low = 0, high = stretch->n; low < high;) {
    const int middle = low + (high - low) / 2;
    if (stretch->items[middle] == item)
      return middle + 1;
    if (stretch->items[middle] < item)
      low = middle + 1;
    else
      high = middle;
  }
  return -1;
}

static void
stretch_open (Stretch *stretch)
{
  stretch->ends = g_array_new (FALSE, FALSE, sizeof (Ends));
  stretch->first = g_new (int, stretch->n + 3);
  stretch->first[0] = 0; /* nothing leads to the entry */
  for (int p = 1; p <= stretch->n + 1; p++) {
    const int item = p <= stretch->n ? stretch->items[p - 1] : stretch->exit;
    stretch->first[p] = (int)stretch->ends->len;
    for (int i = stretch->level->first_link[item]; i < stretch->level->first_link[item + 1]; i++) {
      const LwDiagramLink *link = &g_array_index (stretch->level->links, LwDiagramLink, i);
      const Ends ends = { position_of (stretch, link->from), p, link->value };
      if (ends.from >= 0 && !(ends.from == 0 && p == stretch->n + 1))
        g_array_append_val (stretch->ends, ends);
    }
  }
  stretch->first[stretch->n + 2] = (int)stretch->ends->len;
}

static void
stretch_close (Stretch *stretch)
{
  g_array_unref (stretch->ends);
  g_free (stretch->first);
}

static const Ends *
ends_at (const Stretch *stretch, int index)
{
  return &g_array_index (stretch->ends, Ends, index);
}

static const LwDiagramLink *
find_link (const LwDiagramLevel *level, int from, int to)
{
  for (int i = level->first_link[to]; i < level->first_link[to + 1]; i++) {
    const LwDiagramLink *link = &g_array_index (level->links, LwDiagramLink, i);
    if (link->from == from)
      return link;
  }
  return NULL;
}

/* How many links jump over each position. */
static int *
count_jumps (const Stretch *stretch)
{
  int *jumps = g_new0 (int, stretch->n + 3);
  for (guint i = 0; i < stretch->ends->len; i++) {
    const Ends *ends = ends_at (stretch, (int)i);
    jumps[ends->from + 1]++; /* differences first */
    jumps[ends->to]--;
  }
  for (int p = 1; p <= stretch->n + 1; p++)
    jumps[p] += jumps[p - 1];
  return jumps;
}

/* Every item of the stretch must be read and must read, or lines would end in nothing. */
static bool
is_connected (const Stretch *stretch)
{
  g_autofree int *degree_in = g_new0 (int, stretch->n + 2);
  g_autofree int *degree_out = g_new0 (int, stretch->n + 2);
  for (guint i = 0; i < stretch->ends->len; i++) {
    degree_out[ends_at (stretch, (int)i)->from]++;
    degree_in[ends_at (stretch, (int)i)->to]++;
  }
  for (int p = 1; p <= stretch->n; p++) {
    const LwDiagramItem *item = stretch->level->items->pdata[stretch->items[p - 1]];
    if (degree_out[p] == 0 || (degree_in[p] == 0 && item->type != LW_BOX_INPUT))
      return false;
  }
  return true;
}

static int
root_of (int *piece, int p)
{
  while (piece[p] != p) {
    piece[p] = piece[piece[p]];
    p = piece[p];
  }
  return p;
}

/* Connected pieces of the positions first … last: piece number of each, its least position; returns
 * how many. */
static int
find_pieces (const Stretch *stretch, int first, int last, int *piece)
{
  for (int p = first; p <= last; p++)
    piece[p] = p;
  for (int i = stretch->first[first]; i < stretch->first[last + 1]; i++) {
    const Ends *ends = ends_at (stretch, i);
    if (ends->from < first)
      continue;
    const int a = root_of (piece, ends->from), b = root_of (piece, ends->to);
    piece[MAX (a, b)] = MIN (a, b);
  }
  int n = 0;
  for (int p = first; p <= last; p++) {
    piece[p] = root_of (piece, p);
    n += piece[p] == p;
  }
  return n;
}

static void decompose (LwDiagramBuild *build, Stretch *stretch, LwDiagramPart *series);

static void
add_branch (LwDiagramBuild *build, LwDiagramPart *parallel, LwDiagramLevel *level, const int *items,
            int n, int entry, int exit)
{
  LwDiagramPart *branch = part_new (build, LW_PART_SERIES);
  g_ptr_array_add (parallel->children, branch);
  for (int i = level->first_link[exit]; i < level->first_link[exit + 1]; i++) {
    const LwDiagramLink *link = &g_array_index (level->links, LwDiagramLink, i);
    bool ours = n == 0 && link->from == entry;
    for (int k = 0; k < n; k++)
      ours = ours || link->from == items[k];
    if (ours)
      branch->value = link->value;
  }
  if (n == 0)
    return;
  Stretch stretch = { level, items, n, entry, exit, NULL, NULL };
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
    for (int q = p; piece[p] == p && q <= last; q++)
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
add_tangle (LwDiagramBuild *build, const Stretch *stretch, const int *jumps, LwDiagramPart *series,
            int first, int last)
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
  int crossing = 1; /* links over the position `to`, or into it, that come from the tangle */
  for (int to = first; to <= stretch->n + 1 && (to <= last || crossing > 0); to++) {
    crossing = to <= last || jumps[to] > 0;
    for (int i = stretch->first[to]; i < stretch->first[to + 1]; i++) {
      const Ends *ends = ends_at (stretch, i);
      if (ends->from > last || (ends->from < first && to > last))
        continue;
      const LwDiagramLink own = { MAX (ends->from - first, -1), MIN (to - first, last - first + 1),
                                  ends->value };
      g_array_append_val (level->links, own);
      if (own.from < 0 && (own.to == 0 || tangle->value == LW_NO_NODE))
        tangle->value = ends->value;
    }
  }
}

static void
decompose (LwDiagramBuild *build, Stretch *stretch, LwDiagramPart *series)
{
  stretch_open (stretch);
  g_autofree int *jumps = count_jumps (stretch);
  const bool connected = is_connected (stretch);
  int last = 0;
  if (!connected)
    add_tangle (build, stretch, jumps, series, 1, stretch->n);
  for (int p = 1; connected && p <= stretch->n + 1; p++) {
    if (p <= stretch->n && jumps[p] > 0)
      continue;
    if (p > last + 1) {
      if (!add_parallel (build, stretch, series, last + 1, p - 1))
        add_tangle (build, stretch, jumps, series, last + 1, MIN (p, stretch->n));
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
  stretch_close (stretch);
}

LwDiagramPart *
lw_diagram_parts_new (LwDiagramBuild *build, LwBlockId block)
{
  LwDiagramLevel *level = lw_diagram_level_new (build, block);
  const int n = (int)level->items->len;
  g_autofree int *items = g_new (int, n + 1);
  for (int i = 0; i < n; i++)
    items[i] = i;
  Stretch stretch = { level, items, n, -1, n, NULL, NULL };
  LwDiagramPart *series = part_new (build, LW_PART_SERIES);
  decompose (build, &stretch, series);
  return series;
}
