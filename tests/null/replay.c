#include "tests/null/replay.h"

/* What lies in a buffer: the value, state or gradient of a node. A gradient also counts its
 * contributions, so that a sum which lost or gained a part is seen. */
typedef struct {
  LwBufferKind kind;
  LwNodeId node; /* −1: nothing, or what was overwritten */
  int parts;
} Label;

typedef struct {
  const LwPlan *plan;
  LwGraph *graph;
  LwNodeId n;
  Label *labels; /* of each buffer */
  int32_t step;
} Replay;

/* Flatten's numbers are its input's. */
static LwNodeId
content_of (const Replay *replay, LwNodeId id)
{
  if (id == replay->n)
    return id;
  const LwNode *node = lw_graph_node (replay->graph, id);
  return node->op == LW_OP_FLATTEN ? content_of (replay, node->inputs[0]) : id;
}

static void
write_label (Replay *replay, int32_t index, Label label)
{
  const LwBuffer *buffer = lw_plan_buffer (replay->plan, index);
  g_assert_cmpint (buffer->life.first, <=, replay->step);
  g_assert_cmpint (buffer->life.last, >=, replay->step);
  for (int32_t i = 0; i < lw_plan_n_buffers (replay->plan); i++) {
    const LwBuffer *other = lw_plan_buffer (replay->plan, i);
    if (other->offset < buffer->offset + buffer->life.bytes &&
        buffer->offset < other->offset + other->life.bytes)
      replay->labels[i] = (Label){ .node = -1 };
  }
  replay->labels[index] = label;
}

static void
check (const Replay *replay, int32_t index, LwBufferKind kind, LwNodeId node)
{
  g_assert_cmpint (index, >=, 0);
  const LwBuffer *buffer = lw_plan_buffer (replay->plan, index);
  g_assert_cmpint (buffer->life.first, <=, replay->step);
  g_assert_cmpint (buffer->life.last, >=, replay->step);
  g_assert_cmpint (replay->labels[index].kind, ==, kind);
  g_assert_cmpint (replay->labels[index].node, ==, node);
}

static void
check_value (const Replay *replay, LwNodeId id)
{
  check (replay, lw_plan_value (replay->plan, id), LW_BUFFER_VALUE, content_of (replay, id));
}

static void
scribble_workspace (Replay *replay, LwNodeId id)
{
  int32_t workspace = lw_plan_workspace (replay->plan, id);
  if (workspace >= 0)
    write_label (replay, workspace, (Label){ LW_BUFFER_WORKSPACE, id, 0 });
}

static void
forward (Replay *replay, LwNodeId id)
{
  LwStep step;
  lw_plan_describe_step (replay->plan, id, &step);
  replay->step = id;
  scribble_workspace (replay, id);
  for (int32_t i = 0; i < step.n_x; i++)
    check_value (replay, step.node != NULL ? step.node->inputs[i] : id - 1);
  write_label (replay, lw_plan_value (replay->plan, id),
               (Label){ LW_BUFFER_VALUE, content_of (replay, id), 0 });
  if (lw_plan_state (replay->plan, id) >= 0)
    write_label (replay, lw_plan_state (replay->plan, id), (Label){ LW_BUFFER_STATE, id, 0 });
}

/* How often the rest of the network reads a content: so many parts make up its gradient. */
static int
count_reads (const Replay *replay, LwNodeId content)
{
  int reads = content_of (replay, replay->n - 1) == content; /* by the loss */
  for (LwNodeId id = content + 1; id < replay->n; id++) {
    const LwNode *node = lw_graph_node (replay->graph, id);
    for (int32_t i = 0; i < node->n_inputs && node->op != LW_OP_FLATTEN; i++)
      reads += content_of (replay, node->inputs[i]) == content;
  }
  return reads;
}

static void
write_gradient (Replay *replay, LwNodeId input, bool accumulate)
{
  int32_t index = lw_plan_gradient (replay->plan, input);
  LwNodeId content = content_of (replay, input);
  if (index < 0) {
    g_assert_cmpint (lw_graph_node (replay->graph, content)->op, ==, LW_OP_INPUT);
    return;
  }
  int parts = 1;
  if (accumulate) {
    check (replay, index, LW_BUFFER_GRADIENT, content);
    parts += replay->labels[index].parts;
  }
  write_label (replay, index, (Label){ LW_BUFFER_GRADIENT, content, parts });
}

static void
backward (Replay *replay, LwNodeId id)
{
  LwStep step;
  lw_plan_describe_step (replay->plan, id, &step);
  const LwOpInfo *info = lw_op_info (step.op);
  replay->step = id == replay->n ? id + 1 : 2 * replay->n + 1 - id;
  scribble_workspace (replay, id);
  if (id < replay->n && lw_plan_gradient (replay->plan, id) >= 0) {
    int32_t gradient = lw_plan_gradient (replay->plan, id);
    LwNodeId content = content_of (replay, id);
    check (replay, gradient, LW_BUFFER_GRADIENT, content);
    if (id == content)
      g_assert_cmpint (replay->labels[gradient].parts, ==, count_reads (replay, content));
  }
  for (int32_t i = 0; i < step.n_x && (info->saves & LW_SAVES_INPUT) != 0; i++)
    check_value (replay, step.node != NULL ? step.node->inputs[i] : id - 1);
  if ((info->saves & LW_SAVES_OUTPUT) != 0)
    check_value (replay, id);
  if (lw_plan_state (replay->plan, id) >= 0)
    check (replay, lw_plan_state (replay->plan, id), LW_BUFFER_STATE, id);
  if (step.op == LW_OP_FLATTEN)
    return; /* the same memory, read under another shape */
  for (int32_t i = 0; i < step.n_x; i++) {
    bool accumulate = (step.accumulate & (1u << i)) != 0;
    write_gradient (replay, step.node != NULL ? step.node->inputs[i] : id - 1, accumulate);
    /* dy must outlive the writing of dx, unless dx takes its place. */
    int32_t own = id < replay->n ? lw_plan_gradient (replay->plan, id) : -1;
    LwNodeId input = step.node != NULL ? step.node->inputs[i] : id - 1;
    if (own >= 0 && own == lw_plan_gradient (replay->plan, input)) {
      g_assert_true (info->in_place && i == 0 && !accumulate);
      for (int32_t k = 1; k < step.n_x; k++)
        g_assert_true (lw_plan_gradient (replay->plan, step.node->inputs[k]) != own);
    } else if (own >= 0 && i == 0) {
      check (replay, own, LW_BUFFER_GRADIENT, content_of (replay, id));
    }
  }
}

void
replay_plan (const LwPlan *plan)
{
  Replay replay = { .plan = plan, .graph = lw_plan_graph (plan) };
  replay.n = lw_graph_n_nodes (replay.graph);
  replay.labels = g_new (Label, (size_t)lw_plan_n_buffers (plan));
  for (int32_t i = 0; i < lw_plan_n_buffers (plan); i++)
    replay.labels[i] = (Label){ .node = -1 };

  for (LwNodeId id = 0; id <= replay.n; id++)
    forward (&replay, id);
  if (lw_plan_mode (plan) == LW_MODE_TRAINING)
    for (LwNodeId id = replay.n; id >= 1; id--)
      backward (&replay, id);
  replay.step = lw_plan_mode (plan) == LW_MODE_TRAINING ? 2 * replay.n + 2 : replay.n;
  check_value (&replay, replay.n); /* the loss is still there when the step has ended */
  g_free (replay.labels);
}
