/* Sizes of parallel parts: columns, shortcuts, carried channels. Their branches are measured. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>

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
  if (build->options.edges != LW_EDGES_SHAPES)
    return lw_diagram_value_words (build, value);
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
      lw_diagram_reach (branch, LW_WORD_GAP,
                        LW_LABEL_OFFSET + lw_diagram_label_width (build, branch->label));
    } else {
      /* the shape at the bottom of a column whose last box does not show it */
      const LwDiagramPart *last = branch->children->pdata[branch->children->len - 1];
      if (last->type == LW_PART_BOX && branch->value != LW_NO_NODE &&
          (last->item->n_bottom == 0 || build->options.edges == LW_EDGES_NAMES)) {
        lw_diagram_set_label (build, branch, branch->value);
        lw_diagram_reach (branch, 0,
                          LW_LABEL_OFFSET + lw_diagram_label_width (build, branch->label));
      }
    }
    branch->x = x + branch->left;
    x = branch->x + branch->right + LW_COLUMN_GAP;
  }
  const double middle = (x - LW_COLUMN_GAP) / 2;
  for (guint i = 0; i < n; i++)
    ((LwDiagramPart *)part->children->pdata[i])->x -= middle;
  lw_diagram_reach (part, middle, middle);
  const double bottom = LW_DOT_COLUMNS + align_rows (part);

  const double first = ((LwDiagramPart *)part->children->pdata[0])->x;
  const double last = ((LwDiagramPart *)part->children->pdata[n - 1])->x;
  LwDiagramItem *join = part->item;
  if (join->type == LW_BOX_CONCAT) {
    const double words = join->width / 2;
    part->bar_left = MIN (MIN (first, 0) - LW_BAR_OVERHANG, -words);
    part->bar_right = MAX (MAX (last, 0) + LW_BAR_OVERHANG, words);
    lw_diagram_reach (part, -part->bar_left, part->bar_right);
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
  lw_diagram_reach (part, main->left, main->right);
  const double sum = main->y + main->height + LW_GAP_INSIDE + LW_SUM_RADIUS;
  part->height = sum + LW_SUM_RADIUS;
  part->bar_left = -LW_SUM_RADIUS;
  part->bar_right = LW_SUM_RADIUS;
  if (other->children->len == 0) {
    part->lane = main->right + LW_CARRIED;
    part->lane_labels[0] = _ ("identity");
    lw_diagram_reach (part, 0,
                      part->lane + LW_LABEL_OFFSET +
                          lw_diagram_label_width (build, part->lane_labels[0]));
    return;
  }
  /* "shortcut" above the first box and the shape below the last, both left of the line */
  other->label = _ ("shortcut");
  double side = LW_LABEL_OFFSET + lw_diagram_label_width (build, other->label) + LW_WORD_GAP;
  if (other->value != LW_NO_NODE) {
    part->lane_labels[1] = lw_diagram_value_words (build, other->value);
    side = MAX (side, LW_LABEL_OFFSET + lw_diagram_label_width (build, part->lane_labels[1]) +
                          LW_WORD_GAP);
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
  lw_diagram_reach (part, 0, other->x + other->right);
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
  const double words = MAX (lw_diagram_label_width (build, part->lane_labels[0]),
                            lw_diagram_label_width (build, part->lane_labels[1]));
  lw_diagram_reach (part, MAX (main->left, half), part->lane + LW_LABEL_OFFSET + words);
}

void
lw_diagram_measure_parallel (LwDiagramBuild *build, LwDiagramPart *part)
{
  if (part->style == LW_PARALLEL_COLUMNS)
    measure_columns (build, part);
  else if (part->style == LW_PARALLEL_SHORTCUT)
    measure_shortcut (build, part);
  else
    measure_dense (build, part);
}
