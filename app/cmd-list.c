/* layerwise list: the networks, the book's nine in its order, then their relatives. */
#include "app/app.h"
#include "app/describe.h"
#include "app/table.h"
#include "engine/analysis.h"
#include "engine/variant.h"

#include <glib/gi18n.h>

static bool
list_json (GError **error)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_array (json, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    g_autoptr (LwGraph) graph = lw_model_build (options, error);

    if (graph == NULL)
      return false;
    lw_json_begin_object (json, NULL);
    lw_describe_model (json, lw_model (i), options, graph);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_print (json);
  return true;
}

static bool
list_table (GError **error)
{
  g_autoptr (LwTable) table = lw_table_new ("llrrrrrrr");

  lw_table_cell (table, "%s", _ ("name"));
  lw_table_cell (table, "%s", _ ("network"));
  lw_table_cell (table, "%s", _ ("year"));
  lw_table_cell (table, "%s", _ ("input"));
  lw_table_cell (table, "%s", _ ("parameters"));
  lw_table_cell (table, "%s", _ ("MACs"));
  lw_table_cell (table, "%s", _ ("learning rate"));
  lw_table_cell (table, "%s", _ ("epochs"));
  lw_table_cell (table, "%s", _ ("batch"));
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const LwModel *model = lw_model (i);
    g_autoptr (LwOptions) options = lw_options_new (model);
    g_autoptr (LwGraph) graph = lw_model_build (options, error);
    LwCost cost;

    if (graph == NULL)
      return false;
    cost = lw_graph_cost (graph);
    if (i == lw_n_book_models ())
      lw_table_line (table, _ ("more of the same families"));
    lw_table_cell (table, "%s", model->name);
    lw_table_cell (table, "%s", model->title);
    lw_table_cell (table, "%d", model->year);
    lw_table_take (table, lw_shape_to_string (model->input));
    lw_table_take (table, lw_format_exact (cost.parameters));
    lw_table_take (table, lw_format_exact (cost.macs));
    lw_table_cell (table, "%g", model->recipe.learning_rate);
    lw_table_cell (table, "%d", model->recipe.epochs);
    lw_table_cell (table, "%d", model->recipe.batch_size);
  }
  lw_table_print (table, 0);
  return true;
}

/* --- saved variants --- */

static bool
variants_json (const GPtrArray *variants, GError **error)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_array (json, NULL);
  for (guint i = 0; i < variants->len; i++) {
    const LwVariant *variant = g_ptr_array_index (variants, i);
    g_autoptr (LwGraph) graph = lw_model_build (variant->options, error);

    if (graph == NULL)
      return false;
    lw_json_begin_object (json, NULL);
    lw_describe_variant (json, variant, graph);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_print (json);
  return true;
}

static bool
variants_table (const GPtrArray *variants, GError **error)
{
  g_autoptr (LwTable) table = lw_table_new ("llrrrl");

  if (variants->len == 0) {
    lw_app_print ("%s\n", _ ("No variants are saved yet; the workbench's knobs save them."));
    return true;
  }
  lw_table_cell (table, "%s", _ ("name"));
  lw_table_cell (table, "%s", _ ("network"));
  lw_table_cell (table, "%s", _ ("input"));
  lw_table_cell (table, "%s", _ ("parameters"));
  lw_table_cell (table, "%s", _ ("MACs"));
  lw_table_cell (table, "%s", _ ("changes"));
  for (guint i = 0; i < variants->len; i++) {
    const LwVariant *variant = g_ptr_array_index (variants, i);
    g_autoptr (LwGraph) graph = lw_model_build (variant->options, error);
    g_auto (GStrv) changes = lw_options_changes (variant->options, NULL);
    LwCost cost;

    if (graph == NULL)
      return false;
    cost = lw_graph_cost (graph);
    lw_table_cell (table, "%s", variant->name);
    lw_table_cell (table, "%s", lw_options_model (variant->options)->title);
    lw_table_take (table, lw_shape_to_string (lw_options_input (variant->options)));
    lw_table_take (table, lw_format_exact (cost.parameters));
    lw_table_take (table, lw_format_exact (cost.macs));
    lw_table_take (table, g_strjoinv (" ", changes));
  }
  lw_table_print (table, 0);
  return true;
}

/* A file that is left out costs a sentence on standard error, not the others. */
static bool
list_variants (bool json, GError **error)
{
  g_autofree char *folder = lw_variants_folder ();
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) variants = lw_variants_read (folder, problems);

  for (guint i = 0; i < problems->len; i++)
    lw_app_message (g_ptr_array_index (problems, i));
  return json ? variants_json (variants, error) : variants_table (variants, error);
}

static int
run (const LwArgs *args, GError **error)
{
  const bool json = lw_args_flag (args, "json");
  const bool done = lw_args_flag (args, "variants") ? list_variants (json, error)
                    : json                          ? list_json (error)
                                                    : list_table (error);

  return done ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static const LwArgOption options[] = {
  { "variants", NULL, NULL,
    N_ ("Lists saved variants instead: networks with changed knobs, under a name of their own."),
    false },
  { "json", NULL, NULL, N_ ("Prints a JSON array, one object a network."), false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_list = {
  .name = "list",
  .synopsis = "[--variants] [--json]",
  .summary = N_ ("Lists the networks with their size and the book's recipe."),
  .description = N_ (
      "Lists the nine networks of the book in its order, then more of their families. Parameters "
      "are those that are trained; MACs are the "
      "multiply-accumulate operations of convolutions and linear layers for one image (FLOPs are "
      "twice that). Learning rate, epochs and batch are the book's training settings, which "
      "\"layerwise train\" takes unless told otherwise."),
  .options = options,
  .most = 0,
  .run = run,
};
