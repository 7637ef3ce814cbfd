/* layerwise compare: two to four networks beside each other. */
#include "app/app.h"
#include "app/describe.h"
#include "app/table.h"
#include "engine/analysis.h"
#include "engine/compare_ready.h"
#include "engine/formats/graph_json.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  int n;
  LwOptions *options[LW_COMPARE_MOST];
  LwGraph *graphs[LW_COMPARE_MOST];
  LwComparison *comparison;
} Networks;

static void
networks_clear (Networks *networks)
{
  for (int i = 0; i < networks->n; i++) {
    g_clear_pointer (&networks->options[i], lw_options_free);
    g_clear_pointer (&networks->graphs[i], lw_graph_unref);
  }
  g_clear_pointer (&networks->comparison, lw_comparison_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Networks, networks_clear)

/* "MODEL", "MODEL:KEY=VALUE,…", or a saved variant's name, which may hold a colon itself. */
static LwOptions *
read_network (const char *spec, GError **error)
{
  const bool may_set = strchr (spec, ':') != NULL;
  LwOptions *options = lw_app_named (spec, may_set ? NULL : error);

  return options == NULL && may_set ? lw_compare_options (spec, error) : options;
}

/* --input and --classes are for all networks, what follows a model's name for it alone. */
static bool
read_networks (const LwArgs *args, Networks *networks, GError **error)
{
  for (int i = 0; i < lw_args_n (args); i++) {
    networks->options[i] = read_network (lw_args_get (args, i), error);
    networks->n = i + 1;
    if (networks->options[i] == NULL || !lw_app_set_shape (args, networks->options[i], error))
      return false;
  }
  return true;
}

static bool
build_networks (Networks *networks, const char *(*translate) (const char *), GError **error)
{
  for (int i = 0; i < networks->n; i++) {
    networks->graphs[i] = lw_model_build (networks->options[i], error);
    if (networks->graphs[i] == NULL) {
      g_prefix_error (error, "%s: ", lw_options_model (networks->options[i])->name);
      return false;
    }
  }
  networks->comparison = lw_comparison_new (networks->graphs, networks->n, translate, error);
  return networks->comparison != NULL;
}

/* --- for people ------------------------------------------------------------------------------- */

static void
print_titles (const Networks *networks, LwTable *table, bool with_signs)
{
  for (int i = 0; i < networks->n; i++) {
    if (i > 0 && with_signs)
      lw_table_cell (table, "%s", "");
    lw_table_take (table, lw_compare_title (networks->options[i]));
  }
}

static char *
cell_words (const LwCompareCell *cell)
{
  if (cell->title == NULL)
    return g_strdup ("");
  if (cell->cost.parameters == 0)
    return g_strdup_printf ("%s  %s", cell->title, cell->detail);
  {
    g_autofree char *parameters = lw_format_short ((double)cell->cost.parameters);

    return g_strdup_printf ("%s  %s%s%s", cell->title, cell->detail,
                            cell->detail[0] != '\0' ? "  " : "", parameters);
  }
}

static void
print_rows (const Networks *networks)
{
  g_autoptr (GString) alignment = g_string_new ("l");

  for (int i = 1; i < networks->n; i++)
    g_string_append (alignment, "ll");
  g_autoptr (LwTable) table = lw_table_new (alignment->str);

  print_titles (networks, table, true);
  for (int i = 0; i < lw_comparison_n_rows (networks->comparison); i++) {
    const LwCompareRow *row = lw_comparison_row (networks->comparison, i);

    for (int k = 0; k < networks->n; k++) {
      if (k > 0)
        lw_table_cell (
            table, "%s",
            lw_compare_sign_text (lw_comparison_sign (networks->comparison, i, k - 1, k)));
      lw_table_take (table, cell_words (&row->cells[k]));
    }
  }
  lw_table_print (table, 0);
  lw_app_print ("\n%s\n", _ ("= same   ≠ changed   − only in the left one   + only in the right "
                             "one; after the window: parameters"));
}

/* Exact values; from the second network on what leads there from the first. */
static void
print_differences (const Networks *networks)
{
  g_autoptr (GString) alignment = g_string_new ("lr");
  int n;
  const LwCompareQuantity *quantities = lw_comparison_quantities (networks->comparison, &n);

  for (int i = 1; i < networks->n; i++)
    g_string_append (alignment, "rl");
  g_autoptr (LwTable) table = lw_table_new (alignment->str);

  lw_table_cell (table, "%s", _ ("difference"));
  for (int k = 0; k < networks->n; k++) {
    lw_table_take (table, lw_compare_title (networks->options[k]));
    if (k > 0)
      lw_table_cell (table, "%s", "");
  }
  for (int i = 0; i < n; i++) {
    const LwCompareQuantity *q = &quantities[i];

    lw_table_cell (table, "%s", q->title);
    for (int k = 0; k < networks->n; k++) {
      lw_table_take (table, q->measure == LW_UNIT_OF_BYTES ? lw_compare_value_text (q, q->values[k])
                                                           : lw_format_exact (q->values[k]));
      if (k > 0)
        lw_table_take (table, lw_compare_change_text (q, q->values[0], q->values[k]));
    }
  }
  lw_app_print ("\n");
  lw_table_print (table, 0);
}

static void
print_advice (const Networks *networks)
{
  const LwReadyComparison *ready = lw_ready_comparison_of (networks->options, networks->n);

  if (ready == NULL)
    return;
  lw_app_print ("\n");
  lw_args_print_wrapped (_ (ready->look), 0, lw_args_help_width ());
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
write_models (LwJson *json, const Networks *networks)
{
  lw_json_begin_array (json, "models");
  for (int i = 0; i < networks->n; i++) {
    const LwModel *model = lw_options_model (networks->options[i]);
    g_autofree char *title = lw_compare_title (networks->options[i]);

    lw_json_begin_object (json, NULL);
    lw_describe_model (json, model, networks->options[i], networks->graphs[i]);
    lw_json_string (json, "variant", title);
    lw_json_begin_object (json, "set");
    for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++)
      if (!lw_options_is_standard (networks->options[i], (*knob)->name)) {
        g_autofree char *value = lw_options_get (networks->options[i], (*knob)->name);

        lw_json_string (json, (*knob)->name, value);
      }
    lw_json_end_object (json);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

static void
write_cell (LwJson *json, const LwGraph *graph, const LwCompareCell *cell)
{
  if (cell->title == NULL) {
    lw_json_null (json, NULL);
    return;
  }
  lw_json_begin_object (json, NULL);
  lw_json_string (json, "title", cell->title);
  lw_json_string (json, "detail", cell->detail);
  lw_json_begin_array (json, "layers");
  for (LwNodeId i = cell->first; i <= cell->last; i++)
    if (lw_graph_node (graph, i)->op != LW_OP_INPUT)
      lw_json_string (json, NULL, lw_graph_node (graph, i)->name);
  lw_json_end_array (json);
  lw_json_shape (json, "output", cell->output);
  lw_json_integer (json, "parameters", cell->cost.parameters);
  lw_json_integer (json, "macs", cell->cost.macs);
  lw_json_end_object (json);
}

static void
write_row (LwJson *json, const Networks *networks, int index)
{
  static const char *const roles[] = {
    "input", "features", "pooling", "hidden", "other", "output"
  };
  const LwCompareRow *row = lw_comparison_row (networks->comparison, index);
  int n;
  const LwCompareAspect *aspects = lw_comparison_aspects (networks->comparison, index, &n);

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "role", roles[row->role]);
  lw_json_string (json, "sign",
                  lw_compare_sign_name (lw_comparison_row_sign (networks->comparison, index)));
  lw_json_begin_array (json, "signs");
  for (int k = 1; k < networks->n; k++)
    lw_json_string (
        json, NULL,
        lw_compare_sign_name (lw_comparison_sign (networks->comparison, index, k - 1, k)));
  lw_json_end_array (json);
  lw_json_begin_array (json, "cells");
  for (int k = 0; k < networks->n; k++)
    write_cell (json, networks->graphs[k], &row->cells[k]);
  lw_json_end_array (json);
  lw_json_begin_array (json, "changes");
  for (int i = 0; i < n; i++) {
    if (!aspects[i].differs)
      continue;
    lw_json_begin_object (json, NULL);
    lw_json_string (json, "what", aspects[i].key);
    lw_json_begin_array (json, "values");
    for (int k = 0; k < networks->n; k++)
      lw_json_string (json, NULL, aspects[i].values[k]);
    lw_json_end_array (json);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_end_object (json);
}

/* `factors` and `differences` are from the first network to each. */
static void
write_differences (LwJson *json, const Networks *networks)
{
  int n;
  const LwCompareQuantity *quantities = lw_comparison_quantities (networks->comparison, &n);

  lw_json_begin_array (json, "differences");
  for (int i = 0; i < n; i++) {
    const int64_t *values = quantities[i].values;

    lw_json_begin_object (json, NULL);
    lw_json_string (json, "quantity", quantities[i].key);
    lw_json_begin_array (json, "values");
    for (int k = 0; k < networks->n; k++)
      lw_json_integer (json, NULL, values[k]);
    lw_json_end_array (json);
    lw_json_begin_array (json, "factors");
    for (int k = 0; k < networks->n; k++)
      lw_json_double (json, NULL, (double)values[k] / (double)values[0]);
    lw_json_end_array (json);
    lw_json_begin_array (json, "differences");
    for (int k = 0; k < networks->n; k++)
      lw_json_integer (json, NULL, values[k] - values[0]);
    lw_json_end_array (json);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

static void
print_json (const Networks *networks)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  write_models (json, networks);
  lw_json_begin_array (json, "rows");
  for (int i = 0; i < lw_comparison_n_rows (networks->comparison); i++)
    write_row (json, networks, i);
  lw_json_end_array (json);
  write_differences (json, networks);
  lw_json_end_object (json);
  lw_json_print (json);
}

static int
run (const LwArgs *args, GError **error)
{
  const bool json = lw_args_flag (args, "json");
  g_auto (Networks) networks = { 0 };

  if (!read_networks (args, &networks, error))
    return LW_EXIT_USAGE;
  if (!build_networks (&networks, json ? NULL : lw_app_translate, error))
    return LW_EXIT_FAILED;
  if (json) {
    print_json (&networks);
    return LW_EXIT_DONE;
  }
  print_rows (&networks);
  print_differences (&networks);
  print_advice (&networks);
  return LW_EXIT_DONE;
}

static const LwArgOption options[] = {
  { "input", NULL, "CxHxW", N_ ("The input of all networks: channels, height, width."), false },
  { "classes", NULL, "N", N_ ("Number of classes of all networks."), false },
  { "json", NULL, NULL, N_ ("Prints one JSON object with models, rows and differences."), false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_compare = {
  .name = "compare",
  .synopsis = "MODEL[:KEY=VALUE,…] MODEL… [OPTIONS]",
  .summary = N_ ("Sets two to four networks beside each other, layer by layer, and says what "
                 "differs."),
  .description = N_ (
      "Aligns the networks by what their layers do, from the input to the output, and marks each "
      "row: the same layers, changed ones, layers that only one network has. Below stands what "
      "differs as a whole: parameters, MACs, FLOPs (2 × MACs), weighted layers on the longest "
      "path, memory, receptive field of the last convolution, each with the factor or difference "
      "from the first network.\n\n"
      "What follows a model's name after a colon sets its knobs, as --set does for other "
      "commands; \"layerwise show MODEL\" lists them. A saved variant's name may stand for a "
      "MODEL."),
  .options = options,
  .examples = N_ ("compare alexnet nin|Where do the parameters go?\n"
                  "compare resnet18 resnet18:shortcut=false|ResNet-18 beside its plain twin.\n"
                  "compare lenet alexnet vgg11 nin --input 1x224x224 --json|For a script."),
  .least = 2,
  .most = LW_COMPARE_MOST,
  .arguments = N_ ("two to four MODELs"),
  .run = run,
};
