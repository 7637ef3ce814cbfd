/* The reference backend's kernels and optimizers against PyTorch (tests/golden/ops.safetensors,
 * misc.safetensors). */
#include "engine/formats/safetensors.h"
#include "kernels/reference/reference.h"
#include "tests/support/kernel_check.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define TOLERANCE 1e-5

typedef struct {
  LwTensorFile *file;
  LwDevice *device;
  JsonObject *attributes;
  LwKernelCase info;
} Golden;

static LwTensorFile *
open_golden (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), name, NULL);
  g_autoptr (GError) error = NULL;
  LwTensorFile *file = lw_tensor_file_open (path, &error);

  g_assert_no_error (error);
  return file;
}

/* A JSON array of objects in the file's metadata. */
static JsonNode *
read_list (const LwTensorFile *file, const char *key)
{
  g_autoptr (GError) error = NULL;
  JsonNode *list = json_from_string (lw_tensor_file_metadata (file, key), &error);

  g_assert_no_error (error);
  return list;
}

static const LwFileTensor *
find (const Golden *golden, const char *name)
{
  g_autofree char *full = g_strconcat (golden->info.name, "/", name, NULL);

  return lw_tensor_file_find (golden->file, full);
}

static LwOp
find_op (const char *name)
{
  for (int op = 0; op < LW_N_OPS; op++)
    if (strcmp (lw_op_info ((LwOp)op)->name, name) == 0)
      return (LwOp)op;
  g_error ("the golden file has an operation %s", name);
}

/* --- operations ------------------------------------------------------------------------------- */

static void
describe (Golden *golden)
{
  JsonObject *attributes = golden->attributes;
  LwKernelCase *info = &golden->info;

  *info = (LwKernelCase){
    .name = json_object_get_string_member (attributes, "name"),
    .op = find_op (json_object_get_string_member (attributes, "op")),
    .inference = !json_object_get_boolean_member_with_default (attributes, "training", TRUE),
    .window = {
      (int32_t)json_object_get_int_member_with_default (attributes, "kernel", 0),
      (int32_t)json_object_get_int_member_with_default (attributes, "stride", 0),
      (int32_t)json_object_get_int_member_with_default (attributes, "padding", 0),
    },
    .ceil_mode = json_object_get_boolean_member_with_default (attributes, "ceil_mode", FALSE),
    .dropout = json_object_get_double_member_with_default (attributes, "p", 0),
  };
  /* A network cannot drop everything; without training the share does not matter. */
  if (info->inference)
    info->dropout = MIN (info->dropout, 0.5);

  const LwFileTensor *x = find (golden, "x"), *weight = find (golden, "weight");

  info->batch = info->n = (int32_t)x->dims[0];
  info->x = (LwShape){ (int32_t)x->dims[1], 1, 1, true };
  if (x->rank == 4)
    info->x = (LwShape){ (int32_t)x->dims[1], (int32_t)x->dims[2], (int32_t)x->dims[3], false };
  if (weight)
    info->outputs = (int32_t)weight->dims[0];
  if (info->op == LW_OP_CONCAT) {
    const char *const names[] = { "x", "x1", "x2", "x3" };

    for (int i = 0; i < 4 && find (golden, names[i]); i++)
      info->joined[i] = (int32_t)find (golden, names[i])->dims[1];
  }
}

/* Copies a tensor where it exists; its size must fit. */
static void
load (const Golden *golden, const char *name, float *to, int64_t size)
{
  const LwFileTensor *tensor = find (golden, name);

  if (!to)
    return;
  g_assert_nonnull (tensor);
  g_assert_cmpint (tensor->size, ==, size);
  memcpy (to, tensor->data, sizeof (float) * (size_t)size);
}

static LwKernelData *
load_data (const Golden *golden, const LwKernelSubject *subject)
{
  static const char *const roles[] = { "weight", "bias", "running_mean", "running_var" };
  LwKernelData *data = lw_kernel_data_empty (subject);
  const int32_t n = golden->info.n;

  for (int i = 0; i < subject->n_x; i++) {
    g_autofree char *name = i == 0 ? g_strdup ("x") : g_strdup_printf ("x%d", i);

    load (golden, name, data->x[i], n * lw_shape_size (subject->x_shape[i]));
  }
  for (int role = 0; role < LW_ROLE_BATCHES; role++)
    if (data->param[role])
      load (golden, roles[role], data->param[role],
            lw_kernel_tensor (subject, (LwTensorRole)role)->size);
  load (golden, "dy", data->dy, n * lw_shape_size (subject->y_shape));
  if (data->labels)
    memcpy (data->labels, find (golden, "labels")->data, sizeof (int32_t) * (size_t)n);
  return data;
}

/* The kernel gives the loss's sum, PyTorch its mean. */
static void
check_loss (const Golden *golden, const LwKernelResult *result)
{
  const float mean = lw_kernel_result_find (result, "y")->values[0] / (float)golden->info.n;

  lw_kernel_compare (golden->info.name, "loss", &mean, find (golden, "y")->data, 1, TOLERANCE);
}

static void
check_case (Golden *golden)
{
  describe (golden);

  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&golden->info);
  g_autoptr (LwKernelData) data = load_data (golden, subject);
  g_autoptr (LwKernelResult) result =
      lw_kernel_run (&lw_reference_backend, golden->device, subject, data, LW_KERNEL_TRAINING);
  int compared = 0;

  for (int i = 0; i < result->n_arrays; i++) {
    const LwKernelArray *array = &result->arrays[i];
    const bool running = g_str_has_prefix (array->name, "running_");
    g_autofree char *name = g_strconcat (array->name, running ? "_after" : "", NULL);
    const LwFileTensor *expected = find (golden, name);

    if (!expected || (golden->info.op == LW_OP_CROSS_ENTROPY && strcmp (name, "y") == 0))
      continue;
    g_assert_cmpint (expected->size, ==, array->n);
    lw_kernel_compare (golden->info.name, name, array->values, expected->data, array->n, TOLERANCE);
    compared++;
  }
  if (golden->info.op == LW_OP_CROSS_ENTROPY)
    check_loss (golden, result);
  g_assert_cmpint (compared, >=, golden->info.op == LW_OP_CROSS_ENTROPY ? 1 : 2);
}

static void
test_ops (void)
{
  g_autoptr (LwTensorFile) file = open_golden ("ops.safetensors");
  g_autoptr (JsonNode) list = read_list (file, "cases");
  JsonArray *cases = json_node_get_array (list);
  g_autoptr (GError) error = NULL;
  Golden golden = { .file = file, .device = lw_reference_backend.open (0, NULL, &error) };

  g_assert_no_error (error);
  g_assert_cmpint (json_array_get_length (cases), >=, 70);
  for (guint i = 0; i < json_array_get_length (cases); i++) {
    golden.attributes = json_array_get_object_element (cases, i);
    check_case (&golden);
  }
  lw_reference_backend.close (golden.device);
}

/* --- optimizers ------------------------------------------------------------------------------- */

enum { TENSORS = 3, BEFORE = 20000, AFTER = 3 };

/* The golden weights between two other tensors, so that blocks are counted through all. */
static void
check_optimizer (const LwTensorFile *file, LwDevice *device, JsonObject *settings)
{
  const char *name = json_object_get_string_member (settings, "name");
  g_autofree char *w0_name = g_strdup_printf ("optimizer/%s/w0", name);
  g_autofree char *gradients_name = g_strdup_printf ("optimizer/%s/gradients", name);
  g_autofree char *weights_name = g_strdup_printf ("optimizer/%s/weights", name);
  const LwFileTensor *w0 = lw_tensor_file_find (file, w0_name);
  const LwFileTensor *gradients = lw_tensor_file_find (file, gradients_name);
  const LwFileTensor *weights = lw_tensor_file_find (file, weights_name);
  const int64_t sizes[TENSORS] = { BEFORE, w0->size, AFTER };
  float *memory[4][TENSORS]; /* w, dw, m, v */
  size_t bytes[TENSORS];
  const bool adam = strcmp (json_object_get_string_member (settings, "kind"), "adam") == 0;
  LwUpdate update = {
    .optimizer = adam ? LW_OPTIMIZER_ADAM : LW_OPTIMIZER_SGD,
    .learning_rate = (float)json_object_get_double_member (settings, "learning_rate"),
    .momentum = (float)json_object_get_double_member_with_default (settings, "momentum", 0),
    .weight_decay = (float)json_object_get_double_member_with_default (settings, "weight_decay", 0),
    .nesterov = json_object_get_boolean_member_with_default (settings, "nesterov", FALSE),
    .n = TENSORS,
    .w = (void *const *)memory[0],
    .dw = (const void *const *)memory[1],
    .m = (void *const *)memory[2],
    .v = (void *const *)memory[3],
    .bytes = bytes,
  };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < TENSORS; i++) {
    bytes[i] = sizeof (float) * (size_t)sizes[i];
    for (int j = 0; j < 4; j++)
      memory[j][i] = g_malloc0 (bytes[i]);
  }
  memcpy (memory[0][1], w0->data, bytes[1]);
  for (int64_t i = 0; i < w0->size && !adam; i++)
    memory[2][1][i] = NAN; /* the first step does not read it */
  for (int64_t step = 0; step < gradients->dims[0]; step++) {
    update.t = step + 1;
    memcpy (memory[1][1], (const float *)gradients->data + step * w0->size, bytes[1]);
    lw_reference_backend.update (device, &update, &error);
    g_assert_no_error (error);
    lw_kernel_compare (name, "weights", memory[0][1],
                       (const float *)weights->data + step * w0->size, w0->size, 1e-6);
  }
  for (int i = 0; i < TENSORS; i += 2) /* nothing moves without a gradient */
    for (int64_t k = 0; k < sizes[i]; k++)
      g_assert_true (memory[0][i][k] == 0);
  for (int i = 0; i < TENSORS; i++)
    for (int j = 0; j < 4; j++)
      g_free (memory[j][i]);
}

static void
test_optimizers (void)
{
  g_autoptr (LwTensorFile) file = open_golden ("misc.safetensors");
  g_autoptr (JsonNode) list = read_list (file, "optimizers");
  JsonArray *optimizers = json_node_get_array (list);
  g_autoptr (GError) error = NULL;
  LwDevice *device = lw_reference_backend.open (0, &(LwDeviceOptions){ .threads = 3 }, &error);

  g_assert_no_error (error);
  g_assert_cmpint (json_array_get_length (optimizers), ==, 6);
  for (guint i = 0; i < json_array_get_length (optimizers); i++)
    check_optimizer (file, device, json_array_get_object_element (optimizers, i));
  lw_reference_backend.close (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels-golden/operations", test_ops);
  g_test_add_func ("/kernels-golden/optimizers", test_optimizers);
  return g_test_run ();
}
