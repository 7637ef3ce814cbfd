/* How long the window's main loop is busy at a time while a network trains: from the return of one
 * poll to the call of the next. A frame lasts 16 ms; what takes longer is felt.
 *
 *   frame-times --report    ResNet-18, everything that a person does, a table
 *   frame-times --diagram   only diagrams of 10,000 nodes, panned, zoomed, folded
 *   frame-times             LeNet, a few seconds, as a test with a generous limit */
#include "tests/gui/harness.h"
#include "tests/support/big_graph.h"
#include "ui/bn-chart.h"
#include "ui/chart-view.h"
#include "ui/diagram-camera.h"
#include "ui/diagram-view.h"

#include <X11/Xlib.h>
#include <gdk/x11/gdkx.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <sys/resource.h>
#include <unistd.h>

#define FRAME_MS 16.0
/* Of the test, without waits for a processor: on a busy machine the X server is slow, too. */
#define LIMIT_MS 1500.0

/* --- measuring ----------------------------------------------------------------------------------
 */

/* Of an iteration: all of it; without what it waited for a processor that others had, but with its
 * waits for locks, files and the X server; the work of the main thread alone. */
enum { WALL, OWN, CPU, N_TIMES };

typedef struct {
  const char *name;
  GArray *times[N_TIMES]; /* double, ms */
} Phase;

static GArray *phases; /* Phase */
static gint64 returned_us;
static double returned_waited_ms, returned_cpu_ms;

/* How long this thread was ready and had no processor: the second number of Linux' schedstat. 0
 * where there is none, and then `own` is `wall`. */
static double
waited_ms (void)
{
  static int file = -2;
  char text[128];
  char *rest;
  ssize_t n;

  if (file == -2)
    file = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  n = file >= 0 ? pread (file, text, sizeof text - 1, 0) : 0;
  if (n <= 0)
    return 0;
  text[n] = '\0';
  g_ascii_strtoull (text, &rest, 10);
  return (double)g_ascii_strtoull (rest, NULL, 10) / 1e6;
}

static double
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
timed_poll (GPollFD *fds, guint n, int timeout)
{
  Phase *phase = &g_array_index (phases, Phase, phases->len - 1);
  const double busy = (double)(g_get_monotonic_time () - returned_us) / 1e3;
  const double times[N_TIMES] = { busy, busy - (waited_ms () - returned_waited_ms),
                                  cpu_ms () - returned_cpu_ms };
  int ready;

  for (int i = 0; i < N_TIMES && returned_us != 0; i++)
    g_array_append_val (phase->times[i], times[i]);
  ready = g_poll (fds, n, timeout);
  returned_us = g_get_monotonic_time ();
  returned_waited_ms = waited_ms ();
  returned_cpu_ms = cpu_ms ();
  return ready;
}

static void
begin (const char *name)
{
  Phase phase = { .name = name };

  for (int i = 0; i < N_TIMES; i++)
    phase.times[i] = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_val (phases, phase);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

typedef struct {
  double p99, most;
  guint over;
} Summary;

static Summary
summarize (GArray *times)
{
  Summary summary = { 0 };

  g_array_sort (times, compare);
  for (guint i = 0; i < times->len; i++)
    summary.over += g_array_index (times, double, i) > FRAME_MS;
  summary.p99 = g_array_index (times, double, (guint)(0.99 * (times->len - 1)));
  summary.most = g_array_index (times, double, times->len - 1);
  return summary;
}

static double
report (bool as_test)
{
  static const char *const heads[N_TIMES] = { "99 %", "99 % own", "99 % CPU" };
  const char *prefix = as_test ? "# " : "";
  double most = 0;

  g_print ("%s%-34s %8s", prefix, "milliseconds", "number");
  for (int t = 0; t < N_TIMES; t++)
    g_print (" | %8s %8s %5s", heads[t], "longest", "> 16");
  g_print ("\n");
  for (guint i = 0; i < phases->len; i++) {
    Phase *phase = &g_array_index (phases, Phase, i);

    if (phase->times[WALL]->len == 0)
      continue;
    g_print ("%s%-34s %8u", prefix, phase->name, phase->times[WALL]->len);
    for (int t = 0; t < N_TIMES; t++) {
      const Summary times = summarize (phase->times[t]);

      g_print (" | %8.2f %8.2f %5u", times.p99, times.most, times.over);
      if (t == OWN)
        most = MAX (most, times.most);
    }
    g_print ("\n");
  }
  return most;
}

/* --- a person -----------------------------------------------------------------------------------
 */

/* Moves the pointer over a widget for so long, as a hand does. */
static void
wander (Gui *gui, GtkWidget *widget, double seconds)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (gui->window));
  Display *display = gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface));
  const gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  double x, y;

  g_assert_nonnull (widget);
  gtk_widget_translate_coordinates (widget, GTK_WIDGET (gui->window), 0, 0, &x, &y);
  for (int i = 0; g_get_monotonic_time () < end; i++) {
    const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

    XWarpPointer (display, None, gdk_x11_surface_get_xid (surface), 0, 0, 0, 0,
                  (int)x + (i * 7) % MAX (width, 1), (int)y + (i * 3) % MAX (height, 1));
    XFlush (display);
    gui_wait (0.012);
  }
}

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

static GtkWidget *
find_soon (Gui *gui, GType type)
{
  GtkWidget *found;

  gui_assert_soon ((found = gui_find (GTK_WIDGET (gui->window), type)) != NULL);
  return found;
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

  gui_resize (gui, 1280, 800);
  begin ("choosing settings");
  choose_network (gui, as_test);
  gui_shortcut (gui, "<Control>2");
  gui_wait (unit / 4);
  begin ("starting a run");
  gui_shortcut (gui, "<Control>space");
  run = gui_live (gui);
  g_assert_nonnull (run);
  gui_assert_soon (gui_steps (run) > 1);
  begin ("Train, pointer over the charts");
  wander (gui, find_soon (gui, LW_TYPE_CHART_VIEW), 2 * unit);
  begin ("Inspect, feature maps");
  gui_shortcut (gui, "<Control>3");
  gui_wait (unit / 2);
  wander (gui, GTK_WIDGET (lw_main_window_page (gui->window, "inspect")), unit);
  begin ("Inspect, next layers");
  for (int i = 0; i < 6; i++) {
    gui_press (gui_button (gui->window, "Next layer"));
    gui_wait (unit / 10);
  }
  begin ("Inspect, batch norm");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (gui->window, "Batch Norm")), TRUE);
  wander (gui, find_soon (gui, LW_TYPE_BN_CHART), unit);
  begin ("Explore");
  gui_shortcut (gui, "<Control>1");
  wander (gui, GTK_WIDGET (lw_main_window_page (gui->window, "explore")), unit);
  begin ("switching pages");
  for (int i = 0; i < 12; i++) {
    gui_shortcut (gui, i % 3 == 0 ? "<Control>1" : i % 3 == 1 ? "<Control>2" : "<Control>3");
    gui_wait (unit / 20);
  }
  begin ("choosing architectures");
  gui_shortcut (gui, "<Control>2");
  for (int i = 0; i < lw_n_book_models (); i++) {
    gui_press (gui_row (gui, 0, i));
    gui_wait (unit / 20);
  }
  begin ("the same on Explore");
  gui_shortcut (gui, "<Control>1");
  for (int i = 0; i < lw_n_book_models (); i++) {
    gui_press (gui_row (gui, 0, i));
    gui_wait (unit / 20);
  }
  gui_shortcut (gui, "<Control>2");
  gui_wait (unit / 20);
  begin ("choosing the run again");
  gui_press (gui_row (gui, 1, 0));
  gui_wait (unit / 4);
  begin ("pause, step, go on");
  gui_shortcut (gui, "<Control>space");
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_PAUSED);
  gui_shortcut (gui, "<Control>period");
  gui_wait (unit / 2);
  gui_shortcut (gui, "<Control>space");
  gui_wait (unit / 4);
  begin ("stopping, saved run shown");
  stop (gui);
  gui_shortcut (gui, "<Control>3");
  gui_wait (unit / 2);
  begin ("continuing a saved run");
  g_object_ref (run);
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.continue", "i", 5);
  gui_assert_soon (gui_live (gui) != NULL && gui_live (gui) != run);
  gui_assert_soon (gui_steps (gui_live (gui)) > gui_steps (run) + 1);
  g_object_unref (run);
  begin ("closing");
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
  const guint tick = (begin (name), gtk_widget_add_tick_callback (GTK_WIDGET (motion.view), advance,
                                                                  &motion, NULL));

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
  view = LW_DIAGRAM_VIEW (find_soon (gui, LW_TYPE_DIAGRAM_VIEW));
  for (int i = 0; i < 2; i++) {
    begin (words[i][0]);
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
    begin (words[i][4]);
    for (int k = 0; k < 6; k++) {
      lw_diagram_view_toggle (view, 2);
      gui_wait (unit / 6);
    }
    begin (words[i][5]);
    lw_diagram_view_search (view, "3x3", false, NULL);
    for (int k = 0; k < 6; k++) {
      lw_diagram_view_next_match (view, -1);
      gui_wait (unit / 6);
    }
    lw_diagram_view_search (view, NULL, false, NULL);
  }
  begin ("closing");
}

static void
fresh_start (Gui *gui)
{
  begin ("a window with a saved run");
  gui_assert_soon (gui_row (gui, 1, 0) != NULL);
  gui_press (gui_row (gui, 1, 0));
  gui_shortcut (gui, "<Control>3");
  gui_wait (1);
  begin ("closing");
}

static void
measure (bool as_test)
{
  double most;

  phases = g_array_new (FALSE, FALSE, sizeof (Phase));
  begin ("start");
  g_main_context_set_poll_func (NULL, timed_poll);
  gui_run (watch, as_test ? "" : NULL);
  begin ("start");
  gui_run (fresh_start, NULL);
  begin ("start");
  gui_run (large_diagram, as_test ? "" : NULL);
  g_main_context_set_poll_func (NULL, NULL);
  most = report (as_test);
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
    measure (false);
    return 0;
  }
  if (argc > 1 && strcmp (argv[1], "--diagram") == 0) {
    phases = g_array_new (FALSE, FALSE, sizeof (Phase));
    begin ("start");
    g_main_context_set_poll_func (NULL, timed_poll);
    gui_run (large_diagram, NULL);
    g_main_context_set_poll_func (NULL, NULL);
    report (false);
    return 0;
  }
  return gui_main (argc, argv, tests);
}
