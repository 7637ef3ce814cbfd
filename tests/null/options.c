/* Knobs: every one at its ends and between, at many input sizes, builds a graph or says why not. */
#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/models.h"

#include <string.h>

static const int sides[] = { 1, 2, 3, 5, 8, 11, 12, 13, 16, 21, 28, 31, 32, 40, 56, 64 };

/* Builds, or fails with a sentence; a graph that builds is sound. */
static bool
try_build (const LwOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (options, &error);
  if (graph == NULL) {
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
    g_assert_cmpuint (strlen (error->message), >, 20);
    return false;
  }
  g_assert_no_error (error);
  g_assert_cmpint (lw_graph_classes (graph), ==, lw_options_integer (options, "classes"));
  g_assert_true (lw_shape_equal (lw_graph_input_shape (graph), lw_options_input (options)));
  g_assert_cmpint (lw_graph_cost (graph).parameters, >, 0);
  return true;
}

static int64_t
parameters_of (const LwOptions *options)
{
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  g_assert_nonnull (graph);
  LwCost cost = lw_graph_cost (graph);
  return cost.parameters * 31 + cost.operations;
}

/* The values to try: least, most, and one between (of choices: all). */
static char *
knob_value (const LwKnob *knob, int which)
{
  double value = which == 0   ? knob->minimum
                 : which == 1 ? knob->maximum
                              : (knob->minimum + knob->maximum) / 2;
  if (knob->type == LW_KNOB_CHOICE)
    return g_strdup (knob->choices[(int)value]);
  if (knob->type == LW_KNOB_REAL) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strdup (g_ascii_dtostr (text, sizeof text, value));
  }
  return g_strdup_printf ("%d", (int)value);
}

static void
test_ends (gconstpointer data)
{
  const LwModel *model = data;
  for (int k = 0; model->knobs[k] != NULL; k++)
    for (int which = 0; which < 3; which++) {
      g_autoptr (LwOptions) options = lw_options_new (model);
      g_autofree char *value = knob_value (model->knobs[k], which);
      g_autoptr (GError) error = NULL;
      lw_options_set (options, model->knobs[k]->name, value, &error);
      g_assert_no_error (error);
      g_autofree char *text = lw_options_get (options, model->knobs[k]->name);
      g_assert_true (lw_options_set (options, model->knobs[k]->name, text, NULL));
      g_autofree char *again = lw_options_get (options, model->knobs[k]->name);
      g_assert_cmpstr (text, ==, again);
      if (!g_str_equal (model->knobs[k]->name, "input_size"))
        g_assert_true (try_build (options)); /* at the book's size all of them work */
      for (size_t s = 0; s < G_N_ELEMENTS (sides); s++) {
        LwShape input = lw_options_input (options);
        input.h = input.w = sides[s];
        g_assert_true (lw_options_set_input (options, input, NULL));
        try_build (options);
      }
    }
}

/* A knob that changes nothing is no knob: parameters or operations must differ, except that
 * dropout, names and the choice of an activation or of a pooling cost the same. */
static void
test_effect (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (LwOptions) book = lw_options_new (model);
  int64_t before = parameters_of (book);
  for (int k = 0; model->knobs[k] != NULL; k++) {
    const LwKnob *knob = model->knobs[k];
    g_autoptr (LwOptions) options = lw_options_new (model);
    g_autofree char *value = knob_value (knob, knob->standard == knob->maximum ? 0 : 1);
    g_assert_true (lw_options_is_standard (options, knob->name));
    g_assert_true (lw_options_set (options, knob->name, value, NULL));
    g_assert_false (lw_options_is_standard (options, knob->name));
    bool free_of_cost = strstr ("activation pooling dropout names", knob->name) != NULL;
    g_assert_true (free_of_cost == (parameters_of (options) == before));
  }
}

static bool
has_op (const LwOptions *options, LwOp op)
{
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  g_assert_nonnull (graph);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == op)
      return true;
  return false;
}

static void
test_choices (gconstpointer data)
{
  const LwModel *model = data;
  static const struct {
    const char *assignment;
    LwOp has, has_not;
  } cases[] = {
    { "activation=relu", LW_OP_RELU, LW_OP_SIGMOID },
    { "activation=sigmoid", LW_OP_SIGMOID, LW_OP_RELU },
    { "activation=tanh", LW_OP_TANH, LW_OP_RELU },
    { "pooling=average", LW_OP_AVG_POOL, LW_N_OPS },
    { "pooling=max", LW_OP_MAX_POOL, LW_OP_AVG_POOL },
    { "normalization=none", LW_OP_CONV2D, LW_OP_BATCH_NORM },
    { "normalization=batch", LW_OP_BATCH_NORM, LW_N_OPS },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwOptions) options = lw_options_new (model);
    g_autoptr (GError) error = NULL;
    lw_options_parse (options, cases[i].assignment, &error);
    g_assert_no_error (error);
    g_assert_true (has_op (options, cases[i].has));
    g_assert_false (has_op (options, cases[i].has_not));
  }
}

/* Dropout at 0 keeps its layer, so that no name after it shifts. */
static void
test_dropout (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("alexnet", NULL));
  g_assert_true (lw_options_parse (options, "dropout=0", NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  LwNodeId id = lw_graph_find_node (graph, "16");
  g_assert_cmpint (lw_graph_node (graph, id)->op, ==, LW_OP_DROPOUT);
  g_assert_cmpfloat (lw_graph_node (graph, id)->dropout, ==, 0);
  g_assert_cmpint (lw_graph_find_tensor (graph, "20.weight"), >=, 0);
}

static void
test_shortcut (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("resnet18", NULL));
  g_assert_true (lw_options_boolean (options, "shortcut"));
  g_assert_true (lw_options_parse (options, "shortcut=off", NULL));
  g_assert_false (has_op (options, LW_OP_ADD));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  g_assert_cmpint (lw_graph_find_node (graph, "2.0.conv3"), ==, LW_NO_NODE);
}

/* Half the width, as it stands in the workbench: most layers a quarter, first and last half. */
static void
test_width (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("alexnet", NULL));
  g_assert_true (lw_options_parse (options, "width=0.5", NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  LwNodeId conv = lw_graph_find_node (graph, "0"), linear = lw_graph_find_node (graph, "14");
  g_assert_cmpint (lw_node_cost (graph, conv).parameters, ==, 48 * 121 + 48);
  g_assert_cmpint (lw_node_cost (graph, linear).parameters, ==, 2048 * 3200 + 2048);

  g_autoptr (LwOptions) vgg = lw_options_new (lw_model_find ("vgg11", NULL));
  g_autoptr (LwOptions) small = lw_options_new (lw_model_find ("vgg11-small", NULL));
  g_assert_true (lw_options_parse (vgg, "width=0.25", NULL));
  g_assert_cmpint (parameters_of (vgg), ==, parameters_of (small));
}

static void
test_smallest_input (void)
{
  static const struct {
    const char *model;
    int side;
  } cases[] = { { "lenet", 12 }, { "lenet-bn", 16 }, { "alexnet", 65 },  { "vgg11", 32 },
                { "nin", 67 },   { "resnet18", 1 },  { "googlenet", 1 }, { "densenet", 29 } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model_find (cases[i].model, NULL));
    g_assert_cmpint (lw_model_smallest_input (options), ==, cases[i].side);
    LwShape input = lw_options_input (options);
    g_assert_cmpint (input.h, ==, lw_options_model (options)->input.h); /* unchanged */
    input.h = input.w = cases[i].side;
    lw_options_set_input (options, input, NULL);
    g_assert_true (try_build (options));
    input.h = input.w = cases[i].side - 1;
    if (input.h > 0) {
      lw_options_set_input (options, input, NULL);
      g_assert_false (try_build (options));
    }
  }
}

static void
test_too_small (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("alexnet", NULL));
  g_autoptr (GError) error = NULL;
  g_assert_true (lw_options_parse (options, "input_size=28", NULL));
  g_assert_null (lw_model_build (options, &error));
  g_assert_cmpstr (error->message, ==,
                   "5 (max pool 2): its 3×3 window needs a map of at least 3×3 here, it gets "
                   "256×2×2");
  g_autofree char *trail = lw_model_trail (options);
  g_assert_cmpstr (trail, ==, "28 → 5 (conv 1) → 2 (max pool 1) → 2 (conv 2) → ?");

  g_assert_true (lw_options_set_input (options, (LwShape){ 1, 28, 224 }, NULL));
  g_autofree char *oblong = lw_model_trail (options);
  g_assert_cmpstr (oblong, ==, "28×224 → 5×54 (conv 1) → 2×26 (max pool 1) → 2×26 (conv 2) → ?");
  g_assert_true (lw_options_parse (options, "input_size=65", NULL));
  g_assert_null (lw_model_trail (options));

  g_autoptr (LwOptions) vgg = lw_options_new (lw_model_find ("vgg11", NULL));
  g_assert_true (lw_options_parse (vgg, "input_size=16", NULL));
  g_autofree char *steps = lw_model_trail (vgg);
  g_assert_cmpstr (steps, ==,
                   "16 → … → 2 (max pool) → 2 (conv 1) → 2 (conv 2) → 1 (max pool) → 1 (conv 1) → "
                   "1 (conv 2) → ?");
}

static void
test_refused (void)
{
  static const struct {
    const char *assignment, *sentence;
    LwError code;
  } cases[] = {
    { "with=1", "ResNet-18 has no knob \"with\"; did you mean width?", LW_ERROR_UNKNOWN },
    { "growth_rate=1",
      "ResNet-18 has no knob \"growth_rate\"; it has input_size, channels, classes, width, "
      "residuals, shortcut, activation, normalization, pooling, form, names",
      LW_ERROR_UNKNOWN },
    { "width=3", "width must be from 0.0625 to 2, not 3", LW_ERROR_INVALID },
    { "width=nan", "width must be a number from 0.0625 to 2, not \"nan\"", LW_ERROR_INVALID },
    { "width=1,5", "width must be a number from 0.0625 to 2, not \"1,5\"", LW_ERROR_INVALID },
    { "width=", "width must be a number from 0.0625 to 2, not \"\"", LW_ERROR_INVALID },
    { "classes=1", "classes must be from 2 to 1000, not 1", LW_ERROR_INVALID },
    { "classes=2.5", "classes must be a whole number from 2 to 1000, not \"2.5\"",
      LW_ERROR_INVALID },
    { "activation=sigmoidd", "activation has no choice \"sigmoidd\"; did you mean sigmoid?",
      LW_ERROR_UNKNOWN },
    { "activation=mish", "activation has no choice \"mish\"; it can be relu, sigmoid, tanh",
      LW_ERROR_UNKNOWN },
    { "shortcut=maybe", "shortcut must be true or false, not \"maybe\"", LW_ERROR_INVALID },
    { "shortcut", "\"shortcut\" is not of the form KEY=VALUE", LW_ERROR_INVALID },
  };
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("resnet18", NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (lw_options_parse (options, cases[i].assignment, &error));
    g_assert_error (error, LW_ERROR, (int)cases[i].code);
    g_assert_cmpstr (error->message, ==, cases[i].sentence);
  }
  for (int k = 0; lw_options_model (options)->knobs[k] != NULL; k++)
    g_assert_true (lw_options_is_standard (options, lw_options_model (options)->knobs[k]->name));
}

static void
test_shape_text (void)
{
  static const struct {
    const char *text;
    LwShape shape;
  } good[] = {
    { "1x28x28", { 1, 28, 28 } },
    { "3×96×64", { 3, 96, 64 } },
    { "4096X4096x1", { 4096, 4096, 1 } },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    LwShape shape;
    g_assert_true (lw_shape_parse (good[i].text, &shape, NULL));
    g_assert_true (lw_shape_equal (shape, good[i].shape));
  }
  const char *const bad[] = {
    "",         "28",     "28x28",   "1x28x28x1", "1x28x",
    "1x-28x28", "x1x1",   "0x28x28", "1x28x4097", "1 x2x3",
    "1x2x3 ",   "1xx2x3", "1x2x3a",  "a",         "1x2x99999999999999999999",
    "4097x1x1", "1×",     "1x+2x3",  "0x1c",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    LwShape shape;
    g_autoptr (GError) error = NULL;
    g_assert_false (lw_shape_parse (bad[i], &shape, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  }
}

static void
test_input_shape (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  g_assert_true (lw_options_set_input (options, (LwShape){ 3, 40, 30 }, NULL));
  g_assert_true (try_build (options));
  g_assert_cmpint (lw_options_integer (options, "channels"), ==, 3);
  g_assert_cmpint (lw_options_integer (options, "input_size"), ==, 40);
  g_assert_false (lw_options_is_standard (options, "channels"));
  g_assert_true (lw_options_parse (options, "channels=2", NULL));
  g_assert_true (lw_shape_equal (lw_options_input (options), (LwShape){ 2, 40, 30 }));
  g_assert_true (lw_options_parse (options, "input_size=28", NULL));
  g_assert_true (lw_shape_equal (lw_options_input (options), (LwShape){ 2, 28, 28 }));
  g_autoptr (LwOptions) copy = lw_options_copy (options);
  g_assert_true (lw_options_parse (options, "channels=1", NULL));
  g_assert_cmpint (lw_options_integer (copy, "channels"), ==, 2);
  g_assert_false (lw_options_set_input (options, (LwShape){ 1, 0, 4 }, NULL));
  g_assert_false (lw_options_set_input (options, (LwShape){ 1, 1, 1, true }, NULL));
  g_assert_true (lw_options_is_standard (options, "channels"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const LwModel *model = lw_model (i);
    g_autofree char *ends = g_strdup_printf ("/options/%s/ends", model->name);
    g_autofree char *effect = g_strdup_printf ("/options/%s/effect", model->name);
    g_autofree char *choices = g_strdup_printf ("/options/%s/choices", model->name);
    g_test_add_data_func (ends, model, test_ends);
    g_test_add_data_func (effect, model, test_effect);
    g_test_add_data_func (choices, model, test_choices);
  }
  g_test_add_func ("/options/dropout", test_dropout);
  g_test_add_func ("/options/shortcut", test_shortcut);
  g_test_add_func ("/options/width", test_width);
  g_test_add_func ("/options/smallest-input", test_smallest_input);
  g_test_add_func ("/options/too-small", test_too_small);
  g_test_add_func ("/options/refused", test_refused);
  g_test_add_func ("/options/shape-text", test_shape_text);
  g_test_add_func ("/options/input-shape", test_input_shape);
  return g_test_run ();
}
