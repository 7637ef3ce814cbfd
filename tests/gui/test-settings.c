/* The settings on the Train page: edited before and while a network trains, continued, stopped
 * early, and the learning rate drawn. */
#include "engine/run.h"
#include "tests/gui/harness.h"
#include "ui/schedule-view.h"
#include "ui/setting-row.h"
#include "ui/setting-specs.h"

#include <string.h>

static GtkWidget *
row_of (Gui *gui, const char *field)
{
  return gtk_widget_get_ancestor (gui_setting (gui, field), LW_TYPE_SETTING_ROW);
}

static void
stop (Gui *gui, LwRunItem *run)
{
  gui_press (gui_button (gui->window, "Stop"));
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_STOPPED);
  gui_assert_soon (gui_live (gui) == NULL);
}

/* --- before training ---------------------------------------------------------------------------
 */

/* Every setting that the command line has is there, says what for, and goes into the draft. */
static void
all_there (Gui *gui)
{
  gui_shortcut (gui, "<Control>2");
  g_assert_null (gui_label (gui->window, "Nesterov")); /* folded */
  gui_unfold_settings (gui);
  gui_assert_soon (gui_label (gui->window, "Nesterov") != NULL);
  for (int i = 0; i < LW_N_SETTINGS; i++) {
    const LwSettingSpec *spec = &lw_setting_specs[i];

    if (g_str_equal (spec->field, "precision"))
      continue; /* the reference has one */
    g_test_message ("%s", spec->field);
    g_assert_true (gtk_widget_is_sensitive (gui_setting (gui, spec->field)));
    /* These say what there is here. */
    if (!g_str_equal (spec->field, "limit-train") && !g_str_equal (spec->field, "device"))
      g_assert_nonnull (gui_label (row_of (gui, spec->field), spec->help));
  }
  gui_type_number (gui_setting (gui, "patience"), "7");
  gui_type_number (gui_setting (gui, "seed"), "1234567890");
  gtk_switch_set_active (GTK_SWITCH (gui_setting (gui, "shuffle")), FALSE);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gui_setting (gui, "device")), 1);
  gui_wait (0.05);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->patience, ==, 7);
  g_assert_cmpuint (lw_workbench_settings (gui->workbench)->seed, ==, 1234567890);
  g_assert_false (lw_workbench_settings (gui->workbench)->shuffle);
  g_assert_cmpstr (lw_workbench_settings (gui->workbench)->device, ==, "reference");
  gui_assert_soon (gui_label (gui->window, "More settings (2 edited)") != NULL);

  /* A dot and Reset on what was edited; the book puts all back. */
  g_assert_nonnull (gui_label (row_of (gui, "patience"), "●"));
  gui_press (gui_button (row_of (gui, "patience"), "Reset"));
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->patience, ==, 0);
  g_assert_null (gui_label (row_of (gui, "patience"), "●"));
  lw_workbench_use_book (gui->workbench);
  gui_wait (0.05);
  g_assert_true (lw_workbench_settings (gui->workbench)->shuffle);
  g_assert_nonnull (gui_label (gui->window, "More settings"));
  g_assert_null (gui_label (gui->window, "More settings ("));
}

/* What is wrong with a field is said below it, and only as long as it is. */
static void
errors (Gui *gui)
{
  gui_shortcut (gui, "<Control>2");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gui_setting (gui, "optimizer")), 1);
  gui_type_number (gui_setting (gui, "momentum"), "0.9");
  gui_assert_soon (gui_label (row_of (gui, "momentum"), "Momentum and Nesterov belong") != NULL);
  g_assert_true (gtk_widget_has_css_class (gui_setting (gui, "momentum"), "error"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gui_setting (gui, "optimizer")), 0);
  gui_assert_soon (gui_label (row_of (gui, "momentum"), "Loss falls, but slowly") != NULL);

  gui_type_number (gui_setting (gui, "epochs"), "2.5");
  gui_assert_soon (gui_label (row_of (gui, "epochs"), "epochs must be a whole number") != NULL);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->epochs, ==, 10);
  gui_type_number (gui_setting (gui, "epochs"), "many");
  gui_assert_soon (gui_label (row_of (gui, "epochs"), "“many” is no number") != NULL);
  gui_type_number (gui_setting (gui, "batch"), "70000");
  gui_assert_soon (gui_label (row_of (gui, "batch"), "It has to be from 1 to 65536.") != NULL);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->batch, ==, 65536);
  gtk_spin_button_spin (GTK_SPIN_BUTTON (gui_setting (gui, "batch")), GTK_SPIN_STEP_BACKWARD, 0);
  gui_assert_soon (gui_label (row_of (gui, "batch"), "It has to be") == NULL);
  gui_type_number (gui_setting (gui, "batch"), "70000");
  gui_assert_soon (gui_label (row_of (gui, "batch"), "It has to be from 1 to 65536.") != NULL);
  gui_type_number (gui_setting (gui, "batch"), "16");
  gui_assert_soon (gui_label (row_of (gui, "batch"), "It has to be") == NULL);
  gui_type_number (gui_setting (gui, "epochs"), "3");
  gui_assert_soon (gui_label (row_of (gui, "epochs"), "Passes over the training") != NULL);
  g_assert_cmpint (lw_workbench_settings (gui->workbench)->epochs, ==, 3);
}

static void
enter (GtkWidget *entry, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  g_signal_emit_by_name (entry, "activate");
}

/* A list sets its parts; a part that is changed makes it a custom one; what images are normalized
 * with is text. */
static void
augmentation (Gui *gui)
{
  const LwSettings *settings;
  GtkDropDown *list;

  gui_shortcut (gui, "<Control>2");
  gui_unfold_settings (gui);
  list = GTK_DROP_DOWN (gui_setting (gui, "augment"));
  gtk_drop_down_set_selected (list, 3);
  gui_wait (0.05);
  settings = lw_workbench_settings (gui->workbench);
  g_assert_cmpstr (lw_augmentation_name (&settings->augmentation), ==, "book");
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (gui_setting (gui, "flip"))));
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (gui_setting (gui, "crop-area"))),
                     ==, 0.08);
  gui_type_number (gui_setting (gui, "hue"), "0.1");
  gui_assert_soon (gtk_drop_down_get_selected (list) == 4);
  settings = lw_workbench_settings (gui->workbench);
  g_assert_cmpfloat (settings->augmentation.hue, ==, 0.1);
  g_assert_cmpfloat (settings->augmentation.crop_area, ==, 0.08);
  gtk_drop_down_set_selected (list, 0);
  gui_wait (0.05);
  settings = lw_workbench_settings (gui->workbench);
  g_assert_true (lw_augmentation_is_none (&settings->augmentation));
  g_assert_false (gtk_switch_get_active (GTK_SWITCH (gui_setting (gui, "flip"))));
  enter (gui_setting (gui, "normalize"), "0.5,0");
  gui_assert_soon (gui_label (row_of (gui, "normalize"), "normalize must be none") != NULL);
  enter (gui_setting (gui, "normalize"), "data");
  gui_assert_soon (gui_label (row_of (gui, "normalize"), "normalize must be none") == NULL);
  g_assert_cmpstr (lw_workbench_settings (gui->workbench)->normalize, ==, "data");
}

/* Two runs on pictures that are not square, the second from where the first ended. */
static void
first_weights (Gui *gui)
{
  const LwSettings *settings;
  g_autofree char *missing = gui_scratch ("none, there.safetensors"), *weights = NULL;
  g_autoptr (LwRun) first = NULL;
  GtkWidget *input, *init;

  gui_choose_small_run (gui, 64, 1);
  gui_shortcut (gui, "<Control>2");
  gui_unfold_settings (gui);
  gui_assert_soon (gui_label (gui->window, "First weights") != NULL);
  input = gui_setting (gui, "input");
  init = gui_setting (gui, "init");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (input)), ==, "1x28x28");
  enter (input, "1x28");
  gui_assert_soon (gtk_widget_has_css_class (input, "error"));
  g_assert_null (gui_label (row_of (gui, "input"), "Channels × height"));
  enter (input, "1x36x28");
  gui_assert_soon (gui_label (row_of (gui, "input"), "Channels × height") != NULL);
  settings = lw_workbench_settings (gui->workbench);
  g_assert_cmpint (lw_options_input (settings->options).h, ==, 36);
  g_assert_cmpint (lw_options_input (settings->options).w, ==, 28);
  g_assert_nonnull (gui_label (row_of (gui, "input"), "●"));

  enter (init, missing);
  gui_assert_soon (gtk_widget_has_css_class (init, "error"));
  enter (init, "");
  gui_assert_soon (!gtk_widget_has_css_class (init, "error"));
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != NULL && gui_live (gui) == NULL);
  first = lw_run_open (lw_run_item_folder (lw_workbench_run (gui->workbench)), NULL);
  weights = lw_run_checkpoint (first, "last", NULL);
  g_assert_nonnull (weights);

  gui_shortcut (gui, "<Control>n");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (input)), ==, "1x36x28");
  { /* a file is dropped */
    g_auto (GValue) value = G_VALUE_INIT;
    gboolean taken = FALSE;

    g_value_init (&value, G_TYPE_FILE);
    g_value_take_object (&value, g_file_new_for_path (weights));
    g_signal_emit_by_name (gui_controller (row_of (gui, "init"), GTK_TYPE_DROP_TARGET), "drop",
                           &value, 5.0, 5.0, &taken);
    g_assert_true (taken);
  }
  settings = lw_workbench_settings (gui->workbench);
  g_assert_cmpstr (settings->init, ==, weights);
  gui_wait (0.3);
  g_assert_false (gtk_widget_has_css_class (init, "error"));
  enter (input, "1x28x28"); /* for which they are not */
  gui_assert_soon (gtk_widget_has_css_class (init, "error"));
  g_assert_nonnull (gui_label (row_of (gui, "init"), "The tensor \""));
  enter (input, "1x36x28");
  gui_assert_soon (!gtk_widget_has_css_class (init, "error"));
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (lw_workbench_run (gui->workbench) != NULL && gui_live (gui) == NULL);
  g_assert_cmpint (lw_run_item_state (lw_workbench_run (gui->workbench)), ==, LW_RUN_FINISHED);
  g_assert_cmpstr (lw_run_item_settings (lw_workbench_run (gui->workbench))->init, ==, weights);
  gui_press (gui_button (gui->window, "Copy"));
  gui_assert_soon (gui_button (row_of (gui, "init"), "Reset") != NULL);
  gui_press (gui_button (row_of (gui, "init"), "Reset"));
  g_assert_null (lw_workbench_settings (gui->workbench)->init);
}

/* --- while it trains ---------------------------------------------------------------------------
 */

static const LwEvent *
wait_for_change (LwRunItem *run, guint n)
{
  guint changes = 0;

  gui_assert_soon ((lw_run_item_changes (run, &changes), changes) == n);
  return &lw_run_item_changes (run, &changes)[n - 1];
}

static void
live (Gui *gui)
{
  LwRunItem *run = gui_start_long (gui);
  GtkWidget *charts = gui_find (GTK_WIDGET (gui->window), GTK_TYPE_STACK);
  const double begun = lw_run_item_settings (run)->learning_rate;
  const LwEvent *event;
  g_autofree char *folder = g_strdup (lw_run_item_folder (run));
  g_autoptr (LwRun) saved = NULL;
  int64_t settings = 0;

  g_assert_nonnull (charts);
  g_assert_false (gtk_widget_is_sensitive (gui_setting (gui, "batch")));
  g_assert_false (gtk_widget_is_sensitive (gui_setting (gui, "patience")));
  gui_type_number (gui_setting (gui, "momentum"), "0.5");
  event = wait_for_change (run, 1);
  g_assert_cmpint (event->setting, ==, LW_LIVE_MOMENTUM);
  g_assert_cmpfloat (event->value, ==, 0.5);
  g_assert_cmpfloat (event->previous, ==, 0);

  /* Two in a row are one change. */
  gui_type_number (gui_setting (gui, "learning-rate"), "0.3");
  gui_type_number (gui_setting (gui, "learning-rate"), "0.25");
  event = wait_for_change (run, 2);
  g_assert_cmpfloat (event->value, ==, 0.25);
  g_assert_cmpfloat (event->previous, ==, begun);
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Learning rate"), "0.25") == 0);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gui_setting (gui, "schedule")), 1);
  event = wait_for_change (run, 3);
  g_assert_cmpint (event->setting, ==, LW_LIVE_SCHEDULE);

  /* Reset goes back to what it began with. */
  gui_press (gui_button (row_of (gui, "momentum"), "Reset"));
  event = wait_for_change (run, 4);
  g_assert_cmpfloat (event->value, ==, 0);
  stop (gui, run);
  g_assert_false (gtk_widget_is_sensitive (gui_setting (gui, "learning-rate")));
  g_assert_nonnull (gui_label (row_of (gui, "learning-rate"), "Changed while it trained"));

  saved = lw_run_open (folder, NULL);
  for (int64_t i = 0; i < lw_run_log_length (saved->log); i++)
    settings += lw_run_log_get (saved->log, i)->kind == LW_EVENT_SETTING;
  g_assert_cmpint (settings, ==, 4);
}

/* Stopped far from its end it goes on to it; the changes are still in force. */
static void
go_on (Gui *gui)
{
  LwRunItem *run = gui_start_long (gui), *longer;

  gui_type_number (gui_setting (gui, "learning-rate"), "0.125");
  wait_for_change (run, 1);
  stop (gui, run);
  g_object_ref (run);
  g_assert_null (gui_button (gui->window, "Continue 5 Epochs"));
  gui_press (gui_button (gui->window, "Go On to Epoch 10000"));
  gui_assert_soon ((longer = gui_live (gui)) != NULL && longer != run);
  gui_assert_soon (gui_steps (longer) > gui_steps (run) + 3);
  g_assert_cmpfloat (lw_run_item_live (longer, LW_LIVE_LEARNING_RATE), ==, 0.125);
  gui_assert_soon (g_strcmp0 (gui_figure (gui, "Learning rate"), "0.125") == 0);
  g_object_unref (run);
  stop (gui, longer);
}

/* --- early stopping ----------------------------------------------------------------------------
 */

/* LeNet at a learning rate of 0: every test is as good as the first. */
static void
early (Gui *gui)
{
  static const char *const fields[][2] = {
    { "limit-train", "160" }, { "limit-test", "40" }, { "batch", "32" }, { "epochs", "9" }
  };
  LwRunItem *run, *longer;

  gui_choose_small_run (gui, 160, 9); /* the shapes */
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    g_assert_true (lw_workbench_set (gui->workbench, fields[i][0], fields[i][1], NULL));
  gui_shortcut (gui, "<Control>2");
  gui_type_number (gui_setting (gui, "learning-rate"), "0");
  gui_type_number (gui_setting (gui, "patience"), "2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  g_assert_true (lw_run_item_progress (run).stopped_early);
  g_assert_cmpstr (gui_figure (gui, "Stopped early"), ==, "3 / 9 epochs");
  gui_assert_soon (gui_toast (gui) != NULL);
  g_assert_true (g_str_has_prefix (gui_toast (gui), "Stopped early at epoch 3: best test"));

  /* On request it goes on, with as much patience again. */
  g_object_ref (run);
  gui_press (gui_button (gui->window, "Go On to Epoch 9"));
  gui_assert_soon ((longer = lw_workbench_run (gui->workbench)) != run);
  gui_assert_soon (lw_run_item_state (longer) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  g_assert_cmpstr (gui_figure (gui, "Stopped early"), ==, "5 / 9 epochs");
  g_assert_nonnull (gui_button (gui->window, "Continue 5 Epochs"));
  g_object_unref (run);
}

/* --- the schedule ------------------------------------------------------------------------------
 */

static void
schedule (Gui *gui)
{
  GtkWidget *button, *area;
  guint picture;
  LwRunItem *run;

  gui_choose_small_run (gui, 640, 20);
  gui_shortcut (gui, "<Control>2");
  g_assert_true (lw_workbench_set (gui->workbench, "learning-rate", "0.5", NULL));
  button = gui_find (row_of (gui, "schedule"), GTK_TYPE_MENU_BUTTON);
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  gui_assert_soon (gui_label (gui->window, "0.5 over all 20 epochs.") != NULL);
  area =
      gui_find (gui_find (GTK_WIDGET (gui->window), LW_TYPE_SCHEDULE_VIEW), GTK_TYPE_DRAWING_AREA);
  gui_wait (0.1);
  picture = gui_picture (area);
  g_assert_true (lw_workbench_set (gui->workbench, "schedule", "step", NULL));
  gui_assert_soon (gui_label (gui->window, "From 0.5 to 0.005 after 20 epochs.") != NULL);
  gui_assert_soon (gui_picture (area) != picture);
  g_assert_true (
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Log"))));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));

  /* Of a run: where it stands, and what was changed. */
  gui_choose_small_run (gui, 640, 10000);
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > 3);
  gui_type_number (gui_setting (gui, "learning-rate"), "0.0625");
  wait_for_change (run, 1);
  stop (gui, run);
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  gui_assert_soon (gui_label (gui->window, "From ") != NULL);
  g_assert_nonnull (strstr (gui_label (gui->window, "From "), "→ 0.0625"));
  g_assert_nonnull (strstr (gui_label (gui->window, "From "), "Now, at epoch"));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/settings/all-there", all_there, NULL },
    { "/settings/errors", errors, NULL },
    { "/settings/augmentation", augmentation, NULL },
    { "/settings/first-weights", first_weights, NULL },
    { "/settings/live", live, NULL },
    { "/settings/go-on", go_on, NULL },
    { "/settings/early", early, NULL },
    { "/settings/schedule", schedule, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
