/* The Python code of networks: of all models with many knobs there is one, without a leak; graphs
 * that no builder makes are written right or refused. What the code computes is
 * tests/interchange/test_pytorch.py's. */
#include "engine/error.h"
#include "engine/formats/graph_torch.h"

#include <string.h>

static const LwWindow three = { 3, 1, 1 };

static void
test_models (void)
{
  static const char *const knobs[] = {
    NULL,           "names=torchvision", "normalization=batch", "normalization=none",
    "shortcut=no",  "activation=tanh",   "pooling=average",     "convolutions=1",
    "inceptions=1", "blocks=2",          "form=torchvision",    "form=book",
  };
  int n = 0;

  for (int32_t i = 0; i < lw_n_models (); i++)
    for (guint k = 0; k < G_N_ELEMENTS (knobs); k++) {
      g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
      g_autoptr (GError) error = NULL;
      g_autoptr (LwGraph) graph = NULL;
      g_autofree char *text = NULL;

      if (knobs[k] != NULL && !lw_options_parse (options, knobs[k], NULL))
        continue;
      graph = lw_model_build (options, NULL);
      if (graph == NULL)
        continue;
      text = lw_graph_to_torch (graph, options, &error);
      g_assert_no_error (error);
      g_assert_nonnull (strstr (text, "\nclass "));
      for (const char *c = text; *c != '\0'; c++) /* no place is left open */
        g_assert_true ((guchar)*c >= ' ' || *c == '\n');
      n++;
    }
  g_assert_cmpint (n, >, 120);
}

/* The code of a small graph, or the sentence. */
static char *
code_of (LwGraph *graph, LwNodeId x)
{
  g_autoptr (LwGraph) owned = graph;
  g_autoptr (GError) error = NULL;
  char *text;

  lw_flatten (graph, x, "flat");
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  text = lw_graph_to_torch (graph, NULL, &error);
  if (text != NULL)
    return text;
  g_assert_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED);
  return g_strdup (error->message);
}

static LwGraph *
begin (const char *title, LwNodeId *ret_x)
{
  LwGraph *graph = lw_graph_new (title);

  *ret_x = lw_graph_input (graph, (LwShape){ 2, 8, 8, false });
  return graph;
}

static void
assert_holds (char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("no \"%s\" in: %s", part, text);
  g_free (text);
}

static void
test_odd (void)
{
  LwNodeId x, y;
  LwGraph *graph = begin ("7 \"odd\\ names", &x);

  y = lw_conv2d (graph, x, "a.b", 2, three);
  x = lw_add (graph, y, lw_conv2d (graph, x, "a.c", 2, three), "a.d");
  assert_holds (code_of (graph, x), "return self.b(x) + self.c(x)\n\n\n"
                                    "class Net7OddNames(nn.Module):");
  graph = begin ("rounded up", &x);
  x = lw_max_pool_ceil (graph, x, "pool", (LwWindow){ 3, 2, 1 });
  assert_holds (code_of (graph, x), "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)\n");
  graph = begin ("a keyword", &x);
  assert_holds (code_of (graph, lw_conv2d (graph, x, "class", 2, three)), "part \"class\"");
  graph = begin ("a method", &x);
  assert_holds (code_of (graph, lw_conv2d (graph, x, "train", 2, three)), "part \"train\"");
  graph = begin ("numbers in no row", &x);
  x = lw_add (graph, x, lw_conv2d (graph, x, "0", 2, three), "1");
  assert_holds (code_of (graph, x), "part \"forward\"");
  graph = begin ("a layer in a layer", &x);
  x = lw_conv2d (graph, lw_conv2d (graph, x, "a", 2, three), "a.b", 2, three);
  assert_holds (code_of (graph, x), "part \"a.b\"");
}

/* More values at once than there are bits for variables: each keeps one of its own. */
static void
test_many_values (void)
{
  LwNodeId x, values[100];
  LwGraph *graph = begin ("many", &x);

  for (int i = 0; i < 100; i++) {
    g_autofree char *conv = g_strdup_printf ("q%d_a", i), *relu = g_strdup_printf ("q%d_b", i);

    values[i] = lw_activation (graph, lw_conv2d (graph, x, conv, 2, three), relu, LW_OP_RELU);
  }
  x = values[0];
  for (int i = 1; i < 100; i++) {
    g_autofree char *sum = g_strdup_printf ("sum%d", i);

    x = lw_add (graph, x, values[i], sum);
  }
  assert_holds (code_of (graph, x), "        y37 = F.relu(self.q98_a(x))\n"
                                    "        x = F.relu(self.q99_a(x))\n");
}

/* Images are normalized before the network: the text at the top says with what. */
static void
test_normalized (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("vgg11-small", &error));
  g_autoptr (LwGraph) graph = NULL;
  LwNormalization imagenet;

  g_assert_true (lw_options_parse (options, "channels=3", &error));
  g_assert_true (lw_normalization_parse ("imagenet", &imagenet, NULL, &error));
  lw_options_set_normalization (options, &imagenet);
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  assert_holds (lw_graph_to_torch (graph, options, &error),
                "    mean = torch.tensor([0.485, 0.456, 0.406]).view(-1, 1, 1)\n"
                "    deviation = torch.tensor([0.229, 0.224, 0.225]).view(-1, 1, 1)\n"
                "    logits = net((images - mean) / deviation)  # [N, 3, 224, 224], ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/torch-code/models", test_models);
  g_test_add_func ("/torch-code/odd", test_odd);
  g_test_add_func ("/torch-code/many-values", test_many_values);
  g_test_add_func ("/torch-code/normalized", test_normalized);
  return g_test_run ();
}
