/* Sizes of parts, from the inside out: how far each reaches left and right of its axis, how high it
 * is, and where its children stand in it. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* A frame is not stretched to more than this times its own width. */
#define MUCH_WIDER 1.6

static double
label_width (const LwDiagramBuild *build, const char *label)
{
  return lw_text_width (build->options.text, LW_TEXT_DETAIL, label);
}

static void
reach (LwDiagramPart *part, double left, double right)
{
  part->left = MAX (part->left, left);
  part->right = MAX (part->right, right);
}

static void
measure_box (const LwDiagramBuild *build, LwDiagramPart *part)
{
  const LwDiagramItem *item = part->item;
  double right = item->width / 2 + (item->words.sheet ? LW_SHEET : 0);
  for (int i = 0; i < 2; i++)
    if (item->notes[i])
      right = MAX (right, item->width / 2 + LW_WORD_GAP + label_width (build, item->notes[i]));
  reach (part, item->width / 2, right);
  part->height = item->height + (item->words.sheet ? LW_SHEET : 0);
}

static bool
is_block (const LwDiagramPart *part)
{
  return part->item && part->item->block >= 0;
}

/* Whether people want to read the shape between two parts of a series: where it changed, and where
 * the edge enters or leaves a block. Narrow boxes show theirs in a strip if they have one. */
static bool
wants_label (const LwDiagramBuild *build, const LwDiagramPart *from, const LwDiagramPart *to)
{
  if (from->type == LW_PART_TANGLE)
    from = from->children->pdata[from->children->len - 1];
  const LwDiagramItem *item = from->item;
  if (!item || to->value == LW_NO_NODE)
    return false;
  if (is_block (from) || is_block (to) || item->type == LW_BOX_INPUT)
    return true;
  if (from->type == LW_PART_PARALLEL)
    return from->style == LW_PARALLEL_COLUMNS && item->type == LW_BOX_CONCAT;
  if (item->words.narrow)
    return item->n_bottom == 0;
  return item->input != LW_NO_NODE &&
         !lw_shape_equal (lw_graph_node (build->graph, item->input)->shape,
                          lw_graph_node (build->graph, to->value)->shape);
}

static void
set_label (LwDiagramBuild *build, LwDiagramPart *part, LwNodeId value)
{
  part->label =
      lw_diagram_keep (build, lw_diagram_shape_words (lw_graph_node (build->graph, value)->shape));
}

/* Between the bottom of one part and the top of the next. A parallel part's top is its dot. */
static double
gap_between (const LwDiagramPart *from, const LwDiagramPart *to, double gap)
{
  if (to->type == LW_PART_PARALLEL || to->type == LW_PART_TANGLE)
    return to->label ? gap : LW_DOT_GAP;
  if (from->type == LW_PART_PARALLEL && from->item->type == LW_BOX_SUM && !to->label)
    return LW_WORD_GAP;
  if (from->role != LW_ROLE_TRUNK && to->type == LW_PART_BOX)
    return MAX (gap, to->label ? LW_ROW_GAP : gap);
  return gap;
}

/* Makes a frame reach at least so far, and those that stand on its trunk with it. */
static void
widen (LwDiagramPart *frame, double left, double right)
{
  reach (frame, left, right);
  LwDiagramPart *content = frame->children->pdata[0];
  for (guint i = 0; i < content->children->len; i++) {
    LwDiagramPart *child = content->children->pdata[i];
    if (child->type == LW_PART_FRAME)
      widen (child, frame->left - LW_FRAME_PAD, frame->right - LW_FRAME_PAD);
  }
}

/* Frames that stand one after the other are equally wide, unless some would be mostly empty then:
 * those are as wide as the widest of them. */
static void
align_frames (LwDiagramPart *series)
{
  double widest = 0;
  for (guint i = 0; i < series->children->len; i++) {
    const LwDiagramPart *child = series->children->pdata[i];
    if (child->type == LW_PART_FRAME)
      widest = MAX (widest, child->left + child->right);
  }
  for (int pass = 0; pass < 2; pass++) {
    double left = 0, right = 0;
    for (int set = 0; set < 2; set++)
      for (guint i = 0; i < series->children->len; i++) {
        LwDiagramPart *child = series->children->pdata[i];
        const bool wide = (child->left + child->right) * MUCH_WIDER >= widest;
        if (child->type != LW_PART_FRAME || wide != (pass == 0))
          continue;
        if (set) {
          widen (child, left, right);
        } else {
          left = MAX (left, child->left);
          right = MAX (right, child->right);
        }
      }
  }
}

static double
main_width (const LwDiagramPart *parallel)
{
  const LwDiagramPart *main = parallel->children->pdata[parallel->main];
  for (guint i = 0; i < main->children->len; i++) {
    const LwDiagramPart *part = main->children->pdata[i];
    if (part->type == LW_PART_BOX)
      return part->item->width;
  }
  return LW_TRUNK_WIDTH;
}

/* Bars of the dense layers in a row grow with their channels, from 60 % to 100 % of a box, and show
 * where these come from. */
static void
measure_dense_bars (const LwDiagramBuild *build, LwDiagramPart *series)
{
  const LwGraph *graph = build->graph;
  double least = 0, most = 0;
  for (guint i = 0; i < series->children->len; i++) {
    const LwDiagramPart *part = series->children->pdata[i];
    if (part->type != LW_PART_PARALLEL || part->style != LW_PARALLEL_DENSE)
      continue;
    if (least == 0)
      least = lw_graph_node (graph, part->value)->shape.c;
    most = lw_graph_node (graph, part->item->host)->shape.c;
  }
  const LwDiagramPart *before = NULL;
  for (guint i = 0; i < series->children->len; i++) {
    LwDiagramPart *part = series->children->pdata[i];
    if (part->type != LW_PART_PARALLEL || part->style != LW_PARALLEL_DENSE) {
      before = NULL;
      continue;
    }
    LwDiagramItem *item = part->item;
    const LwNode *join = lw_graph_node (graph, item->host);
    const double share = most > least ? (join->shape.c - least) / (most - least) : 1;
    item->width = MAX (item->width, main_width (part) * (0.6 + 0.4 * CLAMP (share, 0, 1)));
    part->shares = g_array_new (FALSE, FALSE, sizeof (LwDiagramShare));
    for (int32_t k = 0; k < join->n_inputs; k++) {
      const LwDiagramShare one = { lw_graph_node (graph, join->inputs[k])->shape.c,
                                   join->inputs[k] != part->value };
      if (!one.is_new && before && before->item->output == part->value)
        for (guint m = 0; m < before->shares->len; m++) {
          LwDiagramShare carried = g_array_index (before->shares, LwDiagramShare, m);
          carried.is_new = false;
          g_array_append_val (part->shares, carried);
        }
      else
        g_array_append_val (part->shares, one);
    }
    before = part;
  }
}

static void
measure_series (LwDiagramBuild *build, LwDiagramPart *series, int depth)
{
  const double gap = depth == 0 ? LW_GAP : LW_GAP_INSIDE;
  measure_dense_bars (build, series);
  for (guint i = 0; i < series->children->len; i++)
    lw_diagram_measure (build, series->children->pdata[i], depth);
  align_frames (series);
  double y = 0;
  for (guint i = 0; i < series->children->len; i++) {
    LwDiagramPart *part = series->children->pdata[i];
    if (i > 0) {
      const LwDiagramPart *before = series->children->pdata[i - 1];
      if (wants_label (build, before, part))
        set_label (build, part, part->value);
      part->dot_gap = gap_between (before, part, gap);
      y += part->dot_gap;
    }
    part->y = y;
    y += part->height;
    reach (series, part->left, part->right);
    if (part->label) {
      const double side = LW_LABEL_OFFSET + label_width (build, part->label);
      if (part->role == LW_ROLE_SHORTCUT)
        reach (series, side, 0);
      else
        reach (series, 0, side);
    }
  }
  series->height = y;
}

static void
measure_frame (LwDiagramBuild *build, LwDiagramPart *part, int depth)
{
  LwDiagramPart *content = part->children->pdata[0];
  lw_diagram_measure (build, content, depth + 1);
  double lead = LW_FRAME_LEAD;
  if (content->children->len > 0) {
    const LwDiagramPart *first = content->children->pdata[0];
    if (first->type == LW_PART_PARALLEL || first->type == LW_PART_TANGLE)
      lead = LW_DOT_LEAD;
  }
  content->y = LW_HEADER + lead;
  part->height = content->y + content->height + LW_FRAME_PAD;
  /* The trunk runs down between the title and the totals. */
  const double title =
      LW_HEADER_TITLE + lw_text_width (build->options.text, LW_TEXT_NAME, part->item->words.name);
  const double totals =
      LW_PAD_LEFT + lw_text_width (build->options.text, LW_TEXT_CAPTION, part->item->totals);
  reach (part, MAX (content->left + LW_FRAME_PAD, title + LW_WORD_GAP),
         MAX (content->right + LW_FRAME_PAD, totals + LW_WORD_GAP));
  /* a plain column in a frame looks calmer in its middle */
  const double side = MAX (part->left, part->right);
  if (fabs (content->left - content->right) < 1)
    reach (part, side, side);
  widen (part, part->left, part->right);
}

/* --- parallel parts ----------------------------------------------------------------------------
 */

/* A column of single boxes, which can share rows with its neighbours. */
static bool
is_plain_column (const LwDiagramPart *branch)
{
  for (guint i = 0; i < branch->children->len; i++)
    if (((LwDiagramPart *)branch->children->pdata[i])->type != LW_PART_BOX)
      return false;
  return branch->children->len > 0;
}

/* Rows across the columns that have the most boxes; the others stand at mid height. */
static double
align_rows (LwDiagramPart *parallel)
{
  guint n_rows = 0;
  double height = 0;
  for (guint i = 0; i < parallel->children->len; i++) {
    const LwDiagramPart *branch = parallel->children->pdata[i];
    if (is_plain_column (branch))
      n_rows = MAX (n_rows, branch->children->len);
  }
  double y = 0;
  for (guint row = 0; row < n_rows; row++) {
    double tallest = 0, gap = 0;
    for (guint i = 0; i < parallel->children->len; i++) {
      LwDiagramPart *branch = parallel->children->pdata[i];
      if (!is_plain_column (branch) || branch->children->len != n_rows)
        continue;
      const LwDiagramPart *box = branch->children->pdata[row];
      tallest = MAX (tallest, box->height);
      gap = MAX (gap, row > 0 ? LW_ROW_GAP : 0);
    }
    y += gap;
    for (guint i = 0; i < parallel->children->len; i++) {
      LwDiagramPart *branch = parallel->children->pdata[i];
      if (is_plain_column (branch) && branch->children->len == n_rows)
        ((LwDiagramPart *)branch->children->pdata[row])->y = y;
    }
    y += tallest;
  }
  height = y;
  for (guint i = 0; i < parallel->children->len; i++) {
    LwDiagramPart *branch = parallel->children->pdata[i];
    if (is_plain_column (branch) && branch->children->len == n_rows) {
      const LwDiagramPart *last = branch->children->pdata[n_rows - 1];
      branch->height = last->y + last->height;
    }
    height = MAX (height, branch->height);
  }
  for (guint i = 0; i < parallel->children->len; i++) {
    LwDiagramPart *branch = parallel->children->pdata[i];
    const bool full = is_plain_column (branch) && branch->children->len == n_rows;
    branch->y = LW_DOT_COLUMNS + (full ? 0 : floor ((height - branch->height) / 2));
  }
  return height;
}

static const char *
channels_label (LwDiagramBuild *build, LwNodeId value)
{
  const LwShape shape = lw_graph_node (build->graph, value)->shape;
  if (shape.flat)
    return lw_diagram_keep (build, g_strdup_printf (_ ("%d values"), shape.c));
  return lw_diagram_keep (build, g_strdup_printf (_ ("%d channels"), shape.c));
}

static void
measure_columns (LwDiagramBuild *build, LwDiagramPart *part)
{
  const guint n = part->children->len;
  double x = 0;
  for (guint i = 0; i < n; i++) {
    LwDiagramPart *branch = part->children->pdata[i];
    if (branch->children->len == 0) { /* a bare line with its label */
      branch->label =
          part->item->type == LW_BOX_SUM ? _ ("identity") : channels_label (build, branch->value);
      reach (branch, LW_WORD_GAP, LW_LABEL_OFFSET + label_width (build, branch->label));
    } else {
      /* the shape at the bottom of a column whose last box does not show it */
      const LwDiagramPart *last = branch->children->pdata[branch->children->len - 1];
      if (last->type == LW_PART_BOX && last->item->n_bottom == 0 && branch->value != LW_NO_NODE) {
        set_label (build, branch, branch->value);
        reach (branch, 0, LW_LABEL_OFFSET + label_width (build, branch->label));
      }
    }
    branch->x = x + branch->left;
    x = branch->x + branch->right + LW_COLUMN_GAP;
  }
  const double middle = (x - LW_COLUMN_GAP) / 2;
  for (guint i = 0; i < n; i++)
    ((LwDiagramPart *)part->children->pdata[i])->x -= middle;
  reach (part, middle, middle);
  const double bottom = LW_DOT_COLUMNS + align_rows (part);

  const double first = ((LwDiagramPart *)part->children->pdata[0])->x;
  const double last = ((LwDiagramPart *)part->children->pdata[n - 1])->x;
  LwDiagramItem *join = part->item;
  if (join->type == LW_BOX_CONCAT) {
    const double words = join->width / 2;
    part->bar_left = MIN (MIN (first, 0) - LW_BAR_OVERHANG, -words);
    part->bar_right = MAX (MAX (last, 0) + LW_BAR_OVERHANG, words);
    reach (part, -part->bar_left, part->bar_right);
    part->height = bottom + LW_ROW_GAP + LW_BAR_HEIGHT;
  } else {
    part->bar_left = -LW_SUM_RADIUS;
    part->bar_right = LW_SUM_RADIUS;
    part->height = bottom + LW_ROW_GAP + 2 * LW_SUM_RADIUS;
  }
}

static void
measure_shortcut (LwDiagramBuild *build, LwDiagramPart *part)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  LwDiagramPart *other = part->children->pdata[1 - part->main];
  main->y = LW_DOT_MAIN;
  reach (part, main->left, main->right);
  const double sum = main->y + main->height + LW_GAP_INSIDE + LW_SUM_RADIUS;
  part->height = sum + LW_SUM_RADIUS;
  part->bar_left = -LW_SUM_RADIUS;
  part->bar_right = LW_SUM_RADIUS;
  if (other->children->len == 0) {
    part->lane = main->right + LW_CARRIED;
    part->lane_labels[0] = _ ("identity");
    reach (part, 0, part->lane + LW_LABEL_OFFSET + label_width (build, part->lane_labels[0]));
    return;
  }
  /* "shortcut" above the first box and the shape below the last, both left of the line */
  other->label = _ ("shortcut");
  double side = LW_LABEL_OFFSET + label_width (build, other->label) + LW_WORD_GAP;
  if (other->value != LW_NO_NODE) {
    part->lane_labels[1] = lw_diagram_keep (
        build, lw_diagram_shape_words (lw_graph_node (build->graph, other->value)->shape));
    side = MAX (side, LW_LABEL_OFFSET + label_width (build, part->lane_labels[1]) + LW_WORD_GAP);
  }
  /* room for a label, an arrow and a corner above it, a label and a corner below it */
  const double above = LW_GAP + LW_LABEL_HEIGHT, below = LW_LABEL_HEIGHT + LW_WORD_GAP;
  if (sum < above + other->height + below) {
    const double more = above + other->height + below - sum;
    part->height += more;
  }
  const double room = part->height - LW_SUM_RADIUS - above - below;
  other->y = above + floor ((room - other->height) / 2);
  other->x = main->right + MAX (LW_SHORTCUT_GAP + other->left, side);
  part->lane = other->x;
  reach (part, 0, other->x + other->right);
}

static void
measure_dense (LwDiagramBuild *build, LwDiagramPart *part)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  const double half = part->item->width / 2;
  main->y = LW_DOT_MAIN;
  part->bar_left = -half;
  part->bar_right = half;
  part->height = main->y + main->height + LW_DENSE_BAR_GAP + LW_DENSE_BAR_HEIGHT;
  part->lane = MAX (main->right, half) + LW_CARRIED;
  part->lane_labels[0] = channels_label (build, part->value);
  part->lane_labels[1] = _ ("carried on");
  const double words =
      MAX (label_width (build, part->lane_labels[0]), label_width (build, part->lane_labels[1]));
  reach (part, MAX (main->left, half), part->lane + LW_LABEL_OFFSET + words);
}

/* --- tangles ------------------------------------------------------------------------------------
 */

/* One lane for each value that skips a box, as far in as the others let it: lanes are shared by
 * values whose stretches do not overlap. Returns how many there are. */
static int
choose_lanes (LwDiagramPart *part)
{
  const GArray *links = part->level->links;
  const int n = (int)part->children->len;
  g_autofree int *ends = g_new0 (int, n + 1); /* of source − 1: the farthest that it skips to */
  part->lanes = g_new (int, n + 1);
  for (int i = 0; i <= n; i++)
    part->lanes[i] = -1;
  for (guint k = 0; k < links->len; k++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
    if (link->to > link->from + 1)
      ends[link->from + 1] = MAX (ends[link->from + 1], link->to);
  }
  int n_lanes = 0;
  for (int span = 2; span <= n + 1; span++) /* short ones first */
    for (int i = 0; i <= n; i++) {
      if (ends[i] - (i - 1) != span || ends[i] == 0)
        continue;
      int lane = 0;
      for (int k = 0; k <= n; k++)
        if (part->lanes[k] == lane && k - 1 < ends[i] && i - 1 < ends[k]) {
          lane++;
          k = -1;
        }
      part->lanes[i] = lane;
      n_lanes = MAX (n_lanes, lane + 1);
    }
  return n_lanes;
}

/* All boxes below one another; values that skip some run down lanes at the right. */
static void
measure_tangle (LwDiagramBuild *build, LwDiagramPart *part, int depth)
{
  double y = LW_DOT_MAIN;
  for (guint i = 0; i < part->children->len; i++) {
    LwDiagramPart *child = part->children->pdata[i];
    lw_diagram_measure (build, child, depth);
    if (i > 0)
      y += LW_DOT_GAP + LW_DOT_MAIN;
    child->y = y;
    y += child->height;
    reach (part, child->left, child->right);
  }
  part->lane = part->right + LW_CARRIED;
  part->right = part->lane + LW_LANE * choose_lanes (part);
  part->height = y + LW_DOT_GAP;
}

void
lw_diagram_measure (LwDiagramBuild *build, LwDiagramPart *part, int depth)
{
  part->left = part->right = 0;
  switch (part->type) {
  case LW_PART_BOX:
    measure_box (build, part);
    return;
  case LW_PART_FRAME:
    measure_frame (build, part, depth);
    return;
  case LW_PART_SERIES:
    measure_series (build, part, depth);
    return;
  case LW_PART_TANGLE:
    measure_tangle (build, part, depth);
    return;
  case LW_PART_PARALLEL:
    break;
  }
  for (guint i = 0; i < part->children->len; i++)
    lw_diagram_measure (build, part->children->pdata[i], MAX (depth, 1));
  if (part->style == LW_PARALLEL_COLUMNS)
    measure_columns (build, part);
  else if (part->style == LW_PARALLEL_SHORTCUT)
    measure_shortcut (build, part);
  else
    measure_dense (build, part);
}
