#include "ui/draw/memory-private.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_NODES 8

bool
lw_memory_bar_is_gradient (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  return bar->kind == LW_MEMORY_PARAMETER_GRADIENTS ||
         (bar->buffer >= 0 &&
          lw_plan_buffer (p->use->pass[bar->mode].plan, bar->buffer)->kind == LW_BUFFER_GRADIENT);
}

bool
lw_memory_bar_is_workspace (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  return bar->buffer >= 0 &&
         lw_plan_buffer (p->use->pass[bar->mode].plan, bar->buffer)->kind == LW_BUFFER_WORKSPACE;
}

static bool
is_state (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  return bar->buffer >= 0 &&
         lw_plan_buffer (p->use->pass[bar->mode].plan, bar->buffer)->kind == LW_BUFFER_STATE;
}

LwKind
lw_memory_bar_kind (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  if (bar->node < 0 || bar->node >= p->steps.n_nodes)
    return LW_KIND_DATA;
  return lw_op_info (lw_graph_node (p->graph, bar->node)->op)->kind;
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *
layer_name (const LwMemoryPicture *p, LwNodeId node)
{
  if (node == LW_NO_NODE)
    return _ ("Workspace");
  if (node == p->steps.n_nodes)
    return _ ("loss");
  if (lw_graph_node (p->graph, node)->op == LW_OP_INPUT)
    return _ ("images");
  return lw_graph_node (p->graph, node)->title;
}

/* " after sum and ReLU": the operations that write over what the first has left. g_free. */
static char *
written_over (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  LwNodeId nodes[MOST_NODES];
  const int32_t n = MIN (lw_memory_bar_nodes (p, bar, nodes, MOST_NODES), MOST_NODES);
  GString *words = g_string_new (NULL);
  int written = 0;

  for (int32_t i = 0; i < n; i++) {
    const LwNode *node = nodes[i] < p->steps.n_nodes ? lw_graph_node (p->graph, nodes[i]) : NULL;

    if (nodes[i] <= bar->node || node == NULL || node->op == LW_OP_FLATTEN)
      continue;
    g_string_append (words, written++ == 0 ? _ (" after ") : _ (" and "));
    g_string_append (words, _ (lw_op_info (node->op)->title));
  }
  return g_string_free (words, FALSE);
}

static bool
is_concat (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  return bar->node >= 0 && bar->node < p->steps.n_nodes &&
         lw_graph_node (p->graph, bar->node)->op == LW_OP_CONCAT;
}

static const char *
band_name (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  if (bar->kind == LW_MEMORY_PARAMETERS)
    return _ ("Parameters");
  if (bar->kind == LW_MEMORY_PARAMETER_GRADIENTS)
    return _ ("Parameter gradients");
  return p->use->pass[LW_MODE_TRAINING].optimizer > p->use->pass[LW_MODE_TRAINING].gradients
             ? _ ("Adam’s two moments")
             : _ ("Momentum");
}

char *
lw_memory_bar_name (const LwMemoryPicture *p, int32_t index)
{
  const LwMemoryBar *bar = lw_memory_picture_bar (p, index);
  g_autofree char *after = NULL;

  if (bar->buffer < 0)
    return g_strdup (band_name (p, bar));
  if (lw_memory_bar_is_workspace (p, bar))
    return bar->node == LW_NO_NODE
               ? g_strdup (_ ("Workspace"))
               : g_strdup_printf (_ ("%s, workspace"), layer_name (p, bar->node));
  if (lw_memory_bar_is_gradient (p, bar))
    return g_strdup_printf (_ ("%s, gradient of its output"), layer_name (p, bar->node));
  if (is_state (p, bar))
    return g_strdup_printf (_ ("%s, kept for backward"), layer_name (p, bar->node));
  if (bar->node == p->steps.n_nodes)
    return g_strdup (_ ("loss"));
  if (bar->node == 0)
    return g_strdup (_ ("images"));
  if (is_concat (p, bar))
    return g_strdup_printf (_ ("%s, output"), layer_name (p, bar->node));
  after = written_over (p, bar);
  return g_strdup_printf (_ ("%s, output%s"), layer_name (p, bar->node), after);
}

char *
lw_memory_bar_short_name (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  g_autofree char *bytes = lw_format_bytes (bar->bytes);

  if (bar->buffer < 0)
    return g_strdup_printf ("%s %s", band_name (p, bar), bytes);
  return g_strdup (layer_name (p, bar->node));
}

char *
lw_memory_bar_describe (const LwMemoryPicture *p, int32_t index)
{
  const LwMemoryBar *bar = lw_memory_picture_bar (p, index);
  g_autofree char *bytes = lw_format_bytes (bar->bytes);
  g_autofree char *name = NULL;

  if (bar->buffer < 0)
    name = g_strdup (band_name (p, bar));
  else if (lw_memory_bar_is_workspace (p, bar))
    name = lw_memory_bar_name (p, index);
  else
    name = g_strconcat (layer_name (p, bar->node), " ",
                        lw_memory_bar_is_gradient (p, bar) ? _ ("gradient")
                        : is_state (p, bar)                ? _ ("state")
                                                           : _ ("output"),
                        NULL);
  if (bar->first == bar->last)
    return g_strdup_printf (_ ("%s, %s, step %d"), name, bytes, bar->first);
  return g_strdup_printf (_ ("%s, %s, steps %d to %d"), name, bytes, bar->first, bar->last);
}

/* --- the card --------------------------------------------------------------------------------- */

/* "Stage 2 · Residual 1"; NULL at the top. */
static char *
path_of (const LwMemoryPicture *p, LwNodeId node)
{
  g_autofree char *path = NULL;

  if (node < 0 || node >= p->steps.n_nodes)
    return NULL;
  for (LwBlockId block = lw_graph_node (p->graph, node)->block; block != LW_ROOT_BLOCK;
       block = lw_graph_block (p->graph, block)->parent) {
    const char *title = lw_graph_block (p->graph, block)->title;
    char *longer = path == NULL ? g_strdup (title) : g_strdup_printf ("%s · %s", title, path);

    g_free (path);
    path = longer;
  }
  return g_steal_pointer (&path);
}

/* "128 × 256 × 26 × 26 numbers of 4 bytes". */
static char *
shape_line (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  const int32_t batch = lw_plan_batch (p->use->pass[bar->mode].plan);
  g_autofree char *exact = lw_format_exact (bar->bytes);
  LwShape shape;
  int64_t numbers;

  if (bar->buffer < 0 || is_state (p, bar) || lw_memory_bar_is_workspace (p, bar) ||
      bar->node == p->steps.n_nodes)
    return g_strdup_printf (_ ("%s bytes"), exact);
  shape = lw_graph_node (p->graph, bar->node)->shape;
  numbers = batch * lw_shape_size (shape);
  if (shape.flat)
    return g_strdup_printf (_ ("%d × %d numbers of %d bytes"), batch, shape.c,
                            bar->bytes >= 4 * numbers ? 4 : 2);
  return g_strdup_printf (_ ("%d × %d × %d × %d numbers of %d bytes"), batch, shape.c, shape.h,
                          shape.w, bar->bytes >= 4 * numbers ? 4 : 2);
}

static char *
life_line (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  const int32_t n = p->plots[bar->mode].n_steps;

  if (bar->buffer < 0)
    return g_strdup (_ ("stay over all iterations"));
  if (lw_memory_bar_is_workspace (p, bar) && bar->node == LW_NO_NODE)
    return g_strdup (_ ("scratch memory that the steps share"));
  if (bar->first == bar->last)
    return g_strdup_printf (_ ("only in step %d of %d"), bar->first, n);
  return g_strdup_printf (_ ("written in step %d, last read in step %d of %d"), bar->first,
                          bar->last, n);
}

static char *
address_line (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  const int64_t unit = p->plots[bar->mode].unit;
  const double begin = (double)bar->begin / (double)unit;
  const double end = (double)(bar->begin + bar->bytes) / (double)unit;
  const double apart = end - begin;
  const int decimals = apart >= 10 ? 0 : apart >= 1 ? 1 : apart >= 0.1 ? 2 : 3;

  return g_strdup_printf (_ ("address %.*f to %.*f %s"), decimals, begin, decimals, end,
                          lw_memory_unit_name (unit));
}

char **
lw_memory_bar_lines (const LwMemoryPicture *p, const LwMemoryBar *bar)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autofree char *path = path_of (p, bar->node), *shape = shape_line (p, bar);
  g_autofree char *life = life_line (p, bar), *address = address_line (p, bar);

  if (path != NULL)
    g_strv_builder_add (lines, path);
  g_strv_builder_add_many (lines, shape, life, address, NULL);
  if (is_concat (p, bar) && !lw_memory_bar_is_workspace (p, bar) &&
      lw_memory_bar_nodes (p, bar, NULL, 0) > 1)
    g_strv_builder_add (lines, _ ("its inputs are written here in place"));
  return g_strv_builder_end (lines);
}

/* --- the whole -------------------------------------------------------------------------------- */

char *
lw_memory_picture_describe (const LwMemoryPicture *p)
{
  g_autofree char *training = lw_format_bytes (p->use->pass[LW_MODE_TRAINING].total);
  g_autofree char *inference = lw_format_bytes (p->use->pass[LW_MODE_INFERENCE].total);

  return g_strdup_printf (
      _ ("Memory of %s at a batch of %d: training peaks at %s in step %d of "
         "%d, inference at %s"),
      lw_graph_title (p->graph), lw_plan_batch (p->use->pass[LW_MODE_TRAINING].plan), training,
      p->plots[LW_MODE_TRAINING].peak_step, p->plots[LW_MODE_TRAINING].n_steps, inference);
}

char *
lw_memory_picture_reason (const LwMemoryPicture *p)
{
  const double times = (double)p->use->pass[LW_MODE_TRAINING].total /
                       (double)MAX (p->use->pass[LW_MODE_INFERENCE].total, 1);
  const double rounded = times < 9.95 ? round (10 * times) / 10 : round (times);

  return g_strdup_printf (_ ("Training must keep every output until its backward step has used "
                             "it, so bars of the first layers are the longest. Inference keeps "
                             "one or two at a time: %.*f times less memory here."),
                          times < 9.95 ? 1 : 0, rounded);
}
