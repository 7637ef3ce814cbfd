#include "tests/support/trajectory.h"

#include "engine/formats/safetensors.h"
#include "engine/models.h"
#include "engine/number.h"
#include "engine/session.h"
#include "kernels/reference/reference.h"
#include "tests/support/formula.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const lw_trajectories[] = {
  "lenet",    "lenet-bn",        "alexnet",     "alexnet-narrow",
  "vgg11",    "vgg11-narrow",    "vgg11-small", "vgg11-small-narrow",
  "nin",      "nin-narrow",      "googlenet",   "googlenet-narrow",
  "resnet18", "resnet18-narrow", "densenet",    "densenet-narrow",
  NULL,
};

#define LOSS_TOLERANCE   1e-4 /* relative */
#define UPDATE_TOLERANCE 1e-3 /* of the update's length, beside the weights' own rounding */
#define FLIP_TOLERANCE   0.1  /* of the same, where a unit fell to the other side */
#define FINAL_TOLERANCE  1e-4 /* of the tensor's largest number */
#define STILL_TOLERANCE  1e-3 /* length of an update that should be 0 */

typedef struct {
  LwTensorFile *file;
  LwGraph *graph;
  LwSession *session;
  int32_t batch, steps;
  double learning_rate;
  char *still; /* JSON array of parameters that cannot learn */
  char *worst; /* the first difference beyond UPDATE_TOLERANCE; NULL: none */
} Trajectory;

static const LwTensorInfo *
tensor_of (const LwStep *step, LwTensorRole role)
{
  for (int i = 0; i < step->node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (step->graph, step->node->tensors[i]);

    if (tensor->role == role)
      return tensor;
  }
  return NULL;
}

bool
lw_trajectory_convolve (const LwBackend *backend, LwDevice *device, const LwStep *step,
                        GError **error)
{
  const LwTensorInfo *weight = tensor_of (step, LW_ROLE_WEIGHT);
  const LwTensorInfo *bias = tensor_of (step, LW_ROLE_BIAS);
  g_autofree float *x = g_new (float, step->n *lw_shape_size (step->x_shape[0]));
  g_autofree float *y = g_new (float, step->n *lw_shape_size (step->y_shape));
  g_autofree float *w = g_new (float, weight->size);
  g_autofree float *b = g_new (float, step->y_shape.c);
  const LwConv2dDefinition convolution = { .n = step->n,
                                           .from = step->x_shape[0],
                                           .to = step->y_shape,
                                           .window = step->node->window,
                                           .x = x,
                                           .w = w,
                                           .bias = bias ? b : NULL,
                                           .y = y };

  backend->download_value (device, step->x[0], step->x_shape[0], step->n, x, error);
  backend->download_tensor (device, step->param[LW_ROLE_WEIGHT], weight, w, error);
  if (bias)
    backend->download_tensor (device, step->param[LW_ROLE_BIAS], bias, b, error);
  lw_conv2d_definition (&convolution);
  return backend->upload_value (device, step->y, step->y_shape, step->n, y, error);
}

static int32_t
read_integer (const LwTensorFile *file, const char *key)
{
  const char *text = lw_tensor_file_metadata (file, key);
  int64_t value = 0;

  g_assert_nonnull (text);
  g_assert_true (lw_number_parse_signed (text, &value));
  return (int32_t)value;
}

/* "KEY=VALUE,…" */
static void
set_knobs (LwOptions *options, const char *set)
{
  g_auto (GStrv) pairs = g_strsplit (set, ",", -1);

  for (char **pair = pairs; *pair != NULL; pair++) {
    g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (g_strv_length (parts), ==, 2);
    lw_options_set (options, parts[0], parts[1], &error);
    g_assert_no_error (error);
  }
}

static void
open_trajectory (Trajectory *t, const char *name, const LwBackend *backend)
{
  g_autofree char *file_name = g_strconcat ("trajectory-", name, ".safetensors", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), file_name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = NULL;
  const LwModel *model;
  const char *set;
  int side = 0;

  t->file = lw_tensor_file_open (path, &error);
  g_assert_no_error (error);
  model = lw_model_find (lw_tensor_file_metadata (t->file, "model"), &error);
  g_assert_no_error (error);
  set = lw_tensor_file_metadata (t->file, "set");
  t->batch = read_integer (t->file, "batch");
  t->steps = read_integer (t->file, "steps");
  t->learning_rate = g_ascii_strtod (lw_tensor_file_metadata (t->file, "learning_rate"), NULL);
  t->still = g_strdup (lw_tensor_file_metadata (t->file, "no_update"));
  g_assert_cmpint (sscanf (lw_tensor_file_metadata (t->file, "input"), "1,%d,", &side), ==, 1);

  options = lw_options_new (model);
  for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++)
    if (strcmp ((*knob)->name, "dropout") == 0)
      g_assert_true (lw_options_set (options, "dropout", "0", NULL));
  if (set != NULL && *set != '\0')
    set_knobs (options, set);
  g_assert_true (lw_options_set_input (options, (LwShape){ 1, side, side, false }, &error));
  t->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  t->session =
      lw_session_new (t->graph, backend, 0, &(LwSessionOptions){ .batch = t->batch }, &error);
  g_assert_no_error (error);
  for (int32_t i = 0; i < lw_graph_n_tensors (t->graph); i++) {
    g_autofree void *values = lw_formula_initial (t->graph, i);

    g_assert_true (lw_session_set_tensor (t->session, i, values, &error));
  }
}

static void
close_trajectory (Trajectory *t)
{
  lw_session_free (t->session);
  lw_graph_unref (t->graph);
  lw_tensor_file_free (t->file);
  g_free (t->still);
  g_free (t->worst);
}

/* Fails at once beyond FLIP_TOLERANCE; remembers the first beyond UPDATE_TOLERANCE. */
static void
compare (Trajectory *t, const char *name, const char *what, double difference, double length,
         double rounding)
{
  if (!(difference <= FLIP_TOLERANCE * length + rounding))
    g_error ("%s: the %s differs by %.3g of %.3g", name, what, difference, length);
  if (difference > UPDATE_TOLERANCE * length + rounding && t->worst == NULL)
    t->worst =
        g_strdup_printf ("%s: the %s differs by %.3g of %.3g", name, what, difference, length);
}

static const float *
golden (const Trajectory *t, const char *kind, const char *name, int64_t *ret_n)
{
  g_autofree char *entry = g_strconcat (kind, "/", name, NULL);
  const LwFileTensor *tensor = lw_tensor_file_find (t->file, entry);

  if (tensor == NULL)
    g_error ("%s is missing", entry);
  if (ret_n != NULL)
    *ret_n = tensor->size;
  return tensor->data;
}

static void
train (Trajectory *t, double *ret_losses)
{
  const LwFileTensor *losses = lw_tensor_file_find (t->file, "losses");
  const int64_t size = t->batch * lw_shape_size (lw_graph_input_shape (t->graph));
  g_autofree float *images = g_new (float, size);
  g_autofree int32_t *labels = g_new (int32_t, t->batch);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (losses->size, ==, t->steps);
  for (int32_t step = 0; step < t->steps; step++) {
    g_autofree char *input_name = g_strdup_printf ("input%d", step);
    g_autofree char *labels_name = g_strdup_printf ("labels%d", step);
    const uint64_t input = lw_formula_seed (input_name), label = lw_formula_seed (labels_name);
    const double wanted = (double)((const float *)losses->data)[step];
    LwBatchResult result;
    double loss;

    for (int64_t i = 0; i < size; i++)
      images[i] = (float)lw_formula_uniform (input, i);
    for (int32_t i = 0; i < t->batch; i++)
      labels[i] = lw_formula_label (label, i, lw_graph_classes (t->graph));
    g_assert_true (lw_session_train (
        t->session, &(LwBatch){ images, labels, t->batch },
        &(LwStepSettings){ .learning_rate = (float)t->learning_rate, .iteration = step }, NULL,
        NULL, &result, &error));
    loss = result.loss_sum / t->batch;
    ret_losses[2 * step] = loss;
    ret_losses[2 * step + 1] = wanted;
    if (!(fabs (loss - wanted) <= LOSS_TOLERANCE * wanted))
      g_error ("step %d: loss %.7f, PyTorch has %.7f", step, loss, wanted);
  }
}

static void
check_update (Trajectory *t, const LwTensorInfo *tensor, const float *before, const float *after)
{
  int64_t n = 0;
  const float *sample = golden (t, "update", tensor->name, &n);
  const double norm = (double)golden (t, "norm", tensor->name, NULL)[0];
  const double dot = (double)golden (t, "dot", tensor->name, NULL)[0];
  g_autofree char *quoted = g_strconcat ("\"", tensor->name, "\"", NULL);
  g_autofree char *dot_name = g_strconcat ("dot/", tensor->name, NULL);
  const uint64_t dot_seed = lw_formula_seed (dot_name);
  double squares = 0, product = 0, weights = 0, differences = 0, lengths = 0, rounding;

  for (int64_t i = 0; i < tensor->size; i++) {
    const double update = (double)after[i] - (double)before[i];

    squares += update * update;
    product += update * (2 * lw_formula_uniform (dot_seed, i) - 1);
    weights += (double)before[i] * (double)before[i];
  }
  if (strstr (t->still, quoted) != NULL) {
    if (!(sqrt (squares) <= STILL_TOLERANCE))
      g_error ("%s moved by %.3g, it should stand still", tensor->name, sqrt (squares));
    return;
  }
  /* A float32 weight cannot move more finely than its own rounding. */
  rounding = t->steps * sqrt (weights) * 0x1p-24;
  compare (t, tensor->name, "length", fabs (sqrt (squares) - norm), norm, rounding);
  compare (t, tensor->name, "product", fabs (product - dot), norm, rounding);

  for (int64_t j = 0; j < n; j++) {
    const int64_t i = j * tensor->size / n;
    const double difference = (double)after[i] - (double)before[i] - (double)sample[j];

    differences += difference * difference;
    lengths += (double)sample[j] * (double)sample[j];
  }
  /* The samples' share of the whole may be small; then the whole says what can be asked. */
  compare (t, tensor->name, "sample", sqrt (differences),
           MAX (sqrt (lengths), norm * sqrt ((double)n / (double)tensor->size)), rounding);
}

static void
check_final (const Trajectory *t, const LwTensorInfo *tensor, const float *after)
{
  int64_t n = 0;
  const float *wanted = golden (t, "final", tensor->name, &n);
  double largest = 0, difference = 0;

  g_assert_cmpint (n, ==, tensor->size);
  for (int64_t i = 0; i < n; i++) {
    largest = MAX (largest, fabs ((double)wanted[i]));
    difference = MAX (difference, fabs ((double)after[i] - (double)wanted[i]));
  }
  if (!(difference <= FINAL_TOLERANCE * largest))
    g_error ("%s differs by %.3g of %.3g", tensor->name, difference, largest);
}

/* Returns what differed by more than rounding, or NULL; g_free. */
static char *
run_trajectory (const char *name, const LwBackend *backend, double *ret_losses)
{
  Trajectory t = { 0 };
  char *worst;

  open_trajectory (&t, name, backend);
  train (&t, ret_losses);
  for (int32_t i = 0; i < lw_graph_n_tensors (t.graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (t.graph, i);
    g_autofree float *before = lw_formula_initial (t.graph, i);
    g_autofree float *after = g_new (float, MAX (2, tensor->size));
    int64_t batches;

    g_assert_true (lw_session_get_tensor (t.session, i, after, NULL));
    if (tensor->dtype == LW_I64) {
      memcpy (&batches, after, sizeof batches);
      g_assert_cmpint (batches, ==, t.steps);
    } else if (tensor->trainable)
      check_update (&t, tensor, before, after);
    else
      check_final (&t, tensor, after);
  }
  worst = g_steal_pointer (&t.worst);
  close_trajectory (&t);
  return worst;
}

void
lw_trajectory_check (const char *name, const LwBackend *backend, LwTrajectoryConvolve *exactly,
                     double ret_losses[LW_TRAJECTORY_LOSSES])
{
  LwBackend exact = *backend;
  g_autofree char *difference = NULL;

  for (int i = 0; i < LW_TRAJECTORY_LOSSES; i++)
    ret_losses[i] = NAN;
  difference = run_trajectory (name, backend, ret_losses);
  if (difference == NULL)
    return;
  g_test_message ("%s; once more with exact convolutions", difference);
  g_free (difference);
  exact.kernels[LW_OP_CONV2D].forward = exactly;
  /* It knows whole maps only, keeps no sums, does no other step's work, and cannot be recorded. */
  exact.kernels[LW_OP_CONV2D].state_bytes = NULL;
  exact.link = NULL;
  exact.slice_bytes = NULL;
  exact.begin_step = NULL;
  exact.variant = NULL; /* which would be the table that this is a copy of */
  difference = run_trajectory (name, &exact, ret_losses);
  g_assert_cmpstr (difference, ==, NULL);
}
