/* predict and export: what is made of a run, read as a script would read it. */
#include "tests/host/cli-quick.h"

#include "engine/formats/safetensors.h"

#include <math.h>
#include <string.h>
#ifdef LW_WITH_PIXBUF
#include <gdk-pixbuf/gdk-pixbuf.h>
#endif

/* The run that several tests read: two epochs. */
static char *root, *shared_run;
static LwResult *shared_result;

static void
make_shared_run (void)
{
  root = lw_make_folder ();
  shared_run = g_build_filename (root, "shared", NULL);
  shared_result =
      lw_program ("train", QUICK, "--epochs", "2", "--output", shared_run, "--json", NULL);
}

/* --- predict ------------------------------------------------------------------------------------
 */

static void
assert_prediction (JsonObject *prediction, guint index)
{
  JsonArray *logits = json_object_get_array_member (prediction, "logits");
  JsonArray *probabilities = json_object_get_array_member (prediction, "probabilities");
  const guint predicted = (guint)number (prediction, "predicted");
  double sum = 0, total = 0;

  g_assert_cmpfloat (number (prediction, "index"), ==, index);
  g_assert_cmpuint (json_array_get_length (logits), ==, 10);
  g_assert_cmpuint (json_array_get_length (probabilities), ==, 10);
  for (guint c = 0; c < 10; c++)
    total += exp (json_array_get_double_element (logits, c));
  for (guint c = 0; c < 10; c++) {
    const double p = json_array_get_double_element (probabilities, c);

    sum += p;
    g_assert_cmpfloat (fabs (p - exp (json_array_get_double_element (logits, c)) / total), <, 1e-6);
    g_assert_cmpfloat (json_array_get_double_element (logits, predicted), >=,
                       json_array_get_double_element (logits, c));
  }
  g_assert_cmpfloat (fabs (sum - 1), <, 1e-5);
}

/* The best checkpoint on the same test images has the accuracy that the training found. */
static void
test_predict (void)
{
  g_autoptr (LwResult) result =
      lw_program ("predict", shared_run, "--count", "100", "--json", NULL);
  g_autoptr (LwResult) plain = lw_program ("predict", shared_run, "--count", "100", NULL);
  g_autoptr (GPtrArray) events = lw_result_events (shared_result);
  JsonObject *end = events->pdata[events->len - 1], *said;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *predictions, *confusion;
  int correct = 0, diagonal = 0, sum = 0;

  lw_assert_status (result, 0);
  lw_assert_status (plain, 0);
  lw_assert_contains (plain->out, "triangle");
  node = lw_result_json (result);
  said = json_node_get_object (node);
  g_assert_cmpfloat (number (said, "count"), ==, 100);
  g_assert_cmpfloat (fabs (number (said, "accuracy") - number (end, "best_test_accuracy")), <,
                     1e-6);
  g_assert_cmpfloat (number (said, "loss"), >, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (said, "classes")), ==, 10);
  predictions = json_object_get_array_member (said, "predictions");
  g_assert_cmpuint (json_array_get_length (predictions), ==, 100);
  for (guint i = 0; i < 100; i++) {
    JsonObject *prediction = json_array_get_object_element (predictions, i);

    assert_prediction (prediction, i);
    correct += number (prediction, "label") == number (prediction, "predicted");
  }
  g_assert_cmpfloat (fabs (number (said, "accuracy") - correct / 100.0), <, 1e-9);
  confusion = json_object_get_array_member (said, "confusion");
  for (guint row = 0; row < 10; row++) {
    JsonArray *counts = json_array_get_array_element (confusion, row);

    diagonal += (int)json_array_get_int_element (counts, row);
    for (guint column = 0; column < 10; column++)
      sum += (int)json_array_get_int_element (counts, column);
  }
  g_assert_cmpint (sum, ==, 100);
  g_assert_cmpint (diagonal, ==, correct);
}

/* What batch normalizations use: the batch's statistics, and running ones measured afresh, give
 * logits of their own; running ones are the default. */
static void
test_predict_batch_norm (void)
{
  static const char *const names[] = { "running", "batch", "fresh" };
  g_autoptr (LwResult) plain = lw_program ("predict", shared_run, "--count", "100", "--json", NULL);
  g_autoptr (LwResult) unknown = lw_program ("predict", shared_run, "--batch-norm", "frsh", NULL);
  g_autoptr (LwResult) image =
      lw_program ("predict", shared_run, "x.png", "--batch-norm", "batch", NULL);
  LwResult *results[G_N_ELEMENTS (names)];

  lw_assert_status (unknown, 2);
  lw_assert_contains (unknown->err, "did you mean fresh?");
  lw_assert_status (image, 2);
  lw_assert_contains (image->err, "use running or fresh");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    results[i] = lw_program ("predict", shared_run, "--count", "100", "--json", "--batch-norm",
                             names[i], NULL);
    lw_assert_status (results[i], 0);
    for (guint k = 0; k < i; k++)
      g_assert_cmpstr (results[i]->out, !=, results[k]->out);
  }
  g_assert_cmpstr (results[0]->out, ==, plain->out);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (JsonNode) node = lw_result_json (results[i]);
    JsonObject *said = json_node_get_object (node);
    JsonArray *predictions = json_object_get_array_member (said, "predictions");

    if (i > 0)
      g_assert_cmpstr (json_object_get_string_member (said, "batch_norm"), ==, names[i]);
    g_assert_cmpuint (json_array_get_length (predictions), ==, 100);
    for (guint n = 0; n < 100; n++)
      assert_prediction (json_array_get_object_element (predictions, n), n);
    lw_result_free (results[i]);
  }
}

/* Exported weights predict the same, with --model and by what they say of themselves. */
static void
test_predict_file (void)
{
  g_autoptr (GBytes) weights = exported_weights (shared_run, "best");
  g_autofree char *path = g_strdup_printf ("%s-best.safetensors", shared_run);
  g_autoptr (LwResult) from_run =
      lw_program ("predict", shared_run, "--count", "20", "--json", NULL);
  g_autoptr (LwResult) from_file = lw_program ("predict", path, "--model", "lenet-bn", "--data",
                                               "shapes", "--count", "20", "--json", NULL);
  g_autoptr (LwResult) no_model = lw_program ("predict", path, "--count", "20", "--json", NULL);
  g_autoptr (LwResult) wrong_model =
      lw_program ("predict", path, "--model", "lenet", "--data", "shapes", NULL);
  g_autoptr (LwResult) bad_device =
      lw_program ("predict", shared_run, "--device", "refrence", NULL);

  g_assert_cmpuint (g_bytes_get_size (weights), >, 44878 * 4);
  lw_assert_status (from_run, 0);
  lw_assert_status (from_file, 0);
  g_assert_cmpstr (from_run->out, ==, from_file->out);
  lw_assert_status (no_model, 0);
  g_assert_cmpstr (from_run->out, ==, no_model->out);
  lw_assert_status (wrong_model, 1);
  lw_assert_status (bad_device, 2);
  lw_assert_contains (bad_device->err, "reference");
}

/* A picture's file gets one prediction, PNG and JPEG the same. */
static void
test_predict_image (void)
{
#ifdef LW_WITH_PIXBUF
  static const char *const types[] = { "png", "jpeg" };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 30);
  g_autoptr (GdkPixbuf) wide = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 16385, 1);
  g_autoptr (GdkPixbuf) square = gdk_pixbuf_new_subpixbuf (pixbuf, 8, 8, 16, 16);
  g_autoptr (LwResult) no_image = lw_program ("predict", shared_run, "/there/is/no.png", NULL);
  g_autofree char *record = g_build_filename (shared_run, "run.json", NULL);
  g_autoptr (LwResult) no_picture = lw_program ("predict", shared_run, record, NULL);
  g_autofree char *wide_path = g_build_filename (root, "wide.png", NULL);
  g_autoptr (LwResult) too_wide = NULL;
  double logits[2];

  gdk_pixbuf_fill (pixbuf, 0x000000ff);
  gdk_pixbuf_fill (square, 0xffffffff);
  for (int i = 0; i < 2; i++) {
    g_autofree char *path = g_strdup_printf ("%s/image.%s", root, types[i]);
    g_autoptr (LwResult) result = NULL, as_data = NULL;
    g_autoptr (JsonNode) node = NULL;
    JsonObject *said, *prediction;

    g_assert_true (gdk_pixbuf_save (pixbuf, path, types[i], NULL, NULL));
    result = lw_program ("predict", shared_run, path, "--json", NULL);
    as_data = lw_program ("predict", shared_run, "--data", path, "--json", NULL);
    lw_assert_status (result, 0);
    g_assert_cmpstr (result->out, ==, as_data->out);
    node = lw_result_json (result);
    said = json_node_get_object (node);
    g_assert_cmpfloat (number (said, "count"), ==, 1);
    g_assert_true (json_object_get_null_member (said, "accuracy"));
    prediction =
        json_array_get_object_element (json_object_get_array_member (said, "predictions"), 0);
    g_assert_true (json_object_get_null_member (prediction, "label"));
    assert_prediction (prediction, 0);
    logits[i] =
        json_array_get_double_element (json_object_get_array_member (prediction, "logits"), 0);
  }
  g_assert_cmpfloat_with_epsilon (logits[1], logits[0], 0.05);
  lw_assert_status (no_image, 1);
  lw_assert_status (no_picture, 1);
  lw_assert_contains (no_picture->err, "neither a PNG nor a JPEG");
  g_assert_true (gdk_pixbuf_save (wide, wide_path, "png", NULL, NULL));
  too_wide = lw_program ("predict", shared_run, wide_path, NULL);
  lw_assert_status (too_wide, 1);
  lw_assert_contains (too_wide->err, "larger than 16384");
#else
  g_test_skip ("this build has no gdk-pixbuf");
#endif
}

#ifdef LW_WITH_PIXBUF
/* Logit 1 for a picture, which is written and predicted. */
static double
predict_pixbuf (GdkPixbuf *pixbuf)
{
  g_autofree char *path = g_build_filename (root, "part.png", NULL);
  g_autoptr (LwResult) result = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *predictions;

  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  result = lw_program ("predict", shared_run, path, "--json", NULL);
  lw_assert_status (result, 0);
  node = lw_result_json (result);
  predictions = json_object_get_array_member (json_node_get_object (node), "predictions");
  return json_array_get_double_element (
      json_object_get_array_member (json_array_get_object_element (predictions, 0), "logits"), 1);
}
#endif

/* Of a picture that is not square all is read, with black beside it, as a set's images stand: up to
 * how its rim is smoothed, as the square with that black is read, and not as its middle. */
static void
test_predict_whole (void)
{
#ifdef LW_WITH_PIXBUF
  static const int sides[2][2] = { { 60, 30 }, { 30, 60 } };

  for (int i = 0; i < 2; i++) {
    const int width = sides[i][0], height = sides[i][1];
    const int left = (60 - width) / 2, top = (60 - height) / 2;
    g_autoptr (GdkPixbuf) part = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
    g_autoptr (GdkPixbuf) around = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 60, 60);
    g_autoptr (GdkPixbuf) corner = gdk_pixbuf_new_subpixbuf (part, 0, 0, 20, 20);
    g_autoptr (GdkPixbuf) middle = gdk_pixbuf_new_subpixbuf (part, top, left, 30, 30);
    double whole;

    gdk_pixbuf_fill (part, 0x808080ff);
    gdk_pixbuf_fill (corner, 0xffffffff);
    gdk_pixbuf_fill (around, 0x000000ff);
    gdk_pixbuf_copy_area (part, 0, 0, width, height, around, left, top);
    whole = predict_pixbuf (part);
    g_assert_cmpfloat_with_epsilon (whole, predict_pixbuf (around), 0.005);
    g_assert_cmpfloat (fabs (whole - predict_pixbuf (middle)), >, 0.02);
  }
#else
  g_test_skip ("this build has no gdk-pixbuf");
#endif
}

/* Weights that do not say of which network they are: --model is missing, whatever the command. */
static void
test_silent_file (void)
{
  const float one = 1;
  const LwFileTensor tensor = {
    .name = "w", .dtype = LW_F32, .rank = 1, .dims = { 1 }, .size = 1, .data = &one
  };
  g_autofree char *path = g_build_filename (root, "silent.safetensors", NULL);
  g_autofree char *output = g_build_filename (root, "silent.npz", NULL);
  g_autoptr (LwResult) predict = NULL, export = NULL;

  g_assert_true (lw_tensor_file_write (path, &tensor, 1, NULL, NULL));
  predict = lw_program ("predict", path, "--data", "shapes", NULL);
  export = lw_program ("export", path, "--output", output, NULL);
  lw_assert_status (predict, 2);
  lw_assert_status (export, 2);
  lw_assert_contains (export->err, "--model MODEL");
  g_assert_cmpstr (export->err, ==, predict->err);
}

/* --- export -------------------------------------------------------------------------------------
 */

/* What the command line says of a file's network holds, of a run's network it says nothing. */
static void
test_described_file (void)
{
  g_autofree char *weights = g_build_filename (root, "described.safetensors", NULL);
  g_autofree char *output = g_build_filename (root, "described.npz", NULL);
  g_autofree char *diagram = g_build_filename (root, "described.json", NULL);
  g_autoptr (LwResult) export = NULL, narrow = NULL, active = NULL, run = NULL;
  g_autofree char *text = NULL;

  export = lw_program ("export", shared_run, "--output", weights, NULL);
  narrow = lw_program ("export", weights, "--set", "width=0.5", "--output", output, NULL);
  active = lw_program ("export", weights, "--set", "activation=tanh", "--what", "diagram",
                       "--output", diagram, NULL);
  run = lw_program ("export", shared_run, "--set", "activation=tanh", "--what", "diagram",
                    "--output", diagram, NULL);
  lw_assert_status (export, 0);
  lw_assert_status (narrow, 1);
  lw_assert_contains (narrow->err, "does not hold");
  lw_assert_status (active, 0);
  g_assert_true (g_file_get_contents (diagram, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"Tanh\""));
  lw_assert_status (run, 2);
  lw_assert_contains (run->err, "a run knows its own network");
}

/* Names, shapes and order of `show`'s tensors, and nothing else. */
static void
test_export_safetensors (void)
{
  g_autoptr (GBytes) weights = exported_weights (shared_run, "last");
  g_autoptr (LwResult) show = lw_program ("show", "lenet-bn", "--json", NULL);
  g_autoptr (JsonNode) node = lw_result_json (show);
  JsonArray *tensors = json_object_get_array_member (json_node_get_object (node), "tensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_parse (weights, "weights", &error);

  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (file), ==, (int)json_array_get_length (tensors));
  for (guint i = 0; i < json_array_get_length (tensors); i++) {
    JsonObject *tensor = json_array_get_object_element (tensors, i);
    JsonArray *shape = json_object_get_array_member (tensor, "shape");
    const LwFileTensor *written =
        lw_tensor_file_find (file, json_object_get_string_member (tensor, "name"));

    g_assert_nonnull (written);
    g_assert_cmpint (written->rank, ==, (int)json_array_get_length (shape));
    for (int32_t d = 0; d < written->rank; d++)
      g_assert_cmpint (written->dims[d], ==, json_array_get_int_element (shape, (guint)d));
  }
}

static void
test_export_csv (void)
{
  g_autofree char *path = g_build_filename (root, "run.csv", NULL);
  g_autoptr (LwResult) result =
      lw_program ("export", shared_run, "--format", "csv", "--output", path, NULL);
  g_autofree char *text = NULL;

  lw_assert_status (result, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (
      g_str_has_prefix (text, "run,step,epoch,wall_time_s,split,metric,value\nshared,1,"));
  lw_assert_contains (text, "test,accuracy,");
}

static void
test_export_pictures (void)
{
#ifdef LW_WITH_DRAW
  static const char *const whats[] = { "curves", "diagram", "feature-maps", "confusion", "bn" };
  static const struct {
    const char *format, *start;
  } formats[] = { { "png", "\x89PNG" }, { "svg", "<?xml" }, { "pdf", "%PDF-" } };
  g_autofree char *model_path = g_build_filename (root, "model.dat", NULL);
  g_autoptr (LwResult) model = lw_program ("export", "resnet18", "--what", "diagram", "--depth",
                                           "1", "--format", "svg", "--output", model_path, NULL);
  g_autofree char *svg = NULL;

  for (guint w = 0; w < G_N_ELEMENTS (whats); w++) {
    for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
      g_autofree char *path = g_strdup_printf ("%s/%s.%s", root, whats[w], formats[f].format);
      g_autoptr (LwResult) result =
          lw_program ("export", shared_run, "--what", whats[w], "--output", path, NULL);
      g_autofree char *data = NULL;
      gsize length;

      lw_assert_status (result, 0);
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      g_assert_cmpuint (length, >, 1000);
      g_assert_true (g_str_has_prefix (data, formats[f].start));
    }
  }
  lw_assert_status (model, 0);
  g_assert_true (g_file_get_contents (model_path, &svg, NULL, NULL));
  lw_assert_contains (svg, "ResNet-18");
#else
  g_autoptr (LwResult) result =
      lw_program ("export", shared_run, "--format", "png", "--output", "x.png", NULL);

  lw_assert_status (result, 1);
  lw_assert_contains (result->err, "libcairo2-dev");
#endif
}

/* A network without batch normalization, a layer that is not there: sentences, no pictures. */
static void
test_export_failures (void)
{
#ifdef LW_WITH_DRAW
  g_autofree char *path = g_build_filename (root, "no.png", NULL);
  g_autoptr (LwResult) layer = lw_program ("export", shared_run, "--what", "feature-maps",
                                           "--layer", "99", "--output", path, NULL);
  g_autoptr (LwResult) image = lw_program ("export", shared_run, "--what", "feature-maps",
                                           "--image", "100000000", "--output", path, NULL);
  g_autoptr (LwResult) channel =
      lw_program ("export", shared_run, "--what", "bn", "--channel", "6", "--output", path, NULL);
  g_autoptr (LwResult) folder =
      lw_program ("export", shared_run, "--output", "/there/is/nothing.png", NULL);
  g_autoptr (LwResult) checkpoint = lw_program ("export", shared_run, "--format", "safetensors",
                                                "--checkpoint", "5", "--output", path, NULL);

  lw_assert_status (layer, 1);
  lw_assert_contains (layer->err, "layer");
  lw_assert_status (image, 1);
  lw_assert_status (channel, 1);
  lw_assert_contains (channel->err, "6 channels");
  lw_assert_status (folder, 1);
  lw_assert_status (checkpoint, 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
#else
  g_test_skip ("this build has no Cairo");
#endif
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_shared_run ();
  g_test_add_func ("/cli-export/predict", test_predict);
  g_test_add_func ("/cli-export/predict-batch-norm", test_predict_batch_norm);
  g_test_add_func ("/cli-export/predict-file", test_predict_file);
  g_test_add_func ("/cli-export/silent-file", test_silent_file);
  g_test_add_func ("/cli-export/predict-image", test_predict_image);
  g_test_add_func ("/cli-export/predict-whole", test_predict_whole);
  g_test_add_func ("/cli-export/described-file", test_described_file);
  g_test_add_func ("/cli-export/export-safetensors", test_export_safetensors);
  g_test_add_func ("/cli-export/export-csv", test_export_csv);
  g_test_add_func ("/cli-export/export-pictures", test_export_pictures);
  g_test_add_func ("/cli-export/export-failures", test_export_failures);
  status = g_test_run ();
  lw_result_free (shared_result);
  g_free (shared_run);
  lw_remove_folder (root);
  return status;
}
