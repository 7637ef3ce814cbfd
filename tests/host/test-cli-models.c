/* list, show, usage errors and help: what the command line says about networks, compared with what
 * PyTorch says about the book's own code (tests/golden/reference). */
#include "tests/support/program.h"

#include <stdbool.h>
#include <string.h>

static const char *const models[] = { "lenet", "lenet-bn",  "alexnet",  "vgg11",   "vgg11-small",
                                      "nin",   "googlenet", "resnet18", "densenet" };

static JsonObject *
golden (const char *model)
{
  g_autofree char *path =
      g_strdup_printf ("%s/reference/%s.json", g_getenv ("LAYERWISE_GOLDEN"), model);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_node_dup_object (json_parser_get_root (parser));
}

static void
assert_same_array (JsonArray *a, JsonArray *b, const char *what)
{
  bool same = json_array_get_length (a) == json_array_get_length (b);

  for (guint i = 0; same && i < json_array_get_length (a); i++)
    same = json_array_get_int_element (a, i) == json_array_get_int_element (b, i);
  if (!same)
    g_error ("%s has another shape than PyTorch's", what);
}

static void
assert_same_integer (JsonObject *a, const char *member_a, JsonObject *b, const char *member_b,
                     const char *what)
{
  const gint64 x = json_object_get_int_member (a, member_a);
  const gint64 y = json_object_get_int_member (b, member_b);

  if (x != y)
    g_error ("%s: %s is %" G_GINT64_FORMAT ", PyTorch says %" G_GINT64_FORMAT, what, member_a, x,
             y);
}

/* PyTorch's modules must all be there in this order; what lies between them are functions. */
static void
assert_same_layers (JsonArray *layers, JsonArray *expected, const char *model)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint next = 0;

  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    const char *name = json_object_get_string_member (layer, "name");
    JsonObject *reference = next < json_array_get_length (expected)
                                ? json_array_get_object_element (expected, next)
                                : NULL;

    if (!g_hash_table_add (names, (char *)name))
      g_error ("%s has two layers %s", model, name);
    g_assert_cmpint (json_object_get_int_member (layer, "receptive_field"), >, 0);
    g_assert_true (json_object_has_member (layer, "block"));
    if (reference == NULL ||
        !g_str_equal (name, json_object_get_string_member (reference, "name"))) {
      g_assert_cmpint (json_object_get_int_member (layer, "parameters"), ==, 0);
      g_assert_cmpint (json_object_get_int_member (layer, "macs"), ==, 0);
      continue;
    }
    g_assert_cmpstr (json_object_get_string_member (layer, "type"), ==,
                     json_object_get_string_member (reference, "type"));
    assert_same_array (json_object_get_array_member (layer, "input"),
                       json_object_get_array_member (reference, "input"), name);
    assert_same_array (json_object_get_array_member (layer, "output"),
                       json_object_get_array_member (reference, "output"), name);
    assert_same_integer (layer, "parameters", reference, "params", name);
    assert_same_integer (layer, "macs", reference, "macs", name);
    next++;
  }
  if (next != json_array_get_length (expected))
    g_error (
        "%s: %s is missing or out of order", model,
        json_object_get_string_member (json_array_get_object_element (expected, next), "name"));
}

/* state_dict: every name and shape, in its order; what ends in running_… is not trained. */
static void
assert_same_tensors (JsonArray *tensors, JsonObject *state_dict)
{
  g_autoptr (GList) names = json_object_get_members (state_dict);
  guint i = 0;

  g_assert_cmpuint (json_array_get_length (tensors), ==, g_list_length (names));
  for (GList *l = names; l != NULL; l = l->next, i++) {
    JsonObject *tensor = json_array_get_object_element (tensors, i);
    const char *name = json_object_get_string_member (tensor, "name");
    const bool counter = g_str_has_suffix (name, ".num_batches_tracked");

    g_assert_cmpstr (name, ==, l->data);
    assert_same_array (json_object_get_array_member (tensor, "shape"),
                       json_object_get_array_member (state_dict, name), name);
    g_assert_cmpstr (json_object_get_string_member (tensor, "dtype"), ==, counter ? "I64" : "F32");
    g_assert_cmpint (json_object_get_boolean_member (tensor, "trainable"), ==,
                     !counter && strstr (name, ".running_") == NULL);
  }
}

static void
test_show (gconstpointer data)
{
  const char *model = data;
  g_autoptr (LwResult) result = lw_program ("show", model, "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonObject) expected = golden (model);
  JsonObject *shown;

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  node = lw_result_json (result);
  shown = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (shown, "name"), ==, model);
  assert_same_array (json_object_get_array_member (shown, "input"),
                     json_object_get_array_member (expected, "input"), "the input");
  assert_same_integer (shown, "parameters", expected, "params", model);
  assert_same_integer (shown, "macs", expected, "macs", model);
  g_assert_cmpint (json_object_get_int_member (shown, "flops"), ==,
                   2 * json_object_get_int_member (shown, "macs"));
  g_assert_cmpint (json_object_get_int_member (shown, "all_operations"), >,
                   json_object_get_int_member (shown, "flops"));
  assert_same_layers (json_object_get_array_member (shown, "layers"),
                      json_object_get_array_member (expected, "layers"), model);
  assert_same_tensors (json_object_get_array_member (shown, "tensors"),
                       json_object_get_object_member (expected, "state_dict"));
}

static void
test_list (void)
{
  g_autoptr (LwResult) result = lw_program ("list", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *list;

  lw_assert_status (result, 0);
  node = lw_result_json (result);
  list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    g_assert_cmpint (
        json_object_get_boolean_member (json_array_get_object_element (list, i), "relative"), ==,
        i >= G_N_ELEMENTS (models));
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    JsonObject *model = json_array_get_object_element (list, i);
    g_autoptr (JsonObject) expected = golden (models[i]);
    JsonObject *recipe = json_object_get_object_member (model, "recipe");

    g_assert_cmpstr (json_object_get_string_member (model, "name"), ==, models[i]);
    g_assert_cmpstr (json_object_get_string_member (model, "title"), !=, "");
    g_assert_cmpstr (json_object_get_string_member (model, "family"), !=, "");
    g_assert_cmpstr (json_object_get_string_member (model, "paper"), !=, "");
    g_assert_cmpint (json_object_get_int_member (model, "year"), >, 1990);
    g_assert_cmpint (json_object_get_int_member (model, "classes"), ==, 10);
    assert_same_integer (model, "parameters", expected, "params", models[i]);
    assert_same_integer (model, "macs", expected, "macs", models[i]);
    g_assert_cmpfloat (json_object_get_double_member (recipe, "learning_rate"), ==,
                       json_object_get_double_member (expected, "learning_rate"));
    assert_same_integer (recipe, "epochs", expected, "epochs", models[i]);
    assert_same_integer (recipe, "batch_size", expected, "batch_size", models[i]);
  }
}

/* The table for people: the same numbers, right-aligned, no blank at a line's end. */
static void
test_list_table (void)
{
  g_autoptr (LwResult) result = lw_program ("list", NULL);
  g_auto (GStrv) lines = NULL;

  lw_assert_status (result, 0);
  lw_assert_contains (result->out, "11,178,378");
  lines = g_strsplit (result->out, "\n", -1);
  g_assert_cmpstr (lines[G_N_ELEMENTS (models) + 1], ==, "more of the same families");
  g_assert_nonnull (strstr (result->out, "resnet152-plain"));
  for (guint i = 0; lines[i + 1] != NULL; i++) {
    g_assert_false (g_str_has_suffix (lines[i], " "));
    g_assert_true (i == G_N_ELEMENTS (models) + 1 ||
                   g_utf8_strlen (lines[i], -1) == g_utf8_strlen (lines[0], -1));
  }
}

static JsonObject *
find_named (JsonArray *array, const char *name)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object = json_array_get_object_element (array, i);

    if (g_str_equal (json_object_get_string_member (object, "name"), name))
      return object;
  }
  g_error ("%s is not there", name);
}

static void
test_options (void)
{
  g_autoptr (LwResult) result =
      lw_program ("show", "lenet", "--set", "activation=relu", "--input", "3x32x32", "--classes=7",
                  "--batch", "16", "--json", NULL);
  g_autoptr (LwResult) larger =
      lw_program ("show", "lenet", "--set=activation=relu", "--input", "3x32x32", "--classes", "7",
                  "--batch", "32", "--json", NULL);
  g_autoptr (JsonNode) node = NULL, larger_node = NULL;
  JsonObject *shown, *memory, *larger_memory, *knob;
  JsonArray *layers;

  lw_assert_status (result, 0);
  lw_assert_status (larger, 0);
  node = lw_result_json (result);
  larger_node = lw_result_json (larger);
  shown = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (shown, "classes"), ==, 7);
  layers = json_object_get_array_member (shown, "layers");
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (layers, 1), "type"), ==,
      "ReLU");
  knob = find_named (json_object_get_array_member (shown, "knobs"), "activation");
  g_assert_cmpstr (json_object_get_string_member (knob, "value"), ==, "relu");
  g_assert_cmpstr (json_object_get_string_member (knob, "default"), ==, "sigmoid");
  g_assert_cmpstr (json_object_get_string_member (knob, "type"), ==, "choice");
  g_assert_true (json_object_has_member (knob, "choices"));
  g_assert_true (json_object_has_member (knob, "help"));
  knob = find_named (json_object_get_array_member (shown, "knobs"), "classes");
  g_assert_cmpint (json_object_get_int_member (knob, "value"), ==, 7);
  g_assert_true (json_object_has_member (knob, "minimum"));

  memory = json_object_get_object_member (shown, "memory");
  larger_memory = json_object_get_object_member (json_node_get_object (larger_node), "memory");
  g_assert_cmpint (json_object_get_int_member (memory, "parameters"), ==,
                   json_object_get_int_member (larger_memory, "parameters"));
  g_assert_cmpint (json_object_get_int_member (memory, "activations"), <,
                   json_object_get_int_member (larger_memory, "activations"));
  g_assert_cmpint (json_object_get_int_member (memory, "training_total"), >,
                   json_object_get_int_member (memory, "inference_total"));
  g_assert_cmpint (json_object_get_int_member (memory, "optimizer"), ==, 0);
  g_assert_true (json_object_has_member (memory, "workspace"));
  g_assert_true (json_object_has_member (memory, "gradients"));
}

/* Wrong usage: status 2, one line on standard error with the nearest name, nothing else. */
static const struct {
  const char *words, *said;
} mistakes[] = {
  { "", "a command is missing" },
  { "trian", "unknown command \"trian\"; did you mean train?" },
  { "--jsn", "unknown option \"--jsn\"" },
  { "show resnet19", "unknown model \"resnet19\"; did you mean resnet18?" },
  { "show", "needs a MODEL" },
  { "show lenet alexnet", "\"alexnet\" is one argument too many" },
  { "show lenet --jason", "unknown option --jason; did you mean --json?" },
  { "show lenet --batch", "--batch needs a value" },
  { "show lenet --batch --json", "--batch needs a value" },
  { "show lenet --batch ten", "--batch takes a whole number" },
  { "show lenet --batch 0", "--batch takes a whole number" },
  { "show lenet --json=yes", "--json takes no value" },
  { "show lenet --set activaton=relu", "activation" },
  { "show lenet --set activation=rellu", "relu" },
  { "show lenet --input 28", "--input" },
  { "show lenet -j", "unknown option --j" },
  { "list lenet", "one argument too many" },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_auto (GStrv) words =
        *mistakes[i].words != '\0' ? g_strsplit (mistakes[i].words, " ", -1) : g_new0 (char *, 1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    g_test_message ("layerwise %s: %s", mistakes[i].words, result->err);
    lw_assert_status (result, 2);
    g_assert_cmpstr (result->out, ==, "");
    lw_assert_contains (result->err, mistakes[i].said);
    g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  }
}

/* A network that cannot be built is a failure with a sentence that names the layer. */
static void
test_impossible (void)
{
  g_autoptr (LwResult) result = lw_program ("show", "alexnet", "--input", "1x16x16", NULL);

  lw_assert_status (result, 1);
  g_assert_cmpstr (result->out, ==, "");
  g_assert_true (g_str_has_prefix (result->err, "layerwise: "));
}

/* Every option of every command is on its page, has a sentence, and completion knows it. */
static void
test_help (void)
{
  static const char *const commands[] = { "list",    "show",   "compare", "train",
                                          "predict", "export", "bench",   "doctor" };
  g_autofree char *completion = NULL;
  g_autoptr (LwResult) list = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (g_getenv ("LAYERWISE_COMPLETION"), &completion, NULL, &error);
  g_assert_no_error (error);
  list = lw_program ("list", "--json", NULL);
  node = lw_result_json (list);
  for (guint m = 0; m < json_array_get_length (json_node_get_array (node)); m++)
    lw_assert_contains (completion,
                        json_object_get_string_member (
                            json_array_get_object_element (json_node_get_array (node), m), "name"));
  for (guint c = 0; c < G_N_ELEMENTS (commands); c++) {
    g_autoptr (LwResult) page = lw_program (commands[c], "--help", NULL);
    g_autoptr (LwResult) other = lw_program ("help", commands[c], NULL);
    g_autoptr (LwResult) overview = lw_program ("--help", NULL);
    g_auto (GStrv) lines = NULL;
    int options = 0;

    lw_assert_status (page, 0);
    g_assert_cmpstr (page->out, ==, other->out);
    g_assert_cmpstr (page->err, ==, "");
    lw_assert_contains (overview->out, commands[c]);
    lw_assert_contains (completion, commands[c]);
    lines = g_strsplit (page->out, "\n", -1);
    for (int i = 0; lines[i] != NULL; i++) {
      g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, 80);
      if (g_str_has_prefix (lines[i], "  --")) {
        g_auto (GStrv) words = g_strsplit_set (lines[i] + 2, " ,", 2);

        options++;
        lw_assert_contains (completion, words[0]);
      }
    }
    g_assert_cmpint (options, >=, 2);
  }
}

static void
test_version (void)
{
  g_autoptr (LwResult) result = lw_program ("--version", NULL);

  lw_assert_status (result, 0);
  g_assert_true (g_str_has_prefix (result->out, "layerwise "));
}

/* Blocks and layers right under the network add up to the total, which is PyTorch's; so do all
 * layers. */
static void
test_table (gconstpointer data)
{
  const char *model = data;
  g_autoptr (LwResult) result = lw_program ("show", model, "--table", "csv", NULL);
  g_autoptr (LwResult) markdown = lw_program ("show", model, "--table=markdown", NULL);
  g_autoptr (LwResult) latex = lw_program ("show", model, "--table", "latex", NULL);
  g_autoptr (JsonObject) expected = golden (model);
  g_auto (GStrv) lines = NULL;
  gint64 top = 0, layers = 0, total = 0;
  bool levels;

  lw_assert_status (result, 0);
  lw_assert_status (markdown, 0);
  lw_assert_status (latex, 0);
  lines = g_strsplit (result->out, "\r\n", -1);
  levels = g_str_has_prefix (lines[0], "level,");
  for (int i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i], ",", -1);
    char **cell = cells + (levels ? 1 : 0);
    const gint64 parameters = g_ascii_strtoll (cell[4], NULL, 10);

    if (g_str_equal (cell[0], "total"))
      total = parameters;
    else if (*cell[1] != '\0')
      layers += parameters; /* a block has no type */
    if (!g_str_equal (cell[0], "total") && (!levels || g_str_equal (cells[0], "0")))
      top += parameters;
  }
  g_assert_cmpint (total, ==, json_object_get_int_member (expected, "params"));
  g_assert_cmpint (top, ==, total);
  g_assert_cmpint (layers, ==, total);
  g_assert_true (g_str_has_prefix (markdown->out, "| layer | type | output |"));
  lw_assert_contains (latex->out, "\\bottomrule");
}

static void
test_doctor (void)
{
  g_autoptr (LwResult) plain = lw_program ("doctor", NULL);
  g_autoptr (LwResult) result = lw_program ("doctor", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *said, *device;

  lw_assert_status (plain, 0);
  lw_assert_status (result, 0);
  node = lw_result_json (result);
  said = json_node_get_object (node);
  device = find_named (json_object_get_array_member (said, "devices"), "reference");
  g_assert_true (json_object_get_boolean_member (device, "works"));
  lw_assert_contains (plain->out, "reference");
  g_assert_true (
      json_object_has_member (json_object_get_object_member (said, "libraries"), "GLib"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (
                        json_object_get_object_member (said, "data"), "search_path")),
                    >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/list", test_list);
  g_test_add_func ("/cli/list-table", test_list_table);
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    g_autofree char *path = g_strdup_printf ("/cli/show/%s", models[i]);
    g_autofree char *table = g_strdup_printf ("/cli/show-table/%s", models[i]);
    g_test_add_data_func (path, models[i], test_show);
    g_test_add_data_func (table, models[i], test_table);
  }
  g_test_add_func ("/cli/options", test_options);
  g_test_add_func ("/cli/mistakes", test_mistakes);
  g_test_add_func ("/cli/impossible", test_impossible);
  g_test_add_func ("/cli/help", test_help);
  g_test_add_func ("/cli/version", test_version);
  g_test_add_func ("/cli/doctor", test_doctor);
  return g_test_run ();
}
