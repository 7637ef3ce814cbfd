/* A network as text describes it, one word or "KEY=VALUE" a line: the model's name, or a variant's;
 * its knobs; "input=1x28x28", "classes=10", "normalize=…" as the options of that name. What can be
 * built is written in every form that programs read, of which the JSON is parsed again. */
#include "engine/analysis.h"
#include "engine/formats/graph_dot.h"
#include "engine/formats/graph_json.h"
#include "engine/formats/graph_torch.h"
#include "engine/json_read.h"
#include "engine/models.h"
#include "engine/obstacle.h"
#include "engine/settings.h"
#include "engine/sweep.h"
#include "engine/variant.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MOST_LINES 16

static void
check_json (const LwGraph *graph)
{
  g_autofree char *text = lw_graph_to_json (graph, NULL);
  g_autoptr (GError) error = NULL;
  JsonObject *object = lw_json_parse_object (text, -1, "the graph", &error);

  g_assert_no_error (error);
  g_assert_cmpint (json_array_get_length (lw_json_get_array (object, "tensors")), ==,
                   lw_graph_n_tensors (graph));
  json_object_unref (object);
}

static void
check_graph (LwGraph *graph, const LwOptions *options)
{
  const LwCost cost = lw_graph_cost (graph);
  GError *error = NULL;
  g_autofree char *torch = lw_graph_to_torch (graph, options, &error);
  g_autofree char *dot = lw_graph_to_dot (graph, NULL);

  g_assert_cmpint (cost.parameters, >=, 0);
  g_assert_cmpint (cost.macs, >=, 0);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    g_assert_cmpint (lw_shape_size (lw_graph_node (graph, id)->shape), >, 0);
  g_assert_true (g_utf8_validate (dot, -1, NULL));
  lw_fuzz_check_error (torch == NULL, error);
  check_json (graph);
}

/* The same through the settings' text. */
static void
check_settings (const LwOptions *options)
{
  g_autoptr (LwSettings) settings = lw_settings_new (lw_options_copy (options)), again = NULL;
  g_autofree char *json = lw_settings_to_json (settings);
  g_autoptr (GError) error = NULL;

  again = lw_settings_from_json (json, -1, &error);
  g_assert_no_error (error);
  g_assert_true (lw_options_equal (again->options, options));
}

static void
apply (LwSettings *settings, const char *line)
{
  const char *equals = strchr (line, '=');
  g_autofree char *key = equals != NULL ? g_strndup (line, (gsize)(equals - line)) : g_strdup ("");
  GError *error = NULL;
  bool good;

  if (g_str_equal (key, "input")) {
    LwShape shape;

    good = lw_shape_parse (equals + 1, &shape, &error) &&
           lw_options_set_input (settings->options, shape, &error);
  } else if (lw_model_knob (lw_options_model (settings->options), key) == NULL &&
             equals != NULL) { /* a setting, with a list perhaps */
    const LwSweepField list = { key, equals + 1 };
    GError *sweep_error = NULL;
    g_autoptr (GPtrArray) runs =
        lw_sweep_count (&list, 1) <= 4 ? lw_sweep_expand (settings, &list, 1, &sweep_error) : NULL;

    lw_fuzz_check_error (runs == NULL && sweep_error != NULL, sweep_error);
    good = lw_settings_set (settings, key, equals + 1, &error);
  } else
    good = lw_options_parse (settings->options, line, &error);
  lw_fuzz_check_error (!good, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MOST_LINES);
  GError *error = NULL;
  const LwModel *model;
  g_autoptr (LwSettings) settings = NULL;
  g_autoptr (LwGraph) graph = NULL;
  g_autoptr (LwObstacle) obstacle = NULL;

  model = lw_model_find (lines[0] != NULL ? lines[0] : "", &error);
  lw_fuzz_check_error (model == NULL, error);
  if (model == NULL)
    return 0;
  settings = lw_settings_new (lw_options_new (model));
  for (char **line = lines + 1; *line != NULL; line++)
    apply (settings, *line);
  error = NULL;
  graph = lw_model_build (settings->options, &error);
  lw_fuzz_check_error (graph == NULL, error);
  obstacle = lw_obstacle_new (settings->options);
  g_assert_true ((graph == NULL) == (obstacle != NULL));
  check_settings (settings->options);
  if (graph != NULL)
    check_graph (graph, settings->options);
  return 0;
}
