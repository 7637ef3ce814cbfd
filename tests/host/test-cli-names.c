/* --names torchvision: from a run to a file with torchvision's names and back again, and what is
 * said where that cannot be. A ResNet-50 of a sixteenth of its width, on small drawn figures. */
#include "engine/formats/safetensors.h"
#include "engine/models.h"
#include "tests/support/program.h"

#include <math.h>
#include <string.h>
#ifdef LW_WITH_DRAW
#include <cairo.h>
#endif

#define SMALL "--set", "width=0.0625"
#define TRAIN                                                                                      \
  "--data", "shapes", "--resize", "32", "--batch", "8", "--limit-train", "32", "--limit-test",     \
      "16", "--steps", "2", "--threads", "1", "--algorithms", "fixed", "--json"
#define PREDICT "--data", "shapes", "--count", "4", "--algorithms", "fixed", "--json"

static char *root, *run, *file;

/* A run under the book's names, and its weights under torchvision's. */
static void
make_run (void)
{
  g_autoptr (LwResult) trained = NULL, exported = NULL;

  root = lw_make_folder ();
  run = g_build_filename (root, "run", NULL);
  file = g_build_filename (root, "torchvision.safetensors", NULL);
  trained = lw_program ("train", "resnet50", SMALL, TRAIN, "--output", run, NULL);
  lw_assert_status (trained, 0);
  exported = lw_program ("export", run, "--format", "safetensors", "--names", "torchvision",
                         "--output", file, NULL);
  lw_assert_status (exported, 0);
}

static bool
file_has (const char *path, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) tensors = lw_tensor_file_open (path, &error);

  g_assert_no_error (error);
  return lw_tensor_file_find (tensors, name) != NULL;
}

static void
test_show (void)
{
  g_autoptr (LwResult) result = lw_program ("show", "resnet18", "--names", "torchvision", "--input",
                                            "3x224x224", "--classes", "1000", "--json", NULL);
  g_autoptr (LwResult) book = lw_program ("show", "vgg16", "--names", "book", "--json", NULL);
  g_autoptr (LwResult) same = lw_program ("show", "vgg16", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *shown;
  JsonArray *tensors;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  shown = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (shown, "parameters"), ==, 11689512);
  tensors = json_object_get_array_member (shown, "tensors");
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (tensors, 0), "name"), ==,
      "conv1.weight");
  g_assert_cmpstr (book->out, ==, same->out);
}

/* What the run says, its renamed weights say too. */
static void
test_predict (void)
{
  g_autoptr (LwResult) from_run = lw_program ("predict", run, PREDICT, NULL);
  g_autoptr (LwResult) from_file =
      lw_program ("predict", file, "--model", "resnet50", "--names", "torchvision", SMALL,
                  "--resize", "32", PREDICT, NULL);
  g_autoptr (LwResult) other_names =
      lw_program ("predict", file, "--model", "resnet50", SMALL, "--resize", "32", PREDICT, NULL);
  g_autoptr (LwResult) other_shape = lw_program ("predict", file, "--model", "resnet50", "--names",
                                                 "torchvision", "--resize", "32", PREDICT, NULL);
  g_autoptr (LwResult) twice = lw_program ("predict", run, "--names", "torchvision", PREDICT, NULL);

  lw_assert_status (from_run, 0);
  lw_assert_status (from_file, 0);
  g_assert_cmpstr (from_run->out, ==, from_file->out);
  lw_assert_status (other_names, 1);
  lw_assert_contains (other_names->err, "no tensor \"0.0.weight\", which ResNet-50 needs");
  lw_assert_status (other_shape, 1);
  lw_assert_contains (other_shape->err, "\"conv1.weight\"");
  lw_assert_contains (other_shape->err,
                      "the shape [4, 1, 7, 7], but ResNet-50 needs [64, 1, 7, 7]");
  lw_assert_status (twice, 2);
  lw_assert_contains (twice->err, "--names");
}

#ifdef LW_WITH_DRAW
/* Weights of a small ResNet-50 for colour images, any that are neither too small nor too large. */
static char *
write_colour_weights (void)
{
  char *path = g_build_filename (root, "colour.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("resnet50", &error));
  g_autoptr (LwGraph) graph = NULL;
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) tensors = g_array_new (FALSE, TRUE, sizeof (LwFileTensor));

  g_assert_true (lw_options_parse (options, "width=0.0625", &error));
  g_assert_true (lw_options_parse (options, "names=torchvision", &error));
  g_assert_true (lw_options_set_input (options, (LwShape){ 3, 32, 32, false }, &error));
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *info = lw_graph_tensor (graph, i);
    float *values = g_new0 (float, 2 * info->size);
    LwFileTensor tensor = { info->name, info->dtype, info->rank, { 0 }, info->size, values };

    memcpy (tensor.dims, info->dims, sizeof info->dims);
    for (int64_t k = 0; info->dtype == LW_F32 && k < info->size; k++)
      values[k] = info->role == LW_ROLE_RUNNING_VAR ? 1
                  : info->role == LW_ROLE_WEIGHT    ? (float)(k * 7919 % 101) / 100 - 0.4f
                                                    : 0;
    g_ptr_array_add (memory, values);
    g_array_append_val (tensors, tensor);
  }
  g_assert_true (lw_tensor_file_write (path, (const LwFileTensor *)(void *)tensors->data,
                                       (int32_t)tensors->len, NULL, &error));
  return path;
}
#endif

/* An image of ImageNet's mean colour, normalized, is nearly nothing, as a black one is. */
static void
test_normalize (void)
{
#ifdef LW_WITH_DRAW
  static const double colours[2][3] = { { 0.485, 0.456, 0.406 }, { 0, 0, 0 } };
  g_autofree char *weights = write_colour_weights ();
  double logits[3] = { 0 };

  for (int i = 0; i < 3; i++) {
    g_autofree char *path = g_strdup_printf ("%s/colour%d.png", root, i);
    cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 32, 32);
    cairo_t *cr = cairo_create (surface);
    const double *colour = colours[i == 1];
    g_autoptr (LwResult) result = NULL;
    g_autoptr (JsonNode) node = NULL;
    JsonObject *prediction;

    cairo_set_source_rgb (cr, colour[0], colour[1], colour[2]);
    cairo_paint (cr);
    cairo_destroy (cr);
    g_assert_cmpint (cairo_surface_write_to_png (surface, path), ==, CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy (surface);
    result = lw_program ("predict", weights, path, "--model", "resnet50", "--names", "torchvision",
                         SMALL, "--input", "3x32x32", "--normalize", i == 0 ? "imagenet" : "none",
                         "--algorithms", "fixed", "--json", NULL);
    lw_assert_status (result, 0);
    node = lw_result_json (result);
    prediction = json_array_get_object_element (
        json_object_get_array_member (json_node_get_object (node), "predictions"), 0);
    logits[i] =
        json_array_get_double_element (json_object_get_array_member (prediction, "logits"), 0);
  }
  g_test_message ("%g, black %g, not normalized %g", logits[0], logits[1], logits[2]);
  g_assert_cmpfloat (fabs (logits[0] - logits[1]), <, 0.1 * fabs (logits[2] - logits[1]));
#endif
  g_autoptr (LwResult) unknown =
      lw_program ("predict", run, "x.png", "--normalize", "imagnet", NULL);
  g_autoptr (LwResult) data = lw_program ("predict", run, "--normalize", "imagenet", NULL);

  lw_assert_status (unknown, 2);
  lw_assert_contains (unknown->err, "did you mean imagenet?");
  lw_assert_status (data, 2);
}

/* A run that begins with such a file keeps its names, also in what is exported; both ways. */
static void
test_train (void)
{
  g_autofree char *other = g_build_filename (root, "other", NULL);
  g_autofree char *plain = g_build_filename (root, "plain.safetensors", NULL);
  g_autofree char *book = g_build_filename (root, "book.safetensors", NULL);
  g_autoptr (LwResult) trained = lw_program ("train", "resnet50", "--names", "torchvision", SMALL,
                                             "--init", file, TRAIN, "--output", other, NULL);
  g_autoptr (LwResult) exported = NULL, renamed = NULL, predicted = NULL, from_run = NULL;

  lw_assert_status (trained, 0);
  exported = lw_program ("export", other, "--format", "safetensors", "--output", plain, NULL);
  lw_assert_status (exported, 0);
  g_assert_true (file_has (plain, "layer4.2.bn3.running_var"));
  renamed = lw_program ("export", other, "--format", "safetensors", "--names", "book", "--output",
                        book, NULL);
  lw_assert_status (renamed, 0);
  g_assert_true (file_has (book, "4.2.bn3.running_var"));
  g_assert_false (file_has (book, "layer4.2.bn3.running_var"));
  from_run = lw_program ("predict", other, PREDICT, NULL);
  predicted =
      lw_program ("predict", book, "--model", "resnet50", SMALL, "--resize", "32", PREDICT, NULL);
  g_assert_cmpstr (from_run->out, ==, predicted->out);
}

/* The book's ResNet-18 has what torchvision has no names for. */
static void
test_refused (void)
{
  g_autofree char *books = g_build_filename (root, "book", NULL);
  g_autofree char *output = g_build_filename (root, "never.safetensors", NULL);
  g_autoptr (LwResult) trained =
      lw_program ("train", "resnet18", SMALL, TRAIN, "--output", books, NULL);
  g_autoptr (LwResult) exported = lw_program ("export", books, "--format", "safetensors", "--names",
                                              "torchvision", "--output", output, NULL);
  g_autoptr (LwResult) lenet = lw_program ("show", "lenet", "--names", "torchvision", NULL);
  g_autoptr (LwResult) unknown = lw_program ("show", "vgg16", "--names", "torchvison", NULL);
  g_autoptr (LwResult) csv = lw_program ("export", run, "--format", "csv", "--names", "torchvision",
                                         "--output", output, NULL);

  lw_assert_status (trained, 0);
  lw_assert_status (exported, 1);
  lw_assert_contains (exported->err, "--set form=torchvision");
  g_assert_false (g_file_test (output, G_FILE_TEST_EXISTS));
  lw_assert_status (lenet, 2);
  lw_assert_contains (lenet->err, "LeNet has the book's names only");
  lw_assert_status (unknown, 2);
  lw_assert_contains (unknown->err, "did you mean torchvision?");
  lw_assert_status (csv, 2);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_run ();
  g_test_add_func ("/cli-names/show", test_show);
  g_test_add_func ("/cli-names/predict", test_predict);
  g_test_add_func ("/cli-names/normalize", test_normalize);
  g_test_add_func ("/cli-names/train", test_train);
  g_test_add_func ("/cli-names/refused", test_refused);
  status = g_test_run ();
  lw_remove_folder (root);
  g_free (run);
  g_free (file);
  return status;
}
