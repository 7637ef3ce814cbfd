/* Pictures made of line charts: a run's curves, and batch normalization over the run. */
#include "app/picture.h"

#include "ui/draw/run-charts.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#define WIDTH  860
#define HEIGHT 620

typedef struct {
  LwRunCharts *charts;
  char *heading, *subheading; /* NULL: none */
} Page;

static void
free_page (gpointer data)
{
  Page *page = data;

  lw_run_charts_free (page->charts);
  g_free (page->heading);
  g_free (page->subheading);
  g_free (page);
}

static void
paint_page (cairo_t *cr, gpointer data)
{
  const Page *page = data;

  lw_charts_paint_document (
      cr, page->charts->text, &page->charts->stack, WIDTH, HEIGHT,
      &(LwChartDocument){ .heading = page->heading, .subheading = page->subheading });
}

/* Takes all three. */
static LwPicture
picture_of (LwRunCharts *charts, char *heading, char *subheading)
{
  Page *page = g_new (Page, 1);

  *page = (Page){ charts, heading, subheading };
  return (LwPicture){ WIDTH, HEIGHT, paint_page, page, free_page };
}

bool
lw_picture_curves (LwPicture *picture, const LwRun *run, GError **error)
{
  const LwSettings *settings = run->settings;

  if (lw_run_log_length (run->log) == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("the run %s has not trained yet"),
                 run->folder);
    return false;
  }
  *picture = picture_of (
      lw_run_charts_of_run (lw_picture_text (), run->log, run->best_epoch, run->best_test_accuracy),
      g_strdup (lw_options_model (settings->options)->title),
      g_strdup_printf (_ ("%s · batch %d · learning rate %g · seed %" PRIu64), settings->data,
                       settings->batch, settings->learning_rate, settings->seed));
  return true;
}

/* --- batch normalization ---------------------------------------------------------------------- */

static LwNodeId
find_layer (const LwRun *run, const char *name, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (run->graph); id++) {
    const LwNode *node = lw_graph_node (run->graph, id);

    if (node->op != LW_OP_BATCH_NORM)
      continue;
    if (name == NULL || g_str_equal (name, node->name))
      return id;
    g_strv_builder_add (builder, node->name);
  }
  names = g_strv_builder_end (builder);
  if (names[0] == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has no batch normalization; try a run of lenet-bn or resnet18"),
                 lw_options_model (run->settings->options)->title);
  else
    lw_args_unknown (error, _ ("batch normalization"), name, (const char *const *)names);
  return LW_NO_NODE;
}

bool
lw_picture_bn (LwPicture *picture, const LwRun *run, const char *layer, int32_t channel,
               GError **error)
{
  g_autofree char *path = g_build_filename (run->folder, "bn-history.safetensors", NULL);
  const LwNodeId node = find_layer (run, layer, error);
  LwBnHistory *history;

  if (node == LW_NO_NODE)
    return false;
  if (channel >= lw_graph_node (run->graph, node)->shape.c) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has %d channels, counted from 0"),
                 lw_graph_node (run->graph, node)->name, lw_graph_node (run->graph, node)->shape.c);
    return false;
  }
  history = lw_bn_history_load (run->graph, path, error);
  if (history == NULL)
    return false;
  *picture = picture_of (lw_run_charts_of_norm (lw_picture_text (), history, node, channel, true),
                         g_strdup_printf (_ ("%s: batch normalization %s, channel %d"),
                                          lw_options_model (run->settings->options)->title,
                                          lw_graph_node (run->graph, node)->name, channel),
                         NULL);
  lw_bn_history_free (history);
  return true;
}
