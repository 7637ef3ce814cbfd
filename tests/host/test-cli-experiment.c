/* experiment: the list, and one that trains, for people and for scripts. */
#include "tests/support/program.h"

#include <string.h>

#define SMALL                                                                                      \
  "--data", "shapes", "--set", "limit-train=64 limit-test=32 epochs=2", "--set", "batch=32"

static void
test_list (void)
{
  g_autoptr (LwResult) json = lw_program ("experiment", "--json", NULL);
  g_autoptr (LwResult) plain = lw_program ("experiment", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  lw_assert_status (json, 0);
  lw_assert_status (plain, 0);
  node = lw_result_json (json);
  array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), >=, 10);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (array, 0), "name"),
                   ==, "lenet-activation");
  g_assert_nonnull (strstr (plain->out, "Does batch norm make training faster?"));
}

static void
test_json (void)
{
  g_autoptr (LwResult) result = lw_program ("experiment", "bn-jump", SMALL, "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *said, *run, *measured;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  said = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (said, "experiment"), ==, "bn-jump");
  g_assert_cmpstr (json_object_get_string_member (said, "size"), ==, "quick");
  g_assert_nonnull (strchr (json_object_get_string_member (said, "answer"), '.'));
  run = json_array_get_object_element (json_object_get_array_member (said, "runs"), 0);
  g_assert_true (g_file_test (json_object_get_string_member (run, "run"), G_FILE_TEST_IS_DIR));
  measured = json_object_get_object_member (run, "measured");
  g_assert_cmpfloat (json_object_get_double_member (measured, "fresh"), >=, 0);
  g_assert_cmpfloat (json_object_get_double_member (measured, "fresh"), <=, 1);
}

static void
test_plain (void)
{
  g_autoptr (LwResult) result = lw_program ("experiment", "bn-faster", SMALL, NULL);
  g_autofree char *path =
      g_build_filename (g_getenv ("XDG_DATA_HOME"), "layerwise", "experiments.json", NULL);

  lw_assert_status (result, 0);
  g_assert_nonnull (strstr (result->out, "Run 2 of 2: LeNet\n"));
  g_assert_nonnull (strstr (result->out, "Train loss, mean of epoch 1"));
  g_assert_nonnull (strstr (result->out, "The book's LeNet + BN has no padding"));
}

static void
test_wrong (void)
{
  g_autoptr (LwResult) name = lw_program ("experiment", "bn-fast", NULL);
  g_autoptr (LwResult) set = lw_program ("experiment", "bn-faster", "--set", "epoch=1", NULL);

  lw_assert_status (name, 2);
  g_assert_nonnull (strstr (name->err, "did you mean bn-faster?"));
  lw_assert_status (set, 1);
  g_assert_nonnull (strstr (set->err, "epoch"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-experiment/list", test_list);
  g_test_add_func ("/cli-experiment/json", test_json);
  g_test_add_func ("/cli-experiment/plain", test_plain);
  g_test_add_func ("/cli-experiment/wrong", test_wrong);
  return g_test_run ();
}
