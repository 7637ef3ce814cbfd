/* bench: the fields that scripts read, their types, and figures that hang together. No test here
 * depends on how fast the machine is. */
#include "tests/support/program.h"

#include <math.h>
#include <string.h>

/* LeNet with batch normalization in two measured steps: a second or two. */
#define QUICK "bench", "lenet-bn", "--batch", "16", "--steps", "2", "--threads", "2", "--device"

static double
number (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  g_assert_true (
      json_node_get_value_type (json_object_get_member (object, member)) == G_TYPE_DOUBLE ||
      json_node_get_value_type (json_object_get_member (object, member)) == G_TYPE_INT64);
  return json_object_get_double_member (object, member);
}

/* The layers of `show`, in whose order `bench` has them. */
static JsonArray *
shown_layers (JsonNode **ret_node)
{
  g_autoptr (LwResult) result = lw_program ("show", "lenet-bn", "--json", NULL);

  lw_assert_status (result, 0);
  *ret_node = lw_result_json (result);
  return json_object_get_array_member (json_node_get_object (*ret_node), "layers");
}

static void
assert_step (JsonObject *line, int batch, int steps)
{
  const double median_ms = number (line, "step_ms_median");

  g_assert_cmpint (json_object_get_int_member (line, "batch"), ==, batch);
  g_assert_cmpint (json_object_get_int_member (line, "steps"), ==, steps);
  g_assert_cmpfloat (number (line, "step_ms_min"), >, 0);
  g_assert_cmpfloat (number (line, "step_ms_min"), <=, median_ms);
  g_assert_cmpfloat_with_epsilon (number (line, "examples_per_second") * median_ms / 1e3, batch,
                                  1e-6 * batch);
}

/* Name and type of each layer as in `show`; times where the layer runs; GFLOP/s where it has MACs.
 * Returns the sum of all times. */
static double
assert_layers (JsonObject *line, gboolean trains)
{
  g_autoptr (JsonNode) node = NULL;
  JsonArray *shown = shown_layers (&node), *layers = json_object_get_array_member (line, "layers");
  double sum_ms = 0;

  g_assert_cmpuint (json_array_get_length (layers), ==, json_array_get_length (shown));
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    JsonObject *expected = json_array_get_object_element (shown, i);
    const double forward_ms = number (layer, "forward_ms");
    const double backward_ms = number (layer, "backward_ms");

    g_assert_cmpstr (json_object_get_string_member (layer, "name"), ==,
                     json_object_get_string_member (expected, "name"));
    g_assert_cmpstr (json_object_get_string_member (layer, "type"), ==,
                     json_object_get_string_member (expected, "type"));
    g_assert_cmpstr (json_object_get_string_member (layer, "algorithm"), ==, "reference");
    g_assert_cmpfloat (forward_ms, >, 0);
    if (trains)
      g_assert_cmpfloat (backward_ms, >, 0);
    else
      g_assert_cmpfloat (backward_ms, ==, 0);
    if (json_object_get_int_member (expected, "macs") > 0)
      g_assert_cmpfloat (number (layer, "gflops"), >, 0);
    else
      g_assert_cmpfloat (number (layer, "gflops"), ==, 0);
    sum_ms += forward_ms + backward_ms;
  }
  return sum_ms;
}

/* 2 × MACs × images forward, as much backward for the weights; the first layer's input needs no
 * gradient, the second convolution's does. */
static void
assert_gflops (JsonObject *line, guint index, double gradients)
{
  g_autoptr (JsonNode) node = NULL;
  JsonArray *shown = shown_layers (&node);
  JsonObject *expected = json_array_get_object_element (shown, index);
  JsonObject *layer =
      json_array_get_object_element (json_object_get_array_member (line, "layers"), index);
  const double macs = (double)json_object_get_int_member (expected, "macs") *
                      (double)json_object_get_int_member (line, "batch");
  const double ms = number (layer, "forward_ms") + number (layer, "backward_ms");
  const double gflops = 2e-6 * macs * (1 + gradients) / ms;

  g_assert_cmpfloat (macs, >, 0);
  g_assert_cmpfloat_with_epsilon (number (layer, "gflops"), gflops, 1e-6 * gflops);
}

static void
test_training (void)
{
  g_autoptr (LwResult) result = lw_program (QUICK, "reference", "--json", NULL);
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *line, *machine;
  double sum_ms, planned;

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  lines = lw_result_events (result);
  g_assert_cmpuint (lines->len, ==, 1);
  line = lines->pdata[0];
  g_assert_true (g_str_has_prefix (result->out, "{\"machine\":{"));
  machine = json_object_get_object_member (line, "machine");
  g_assert_cmpfloat (number (machine, "peak_gflops"), >, 0);
  g_assert_cmpfloat (number (machine, "copy_gb_s"), >, 0);
  g_assert_cmpint (json_object_get_int_member (machine, "threads"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (line, "model"), ==, "lenet-bn");
  g_assert_cmpstr (json_object_get_string_member (line, "mode"), ==, "training");
  g_assert_cmpstr (json_object_get_string_member (line, "device"), ==, "reference");
  g_assert_cmpstr (json_object_get_string_member (line, "precision"), ==, "fp32");
  assert_step (line, 16, 2);
  sum_ms = assert_layers (line, TRUE);
  assert_gflops (line, 0, 1);
  assert_gflops (line, 4, 2);
  /* The same work, measured twice on a machine that others may use. */
  g_assert_cmpfloat (sum_ms, <, 50 * number (line, "step_ms_median"));
  g_assert_cmpfloat (sum_ms, >, number (line, "step_ms_min") / 50);
  planned = number (line, "planned_memory_bytes");
  g_assert_cmpfloat (planned, >, 16 * 28 * 28 * 4);
  /* All planned memory is touched; what else the process needs for it is little. */
  g_assert_cmpfloat (number (line, "peak_memory_bytes"), >, planned / 2);
  g_assert_cmpfloat (number (line, "peak_memory_bytes"), <, 2 * planned + (256 << 20));
}

static void
test_inference (void)
{
  g_autoptr (LwResult) shown = lw_program ("show", "lenet-bn", "--batch", "16", "--json", NULL);
  g_autoptr (LwResult) result = lw_program (QUICK, "reference", "--json", "--inference", NULL);
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *line, *memory;

  lw_assert_status (shown, 0);
  node = lw_result_json (shown);
  memory = json_object_get_object_member (json_node_get_object (node), "memory");
  lw_assert_status (result, 0);
  lines = lw_result_events (result);
  line = lines->pdata[0];
  g_assert_cmpstr (json_object_get_string_member (line, "mode"), ==, "inference");
  assert_step (line, 16, 2);
  assert_layers (line, FALSE);
  assert_gflops (line, 4, 0);
  g_assert_cmpfloat (number (line, "planned_memory_bytes"), <, number (memory, "training_total"));
}

/* What `show` says of a network's memory is what the device that "auto" means plans. */
static void
test_memory (void)
{
  g_autoptr (LwResult) shown = lw_program ("show", "lenet-bn", "--batch", "64", "--json", NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *memory;

  lw_assert_status (shown, 0);
  node = lw_result_json (shown);
  memory = json_object_get_object_member (json_node_get_object (node), "memory");
  for (int inference = 0; inference < 2; inference++) {
    g_autoptr (LwResult) result =
        lw_program ("bench", "lenet-bn", "--batch", "64", "--steps", "2", "--algorithms", "fixed",
                    "--json", inference ? "--inference" : NULL, NULL);
    g_autoptr (GPtrArray) lines = NULL;

    lw_assert_status (result, 0);
    lines = lw_result_events (result);
    g_assert_cmpfloat (number (lines->pdata[0], "planned_memory_bytes"), ==,
                       number (memory, inference ? "inference_total" : "training_total"));
  }
}

/* One line a network, in the order asked for; the options that `train` has too mean the same. */
static void
test_several (void)
{
  g_autoptr (LwResult) result =
      lw_program ("bench", "lenet", "lenet-bn", "--resize", "20", "--classes", "7", "--batch", "3",
                  "--steps", "1", "--device", "reference", "--json", NULL);
  g_autoptr (GPtrArray) lines = NULL;
  static const char *const models[] = { "lenet", "lenet-bn" };

  lw_assert_status (result, 0);
  lines = lw_result_events (result);
  g_assert_cmpuint (lines->len, ==, G_N_ELEMENTS (models));
  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    JsonArray *input = json_object_get_array_member (lines->pdata[i], "input");

    g_assert_cmpstr (json_object_get_string_member (lines->pdata[i], "model"), ==, models[i]);
    g_assert_cmpint (json_array_get_int_element (input, 1), ==, 20);
    g_assert_cmpint (json_array_get_int_element (input, 2), ==, 20);
    assert_step (lines->pdata[i], 3, 1);
  }
}

static const char *
said (JsonObject *layer, const char *member)
{
  g_assert_true (json_object_has_member (layer, member));
  return json_object_get_null_member (layer, member)
             ? NULL
             : json_object_get_string_member (layer, member);
}

/* Each direction has an algorithm of its own; the one that is not computed has none. */
static void
test_algorithms (void)
{
  static const char *const how[] = { "fixed", "timed" };

  for (guint i = 0; i < G_N_ELEMENTS (how); i++) {
    g_autoptr (LwResult) result =
        lw_program ("bench", "vgg11-small", "--input", "1x32x32", "--batch", "2", "--steps", "1",
                    "--threads", "2", "--device", "cpu", "--algorithms", how[i], "--json", NULL);
    g_autoptr (GPtrArray) lines = NULL;
    JsonArray *layers;
    JsonObject *first, *activation;

    lw_assert_status (result, 0);
    lines = lw_result_events (result);
    layers = json_object_get_array_member (lines->pdata[0], "layers");
    first = json_array_get_object_element (layers, 0);
    activation = json_array_get_object_element (layers, 1);
    g_assert_nonnull (said (first, "algorithm"));
    g_assert_null (said (first, "data_algorithm"));
    g_assert_nonnull (said (first, "weights_algorithm"));
    g_assert_cmpstr (said (first, "backward_algorithm"), ==, said (first, "weights_algorithm"));
    g_assert_nonnull (said (activation, "data_algorithm"));
    g_assert_null (said (activation, "weights_algorithm"));
    if (i == 0)
      g_assert_cmpstr (said (first, "algorithm"), ==, "direct");
  }
}

static void
test_table (void)
{
  g_autoptr (LwResult) result = lw_program (QUICK, "reference", NULL);

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  lw_assert_contains (result->out, "GFLOP/s");
  lw_assert_contains (result->out, "lenet-bn: 1×28×28, reference, fp32, training");
  lw_assert_contains (result->out, "batch 16:");
  lw_assert_contains (result->out, "BatchNorm1d");
  lw_assert_contains (result->out, "of roofline");
  g_assert_null (strstr (result->out, " \n"));
  g_assert_null (strstr (result->out, "nan"));
}

/* Nothing is measured when anything on the command line is wrong. */
static const struct {
  const char *words, *said;
} mistakes[] = {
  { "", "needs a MODEL" },
  { "lenet resnet19", "unknown model \"resnet19\"; did you mean resnet18?" },
  { "lenet --device referense", "unknown device \"referense\"; did you mean reference?" },
  { "lenet --precision fp23", "did you mean fp32?" },
  { "lenet --device reference --precision bf16", "choose the precision fp32" },
  { "lenet --steps 0", "--steps takes a whole number" },
  { "lenet --batch 0", "batch must be a whole number" },
  { "lenet --algorithms timd", "did you mean timed?" },
  { "lenet --threads many", "threads must be a whole number" },
  { "lenet --inferense", "unknown option --inferense; did you mean --inference?" },
  { "lenet lenet-bn --set activaton=relu", "activation" },
  { "lenet --resize none", "resize must be a whole number" },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autofree char *line = g_strdup_printf ("bench %s", mistakes[i].words);
    g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    g_test_message ("layerwise %s: %s", line, result->err);
    lw_assert_status (result, 2);
    g_assert_cmpstr (result->out, ==, "");
    lw_assert_contains (result->err, mistakes[i].said);
    g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  }
}

/* bfloat16 where the processor has it and may use it; else a sentence. */
static void
test_bfloat16 (void)
{
  g_autoptr (LwResult) result = NULL;
  gboolean has = FALSE;

#ifdef __x86_64__
  has = __builtin_cpu_supports ("avx512bf16") && __builtin_cpu_supports ("avx512vl");
#endif
  if (has) {
    g_autoptr (LwResult) run =
        lw_program ("bench", "lenet", "--steps", "1", "--precision", "bf16", "--json", NULL);

    lw_assert_status (run, 0);
    lw_assert_contains (run->out, "\"precision\":\"bf16\"");
  }
  g_setenv ("LAYERWISE_CPU", "avx2", TRUE);
  result = lw_program ("bench", "lenet", "--device", "cpu", "--precision", "bf16", NULL);
  g_unsetenv ("LAYERWISE_CPU");
  lw_assert_status (result, 2);
  lw_assert_contains (result->err, "choose the precision fp32");
}

/* A network that cannot be built: found before the one that can is measured. */
static void
test_impossible (void)
{
  g_autoptr (LwResult) result = lw_program ("bench", "lenet-bn", "alexnet", "--resize", "28", NULL);

  lw_assert_status (result, 1);
  g_assert_cmpstr (result->out, ==, "");
  g_assert_true (g_str_has_prefix (result->err, "layerwise: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/training", test_training);
  g_test_add_func ("/bench/inference", test_inference);
  g_test_add_func ("/bench/memory", test_memory);
  g_test_add_func ("/bench/several", test_several);
  g_test_add_func ("/bench/algorithms", test_algorithms);
  g_test_add_func ("/bench/table", test_table);
  g_test_add_func ("/bench/mistakes", test_mistakes);
  g_test_add_func ("/bench/bfloat16", test_bfloat16);
  g_test_add_func ("/bench/impossible", test_impossible);
  return g_test_run ();
}
