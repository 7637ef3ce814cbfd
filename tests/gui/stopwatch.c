#include "tests/gui/stopwatch.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MS 16.0
#define LATE_MS  33.0

typedef enum { TURNS, FRAMES, N_KINDS } Kind;

typedef struct {
  const char *name;
  GArray *times[N_KINDS][N_STOPWATCH_TIMES]; /* double, ms */
} Phase;

typedef struct {
  gint64 us; /* 0: not begun */
  double waited_ms, cpu_ms;
} Moment;

static GArray *phases; /* Phase */
static Moment turn, frame;

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

static Moment
now (void)
{
  return (Moment){ g_get_monotonic_time (), waited_ms (), cpu_ms () };
}

static void
add (Kind kind, Moment begun)
{
  Phase *phase = &g_array_index (phases, Phase, phases->len - 1);
  const Moment ended = now ();
  const double wall = (double)(ended.us - begun.us) / 1e3;
  const double times[N_STOPWATCH_TIMES] = { wall, wall - (ended.waited_ms - begun.waited_ms),
                                            ended.cpu_ms - begun.cpu_ms };

  for (int i = 0; i < N_STOPWATCH_TIMES && begun.us != 0; i++)
    g_array_append_val (phase->times[kind][i], times[i]);
}

static int
timed_poll (GPollFD *fds, guint n, int timeout)
{
  int ready;

  add (TURNS, turn);
  ready = g_poll (fds, n, timeout);
  turn = now ();
  return ready;
}

static void
frame_begins (void)
{
  frame = now ();
}

static void
frame_ends (void)
{
  if (phases != NULL)
    add (FRAMES, frame);
  frame.us = 0;
}

void
stopwatch_start (void)
{
  phases = g_array_new (FALSE, FALSE, sizeof (Phase));
  stopwatch_begin ("start");
  g_main_context_set_poll_func (NULL, timed_poll);
}

void
stopwatch_watch (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);

  g_signal_connect (clock, "before-paint", G_CALLBACK (frame_begins), NULL);
  g_signal_connect (clock, "after-paint", G_CALLBACK (frame_ends), NULL);
}

void
stopwatch_begin (const char *name)
{
  Phase phase = { .name = name };

  for (int k = 0; k < N_KINDS; k++)
    for (int i = 0; i < N_STOPWATCH_TIMES; i++)
      phase.times[k][i] = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_val (phases, phase);
}

void
stopwatch_stop (void)
{
  g_main_context_set_poll_func (NULL, NULL);
}

/* --- the table -----------------------------------------------------------------------------------
 */

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

typedef struct {
  double p99, most;
  guint over, late;
} Summary;

static Summary
summarize (GArray *times)
{
  Summary summary = { 0 };

  if (times->len == 0)
    return summary;
  g_array_sort (times, compare);
  for (guint i = 0; i < times->len; i++) {
    summary.over += g_array_index (times, double, i) > FRAME_MS;
    summary.late += g_array_index (times, double, i) > LATE_MS;
  }
  summary.p99 = g_array_index (times, double, (guint)(0.99 * (times->len - 1)));
  summary.most = g_array_index (times, double, times->len - 1);
  return summary;
}

double
stopwatch_report (const char *prefix)
{
  static const char *const kinds[N_KINDS] = { "turns", "frames" };
  static const char *const heads[N_STOPWATCH_TIMES] = { "99 %", "99 % own", "99 % CPU" };
  double most = 0;

  for (int k = 0; k < N_KINDS; k++) {
    g_print ("%s%-34s %8s", prefix, "milliseconds", kinds[k]);
    for (int t = 0; t < N_STOPWATCH_TIMES; t++)
      g_print (" | %8s %8s %4s %4s", heads[t], "longest", "> 16", "> 33");
    g_print ("\n");
    for (guint i = 0; i < phases->len; i++) {
      Phase *phase = &g_array_index (phases, Phase, i);

      if (phase->times[k][STOPWATCH_WALL]->len == 0)
        continue;
      g_print ("%s%-34s %8u", prefix, phase->name, phase->times[k][STOPWATCH_WALL]->len);
      for (int t = 0; t < N_STOPWATCH_TIMES; t++) {
        const Summary times = summarize (phase->times[k][t]);

        g_print (" | %8.2f %8.2f %4u %4u", times.p99, times.most, times.over, times.late);
        if (k == TURNS && t == STOPWATCH_OWN)
          most = MAX (most, times.most);
      }
      g_print ("\n");
    }
  }
  return most;
}
