#include "kernels/cpu/link.h"
#include "kernels/cpu/device.h"

static LwCpuLink *
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

static bool
is_relu_in_place (const LwStep *step)
{
  return step != NULL && step->op == LW_OP_RELU && step->y == step->x[0];
}

/* An activation that follows: forward is this step's. Returns it, or NULL. */
static LwStep *
take_relu (LwStep *steps, LwStep *step)
{
  LwStep *relu = only_reader (steps, step->id);

  if (!is_relu_in_place (relu))
    return NULL;
  link_of (step)->relu = true;
  link_of (relu)->forward_done = true;
  return relu;
}

static bool
gradient_in_place (const LwStep *step)
{
  return step->dy != NULL && step->dx[0] == step->dy && (step->accumulate & 1) == 0;
}

static bool
has_same_pixels (const LwStep *a, const LwStep *b)
{
  return a->x[0] == b->x[0] && a->x_shape[0].h == b->x_shape[0].h &&
         a->x_shape[0].w == b->x_shape[0].w &&
         (a->x_pixel[0] ? a->x_pixel[0] : a->x_shape[0].c) ==
             (b->x_pixel[0] ? b->x_pixel[0] : b->x_shape[0].c);
}

/* Of the batch normalizations that have read the first channels of what this one reads, the one
 * that has read most. What lies there is theirs all the time: their backward wants it. */
static void
link_measured (LwStep *steps, LwStep *norm)
{
  const LwStep *best = NULL;

  for (LwNodeId id = 0; id < norm->id; id++)
    if (steps[id].op == LW_OP_BATCH_NORM && has_same_pixels (&steps[id], norm) &&
        steps[id].x_shape[0].c <= norm->x_shape[0].c &&
        (best == NULL || steps[id].x_shape[0].c > best->x_shape[0].c))
      best = &steps[id];
  link_of (norm)->measured = best;
}

static void
link_batch_norm (LwStep *steps, LwStep *norm)
{
  LwStep *reader = only_reader (steps, norm->id), *relu;

  if (norm->training)
    link_measured (steps, norm);
  if (reader == NULL)
    return;
  if (norm->training && reader->op == LW_OP_ADD && reader->n_x == 2 && reader->x[0] == norm->y &&
      reader->x[1] != norm->y && reader->y == norm->y) {
    link_of (norm)->measures = true;
    link_of (reader)->norm = norm;
    take_relu (steps, reader);
    return;
  }
  relu = take_relu (steps, norm);
  if (relu != NULL && gradient_in_place (relu))
    link_of (relu)->backward_done = true;
}

/* The sum that reads `last`, the convolution itself or the batch normalization folded into it, and
 * has its other input, which is there already, where its output will be. */
static bool
take_sum (LwStep *steps, LwStep *conv, const LwStep *last)
{
  LwStep *sum = only_reader (steps, last->id);
  int32_t other;

  if (sum == NULL || sum->op != LW_OP_ADD || sum->n_x != 2 || sum->y_pixel != 0 ||
      conv->y_pixel != 0)
    return false;
  other = sum->node->inputs[0] == last->id ? 1 : 0;
  if (sum->node->inputs[other] >= last->id || sum->x[other] != sum->y || sum->x_pixel[other] != 0 ||
      sum->x[1 - other] == sum->y || conv->x[0] == sum->y)
    return false;
  link_of (conv)->sum = sum;
  link_of (sum)->added = conv;
  if (take_relu (steps, sum) != NULL)
    link_of (conv)->relu = true;
  return true;
}

/* In evaluation mode: a batch normalization that follows, a sum behind it, and an activation. */
static void
link_convolution (LwStep *steps, LwStep *conv)
{
  LwStep *norm = only_reader (steps, conv->id), *last = conv;

  if (!conv->training && norm != NULL && norm->op == LW_OP_BATCH_NORM && norm->y == conv->y) {
    link_of (conv)->norm = norm;
    link_of (norm)->forward_done = true;
    last = norm;
  }
  if (!conv->training && take_sum (steps, conv, last))
    return;
  if (take_relu (steps, last) != NULL)
    link_of (conv)->relu = true;
}

/* --- gradients of max (0, ·) ------------------------------------------------------------------ */

/* Of the steps that write the gradient of step `id` the last one, and which of its inputs that is;
 * NULL where it reads it twice. Backward runs from the last step to the first. */
static LwStep *
last_writer (LwStep *steps, LwNodeId id, int32_t *ret_input)
{
  int32_t n, found = -1;
  const LwNodeId *readers = lw_graph_readers (steps[id].graph, id, &n);
  LwNodeId first = G_MAXINT32;

  if (id == lw_graph_output (steps[id].graph))
    return NULL;
  for (int32_t i = 0; i < n; i++)
    first = MIN (first, readers[i]);
  if (n == 0)
    return NULL;
  for (int32_t i = 0; i < steps[first].n_x; i++)
    if (steps[first].node->inputs[i] == id) {
      if (found >= 0)
        return NULL;
      found = i;
    }
  *ret_input = found;
  return &steps[first];
}

static bool
clears (LwOp op)
{
  return op == LW_OP_CONV2D || op == LW_OP_LINEAR || op == LW_OP_MAX_POOL;
}

/* The gradient of a value that is nowhere negative, an activation's: its last writer clears it. */
static bool
take_gradient (LwStep *steps, const LwStep *of)
{
  int32_t input;
  LwStep *writer = last_writer (steps, of->id, &input);

  if (writer == NULL || !clears (writer->op) || writer->dx[input] != of->dy)
    return false;
  link_of (writer)->mask[input] = of->y;
  return true;
}

static bool
wants_clearing (const LwStep *step)
{
  return step->op == LW_OP_RELU && !((const LwCpuLink *)step->link)->backward_done &&
         gradient_in_place (step);
}

static void
link_gradient (LwStep *steps, LwStep *relu)
{
  if (wants_clearing (relu) && take_gradient (steps, relu))
    link_of (relu)->backward_done = true;
}

/* A concat of activations, all of which lie in it with their gradients, is like one of them. */
static void
link_concat (const LwDevice *device, LwStep *steps, const LwStep *concat)
{
  const int32_t size = device->bf16 ? 2 : 4;
  const char *y = concat->y, *dy = concat->dy;

  for (int32_t i = 0; i < concat->n_x; i++) {
    const LwStep *input = &steps[concat->node->inputs[i]];

    if (!wants_clearing (input) || input->y != y || input->dy != dy)
      return;
    y += size * input->y_shape.c;
    dy += size * input->y_shape.c;
  }
  if (take_gradient (steps, concat))
    for (int32_t i = 0; i < concat->n_x; i++)
      link_of (&steps[concat->node->inputs[i]])->backward_done = true;
}

bool
lw_cpu_link (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  LwCpuLink *links = g_new0 (LwCpuLink, n);

  (void)error;
  for (int32_t i = 0; i < n; i++)
    steps[i].link = &links[i];
  for (int32_t i = 0; i < n; i++)
    if (steps[i].op == LW_OP_CONV2D)
      link_convolution (steps, &steps[i]);
    else if (steps[i].op == LW_OP_LINEAR)
      take_relu (steps, &steps[i]);
    else if (steps[i].op == LW_OP_BATCH_NORM && !link_of (&steps[i])->forward_done)
      link_batch_norm (steps, &steps[i]);
    else if (steps[i].op == LW_OP_ADD && !link_of (&steps[i])->norm)
      take_relu (steps, &steps[i]);
  for (int32_t i = 0; i < n && steps[0].training; i++)
    if (steps[i].op == LW_OP_RELU)
      link_gradient (steps, &steps[i]);
    else if (steps[i].op == LW_OP_CONCAT)
      link_concat (device, steps, &steps[i]);
  return true;
}

void
lw_cpu_unlink (LwDevice *device, LwStep *steps, int32_t n)
{
  (void)device;
  if (n > 0)
    g_free (steps[0].link);
}
