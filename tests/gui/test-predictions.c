/* The Predictions view as a person uses it: cells, images, epochs, and what speaks for a class. */
#include "engine/observe.h"
#include "engine/record_predictions.h"
#include "engine/snapshots.h"
#include "kernels/reference/reference.h"
#include "tests/gui/harness.h"
#include "ui/answer-grid.h"
#include "ui/answers-pane.h"
#include "ui/class-bars.h"
#include "ui/confusion-export.h"
#include "ui/confusion-view.h"
#include "ui/epoch-bar.h"
#include "ui/explain-view.h"
#include "ui/picture-chooser.h"
#include "ui/predictions-view.h"
#include "ui/probability-chart.h"
#include "ui/sketch-pad.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define EPOCHS 3
#define TESTED 64 /* images of gui_choose_small_run */

static GtkWidget *
find (Gui *gui, GType type)
{
  return gui_find (GTK_WIDGET (gui->window), type);
}

static void
open_view (Gui *gui)
{
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_button (gui->window, "Predictions") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Predictions")), TRUE);
}

static LwRunItem *
train (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 320, EPOCHS);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  return run;
}

static void
finish (Gui *gui, LwRunItem *run)
{
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
}

/* Presses a key on a widget, as its bindings have it. */
static void
key (GtkWidget *widget, guint value)
{
  g_autoptr (GListModel) shortcuts = gtk_widget_observe_controllers (widget);
  bool done = false;

  for (guint i = 0; i < g_list_model_get_n_items (shortcuts) && !done; i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (shortcuts, i);

    if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
      continue;
    for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (controller)) && !done; k++) {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), k);
      GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

      if (GTK_IS_KEYVAL_TRIGGER (trigger) &&
          gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == value &&
          gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) == 0)
        done = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut),
                                             GTK_SHORTCUT_ACTION_EXCLUSIVE, widget,
                                             gtk_shortcut_get_arguments (shortcut));
    }
  }
  g_assert_true (done);
}

/* The number in "true circle, predicted ring, 12 images". */
static int
count_in (const char *words)
{
  const char *comma = strrchr (words, ',');

  g_assert_nonnull (comma);
  return atoi (comma + 1);
}

/* Whether words stand where the images of a cell would. */
static bool
says_empty (Gui *gui)
{
  const char *words = gui_label (find (gui, LW_TYPE_ANSWERS_PANE), "No ");

  return words != NULL && g_str_has_suffix (words, " at this epoch.");
}

static void
matrix (Gui *gui)
{
  LwRunItem *run;
  GtkWidget *view, *grid, *bar;
  LwPredictions *predictions;
  int total = 0, other; /* epoch */
  guint picture;

  open_view (gui);
  gui_assert_soon (gui_label (gui->window, "No Predictions Yet") != NULL);
  run = train (gui);
  open_view (gui);
  finish (gui, run);
  gui_assert_soon ((view = find (gui, LW_TYPE_CONFUSION_VIEW)) != NULL);
  grid = find (gui, LW_TYPE_ANSWER_GRID);
  predictions = lw_records_predictions (lw_run_item_records (run));
  g_assert_nonnull (predictions);
  g_assert_cmpint (lw_predictions_examples (predictions), ==, TESTED);
  gui_assert_soon (gui_label (gui->window, "test accuracy ") != NULL);

  /* From the first cell through all: their images are as many as the cell says, and all together
   * the test. */
  for (int i = 0; i < 10; i++)
    key (view, GDK_KEY_Up);
  for (int row = 0; row < 10; row++) {
    key (view, GDK_KEY_Home);
    for (int column = 0; column < 10; column++) {
      const char *words = lw_confusion_view_words (LW_CONFUSION_VIEW (view));

      g_assert_true (g_str_has_prefix (words, "true "));
      g_assert_cmpint (lw_answer_grid_n (LW_ANSWER_GRID (grid)), ==, count_in (words));
      g_assert_true (says_empty (gui) == (count_in (words) == 0));
      total += count_in (words);
      key (view, GDK_KEY_Right);
    }
    key (view, GDK_KEY_Down);
  }
  g_assert_cmpint (total, ==, TESTED);

  /* It is saved as a picture; what cannot be written is said. */
  {
    g_autofree char *path = gui_scratch ("confusion.svg");
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_true (lw_confusion_view_save (LW_CONFUSION_VIEW (view), path, &error));
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_assert_nonnull (strstr (text, "predicted"));
    g_assert_false (lw_confusion_view_save (LW_CONFUSION_VIEW (view), "/no/such/x.png", &error));
    g_assert_nonnull (error);
  }

  /* Another epoch is another picture, by the slider and by the chart. */
  bar = find (gui, LW_TYPE_EPOCH_BAR);
  picture = gui_picture (view);
  other = lw_epoch_bar_place (LW_EPOCH_BAR (bar)) == 0 ? 2 : 1;
  gtk_range_set_value (lw_epoch_bar_range (LW_EPOCH_BAR (bar)), other);
  gui_assert_soon (gui_picture (view) != picture);
  key (find (gui, LW_TYPE_PROBABILITY_CHART), GDK_KEY_End);
  g_assert_cmpint (lw_epoch_bar_place (LW_EPOCH_BAR (bar)), ==, EPOCHS - 1);
  g_assert_nonnull (gui_label (bar, "Epoch 3 / 3"));

  /* Play goes from the first to the last. */
  gui_press (gui_button (bar, "Play the epochs (P)"));
  g_assert_cmpint (lw_epoch_bar_place (LW_EPOCH_BAR (bar)), ==, 0);
  gui_assert_soon (lw_epoch_bar_place (LW_EPOCH_BAR (bar)) == EPOCHS - 1);
  gui_assert_soon (!lw_epoch_bar_is_playing (LW_EPOCH_BAR (bar)));
}

static void
explain (Gui *gui)
{
  LwRunItem *run = train (gui);
  GtkWidget *view;
  guint picture;

  open_view (gui);
  finish (gui, run);
  gui_assert_soon (find (gui, LW_TYPE_CONFUSION_VIEW) != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Where It Looks")),
                                TRUE);
  gui_assert_soon ((view = find (gui, LW_TYPE_EXPLAIN_VIEW)) != NULL);
  gui_assert_soon (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
  g_assert_true (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 1));
  gui_assert_soon (gui_label (view, "weights after epoch ") != NULL);
  g_assert_nonnull (gui_label (view, "score "));

  /* Of every epoch its own weights: its snapshot's, where the checkpoint is gone. */
  for (int place = 0; place < EPOCHS; place++) {
    g_autofree char *words = g_strdup_printf ("weights after epoch %d", place + 1);

    gtk_range_set_value (lw_epoch_bar_range (LW_EPOCH_BAR (find (gui, LW_TYPE_EPOCH_BAR))),
                         place + 1);
    gui_assert_soon (g_strcmp0 (gui_label (view, "weights after epoch "), words) == 0);
  }

  /* Any image of the test, another method. */
  gui_type_number (gui_find (view, GTK_TYPE_SPIN_BUTTON), "23");
  gui_assert_soon (gui_label (view, "Image 23: true ") != NULL);
  gui_assert_soon (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
  gui_wait (0.3);
  picture = gui_picture (view);
  gtk_range_set_value (GTK_RANGE (gui_find (view, GTK_TYPE_SCALE)), 10);
  gui_assert_soon (gui_picture (view) != picture);

  /* What was said of one image is never shown over another. */
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (gui_find (view, GTK_TYPE_SPIN_BUTTON)), 24);
  g_assert_nonnull (gui_label (view, "Image 24: true "));
  g_assert_false (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
  g_assert_null (gui_label (view, "score "));
  gui_assert_soon (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
}

static GtkWidget *
second_chooser (GtkWidget *view)
{
  GtkWidget *first = gui_find (view, GTK_TYPE_DROP_DOWN);

  return gui_find (gtk_widget_get_next_sibling (gtk_widget_get_parent (first)), GTK_TYPE_DROP_DOWN);
}

/* Light above, dark below: no picture of the set. */
static LwOwnPicture *
half_picture (void)
{
  uint8_t planes[3 * 40 * 40] = { 0 };

  for (int plane = 0; plane < 3; plane++)
    memset (planes + plane * 40 * 40 + 4 * 40, 255, 16 * 40);
  return lw_own_picture_new (planes, 40, 40, "half");
}

/* What the engine says of the picture with the snapshot of an epoch: the view has to say the same.
 */
static void
assert_asked (Gui *gui, GtkWidget *view, LwRunItem *run, LwOwnPicture *picture, int epoch)
{
  LwGraph *graph = lw_run_item_graph (run);
  const LwShape shape = lw_graph_input_shape (graph);
  g_autofree char *weights = lw_snapshot_path (lw_run_item_folder (run), epoch);
  g_autofree char *after = g_strdup_printf ("weights after epoch %d", epoch);
  g_autofree float *input = g_new (float, lw_shape_size (shape));
  g_autofree char *heading = NULL, *share = NULL;
  g_autoptr (LwObservation) observation = NULL;
  const float *probabilities;
  int best = 0;

  g_assert_true (lw_own_picture_convert (picture, shape, LW_FIT_WHOLE, false, input));
  observation = lw_observe (graph, &lw_reference_backend, weights, 0, input, NULL);
  probabilities = lw_observation_probabilities (observation);
  for (int c = 1; c < lw_graph_classes (graph); c++)
    if (probabilities[c] > probabilities[best])
      best = c;
  heading =
      g_strdup_printf ("half: predicted %s",
                       lw_dataset_class_name (lw_workbench_dataset_of (gui->workbench, run), best));
  share = g_strdup_printf ("%.3f", (double)probabilities[best]);
  gui_assert_soon (g_strcmp0 (gui_label (view, "weights after epoch "), after) == 0);
  gui_assert_soon (g_strcmp0 (gui_label (view, "half"), heading) == 0);
  g_assert_nonnull (gui_label (gui_find (view, LW_TYPE_CLASS_BARS), share));
  g_assert_true (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
  g_assert_true (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 1));
}

/* A picture of one's own is asked as one of the test is. */
static void
own (Gui *gui)
{
  LwRunItem *run = train (gui);
  g_autoptr (LwOwnPicture) picture = half_picture ();
  GtkRange *epochs;
  GtkWidget *view;

  open_view (gui);
  finish (gui, run);
  gui_assert_soon (find (gui, LW_TYPE_CONFUSION_VIEW) != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Where It Looks")),
                                TRUE);
  gui_assert_soon ((view = find (gui, LW_TYPE_EXPLAIN_VIEW)) != NULL);
  gui_assert_soon (gui_label (view, "Image ") != NULL);
  g_assert_null (gui_find (view, LW_TYPE_CLASS_BARS));
  epochs = lw_epoch_bar_range (LW_EPOCH_BAR (find (gui, LW_TYPE_EPOCH_BAR)));
  gtk_range_set_value (epochs, EPOCHS);
  lw_picture_chooser_use (LW_PICTURE_CHOOSER (gui_find (view, LW_TYPE_PICTURE_CHOOSER)), picture);
  assert_asked (gui, view, run, picture, EPOCHS);
  gtk_range_set_value (epochs, 1);
  assert_asked (gui, view, run, picture, 1);

  /* No second class: one map, of the same picture. */
  gtk_drop_down_set_selected (GTK_DROP_DOWN (second_chooser (view)), 0);
  gui_assert_soon (!lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 1) &&
                   lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
  g_assert_nonnull (gui_label (view, "half: predicted "));

  /* Another test image takes its place; a drawing, and the way back. */
  gui_type_number (gui_find (view, GTK_TYPE_SPIN_BUTTON), "23");
  gui_assert_soon (gui_label (view, "Image 23: true ") != NULL);
  g_assert_null (gui_find (view, LW_TYPE_CLASS_BARS));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (view, "Draw")), TRUE);
  gui_assert_soon (gui_label (view, "your drawing: predicted ") != NULL);
  g_assert_nonnull (gui_find (view, LW_TYPE_SKETCH_PAD));
  gui_press (gui_button (view, "Back to the Test Image"));
  gui_assert_soon (gui_label (view, "Image 23: true ") != NULL);
  g_assert_null (gui_find (view, LW_TYPE_SKETCH_PAD));
  gui_assert_soon (lw_explain_view_has_map (LW_EXPLAIN_VIEW (view), 0));
}

/* A run of an older program: its weights are asked on request, and it is there after that. */
static void
predict_now (Gui *gui)
{
  LwRunItem *run = train (gui);
  g_autofree char *path = NULL;

  finish (gui, run);
  path = g_build_filename (lw_run_item_folder (run), LW_PREDICTIONS_FILE, NULL);
  g_assert_cmpint (g_remove (path), ==, 0);
  lw_run_item_forget_records (run);
  open_view (gui);
  gui_assert_soon (gui_button (gui->window, "Predict Now") != NULL);
  gui_press (gui_button (gui->window, "Predict Now"));
  gui_assert_soon (find (gui, LW_TYPE_CONFUSION_VIEW) != NULL);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_null (gui_button (gui->window, "Predict Now"));
}

/* In a narrow window the matrix and its images take turns. */
static void
narrow (Gui *gui)
{
  LwRunItem *run = train (gui);

  open_view (gui);
  finish (gui, run);
  gui_resize (gui, 820, 620);
  gui_assert_soon (gui_button (gui->window, "Matrix") != NULL);
  gui_assert_soon (find (gui, LW_TYPE_CONFUSION_VIEW) != NULL);
  g_assert_null (find (gui, LW_TYPE_ANSWER_GRID));
  key (find (gui, LW_TYPE_CONFUSION_VIEW), GDK_KEY_Return);
  gui_assert_soon (find (gui, LW_TYPE_ANSWER_GRID) != NULL);
  g_assert_null (find (gui, LW_TYPE_CONFUSION_VIEW));
}

/* The numbers under a slider, in one string. */
static void
collect_labels (GtkWidget *widget, GString *words)
{
  if (GTK_IS_LABEL (widget))
    g_string_append_printf (words, "%s ", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_labels (child, words);
}

static void
assert_marks (LwEpochBar *bar, const double *epochs, int n, double now, const char *marks)
{
  g_autoptr (GString) words = g_string_new (NULL);

  lw_epoch_bar_set_epochs (bar, epochs, n, -1, now, 10, NULL);
  collect_labels (GTK_WIDGET (lw_epoch_bar_range (bar)), words);
  g_assert_cmpstr (words->str, ==, marks);
}

/* Of a training that is within an epoch no mark stands beyond the ends, over another's number. */
static void
marks (Gui *gui)
{
  g_autoptr (GtkWidget) bar = g_object_ref_sink (lw_epoch_bar_new ());
  const double whole[] = { 0, 1, 2, 3 }, broken[] = { 1.5, 2, 2.25 };

  (void)gui;
  assert_marks (LW_EPOCH_BAR (bar), whole, 4, 3.02, "0 1 2 3 ");
  assert_marks (LW_EPOCH_BAR (bar), whole, 4, (double)NAN, "0 1 2 3 ");
  assert_marks (LW_EPOCH_BAR (bar), broken, 3, (double)NAN, "2 ");
}

static const GuiTest tests[] = { { "/predictions/matrix", matrix, NULL },
                                 { "/predictions/explain", explain, NULL },
                                 { "/predictions/own", own, NULL },
                                 { "/predictions/predict-now", predict_now, NULL },
                                 { "/predictions/narrow", narrow, NULL },
                                 { "/predictions/marks", marks, NULL },
                                 { NULL, NULL, NULL } };

int
main (int argc, char **argv)
{
  return gui_main (argc, argv, tests);
}
