/* The health of a run: chips with their popovers, the bar, and the table of a divergence; live and
 * read back from a folder. */
#include "engine/health.h"
#include "engine/record_health_private.h"
#include "tests/gui/harness.h"
#include "ui/chart-view.h"
#include "ui/divergence-view.h"
#include "ui/health-chips.h"
#include "ui/trouble-bar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
set (Gui *gui, const char *field, const char *value)
{
  g_autoptr (GError) error = NULL;

  lw_workbench_set (gui->workbench, field, value, &error);
  g_assert_no_error (error);
}

static GtkWidget *
chips (Gui *gui)
{
  return gui_find (GTK_WIDGET (gui->window), LW_TYPE_HEALTH_CHIPS);
}

/* The menu button whose label begins so; NULL: none is shown. */
static GtkWidget *
chip (Gui *gui, const char *words)
{
  GtkWidget *row = chips (gui) != NULL ? gtk_widget_get_first_child (chips (gui)) : NULL;

  for (GtkWidget *at = row != NULL ? gtk_widget_get_first_child (row) : NULL; at != NULL;
       at = gtk_widget_get_next_sibling (at)) {
    const char *text =
        gtk_label_get_text (GTK_LABEL (gtk_menu_button_get_child (GTK_MENU_BUTTON (at))));

    if (gtk_widget_get_mapped (at) && strstr (text, words) != NULL)
      return at;
  }
  return NULL;
}

static GtkWidget *
open_chip (Gui *gui, const char *words)
{
  GtkMenuButton *button;
  GtkPopover *popover;

  gui_assert_soon (chip (gui, words) != NULL);
  button = GTK_MENU_BUTTON (chip (gui, words));
  gtk_menu_button_popup (button);
  gui_assert_soon ((popover = gtk_menu_button_get_popover (button)) != NULL &&
                   gtk_widget_get_mapped (GTK_WIDGET (popover)));
  return GTK_WIDGET (popover);
}

static void
diverge (Gui *gui)
{
  lw_workbench_select_model (gui->workbench, lw_model_find ("nin", NULL));
  set (gui, "resize", "67");
  set (gui, "limit-train", "64");
  set (gui, "limit-test", "16");
  set (gui, "batch", "16");
  set (gui, "epochs", "1");
  set (gui, "learning-rate", "100");
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != NULL);
  gui_assert_soon (lw_run_item_state (lw_workbench_run (gui->workbench)) == LW_RUN_DIVERGED);
}

/* The bar names the layer, the table stands where feature maps were, the one chip opens. */
static void
assert_explained (Gui *gui)
{
  GtkWidget *popover;
  const char *bar;

  gui_assert_soon (gui_label (gui->window, "Diverged: the loss is not finite from ") != NULL);
  bar = gui_label (gui->window, "Diverged: ");
  {
    /* Chart and sidebar count as the bar does. */
    g_autofree char *chart = lw_chart_view_describe (
        LW_CHART_VIEW (gui_find (lw_main_window_page (gui->window, "train"), LW_TYPE_CHART_VIEW)));
    g_autofree char *row = g_strdup_printf (
        "at iteration %d", atoi (strstr (bar, "iteration ") + strlen ("iteration ")));

    g_assert_nonnull (strstr (chart, strstr (bar, "from iteration ")));
    g_assert_nonnull (gui_label (gui_row (gui, 1, 0), row));
  }
  gui_assert_soon (gui_label (gui->window, "It began in NiN block 1, conv 1: ") != NULL);
  g_assert_nonnull (strstr (gui_label (gui->window, "It began in"), "times longer. A learning rate "
                                                                    "of 100 is far too high."));
  gui_assert_soon (gui_label (gui->window, "Where it began") != NULL);
  g_assert_nonnull (gui_find (GTK_WIDGET (gui->window), LW_TYPE_DIVERGENCE_VIEW));
  g_assert_null (gui_label (gui->window, "Feature maps"));
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), "! diverged"));
  popover = open_chip (gui, "exploding gradients");
  g_assert_nonnull (gui_label (popover, "Exploding gradients"));
  g_assert_nonnull (gui_label (popover, "Gradients and weights grow from step to step, first in "
                                        "NiN block 1, conv 1."));
  gtk_popover_popdown (GTK_POPOVER (popover));
  gui_assert_soon (!gtk_widget_get_mapped (popover));
}

static void
diverge_and_look (Gui *gui)
{
  LwRunItem *run;

  diverge (gui);
  run = lw_workbench_run (gui->workbench);
  assert_explained (gui);
  gui_wait (0.3); /* the bar has slid in */

  /* To the layer. */
  gui_press (gui_button (gui->window, "Show conv 1"));
  g_assert_cmpstr (gui_page (gui), ==, "explore");
  g_assert_cmpstr (
      lw_graph_node (lw_run_item_graph (run), lw_workbench_layer (gui->workbench))->name, ==,
      "0.0");
  gui_shortcut (gui, "<Control>2");

  /* Put aside, and there again when the run is chosen anew. */
  gui_press (gui_button (gui->window, "Dismiss"));
  gui_assert_soon (gui_button (gui->window, "Try Learning Rate 0.1") == NULL);
  gui_press (gui_row (gui, 0, 0));
  gui_assert_soon (gui_label (gui->window, "Feature maps") != NULL);
  g_assert_null (chip (gui, ""));
  gui_press (gui_row (gui, 1, 0));
  gui_assert_soon (gui_button (gui->window, "Try Learning Rate 0.1") != NULL);
}

/* The same from the folder, and from there a training with the book's rate. */
static void
read_back (Gui *gui)
{
  LwRunItem *run;

  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 0));
  assert_explained (gui);
  gui_wait (0.3);
  run = lw_workbench_run (gui->workbench);
  gui_press (gui_button (gui->window, "Try Learning Rate 0.1"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != run);
  run = lw_workbench_run (gui->workbench);
  g_assert_nonnull (run);
  g_assert_cmpfloat (lw_run_item_settings (run)->learning_rate, ==, 0.1);
  gui_assert_soon (gui_live (gui) == NULL);
}

static void
divergence (void)
{
  gui_run (diverge_and_look, NULL);
  gui_run (read_back, NULL);
}

/* --- chips of all kinds ------------------------------------------------------------------------
 */

static char *
folder_of_first_run (void)
{
  g_autofree char *runs = lw_runs_folder ();
  g_auto (GStrv) list = lw_runs_list (runs);

  g_assert_nonnull (list[0]);
  return g_strdup (list[0]);
}

static void
train_relu (Gui *gui)
{
  gui_choose_small_run (gui, 64, 1);
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  g_assert_true (lw_workbench_turn (gui->workbench, "activation", "relu", NULL));
  set (gui, "limit-train", "64");
  set (gui, "limit-test", "16");
  set (gui, "batch", "16");
  set (gui, "epochs", "1");
  set (gui, "learning-rate", "0.1");
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != NULL);
  gui_assert_soon (gui_live (gui) == NULL);
}

/* Eight moments of a network whose second ReLU dies; `healthy`: of one that does not. */
static void
write_moments (bool healthy)
{
  g_autofree char *folder = folder_of_first_run ();
  g_autofree char *path = g_build_filename (folder, "health.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run = lw_run_open (folder, &error);
  g_autoptr (LwRecords) records = NULL;
  LwHealthRecord *record;

  g_assert_no_error (error);
  records = lw_records_load (run->graph, run->settings, folder);
  record = lw_records_health (records);
  g_assert_nonnull (record);
  record->n = 8;
  for (int32_t i = 0; i < record->n; i++) {
    record->steps[i] = i + 1;
    record->epochs[i] = (i + 1) / 8.0;
    for (int f = 0; f < LW_HEALTH_N_FIELDS; f++)
      for (int32_t l = 0; l < record->n_layers; l++) {
        const LwOp op = lw_graph_node (run->graph, record->layers[l])->op;
        float value = 1;

        if (f == LW_HEALTH_UPDATE)
          value = 1e-3F;
        if (f == LW_HEALTH_DEAD)
          value = op != LW_OP_RELU ? NAN : l == 3 && !healthy ? 0.1F * (float)(i + 1) : 0;
        if (f == LW_HEALTH_SATURATED)
          value = NAN;
        record->rows[(gsize)i * lw_health_row_size (record) + (gsize)(f * record->n_layers + l)] =
            value;
      }
  }
  g_assert_true (lw_health_record_save ((LwRecord *)record, path, &error));
}

static void
look_at_dead (Gui *gui)
{
  GtkWidget *popover;

  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 0));
  popover = open_chip (gui, "dead ReLUs");
  g_assert_null (chip (gui, "Healthy"));
  g_assert_nonnull (gui_label (popover, "In ReLU 2, 60 % of the units are 0")); /* the median */
  g_assert_nonnull (gui_label (popover, "Dead units do not come back."));
  g_assert_nonnull (gui_button (popover, "Try Learning Rate 0.01"));
  gui_press (gui_button (popover, "Show ReLU 2"));
  gui_assert_soon (strcmp (gui_page (gui), "explore") == 0);
  g_assert_cmpint (
      lw_graph_node (lw_workbench_graph (gui->workbench), lw_workbench_layer (gui->workbench))->op,
      ==, LW_OP_RELU);
  gui_shortcut (gui, "<Control>2");
  popover = open_chip (gui, "Layers"); /* the table of all */
  g_assert_nonnull (gui_label (popover, "Dead ReLUs"));
}

static void
look_at_healthy (Gui *gui)
{
  GtkWidget *popover;

  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 0));
  popover = open_chip (gui, "Healthy");
  g_assert_null (chip (gui, "!"));
  g_assert_nonnull (gui_label (popover, "Healthy: nothing to worry about"));
  g_assert_nonnull (gui_label (popover, "Update: length of a step by length of the weights"));
}

static void
moments (void)
{
  gui_run (train_relu, NULL);
  write_moments (false);
  gui_run (look_at_dead, NULL);
  write_moments (true);
  gui_run (look_at_healthy, NULL);
}

/* --- not learning ------------------------------------------------------------------------------
 */

/* A rate far too low: the loss stays where guessing has it. "Try" stops it and trains anew. */
static void
not_learning (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, 1000);
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  set (gui, "limit-train", "160");
  set (gui, "limit-test", "16");
  set (gui, "batch", "16");
  set (gui, "epochs", "1000");
  set (gui, "learning-rate", "0.01");
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_label (gui->window, "Not learning: the loss stays at ln 10") != NULL);
  gui_wait (0.3);
  gui_assert_soon (gui_button (gui->window, "Try Learning Rate 0.9") != NULL);
  gui_press (gui_button (gui->window, "Try Learning Rate 0.9"));
  gui_assert_soon (gui_live (gui) != NULL && gui_live (gui) != run);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_STOPPED);
  g_assert_cmpfloat (lw_run_item_settings (gui_live (gui))->learning_rate, ==, 0.9);
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/gui/health/divergence", NULL, divergence },
    { "/gui/health/moments", NULL, moments },
    { "/gui/health/not-learning", not_learning, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
