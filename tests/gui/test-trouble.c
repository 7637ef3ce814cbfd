/* What goes wrong: a training that explodes, missing data, a folder that somebody deleted, a window
 * that is closed in the middle of a run. */
#include "engine/checkpoint.h"
#include "tests/gui/harness.h"
#include "ui/export-actions.h"
#include "ui/run-queue.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY_EPOCHS 10000

static LwRunItem *
start (Gui *gui, int images, int epochs)
{
  LwRunItem *run;

  gui_choose_small_run (gui, images, epochs);
  gui_shortcut (gui, "<Control>2");
  gui_shortcut (gui, "<Control>space");
  run = gui_live (gui);
  g_assert_nonnull (run);
  return run;
}

static void
stop (Gui *gui)
{
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
}

static void
set (Gui *gui, const char *field, const char *value)
{
  g_autoptr (GError) error = NULL;

  lw_workbench_set (gui->workbench, field, value, &error);
  g_assert_no_error (error);
}

/* The open file of a path becomes another; returns what it was, to be closed. */
static int
exchange_file (const char *path, int other)
{
  g_autofree char *whole = realpath (path, NULL);
  int was = -1;

  for (int fd = 3; fd < 1024 && was < 0; fd++) {
    g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
    g_autofree char *target = g_file_read_link (link, NULL);

    if (target == NULL || strcmp (target, whole) != 0)
      continue;
    was = dup (fd);
    g_assert_cmpint (dup2 (other, fd), ==, fd);
  }
  g_assert_cmpint (was, >=, 0);
  return was;
}

/* A training that waits for room; `full` and the file of its rows, for `make_room`. */
static LwRunItem *
start_on_full_disk (Gui *gui, int *ret_full, int *ret_rows)
{
  LwRunItem *run = start (gui, 64, MANY_EPOCHS);
  g_autofree char *metrics = g_build_filename (lw_run_item_folder (run), "metrics.csv", NULL);

  *ret_full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  gui_assert_soon (lw_run_item_progress (run).step > 3);
  *ret_rows = exchange_file (metrics, *ret_full);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  gui_assert_soon (gui_label (gui->window, "The disk is full") != NULL);
  return run;
}

static void
make_room (int full, int rows)
{
  int taken = -1;
  char link[64];

  for (int fd = 3; fd < 1024 && taken < 0; fd++) {
    g_autofree char *target = NULL;

    g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
    target = g_file_read_link (link, NULL);
    if (fd != full && g_strcmp0 (target, "/dev/full") == 0)
      taken = dup2 (rows, fd);
  }
  g_assert_cmpint (taken, >=, 0);
  close (rows);
  close (full);
}

/* The training pauses by itself and says why; it goes on when there is room. */
static void
full_disk (Gui *gui)
{
  int full, rows;
  LwRunItem *run = start_on_full_disk (gui, &full, &rows);

  g_assert_nonnull (gui_label (gui->window, "Cannot write "));
  g_assert_nonnull (gui_button (gui->window, "Go On"));
  make_room (full, rows);
  gui_press (gui_button (gui->window, "Go On"));
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_RUNNING);
  gui_assert_soon (gui_button (gui->window, "Pause") != NULL);
  stop (gui);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_STOPPED);
}

/* Between two looks at it, a training gets room and is paused: it is paused still, of no trouble.
 */
static void
full_disk_then_paused (Gui *gui)
{
  int full, rows;
  LwRunItem *run = start_on_full_disk (gui, &full, &rows);
  LwTrainer *trainer = lw_run_item_trainer (run);
  char *message;

  make_room (full, rows);
  lw_trainer_pause (trainer); /* which also tries again */
  while ((message = lw_trainer_message (trainer)) != NULL ||
         lw_trainer_state (trainer) != LW_RUN_PAUSED) {
    g_free (message);
    g_usleep (1000);
  }
  g_assert_nonnull (gui_label (gui->window, "The disk is full")); /* nobody has looked */
  gui_assert_soon (lw_run_item_message (run) == NULL);
  gui_assert_soon (gui_label (gui->window, "The disk is full") == NULL);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_PAUSED);
  stop (gui);
}

static LwRunItem *
diverge (Gui *gui)
{
  LwRunItem *run;

  lw_workbench_select_model (gui->workbench, lw_model_find ("nin", NULL));
  set (gui, "resize", "67");
  set (gui, "limit-train", "64");
  set (gui, "limit-test", "16");
  set (gui, "batch", "16");
  set (gui, "epochs", "1");
  gui_shortcut (gui, "<Control>2");
  gui_type_number (gui_setting (gui, "learning-rate"), "100");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = lw_workbench_run (gui->workbench)) != NULL);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_DIVERGED);
  return run;
}

static void
divergence (Gui *gui)
{
  LwRunItem *run = diverge (gui);

  /* The bar says when, why and what to do; the sidebar's row carries a sign. */
  gui_assert_soon (gui_label (gui->window, "Diverged: ") != NULL);
  g_assert_nonnull (gui_label (gui->window, "It began in NiN block 1, conv 1: "));
  g_assert_nonnull (strstr (lw_run_item_message (run), "learning rate"));
  g_assert_nonnull (gui_label (gui_row (gui, 1, 0), "! diverged"));
  g_assert_null (gui_button (gui->window, "Continue 5 Epochs"));
  gui_wait (0.3); /* the bar has slid in */

  gui_press (gui_button (gui->window, "Try Learning Rate 0.1")); /* the book's */
  gui_assert_soon (lw_workbench_run (gui->workbench) != run);
  run = lw_workbench_run (gui->workbench);
  g_assert_cmpfloat (lw_run_item_settings (run)->learning_rate, ==, 0.1);
  g_assert_cmpint (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)), ==, 2);
  stop (gui);
}

/* What is proposed while another run trains waits for it. */
static void
divergence_beside (Gui *gui)
{
  LwRunItem *live;

  diverge (gui);
  gui_assert_soon (gui_live (gui) == NULL);
  live = start (gui, 640, MANY_EPOCHS);
  gui_press (gui_row (gui, 1, 1));
  gui_assert_soon (gui_label (gui->window, "Diverged: ") != NULL);
  gui_wait (0.3); /* the bar has slid in */
  gui_press (gui_button (gui->window, "Try Learning Rate 0.1"));
  gui_wait (0.2);
  g_assert_true (gui_live (gui) == live);
  g_assert_cmpint (lw_run_item_state (live), ==, LW_RUN_RUNNING);
  g_assert_cmpuint (lw_run_queue_n_waiting (lw_workbench_queue (gui->workbench)), ==, 1);
  lw_run_queue_clear (lw_workbench_queue (gui->workbench));
  stop (gui);
}

/* --- data --------------------------------------------------------------------------------------
 */

static void
missing_data (Gui *gui)
{
  LwRunItem *run = start (gui, 64, MANY_EPOCHS);

  gui_assert_soon (gui_steps (run) > 3);
  stop (gui);
  lw_workbench_use_data (gui->workbench, "/nowhere/cats & dogs");
  gui_assert_soon (lw_workbench_dataset_error (gui->workbench) != NULL);
  lw_workbench_select_run (gui->workbench, run);
  gui_wait (0.3);
  g_assert_null (gui_label (gui->window, "The Data Set Is Missing")); /* its curves are there */
  lw_workbench_select_draft (gui->workbench);
  gui_assert_soon (gui_label (gui->window, "The Data Set Is Missing") != NULL);
  g_assert_nonnull (lw_workbench_dataset_error (gui->workbench));
  gui_shortcut (gui, "<Control>3"); /* says so in words, too */
  gui_wait (0.2);
  gui_shortcut (gui, "<Control>2");
  g_assert_false (
      g_action_get_enabled (g_action_map_lookup_action (G_ACTION_MAP (gui->window), "train")));

  gui_press (gui_button (gui->window, "Use Built-in Shapes"));
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
  gui_assert_soon (gui_button (gui->window, "Train") != NULL);
  g_assert_true (gtk_widget_is_sensitive (gui_button (gui->window, "Train")));
}

/* Asking for one set after the other takes the last. */
static void
impatient_data (Gui *gui)
{
  for (int i = 0; i < 10; i++)
    lw_workbench_use_data (gui->workbench, i % 2 ? "shapes" : "/nowhere/at-all");
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
  g_assert_null (lw_workbench_dataset_error (gui->workbench));
  gui_wait (0.3);
  g_assert_nonnull (lw_workbench_dataset (gui->workbench));
}

/* CIFAR-10's six files, with four images each. */
static char *
write_colour_images (void)
{
  static const char *const names[] = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                       "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin" };
  g_autofree char *folder = gui_scratch ("彩色图片");
  char records[4][1 + 3 * 32 * 32];

  for (int i = 0; i < 4; i++) {
    memset (records[i], 60 * i, sizeof records[i]);
    records[i][0] = (char)i;
  }
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);

    g_assert_true (g_file_set_contents (path, (const char *)records, sizeof records, NULL));
  }
  return g_steal_pointer (&folder);
}

/* The network takes as many channels as the images have. */
static void
colour_images (Gui *gui)
{
  g_autofree char *folder = write_colour_images ();

  gui_press (gui_row (gui, 0, 1)); /* LeNet + BN */
  g_assert_cmpint (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).c, ==, 1);
  lw_workbench_use_data (gui->workbench, folder);
  gui_assert_soon (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).c == 3);
  gui_press (gui_row (gui, 0, 0));
  g_assert_cmpint (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).c, ==, 3);
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (gui_label (gui->window, "initial, random weights") != NULL);

  lw_workbench_use_data (gui->workbench, "shapes");
  gui_assert_soon (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).c == 1);
}

static void
impossible_setting (Gui *gui)
{
  gui_press (gui_row (gui, 0, 2)); /* AlexNet */
  gui_shortcut (gui, "<Control>2");
  gui_type_number (gui_setting (gui, "resize"), "8");
  gui_assert_soon (gui_label (gui->window, "AlexNet") != NULL);
  /* The draft and its graph are what they were. */
  g_assert_cmpint (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).h, ==, 224);
  gui_type_number (gui_setting (gui, "resize"), "65");
  g_assert_cmpint (lw_graph_input_shape (lw_workbench_graph (gui->workbench)).h, ==, 65);
}

/* --- files -------------------------------------------------------------------------------------
 */

static void
assert_says_something (Gui *gui, const char *word)
{
  gui_assert_soon (gui_toast (gui) != NULL && strstr (gui_toast (gui), word) != NULL);
}

/* The list notices sooner or later, and forgets it then. */
static void
press_if_there (GtkWidget *widget)
{
  if (widget != NULL)
    gui_press (widget);
}

static void
deleted_folder (Gui *gui)
{
  g_autoptr (LwRunItem) run = g_object_ref (start (gui, 160, 1));
  g_autofree char *csv = gui_scratch ("gone.csv");
  g_autofree char *name = NULL;

  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  name = g_path_get_basename (lw_run_item_folder (run));
  gui_remove (lw_run_item_folder (run));

  lw_window_export (gui->window, "export-metrics", csv);
  assert_says_something (gui, name);
  g_assert_false (g_file_test (csv, G_FILE_TEST_EXISTS));
  press_if_there (gui_button (gui->window, "Continue 5 Epochs"));
  gui_wait (0.5);
  g_assert_null (gui_live (gui));
  for (int page = 0; page < 3; page++) {
    gui_press (gui_row (gui, 0, 0));
    gui_shortcut (gui, page == 0 ? "<Control>1" : page == 1 ? "<Control>2" : "<Control>3");
    press_if_there (gui_row (gui, 1, 0));
    gui_wait (0.2);
  }
  /* Its curves are still there to look at. */
  g_assert_cmpint (lw_series_length (lw_run_item_series (run, LW_CURVE_TRAIN_LOSS)), ==, 5);
}

/* Deleted while it trains: the run fails with a sentence, or ends; the window goes on. */
static void
deleted_while_training (Gui *gui)
{
  LwRunItem *run = start (gui, 160, 50);

  gui_assert_soon (gui_steps (run) > 3);
  gui_remove (lw_run_item_folder (run));
  gui_assert_soon (gui_live (gui) == NULL);
  if (lw_run_item_state (run) == LW_RUN_FAILED) {
    gui_assert_soon (gui_label (gui->window, "The training failed") != NULL);
    g_assert_nonnull (lw_run_item_message (run));
  }
  run = start (gui, 160, 1);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
}

/* --- closing -----------------------------------------------------------------------------------
 */

static GtkWidget *
dialog_of (Gui *gui)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *at = windows; at != NULL; at = at->next)
    if (ADW_IS_MESSAGE_DIALOG (at->data) && gtk_widget_get_mapped (at->data) &&
        gtk_window_get_transient_for (at->data) == GTK_WINDOW (gui->window))
      return at->data;
  return NULL;
}

static GtkWidget *
ask_to_close (Gui *gui)
{
  GtkWidget *dialog;

  gtk_window_close (GTK_WINDOW (gui->window));
  gui_assert_soon ((dialog = dialog_of (gui)) != NULL);
  gui_assert_soon (gui_button (dialog, "Keep Training") != NULL);
  return dialog;
}

static void
close_while_training (Gui *gui)
{
  int64_t *saved = gui->data;
  LwRunItem *run = start (gui, 640, MANY_EPOCHS);
  int64_t steps;
  GtkWidget *dialog;

  gui_assert_soon (gui_steps (run) > 3);
  dialog = ask_to_close (gui);
  gui_press (gui_button (dialog, "Keep Training"));
  gui_assert_soon (dialog_of (gui) == NULL);
  steps = gui_steps (run);
  gui_assert_soon (gui_steps (run) > steps + 2);
  g_assert_true (gui_live (gui) == run);

  /* Paused, the same question. */
  gui_shortcut (gui, "<Control>space");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  *saved = gui_steps (run);
  dialog = ask_to_close (gui);
  gui_press (gui_button (dialog, "Save and Close"));
}

static void
go_on_next_time (Gui *gui)
{
  const int64_t *saved = gui->data;
  g_autoptr (GArray) checkpoints = NULL;
  LwRunItem *run;

  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 0));
  run = lw_workbench_run (gui->workbench);
  g_assert_cmpint (lw_run_item_state (run), ==, LW_RUN_STOPPED);
  g_assert_cmpint (gui_steps (run), ==, *saved);
  checkpoints = lw_checkpoint_list (lw_run_item_folder (run));
  g_assert_cmpint (g_array_index (checkpoints, int64_t, checkpoints->len - 1), ==, *saved);

  gui_press (gui_button (gui->window, "Go On to Epoch 10000"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_assert_soon (gui_steps (run) > *saved + 3);
  stop (gui);
}

static void
closing (void)
{
  int64_t saved = 0;

  gui_run (close_while_training, &saved);
  gui_run (go_on_next_time, &saved);
}

/* The program's end by any other way than the dialog saves the run as well. */
static void
destroyed_while_training (Gui *gui)
{
  LwRunItem *run = start (gui, 640, MANY_EPOCHS);

  gui_assert_soon (gui_steps (run) > 3);
  gtk_window_destroy (GTK_WINDOW (gui->window));
}

static void
find_destroyed (Gui *gui)
{
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_press (gui_row (gui, 1, 0));
  g_assert_cmpint (lw_run_item_state (lw_workbench_run (gui->workbench)), ==, LW_RUN_STOPPED);
  g_assert_cmpint (gui_steps (lw_workbench_run (gui->workbench)), >, 3);
}

static void
destruction (void)
{
  gui_run (destroyed_while_training, NULL);
  gui_run (find_destroyed, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/trouble/divergence", divergence, NULL },
    { "/trouble/full-disk", full_disk, NULL },
    { "/trouble/full-disk-then-paused", full_disk_then_paused, NULL },
    { "/trouble/divergence-beside", divergence_beside, NULL },
    { "/trouble/missing-data", missing_data, NULL },
    { "/trouble/colour-images", colour_images, NULL },
    { "/trouble/impatient-data", impatient_data, NULL },
    { "/trouble/impossible-setting", impossible_setting, NULL },
    { "/trouble/deleted-folder", deleted_folder, NULL },
    { "/trouble/deleted-while-training", deleted_while_training, NULL },
    { "/trouble/closing", NULL, closing },
    { "/trouble/destruction", NULL, destruction },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
