/* The diagrams of all networks: closed, each block opened alone, by depth, all open, partly open at
 * random, and with each knob at its ends; and graphs of 10,000 nodes. Structure only; times are
 * printed, not judged. */
#include "engine/models.h"
#include "tests/draw/diagram-check.h"
#include "tests/support/big_graph.h"

#define RANDOM_STATES 24

static LwGraph *
build (const LwOptions *options)
{
  g_autoptr (GError) error = NULL;
  LwGraph *graph = lw_model_build (options, &error);
  if (!graph)
    g_test_message ("%s", error->message);
  return graph;
}

static void
check (const LwDiagramState *state, LwText *text, LwCount count, const char *what)
{
  const LwDiagramOptions options = { count, text };
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
  lw_check_layout (layout, what);
}

/* Closed, every block alone with those around it, every depth, all. */
static void
check_states (LwGraph *graph, LwText *text, const char *name)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  g_autofree char *closed = g_strdup_printf ("%s, closed", name);
  check (state, text, LW_COUNT_MACS, closed);
  for (LwBlockId i = 1; i < lw_graph_n_blocks (graph); i++) {
    g_autofree char *what = g_strdup_printf ("%s, %s open", name, lw_graph_block (graph, i)->title);
    lw_diagram_state_close_all (state);
    for (LwBlockId up = i; up > 0; up = lw_graph_block (graph, up)->parent)
      lw_diagram_state_set_open (state, up, true);
    check (state, text, LW_COUNT_FLOPS, what);
  }
  for (int depth = 1; depth <= 2; depth++) {
    g_autofree char *what = g_strdup_printf ("%s, depth %d", name, depth);
    lw_diagram_state_set_depth (state, depth);
    check (state, text, LW_COUNT_MACS, what);
  }
  g_autofree char *all = g_strdup_printf ("%s, all open", name);
  lw_diagram_state_open_all (state);
  check (state, text, LW_COUNT_OPERATIONS, all);
}

/* Blocks open and out of their groups as it comes. */
static void
check_random (LwGraph *graph, LwText *text, const char *name, GRand *random, int times)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  for (int k = 0; k < times && lw_graph_n_blocks (graph) > 1; k++) {
    const double share = g_rand_double (random);
    lw_diagram_state_close_all (state);
    for (LwBlockId i = 1; i < lw_graph_n_blocks (graph); i++) {
      if (g_rand_double (random) < share)
        lw_diagram_state_set_open (state, i, true);
      if (g_rand_double (random) < 0.2)
        lw_diagram_state_ungroup (state, i, i);
    }
    g_autofree char *open = lw_diagram_state_to_string (state);
    g_autofree char *what = g_strdup_printf ("%s, open %s", name, open);
    check (state, text, (LwCount)(k % 3), what);
  }
}

static void
test_random (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (LwGraph) graph = build (options);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  check_random (graph, text, model->name, random, RANDOM_STATES);
}

/* Larger than any real network: deep, wide, without blocks, without a nesting, and two that are as
 * large as networks get. */
static void
test_big (gconstpointer data)
{
  const LwBigKind kind = (LwBigKind)GPOINTER_TO_INT (data);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwGraph) graph = lw_big_graph (kind, 10000);
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  check (state, text, LW_COUNT_MACS, lw_big_name (kind));
  lw_diagram_state_open_all (state);
  check (state, text, LW_COUNT_MACS, lw_big_name (kind));
  check_random (graph, text, lw_big_name (kind), random, 2);
}

static void
test_model (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (LwGraph) graph = build (options);
  g_assert_nonnull (graph);
  check_states (graph, text, model->name);
}

static void
check_variant (const LwModel *model, LwText *text, const char *knob, const char *value)
{
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (GError) error = NULL;
  if (!lw_options_set (options, knob, value, &error))
    return;
  g_autoptr (LwGraph) graph = build (options);
  if (!graph)
    return; /* a choice that cannot work is another test's business */
  g_autofree char *what = g_strdup_printf ("%s, %s = %s", model->name, knob, value);
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  check (state, text, LW_COUNT_MACS, what);
  lw_diagram_state_set_depth (state, 1);
  check (state, text, LW_COUNT_MACS, what);
  lw_diagram_state_open_all (state);
  check (state, text, LW_COUNT_MACS, what);
}

static void
test_variants (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (LwText) text = lw_text_new_fixed ();
  for (int i = 0; model->knobs[i]; i++) {
    const LwKnob *knob = model->knobs[i];
    if (knob->type == LW_KNOB_CHOICE) {
      for (int k = 0; knob->choices[k]; k++)
        check_variant (model, text, knob->name, knob->choices[k]);
    } else if (knob->type == LW_KNOB_BOOLEAN) {
      check_variant (model, text, knob->name, "true");
      check_variant (model, text, knob->name, "false");
    } else {
      const double values[] = { knob->minimum, knob->maximum,
                                MIN (knob->standard * 2, knob->maximum),
                                MIN (knob->standard + 3, knob->maximum) };
      for (gsize k = 0; k < G_N_ELEMENTS (values); k++) {
        g_autofree char *value =
            g_strdup_printf (knob->type == LW_KNOB_INTEGER ? "%.0f" : "%g", values[k]);
        check_variant (model, text, knob->name, value);
      }
    }
  }
}

/* The same with the system's fonts, whose words are wider or narrower. */
static void
test_real_fonts (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    g_autoptr (LwGraph) graph = build (options);
    check_states (graph, text, lw_model (i)->name);
    g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
    lw_diagram_state_open_all (state);
    const gint64 start = g_get_monotonic_time ();
    const LwDiagramOptions layout_options = { LW_COUNT_MACS, text };
    g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &layout_options);
    g_test_message ("%s, all open: %.2f ms", lw_model (i)->name,
                    (double)(g_get_monotonic_time () - start) / 1000);
  }
}

/* Equal text and equal numbers: two networks against committed files. */
static void
test_expected (gconstpointer data)
{
  const char *const *arguments = data; /* folder, model, open titles … */
  g_autoptr (GError) error = NULL;
  const LwModel *model = lw_model_find (arguments[1], &error);
  g_assert_no_error (error);
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (LwGraph) graph = build (options);
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  for (LwBlockId i = 1; i < lw_graph_n_blocks (graph); i++)
    for (int k = 2; arguments[k]; k++)
      if (g_str_equal (lw_graph_block (graph, i)->title, arguments[k]))
        lw_diagram_state_set_open (state, i, true);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  const LwDiagramOptions layout_options = { LW_COUNT_MACS, text };
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &layout_options);
  g_autofree char *dump = lw_dump_layout (layout);

  g_autofree char *name = g_strconcat (arguments[1], ".txt", NULL);
  g_autofree char *path = g_build_filename (arguments[0], name, NULL);
  g_autofree char *expected = NULL;
  if (!g_file_get_contents (path, &expected, NULL, NULL) || !g_str_equal (expected, dump)) {
    g_autofree char *actual = g_build_filename (g_get_tmp_dir (), name, NULL);
    g_file_set_contents (actual, dump, -1, NULL);
    g_error ("%s is not the layout any more; if it should be, put %s in its place", path, actual);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *folder = argc > 1 ? argv[1] : ".";
  const char *resnet[] = { folder, "resnet18", "Stage 2", "Residual 1", NULL };
  const char *densenet[] = { folder, "densenet", "Dense block 1", "Transition 1", NULL };
  const char *googlenet[] = { folder, "googlenet", "Block 3", "Inception 3b", NULL };
  g_test_add_data_func ("/diagram/expected/resnet18", resnet, test_expected);
  g_test_add_data_func ("/diagram/expected/densenet", densenet, test_expected);
  g_test_add_data_func ("/diagram/expected/googlenet", googlenet, test_expected);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autofree char *path = g_strdup_printf ("/diagram/states/%s", lw_model (i)->name);
    g_autofree char *variants = g_strdup_printf ("/diagram/variants/%s", lw_model (i)->name);
    g_test_add_data_func (path, lw_model (i), test_model);
    g_test_add_data_func (variants, lw_model (i), test_variants);
    g_autofree char *at_random = g_strdup_printf ("/diagram/random/%s", lw_model (i)->name);
    g_test_add_data_func (at_random, lw_model (i), test_random);
  }
  for (int kind = 0; kind < LW_N_BIG; kind++) {
    g_autofree char *path = g_strdup_printf ("/diagram/big/%s", lw_big_name ((LwBigKind)kind));
    g_test_add_data_func (path, GINT_TO_POINTER (kind), test_big);
  }
  g_test_add_func ("/diagram/real-fonts", test_real_fonts);
  return g_test_run ();
}
