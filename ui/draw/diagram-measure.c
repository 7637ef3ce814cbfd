/* Sizes of parts, from the inside out: how far each reaches left and right of its axis, how high it
 * is, and where its children stand in it. */
#include "ui/draw/diagram-private.h"

#include <math.h>

/* A frame is not stretched to more than this times its own width. */
#define MUCH_WIDER 1.6

double
lw_diagram_label_width (const LwDiagramBuild *build, const char *label)
{
  return lw_text_width (build->options.text, LW_TEXT_DETAIL, label);
}

void
lw_diagram_reach (LwDiagramPart *part, double left, double right)
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
      right = MAX (right,
                   item->width / 2 + LW_WORD_GAP + lw_diagram_label_width (build, item->notes[i]));
  lw_diagram_reach (part, item->width / 2, right);
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
  if (!item || to->value == LW_NO_NODE || build->options.edges == LW_EDGES_NOTHING)
    return false;
  if (build->options.edges == LW_EDGES_NAMES)
    return true;
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

void
lw_diagram_set_label (LwDiagramBuild *build, LwDiagramPart *part, LwNodeId value)
{
  part->label = lw_diagram_value_words (build, value);
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
  lw_diagram_reach (frame, left, right);
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
        lw_diagram_set_label (build, part, part->value);
      part->dot_gap = gap_between (before, part, gap);
      y += part->dot_gap;
    }
    part->y = y;
    y += part->height;
    lw_diagram_reach (series, part->left, part->right);
    if (part->label) {
      const double side = LW_LABEL_OFFSET + lw_diagram_label_width (build, part->label);
      if (part->role == LW_ROLE_SHORTCUT)
        lw_diagram_reach (series, side, 0);
      else
        lw_diagram_reach (series, 0, side);
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
  lw_diagram_reach (part, MAX (content->left + LW_FRAME_PAD, title + LW_WORD_GAP),
                    MAX (content->right + LW_FRAME_PAD, totals + LW_WORD_GAP));
  /* a plain column in a frame looks calmer in its middle */
  const double side = MAX (part->left, part->right);
  if (fabs (content->left - content->right) < 1)
    lw_diagram_reach (part, side, side);
  widen (part, part->left, part->right);
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
    lw_diagram_measure_tangle (build, part, depth);
    return;
  case LW_PART_PARALLEL:
    break;
  }
  for (guint i = 0; i < part->children->len; i++)
    lw_diagram_measure (build, part->children->pdata[i], MAX (depth, 1));
  lw_diagram_measure_parallel (build, part);
}
