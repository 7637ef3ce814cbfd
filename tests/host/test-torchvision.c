/* torchvision's networks: logits against those of torchvision itself, for weights and statistics
 * that follow from names (golden/torchvision-logits.safetensors); files of weights under its names.
 */
#include "engine/error.h"
#include "engine/formats/safetensors.h"
#include "engine/models.h"
#include "engine/session.h"
#include "engine/settings.h"
#include "engine/run.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/formula.h"
#include "tests/support/program.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-4 /* of the largest logit; float32 itself strays 1e-6 */

static LwGraph *
build (JsonObject *info)
{
  const char *name = json_object_get_string_member (info, "model");
  JsonArray *knobs = json_object_get_array_member (info, "set");
  JsonArray *input = json_object_get_array_member (info, "input");
  const LwShape shape = { (int32_t)json_array_get_int_element (input, 0),
                          (int32_t)json_array_get_int_element (input, 1),
                          (int32_t)json_array_get_int_element (input, 2), false };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (name, &error));
  LwGraph *graph;

  g_assert_no_error (error);
  for (guint i = 0; i < json_array_get_length (knobs); i++)
    g_assert_true (lw_options_parse (options, json_array_get_string_element (knobs, i), &error));
  g_assert_true (lw_options_set (options, "names", "torchvision", &error));
  if (g_str_equal (name, "resnet18"))
    g_assert_true (lw_options_set (options, "form", "torchvision", &error));
  g_assert_true (lw_options_set_input (options, shape, &error));
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

/* The trajectories' weights, but statistics that do something. */
static void
set_weights (LwSession *session)
{
  LwGraph *graph = lw_session_graph (session);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const uint64_t seed = lw_formula_seed (tensor->name);
    g_autofree void *values = lw_formula_initial (graph, i);
    float *numbers = values;

    for (int64_t k = 0; k < tensor->size; k++) {
      const double u = lw_formula_uniform (seed, k);

      if (tensor->role == LW_ROLE_RUNNING_MEAN)
        numbers[k] = (float)((2 * u - 1) * 0.1);
      if (tensor->role == LW_ROLE_RUNNING_VAR)
        numbers[k] = (float)(0.5 + u);
    }
    g_assert_true (lw_session_set_tensor (session, i, values, NULL));
  }
}

static void
check_case (const LwBackend *backend, const LwTensorFile *file, JsonObject *info)
{
  const char *name = json_object_get_string_member (info, "model");
  const LwFileTensor *wanted = lw_tensor_file_find (file, name);
  const int32_t n = (int32_t)json_object_get_int_member (info, "count");
  g_autoptr (LwGraph) graph = build (info);
  const LwSessionOptions options = { .inference_batch = n };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, &error);
  const int64_t size = n * lw_shape_size (lw_graph_input_shape (graph));
  const uint64_t seed = lw_formula_seed ("input");
  g_autofree float *images = g_new (float, size);
  g_autofree float *logits = g_new (float, n *lw_graph_classes (graph));
  double largest = 0, difference = 0;

  g_assert_no_error (error);
  set_weights (session);
  for (int64_t i = 0; i < size; i++)
    images[i] = (float)lw_formula_uniform (seed, i);
  g_assert_true (
      lw_session_infer (session, &(LwBatch){ images, NULL, n }, NULL, NULL, logits, NULL, &error));
  g_assert_cmpint (wanted->size, ==, n * lw_graph_classes (graph));
  for (int64_t i = 0; i < wanted->size; i++) {
    const double value = (double)((const float *)wanted->data)[i];

    largest = MAX (largest, fabs (value));
    difference = MAX (difference, fabs ((double)logits[i] - value));
  }
  g_test_message ("%s: %.2g of %.2g", name, difference, largest);
  g_assert_cmpfloat (difference, <=, TOLERANCE * largest);
}

static void
test_logits (gconstpointer data)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), "torchvision-logits.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);
  g_autoptr (JsonNode) cases = NULL;
  JsonArray *array;

  g_assert_no_error (error);
  cases = json_from_string (lw_tensor_file_metadata (file, "cases"), &error);
  g_assert_no_error (error);
  array = json_node_get_array (cases);
  g_assert_cmpuint (json_array_get_length (array), ==, 4);
  for (guint i = 0; i < json_array_get_length (array); i++)
    check_case (data, file, json_array_get_object_element (array, i));
}

/* --- files ---------------------------------------------------------------------------------- */

static LwSettings *
small_settings (const char *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("resnet50", &error));

  g_assert_true (lw_options_parse (options, "width=0.0625", &error));
  g_assert_true (lw_options_set (options, "names", names, &error));
  g_assert_true (lw_options_set_input (options, (LwShape){ 3, 32, 32, false }, &error));
  return lw_settings_new (g_steal_pointer (&options));
}

static LwSession *
small_session (const LwSettings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  LwSession *session;

  g_assert_no_error (error);
  session = lw_session_new (graph, lw_cpu_backend (), 0, &(LwSessionOptions){ 0 }, &error);
  g_assert_no_error (error);
  return session;
}

/* The file's tensors but `without`; `reshaped` loses its first dimension. */
static void
copy_file (const char *from, const char *to, const char *without, const char *reshaped)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (from, &error);
  g_autofree LwFileTensor *tensors = g_new0 (LwFileTensor, lw_tensor_file_n (file));
  int32_t n = 0;

  g_assert_no_error (error);
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++) {
    tensors[n] = *lw_tensor_file_get (file, i);
    if (without != NULL && g_str_has_suffix (tensors[n].name, without))
      continue;
    if (reshaped != NULL && g_str_equal (tensors[n].name, reshaped)) {
      tensors[n].size /= tensors[n].dims[0];
      tensors[n].dims[0] = 1;
    }
    n++;
  }
  g_assert_true (lw_tensor_file_write (to, tensors, n, NULL, &error));
  g_assert_no_error (error);
}

static void
refuse (LwSession *session, const char *path, const char *said)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_session_load (session, path, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_FORMAT);
  lw_assert_contains (error->message, said);
}

static void
test_files (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole.safetensors", NULL);
  g_autofree char *partial = g_build_filename (folder, "part.safetensors", NULL);
  g_autoptr (LwSettings) settings = small_settings ("torchvision");
  g_autoptr (LwSettings) book_settings = small_settings ("book");
  g_autoptr (LwSession) session = small_session (settings), other = small_session (settings);
  g_autoptr (LwSession) book = small_session (book_settings);
  LwGraph *graph = lw_session_graph (session);
  g_autoptr (GError) error = NULL;

  set_weights (session);
  g_assert_true (lw_session_save (session, settings, whole, &error));
  g_assert_true (lw_session_load (other, whole, &error));
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const gsize bytes = (gsize)lw_graph_tensor (graph, i)->size * sizeof (int64_t);
    g_autofree void *a = g_malloc0 (bytes), *b = g_malloc0 (bytes);

    lw_session_get_tensor (session, i, a, NULL);
    lw_session_get_tensor (other, i, b, NULL);
    g_assert_cmpmem (a, bytes, b, bytes);
  }
  /* Old files have no counters; nothing else may be missing, or of another shape. */
  copy_file (whole, partial, ".num_batches_tracked", NULL);
  g_assert_true (lw_session_load (other, partial, &error));
  copy_file (whole, partial, "layer3.0.downsample.1.running_var", NULL);
  refuse (other, partial, "no tensor \"layer3.0.downsample.1.running_var\", which ResNet-50 needs");
  copy_file (whole, partial, NULL, "fc.weight");
  refuse (other, partial, "\"fc.weight\"");
  refuse (other, partial, "the shape [1, 128], but ResNet-50 needs [10, 128]");
  refuse (book, whole, "no tensor \"0.0.weight\"");
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/torchvision/reference/logits", &lw_reference_backend, test_logits);
  g_test_add_data_func ("/torchvision/cpu/logits", lw_cpu_backend (), test_logits);
  g_test_add_func ("/torchvision/files", test_files);
  return g_test_run ();
}
