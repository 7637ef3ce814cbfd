/* Several runs, as a person asks for them: the queue, lists in a field, repetitions, a queue that
 * is there again after a restart. */
#include "tests/gui/harness.h"
#include "ui/chart-export.h"
#include "ui/chart-view-private.h"
#include "ui/queue-view.h"
#include "ui/run-groups.h"
#include "ui/run-queue.h"

#include <string.h>

static LwRunQueue *
queue_of (Gui *gui)
{
  return lw_workbench_queue (gui->workbench);
}

static guint
n_waiting (Gui *gui)
{
  return lw_run_queue_n_waiting (queue_of (gui));
}

static guint
n_runs (Gui *gui)
{
  return g_list_model_get_n_items (lw_workbench_runs (gui->workbench));
}

static GtkWidget *
queue_view (Gui *gui)
{
  return gui_find (GTK_WIDGET (gui->window), LW_TYPE_QUEUE_VIEW);
}

/* What the row at a place says below the network's name. */
static const char *
label_at (Gui *gui, guint place)
{
  g_autoptr (GPtrArray) runs = lw_run_queue_group (queue_of (gui), NULL);

  for (guint i = 0; i < runs->len; i++)
    if (lw_run_queue_position (queue_of (gui), runs->pdata[i]) == place)
      return lw_queued_run_label (runs->pdata[i]); /* the queue keeps it */
  return NULL;
}

/* A button of the row at a place, from 1. */
static GtkWidget *
at (Gui *gui, int place, const char *word)
{
  GtkWidget *list = gui_find (queue_view (gui), GTK_TYPE_LIST_BOX);

  return gui_button (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), place - 1), word);
}

static void
stop (Gui *gui, LwRunItem *run)
{
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_STOPPED);
}

static void
count (guint *n)
{
  ++*n;
}

/* One trains, one waits, then two more from a list, of which all hear at once; the first goes to
 * the end, another away. */
static void
queue_three (Gui *gui)
{
  guint changes = 0;
  gulong counting;

  gui_start_long (gui);
  g_assert_null (queue_view (gui));
  gui_shortcut (gui, "<Control>n");
  gui_type_number (gui_setting (gui, "epochs"), "1");
  gui_type_number (gui_setting (gui, "limit-train"), "64");
  gui_assert_soon (gui_button (gui->window, "Queue") != NULL);
  gui_press (gui_button (gui->window, "Queue"));
  g_assert_cmpuint (n_waiting (gui), ==, 1);
  gui_type_number (gui_setting (gui, "learning-rate"), "0.25, 0.125");
  gui_assert_soon (gui_button (gui->window, "Queue 2 Runs") != NULL);
  g_assert_nonnull (gui_label (gui->window, "2 values: one run each"));
  counting = g_signal_connect_swapped (queue_of (gui), "changed", G_CALLBACK (count), &changes);
  gui_press (gui_button (gui->window, "Queue 2 Runs"));
  g_assert_cmpuint (n_waiting (gui), ==, 3);
  g_assert_cmpuint (changes, ==, 1);
  g_signal_handler_disconnect (queue_of (gui), counting);
  gui_assert_soon (queue_view (gui) != NULL);
  g_assert_cmpstr (label_at (gui, 1), ==, "lr 0.5 · seed 42");
  g_assert_cmpstr (label_at (gui, 2), ==, "learning rate 0.25");

  gui_press (at (gui, 1, "Later"));
  gui_press (at (gui, 2, "Earlier"));
  g_assert_cmpstr (label_at (gui, 1), ==, "lr 0.5 · seed 42");
  gui_press (at (gui, 1, "Later"));
  g_assert_cmpstr (label_at (gui, 1), ==, "learning rate 0.25");
  g_assert_nonnull (gui_label (queue_view (gui), "learning rate 0.125"));
  gui_press (at (gui, 1, "Remove"));
  g_assert_cmpuint (n_waiting (gui), ==, 2);
  gui_assert_soon (gui_label (queue_view (gui), "learning rate 0.25") == NULL);
}

/* What the empty charts ask for. */
static const char *
asked_for (Gui *gui)
{
  LwChartView *charts = LW_CHART_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_VIEW));
  LwRunPicture picture = { 0 };
  const char *text;

  lw_chart_view_fill (charts, lw_theme (false), &picture);
  text = picture.charts[LW_RUN_CHART_LOSS].empty_text;
  lw_run_picture_clear (&picture);
  return text;
}

/* A run that is stopped by hand is followed by the next; Stop All takes all. */
static void
in_turn (Gui *gui)
{
  LwRunItem *run, *second;

  queue_three (gui);
  run = gui_live (gui);
  stop (gui, run);
  gui_assert_soon (n_runs (gui) == 3 && gui_live (gui) == NULL && n_waiting (gui) == 0);
  gui_assert_soon (queue_view (gui) == NULL);
  {
    g_autoptr (LwRunItem) last = g_list_model_get_item (lw_workbench_runs (gui->workbench), 0);

    g_assert_cmpint (lw_run_item_state (last), ==, LW_RUN_FINISHED);
    g_assert_cmpfloat (lw_run_item_settings (last)->learning_rate, ==, 0.125);
    g_assert_cmpstr (lw_run_item_group (last)->label, ==, "learning rate 0.125");
  }
  g_assert_null (lw_workbench_run (gui->workbench)); /* the draft was looked at, and still is */
  g_assert_cmpstr (asked_for (gui), ==, "Press Train");

  second = gui_start_long (gui);
  gui_shortcut (gui, "<Control>n");
  gui_press (gui_button (gui->window, "Queue"));
  gui_press (gui_button (queue_view (gui), "Pause the queue: the next run waits"));
  stop (gui, second);
  gui_assert_soon (gui_live (gui) == NULL);
  gui_wait (0.3);
  g_assert_cmpuint (n_waiting (gui), ==, 1);
  gui_press (gui_button (queue_view (gui), "Let the queue go on"));
  gui_assert_soon (gui_live (gui) != NULL);
  gui_assert_soon (gui_steps (gui_live (gui)) > 1);
  g_assert_null (lw_workbench_run (gui->workbench));
  g_assert_nonnull (gui_button (gui->window, "Queue")); /* Train would pause what has begun */
  g_assert_cmpstr (asked_for (gui), ==, "Press Queue");
  lw_run_queue_stop_all (queue_of (gui));
  gui_assert_soon (gui_live (gui) == NULL);
}

/* --- after a restart ----------------------------------------------------------------------------
 */

typedef struct {
  char *folder;
  int64_t steps;
} Memory;

static void
leave (Gui *gui)
{
  Memory *memory = gui->data;
  LwRunItem *run;

  queue_three (gui);
  run = gui_live (gui);
  gui_assert_soon (gui_steps (run) > 40);
  memory->folder = g_strdup (lw_run_item_folder (run));
  memory->steps = gui_steps (run);
  gtk_window_destroy (GTK_WINDOW (gui->window)); /* as a session's end does */
}

static void
come_back (Gui *gui)
{
  const Memory *memory = gui->data;
  LwRunItem *run;

  g_assert_cmpuint (n_waiting (gui), ==, 3); /* the one that trained is the first */
  g_assert_true (lw_run_queue_is_paused (queue_of (gui)));
  gui_assert_soon (n_runs (gui) == 1);
  gui_wait (0.2);
  g_assert_null (gui_live (gui));
  gui_shortcut (gui, "<Control>2");
  gui_assert_soon (gui_label (gui->window, "3 runs are waiting") != NULL);
  gui_press (gui_button (gui->window, "Go On with the Queue"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  g_assert_cmpstr (lw_run_item_folder (run), ==, memory->folder);
  gui_assert_soon (gui_steps (run) > memory->steps);
  g_assert_true (lw_workbench_run (gui->workbench) == run);
  g_assert_cmpuint (n_runs (gui), ==, 1);
  g_assert_cmpuint (n_waiting (gui), ==, 2);
  gui_assert_soon (gui_label (gui->window, "3 runs are waiting") == NULL);
  lw_run_queue_stop_all (queue_of (gui));
  gui_assert_soon (gui_live (gui) == NULL);
}

static void
find_none (Gui *gui)
{
  g_assert_cmpuint (n_waiting (gui), ==, 0);
  g_assert_false (lw_run_queue_is_paused (queue_of (gui)));
}

static void
restart (void)
{
  Memory memory = { NULL };

  gui_run (leave, &memory);
  gui_run (come_back, &memory);
  gui_run (find_none, NULL);
  g_free (memory.folder);
}

/* --- going on with a run -------------------------------------------------------------------------
 */

/* One has ended and another trains: the first waits, once, for its turn. */
static void
queue_more (Gui *gui)
{
  Memory *memory = gui->data;
  LwRunItem *ended;

  gui_shortcut (gui, "<Control>2");
  gui_choose_small_run (gui, 64, 1);
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (n_runs (gui) == 1 && gui_live (gui) == NULL);
  ended = lw_workbench_run (gui->workbench);
  memory->folder = g_strdup (lw_run_item_folder (ended));
  gui_start_long (gui);
  g_assert_null (gui_button (gui->window, "Continue 5 Epochs")); /* of the one that trains */
  gui_press (gui_row (gui, 1, 1));
  g_assert_true (lw_workbench_run (gui->workbench) == ended);
  gui_assert_soon (gui_button (gui->window, "Continue 5 Epochs") != NULL);
  g_assert_nonnull (gui_button (gui->window, "Pause"));
  gui_press (gui_button (gui->window, "Continue 5 Epochs"));
  g_assert_cmpuint (n_waiting (gui), ==, 1);
  g_assert_cmpstr (label_at (gui, 1), ==, "continues to epoch 6");
  gui_press (gui_button (gui->window, "Continue 5 Epochs"));
  g_assert_cmpuint (n_waiting (gui), ==, 1);
  g_assert_cmpstr (label_at (gui, 1), ==, "continues to epoch 11");
  gui_assert_soon (gui_label (queue_view (gui), "↻ continues to epoch 11") != NULL);
  gtk_window_destroy (GTK_WINDOW (gui->window));
}

/* After the restart it waits behind the one that was interrupted, and then goes on so far. */
static void
go_on (Gui *gui)
{
  const Memory *memory = gui->data;
  LwRunItem *run;

  g_assert_cmpuint (n_waiting (gui), ==, 2);
  g_assert_cmpstr (label_at (gui, 2), ==, "continues to epoch 11");
  gui_assert_soon (n_runs (gui) == 2);
  gui_press (at (gui, 1, "Remove"));
  gui_press (gui_button (queue_view (gui), "Let the queue go on"));
  gui_assert_soon (n_waiting (gui) == 0 && gui_live (gui) == NULL &&
                   !lw_workbench_is_busy (gui->workbench));
  run = lw_workbench_find_run (gui->workbench, memory->folder);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_FINISHED);
  g_assert_cmpfloat (lw_run_item_progress (run).epoch, ==, 11);
  g_assert_cmpuint (n_runs (gui), ==, 2);
}

static void
more_epochs (void)
{
  Memory memory = { NULL };

  gui_run (queue_more, &memory);
  gui_run (go_on, &memory);
  g_free (memory.folder);
}

static void
leave_sweep (Gui *gui)
{
  Memory *memory = gui->data;

  gui_choose_small_run (gui, 640, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_type_number (gui_setting (gui, "learning-rate"), "0.25, 0.125");
  gui_assert_soon (gui_button (gui->window, "Train 2 Runs") != NULL);
  gui_press (gui_button (gui->window, "Train 2 Runs"));
  gui_assert_soon (gui_live (gui) != NULL && gui_steps (gui_live (gui)) > 3);
  memory->folder = g_strdup (lw_run_item_folder (gui_live (gui)));
  gtk_window_destroy (GTK_WINDOW (gui->window));
}

/* An interrupted run of a sweep still belongs to it when it is to go on for longer. */
static void
extend_sweep (Gui *gui)
{
  const Memory *memory = gui->data;
  g_autoptr (GPtrArray) before = lw_run_queue_group (queue_of (gui), NULL), group = NULL;
  g_autofree char *id = NULL;
  LwRunItem *run, *live;

  g_assert_cmpuint (n_waiting (gui), ==, 2);
  id = g_strdup (lw_queued_run_entry (before->pdata[0])->group.id);
  g_assert_nonnull (id);
  gui_assert_soon ((run = lw_workbench_find_run (gui->workbench, memory->folder)) != NULL);
  live = gui_start_long (gui);
  g_assert_true (lw_workbench_continue (gui->workbench, run, 10000, NULL));
  g_assert_true (g_str_has_prefix (label_at (gui, 1), "continues to epoch 10"));
  group = lw_run_queue_group (queue_of (gui), id);
  g_assert_cmpuint (group->len, ==, 2);
  lw_run_queue_clear (queue_of (gui));
  stop (gui, live);
}

static void
longer_sweep (void)
{
  Memory memory = { NULL };

  gui_run (leave_sweep, &memory);
  gui_run (extend_sweep, &memory);
  g_free (memory.folder);
}

/* --- sweeps and seeds --------------------------------------------------------------------------
 */

static void
sweep (Gui *gui)
{
  GtkWidget *rate;

  gui_choose_small_run (gui, 64, 1);
  gui_shortcut (gui, "<Control>2");
  rate = gui_setting (gui, "learning-rate");
  gui_type_number (rate, "0.5, 0.25, 1.0");
  gui_assert_soon (gui_button (gui->window, "Train 3 Runs") != NULL);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (rate)), ==, "0.5, 0.25, 1.0");
  gui_type_number (gui_setting (gui, "batch"), "16,32");
  gui_assert_soon (gui_button (gui->window, "Train 6 Runs") != NULL);
  gui_type_number (gui_setting (gui, "batch"), "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,"
                                               "21,22"); /* 66 runs */
  gui_assert_soon (gui_label (gui->window, "These lists make 66 runs") != NULL);
  gui_type_number (gui_setting (gui, "batch"), "32");
  gui_type_number (rate, "0,5"); /* a decimal comma */
  gui_assert_soon (gui_button (gui->window, "Train") != NULL);
  g_assert_cmpfloat (lw_workbench_settings (gui->workbench)->learning_rate, ==, 0.5);
  gui_type_number (rate, "0.5, 0.25, 1.0");
  gui_press (gui_button (gui->window, "Train 3 Runs"));
  gui_assert_soon (n_runs (gui) == 3 && gui_live (gui) == NULL && n_waiting (gui) == 0);
  {
    LwRunItem *last = lw_workbench_run (gui->workbench); /* the view follows the queue */
    g_autoptr (GPtrArray) group =
        lw_workbench_group_runs (gui->workbench, lw_run_item_group (last)->id);
    const LwQueueProgress progress =
        lw_run_queue_progress (queue_of (gui), lw_run_item_group (last)->id);

    g_assert_cmpfloat (lw_run_item_settings (last)->learning_rate, ==, 1.0);
    g_assert_cmpstr (lw_run_item_group (last)->name, ==,
                     "LeNet + BN: learning rate 0.5, 0.25, 1.0");
    g_assert_cmpuint (group->len, ==, 3);
    g_assert_cmpint (progress.done, ==, 3);
    g_assert_cmpfloat (progress.fraction, ==, 1);
    g_assert_cmpfloat (progress.remaining_s, ==, 0);
  }
}

/* Three seeds of one network: one set, also when its runs are read back. */
static void
seeds (Gui *gui)
{
  gui_choose_small_run (gui, 64, 2);
  gui_shortcut (gui, "<Control>2");
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.repeat", "i", 3);
  gui_assert_soon (gui_button (gui->window, "Train 3 Runs") != NULL);
  gui_press (gui_button (gui->window, "Train 3 Runs"));
  gui_assert_soon (n_runs (gui) == 3 && gui_live (gui) == NULL && n_waiting (gui) == 0);
}

static void
seeds_again (Gui *gui)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref), sets = NULL,
                        set = NULL;
  g_autofree char *readout = NULL, *subtitle = NULL;
  LwChartView *view;

  gui_assert_soon (n_runs (gui) == 3);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (all, g_list_model_get_item (lw_workbench_runs (gui->workbench), i));
  sets = lw_runs_by_seed (all);
  g_assert_cmpuint (sets->len, ==, 1);
  set = lw_runs_with_other_seeds (gui->workbench, all->pdata[1]);
  g_assert_cmpuint (set->len, ==, 3);

  /* Drawn as one: train and test in colours of their own, each with its range. */
  lw_workbench_select_run (gui->workbench, all->pdata[1]);
  gui_shortcut (gui, "<Control>2");
  gui_assert_soon (gui_button (gui->window, "Seeds") != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Seeds")), TRUE);
  view = LW_CHART_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_CHART_VIEW));
  gui_wait (0.2);
  lw_chart_view_set_rule (view, 2, false);
  readout = lw_chart_view_readout (view);
  g_assert_nonnull (strstr (readout, "\tmin\tmax\n"));
  g_assert_nonnull (strstr (readout, "Train loss\t"));
  g_assert_nonnull (strstr (readout, "Test accuracy\t"));
  g_assert_cmpint (lw_chart_view_n_keys (view), ==, 2);
  g_assert_cmpstr (lw_chart_view_key_name (view, 1), ==, "test");
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, !=, lw_chart_view_style (view, 1).colour);
  subtitle = lw_chart_export_subtitle (view);
  g_assert_null (subtitle); /* it would be of one seed */
  /* A colour is that of all of them. */
  lw_chart_view_set_colour (view, 1, 4);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (lw_run_item_notes (all->pdata[i])->test_colour, ==, 4);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Seeds")), FALSE);
  subtitle = lw_chart_export_subtitle (view);
  g_assert_nonnull (subtitle);
}

static void
seeds_and_restart (void)
{
  gui_run (seeds, NULL);
  gui_run (seeds_again, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/queue/in-turn", in_turn, NULL },
    { "/queue/restart", NULL, restart },
    { "/queue/more-epochs", NULL, more_epochs },
    { "/queue/longer-sweep", NULL, longer_sweep },
    { "/queue/sweep", sweep, NULL },
    { "/queue/seeds", NULL, seeds_and_restart },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
