/* How long a frame of the charts takes while a series of ten million points is panned: layout and
 * painting of loss and accuracy, the smoothed line over its raw values. Prints milliseconds of
 * processor time; judges nothing. Use a release build on an idle machine.
 *
 *   build-release/tests/bench/bench-charts [POINTS] */
#include "ui/draw/chart.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define WIDTH  700
#define HEIGHT 450
#define FRAMES 60

typedef struct {
  LwSeries *raw[2];
  LwSmoothing *smoothing[2];
  LwChartLine lines[2];
  LwChartSpec charts[2];
  LwChartStack stack;
  LwText *text;
} Picture;

/* Of this thread: what others do on the machine counts less. */
static double
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A loss that falls, an accuracy that rises, both noisy, with a spike in a million. */
static void
make (Picture *picture, int points)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (int c = 0; c < 2; c++) {
    picture->raw[c] = lw_series_new ();
    picture->smoothing[c] = lw_smoothing_new (0.9);
  }
  for (int i = 0; i < points; i++) {
    const double fall = exp (-5.0 * i / points), noise = g_rand_double (random) - 0.5;
    const bool spike = g_rand_double (random) < 1e-6;

    lw_series_append (picture->raw[0], i, (0.4 + 2 * fall) * (1 + 0.4 * noise) + 4 * spike);
    lw_series_append (picture->raw[1], i, CLAMP (0.85 - 0.7 * fall + 0.1 * noise, 0, 1));
  }
  lw_chart_stack_init (&picture->stack);
  for (int c = 0; c < 2; c++) {
    picture->lines[c] =
        (LwChartLine){ .series = lw_smoothing_update (picture->smoothing[c], picture->raw[c]),
                       .raw = picture->raw[c],
                       .name = "train",
                       .colour = lw_theme (false)->series[0] };
    picture->charts[c] = (LwChartSpec){ .title = c == 0 ? "Loss" : "Accuracy",
                                        .lines = &picture->lines[c],
                                        .n_lines = 1 };
  }
  picture->charts[0].y = (LwChartAxis){ NAN, NAN, false, true };
  picture->charts[1].y = (LwChartAxis){ 0, 1, false, false };
  picture->stack.charts = picture->charts;
  picture->stack.n_charts = 2;
  picture->stack.x_whole = true;
  picture->stack.x_name = "iteration";
}

/* A frame as the window paints it: recorded, then replayed on pixels. */
static double
paint_frame (Picture *picture, cairo_surface_t *pixels)
{
  const LwTheme *theme = lw_theme (false);
  const cairo_rectangle_t area = { 0, 0, WIDTH, HEIGHT };
  LwChartLayout layout;
  const double start = now_ms ();
  cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &area);
  cairo_t *cr = cairo_create (recording);

  lw_charts_layout (&picture->stack, picture->text, area, &layout);
  lw_charts_paint (cr, theme, picture->text, &picture->stack, &layout, theme->canvas);
  cairo_destroy (cr);
  cr = cairo_create (pixels);
  cairo_set_source_surface (cr, recording, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (recording);
  cairo_surface_flush (pixels);
  return now_ms () - start;
}

/* From the left end of the data to the right one, showing `share` of them. */
static void
pan (Picture *picture, cairo_surface_t *pixels, const char *name, int points, double share)
{
  double sum = 0, worst = 0;

  paint_frame (picture, pixels); /* words are rasterized once */
  for (int k = 0; k < FRAMES; k++) {
    double ms;

    picture->stack.x.min = points * (1 - share) * k / (FRAMES - 1);
    picture->stack.x.max = picture->stack.x.min + points * share;
    picture->stack.rule_x = (picture->stack.x.min + picture->stack.x.max) / 2;
    ms = paint_frame (picture, pixels);
    sum += ms;
    worst = MAX (worst, ms);
  }
  g_print ("%-30s %9.0f points shown: %6.2f ms a frame, worst %6.2f\n", name, points * share,
           sum / FRAMES, worst);
}

int
main (int argc, char **argv)
{
  const int points = argc > 1 ? atoi (argv[1]) : 10000000;
  cairo_surface_t *pixels = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  Picture picture = { 0 };
  double start = now_ms ();

  setlocale (LC_ALL, "");
  if (points < 1000)
    return 1;
  picture.text = lw_text_new (NULL, NULL);
  make (&picture, points);
  g_print ("%d points, two curves, smoothed: made in %.0f ms\n", points, now_ms () - start);
  for (double share = 1; share * points >= 1000; share /= share > 0.5 ? 2 : 10)
    pan (&picture, pixels, "pan", points, share);
  picture.charts[0].y.log = true;
  pan (&picture, pixels, "pan, log loss", points, 0.5);
  /* A typed range through the middle of the noise: nearly every node of the pyramid is divided. */
  picture.charts[0].y = (LwChartAxis){ 0.45, 0.55, false, false };
  picture.charts[1].y = (LwChartAxis){ 0.83, 0.86, false, false };
  pan (&picture, pixels, "pan, typed ranges", points, 0.5);
  for (int c = 0; c < 2; c++) {
    lw_smoothing_free (picture.smoothing[c]);
    lw_series_free (picture.raw[c]);
  }
  lw_text_free (picture.text);
  cairo_surface_destroy (pixels);
  return 0;
}
