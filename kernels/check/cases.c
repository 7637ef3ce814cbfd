#include "kernels/check/cases.h"

#include "kernels/check/formula.h"

#include <math.h>
#include <string.h>

/* clang-format off */
#define MAP(c, h, w) { c, h, w, false }
#define FLAT(c) { c, 1, 1, true }

/* A row is the operation's attributes, then the planned and the present examples. */
#define CONV2D(NAME, X, OUTPUTS, K, S, P, BATCH, N) \
  { .name = NAME, .op = LW_OP_CONV2D, .x = X, .outputs = OUTPUTS, .window = { K, S, P }, \
    .batch = BATCH, .n = N }
#define LINEAR(NAME, INPUTS, OUTPUTS, BATCH, N) \
  { .name = NAME, .op = LW_OP_LINEAR, .x = FLAT (INPUTS), .outputs = OUTPUTS, \
    .batch = BATCH, .n = N }
#define POOL(OP, NAME, X, K, S, P, BATCH, N, TIES) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .window = { K, S, P }, .batch = BATCH, .n = N, \
    .ties = TIES }
#define POOL_CEIL(OP, NAME, X, K, S, P, BATCH, N) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .window = { K, S, P }, .ceil_mode = true, \
    .batch = BATCH, .n = N }
#define DROPOUT(NAME, X, SHARE, BATCH, N, INFERENCE) \
  { .name = NAME, .op = LW_OP_DROPOUT, .x = X, .dropout = SHARE, .batch = BATCH, .n = N, \
    .inference = INFERENCE }
#define CONCAT(NAME, X, BATCH, N, ...) \
  { .name = NAME, .op = LW_OP_CONCAT, .x = X, .batch = BATCH, .n = N, .joined = { __VA_ARGS__ } }
#define SAME(OP, NAME, X, BATCH, N, ...) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .batch = BATCH, .n = N, .same = true, \
    .joined = { __VA_ARGS__ } }
#define TIES(OP, NAME, X, BATCH, N) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .batch = BATCH, .n = N, .ties = true }
#define EACH(OP, NAME, X, BATCH, N, INFERENCE) \
  { .name = NAME, .op = LW_OP_##OP, .x = X, .batch = BATCH, .n = N, .inference = INFERENCE }

/* Sizes are chosen to fall beside 16 and 17 (vectors), 6 (rows of a tile), 256 (a stretch of a long
 * sum) and 8192 (a block), and windows to reach over borders. */
const LwKernelCase lw_kernel_cases[] = {
  EACH (INPUT, "input", MAP (3, 5, 4), 3, 2, false),

  CONV2D ("conv2d 1×1", MAP (3, 5, 4), 4, 1, 1, 0, 2, 2),
  CONV2D ("conv2d 1×1 on 1×1", MAP (1, 1, 1), 1, 1, 1, 0, 1, 1),
  CONV2D ("conv2d 1×1 wide", MAP (19, 5, 7), 7, 1, 1, 0, 4, 3),
  CONV2D ("conv2d 1×1 stride 2", MAP (3, 7, 8), 5, 1, 2, 0, 2, 2),
  CONV2D ("conv2d 1×1 padded", MAP (2, 3, 2), 2, 1, 1, 1, 2, 1),
  CONV2D ("conv2d 2×2 stride 3", MAP (2, 9, 7), 3, 2, 3, 0, 2, 2),
  CONV2D ("conv2d 3×3", MAP (2, 5, 23), 7, 3, 1, 0, 2, 2),
  CONV2D ("conv2d 3×3 padded", MAP (3, 6, 18), 6, 3, 1, 1, 3, 2),
  CONV2D ("conv2d 3×3 on 1×1", MAP (5, 1, 1), 3, 3, 1, 1, 20, 19),
  CONV2D ("conv2d 3×3 on 3×3", MAP (17, 3, 3), 5, 3, 1, 1, 5, 5),
  CONV2D ("conv2d 3×3 padding 5", MAP (2, 2, 3), 2, 3, 1, 5, 1, 1),
  CONV2D ("conv2d 3×3 stride 2", MAP (4, 8, 7), 6, 3, 2, 1, 2, 2),
  CONV2D ("conv2d 3×3 stride 5", MAP (2, 13, 11), 2, 3, 5, 2, 2, 2),
  CONV2D ("conv2d 5×5 over 3×3", MAP (2, 3, 3), 3, 5, 1, 1, 2, 1),
  CONV2D ("conv2d 7×7 stride 2", MAP (1, 15, 12), 8, 7, 2, 3, 2, 2),
  CONV2D ("conv2d 7×7 on 2×3", MAP (2, 2, 3), 3, 7, 2, 3, 2, 2),
  CONV2D ("conv2d 11×11 stride 4", MAP (1, 19, 23), 3, 11, 4, 1, 2, 2),
  CONV2D ("conv2d long sums", MAP (33, 4, 4), 13, 3, 1, 1, 2, 2),
  CONV2D ("conv2d large map", MAP (1, 21, 17), 1, 3, 1, 1, 2, 2),

  LINEAR ("linear 1 to 1", 1, 1, 1, 1),
  LINEAR ("linear 3 to 10", 3, 10, 5, 4),
  LINEAR ("linear 65 to 17", 65, 17, 1, 1),
  LINEAR ("linear 257 to 18", 257, 18, 9, 7),
  LINEAR ("linear batch 200", 4, 3, 200, 200),

  EACH (BATCH_NORM, "batch norm", MAP (3, 5, 7), 3, 2, false),
  EACH (BATCH_NORM, "batch norm batch 1", MAP (17, 3, 5), 1, 1, false),
  EACH (BATCH_NORM, "batch norm on 1×1", MAP (3, 1, 1), 5, 5, false),
  EACH (BATCH_NORM, "batch norm two values", MAP (2, 1, 2), 1, 1, false),
  EACH (BATCH_NORM, "batch norm flat", FLAT (9), 6, 5, false),
  EACH (BATCH_NORM, "batch norm inference", MAP (3, 4, 5), 2, 2, true),
  EACH (BATCH_NORM, "batch norm inference of one value", FLAT (5), 1, 1, true),

  EACH (RELU, "relu", MAP (3, 5, 7), 3, 2, false),
  EACH (RELU, "relu flat", FLAT (1), 1, 1, false),
  EACH (SIGMOID, "sigmoid", MAP (3, 5, 7), 3, 2, false),
  EACH (SIGMOID, "sigmoid flat", FLAT (17), 2, 2, false),
  EACH (TANH, "tanh", MAP (3, 5, 7), 3, 2, false),
  EACH (TANH, "tanh flat", FLAT (17), 2, 2, false),

  POOL (MAX_POOL, "max pool 2×2", MAP (3, 6, 4), 2, 2, 0, 3, 2, false),
  POOL (MAX_POOL, "max pool 2×2 odd", MAP (3, 7, 5), 2, 2, 0, 2, 2, false),
  POOL (MAX_POOL, "max pool 2×2 stride 3", MAP (2, 8, 7), 2, 3, 0, 2, 2, false),
  POOL (MAX_POOL, "max pool 2×2 padded", MAP (2, 3, 4), 2, 2, 1, 2, 2, false),
  POOL (MAX_POOL, "max pool 3×3 stride 2", MAP (17, 8, 7), 3, 2, 1, 2, 2, false),
  POOL (MAX_POOL, "max pool 3×3 stride 1", MAP (2, 5, 4), 3, 1, 1, 2, 1, false),
  POOL (MAX_POOL, "max pool on 1×1", MAP (3, 1, 1), 3, 2, 1, 2, 2, false),
  POOL (MAX_POOL, "max pool ties", MAP (2, 7, 6), 3, 2, 1, 2, 2, true),

  POOL_CEIL (MAX_POOL, "max pool 2×2 up", MAP (17, 7, 5), 2, 2, 0, 3, 2),
  POOL_CEIL (MAX_POOL, "max pool 2×2 stride 3 up", MAP (2, 7, 8), 2, 3, 1, 2, 2),
  POOL_CEIL (MAX_POOL, "max pool 3×3 stride 2 up", MAP (17, 8, 6), 3, 2, 0, 2, 2),
  POOL_CEIL (MAX_POOL, "max pool 3×3 stride 2 padded up", MAP (3, 6, 7), 3, 2, 1, 2, 2),
  POOL_CEIL (MAX_POOL, "max pool 3×3 on 2×4 up", MAP (3, 2, 4), 3, 2, 0, 2, 2),
  POOL_CEIL (MAX_POOL, "max pool 4×4 stride 3 up", MAP (2, 9, 6), 4, 3, 1, 2, 2),
  POOL_CEIL (MAX_POOL, "max pool 17×17 up", MAP (2, 18, 20), 17, 5, 3, 2, 2),

  POOL (AVG_POOL, "avg pool 2×2", MAP (3, 6, 4), 2, 2, 0, 3, 2, false),
  POOL (AVG_POOL, "avg pool 2×2 odd", MAP (3, 7, 5), 2, 2, 0, 2, 2, false),
  POOL (AVG_POOL, "avg pool 2×2 stride 3", MAP (2, 8, 7), 2, 3, 0, 2, 2, false),
  POOL (AVG_POOL, "avg pool 3×3 padded", MAP (17, 5, 4), 3, 1, 1, 2, 2, false),
  POOL (AVG_POOL, "avg pool on 1×1", MAP (3, 1, 1), 3, 2, 1, 2, 2, false),
  POOL (AVG_POOL, "avg pool whole map", MAP (3, 5, 5), 5, 5, 0, 2, 2, false),

  POOL_CEIL (AVG_POOL, "avg pool 2×2 up", MAP (17, 7, 5), 2, 2, 0, 3, 2),
  POOL_CEIL (AVG_POOL, "avg pool 2×2 padded up", MAP (2, 3, 5), 2, 2, 1, 2, 2),
  POOL_CEIL (AVG_POOL, "avg pool 3×3 stride 2 up", MAP (17, 8, 6), 3, 2, 0, 2, 2),
  POOL_CEIL (AVG_POOL, "avg pool 3×3 stride 2 padded up", MAP (3, 6, 7), 3, 2, 1, 2, 2),
  POOL_CEIL (AVG_POOL, "avg pool 3×3 on 2×4 up", MAP (3, 2, 4), 3, 2, 0, 2, 2),
  POOL_CEIL (AVG_POOL, "avg pool 4×4 stride 3 up", MAP (2, 9, 6), 4, 3, 1, 2, 2),

  EACH (GLOBAL_AVG_POOL, "global avg pool", MAP (17, 5, 7), 3, 2, false),
  EACH (GLOBAL_AVG_POOL, "global avg pool on 1×1", MAP (5, 1, 1), 3, 3, false),

  DROPOUT ("dropout", MAP (3, 5, 7), 0.3, 3, 2, false),
  DROPOUT ("dropout flat", FLAT (9001), 0.5, 2, 2, false),
  DROPOUT ("dropout of nothing", FLAT (17), 0, 2, 2, false),
  DROPOUT ("dropout inference", FLAT (17), 0.5, 2, 2, true),

  EACH (FLATTEN, "flatten", MAP (4, 3, 5), 3, 2, false),
  EACH (FLATTEN, "flatten 1×1", MAP (10, 1, 1), 3, 3, false),
  EACH (ADD, "add", MAP (3, 5, 7), 3, 2, false),
  EACH (ADD, "add flat", FLAT (17), 2, 2, false),
  SAME (ADD, "add twice the same", MAP (3, 5, 7), 3, 2, 0),

  CONCAT ("concat 1", MAP (1, 3, 4), 2, 2, 3),
  CONCAT ("concat 2", MAP (1, 3, 4), 3, 2, 3, 5),
  CONCAT ("concat 4", MAP (1, 1, 3), 2, 2, 16, 17, 1, 8),
  CONCAT ("concat flat", FLAT (1), 3, 3, 4, 1, 7),
  SAME (CONCAT, "concat three times the same", MAP (1, 3, 4), 3, 2, 4, 4, 4),

  EACH (CROSS_ENTROPY, "cross entropy", FLAT (10), 7, 5, false),
  EACH (CROSS_ENTROPY, "cross entropy of one", FLAT (3), 1, 1, false),
  EACH (CROSS_ENTROPY, "cross entropy wide", FLAT (131), 33, 33, false),
  TIES (CROSS_ENTROPY, "cross entropy ties", FLAT (10), 33, 33),
};
/* clang-format on */

const int lw_n_kernel_cases = G_N_ELEMENTS (lw_kernel_cases);

/* --- the graph -------------------------------------------------------------------------------- */

/* Appends the case's operation to a value of its shape. */
static LwNodeId
append (LwGraph *graph, const LwKernelCase *info, LwNodeId x)
{
  LwNodeId joined[LW_MAX_INPUTS], a;
  int n = 0;

  switch (info->op) {
  case LW_OP_CONV2D:
    return lw_conv2d (graph, x, "subject", info->outputs, info->window);
  case LW_OP_LINEAR:
    return lw_linear (graph, x, "subject", info->outputs);
  case LW_OP_BATCH_NORM:
    return lw_batch_norm (graph, x, "subject");
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
    return lw_activation (graph, x, "subject", info->op);
  case LW_OP_MAX_POOL:
    return info->ceil_mode ? lw_max_pool_ceil (graph, x, "subject", info->window)
                           : lw_max_pool (graph, x, "subject", info->window);
  case LW_OP_AVG_POOL:
    return info->ceil_mode ? lw_avg_pool_ceil (graph, x, "subject", info->window)
                           : lw_avg_pool (graph, x, "subject", info->window);
  case LW_OP_GLOBAL_AVG_POOL:
    return lw_global_avg_pool (graph, x, "subject");
  case LW_OP_DROPOUT:
    return lw_dropout (graph, x, "subject", info->dropout);
  case LW_OP_FLATTEN:
    return lw_flatten (graph, x, "subject");
  case LW_OP_ADD:
    a = lw_activation (graph, x, "a", LW_OP_RELU);
    return lw_add (graph, a, info->same ? a : lw_activation (graph, x, "b", LW_OP_TANH), "subject");
  case LW_OP_CONCAT:
    for (; n < (int)G_N_ELEMENTS (info->joined) && info->joined[n] > 0; n++)
      if (info->same && n > 0)
        joined[n] = joined[0];
      else if (info->x.flat)
        joined[n] = lw_linear (graph, x, NULL, info->joined[n]);
      else
        joined[n] = lw_conv2d (graph, x, NULL, info->joined[n], (LwWindow){ 1, 1, 0 });
    return lw_concat (graph, joined, n, "subject");
  default: /* the input itself; the loss, which is no node */
    return x;
  }
}

LwKernelSubject *
lw_kernel_subject_new (const LwKernelCase *info)
{
  LwKernelSubject *subject;
  LwGraph *graph = lw_graph_new (info->name);
  LwShape shape = info->x;

  shape.flat = false;

  LwNodeId x = lw_graph_input (graph, shape);

  if (info->x.flat)
    x = lw_flatten (graph, x, "flat");

  const LwNodeId id = append (graph, info, x);

  x = info->measured ? lw_batch_norm (graph, id, "norm") : id;
  if (!lw_graph_shape (graph, x).flat)
    lw_flatten (graph, x, "end");
  if (!lw_graph_finish (graph, NULL) ||
      (info->op != LW_OP_CROSS_ENTROPY && lw_graph_node (graph, id)->op != info->op)) {
    lw_graph_unref (graph);
    return NULL;
  }

  subject = g_new0 (LwKernelSubject, 1);
  subject->info = info;
  subject->graph = graph;
  subject->id = info->op == LW_OP_CROSS_ENTROPY ? lw_graph_n_nodes (graph) : id;
  if (info->op == LW_OP_CROSS_ENTROPY) {
    subject->n_x = 1;
    subject->x_shape[0] = info->x;
    subject->y_shape = (LwShape){ 2, 1, 1, true };
    return subject;
  }
  subject->node = lw_graph_node (graph, id);
  subject->n_x = subject->node->n_inputs;
  for (int i = 0; i < subject->n_x; i++)
    subject->x_shape[i] = lw_graph_shape (graph, subject->node->inputs[i]);
  subject->y_shape = subject->node->shape;
  return subject;
}

void
lw_kernel_subject_free (LwKernelSubject *subject)
{
  lw_graph_unref (subject->graph);
  g_free (subject);
}

int
lw_kernel_first_use (const LwKernelSubject *subject, int i)
{
  int first = 0;

  while (subject->node && subject->node->inputs[first] != subject->node->inputs[i])
    first++;
  return first;
}

const LwTensorInfo *
lw_kernel_tensor (const LwKernelSubject *subject, LwTensorRole role)
{
  for (int i = 0; subject->node && i < subject->node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (subject->graph, subject->node->tensors[i]);

    if (tensor->role == role)
      return tensor;
  }
  return NULL;
}

/* --- the numbers ------------------------------------------------------------------------------ */

LwKernelData *
lw_kernel_data_empty (const LwKernelSubject *subject)
{
  LwKernelData *data = g_new0 (LwKernelData, 1);
  const int32_t n = subject->info->n;

  for (int i = 0; i < subject->n_x; i++)
    if (lw_kernel_first_use (subject, i) == i)
      data->x[i] = g_new0 (float, n *lw_shape_size (subject->x_shape[i]));
  for (int role = 0; role < LW_ROLE_BATCHES; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (subject, (LwTensorRole)role);

    if (tensor)
      data->param[role] = g_new0 (float, tensor->size);
  }
  if (subject->node)
    data->dy = g_new0 (float, n *lw_shape_size (subject->y_shape));
  else
    data->labels = g_new0 (int32_t, n);
  return data;
}

static void
fill (const LwKernelSubject *subject, const char *what, float *values, int64_t n, double low,
      double high)
{
  g_autofree char *name = g_strconcat (subject->info->name, what, NULL);
  const uint64_t seed = lw_formula_seed (name);

  for (int64_t i = 0; i < n; i++)
    values[i] = (float)(low + (high - low) * lw_formula_uniform (seed, i));
}

/* All different, 2/10007 apart at least. */
static void
spread (float *values, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    values[i] = (float)((double)(i * 7919 % 10007) / 10007 * 2 - 1);
}

static void
fill_input (const LwKernelSubject *subject, int index, float *x)
{
  const LwKernelCase *info = subject->info;
  const int64_t n = info->n * lw_shape_size (subject->x_shape[index]);
  const double scale = info->op == LW_OP_CROSS_ENTROPY ? 4 : 1;

  fill (subject, index == 0 ? "/x" : index == 1 ? "/x1" : "/x2", x, n, -scale, scale);
  if (info->op == LW_OP_MAX_POOL)
    spread (x, n);
  for (int64_t i = 0; i < n; i++) {
    if (info->ties)
      x[i] = roundf (2 * x[i]) / 2;
    if (info->op == LW_OP_RELU && fabsf (x[i]) < 0.01f)
      x[i] = 0.5f;
    if (info->op == LW_OP_BATCH_NORM)
      x[i] = 2 * x[i] + 3;
  }
}

LwKernelData *
lw_kernel_data_new (const LwKernelSubject *subject)
{
  LwKernelData *data = lw_kernel_data_empty (subject);
  const bool normalizes = subject->info->op == LW_OP_BATCH_NORM;
  const int32_t n = subject->info->n;

  for (int i = 0; i < subject->n_x; i++)
    if (data->x[i])
      fill_input (subject, i, data->x[i]);
  for (int role = 0; role < LW_ROLE_BATCHES; role++) {
    const LwTensorInfo *tensor = lw_kernel_tensor (subject, (LwTensorRole)role);
    static const char *names[] = { "/weight", "/bias", "/running_mean", "/running_var" };
    const bool positive = role == LW_ROLE_RUNNING_VAR || (normalizes && role == LW_ROLE_WEIGHT);

    if (tensor)
      fill (subject, names[role], data->param[role], tensor->size, positive ? 0.5 : -1,
            positive ? 1.5 : 1);
  }
  data->batches = 41;
  if (data->dy)
    fill (subject, "/dy", data->dy, n * lw_shape_size (subject->y_shape), -1, 1);
  for (int i = 0; data->labels && i < n; i++)
    data->labels[i] =
        lw_formula_label (lw_formula_seed (subject->info->name), i, subject->x_shape[0].c);
  return data;
}

static void
round_numbers (float *numbers, int64_t n)
{
  for (int64_t i = 0; numbers != NULL && i < n; i++) {
    uint32_t bits;

    memcpy (&bits, &numbers[i], sizeof bits);
    bits = (bits + 0x7fffU + (bits >> 16 & 1)) & 0xffff0000U;
    memcpy (&numbers[i], &bits, sizeof bits);
  }
}

void
lw_kernel_data_round (const LwKernelSubject *subject, LwKernelData *data)
{
  const LwTensorInfo *weight = lw_kernel_tensor (subject, LW_ROLE_WEIGHT);

  for (int i = 0; i < subject->n_x; i++)
    round_numbers (data->x[i], subject->info->n * lw_shape_size (subject->x_shape[i]));
  round_numbers (data->dy, subject->info->n * lw_shape_size (subject->y_shape));
  if (weight != NULL && weight->rank >= 2)
    round_numbers (data->param[LW_ROLE_WEIGHT], weight->size);
}

void
lw_kernel_data_free (LwKernelData *data)
{
  for (int i = 0; i < LW_MAX_INPUTS; i++)
    g_free (data->x[i]);
  for (int i = 0; i < LW_MAX_TENSORS; i++)
    g_free (data->param[i]);
  g_free (data->dy);
  g_free (data->labels);
  g_free (data);
}
