/* Data of a student's own through the command line: channels and classes of the network follow it,
 * unless the command line says otherwise; a trained run predicts on it. */
#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"
#include "tests/support/program.h"

#include <string.h>

static char *folder, *data;

static void
write_archive (void)
{
  const LwZipFile files[] = { { "x_train.npy", lw_npy_bytes ("(12, 28, 28, 3)", 12 * 2352) },
                              { "y_train.npy", lw_npy_labels (12, 4) },
                              { "x_test.npy", lw_npy_bytes ("(4, 28, 28, 3)", 4 * 2352) },
                              { "y_test.npy", lw_npy_labels (4, 4) } };
  g_autoptr (GByteArray) bytes = lw_zip (files, 4, true);

  lw_scratch_write (folder, "colours.npz", bytes->data, bytes->len);
}

static JsonObject *
start_of (const LwResult *result, GPtrArray **ret_events)
{
  lw_assert_status (result, 0);
  *ret_events = lw_result_events (result);
  return lw_find_event (*ret_events, "start", 0);
}

/* LeNet: 6 · 25 · channels weights in its first layer, 84 + 1 for each class in its last. */
static gint64
lenet_parameters (int channels, int classes)
{
  return 61706 + (channels - 1) * 150 + (classes - 10) * 85;
}

static void
test_follows (void)
{
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (LwResult) result = lw_program ("train", "lenet", "--data", data, "--steps", "2",
                                            "--batch", "4", "--output", run, "--json", NULL);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *start = start_of (result, &events);
  g_autoptr (LwResult) predicted = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpint (json_object_get_int_member (start, "parameters"), ==, lenet_parameters (3, 4));
  g_assert_cmpint (json_object_get_int_member (start, "train_examples"), ==, 12);
  g_assert_cmpint (json_object_get_int_member (start, "test_examples"), ==, 4);
  predicted = lw_program ("predict", run, "--data", data, "--json", NULL);
  lw_assert_status (predicted, 0);
  node = lw_result_json (predicted);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "count"), ==, 4);
}

static void
test_options_win (void)
{
  g_autoptr (LwResult) result = lw_program ("train", "lenet", "--data", data, "--steps", "1",
                                            "--batch", "4", "--classes", "20", "--json", NULL);
  g_autoptr (LwResult) refused =
      lw_program ("train", "lenet", "--data", data, "--steps", "1", "--classes", "3", NULL);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *start = start_of (result, &events);

  g_assert_cmpint (json_object_get_int_member (start, "parameters"), ==, lenet_parameters (3, 20));
  lw_assert_status (refused, 1);
  lw_assert_contains (refused->err, "4 classes");
}

static void
test_by_name (void)
{
  g_autoptr (LwResult) result =
      lw_program ("train", "lenet", "--data", "colours", "--steps", "1", "--batch", "4", NULL);

  lw_assert_status (result, 0);
  lw_assert_contains (result->err, "The images have 3 channels");
}

static void
test_doctor (void)
{
  g_autoptr (LwResult) result = lw_program ("doctor", "--json", NULL);
  g_autoptr (LwResult) plain = lw_program ("doctor", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *of_data;
  JsonArray *formats;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  of_data = json_object_get_object_member (json_node_get_object (node), "data");
  formats = json_object_get_array_member (of_data, "formats");
  g_assert_cmpint (json_array_get_length (formats), ==, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (strlen (json_object_get_string_member (
                         json_array_get_object_element (formats, i), "files")),
                     >, 10);
  lw_assert_contains (result->out, "\"colours\"");
  lw_assert_contains (plain->out, "train.bin and test.bin");
  lw_assert_contains (plain->out, "x_train");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = lw_scratch_new ();
  data = g_build_filename (folder, "colours.npz", NULL);
  g_setenv ("XDG_DATA_HOME", folder, TRUE);
  g_setenv ("LAYERWISE_DATA", folder, TRUE);
  write_archive ();
  g_test_add_func ("/cli-data/follows", test_follows);
  g_test_add_func ("/cli-data/options-win", test_options_win);
  g_test_add_func ("/cli-data/by-name", test_by_name);
  g_test_add_func ("/cli-data/doctor", test_doctor);
  result = g_test_run ();
  g_free (data);
  lw_scratch_remove (folder);
  return result;
}
