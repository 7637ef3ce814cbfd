/* train, predict, export: whole runs through the program, read as a script would read them. */
#include "tests/support/program.h"

#include "engine/formats/safetensors.h"

#include <gio/gio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#ifdef LW_WITH_DRAW
#include <cairo.h>
#endif

/* A run that takes a second: 300 drawn shapes, batches of 50. */
#define QUICK                                                                                      \
  "lenet-bn", "--data", "shapes", "--limit-train", "300", "--limit-test", "100", "--batch", "50",  \
      "--threads", "2"

/* Epochs of a run that is still going on when it is interrupted. */
#define LONG "30"

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

static double
number (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  return json_object_get_double_member (object, member);
}

static void
test_events (void)
{
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *event;
  int steps = 0, epochs = 0;
  double best = 0, loss = 0, accuracy = 0;

  lw_assert_status (shared_result, 0);
  events = lw_result_events (shared_result);
  event = events->pdata[0];
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "start");
  g_assert_cmpstr (json_object_get_string_member (event, "model"), ==, "lenet-bn");
  g_assert_cmpstr (json_object_get_string_member (event, "device"), !=, "auto");
  g_assert_cmpstr (json_object_get_string_member (event, "precision"), ==, "fp32");
  g_assert_cmpstr (json_object_get_string_member (event, "run"), ==, shared_run);
  g_assert_cmpfloat (number (event, "seed"), ==, 42);
  g_assert_cmpfloat (number (event, "batch"), ==, 50);
  g_assert_cmpfloat (number (event, "learning_rate"), ==, 1);
  g_assert_cmpfloat (number (event, "parameters"), ==, 44878);
  g_assert_cmpfloat (number (event, "train_examples"), ==, 300);
  g_assert_cmpfloat (number (event, "test_examples"), ==, 100);
  g_assert_cmpfloat (number (event, "steps_per_epoch"), ==, 6);
  for (guint i = 1; i + 1 < events->len; i++) {
    event = events->pdata[i];
    if (g_str_equal (json_object_get_string_member (event, "event"), "step")) {
      steps++;
      g_assert_cmpfloat (number (event, "step"), ==, steps);
      g_assert_cmpfloat (fabs (number (event, "epoch") - steps / 6.0), <, 1e-6);
      g_assert_cmpfloat (number (event, "learning_rate"), ==, 1);
      g_assert_cmpfloat (number (event, "examples_per_second"), >, 0);
      loss += number (event, "loss");
      accuracy += number (event, "accuracy");
    } else {
      g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "epoch");
      epochs++;
      g_assert_cmpint (steps, ==, 6 * epochs);
      g_assert_cmpfloat (number (event, "epoch"), ==, epochs);
      /* All batches are equally large: the epoch's means are the means of the steps'. */
      g_assert_cmpfloat (fabs (number (event, "train_loss") - loss / 6), <, 1e-4);
      g_assert_cmpfloat (fabs (number (event, "train_accuracy") - accuracy / 6), <, 1e-5);
      g_assert_cmpfloat (number (event, "test_loss"), >, 0);
      g_assert_cmpfloat (number (event, "seconds"), >, 0);
      g_assert_cmpfloat (number (event, "examples_per_second"), >, 0);
      best = MAX (best, number (event, "test_accuracy"));
      loss = accuracy = 0;
    }
  }
  g_assert_cmpint (steps, ==, 12);
  g_assert_cmpint (epochs, ==, 2);
  event = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (event, "status"), ==, "finished");
  g_assert_cmpfloat (number (event, "step"), ==, 12);
  g_assert_cmpfloat (number (event, "epoch"), ==, 2);
  g_assert_cmpfloat (number (event, "best_test_accuracy"), ==, best);
  g_assert_cmpfloat (number (event, "best_epoch"), >=, 1);
  g_assert_cmpstr (json_object_get_string_member (event, "run"), ==, shared_run);
}

/* The losses of all steps as text, for comparisons. */
static char *
losses (const LwResult *result)
{
  g_autoptr (GPtrArray) events = lw_result_events (result);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++) {
    JsonObject *event = events->pdata[i];

    if (g_str_equal (json_object_get_string_member (event, "event"), "step"))
      g_string_append_printf (text, "%.9g ", number (event, "loss"));
  }
  return g_string_free (text, FALSE);
}

static void
test_seed (void)
{
  g_autofree char *a = g_build_filename (root, "seed-a", NULL);
  g_autofree char *b = g_build_filename (root, "seed-b", NULL);
  g_autofree char *c = g_build_filename (root, "seed-c", NULL);
  g_autoptr (LwResult) first =
      lw_program ("train", QUICK, "--steps", "4", "--seed", "7", "--output", a, "--json", NULL);
  g_autoptr (LwResult) again = lw_program ("train", QUICK, "--steps", "4", "--seed", "7",
                                           "--output", b, "--threads=1", "--json", NULL);
  g_autoptr (LwResult) other =
      lw_program ("train", QUICK, "--steps", "4", "--seed", "8", "--output", c, "--json", NULL);
  g_autofree char *first_losses = losses (first), *again_losses = losses (again);
  g_autofree char *other_losses = losses (other);
  g_auto (GStrv) words = g_strsplit (first_losses, " ", -1);

  lw_assert_status (first, 0);
  g_assert_cmpuint (g_strv_length (words), ==, 5); /* four and the empty one at the end */
  g_assert_cmpstr (first_losses, ==, again_losses);
  g_assert_cmpstr (first_losses, !=, other_losses);
}

/* Table, best epoch and folder for people; nothing on standard error without a terminal. */
static void
test_plain (void)
{
  g_autofree char *folder = g_build_filename (root, "plain", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", QUICK, "--epochs", "1", "--output", folder, NULL);

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  lw_assert_contains (result->out, "44,878");
  lw_assert_contains (result->out, "train loss");
  lw_assert_contains (result->out, "Best test accuracy");
  lw_assert_contains (result->out, folder);
  g_assert_null (strchr (result->out, '\033'));
  g_assert_null (strchr (result->out, '\r'));
}

/* --- interrupted and resumed -------------------------------------------------------------------
 */

static GBytes *
exported_weights (const char *run, const char *checkpoint)
{
  g_autofree char *path = g_strdup_printf ("%s-%s.safetensors", run, checkpoint);
  g_autoptr (LwResult) result = lw_program ("export", run, "--format", "safetensors", "--output",
                                            path, "--checkpoint", checkpoint, NULL);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, "");
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}

/* Starts a run, lets it make some steps, sends SIGINT; returns its exit status. */
static int
interrupt_run (const char *folder, GPtrArray **ret_events)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                        g_getenv ("LAYERWISE_PROGRAM"), "train", QUICK, "--epochs", LONG,
                        "--output", folder, "--json", NULL);
  g_autoptr (GDataInputStream) lines = NULL;
  LwResult result = { 0 };
  GString *all = g_string_new (NULL);
  int seen = 0;
  char *line;

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, &error)) != NULL) {
    g_string_append_printf (all, "%s\n", line);
    g_free (line);
    if (++seen == 9)
      g_subprocess_send_signal (process, SIGINT);
  }
  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  result.out = g_string_free (all, FALSE);
  *ret_events = lw_result_events (&result);
  g_free (result.out);
  return g_subprocess_get_exit_status (process);
}

/* A run that was interrupted and resumed ends with the same bits as one that was not. */
static void
test_resume (void)
{
  g_autofree char *broken = g_build_filename (root, "broken", NULL);
  g_autofree char *whole = g_build_filename (root, "whole", NULL);
  g_autoptr (GPtrArray) events = NULL, more = NULL;
  g_autoptr (LwResult) resumed = NULL, straight = NULL;
  g_autoptr (GBytes) a = NULL, b = NULL;
  JsonObject *end;
  int stopped;

  g_assert_cmpint (interrupt_run (broken, &events), ==, 130);
  end = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (end, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (end, "status"), ==, "stopped");
  stopped = (int)number (end, "step");
  g_assert_cmpint (stopped, >=, 7);
  g_assert_cmpint (stopped, <, 150);

  resumed = lw_program ("train", "--resume", broken, "--json", NULL);
  lw_assert_status (resumed, 0);
  more = lw_result_events (resumed);
  g_assert_cmpfloat (number (lw_find_event (more, "step", 0), "step"), ==, stopped + 1);

  straight = lw_program ("train", QUICK, "--epochs", LONG, "--output", whole, "--json", NULL);
  lw_assert_status (straight, 0);
  a = exported_weights (broken, "last");
  b = exported_weights (whole, "last");
  g_assert_true (g_bytes_equal (a, b));
}

static void
test_resume_mistakes (void)
{
  static const struct {
    const char *words, *said;
    int status;
  } mistakes[] = {
    { "--batch 10", "--batch", 2 },      { "--lr 3", "--learning-rate", 2 },
    { "--set width=2", "--set", 2 },     { "--epochs 1", "can only be raised", 2 },
    { "lenet", "a run of lenet-bn", 2 }, { "--output elsewhere", "--output", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autofree char *line = g_strdup_printf ("train --resume %s %s", shared_run, mistakes[i].words);
    g_auto (GStrv) words = g_strsplit (line, " ", -1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    lw_assert_status (result, mistakes[i].status);
    lw_assert_contains (result->err, mistakes[i].said);
  }
}

/* --- failures ----------------------------------------------------------------------------------
 */

static void
test_mistakes (void)
{
  static const struct {
    const char *words, *said;
  } mistakes[] = {
    { "train", "needs a MODEL, or --resume" },
    { "train resnet19", "did you mean resnet18?" },
    { "train lenet --epoch 3", "unknown option --epoch; did you mean --epochs?" },
    { "train lenet --epochs 0", "epochs" },
    { "train lenet --batch -3", "batch" },
    { "train lenet --lr nan", "learning-rate" },
    { "train lenet --optimizer sdg", "did you mean sgd?" },
    { "train lenet --nesterov", "momentum" },
    { "train lenet --input big", "--input" },
    { "predict", "needs a RUN" },
    { "predict there --split tset", "did you mean test?" },
    { "predict there --count none", "--count" },
    { "export lenet", "--output" },
    { "export lenet --format safetensors --output x", "only its diagram" },
    { "export lenet --format jpg --output x", "unknown format \"jpg\"" },
    { "export lenet --what digram --output x.png", "did you mean diagram?" },
    { "export resnet19 --what diagram --output x.png", "did you mean resnet18?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_auto (GStrv) words = g_strsplit (mistakes[i].words, " ", -1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    g_test_message ("layerwise %s: %s", mistakes[i].words, result->err);
    lw_assert_status (result, g_str_equal (mistakes[i].words, "predict there") ? 1 : 2);
    g_assert_cmpstr (result->out, ==, "");
    lw_assert_contains (result->err, mistakes[i].said);
  }
}

/* Failures: status 1, one sentence, and an error event where events are asked for. */
static void
test_failures (void)
{
  g_autoptr (LwResult) missing =
      lw_program ("train", "lenet", "--data", "/there/is/nothing", "--json", NULL);
  g_autoptr (LwResult) taken = lw_program ("train", QUICK, "--output", shared_run, NULL);
  g_autoptr (LwResult) no_run = lw_program ("predict", root, NULL);
  g_autoptr (LwResult) no_network =
      lw_program ("train", "alexnet", "--data", "shapes", "--resize", "8", "--json", NULL);
  g_autoptr (GPtrArray) events = NULL, network_events = NULL;

  lw_assert_status (missing, 1);
  events = lw_result_events (missing);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (events->pdata[0], "event"), ==, "error");
  lw_assert_contains (missing->err, json_object_get_string_member (events->pdata[0], "message"));
  lw_assert_status (taken, 1);
  lw_assert_status (no_run, 1);
  lw_assert_status (no_network, 1);
  network_events = lw_result_events (no_network);
  g_assert_nonnull (lw_find_event (network_events, "error", 0));
}

/* An absurd learning rate ends as "diverged", said in words. */
static void
test_diverged (void)
{
  g_autofree char *folder = g_build_filename (root, "diverged", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", "lenet", "--set", "activation=relu", "--data", "shapes", "--limit-train",
                  "300", "--limit-test", "50", "--batch", "50", "--epochs", "5", "--lr", "1e8",
                  "--output", folder, "--json", NULL);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *end;

  lw_assert_status (result, 1);
  events = lw_result_events (result);
  end = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (end, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (end, "status"), ==, "diverged");
  g_assert_nonnull (lw_find_event (events, "error", 0));
  g_assert_cmpstr (result->err, !=, "");
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

/* Exported weights, read back with --model, predict the same. */
static void
test_predict_file (void)
{
  g_autoptr (GBytes) weights = exported_weights (shared_run, "best");
  g_autofree char *path = g_strdup_printf ("%s-best.safetensors", shared_run);
  g_autoptr (LwResult) from_run =
      lw_program ("predict", shared_run, "--count", "20", "--json", NULL);
  g_autoptr (LwResult) from_file = lw_program ("predict", path, "--model", "lenet-bn", "--data",
                                               "shapes", "--count", "20", "--json", NULL);
  g_autoptr (LwResult) no_model = lw_program ("predict", path, NULL);
  g_autoptr (LwResult) wrong_model =
      lw_program ("predict", path, "--model", "lenet", "--data", "shapes", NULL);
  g_autoptr (LwResult) bad_device =
      lw_program ("predict", shared_run, "--device", "refrence", NULL);

  g_assert_cmpuint (g_bytes_get_size (weights), >, 44878 * 4);
  lw_assert_status (from_run, 0);
  lw_assert_status (from_file, 0);
  g_assert_cmpstr (from_run->out, ==, from_file->out);
  lw_assert_status (no_model, 2);
  lw_assert_contains (no_model->err, "--model");
  lw_assert_status (wrong_model, 1);
  lw_assert_status (bad_device, 2);
  lw_assert_contains (bad_device->err, "reference");
}

/* A picture of the data set's own image gets the data set's own prediction. */
static void
test_predict_image (void)
{
#ifdef LW_WITH_DRAW
  g_autofree char *path = g_build_filename (root, "image.png", NULL);
  g_autoptr (LwResult) result = NULL, as_data = NULL, no_image = NULL;
  g_autoptr (JsonNode) node = NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 40, 30);
  cairo_t *cr = cairo_create (surface);
  JsonObject *said, *prediction;

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_arc (cr, 20, 15, 10, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_destroy (cr);
  g_assert_cmpint (cairo_surface_write_to_png (surface, path), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy (surface);

  result = lw_program ("predict", shared_run, path, "--json", NULL);
  as_data = lw_program ("predict", shared_run, "--data", path, "--json", NULL);
  no_image = lw_program ("predict", shared_run, "/there/is/no.png", NULL);
  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, as_data->out);
  lw_assert_status (no_image, 1);
  node = lw_result_json (result);
  said = json_node_get_object (node);
  g_assert_cmpfloat (number (said, "count"), ==, 1);
  g_assert_true (json_object_get_null_member (said, "accuracy"));
  prediction =
      json_array_get_object_element (json_object_get_array_member (said, "predictions"), 0);
  g_assert_true (json_object_get_null_member (prediction, "label"));
  assert_prediction (prediction, 0);
#else
  g_test_skip ("this build has no Cairo");
#endif
}

/* --- export -------------------------------------------------------------------------------------
 */

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
  g_test_add_func ("/cli-train/events", test_events);
  g_test_add_func ("/cli-train/seed", test_seed);
  g_test_add_func ("/cli-train/plain", test_plain);
  g_test_add_func ("/cli-train/resume", test_resume);
  g_test_add_func ("/cli-train/resume-mistakes", test_resume_mistakes);
  g_test_add_func ("/cli-train/mistakes", test_mistakes);
  g_test_add_func ("/cli-train/failures", test_failures);
  g_test_add_func ("/cli-train/diverged", test_diverged);
  g_test_add_func ("/cli-train/predict", test_predict);
  g_test_add_func ("/cli-train/predict-file", test_predict_file);
  g_test_add_func ("/cli-train/predict-image", test_predict_image);
  g_test_add_func ("/cli-train/export-safetensors", test_export_safetensors);
  g_test_add_func ("/cli-train/export-csv", test_export_csv);
  g_test_add_func ("/cli-train/export-pictures", test_export_pictures);
  g_test_add_func ("/cli-train/export-failures", test_export_failures);
  status = g_test_run ();
  lw_result_free (shared_result);
  g_free (shared_run);
  lw_remove_folder (root);
  return status;
}
