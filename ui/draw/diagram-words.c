/* The words in boxes, and how wide a box must be for them. Words are measured, never cut: a box
 * grows in steps of 8 up to a limit, then the line that is too long drops words: the first its
 * stride, the second the count, then the parameters; if that is not enough, it grows on. Boxes of
 * the same role in the same place share one width. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* From here on parameters of layers are shortened too. */
#define EXACT_BELOW 1000000

const char *
lw_diagram_keep (LwDiagramBuild *build, char *string)
{
  const char *kept = g_string_chunk_insert_const (build->strings, string);
  g_free (string);
  return kept;
}

char *
lw_diagram_shape_words (LwShape shape)
{
  if (shape.flat)
    return g_strdup_printf ("%d", shape.c);
  return g_strdup_printf ("%d × %d × %d", shape.c, shape.h, shape.w);
}

char *
lw_diagram_window_words (const LwGraph *graph, LwNodeId node, bool with_stride)
{
  const LwNode *info = lw_graph_node (graph, node);
  const LwWindow window = info->window;
  const LwShape input =
      info->n_inputs > 0 ? lw_graph_node (graph, info->inputs[0])->shape : info->shape;
  switch (info->op) {
  case LW_OP_LINEAR:
    return g_strdup_printf ("%d → %d", input.c, info->shape.c);
  case LW_OP_GLOBAL_AVG_POOL:
    return g_strdup_printf ("%d×%d", input.h, input.w);
  case LW_OP_CONV2D:
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL: {
    /* A pooling that moves by its own width is the usual one and need not say so. */
    const bool usual = info->op != LW_OP_CONV2D && window.stride == window.kernel;
    if (with_stride && window.stride != 1 && !usual)
      return g_strdup_printf (_ ("%d×%d, stride %d"), window.kernel, window.kernel, window.stride);
    return g_strdup_printf ("%d×%d", window.kernel, window.kernel);
  }
  case LW_OP_DROPOUT:
    return g_strdup_printf ("%.3g", (double)info->dropout);
  default:
    return g_strdup ("");
  }
}

char *
lw_diagram_count_words (LwCost cost, LwCount count)
{
  const int64_t value = count == LW_COUNT_MACS    ? cost.macs
                        : count == LW_COUNT_FLOPS ? 2 * cost.macs
                                                  : cost.operations;
  g_autofree char *number = lw_format_short ((double)value);
  if (count == LW_COUNT_MACS)
    return g_strdup_printf (_ ("%s MACs"), number);
  if (count == LW_COUNT_FLOPS)
    return g_strdup_printf (_ ("%s FLOPs"), number);
  return g_strdup_printf (_ ("%s ops"), number);
}

const char *
lw_diagram_parameter_words (LwDiagramBuild *build, int64_t parameters, bool exact, bool narrow)
{
  if (parameters == 0 && !narrow)
    return _ ("no parameters");
  g_autofree char *number = exact && parameters < EXACT_BELOW
                                ? lw_format_exact (parameters)
                                : lw_format_short ((double)parameters);
  if (narrow)
    return lw_diagram_keep (build, g_steal_pointer (&number));
  return lw_diagram_keep (build, g_strdup_printf (_ ("%s params"), number));
}

static double
width (const LwDiagramBuild *build, LwTextStyle style, const char *words)
{
  return lw_text_width (build->options.text, style, words);
}

static double
line_width (const LwDiagramBuild *build, double first, const char *left, const char *right)
{
  const double a = width (build, LW_TEXT_DETAIL, left), b = width (build, LW_TEXT_DETAIL, right);
  return LW_PAD_LEFT + first + (a > 0 && first > 0 ? LW_WORD_GAP : 0) + a +
         (b > 0 ? LW_WORD_GAP + b : 0) + LW_PAD_RIGHT;
}

static double
first_line (const LwDiagramBuild *build, const LwDiagramItem *item)
{
  const LwDiagramBox *words = &item->words;
  const LwTextStyle style = words->type == LW_BOX_THIN ? LW_TEXT_DETAIL : LW_TEXT_NAME;
  const double chevron = item->block >= 0 ? LW_CHEVRON : 0;
  return line_width (build, chevron + width (build, style, words->name), words->detail,
                     words->aside);
}

static double
other_lines (const LwDiagramBuild *build, const LwDiagramItem *item)
{
  const LwDiagramBox *words = &item->words;
  double need = line_width (build, 0, words->left, words->right);
  for (int i = 0; i + 1 < LW_MORE; i += 2)
    need = MAX (need, line_width (build, 0, words->more[i], words->more[i + 1]));
  return need;
}

/* What all words of a box need. */
static double
needed_width (const LwDiagramBuild *build, const LwDiagramItem *item)
{
  double need = MAX (first_line (build, item), other_lines (build, item)), top = 0;
  for (int i = 0; i < item->n_top + item->n_bottom; i++) {
    const double strip = line_width (build, 0, item->strip_titles[i], item->strip_values[i]);
    if (i < item->n_top)
      top += strip;
    else
      need = MAX (need, strip);
  }
  return MAX (need, top);
}

/* "bn1 batch norm"; only "batch norm" where the name is a number or its layer's own name again. */
static const char *
strip_title (LwDiagramBuild *build, const LwNode *node, const char *host)
{
  const LwOpInfo *op = lw_op_info (node->op);
  if (op->kind == LW_KIND_NORMALIZATION && !g_str_has_prefix (node->title, op->label) &&
      !(host && g_str_has_prefix (node->title, host)) && !g_ascii_isdigit (node->title[0]))
    return lw_diagram_keep (build, g_strdup_printf ("%s %s", node->title, op->label));
  if (node->op == LW_OP_DROPOUT)
    return lw_diagram_keep (build, g_strdup_printf ("%s %.3g", op->label, (double)node->dropout));
  return op->label;
}

static void
strip_words (LwDiagramBuild *build, LwDiagramItem *item, bool narrow)
{
  const int n = item->n_top + item->n_bottom;
  for (int i = 0; i < n; i++) {
    const LwNode *node = lw_graph_node (build->graph, item->strips[i]);
    const bool last = narrow && i == n - 1 && i >= item->n_top;
    item->strip_titles[i] =
        strip_title (build, node, lw_graph_node (build->graph, item->host)->title);
    item->strip_values[i] =
        lw_diagram_strip_words (build, item->strips[i], true, node->op == LW_OP_FLATTEN || last);
  }
}

/* Module numbers ("0", "3") say nothing to people; the kind of layer does. */
static const char *
layer_name (const LwNode *node)
{
  for (const char *p = node->title; *p; p++)
    if (!g_ascii_isdigit (*p))
      return node->title;
  return lw_op_info (node->op)->label;
}

static void
layer_words (LwDiagramBuild *build, LwDiagramItem *item, bool narrow, double base, double limit)
{
  const LwNode *node = lw_graph_node (build->graph, item->host);
  const LwCost cost = lw_node_cost (build->graph, item->host);
  const bool thin = item->type == LW_BOX_THIN;
  LwDiagramBox *words = &item->words;
  const bool two_lines =
      !thin && (narrow || cost.parameters > 0 || cost.macs > 0 ||
                (build->options.count == LW_COUNT_OPERATIONS && cost.operations > 0));
  words->name = thin ? strip_title (build, node, NULL) : layer_name (node);
  const char *shape = lw_diagram_keep (build, lw_diagram_shape_words (node->shape));
  if (thin)
    shape = lw_diagram_strip_words (build, item->host, false, true);
  else if (!(build->shows & LW_SHOW_OUTPUT))
    shape = NULL;
  const char *details[2] = { lw_diagram_detail_words (build, item->host, true),
                             lw_diagram_detail_words (build, item->host, false) };
  strip_words (build, item, narrow);

  for (int i = 0; i < 2; i++) {
    const char *detail = thin ? NULL : details[i];
    words->detail = narrow ? NULL : detail;
    words->aside = narrow && !thin ? detail : shape;
    if (first_line (build, item) <= limit)
      break;
  }
  lw_diagram_details (build, item, cost, item->host, item->host, two_lines,
                      !narrow || item->n_bottom > 0);
  if (line_width (build, 0, words->left, words->right) > limit)
    words->right = NULL;
  if (line_width (build, 0, words->left, words->right) > limit)
    words->left = NULL;
  item->width = MAX (base, needed_width (build, item));
  if (!narrow)
    lw_diagram_notes (build, item);
}

static void
block_words (LwDiagramBuild *build, LwDiagramItem *item, double base)
{
  const LwGraph *graph = build->graph;
  const LwBlock *block = lw_graph_block (graph, item->block);
  LwDiagramBox *words = &item->words;
  LwCost cost = lw_block_cost (graph, item->block);
  words->name = block->title;
  if (item->type == LW_BOX_GROUP) {
    const char *end = lw_graph_block (graph, item->last_block)->title;
    const char *number = strrchr (end, ' ');
    words->name = lw_diagram_keep (
        build, g_strdup_printf ("%s – %s", block->title, number ? number + 1 : end));
    cost = (LwCost){ 0 };
    for (LwNodeId i = item->first; i <= item->last; i++) {
      const LwCost one = lw_node_cost (graph, i);
      cost.parameters += one.parameters;
      cost.macs += one.macs;
      cost.operations += one.operations;
      cost.output_bytes += one.output_bytes;
    }
  }
  words->sheet = item->type == LW_BOX_GROUP || lw_diagram_repeats (graph, item->block) > 1;
  lw_diagram_details (build, item, cost, item->first, item->last, true, false);
  const char *summaries[LW_SUMMARIES];
  const int n = lw_diagram_summaries (build, item, summaries);
  for (int i = 0; i < n; i++) {
    words->aside = summaries[i];
    if (needed_width (build, item) <= base)
      break;
  }
  item->width = MAX (base, needed_width (build, item));
}

static void
frame_words (LwDiagramBuild *build, LwDiagramItem *item)
{
  item->words.name = lw_graph_block (build->graph, item->block)->title;
  item->totals = lw_diagram_totals (build, item->block);
}

/* "concat 128 + 192 + 96 + 64 = 480 channels" */
static const char *
concat_words (LwDiagramBuild *build, const LwNode *node, bool with_unit)
{
  GString *out = g_string_new (lw_op_info (node->op)->label);
  for (int32_t i = 0; i < node->n_inputs; i++)
    g_string_append_printf (out, "%s%d", i ? " + " : " ",
                            lw_graph_node (build->graph, node->inputs[i])->shape.c);
  g_string_append_printf (out, " = %d", node->shape.c);
  if (with_unit && !node->shape.flat)
    g_string_append (out, _ (" channels"));
  return lw_diagram_keep (build, g_string_free (out, FALSE));
}

static void
join_words (LwDiagramBuild *build, LwDiagramItem *item, bool dense)
{
  const LwNode *node = lw_graph_node (build->graph, item->host);
  if (item->type == LW_BOX_SUM) {
    item->words.name = lw_op_info (node->op)->label;
    item->width = item->body_height = 2 * LW_SUM_RADIUS;
    return;
  }
  item->words.name = concat_words (build, node, !dense);
  item->width = width (build, LW_TEXT_DETAIL_BOLD, item->words.name) + 2 * LW_WORD_GAP;
  item->body_height = dense ? LW_DENSE_BAR_HEIGHT : LW_BAR_HEIGHT;
}

static void
input_words (LwDiagramBuild *build, LwDiagramItem *item)
{
  const LwShape shape = lw_graph_node (build->graph, item->host)->shape;
  item->words.name =
      lw_diagram_keep (build, shape.flat ? g_strdup_printf (_ ("Input %d"), shape.c)
                                         : g_strdup_printf (_ ("Input %d × %d"), shape.h, shape.w));
  item->width = width (build, LW_TEXT_NAME, item->words.name) + 2 * 25;
  item->body_height = LW_PILL_HEIGHT;
}

static void
item_words (LwDiagramBuild *build, LwDiagramItem *item, LwBoxRole role, bool dense)
{
  static const double bases[] = { LW_TRUNK_WIDTH, LW_BRANCH_WIDTH, LW_SHORTCUT_WIDTH };
  static const double limits[] = { LW_TRUNK_MAX, LW_BRANCH_MAX, LW_SHORTCUT_MAX };
  LwDiagramBox *words = &item->words;
  words->type = item->type;
  words->node = item->block >= 0 ? LW_NO_NODE : item->host;
  words->block = item->block;
  words->last_block = item->last_block;
  words->narrow = role != LW_ROLE_TRUNK;
  words->kind = item->block >= 0 ? LW_KIND_JOIN
                                 : lw_op_info (lw_graph_node (build->graph, item->host)->op)->kind;
  words->shape = lw_diagram_keep (
      build, lw_diagram_shape_words (lw_graph_node (build->graph, item->output)->shape));
  if (item->item_kind == LW_ITEM_OPEN)
    frame_words (build, item);
  else if (item->type == LW_BOX_INPUT)
    input_words (build, item);
  else if (item->type == LW_BOX_SUM || item->type == LW_BOX_CONCAT)
    join_words (build, item, dense);
  else if (item->block >= 0)
    block_words (build, item, bases[role]);
  else
    layer_words (build, item, words->narrow, bases[role], limits[role]);
  const bool on_top = item->n_top > 0;
  item->height = item->body_height + LW_STRIP_HEIGHT * (on_top + item->n_bottom);
}

static bool
has_role_width (const LwDiagramItem *item)
{
  return item->item_kind == LW_ITEM_BOX && item->type != LW_BOX_INPUT && item->type != LW_BOX_SUM &&
         item->type != LW_BOX_CONCAT;
}

static void
fit (LwDiagramBuild *build, LwDiagramPart *part, LwBoxRole role)
{
  part->role = role;
  if (part->item)
    item_words (build, part->item, role,
                part->type == LW_PART_PARALLEL && part->style == LW_PARALLEL_DENSE);
  for (guint i = 0; part->children && i < part->children->len; i++) {
    LwBoxRole child = role;
    if (part->type == LW_PART_PARALLEL && part->style == LW_PARALLEL_COLUMNS)
      child = LW_ROLE_BRANCH;
    else if (part->type == LW_PART_PARALLEL && (int)i != part->main)
      child = LW_ROLE_SHORTCUT;
    fit (build, part->children->pdata[i], child);
  }
}

static void
share_width (LwDiagramPart *part, double shared)
{
  if (part->type == LW_PART_BOX && has_role_width (part->item))
    part->item->width = shared;
  for (guint i = 0; part->children && i < part->children->len; i++)
    share_width (part->children->pdata[i], shared);
}

static double
in_steps (double need, double base)
{
  return base + LW_GROW * ceil (MAX (0, need - base) / LW_GROW - 1e-9);
}

/* Boxes of the trunk share a width, those of one set of columns, those of one shortcut. */
static void
settle (LwDiagramPart *part, LwBoxRole role, double *widest, bool assign)
{
  if (part->type == LW_PART_BOX && has_role_width (part->item)) {
    if (assign)
      part->item->width = *widest;
    else
      *widest = MAX (*widest, part->item->width);
  }
  for (guint i = 0; part->children && i < part->children->len; i++) {
    LwDiagramPart *child = part->children->pdata[i];
    if (child->role == role) {
      settle (child, role, widest, assign);
    } else if (!assign && child->role == LW_ROLE_SHORTCUT) {
      double own = LW_SHORTCUT_WIDTH;
      settle (child, LW_ROLE_SHORTCUT, &own, false);
      share_width (child, in_steps (own, LW_SHORTCUT_WIDTH));
    } else if (!assign && i == 0) {
      double own = LW_BRANCH_WIDTH;
      for (guint k = 0; k < part->children->len; k++)
        settle (part->children->pdata[k], LW_ROLE_BRANCH, &own, false);
      for (guint k = 0; k < part->children->len; k++)
        share_width (part->children->pdata[k], in_steps (own, LW_BRANCH_WIDTH));
    }
  }
}

void
lw_diagram_fit_words (LwDiagramBuild *build, LwDiagramPart *part)
{
  double widest = LW_TRUNK_WIDTH;
  fit (build, part, LW_ROLE_TRUNK);
  settle (part, LW_ROLE_TRUNK, &widest, false);
  widest = in_steps (widest, LW_TRUNK_WIDTH);
  settle (part, LW_ROLE_TRUNK, &widest, true);
}
