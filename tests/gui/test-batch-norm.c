/* Batch norm as a person looks at it: a live run in both modes, accuracy three ways, what stays
 * until the next day, networks without it, and the book's lessons. */
#include "engine/bn_accuracy.h"
#include "tests/gui/harness.h"
#include "ui/bn-card.h"
#include "ui/bn-chart.h"
#include "ui/bn-lessons.h"
#include "ui/bn-stages.h"
#include "ui/bn-table.h"
#include "ui/bn-view.h"
#include "ui/epoch-bar.h"
#include "ui/inspect-page.h"
#include "ui/layer-picker.h"

#include <string.h>

static void
open_batch_norm (Gui *gui)
{
  gui_shortcut (gui, "<Control>3");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Batch Norm")), TRUE);
}

static GtkWidget *
find (Gui *gui, GType type)
{
  return gui_find (GTK_WIDGET (gui->window), type);
}

static LwRunItem *
finish_run (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, 2);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  return run;
}

static bool
changes (GtkWidget *widget)
{
  const guint picture = gui_picture (widget);
  const gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end) {
    gui_iterate ();
    if (gui_picture (widget) != picture)
      return true;
  }
  return false;
}

static void
live (Gui *gui)
{
  LwRunItem *run;
  GtkWidget *stages, *view;
  g_autofree char *heading = NULL;
  guint training;

  gui_choose_small_run (gui, 640, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > 3);
  open_batch_norm (gui);
  gui_assert_soon (gui_label (gui->window, "Channel 0: one batch") != NULL);
  /* A batch of 32 goes through the first layer, of 24 × 24 pixels. */
  gui_assert_soon (gui_label (gui->window, "x, 32 × 24 × 24 values") != NULL);
  g_assert_true (changes (find (gui, LW_TYPE_BN_CHART)));
  g_assert_true (changes (find (gui, LW_TYPE_BN_TABLE)));
  g_assert_true (changes (find (gui, LW_TYPE_BN_STAGES)));

  /* Paused, only the mode changes the pictures, and back again. */
  gui_shortcut (gui, "<Control>space");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  open_batch_norm (gui);
  gui_wait (1.5);
  stages = find (gui, LW_TYPE_BN_STAGES);
  training = gui_picture (stages);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Evaluation")), TRUE);
  gui_assert_soon (gui_picture (stages) != training);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Training")), TRUE);
  gui_assert_soon (gui_picture (stages) == training);

  /* Another channel has other values; a linear layer's has no pixels. */
  view = find (gui, LW_TYPE_BN_VIEW);
  lw_bn_view_set_channel (LW_BN_VIEW (view), 3);
  gui_assert_soon (gui_label (gui->window, "Channel 3: one batch") != NULL);
  gui_assert_soon (gui_picture (stages) != training);
  for (int i = 0; i < 2; i++)
    gui_press (gui_button (gui->window, "Next layer"));
  gui_assert_soon (gui_label (gui->window, "x, 32 values") != NULL);
  g_assert_nonnull (gui_label (gui->window, "32 of them: unit "));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Scale and Shift")),
                                TRUE);
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
}

/* --- accuracy three ways, and the next day -----------------------------------------------------
 */

static char *remembered;

static void
measure (Gui *gui)
{
  LwRunItem *run = finish_run (gui);
  LwBnAccuracies accuracies;

  open_batch_norm (gui);
  /* Measured by itself at the end of a small training. */
  gui_assert_soon (lw_bn_accuracies_load (lw_run_item_folder (run), &accuracies));
  g_assert_cmpint (accuracies.step, ==, 10);
  g_assert_cmpint (accuracies.batch, ==, 32);
  remembered = lw_bn_sentence (&accuracies);
  gui_assert_soon (gui_label (find (gui, LW_TYPE_BN_CARD), remembered) != NULL);
  for (int way = 0; way < LW_N_BN_WAYS; way++) {
    g_autofree char *number = g_strdup_printf ("%.3f", accuracies.accuracy[way]);

    g_assert_nonnull (gui_label (find (gui, LW_TYPE_BN_CARD), number));
  }
  g_assert_null (gui_button (find (gui, LW_TYPE_BN_CARD), "Measure"));
}

static void
find_again (Gui *gui)
{
  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 1);
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_press (gui_row (gui, 1, 0));
  open_batch_norm (gui);
  gui_assert_soon (gui_label (gui->window, "Channel 0: one batch") != NULL);
  gui_assert_soon (gui_label (find (gui, LW_TYPE_BN_CARD), remembered) != NULL);
  gui_assert_soon (gui_label (gui->window, "x, 32 × 24 × 24 values") != NULL);
}

static void
next_day (void)
{
  gui_run (measure, NULL);
  gui_run (find_again, NULL);
  g_clear_pointer (&remembered, g_free);
}

/* --- over the epochs ---------------------------------------------------------------------------
 */

/* Five steps an epoch, 160 images in batches of 32. */
static void
epochs (Gui *gui)
{
  GtkWidget *bar, *card, *stages, *table, *chart;
  guint end[3], first[3];

  finish_run (gui);
  open_batch_norm (gui);
  gui_assert_soon (gui_label (gui->window, "x, 32 × 24 × 24 values") != NULL);
  gui_assert_soon ((bar = find (gui, LW_TYPE_EPOCH_BAR)) != NULL);
  card = find (gui, LW_TYPE_BN_CARD);
  gui_assert_soon (gui_label (card, "–") == NULL); /* measured, by itself */
  gui_wait (0.5);
  g_assert_null (gui_label (card, "Measured after iteration"));
  stages = find (gui, LW_TYPE_BN_STAGES);
  table = find (gui, LW_TYPE_BN_TABLE);
  chart = find (gui, LW_TYPE_BN_CHART);
  g_assert_cmpint (lw_epoch_bar_place (LW_EPOCH_BAR (bar)), ==, 2);
  g_assert_nonnull (gui_label (gui->window, "Last recorded: iteration 10"));
  end[0] = gui_picture (stages);
  end[1] = gui_picture (table);
  end[2] = gui_picture (chart);

  /* Another epoch: its values, its weights' batch, the curves up to there. */
  gtk_range_set_value (lw_epoch_bar_range (LW_EPOCH_BAR (bar)), 1);
  gui_assert_soon (gui_label (gui->window, "After iteration 5") != NULL);
  gui_assert_soon (gui_picture (stages) != end[0]);
  g_assert_nonnull (gui_label (card, "Measured after iteration 10."));
  first[0] = gui_picture (stages);
  first[1] = gui_picture (table);
  first[2] = gui_picture (chart);
  for (int i = 1; i < 3; i++)
    g_assert_cmpuint (first[i], !=, end[i]);

  /* At the beginning nothing was recorded: the first step is shown. */
  gtk_range_set_value (lw_epoch_bar_range (LW_EPOCH_BAR (bar)), 0);
  gui_assert_soon (gui_label (gui->window, "After iteration 1") != NULL);
  gui_assert_soon (gui_picture (stages) != first[0]);

  /* Play goes to the end, which is what stood there at first. */
  gui_press (gui_button (bar, "Play the epochs (P)"));
  gui_assert_soon (gui_label (gui->window, "Last recorded: iteration 10") != NULL);
  gui_assert_soon (gui_picture (stages) == end[0]);
  gui_assert_soon (gui_picture (table) == end[1]);
  gui_assert_soon (gui_picture (chart) == end[2]);
}

/* --- without it, and the lessons ---------------------------------------------------------------
 */

static bool
layer_choice_is_shown (Gui *gui)
{
  GtkWidget *page = gui_find (GTK_WIDGET (gui->window), LW_TYPE_INSPECT_PAGE);

  return gui_find (page, LW_TYPE_LAYER_PICKER) != NULL &&
         gtk_widget_get_mapped (gui_find (page, LW_TYPE_LAYER_PICKER));
}

static void
without (Gui *gui)
{
  LwRunItem *run;

  gui_press (gui_row (gui, 0, 0)); /* LeNet */
  g_assert_true (lw_workbench_set (gui->workbench, "limit-train", "64", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "limit-test", "32", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "epochs", "1", NULL));
  open_batch_norm (gui);
  gui_assert_soon (gui_label (gui->window, "No Batch Normalization Here") != NULL);
  g_assert_false (layer_choice_is_shown (gui)); /* of none */
  gui_press (gui_button (gui->window, "Train It With BN"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  g_assert_cmpstr (lw_options_model (lw_run_item_settings (run)->options)->name, ==, "lenet-bn");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_label (gui->window, "Channel 0: one batch") != NULL);
  g_assert_true (layer_choice_is_shown (gui));
  g_assert_cmpstr (gui_page (gui), ==, "inspect");
}

static void
lesson (Gui *gui)
{
  LwRunItem *run = finish_run (gui), *other;

  open_batch_norm (gui);
  gui_assert_soon (gui_button (gui->window, "Train Without BN") != NULL);
  gui_press (gui_button (gui->window, "Train Without BN"));
  gui_assert_soon ((other = lw_workbench_run (gui->workbench)) != run && other != NULL);
  g_assert_cmpstr (lw_options_choice (lw_run_item_settings (other)->options, "normalization"), ==,
                   "none");
  g_assert_cmpint (lw_run_item_settings (other)->epochs, ==, 2);
  gui_assert_soon (g_strcmp0 (gui_page (gui), "compare") == 0);
  gui_assert_soon (gui_live (gui) == NULL);
  g_assert_cmpint (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)), ==, 2);
  g_assert_true (
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Runs"))));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/batch-norm/live", live, NULL },     { "/batch-norm/next-day", NULL, next_day },
    { "/batch-norm/epochs", epochs, NULL }, { "/batch-norm/without", without, NULL },
    { "/batch-norm/lesson", lesson, NULL }, { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
