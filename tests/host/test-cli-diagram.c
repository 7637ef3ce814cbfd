/* export --what diagram: styles, themes, parts of the tree, and the formats for other programs, of
 * a model and of a run. */
#include "tests/support/program.h"

#include <glib/gstdio.h>
#include <string.h>

static char *root;

/* Exports with further options, up to NULL, and reads the file. */
static char *
exported (const char *source, const char *name, gsize *ret_length, ...)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autoptr (GPtrArray) line = g_ptr_array_new ();
  const char *const first[] = { "export", source, "--what", "diagram", "--output", path };
  g_autoptr (LwResult) result = NULL;
  char *content = NULL, *option;
  va_list options;

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (line, (char *)first[i]);
  va_start (options, ret_length);
  while ((option = va_arg (options, char *)) != NULL)
    g_ptr_array_add (line, option);
  va_end (options);
  g_ptr_array_add (line, NULL);
  result = lw_program_v ((const char *const *)line->pdata);
  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, "");
  g_assert_true (g_file_get_contents (path, &content, ret_length, NULL));
  g_remove (path);
  return content;
}

static void
test_text (void)
{
  gsize length;
  g_autofree char *dot =
      exported ("googlenet", "a.dot", &length, "--title", "\"Going\" deeper\n<&>", NULL);
  g_autofree char *folded = exported ("googlenet", "a.dot", &length, "--depth", "1", NULL);
  g_autofree char *dark = exported ("googlenet", "a.dot", &length, "--theme", "dark", NULL);
  g_autofree char *clear = exported ("googlenet", "a.dot", &length, "--transparent", NULL);
  g_autofree char *text =
      exported ("googlenet", "a.json", &length, "--set", "activation=tanh", NULL);
  g_autoptr (JsonNode) json = json_from_string (text, NULL);
  g_autoptr (LwResult) show =
      lw_program ("show", "googlenet", "--set", "activation=tanh", "--json", NULL);
  g_autoptr (JsonNode) shown = lw_result_json (show);
  static const char *const same[] = { "layers", "tensors", "parameters", "macs", "input" };

  lw_assert_contains (dot, "label=\"\\\"Going\\\" deeper <&>\"");
  lw_assert_contains (dot, "label=\"Inception 3a\"");
  lw_assert_contains (dot, "p2_1");
  g_assert_null (strstr (folded, "p2_1"));
  lw_assert_contains (folded, "Inception 3a");
  lw_assert_contains (dark, "bgcolor=\"#1e1e1e\"");
  lw_assert_contains (clear, "bgcolor=\"transparent\"");
  g_assert_nonnull (json);
  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    g_assert_true (
        json_node_equal (json_object_get_member (json_node_get_object (json), same[i]),
                         json_object_get_member (json_node_get_object (shown), same[i])));
}

static void
test_pictures (void)
{
#ifdef LW_WITH_DRAW
  gsize length, small, large;
  g_autofree char *blocks = exported ("lenet", "a.svg", &length, "--no-legend", NULL);
  g_autofree char *volumes = exported ("alexnet", "a.svg", &length, "--style", "volumes", NULL);
  g_autofree char *titled =
      exported ("lenet", "a.svg", &length, "--title", "残差 <&>", "--theme", "dark", NULL);
  g_autofree char *one = exported ("lenet", "a.png", &small, "--scale", "1", "--transparent", NULL);
  g_autofree char *three = exported ("lenet", "a.png", &large, "--scale", "3", NULL);
  g_autofree char *pdf = exported ("vgg11", "a.pdf", &length, "--style", "volumes", NULL);

  lw_assert_contains (blocks, ">LeNet</text>");
  g_assert_null (strstr (blocks, ">convolution</text>"));
  lw_assert_contains (volumes, ">Convolutions: 8 % of the parameters, 95 % of the MACs</text>");
  lw_assert_contains (volumes, ">kernel on its input</text>");
  lw_assert_contains (titled, ">残差 &lt;&amp;&gt;</text>");
  lw_assert_contains (titled, ">convolution</text>");
  g_assert_cmpmem (one, 4, "\x89PNG", 4);
  /* width in the header, big endian */
  g_assert_cmpint (3 * ((guchar)one[18] << 8 | (guchar)one[19]), ==,
                   (guchar)three[18] << 8 | (guchar)three[19]);
  g_assert_true (g_str_has_prefix (pdf, "%PDF-"));
#else
  g_test_skip ("this build has no Cairo");
#endif
}

/* A run's diagram is that of its own network. */
static void
test_run (void)
{
  g_autofree char *run = g_build_filename (root, "run", NULL);
  g_autoptr (LwResult) train =
      lw_program ("train", "lenet", "--data", "shapes", "--limit-train", "32", "--limit-test", "32",
                  "--batch", "16", "--epochs", "1", "--set", "pooling=max", "--device", "reference",
                  "--output", run, NULL);
  g_autofree char *dot = NULL, *json = NULL;
  gsize length;

  lw_assert_status (train, 0);
  dot = exported (run, "run.dot", &length, NULL);
  json = exported (run, "run.json", &length, NULL);
  lw_assert_contains (dot, "max pool 1");
  lw_assert_contains (json, "\"MaxPool2d\"");
}

static void
test_refusals (void)
{
  static const struct {
    const char *options[5], *words;
  } refused[] = {
    { { "--format", "dot", "--what", "curves" }, "goes with --what diagram" },
    { { "--format", "json", "--scale", "2" }, "--scale enlarges pictures" },
    { { "--format", "dot", "--style", "volumes" }, "--format dot has no use for it" },
    { { "--format", "json", "--theme", "dark" }, "--format json has no use for it" },
    { { "--format", "svg", "--scale", "0" }, "a number from 0.1 to 16, not \"0\"" },
    { { "--format", "svg", "--scale", "nan" }, "a number from 0.1 to 16" },
    { { "--format", "svg", "--style", "volumes" }, "belongs to --what diagram, not to curves" },
    { { "--what", "diagram", "--style", "volume" }, "did you mean volumes?" },
    { { "--what", "diagram", "--theme", "drak" }, "did you mean dark?" },
    { { "--format", "dott" }, "did you mean dot?" },
  };
  g_autofree char *path = g_build_filename (root, "no.svg", NULL);
  g_autoptr (LwResult) nowhere =
      lw_program ("export", "lenet", "--output", "/nowhere/at/all.dot", NULL);

  lw_assert_status (nowhere, 1);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    const char *const *o = refused[i].options;
    g_autoptr (LwResult) result =
        lw_program ("export", "lenet", "--output", path, o[0], o[1], o[2], o[3], NULL);

    lw_assert_status (result, 2);
    lw_assert_contains (result->err, refused[i].words);
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = lw_make_folder ();
  g_test_add_func ("/cli-diagram/text", test_text);
  g_test_add_func ("/cli-diagram/pictures", test_pictures);
  g_test_add_func ("/cli-diagram/run", test_run);
  g_test_add_func ("/cli-diagram/refusals", test_refusals);
  status = g_test_run ();
  lw_remove_folder (root);
  return status;
}
