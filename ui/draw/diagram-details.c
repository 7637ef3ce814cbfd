/* The words that a reader chooses: lines of a box after its first, values of strips, totals of open
 * blocks, labels of edges. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define N_FACTS (LW_MORE + 2)

char *
lw_diagram_ms_words (double ms)
{
  if (ms < 0.01)
    return g_strdup (ms > 0 ? "<0.01" : "0");
  return g_strdup_printf (ms < 10 ? "%.2f" : ms < 100 ? "%.1f" : "%.0f", ms);
}

static double
sum (const double *values, LwNodeId first, LwNodeId last)
{
  double all = 0;
  for (LwNodeId i = first; i <= last; i++)
    all += values[i];
  return all;
}

/* "fwd 0.42 · bwd 0.81 ms"; "0.42 + 0.81 ms" where there is little room. */
static const char *
time_words (LwDiagramBuild *build, LwNodeId first, LwNodeId last, bool brief)
{
  const LwDiagramOptions *options = &build->options;
  if (!options->forward_ms || !options->backward_ms)
    return _ ("– ms");
  g_autofree char *forward = lw_diagram_ms_words (sum (options->forward_ms, first, last));
  g_autofree char *backward = lw_diagram_ms_words (sum (options->backward_ms, first, last));
  return lw_diagram_keep (
      build,
      g_strdup_printf (brief ? _ ("%s + %s ms") : _ ("fwd %s · bwd %s ms"), forward, backward));
}

/* Clamped to the image: more than all of it nobody can see. */
static const char *
field_words (LwDiagramBuild *build, LwNodeId node)
{
  const LwShape image = lw_graph_input_shape (build->graph);
  if (image.flat)
    return NULL;
  const int32_t size = build->fields[node].size;
  return lw_diagram_keep (
      build, g_strdup_printf (_ ("sees %d × %d"), MIN (size, image.h), MIN (size, image.w)));
}

void
lw_diagram_details (LwDiagramBuild *build, LwDiagramItem *item, LwCost cost, LwNodeId first,
                    LwNodeId last, bool plain, bool shape_shown)
{
  LwDiagramBox *words = &item->words;
  const bool block = item->block >= 0;
  const LwShow shows = build->shows;
  const char *facts[N_FACTS] = { NULL };
  int n = 0;
  words->left = words->right = NULL;
  memset (words->more, 0, sizeof words->more);
  if (item->type == LW_BOX_THIN) {
    item->body_height = LW_THIN_HEIGHT;
    return;
  }
  if (plain && shows & LW_SHOW_PARAMETERS)
    facts[0] = lw_diagram_parameter_words (build, cost.parameters, !block, !block && words->narrow);
  if (plain && shows & LW_SHOW_COUNT)
    facts[1] = lw_diagram_keep (build, lw_diagram_count_words (cost, build->options.count));
  if (facts[0] || facts[1])
    n = 2;
  if (shows & LW_SHOW_OUTPUT && !shape_shown && build->options.edges == LW_EDGES_NOTHING)
    facts[n++] = words->shape;
  if (shows & LW_SHOW_MEMORY)
    facts[n++] = lw_diagram_keep (build, lw_format_bytes (cost.output_bytes));
  if (shows & LW_SHOW_FIELD)
    facts[n] = field_words (build, last);
  n += facts[n] != NULL;
  if (shows & LW_SHOW_TIME)
    facts[n++] = time_words (build, first, last, false);
  words->left = facts[0];
  words->right = facts[1];
  memcpy (words->more, facts + 2, sizeof words->more);
  item->body_height = n == 0 ? LW_LINE_HEIGHT : LW_BOX_HEIGHT + LW_MORE_HEIGHT * ((n - 1) / 2);
}

static void
join (GString *out, const char *words)
{
  if (words && *words)
    g_string_append_printf (out, "%s%s", out->len > 0 ? " · " : "", words);
}

const char *
lw_diagram_totals (LwDiagramBuild *build, LwBlockId block)
{
  const LwBlock *info = lw_graph_block (build->graph, block);
  const LwCost cost = lw_block_cost (build->graph, block);
  const LwShow shows = build->shows;
  GString *out = g_string_new (NULL);
  if (shows & LW_SHOW_PARAMETERS)
    join (out, lw_diagram_parameter_words (build, cost.parameters, false, false));
  if (shows & LW_SHOW_COUNT)
    join (out, lw_diagram_keep (build, lw_diagram_count_words (cost, build->options.count)));
  if (shows & LW_SHOW_MEMORY)
    join (out, lw_diagram_keep (build, lw_format_bytes (cost.output_bytes)));
  if (shows & LW_SHOW_TIME)
    join (out, time_words (build, info->first, info->last, true));
  return lw_diagram_keep (build, g_string_free (out, FALSE));
}

const char *
lw_diagram_strip_words (LwDiagramBuild *build, LwNodeId node, bool with_parameters, bool with_shape)
{
  const LwCost cost = lw_node_cost (build->graph, node);
  const LwShow shows = build->shows;
  g_autoptr (GString) out = g_string_new (NULL);
  if (with_parameters && cost.parameters > 0 && shows & LW_SHOW_PARAMETERS)
    join (out, lw_diagram_parameter_words (build, cost.parameters, true, false));
  if (with_shape && out->len == 0 && shows & LW_SHOW_OUTPUT) {
    g_autofree char *shape = lw_diagram_shape_words (lw_graph_node (build->graph, node)->shape);
    join (out, shape);
  }
  if (shows & LW_SHOW_MEMORY) {
    g_autofree char *bytes = lw_format_bytes (cost.output_bytes);
    join (out, bytes);
  }
  if (shows & LW_SHOW_TIME)
    join (out, time_words (build, node, node, true));
  return out->len > 0 ? g_string_chunk_insert_const (build->strings, out->str) : NULL;
}

const char *
lw_diagram_detail_words (LwDiagramBuild *build, LwNodeId node, bool with_stride)
{
  const LwNode *info = lw_graph_node (build->graph, node);
  const LwOpInfo *op = lw_op_info (info->op);
  const bool windowed =
      info->op == LW_OP_CONV2D || info->op == LW_OP_MAX_POOL || info->op == LW_OP_AVG_POOL;
  GString *out = g_string_new (NULL);
  g_autofree char *title = g_ascii_strdown (info->title, -1);
  const char *last_word = strrchr (op->label, ' ');
  last_word = last_word ? last_word + 1 : op->label;
  if (build->shows & LW_SHOW_TYPE && !strstr (title, last_word))
    g_string_append (out, op->label);
  if (build->shows & LW_SHOW_WINDOW) {
    g_autofree char *window = lw_diagram_window_words (build->graph, node, with_stride);
    g_string_append_printf (out, "%s%s", out->len > 0 && *window ? " " : "", window);
  }
  if (build->shows & LW_SHOW_PADDING && with_stride && windowed && info->window.padding > 0)
    g_string_append_printf (out, "%s%s %d", out->len > 0 ? ", " : "", _ ("padding"),
                            info->window.padding);
  if (build->shows & LW_SHOW_PADDING && with_stride && info->ceil_mode)
    g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", _ ("rounded up"));
  const char *kept = out->len > 0 ? g_string_chunk_insert_const (build->strings, out->str) : NULL;
  g_string_free (out, TRUE);
  return kept;
}

const char *
lw_diagram_value_words (LwDiagramBuild *build, LwNodeId value)
{
  const LwNode *node = lw_graph_node (build->graph, value);
  if (build->options.edges == LW_EDGES_NOTHING)
    return NULL;
  g_autofree char *shape = lw_diagram_shape_words (node->shape);
  if (build->options.edges == LW_EDGES_SHAPES)
    return lw_diagram_keep (build, g_steal_pointer (&shape));
  return lw_diagram_keep (build, g_strdup_printf ("%s · %s", node->name, shape));
}
