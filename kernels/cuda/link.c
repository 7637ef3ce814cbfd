#include "kernels/cuda/link.h"
#include "kernels/cuda/conv2d.h"

static LwCudaLink *
link_of (LwStep *step)
{
  return step->link;
}

LwStep *
lw_cuda_only_reader (LwStep *steps, LwNodeId id)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (steps[id].graph, id, &n);

  return n == 1 && id != lw_graph_output (steps[id].graph) ? &steps[readers[0]] : NULL;
}

/* max (0, ·) in place behind `step` alone, or NULL. */
static LwStep *
relu_behind (LwStep *steps, const LwStep *step)
{
  LwStep *relu = lw_cuda_only_reader (steps, step->id);

  return relu != NULL && relu->op == LW_OP_RELU && relu->y == relu->x[0] ? relu : NULL;
}

/* Forward it is `step`'s. */
static LwStep *
take_relu (LwStep *steps, LwStep *step)
{
  LwStep *relu = relu_behind (steps, step);

  if (relu == NULL)
    return NULL;
  link_of (step)->relu = true;
  link_of (relu)->forward_done = true;
  return relu;
}

/* Its gradient is made where `step`, before it, reads it. */
static void
take_gradient (LwStep *step, LwStep *relu)
{
  if (relu->dy == NULL || relu->dx[0] != relu->dy || relu->accumulate & 1 || step->dy != relu->dy)
    return;
  link_of (step)->relu_gradient = true;
  link_of (relu)->backward_done = true;
}

/* What a batch normalization reads must still be there when the sum runs, and not be overwritten
 * before it is read: in training its backward wants it, too; in evaluation nothing may come between
 * the two, and the sum is where something was that lay beside it. */
static bool
can_wait (const LwStep *norm, const LwStep *sum)
{
  return sum->op == LW_OP_ADD && sum->n_x == 2 && sum->x[0] == norm->y && sum->x[1] != norm->y &&
         sum->x_pixel[0] == norm->y_pixel &&
         (norm->training || ((norm->x[0] == norm->y || sum->id == norm->id + 1) &&
                             (sum->y == norm->y || sum->y == sum->x[1])));
}

static void
link_batch_norm (LwStep *steps, LwStep *norm)
{
  LwStep *sum = lw_cuda_only_reader (steps, norm->id), *relu;

  if (sum != NULL && can_wait (norm, sum)) {
    link_of (norm)->waits = true;
    link_of (sum)->norm = norm;
    return;
  }
  relu = take_relu (steps, norm);
  if (relu != NULL && norm->training)
    take_gradient (norm, relu);
}

static void
link_sum (LwStep *steps, LwStep *sum)
{
  LwStep *relu = take_relu (steps, sum);

  if (relu != NULL && sum->training && sum->n_x == 2)
    take_gradient (sum, relu);
}

/* The loss itself computes the network's end; of that the linear layer keeps its weights' gradient.
 */
static bool
is_done (const LwStep *step, LwDirection direction)
{
  const LwCudaLink *link = lw_cuda_link_of (step);
  const bool in_tail = link->tail.loss != NULL;

  switch (direction) {
  case LW_FORWARD:
    return link->forward_done || link->waits || (in_tail && step != link->tail.loss);
  case LW_BACKWARD_DATA:
    return link->backward_done || (link->tail.gradient != NULL && step == link->tail.linear);
  default:
    return link->backward_done;
  }
}

const char *
lw_cuda_linked_algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  return step->link != NULL && is_done (step, direction) ? "with its neighbour" : NULL;
}

/* --- gradients that nobody before reads ---------------------------------------------------------
 */

/* Of the steps that write the gradient of step `id` the last one, where that is its only input.
 * Backward runs from the last step to the first. */
static LwStep *
last_writer (LwStep *steps, LwNodeId id)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (steps[id].graph, id, &n);
  LwNodeId first = G_MAXINT32;

  if (id == lw_graph_output (steps[id].graph))
    return NULL;
  for (int32_t i = 0; i < n; i++)
    first = MIN (first, readers[i]);
  return n > 0 && steps[first].n_x == 1 ? &steps[first] : NULL;
}

static bool
can_clear (const LwDevice *device, const LwStep *step)
{
  switch (step->op) {
  case LW_OP_CONV2D:
    return lw_cuda_conv_of (device, step, LW_BACKWARD_DATA)->clears;
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    return lw_cuda_link_stage_of (step, true) == NULL;
  case LW_OP_GLOBAL_AVG_POOL:
    return true;
  default:
    return false;
  }
}

/* The gradient of a value that is nowhere negative, an activation's or of several: its last writer
 * clears it. */
static bool
clear_gradient (const LwDevice *device, LwStep *steps, const LwStep *of)
{
  LwStep *writer = last_writer (steps, of->id);

  if (writer == NULL || !can_clear (device, writer) || writer->dx[0] != of->dy ||
      writer->x[0] != of->y)
    return false;
  link_of (writer)->clears = true;
  return true;
}

static bool
wants_clearing (LwStep *step)
{
  return step->op == LW_OP_RELU && !link_of (step)->backward_done && step->y == step->x[0] &&
         step->dy != NULL && step->dx[0] == step->dy && !(step->accumulate & 1);
}

/* A concat of activations that nobody else reads, all of which lie in it with their gradients, is
 * like one of them. */
static void
link_concat (const LwDevice *device, LwStep *steps, const LwStep *concat)
{
  const size_t size = lw_cuda_number_bytes (device);
  const char *y = concat->y, *dy = concat->dy;

  for (int32_t i = 0; i < concat->n_x; i++) {
    LwStep *input = &steps[concat->node->inputs[i]];

    if (!wants_clearing (input) || input->y != y || input->dy != dy ||
        lw_cuda_only_reader (steps, input->id) != concat)
      return;
    y += size * (size_t)input->y_shape.c;
    dy += size * (size_t)input->y_shape.c;
  }
  if (clear_gradient (device, steps, concat))
    for (int32_t i = 0; i < concat->n_x; i++)
      link_of (&steps[concat->node->inputs[i]])->backward_done = true;
}

bool
lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  LwCudaLink *links = g_new0 (LwCudaLink, n);

  for (int32_t i = 0; i < n; i++)
    steps[i].link = &links[i];
  for (int32_t i = 0; i < n; i++)
    switch (steps[i].op) {
    case LW_OP_CONV2D:
      if (lw_cuda_conv_of (device, &steps[i], LW_FORWARD)->relu)
        take_relu (steps, &steps[i]);
      lw_cuda_link_stage (device, steps, &steps[i]);
      break;
    case LW_OP_LINEAR:
      take_relu (steps, &steps[i]);
      break;
    case LW_OP_BATCH_NORM:
      link_batch_norm (steps, &steps[i]);
      break;
    case LW_OP_ADD:
      link_sum (steps, &steps[i]);
      break;
    default:
      break;
    }
  for (int32_t i = 0; i < n; i++)
    if (steps[i].op == LW_OP_CONV2D)
      lw_cuda_link_residual (device, steps, &steps[i]);
  for (int32_t i = 0; i < n && steps[0].training; i++)
    if (steps[i].op == LW_OP_CONCAT)
      link_concat (device, steps, &steps[i]);
    else if (wants_clearing (&steps[i]) && clear_gradient (device, steps, &steps[i]))
      link_of (&steps[i])->backward_done = true;
  return lw_cuda_link_tail (device, steps, n, error);
}

void
lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n)
{
  if (n == 0 || steps[0].link == NULL)
    return;
  lw_cuda_unlink_tail (device, &steps[n - 1]);
  g_free (steps[0].link);
}
