#include "app/progress.h"

#include "app/table.h"
#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_US  (G_USEC_PER_SEC / 10)
#define LEAST_BAR  10
#define MOST_BAR   40
#define MOST_PARTS 5

struct LwProgress {
  bool terminal;
  gint64 drawn_us; /* when the line was drawn last */
  int drawn_width; /* columns that it took */
};

LwProgress *
lw_progress_new (void)
{
  LwProgress *progress = g_new0 (LwProgress, 1);

  progress->terminal = isatty (STDERR_FILENO);
  return progress;
}

void
lw_progress_free (LwProgress *progress)
{
  if (progress == NULL)
    return;
  lw_progress_clear (progress);
  g_free (progress);
}

bool
lw_progress_due (const LwProgress *progress)
{
  return progress->terminal && g_get_monotonic_time () - progress->drawn_us >= REDRAW_US;
}

static char *
format_time (double seconds)
{
  const long s = lround (seconds);

  if (s >= 3600)
    return g_strdup_printf ("%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  return g_strdup_printf ("%ld:%02ld", s / 60, s % 60);
}

static char *
format_bar (double fraction, int width)
{
  const int full = (int)(CLAMP (fraction, 0, 1) * width);
  const bool lines = g_get_console_charset (NULL); /* the terminal has more than ASCII */
  GString *bar = g_string_new (NULL);

  for (int i = 0; i < width; i++)
    g_string_append (bar, i < full ? (lines ? "━" : "#") : (lines ? "─" : "-"));
  return g_string_free (bar, FALSE);
}

char *
lw_progress_format (const LwProgressState *state, int width)
{
  char *parts[MOST_PARTS];
  int n = 0, taken = 0, bar_width;
  g_autofree char *bar = NULL;
  GString *line = g_string_new (NULL);

  /* In the order of importance: what does not fit is left out from the end. */
  parts[n++] = g_strdup_printf ("%3d %%", (int)(CLAMP (state->fraction, 0, 1) * 100));
  if (!isnan (state->loss))
    parts[n++] = g_strdup_printf (_ ("loss %.3f"), state->loss);
  if (!isnan (state->accuracy))
    parts[n++] = g_strdup_printf (_ ("accuracy %.3f"), state->accuracy);
  if (state->left_s >= 0) {
    g_autofree char *left = format_time (state->left_s);
    parts[n++] = g_strdup_printf (_ ("%s left"), left);
  }
  if (state->examples_per_second > 0)
    parts[n++] = g_strdup_printf (_ ("%.0f images/s"), state->examples_per_second);

  width -= 1; /* a full last column would wrap in some terminals */
  taken = lw_terminal_width (state->label) + 2;
  for (int i = 0; i < n; i++)
    taken += lw_terminal_width (parts[i]) + 2;
  while (n > 1 && taken + LEAST_BAR > width) {
    taken -= lw_terminal_width (parts[--n]) + 2;
    g_free (parts[n]);
  }
  bar_width = CLAMP (width - taken, 0, MOST_BAR);
  bar = format_bar (state->fraction, bar_width);
  g_string_append_printf (line, "%s  %s", state->label, bar);
  for (int i = 0; i < n; i++) {
    g_string_append_printf (line, "%s%s", i == 0 && bar_width == 0 ? "" : "  ", parts[i]);
    g_free (parts[i]);
  }
  return g_string_free (line, FALSE);
}

void
lw_progress_update (LwProgress *progress, const LwProgressState *state)
{
  struct winsize size = { .ws_col = 80 };
  g_autofree char *line = NULL;
  int width;

  if (!progress->terminal)
    return;
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    size.ws_col = 80;
  line = lw_progress_format (state, size.ws_col);
  width = lw_terminal_width (line);
  g_printerr ("\r%s%*s", line, MAX (0, progress->drawn_width - width), "");
  progress->drawn_width = width;
  progress->drawn_us = g_get_monotonic_time ();
}

void
lw_progress_clear (LwProgress *progress)
{
  if (progress->drawn_width == 0)
    return;
  g_printerr ("\r%*s\r", progress->drawn_width, "");
  progress->drawn_width = 0;
  progress->drawn_us = 0;
}
