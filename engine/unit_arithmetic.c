#include "engine/unit_arithmetic.h"

#include <math.h>
#include <string.h>

/* Between the parts of one computation. */
typedef struct {
  const LwGraph *graph;
  const LwNode *node;
  const LwUnitValues *values;
  LwUnitArithmetic *result;
} Work;

static LwShape
input_shape (const Work *work, int32_t input)
{
  return lw_graph_node (work->graph, work->node->inputs[input])->shape;
}

static gsize
cells (const Work *work)
{
  return (gsize)work->result->rows * (gsize)work->result->columns;
}

static void
make_terms (Work *work, int32_t n, int32_t rows, int32_t columns)
{
  work->result->n_terms = n;
  work->result->rows = rows;
  work->result->columns = columns;
  work->result->terms = g_new0 (LwUnitTerm, n);
  for (int32_t i = 0; i < n; i++)
    work->result->terms[i].patch = g_new0 (float, cells (work));
}

/* The square that a window covers in one channel of the input; outside of it are zeros. */
static void
cut_patch (Work *work, LwUnitTerm *term)
{
  LwUnitArithmetic *result = work->result;
  const LwShape shape = input_shape (work, term->input);
  const float *map =
      work->values->inputs[term->input] + (gsize)term->channel * (gsize)shape.h * (gsize)shape.w;

  for (int32_t r = 0; r < result->rows; r++)
    for (int32_t c = 0; c < result->columns; c++) {
      const int32_t y = term->row + r, x = term->column + c, cell = r * result->columns + c;

      if (y >= 0 && y < shape.h && x >= 0 && x < shape.w) {
        term->patch[cell] = map[(gsize)y * (gsize)shape.w + (gsize)x];
        continue;
      }
      if (result->padding == NULL)
        result->padding = g_new0 (bool, cells (work));
      result->padding[cell] = true;
    }
}

/* Σ patch · kernel, and its largest product. */
static void
multiply (Work *work, LwUnitTerm *term, const float *kernel)
{
  double largest = -1;

  term->kernel = g_memdup2 (kernel, sizeof (float) * cells (work));
  for (gsize i = 0; i < cells (work); i++) {
    const double product = (double)term->patch[i] * (double)kernel[i];

    term->sum += product;
    work->result->magnitude += fabs (product);
    if (fabs (product) > largest) {
      largest = fabs (product);
      term->strongest = (int32_t)i;
    }
  }
  work->result->total += term->sum;
}

static void
add_bias (Work *work)
{
  LwUnitArithmetic *result = work->result;

  if (work->values->tensors[LW_ROLE_BIAS] == NULL)
    return;
  result->has_bias = true;
  result->bias = (double)work->values->tensors[LW_ROLE_BIAS][result->unit.channel];
  result->total += result->bias;
  result->magnitude += fabs (result->bias);
}

/* The `n` weights of the unit's channel. */
static const float *
own_weights (const Work *work, gsize n)
{
  const LwUnitValues *values = work->values;

  return values->row != NULL
             ? values->row
             : values->tensors[LW_ROLE_WEIGHT] + (gsize)work->result->unit.channel * n;
}

/* --- each operation ------------------------------------------------------------------------------
 */

static void
convolve (Work *work)
{
  const LwShape shape = input_shape (work, 0);
  const LwWindow window = work->node->window;
  const LwUnit unit = work->result->unit;
  const float *kernels;

  make_terms (work, shape.c, window.kernel, window.kernel);
  kernels = own_weights (work, (gsize)shape.c * cells (work));
  for (int32_t i = 0; i < shape.c; i++) {
    LwUnitTerm *term = &work->result->terms[i];

    term->channel = i;
    term->row = unit.row * window.stride - window.padding;
    term->column = unit.column * window.stride - window.padding;
    cut_patch (work, term);
    multiply (work, term, kernels + (gsize)i * cells (work));
  }
  add_bias (work);
}

/* Behind a flatten the weights of one unit are a kernel as large as the map, for each channel. */
static void
weigh (Work *work)
{
  const LwNode *before = lw_graph_node (work->graph, work->node->inputs[0]);
  const LwShape flat = before->shape;
  LwShape shape = { .c = (int32_t)lw_shape_size (flat), .h = 1, .w = 1 };
  const float *weights;

  while (before->op == LW_OP_DROPOUT)
    before = lw_graph_node (work->graph, before->inputs[0]);
  if (before->op == LW_OP_FLATTEN)
    shape = lw_graph_node (work->graph, before->inputs[0])->shape;
  make_terms (work, shape.c, shape.h, shape.w);
  weights = own_weights (work, (gsize)lw_shape_size (flat));
  for (int32_t i = 0; i < shape.c; i++) {
    LwUnitTerm *term = &work->result->terms[i];
    const gsize first = (gsize)i * cells (work);

    term->channel = i;
    memcpy (term->patch, work->values->inputs[0] + first, sizeof (float) * cells (work));
    multiply (work, term, weights + first);
  }
  add_bias (work);
}

/* Of a window's side, what lies on the padded map: a pooling that rounds up goes past it. */
static int32_t
side_on_map (LwWindow window, int32_t size, int32_t at)
{
  return MIN (window.kernel, size + 2 * window.padding - at * window.stride);
}

/* Of one window, or the whole map. */
static void
pool (Work *work)
{
  LwUnitArithmetic *result = work->result;
  const LwShape shape = input_shape (work, 0);
  const LwWindow window = work->node->window;
  const bool whole = result->op == LW_OP_GLOBAL_AVG_POOL, max = result->op == LW_OP_MAX_POOL;
  double largest = -INFINITY, sum = 0;
  LwUnitTerm *term;

  make_terms (work, 1, whole ? shape.h : side_on_map (window, shape.h, result->unit.row),
              whole ? shape.w : side_on_map (window, shape.w, result->unit.column));
  term = result->terms;
  term->channel = result->unit.channel;
  if (!whole) {
    term->row = result->unit.row * window.stride - window.padding;
    term->column = result->unit.column * window.stride - window.padding;
  }
  cut_patch (work, term);
  for (gsize i = 0; i < cells (work); i++) {
    const double value = (double)term->patch[i];
    const bool counts = result->padding == NULL || !result->padding[i];

    sum += value;
    result->magnitude += max ? 0 : fabs (value) / (double)cells (work);
    if (counts && (max ? value : fabs (value)) > largest) {
      largest = max ? value : fabs (value);
      term->strongest = (int32_t)i;
    }
  }
  result->total = max ? (double)term->patch[term->strongest] : sum / (double)cells (work);
  term->sum = result->total;
}

/* Terms of one number each, all of the unit's own place. */
static void
take_same_place (Work *work)
{
  const LwUnit unit = work->result->unit;

  make_terms (work, work->node->n_inputs, 1, 1);
  for (int32_t i = 0; i < work->node->n_inputs; i++) {
    LwUnitTerm *term = &work->result->terms[i];

    term->input = i;
    term->channel = unit.channel;
    term->row = unit.row;
    term->column = unit.column;
    cut_patch (work, term);
    term->sum = (double)term->patch[0];
    work->result->total += term->sum;
    work->result->magnitude += fabs (term->sum);
  }
}

static void
take_other_place (Work *work, int32_t input, int32_t channel, int32_t row, int32_t column)
{
  LwUnitTerm *term;

  make_terms (work, 1, 1, 1);
  term = work->result->terms;
  term->input = input;
  term->channel = channel;
  term->row = row;
  term->column = column;
  cut_patch (work, term);
  term->sum = work->result->total = (double)term->patch[0];
  work->result->magnitude = fabs (term->sum);
}

static void
normalize (Work *work)
{
  LwUnitArithmetic *result = work->result;
  const float *const *tensors = work->values->tensors;
  const int32_t channel = result->unit.channel;
  double x;

  take_same_place (work);
  x = result->terms[0].sum;
  result->gamma = (double)tensors[LW_ROLE_WEIGHT][channel];
  result->beta = (double)tensors[LW_ROLE_BIAS][channel];
  result->mean = (double)tensors[LW_ROLE_RUNNING_MEAN][channel];
  result->variance = (double)tensors[LW_ROLE_RUNNING_VAR][channel];
  result->epsilon = work->node->epsilon;
  result->normalized = (x - result->mean) / sqrt (result->variance + result->epsilon);
  result->total = result->normalized * result->gamma + result->beta;
  result->magnitude = (fabs (x) + fabs (result->mean)) / sqrt (result->variance + result->epsilon) *
                          fabs (result->gamma) +
                      fabs (result->beta);
}

static void
apply_function (Work *work)
{
  double x;

  take_same_place (work);
  x = work->result->terms[0].sum;
  work->result->total = work->result->op == LW_OP_RELU      ? fmax (x, 0)
                        : work->result->op == LW_OP_SIGMOID ? 1 / (1 + exp (-x))
                                                            : tanh (x);
}

static void
compute (Work *work)
{
  const LwUnit unit = work->result->unit;
  LwShape shape;

  switch (work->node->op) {
  case LW_OP_CONV2D:
    convolve (work);
    return;
  case LW_OP_LINEAR:
    weigh (work);
    return;
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
    pool (work);
    return;
  case LW_OP_BATCH_NORM:
    normalize (work);
    return;
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
    apply_function (work);
    return;
  case LW_OP_ADD:
  case LW_OP_DROPOUT:
    take_same_place (work);
    return;
  case LW_OP_FLATTEN:
    shape = input_shape (work, 0);
    take_other_place (work, 0, unit.channel / (shape.h * shape.w), unit.channel / shape.w % shape.h,
                      unit.channel % shape.w);
    return;
  case LW_OP_CONCAT: {
    int32_t input = 0, channel = unit.channel;

    for (; channel >= input_shape (work, input).c; input++)
      channel -= input_shape (work, input).c;
    take_other_place (work, input, channel, unit.row, unit.column);
    return;
  }
  default: /* the picture's own pixel */
    work->result->total = work->result->value;
    work->result->magnitude = fabs (work->result->value);
  }
}

/* --- around it -----------------------------------------------------------------------------------
 */

bool
lw_unit_exists (const LwGraph *graph, LwUnit unit)
{
  LwShape shape;

  if (unit.node < 0 || unit.node >= lw_graph_n_nodes (graph))
    return false;
  shape = lw_graph_node (graph, unit.node)->shape;
  return unit.channel >= 0 && unit.channel < shape.c && unit.row >= 0 && unit.row < shape.h &&
         unit.column >= 0 && unit.column < shape.w;
}

static bool
all_there (const LwNode *node, const LwUnitValues *values)
{
  const int32_t tensors = MIN (node->n_tensors, LW_ROLE_BATCHES); /* their count is not read */
  const bool row = values->row != NULL && (node->op == LW_OP_CONV2D || node->op == LW_OP_LINEAR);

  if (values->output == NULL)
    return false;
  for (int32_t i = 0; i < node->n_inputs; i++)
    if (values->inputs[i] == NULL)
      return false;
  for (int32_t i = 0; i < tensors; i++)
    if (values->tensors[i] == NULL && !(i == LW_ROLE_WEIGHT && row))
      return false;
  return true;
}

static int
larger_first (const void *a, const void *b, void *data)
{
  const LwUnitTerm *terms = data;
  const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
  const double left = fabs (terms[i].sum), right = fabs (terms[j].sum);

  return left > right ? -1 : left < right ? 1 : i - j;
}

LwUnitArithmetic *
lw_unit_arithmetic_new (const LwGraph *graph, LwUnit unit, const LwUnitValues *values)
{
  LwUnitArithmetic *result;
  const LwNode *node;
  Work work;

  if (!lw_unit_exists (graph, unit))
    return NULL;
  node = lw_graph_node (graph, unit.node);
  if (!all_there (node, values))
    return NULL;
  result = g_new0 (LwUnitArithmetic, 1);
  result->unit = unit;
  result->op = node->op;
  result->value =
      (double)values->output[((gsize)unit.channel * (gsize)node->shape.h + (gsize)unit.row) *
                                 (gsize)node->shape.w +
                             (gsize)unit.column];
  work = (Work){ .graph = graph, .node = node, .values = values, .result = result };
  compute (&work);
  result->largest = g_new (int32_t, MAX (result->n_terms, 1));
  for (int32_t i = 0; i < result->n_terms; i++)
    result->largest[i] = i;
  g_qsort_with_data (result->largest, result->n_terms, sizeof (int32_t), larger_first,
                     result->terms);
  return result;
}

void
lw_unit_arithmetic_free (LwUnitArithmetic *arithmetic)
{
  if (arithmetic == NULL)
    return;
  for (int32_t i = 0; i < arithmetic->n_terms; i++) {
    g_free (arithmetic->terms[i].patch);
    g_free (arithmetic->terms[i].kernel);
  }
  g_free (arithmetic->terms);
  g_free (arithmetic->largest);
  g_free (arithmetic->padding);
  g_free (arithmetic);
}

/* --- where numbers come from ---------------------------------------------------------------------
 */

LwUnit
lw_unit_resolve (const LwGraph *graph, LwUnit unit)
{
  for (;;) {
    const LwNode *node = lw_graph_node (graph, unit.node);
    LwShape shape;

    if (node->op != LW_OP_DROPOUT && node->op != LW_OP_FLATTEN)
      return unit;
    unit.node = node->inputs[0];
    shape = lw_graph_node (graph, unit.node)->shape;
    if (node->op == LW_OP_FLATTEN) {
      unit.row = unit.channel / shape.w % shape.h;
      unit.column = unit.channel % shape.w;
      unit.channel /= shape.h * shape.w;
    }
  }
}

bool
lw_unit_origin (const LwGraph *graph, const LwUnitArithmetic *arithmetic, int32_t term,
                int32_t cell, LwUnit *ret_unit)
{
  const LwNode *node = lw_graph_node (graph, arithmetic->unit.node);
  const LwUnitTerm *one;

  if (term < 0 || term >= arithmetic->n_terms || cell >= arithmetic->rows * arithmetic->columns)
    return false;
  one = &arithmetic->terms[term];
  if (cell < 0)
    cell = one->strongest;
  if (arithmetic->padding != NULL && arithmetic->padding[cell])
    return false;
  *ret_unit =
      (LwUnit){ node->inputs[one->input], one->channel, one->row + cell / arithmetic->columns,
                one->column + cell % arithmetic->columns };
  if (arithmetic->op == LW_OP_LINEAR) {
    ret_unit->channel = one->channel * arithmetic->rows * arithmetic->columns + cell;
    ret_unit->row = ret_unit->column = 0;
  }
  *ret_unit = lw_unit_resolve (graph, *ret_unit);
  return true;
}
