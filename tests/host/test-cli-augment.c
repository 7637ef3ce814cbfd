/* train --augment, --normalize and their parts: what runs keep of them, and that predict and
 * exported weights normalize as the training did. */
#include "tests/host/cli-quick.h"

#include <gio/gio.h>
#include <math.h>

static char *root, *run, *weights;

static char *
read_settings (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* The loss of the test images that `predict` and these arguments say. */
static double
loss_of (const char *source, const char *option, const char *value)
{
  g_autoptr (LwResult) result = lw_program ("predict", source, "--data", "shapes", "--count", "60",
                                            "--algorithms", "fixed", "--json", option, value, NULL);
  g_autoptr (JsonNode) node = NULL;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  return number (json_node_get_object (node), "loss");
}

static void
test_run (void)
{
  g_autoptr (LwResult) trained =
      lw_program ("train", QUICK, "--epochs", "1", "--augment", "book", "--hue", "0.25",
                  "--crop-padding", "2", "--normalize", "data", "--output", run, "--json", NULL);
  g_autoptr (LwResult) exported =
      lw_program ("export", run, "--format", "safetensors", "--output", weights, NULL);
  g_autofree char *settings = NULL;
  double loss;

  lw_assert_status (trained, 0);
  lw_assert_status (exported, 0);
  settings = read_settings (run);
  lw_assert_contains (settings, "\"flip\": true,\n  \"crop_padding\": 2,\n  \"crop_area\": 0.08,\n"
                                "  \"brightness\": 0.4,\n  \"contrast\": 0.4,\n"
                                "  \"saturation\": 0.4,\n  \"hue\": 0.25,\n"
                                "  \"normalize\": \"data\",");
  lw_assert_contains (settings, "\"normalization\": \"0.");
  loss = loss_of (run, "--split", "test");
  g_assert_cmpfloat (fabs (loss_of (run, "--normalize", "none") - loss), >, 1e-3);
  g_assert_cmpfloat (fabs (loss_of (run, "--normalize", "0.9,0.01") - loss), >, 1e-3);
  g_assert_cmpfloat (fabs (loss_of (weights, "--model", "lenet-bn") - loss), <, 1e-6);
}

static void
test_refusals (void)
{
  static const char *const wrong[][4] = {
    { "--augment", "crup", "did you mean crop?" },
    { "--hue", "0.7", "hue must be a number from 0 to 0.5" },
    { "--crop-area", "0", "crop-area must be a number from 0.01 to 1" },
    { "--crop-padding", "1.5", "crop-padding must be a whole number" },
    { "--normalize", "0.5", "normalize must be none, data, imagenet" },
    { "--normalize", "dat", "did you mean data?" },
  };
  g_autoptr (LwResult) resumed = lw_program ("train", "--resume", run, "--augment", "flip", NULL);
  g_autoptr (LwResult) channels = lw_program ("predict", run, "--normalize", "imagenet", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (LwResult) result = lw_program ("train", QUICK, wrong[i][0], wrong[i][1], NULL);

    lw_assert_status (result, 2);
    lw_assert_contains (result->err, wrong[i][2]);
  }
  lw_assert_status (resumed, 2);
  lw_assert_contains (resumed->err, "--augment cannot be given");
  lw_assert_status (channels, 2);
  lw_assert_contains (channels->err, "have 1 channel, but normalize gives");
}

/* A list is a sweep; parts may be changed. */
static void
test_sweep (void)
{
  g_autofree char *output = g_build_filename (root, "sweep", NULL);
  g_autofree char *flip = g_build_filename (output, "augment-flip", NULL), *text = NULL;
  g_autoptr (LwResult) result = lw_program ("train", QUICK, "--steps", "1", "--augment",
                                            "none,flip", "--output", output, "--json", NULL);

  lw_assert_status (result, 0);
  text = read_settings (flip);
  lw_assert_contains (text, "\"flip\": true");
  lw_assert_contains (text, "augmentation flip");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = lw_make_folder ();
  run = g_build_filename (root, "run", NULL);
  weights = g_build_filename (root, "weights.safetensors", NULL);
  g_test_add_func ("/cli-augment/run", test_run);
  g_test_add_func ("/cli-augment/refusals", test_refusals);
  g_test_add_func ("/cli-augment/sweep", test_sweep);
  status = g_test_run ();
  lw_remove_folder (root);
  g_free (run);
  g_free (weights);
  return status;
}
