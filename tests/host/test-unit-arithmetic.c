/* What a unit's arithmetic says is what the engine computes: every operation of the nine networks,
 * for units drawn by chance and for the corners, where the padding is; and each number is found
 * again where the arithmetic says that it comes from. */
#include "engine/models.h"
#include "engine/session.h"
#include "engine/unit_arithmetic.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <string.h>

#define UNITS 12 /* of each layer */

typedef struct {
  const char *model, *side;
} Case;

/* Smaller images than the book's for those whose first linear layer is large. */
static const Case cases[] = {
  { "lenet", "28" },    { "lenet-bn", "28" }, { "alexnet", "67" },
  { "vgg11", "32" },    { "nin", "67" },      { "googlenet", "96" },
  { "resnet18", "96" }, { "densenet", "96" }, { "vgg11-small", "64" },
};

static const LwBackend *backends[] = { &lw_reference_backend, NULL };

typedef struct {
  LwGraph *graph;
  float **values;
  bool *seen;
} Pass;

static bool
keep (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Pass *pass = data;

  (void)backward;
  if (step->node == NULL)
    return true;
  pass->seen[step->id] = true;
  return lw_session_download (session, step, 1, pass->values[step->id], error);
}

/* Statistics and scales as a trained network has them: none of them 0 or 1. */
static void
unsettle (LwSession *session, GRand *random)
{
  LwGraph *graph = lw_session_graph (session);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    g_autofree float *data = NULL;
    g_autoptr (GError) error = NULL;

    if (lw_graph_node (graph, tensor->node)->op != LW_OP_BATCH_NORM || tensor->dtype != LW_F32)
      continue;
    data = g_new (float, tensor->size);
    for (int64_t j = 0; j < tensor->size; j++)
      data[j] =
          (float)g_rand_double_range (random, tensor->role == LW_ROLE_RUNNING_VAR ? 0.2 : -1, 1.5);
    lw_session_set_tensor (session, i, data, &error);
    g_assert_no_error (error);
  }
}

static Pass
observe (LwSession *session, GRand *random)
{
  LwGraph *graph = lw_session_graph (session);
  const int32_t n = lw_graph_n_nodes (graph);
  const int64_t pixels = lw_shape_size (lw_graph_input_shape (graph));
  Pass pass = { graph, g_new0 (float *, n), g_new0 (bool, n) };
  LwBatch batch = { .n = 1 };
  g_autoptr (GError) error = NULL;

  for (LwNodeId id = 0; id < n; id++)
    pass.values[id] = g_new0 (float, lw_shape_size (lw_graph_node (graph, id)->shape));
  for (int64_t i = 0; i < pixels; i++)
    pass.values[0][i] = (float)g_rand_double (random);
  batch.images = pass.values[0];
  lw_session_infer (session, &batch, keep, &pass, NULL, NULL, &error);
  g_assert_no_error (error);
  for (LwNodeId id = 1; id < n; id++)
    if (!pass.seen[id])
      memcpy (pass.values[id], pass.values[lw_graph_node (graph, id)->inputs[0]],
              sizeof (float) * (gsize)lw_shape_size (lw_graph_node (graph, id)->shape));
  return pass;
}

static void
free_pass (Pass *pass)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (pass->graph); id++)
    g_free (pass->values[id]);
  g_free (pass->values);
  g_free (pass->seen);
}

static LwUnit
some_unit (LwGraph *graph, LwNodeId id, int which, GRand *random)
{
  const LwShape shape = lw_graph_node (graph, id)->shape;
  LwUnit unit = { id, g_rand_int_range (random, 0, shape.c), 0, 0 };

  if (which == 1)
    unit = (LwUnit){ id, shape.c - 1, shape.h - 1, shape.w - 1 };
  else if (which > 1) {
    unit.row = g_rand_int_range (random, 0, shape.h);
    unit.column = g_rand_int_range (random, 0, shape.w);
  }
  return unit;
}

static float
number_at (const Pass *pass, LwUnit unit)
{
  const LwShape shape = lw_graph_node (pass->graph, unit.node)->shape;

  return pass->values[unit.node][(unit.channel * shape.h + unit.row) * shape.w + unit.column];
}

/* Each number of each patch stands where it is said to come from, or is the padding's zero. */
static void
check_origins (const Pass *pass, const LwUnitArithmetic *one, GRand *random)
{
  for (int32_t i = 0; i < one->n_terms; i++) {
    const int32_t cell = g_rand_int_range (random, 0, one->rows * one->columns);
    LwUnit origin;

    if (lw_unit_origin (pass->graph, one, i, cell, &origin)) {
      g_assert_true (lw_unit_exists (pass->graph, origin));
      g_assert_cmpfloat (number_at (pass, origin), ==, one->terms[i].patch[cell]);
    } else {
      g_assert_true (one->padding[cell]);
      g_assert_cmpfloat (one->terms[i].patch[cell], ==, 0);
    }
    if (i > 0) /* in the order of their sizes */
      g_assert_cmpfloat (fabs (one->terms[one->largest[i - 1]].sum), >=,
                         fabs (one->terms[one->largest[i]].sum));
  }
}

static double
check_layer (LwSession *session, const Pass *pass, LwNodeId id, GRand *random)
{
  const LwNode *node = lw_graph_node (pass->graph, id);
  float *tensors[LW_MAX_TENSORS] = { NULL };
  LwUnitValues values = { .output = pass->values[id] };
  double worst = 0;

  for (int32_t i = 0; i < node->n_inputs; i++)
    values.inputs[i] = pass->values[node->inputs[i]];
  for (int32_t role = 0; role < MIN (node->n_tensors, LW_ROLE_BATCHES); role++) {
    g_autoptr (GError) error = NULL;

    tensors[role] = g_new (float, lw_graph_tensor (pass->graph, node->tensors[role])->size);
    lw_session_get_tensor (session, node->tensors[role], tensors[role], &error);
    g_assert_no_error (error);
    values.tensors[role] = tensors[role];
  }
  for (int i = 0; i < UNITS; i++) {
    const LwUnit unit = some_unit (pass->graph, id, i, random);
    g_autoptr (LwUnitArithmetic) one = lw_unit_arithmetic_new (pass->graph, unit, &values);
    double wrong;

    g_assert_nonnull (one);
    g_assert_cmpfloat (one->value, ==, (double)number_at (pass, unit));
    wrong = fabs (one->total - one->value);
    if (wrong > 1e-4 * fabs (one->value) && wrong > 2e-6 * one->magnitude)
      g_error ("layer %s, unit %d, %d, %d: %.9g instead of %.9g", node->name, unit.channel,
               unit.row, unit.column, one->total, one->value);
    worst = fmax (worst, wrong / fmax (one->magnitude, 1e-30));
    check_origins (pass, one, random);
  }
  for (int role = 0; role < LW_MAX_TENSORS; role++)
    g_free (tensors[role]);
  return worst;
}

static void
test_network (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (one->model, NULL));
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  const LwSessionOptions wanted = { .inference_batch = 1 };
  g_autoptr (LwGraph) graph = NULL;
  g_autoptr (LwSession) session = NULL;
  double worst = 0;
  Pass pass;

  g_assert_true (lw_options_set (options, "input_size", one->side, &error));
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  session = lw_session_new (graph, lw_cpu_backend (), 0, &wanted, &error);
  g_assert_no_error (error);
  lw_session_initialize (session, 3, &error);
  g_assert_no_error (error);
  unsettle (session, random);
  pass = observe (session, random);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    worst = fmax (worst, check_layer (session, &pass, id, random));
  g_test_message ("largest difference, by all that was added: %.2g", worst);
  free_pass (&pass);
}

/* Windows that the networks do not have: odd strides, padding on all sides; worked out by hand. */
static void
test_by_hand (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("by hand");
  const LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 1, .h = 4, .w = 4 });
  const LwNodeId conv = lw_conv2d (graph, x, NULL, 1, (LwWindow){ 3, 3, 1 });
  const LwNodeId mean = lw_avg_pool (graph, x, NULL, (LwWindow){ 2, 3, 1 });
  const LwNodeId most = lw_max_pool (graph, x, NULL, (LwWindow){ 2, 3, 1 });
  const LwNodeId mean_up = lw_avg_pool_ceil (graph, x, NULL, (LwWindow){ 3, 2, 1 });
  const LwNodeId most_up = lw_max_pool_ceil (graph, x, NULL, (LwWindow){ 3, 2, 0 });
  static const float image[16] = { -1, -2,  -3,  -4,  -5,  -6,  -7,  -8,
                                   -9, -10, -11, -12, -13, -14, -15, -16 };
  static const float kernel[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, bias[1] = { 0.5f };
  static const float out[9] = { 0 };
  const LwUnitValues values = { .output = out, .inputs = { image }, .tensors = { kernel, bias } };
  const LwUnitValues without = { .output = out, .inputs = { image } };
  LwUnitArithmetic *one;
  LwUnit origin;

  one = lw_unit_arithmetic_new (graph, (LwUnit){ conv, 0, 0, 0 }, &values);
  /* −1·5 − 2·6 − 5·8 − 6·9 + 0.5: the upper row and the left column are padding. */
  g_assert_cmpfloat (one->total, ==, -5 - 12 - 40 - 54 + 0.5);
  g_assert_true (one->padding[0] && one->padding[3] && !one->padding[4]);
  g_assert_cmpint (one->terms[0].strongest, ==, 8);
  g_assert_true (lw_unit_origin (graph, one, 0, -1, &origin));
  g_assert_cmpint (origin.row, ==, 1);
  g_assert_cmpint (origin.column, ==, 1);
  g_assert_false (lw_unit_origin (graph, one, 0, 0, &origin));
  lw_unit_arithmetic_free (one);

  one = lw_unit_arithmetic_new (graph, (LwUnit){ mean, 0, 0, 0 }, &without);
  g_assert_cmpfloat (one->total, ==, -0.25); /* zeros of the padding count */
  lw_unit_arithmetic_free (one);
  one = lw_unit_arithmetic_new (graph, (LwUnit){ most, 0, 0, 0 }, &without);
  g_assert_cmpfloat (one->total, ==, -1); /* and here they do not */
  lw_unit_arithmetic_free (one);

  /* The last window of 3 has one row of the map and one of padding, two columns and one. */
  one = lw_unit_arithmetic_new (graph, (LwUnit){ mean_up, 0, 2, 2 }, &without);
  g_assert_cmpint (one->rows, ==, 2);
  g_assert_cmpint (one->columns, ==, 2);
  g_assert_cmpfloat (one->total, ==, -16 / 4.0);
  lw_unit_arithmetic_free (one);
  one = lw_unit_arithmetic_new (graph, (LwUnit){ most_up, 0, 0, 1 }, &without);
  g_assert_cmpint (one->columns, ==, 2);
  g_assert_cmpfloat (one->total, ==, -3);
  lw_unit_arithmetic_free (one);

  g_assert_null (lw_unit_arithmetic_new (graph, (LwUnit){ conv, 0, 0, 0 }, &without));
  g_assert_null (lw_unit_arithmetic_new (graph, (LwUnit){ conv, 1, 0, 0 }, &values));
  g_assert_null (lw_unit_arithmetic_new (graph, (LwUnit){ conv, 0, -1, 0 }, &values));
  g_assert_null (lw_unit_arithmetic_new (graph, (LwUnit){ 99, 0, 0, 0 }, &values));
}

/* AlexNet's and VGG's first linear layers are too large for a copy of all weights: a unit's own are
 * read, of both backends, and of a trained layer whatever order the device keeps them in. The layer
 * here is as large as it must be for that, and no larger. */
static void
test_large_layer (gconstpointer data)
{
  const LwBackend *backend = *(const LwBackend *const *)data;
  const LwSessionOptions wanted = { .inference_batch = 1 };
  g_autoptr (LwGraph) graph = lw_graph_new ("large");
  g_autoptr (LwSession) session = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GError) error = NULL;
  LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 16, .h = 16, .w = 16 });
  const LwNodeId flat = lw_flatten (graph, x, NULL), linear = lw_linear (graph, flat, NULL, 4099);
  const LwNode *node;
  LwTensorPart parts[LW_MAX_TENSORS];
  Pass pass;

  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  node = lw_graph_node (graph, linear);
  g_assert_true (lw_layer_has_rows (graph, linear));
  g_assert_false (lw_layer_has_rows (graph, flat));
  lw_layer_parts (graph, linear, LW_ALL_ROWS, parts);
  g_assert_cmpint (parts[LW_ROLE_WEIGHT].tensor, ==, -1);
  lw_layer_parts (graph, linear, 4099, parts);
  g_assert_cmpint (parts[LW_ROLE_WEIGHT].tensor, ==, -1);

  session = lw_session_new (graph, backend, 0, &wanted, &error);
  g_assert_no_error (error);
  lw_session_initialize (session, 3, &error);
  g_assert_no_error (error);
  pass = observe (session, random);
  for (int i = 0; i < UNITS; i++) {
    const LwUnit unit = { linear, i == 0 ? 0 : i == 1 ? 4098 : g_rand_int_range (random, 0, 4099) };
    LwUnitValues values = { .output = pass.values[linear], .inputs = { pass.values[flat] } };
    g_autofree float *row = NULL, *bias = NULL;
    g_autoptr (LwUnitArithmetic) one = NULL;

    lw_layer_parts (graph, linear, unit.channel, parts);
    g_assert_cmpint (parts[LW_ROLE_WEIGHT].tensor, ==, node->tensors[LW_ROLE_WEIGHT]);
    g_assert_cmpint (lw_tensor_part_size (graph, parts[LW_ROLE_WEIGHT]), ==, 4096);
    g_assert_cmpint (lw_tensor_part_size (graph, parts[LW_ROLE_BIAS]), ==, 4099);
    row = g_new (float, 4096);
    bias = g_new (float, 4099);
    lw_session_get_part (session, parts[LW_ROLE_WEIGHT], row, &error);
    g_assert_no_error (error);
    lw_session_get_part (session, parts[LW_ROLE_BIAS], bias, &error);
    g_assert_no_error (error);
    values.row = row;
    values.tensors[LW_ROLE_BIAS] = bias;
    one = lw_unit_arithmetic_new (graph, unit, &values);
    g_assert_nonnull (one);
    g_assert_cmpint (one->n_terms, ==, 16);
    g_assert_cmpfloat (fabs (one->total - one->value), <=, 2e-6 * one->magnitude);
    check_origins (&pass, one, random);
  }
  g_assert_false (lw_session_get_part (
      session, (LwTensorPart){ node->tensors[LW_ROLE_WEIGHT], 4099 }, pass.values[0], &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  free_pass (&pass);
}

/* Parts are the whole's, of matrices, windows and vectors, in each backend's own order, and also
 * where a backend can only copy all. */
static void
test_parts (gconstpointer data)
{
  const LwSessionOptions wanted = { .inference_batch = 1 };
  LwBackend backend = **(const LwBackend *const *)data;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (options, &error);

  for (int way = 0; way < 2; way++, backend.download_row = NULL) {
    g_autoptr (LwSession) session = lw_session_new (graph, &backend, 0, &wanted, &error);

    g_assert_no_error (error);
    lw_session_initialize (session, 3, &error);
    g_assert_no_error (error);
    for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
      const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
      const int64_t n = tensor->size / tensor->dims[0];
      g_autofree float *whole = g_new (float, tensor->size), *part = g_new (float, n);

      g_assert_true (lw_session_get_tensor (session, i, whole, &error));
      for (int32_t row = 0; row < (int32_t)tensor->dims[0]; row++) {
        g_assert_true (lw_session_get_part (session, (LwTensorPart){ i, row }, part, &error));
        g_assert_cmpmem (part, n * 4, whole + row * n, n * 4);
      }
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  backends[1] = lw_cpu_backend ();
  g_test_add_func ("/unit-arithmetic/by-hand", test_by_hand);
  for (gsize i = 0; i < G_N_ELEMENTS (backends); i++) {
    g_autofree char *large = g_strconcat ("/unit-arithmetic/large/", backends[i]->name, NULL);
    g_autofree char *parts = g_strconcat ("/unit-arithmetic/parts/", backends[i]->name, NULL);

    g_test_add_data_func (large, &backends[i], test_large_layer);
    g_test_add_data_func (parts, &backends[i], test_parts);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/unit-arithmetic/", cases[i].model, NULL);

    g_test_add_data_func (path, &cases[i], test_network);
  }
  return g_test_run ();
}
