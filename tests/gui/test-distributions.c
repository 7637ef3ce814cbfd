/* The Distributions tab as a person meets it: rows appear while a network trains, say what is
 * wrong, stand beside another run's, select layers, and are there again the next day. */
#include "tests/gui/harness.h"
#include "ui/distribution-depth.h"
#include "ui/distribution-detail.h"
#include "ui/distribution-rows.h"
#include "ui/distributions-view.h"
#include "ui/export-actions.h"

#include <string.h>

static void
open_tab (Gui *gui)
{
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_button (gui->window, "Distributions") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Distributions")),
                                TRUE);
  gui_wait (0.1);
}

static LwDistributionRows *
rows_of (Gui *gui)
{
  return LW_DISTRIBUTION_ROWS (gui_find (GTK_WIDGET (gui->window), LW_TYPE_DISTRIBUTION_ROWS));
}

static LwDistributionsView *
view_of (Gui *gui)
{
  return LW_DISTRIBUTIONS_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_DISTRIBUTIONS_VIEW));
}

static LwDistributionSet *
set_of (Gui *gui)
{
  return rows_of (gui) != NULL ? lw_distribution_rows_picture (rows_of (gui))->set : NULL;
}

/* `model` on shapes at a rate, until it has ended. */
static LwRunItem *
train (Gui *gui, const char *model, const char *rate, int epochs)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, epochs);
  lw_workbench_select_model (gui->workbench, lw_model_find (model, NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "limit-train", "160", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "limit-test", "64", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "batch", "32", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "epochs", epochs == 2 ? "2" : "400", NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "learning-rate", rate, NULL));
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
  run = lw_workbench_train (gui->workbench, NULL);
  g_assert_nonnull (run);
  return run;
}

static void
wait_for_end (Gui *gui, LwRunItem *run)
{
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
}

/* Untrained there is a sentence and a button; in training, rows that change. */
static void
live (Gui *gui)
{
  LwRunItem *run;
  guint painted;
  int64_t moments;

  open_tab (gui);
  gui_assert_soon (gui_label (gui->window, "No Distributions Yet") != NULL);
  g_assert_null (rows_of (gui));
  run = train (gui, "lenet", "0.5", 400);
  gui_assert_soon (set_of (gui) != NULL);
  g_assert_cmpint (lw_distribution_set_n_rows (set_of (gui)), ==, 5);
  g_assert_cmpint (lw_distribution_set_n_columns (set_of (gui)), ==, 2);
  g_assert_cmpstr (lw_distribution_set_column (set_of (gui), 1), ==, "after the sigmoid");
  gui_assert_soon (lw_distribution_rows_painted (rows_of (gui)) >= 2);
  for (int i = 0; i < 3; i++) {
    painted = lw_distribution_rows_painted (rows_of (gui));
    moments = lw_distribution_set_moments (set_of (gui), NULL);
    gui_assert_soon (lw_distribution_set_moments (set_of (gui), NULL) != moments);
    gui_assert_soon (lw_distribution_rows_painted (rows_of (gui)) > painted);
  }
  g_assert_nonnull (gui_label (gui->window, "The oldest behind and palest"));
  lw_trainer_stop (lw_run_item_trainer (run));
  gui_assert_soon (gui_live (gui) == NULL);
  /* It stays. */
  gui_wait (0.2);
  g_assert_nonnull (set_of (gui));
}

/* A rate far too high drives sigmoids to their flat ends, and the row says so. */
static void
saturation (Gui *gui)
{
  LwRunItem *run = train (gui, "lenet", "100", 2);
  bool warns = false;

  wait_for_end (gui, run);
  open_tab (gui);
  gui_assert_soon (set_of (gui) != NULL);
  for (int row = 0; row < lw_distribution_set_n_rows (set_of (gui)); row++) {
    LwRidgeBadge badges[LW_RIDGE_BADGES];
    const int n = lw_distribution_set_badges (set_of (gui), row, badges);

    for (int i = 0; i < n; i++)
      warns |= badges[i].warns && strstr (badges[i].text, "saturated") != NULL;
  }
  g_assert_true (warns);
}

static void
layers (Gui *gui)
{
  LwRunItem *run = train (gui, "lenet-bn", "0.5", 2);
  LwDistributionDetail *detail;
  GtkWidget *depth;
  guint picture;

  wait_for_end (gui, run);
  open_tab (gui);
  gui_assert_soon (set_of (gui) != NULL);
  detail =
      LW_DISTRIBUTION_DETAIL (gui_find (GTK_WIDGET (gui->window), LW_TYPE_DISTRIBUTION_DETAIL));
  depth = gui_find (GTK_WIDGET (gui->window), LW_TYPE_DISTRIBUTION_DEPTH);
  g_assert_cmpint (lw_distribution_set_n_columns (set_of (gui)), ==, 3);

  /* A layer that is selected elsewhere is marked and large here. */
  picture = gui_picture (depth);
  lw_workbench_select_layer (gui->workbench, lw_distribution_set_node (set_of (gui), 1, 1));
  g_assert_cmpint (lw_distribution_rows_selected (rows_of (gui)), ==, 1);
  g_assert_cmpstr (lw_distribution_detail_title (detail), ==, "conv 2, after BN");
  gui_assert_soon (gui_picture (depth) != picture);
  /* Down is the next row, in the same column; End the last, which has one place only. */
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.page", "s", "inspect");
  gtk_widget_grab_focus (GTK_WIDGET (rows_of (gui)));
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (rows_of (gui))));

  /* Weights and gradients have columns of their own; γ is one. */
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Weights")), TRUE);
  g_assert_cmpint (lw_distribution_set_n_columns (set_of (gui)), ==, 2);
  g_assert_cmpstr (lw_distribution_detail_title (detail), ==, "conv 2, scale γ of BN");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Gradients")), TRUE);
  g_assert_cmpint (lw_distribution_set_shown (set_of (gui)), ==, LW_OF_GRADIENTS);
}

/* The run beside has the rows of the same names; where it is narrow it is an outline. */
static void
beside (Gui *gui)
{
  LwRunItem *plain = train (gui, "lenet", "0.5", 2), *bn;
  const LwDistributionPicture *picture;
  guint alone;

  wait_for_end (gui, plain);
  bn = train (gui, "lenet-bn", "0.5", 2);
  wait_for_end (gui, bn);
  lw_workbench_select_run (gui->workbench, plain);
  open_tab (gui);
  gui_resize (gui, 1280, 800);
  gui_assert_soon (set_of (gui) != NULL);
  gui_wait (0.2);
  alone = gui_picture (GTK_WIDGET (rows_of (gui)));
  lw_distributions_view_compare (view_of (gui), bn);
  picture = lw_distribution_rows_picture (rows_of (gui));
  gui_assert_soon (picture->other != NULL);
  g_assert_cmpint (picture->n_panels, ==, 2);
  for (int row = 0; row < lw_distribution_set_n_rows (picture->set); row++)
    g_assert_cmpstr (
        lw_distribution_set_name (picture->set, row), ==,
        lw_distribution_set_name (picture->other, lw_distribution_picture_row (picture, 1, row)));
  gui_assert_soon (gui_picture (GTK_WIDGET (rows_of (gui))) != alone);
  gui_resize (gui, 800, 600);
  gui_assert_soon (picture->n_panels == 1);
  /* What a run kept is megabytes: one that is left forgets it, and reads it when asked again. */
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  g_assert_null (lw_run_item_records (plain));
  lw_workbench_select_run (gui->workbench, plain);
  gui_assert_soon (lw_run_item_records (plain) != NULL);
  /* The run beside is selected: nothing is beside it then. */
  lw_workbench_select_run (gui->workbench, bn);
  gui_assert_soon (picture->set != NULL && lw_distribution_set_run (picture->set) == bn);
  g_assert_null (picture->other);
}

static void
exports (Gui *gui)
{
  static const struct {
    const char *name, *beginning;
  } files[] = { { "d.svg", "<?xml" }, { "d.pdf", "%PDF" }, { "d.png", "\x89PNG" } };
  LwRunItem *run = train (gui, "lenet", "0.5", 2);

  wait_for_end (gui, run);
  open_tab (gui);
  gui_assert_soon (set_of (gui) != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = gui_scratch (files[i].name), *content = NULL;
    gsize length;

    lw_window_export (gui->window, "export-distributions", path);
    g_assert_true (g_file_get_contents (path, &content, &length, NULL));
    g_assert_cmpint (length, >, 1000);
    g_assert_cmpint (memcmp (content, files[i].beginning, strlen (files[i].beginning)), ==, 0);
    if (i == 0)
      g_assert_nonnull (strstr (content, ">after the sigmoid<"));
  }
  /* Without a run there is nothing to export, and a sentence says so. */
  lw_workbench_select_draft (gui->workbench);
  lw_window_export (gui->window, "export-distributions", "/nowhere/d.svg");
  gui_assert_soon (gui_toast (gui) != NULL && strstr (gui_toast (gui), "no distributions") != NULL);
}

/* --- the next day --------------------------------------------------------------------------------
 */

static void
make_run (Gui *gui)
{
  wait_for_end (gui, train (gui, "lenet", "0.5", 2));
}

static void
find_run (Gui *gui)
{
  LwDistributionMoment newest;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 1);
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  open_tab (gui);
  gui_press (gui_row (gui, 1, 0));
  gui_assert_soon (set_of (gui) != NULL);
  g_assert_cmpint (lw_distribution_set_moments (set_of (gui), &newest), >=, 2);
  g_assert_cmpint (newest.step, ==, 10);
}

/* A run without the file says that it has none. */
static void
find_nothing (Gui *gui)
{
  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 1);
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  {
    g_autoptr (LwRunItem) run = g_list_model_get_item (lw_workbench_runs (gui->workbench), 0);
    g_autofree char *path =
        g_build_filename (lw_run_item_folder (run), "distributions.safetensors", NULL);

    g_assert_true (g_file_set_contents (path, "damaged", -1, NULL));
  }
  gui_wait (0.3);
  lw_workbench_select_draft (gui->workbench); /* the run was selected as it had been */
  open_tab (gui);
  gui_press (gui_row (gui, 1, 0));
  gui_assert_soon (gui_label (gui->window, "This Run Has No Distributions") != NULL);
  g_assert_null (rows_of (gui));
}

static void
next_day (void)
{
  gui_run (make_run, NULL);
  gui_run (find_run, NULL);
  gui_run (find_nothing, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = { { "/distributions/live", live },
                                   { "/distributions/saturation", saturation },
                                   { "/distributions/layers", layers },
                                   { "/distributions/beside", beside },
                                   { "/distributions/exports", exports },
                                   { "/distributions/next-day", .whole = next_day },
                                   { 0 } };

  return gui_main (argc, argv, tests);
}
