#include "kernels/cuda/link.h"
#include "kernels/cuda/conv2d.h"

static LwCudaLink *
link_of (LwStep *step)
{
  return step->link;
}

/* The only reader of step `id`; NULL: there are none or several. */
static LwStep *
only_reader (LwStep *steps, LwNodeId id)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (steps[id].graph, id, &n);

  return n == 1 && id != lw_graph_output (steps[id].graph) ? &steps[readers[0]] : NULL;
}

/* max (0, ·) in place behind `step` alone, or NULL. */
static LwStep *
relu_behind (LwStep *steps, const LwStep *step)
{
  LwStep *relu = only_reader (steps, step->id);

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
  LwStep *sum = only_reader (steps, norm->id), *relu;

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

const char *
lw_cuda_linked_algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  const bool done = step->link != NULL &&
                    (direction == LW_FORWARD
                         ? lw_cuda_link_of (step)->forward_done || lw_cuda_link_of (step)->waits
                         : lw_cuda_link_of (step)->backward_done);

  (void)device;
  return done ? "with its neighbour" : NULL;
}

bool
lw_cuda_link (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  LwCudaLink *links = g_new0 (LwCudaLink, n);

  (void)error;
  for (int32_t i = 0; i < n; i++)
    steps[i].link = &links[i];
  for (int32_t i = 0; i < n; i++)
    switch (steps[i].op) {
    case LW_OP_CONV2D:
      if (lw_cuda_conv_of (device, &steps[i], LW_FORWARD)->relu)
        take_relu (steps, &steps[i]);
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
  return true;
}

void
lw_cuda_unlink (LwDevice *device, LwStep *steps, int32_t n)
{
  (void)device;
  if (n > 0)
    g_free (steps[0].link);
}
