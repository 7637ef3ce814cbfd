/* A run of very many steps opens with few of its numbers in the hands of the main thread: its rows
 * are read once, on a thread, its curves are made there too, and a chart draws a few points a pixel
 * column. Nothing here is timed; what a person waits by the clock is
 *
 *   gui-long-run --report RUN     from the program's start, and from the choice, to the charts */
#include "engine/metrics.h"
#include "engine/run.h"
#include "kernels/cpu/cpu.h"
#include "tests/gui/run-steps.h"

#include <cairo.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROWS 300000
/* Of so many rows, what the main thread may look at before a frame is there, and the lines that may
 * be drawn until the charts are. */
#define MOST_READ  (ROWS / 2)
#define MOST_LINES 10000

/* --- what is counted ----------------------------------------------------------------------------
 * The linker puts these in place of the functions that they are named after. */

static GThread *main_thread;
static _Atomic int64_t appended, main_read, main_appended, lines;

void __real_lw_run_log_append (LwRunLog *log, const LwEvent *event);
const LwEvent *__real_lw_run_log_get (const LwRunLog *log, int64_t index);
void __real_cairo_line_to (cairo_t *cr, double x, double y);
void __wrap_lw_run_log_append (LwRunLog *log, const LwEvent *event);
const LwEvent *__wrap_lw_run_log_get (const LwRunLog *log, int64_t index);
void __wrap_cairo_line_to (cairo_t *cr, double x, double y);

void
__wrap_lw_run_log_append (LwRunLog *log, const LwEvent *event)
{
  appended++;
  main_appended += g_thread_self () == main_thread;
  __real_lw_run_log_append (log, event);
}

const LwEvent *
__wrap_lw_run_log_get (const LwRunLog *log, int64_t index)
{
  main_read += g_thread_self () == main_thread;
  return __real_lw_run_log_get (log, index);
}

void
__wrap_cairo_line_to (cairo_t *cr, double x, double y)
{
  lines++;
  __real_cairo_line_to (cr, x, y);
}

static void
count_anew (void)
{
  appended = main_read = main_appended = lines = 0;
}

/* --- a long run ---------------------------------------------------------------------------------
 */

/* Gives a short run's folder the metrics of a long one: a loss that falls, with noise. */
static void
lengthen (const char *folder)
{
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL);
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  LwMetrics *written;

  for (int64_t step = 1; step <= ROWS; step++) {
    LwEvent event = { .kind = LW_EVENT_STEP, .step = step, .learning_rate = 0.1f };

    event.epoch = (double)step / 1000;
    event.time_s = (double)step / 500;
    event.loss = (float)(2.3 * exp (-event.epoch / 100) + g_rand_double (rand) / 4);
    event.accuracy = (float)(1 - event.loss / 2.6);
    event.examples_per_second = 1000;
    lw_run_log_append (log, &event);
    if (step % 1000 != 0)
      continue;
    event.kind = LW_EVENT_EPOCH;
    event.test_loss = event.loss;
    event.test_accuracy = event.accuracy;
    lw_run_log_append (log, &event);
  }
  written = lw_metrics_new (metrics, log, &error);
  g_assert_no_error (error);
  lw_metrics_free (written);
}

static void
make_long_run (Gui *gui)
{
  lengthen (lw_run_item_folder (runs_train (gui, "0.1", "42")));
}

/* --- how it opens -------------------------------------------------------------------------------
 */

typedef struct {
  LwMainWindow *window;
  int64_t lines, read; /* drawn, and looked at, before this frame */
  int64_t most_read;   /* for a frame */
  bool painted;
  gulong id;
} Painting;

/* At the end of a frame: whether it has the charts, with their curves, over all epochs of the run.
 */
static void
frame_painted (GdkFrameClock *clock, Painting *painting)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (painting->window));
  GtkWidget *page = lw_main_window_page (painting->window, "train");
  GtkWidget *charts = gtk_widget_get_mapped (page) ? gui_find (page, LW_TYPE_CHART_VIEW) : NULL;
  const int64_t drawn = lines - painting->lines;

  (void)clock;
  painting->most_read = MAX (painting->most_read, main_read - painting->read);
  painting->lines = lines;
  painting->read = main_read;
  if (run != NULL && charts != NULL && drawn > gtk_widget_get_width (charts) / 2)
    painting->painted |= lw_chart_view_shown (LW_CHART_VIEW (charts)).max >=
                         lw_run_item_progress (run).epoch * 0.999;
}

static void
watch_frames (Painting *painting, LwMainWindow *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));

  *painting = (Painting){ .window = window, .lines = lines, .read = main_read };
  painting->id = g_signal_connect (clock, "after-paint", G_CALLBACK (frame_painted), painting);
}

static void
wait_for_charts (Painting *painting)
{
  gui_assert_soon (painting->painted);
  g_signal_handler_disconnect (gtk_widget_get_frame_clock (GTK_WIDGET (painting->window)),
                               painting->id);
}

static void
look (Gui *gui)
{
  Painting painting;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 1);
  g_test_message ("read: %d rows, of them %d on the main thread", (int)appended,
                  (int)main_appended);
  g_assert_cmpint (appended, ==, ROWS + ROWS / 1000); /* once each */
  g_assert_cmpint (main_appended, ==, 0);
  gui_resize (gui, 1280, 800);
  for (int again = 0; again < 2; again++) {
    gui_shortcut (gui, "<Control>1");
    lw_workbench_select_draft (gui->workbench);
    gui_wait (0.2);
    count_anew ();
    watch_frames (&painting, gui->window);
    gui_press (gui_row (gui, 1, 0));
    gui_shortcut (gui, "<Control>2");
    wait_for_charts (&painting);
    g_test_message ("chosen: at most %d rows looked at for a frame, %d lines drawn",
                    (int)painting.most_read, (int)lines);
    g_assert_cmpint (appended, ==, 0);
    g_assert_cmpint (painting.most_read, <, MOST_READ);
    g_assert_cmpint (lines, <, MOST_LINES);
  }
}

static void
opens (void)
{
  gui_run (make_long_run, NULL);
  count_anew ();
  gui_run (look, NULL);
}

/* --- by the clock -------------------------------------------------------------------------------
 */

/* Seconds since this process began, which the system keeps to a hundredth. */
static double
age (void)
{
  g_autofree char *stat = NULL, *uptime = NULL;
  const char *at;
  double started;

  g_assert_true (g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL));
  g_assert_true (g_file_get_contents ("/proc/uptime", &uptime, NULL, NULL));
  at = strrchr (stat, ')');
  for (int field = 2; field < 22; field++)
    at = strchr (at + 1, ' ');
  started = g_ascii_strtod (at, NULL) / (double)sysconf (_SC_CLK_TCK);
  return g_ascii_strtod (uptime, NULL) - started;
}

/* Seconds that all threads have computed: what is left of the above on a machine for this alone. */
static double
computed (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
choose (LwMainWindow *window, GtkWidget *row)
{
  Painting painting;
  gint64 begun;

  lw_workbench_select_draft (lw_main_window_workbench (window));
  gui_wait (1);
  watch_frames (&painting, window);
  begun = g_get_monotonic_time ();
  gtk_widget_activate (row);
  lw_main_window_show_page (window, "train");
  wait_for_charts (&painting);
  printf ("%.2f s from the choice to the charts\n",
          (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
}

/* As the program does when it is handed a run. */
static void
report (const char *path)
{
  LwApplication *application = lw_application_new (gui_backends);
  GFile *file = g_file_new_for_commandline_arg (path);
  g_autofree char *load = NULL;
  GtkWindow *window;
  Gui gui = { .application = application };
  Painting painting;

  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_application_open (G_APPLICATION (application), &file, 1, "");
  window = gtk_application_get_active_window (GTK_APPLICATION (application));
  gui.window = LW_MAIN_WINDOW (window);
  gui.workbench = lw_main_window_workbench (gui.window);
  gui_assert_soon (gtk_widget_get_mapped (GTK_WIDGET (window)));
  watch_frames (&painting, gui.window);
  printf ("%.2f s from the start to a window, %.2f s computed\n", age (), computed ());
  wait_for_charts (&painting);
  printf ("%.2f s from the start to the charts of %d rows, %.2f s computed\n", age (),
          (int)appended, computed ());
  gui_wait (2);
  gui_press (gui_row (&gui, 0, 0));
  for (int i = 0; i < 5; i++)
    choose (gui.window, gui_row (&gui, 1, 0));
  if (g_file_get_contents ("/proc/loadavg", &load, NULL, NULL))
    printf ("load %s", load);
  gtk_window_close (window);
  gui_wait (0.5);
  g_object_unref (file);
  g_object_unref (application);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/long-run/opens", NULL, opens },
    { NULL, NULL, NULL },
  };
  const LwBackend *const backends[] = { lw_cpu_backend (), NULL };

  main_thread = g_thread_self ();
  if (argc == 3 && strcmp (argv[1], "--report") == 0) {
    gui_backends = backends;
    report (argv[2]);
    return 0;
  }
  return gui_main (argc, argv, tests);
}
