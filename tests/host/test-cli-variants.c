/* Saved variants on the command line: listed with a flag only, shown and trained by name, and the
 * same as --set gives; a broken file costs a sentence. */
#include "engine/variant.h"
#include "tests/support/program.h"

#include <string.h>

typedef struct {
  char *folder;
} Home;

static void
set_up (Home *home, gconstpointer unused)
{
  g_autofree char *variants = NULL, *broken = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  g_autoptr (LwVariant) saved = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  home->folder = lw_make_folder ();
  g_setenv ("XDG_DATA_HOME", home->folder, TRUE); /* for the program; here it was read already */
  variants = g_build_filename (home->folder, "layerwise", "variants", NULL);
  g_assert_true (lw_options_parse (options, "width=0.5", NULL));
  g_assert_true (lw_options_parse (options, "hidden_layers=1", NULL));
  saved = lw_variant_save (variants, "Half LeNet", options, &error);
  g_assert_no_error (error);
  broken = g_build_filename (variants, "broken.json", NULL);
  g_assert_true (g_file_set_contents (broken, "{", -1, NULL));
}

static void
tear_down (Home *home, gconstpointer unused)
{
  (void)unused;
  lw_remove_folder (home->folder);
}

static void
list (Home *home, gconstpointer unused)
{
  g_autoptr (LwResult) models = lw_program ("list", "--json", NULL);
  g_autoptr (LwResult) variants = lw_program ("list", "--variants", "--json", NULL);
  g_autoptr (LwResult) table = lw_program ("list", "--variants", NULL);
  g_autoptr (JsonNode) all = lw_result_json (models), own = lw_result_json (variants);
  JsonObject *first;

  (void)home;
  (void)unused;
  /* The list of models is what it always was: one object a model. */
  g_assert_cmpint ((int)json_array_get_length (json_node_get_array (all)), ==, lw_n_models ());
  g_assert_null (strstr (models->out, "Half LeNet"));
  lw_assert_status (variants, 0);
  g_assert_cmpint ((int)json_array_get_length (json_node_get_array (own)), ==, 1);
  first = json_array_get_object_element (json_node_get_array (own), 0);
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "Half LeNet");
  g_assert_cmpstr (json_object_get_string_member (first, "model"), ==, "lenet");
  g_assert_true (json_object_get_boolean_member (first, "variant"));
  lw_assert_contains (variants->err, "broken.json");
  lw_assert_contains (table->out, "width=0.5 hidden_layers=1");
}

static int64_t
parameters (const LwResult *result)
{
  g_autoptr (JsonNode) node = lw_result_json (result);

  lw_assert_status (result, 0);
  return json_object_get_int_member (json_node_get_object (node), "parameters");
}

static void
show (Home *home, gconstpointer unused)
{
  g_autoptr (LwResult) named = lw_program ("show", "half lenet", "--json", NULL);
  g_autoptr (LwResult) set = lw_program ("show", "lenet", "--set", "width=0.5", "--set",
                                         "hidden_layers=1", "--json", NULL);
  g_autoptr (LwResult) more = lw_program ("show", "Half LeNet", "--set", "width=1", "--json", NULL);
  g_autoptr (LwResult) wrong = lw_program ("show", "Half LeNot", NULL);

  (void)home;
  (void)unused;
  g_assert_cmpint (parameters (named), ==, parameters (set));
  g_assert_cmpint (parameters (more), >, parameters (named)); /* and turned further */
  lw_assert_status (wrong, 2);
  lw_assert_contains (wrong->err, "did you mean \"Half LeNet\"?");
}

static void
compare (Home *home, gconstpointer unused)
{
  g_autoptr (LwResult) result = lw_program ("compare", "Half LeNet", "lenet", "--json", NULL);
  g_autoptr (LwResult) set =
      lw_program ("compare", "lenet:width=0.5,hidden_layers=1", "lenet", "--json", NULL);
  g_autoptr (LwResult) wrong = lw_program ("compare", "Half LeNot", "lenet", NULL);

  (void)home;
  (void)unused;
  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, set->out);
  lw_assert_status (wrong, 2);
  lw_assert_contains (wrong->err, "did you mean \"Half LeNet\"?");
}

static void
train (Home *home, gconstpointer unused)
{
  g_autoptr (LwResult) run =
      lw_program ("train", "Half LeNet", "--data", "shapes", "--steps", "1", "--batch", "32",
                  "--limit-train", "64", "--limit-test", "32", "--json", NULL);
  g_autoptr (GPtrArray) events = lw_result_events (run);

  (void)home;
  (void)unused;
  lw_assert_status (run, 0);
  g_assert_cmpstr (json_object_get_string_member (lw_find_event (events, "start", 0), "model"), ==,
                   "lenet");
  g_assert_cmpint (json_object_get_int_member (lw_find_event (events, "end", 0), "step"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/variants/list", Home, NULL, set_up, list, tear_down);
  g_test_add ("/cli/variants/show", Home, NULL, set_up, show, tear_down);
  g_test_add ("/cli/variants/compare", Home, NULL, set_up, compare, tear_down);
  g_test_add ("/cli/variants/train", Home, NULL, set_up, train, tear_down);
  return g_test_run ();
}
