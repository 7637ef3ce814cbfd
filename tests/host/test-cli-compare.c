/* compare: networks beside each other, for people and for scripts. */
#include "tests/support/program.h"

#include <string.h>

static JsonArray *
member (JsonObject *object, const char *name)
{
  return json_object_get_array_member (object, name);
}

static void
test_json (void)
{
  g_autoptr (LwResult) result = lw_program ("compare", "alexnet", "nin", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *said, *row;
  JsonArray *rows, *differences;

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  node = lw_result_json (result);
  said = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (
                       json_array_get_object_element (member (said, "models"), 1), "name"),
                   ==, "nin");
  rows = member (said, "rows");
  g_assert_cmpuint (json_array_get_length (rows), ==, 12);

  row = json_array_get_object_element (rows, 1);
  g_assert_cmpstr (json_object_get_string_member (row, "sign"), ==, "changed");
  g_assert_cmpstr (json_object_get_string_member (row, "role"), ==, "features");
  g_assert_cmpstr (
      json_array_get_string_element (
          member (json_array_get_object_element (member (row, "cells"), 0), "layers"), 0),
      ==, "0");
  g_assert_cmpstr (json_object_get_string_member (
                       json_array_get_object_element (member (row, "cells"), 1), "title"),
                   ==, "NiN block 1");
  g_assert_cmpuint (json_array_get_length (member (row, "changes")), >, 2);

  row = json_array_get_object_element (rows, 6); /* conv 4 and conv 5 */
  g_assert_cmpstr (json_object_get_string_member (row, "sign"), ==, "removed");
  g_assert_true (json_array_get_null_element (member (row, "cells"), 1));
  g_assert_cmpint (json_object_get_int_member (
                       json_array_get_object_element (member (row, "cells"), 0), "parameters"),
                   ==, 2212480);

  differences = member (said, "differences");
  g_assert_cmpuint (json_array_get_length (differences), ==, 7);
  row = json_array_get_object_element (differences, 0);
  g_assert_cmpstr (json_object_get_string_member (row, "quantity"), ==, "parameters");
  g_assert_cmpint (json_array_get_int_element (member (row, "values"), 0), ==, 46764746);
  g_assert_cmpint (json_array_get_int_element (member (row, "values"), 1), ==, 1992166);
  g_assert_cmpfloat_with_epsilon (json_array_get_double_element (member (row, "factors"), 1),
                                  1992166.0 / 46764746.0, 1e-12);
  g_assert_cmpint (json_array_get_int_element (member (row, "differences"), 1), ==,
                   1992166 - 46764746);
}

static void
test_variants (void)
{
  g_autoptr (LwResult) result =
      lw_program ("compare", "resnet18", "resnet18:shortcut=false,width=0.5", "lenet", "--input",
                  "1x64x64", "--classes", "7", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *model;
  JsonArray *models;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  models = member (json_node_get_object (node), "models");
  g_assert_cmpuint (json_array_get_length (models), ==, 3);
  for (guint i = 0; i < 3; i++) {
    model = json_array_get_object_element (models, i);
    g_assert_cmpint (json_array_get_int_element (member (model, "input"), 1), ==, 64);
    g_assert_cmpint (json_object_get_int_member (model, "classes"), ==, 7);
  }
  model = json_object_get_object_member (json_array_get_object_element (models, 1), "set");
  g_assert_cmpstr (json_object_get_string_member (model, "shortcut"), ==, "false");
  g_assert_cmpstr (json_object_get_string_member (model, "width"), ==, "0.5");
}

static void
test_table (void)
{
  g_autoptr (LwResult) pair = lw_program ("compare", "alexnet", "nin", NULL);
  g_autoptr (LwResult) four =
      lw_program ("compare", "lenet", "alexnet", "vgg11-small", "googlenet", NULL);

  lw_assert_status (pair, 0);
  lw_assert_contains (pair->out, "conv 4 and conv 5");
  lw_assert_contains (pair->out, "≠  NiN block 1  11×11, stride 4 + two 1×1");
  lw_assert_contains (pair->out, "÷ 23.5");
  lw_assert_contains (pair->out, "46,764,746");
  lw_assert_contains (pair->out, "what stands in NiN where AlexNet has its"); /* what to look for */
  lw_assert_status (four, 0);
  lw_assert_contains (four->out, "Inception 5b");
}

/* Wrong usage: status 2, a sentence on standard error, nothing on standard output. */
static void
test_errors (void)
{
  static const struct {
    const char *arguments[8];
    const char *sentence;
    int status;
  } wrong[] = {
    { { "compare", "resnet19", "nin" }, "did you mean resnet18?", 2 },
    { { "compare", "nin", "nin:mixer=1" }, "did you mean mixers?", 2 },
    { { "compare", "nin" }, "two to four MODELs", 2 },
    { { "compare", "nin", "nin", "nin", "nin", "nin" }, "nin", 2 },
    { { "compare", "nin", "lenet", "--jsn" }, "did you mean --json?", 2 },
    { { "compare", "nin", "lenet", "--input", "3" }, "--input", 2 },
    { { "compare", "lenet", "alexnet", "--input", "1x16x16" }, "alexnet: ", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (LwResult) result = lw_program_v (wrong[i].arguments);

    lw_assert_status (result, wrong[i].status);
    lw_assert_contains (result->err, wrong[i].sentence);
    g_assert_cmpstr (result->out, ==, "");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/compare/json", test_json);
  g_test_add_func ("/cli/compare/variants", test_variants);
  g_test_add_func ("/cli/compare/table", test_table);
  g_test_add_func ("/cli/compare/errors", test_errors);
  return g_test_run ();
}
