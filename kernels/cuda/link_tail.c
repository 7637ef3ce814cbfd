/* The end of a network's training pass: which steps tail.cu computes together. */
#include "kernels/cuda/link.h"
#include "kernels/cuda/link_overlap.h"

enum { SHARED = 48 * 1024 }; /* bytes that every device gives a block */

static int32_t
count_readers (const LwStep *step, LwNodeId id)
{
  int32_t readers;

  lw_graph_readers (step->graph, id, &readers);
  return readers;
}

/* The step that computes what `step` reads, a flatten that moves nothing left out; NULL where
 * others read it as well, or dx is added to. */
static const LwStep *
step_before (const LwStep *steps, const LwStep *step, LwNodeId input)
{
  const LwStep *before = &steps[input];

  if (before->op == LW_OP_FLATTEN && before->y == before->x[0]) {
    if (count_readers (before, before->node->inputs[0]) != 1 || before->dx[0] != before->dy ||
        before->accumulate & 1)
      return NULL;
    before = &steps[before->node->inputs[0]];
  }
  return step->x[0] == before->y && step->dx[0] == before->dy && !(step->accumulate & 1) ? before
                                                                                         : NULL;
}

/* What the forward kernel writes while other blocks may still read the map: the plan lets memory be
 * used again as soon as the layers, one by one, have no need of it. */
static bool
can_go_forward (const LwDevice *device, const LwCudaTail *tail)
{
  const LwStep *loss = tail->loss, *first = tail->pool != NULL ? tail->pool : tail->linear;
  const LwCudaStretch x =
      lw_cuda_stretch (device, first, first->x[0], first->x_shape[0], first->x_pixel[0]);
  const int64_t numbers = first->x_shape[0].c + first->y_shape.c + loss->x_shape[0].c;
  const LwCudaStretch written[] = {
    lw_cuda_stretch (device, first, first->y, first->y_shape, 0),
    lw_cuda_stretch (device, loss, loss->x[0], loss->x_shape[0], 0),
    lw_cuda_stretch (device, loss, loss->dx[0], loss->x_shape[0], 0), /* where it is written */
    { loss->workspace, (int64_t)sizeof (float) * 2 * loss->batch },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (written); i++)
    if (lw_cuda_overlap (x, written[i]))
      return false;
  return (int64_t)sizeof (float) * numbers <= SHARED;
}

static size_t
bytes_of_gradient (const LwDevice *device, const LwCudaTail *tail)
{
  return lw_cuda_number_bytes (device) * (size_t)tail->linear->y_shape.c *
         (size_t)tail->loss->batch;
}

static LwCudaTail
find_tail (const LwStep *steps, int32_t n)
{
  LwCudaTail tail = { .loss = &steps[n - 1] };
  const LwNodeId output = lw_graph_output (tail.loss->graph);
  const LwStep *last =
      count_readers (tail.loss, output) == 0 ? step_before (steps, tail.loss, output) : NULL;

  if (last != NULL && last->op == LW_OP_LINEAR && lw_cuda_few_fits (last)) {
    tail.linear = last;
    last = count_readers (last, last->node->inputs[0]) == 1
               ? step_before (steps, last, last->node->inputs[0])
               : NULL;
  }
  if (last != NULL && last->op == LW_OP_GLOBAL_AVG_POOL && last->y_pixel == 0)
    tail.pool = last;
  return tail;
}

bool
lw_cuda_link_tail (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  LwCudaTail tail = find_tail (steps, n);

  if (!tail.loss->training || (tail.pool == NULL && tail.linear == NULL) ||
      tail.loss->dx[0] == NULL || tail.loss->accumulate & 1 || !can_go_forward (device, &tail))
    return true;
  if (tail.pool != NULL && tail.linear != NULL && tail.pool->dx[0] != NULL) {
    tail.gradient = lw_cuda_alloc (device, bytes_of_gradient (device, &tail), error);
    if (tail.gradient == NULL)
      return false;
  }
  ((LwCudaLink *)tail.loss->link)->tail = tail;
  if (tail.pool != NULL)
    ((LwCudaLink *)tail.pool->link)->tail = tail;
  if (tail.linear != NULL)
    ((LwCudaLink *)tail.linear->link)->tail = tail;
  return true;
}

void
lw_cuda_unlink_tail (LwDevice *device, const LwStep *loss)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (loss);

  if (tail != NULL && tail->gradient != NULL)
    lw_cuda_free (device, tail->gradient, bytes_of_gradient (device, tail));
}
