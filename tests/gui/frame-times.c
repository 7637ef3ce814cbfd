/* How long the window's main loop is busy at a time while a network trains: from the return of one
 * poll to the call of the next. A frame lasts 16 ms; what takes longer is felt.
 *
 *   frame-times --report    ResNet-18, everything that a person does, a table
 *   frame-times --live      the same without the diagrams of 10,000 nodes
 *   frame-times --diagram   only diagrams of 10,000 nodes, panned, zoomed, folded
 *   frame-times             LeNet, a few seconds, as a test with a generous limit */
#include "tests/gui/harness.h"
#include "kernels/cpu/cpu.h"
#include "tests/gui/live-views.h"
#include "tests/gui/stopwatch.h"
#include "tests/support/big_graph.h"
#include "ui/bn-chart.h"
#include "ui/chart-view.h"
#include "ui/diagram-camera.h"
#include "ui/diagram-view.h"

#include <string.h>

/* Of the test, without waits for a processor: on a busy machine the X server is slow, too. */
#define LIMIT_MS 1500.0

/* --- a person -----------------------------------------------------------------------------------
 */

static void
choose_network (Gui *gui, bool as_test)
{
  const char *const settings[][2] = { { "resize", as_test ? "28" : "96" },
                                      { "limit-train", as_test ? "640" : "320" },
                                      { "limit-test", "64" },
                                      { "batch", "16" },
                                      { "epochs", "1000" },
                                      { "learning-rate", "0.05" } };

  lw_workbench_select_model (gui->workbench,
                             lw_model_find (as_test ? "lenet-bn" : "resnet18", NULL));
  gui_wait (0.1);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autoptr (GError) error = NULL;

    lw_workbench_set (gui->workbench, settings[i][0], settings[i][1], &error);
    g_assert_no_error (error);
    gui_wait (0.1); /* nobody types faster */
  }
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
}

static void
stop (Gui *gui)
{
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
  gui_wait (0.5);
}

static void
watch (Gui *gui)
{
  const bool as_test = gui->data != NULL;
  const double unit = as_test ? 0.4 : 6;
  LwRunItem *run;

  stopwatch_watch (GTK_WIDGET (gui->window));
  gui_resize (gui, 1280, 800);
  stopwatch_begin ("choosing settings");
  choose_network (gui, as_test);
  gui_shortcut (gui, "<Control>2");
  gui_wait (unit / 4);
  stopwatch_begin ("starting a run");
  gui_shortcut (gui, "<Control>space");
  run = gui_live (gui);
  g_assert_nonnull (run);
  gui_assert_soon (gui_steps (run) > 1);
  live_train_page (gui, unit);
  live_inspect_page (gui, unit);
  live_compare_page (gui, unit);
  stopwatch_begin ("Explore");
  gui_shortcut (gui, "<Control>1");
  live_wander (gui, GTK_WIDGET (lw_main_window_page (gui->window, "explore")), unit);
  stopwatch_begin ("switching pages");
  for (int i = 0; i < 12; i++) {
    gui_shortcut (gui, i % 3 == 0 ? "<Control>1" : i % 3 == 1 ? "<Control>2" : "<Control>3");
    gui_wait (unit / 20);
  }
  stopwatch_begin ("choosing architectures");
  gui_shortcut (gui, "<Control>2");
  for (int i = 0; i < lw_n_book_models (); i++) {
    gui_press (gui_row (gui, 0, i));
    gui_wait (unit / 20);
  }
  stopwatch_begin ("the same on Explore");
  gui_shortcut (gui, "<Control>1");
  for (int i = 0; i < lw_n_book_models (); i++) {
    gui_press (gui_row (gui, 0, i));
    gui_wait (unit / 20);
  }
  gui_shortcut (gui, "<Control>2");
  gui_wait (unit / 20);
  stopwatch_begin ("choosing the run again");
  gui_press (gui_row (gui, 1, 0));
  gui_wait (unit / 4);
  stopwatch_begin ("pause, step, go on");
  gui_shortcut (gui, "<Control>space");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  gui_shortcut (gui, "<Control>period");
  gui_wait (unit / 2);
  gui_shortcut (gui, "<Control>space");
  gui_wait (unit / 4);
  stopwatch_begin ("stopping, saved run shown");
  stop (gui);
  gui_shortcut (gui, "<Control>3");
  gui_wait (unit / 2);
  stopwatch_begin ("continuing a saved run");
  g_object_ref (run);
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.continue", "i", 5);
  gui_assert_soon (gui_live (gui) != NULL && gui_live (gui) != run);
  gui_assert_soon (gui_steps (gui_live (gui)) > gui_steps (run) + 1);
  g_object_unref (run);
  stopwatch_begin ("closing");
  stop (gui);
}

/* --- a large diagram ----------------------------------------------------------------------------
 */

typedef struct {
  LwDiagramView *view;
  double dx, dy; /* pixels a frame */
  int direction; /* of zooming a step; 0: none */
  guint frames, late;
  gint64 last_us;
} Motion;

/* Moves the view with each frame, there and back, and counts the frames that came late. */
static gboolean
advance (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Motion *motion = data;
  const cairo_rectangle_t shown = lw_diagram_view_shown (motion->view);
  const double zoom = lw_diagram_view_zoom (motion->view);
  const gint64 now = g_get_monotonic_time ();

  (void)widget;
  (void)clock;
  if (motion->last_us != 0) {
    motion->frames++;
    motion->late += now - motion->last_us > 25000; /* one and a half frames: one was missed */
  }
  motion->last_us = now;
  if (motion->direction != 0 && motion->frames % 15 == 0) {
    if (zoom <= LW_ZOOM_MIN || zoom >= LW_ZOOM_MAX)
      motion->direction = zoom <= LW_ZOOM_MIN ? 1 : -1;
    lw_diagram_view_zoom_by (motion->view, motion->direction);
  }
  if (motion->dx != 0 || motion->dy != 0)
    lw_diagram_view_move_to (motion->view, shown.x + motion->dx / zoom,
                             shown.y + motion->dy / zoom);
  return G_SOURCE_CONTINUE;
}

static void
move_diagram (Motion motion, const char *name, double seconds)
{
  const guint tick =
      (stopwatch_begin (name),
       gtk_widget_add_tick_callback (GTK_WIDGET (motion.view), advance, &motion, NULL));

  gui_wait (seconds);
  gtk_widget_remove_tick_callback (GTK_WIDGET (motion.view), tick);
  g_print ("# %s: %u frames in %.1f s, %u late\n", name, motion.frames, seconds, motion.late);
}

static void
large_diagram (Gui *gui)
{
  static const char *const words[][6] = {
    { "10,000 nodes: opening", "10,000 nodes: pan at 100 %", "10,000 nodes: pan at 25 %",
      "10,000 nodes: zoom", "10,000 nodes: folding", "10,000 nodes: search" },
    { "wide: opening", "wide: pan at 100 %", "wide: pan at 25 %", "wide: zoom", "wide: folding",
      "wide: search" },
  };
  const bool as_test = gui->data != NULL;
  const double unit = as_test ? 0.2 : 3;
  LwDiagramView *view;

  gui_resize (gui, 1280, 800);
  gui_shortcut (gui, "<Control>1");
  view = LW_DIAGRAM_VIEW (live_find (gui, LW_TYPE_DIAGRAM_VIEW));
  for (int i = 0; i < 2; i++) {
    stopwatch_begin (words[i][0]);
    lw_workbench_select_model (gui->workbench,
                               lw_big_model (i == 0 ? LW_BIG_RESIDUAL : LW_BIG_INCEPTION));
    gui_wait (unit / 3);
    lw_diagram_view_unfold_all (view);
    gui_wait (unit / 3);
    lw_diagram_view_zoom_to (view, 1);
    gui_wait (0.4);
    move_diagram ((Motion){ .view = view, .dx = i, .dy = 40 }, words[i][1], unit);
    lw_diagram_view_zoom_to (view, LW_ZOOM_MIN);
    gui_wait (0.4);
    move_diagram ((Motion){ .view = view, .dx = -i, .dy = -40 }, words[i][2], unit);
    move_diagram ((Motion){ .view = view, .direction = 1 }, words[i][3], 2 * unit);
    stopwatch_begin (words[i][4]);
    for (int k = 0; k < 6; k++) {
      lw_diagram_view_toggle (view, 2);
      gui_wait (unit / 6);
    }
    stopwatch_begin (words[i][5]);
    lw_diagram_view_search (view, "3x3", false, NULL);
    for (int k = 0; k < 6; k++) {
      lw_diagram_view_next_match (view, -1);
      gui_wait (unit / 6);
    }
    lw_diagram_view_search (view, NULL, false, NULL);
  }
  stopwatch_begin ("closing");
}

static void
fresh_start (Gui *gui)
{
  stopwatch_begin ("a window with a saved run");
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_press (gui_row (gui, 1, 0));
  gui_shortcut (gui, "<Control>3");
  gui_wait (1);
  stopwatch_begin ("closing");
}

static void
measure (bool as_test)
{
  double most;

  stopwatch_start ();
  gui_run (watch, as_test ? "" : NULL);
  stopwatch_begin ("start");
  gui_run (fresh_start, NULL);
  stopwatch_begin ("start");
  gui_run (large_diagram, as_test ? "" : NULL);
  stopwatch_stop ();
  most = stopwatch_report (as_test ? "# " : "");
  if (as_test)
    g_assert_cmpfloat (most, <, LIMIT_MS);
}

static void
smoke (void)
{
  measure (true);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = { { "/frame-times", NULL, smoke }, { NULL, NULL, NULL } };

  if (argc > 1 && strcmp (argv[1], "--report") == 0) {
    const LwBackend *const fast[] = { lw_cpu_backend (), NULL };

    gui_backends = fast;
    measure (false);
    return 0;
  }
  if (argc > 1 && strcmp (argv[1], "--live") == 0) {
    const LwBackend *const fast[] = { lw_cpu_backend (), NULL };

    gui_backends = fast;
    stopwatch_start ();
    gui_run (watch, NULL);
    stopwatch_stop ();
    stopwatch_report ("");
    return 0;
  }
  if (argc > 1 && strcmp (argv[1], "--diagram") == 0) {
    stopwatch_start ();
    gui_run (large_diagram, NULL);
    stopwatch_stop ();
    stopwatch_report ("");
    return 0;
  }
  return gui_main (argc, argv, tests);
}
