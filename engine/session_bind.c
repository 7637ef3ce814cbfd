/* Every step gets its pointers once; a training step then only changes n, seed and iteration. */
#include "engine/session_private.h"

static char *
at_buffer (const LwSession *session, const LwPlan *plan, int32_t index)
{
  return index >= 0 ? session->arena + lw_plan_buffer (plan, index)->offset : NULL;
}

static void *
value_of (const LwSession *session, const LwPlan *plan, LwNodeId id)
{
  return at_buffer (session, plan, lw_plan_value (plan, id)) +
         lw_plan_value_slice (plan, id).offset;
}

static void *
gradient_of (const LwSession *session, const LwPlan *plan, LwNodeId id)
{
  char *begin = at_buffer (session, plan, lw_plan_gradient (plan, id));

  return begin != NULL ? begin + lw_plan_gradient_slice (plan, id).offset : NULL;
}

static void
bind_tensors (const LwSession *session, const LwPass *pass, LwStep *step)
{
  const LwNode *node = step->node;

  for (int32_t i = 0; i < node->n_tensors; i++) {
    const int32_t index = node->tensors[i];
    const LwTensorInfo *tensor = lw_graph_tensor (session->graph, index);

    step->param[tensor->role] = session->tensors + session->offsets[index];
    if (pass == &session->training && tensor->trainable)
      step->dparam[tensor->role] = session->gradients + session->trained_offsets[index];
  }
}

static void
bind_step (const LwSession *session, const LwPass *pass, LwNodeId id, LwStep *step)
{
  const LwNodeId loss = lw_graph_n_nodes (session->graph),
                 output = lw_graph_output (session->graph);
  const LwPlan *plan = pass->plan;
  const LwNode *node = id < loss ? lw_graph_node (session->graph, id) : NULL;

  lw_plan_describe_step (plan, id, step);
  for (int32_t i = 0; i < step->n_x; i++) {
    const LwNodeId input = node != NULL ? node->inputs[i] : output;

    step->x[i] = value_of (session, plan, input);
    step->dx[i] = gradient_of (session, plan, input);
  }
  step->y = value_of (session, plan, id);
  step->dy = gradient_of (session, plan, id);
  step->state = at_buffer (session, plan, lw_plan_state (plan, id));
  step->workspace = at_buffer (session, plan, lw_plan_workspace (plan, id));
  step->labels = session->labels;
  if (step->training && step->op == LW_OP_BATCH_NORM && session->options.synchronizes)
    step->collective = session->options.collective;
  step->steps = pass->steps;
  if (node != NULL)
    bind_tensors (session, pass, step);
}

static bool
link_steps (LwSession *session, LwPass *pass, GError **error)
{
  const int32_t n = lw_graph_n_nodes (session->graph) + 1;

  pass->linked = pass->steps;
  if (session->backend->link == NULL || session->options.links == LW_LINKS_NEVER)
    return true;
  pass->linked = g_memdup2 (pass->steps, sizeof (LwStep) * (gsize)n);
  return session->backend->link (session->device, pass->linked, n, error);
}

bool
lw_session_bind (LwSession *session, LwPass *pass, GError **error)
{
  const int32_t n = lw_graph_n_nodes (session->graph) + 1;

  pass->steps = g_new0 (LwStep, n);
  for (LwNodeId id = 0; id < n; id++)
    bind_step (session, pass, id, &pass->steps[id]);
  for (; pass->n_prepared < n; pass->n_prepared++) {
    LwStep *step = &pass->steps[pass->n_prepared];
    const LwKernel *kernel = &session->backend->kernels[step->op];

    step->n = step->batch;
    if (kernel->prepare != NULL && !kernel->prepare (session->device, step, error))
      return false;
  }
  return link_steps (session, pass, error);
}

void
lw_session_unbind (LwSession *session, LwPass *pass)
{
  for (int32_t i = 0; i < pass->n_prepared; i++) {
    const LwKernel *kernel = &session->backend->kernels[pass->steps[i].op];

    if (kernel->release != NULL)
      kernel->release (session->device, &pass->steps[i]);
  }
  if (pass->linked != pass->steps && pass->linked != NULL) {
    session->backend->unlink (session->device, pass->linked, lw_graph_n_nodes (session->graph) + 1);
    g_free (pass->linked);
  }
  g_free (pass->steps);
  lw_plan_free (pass->plan);
}
