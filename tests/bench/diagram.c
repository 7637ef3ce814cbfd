/* How long the diagram of a large network takes: its layout, a frame at each zoom, finding what is
 * under the pointer. Prints milliseconds of
 * processor time; judges nothing. Use a release build on an idle machine.
 *
 *   build-release/tests/bench/bench-diagram */
#include "engine/models.h"
#include "tests/support/big_graph.h"
#include "ui/draw/diagram-paint.h"

#include <locale.h>
#include <math.h>
#include <time.h>

#define WIDTH  900
#define HEIGHT 750
#define FRAMES 40

/* Of this thread: what others do on the machine counts less. */
static double
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

typedef struct {
  double best, worst, sum;
  int n;
} Times;

static void
add (Times *times, double ms)
{
  times->best = times->n > 0 ? fmin (times->best, ms) : ms;
  times->worst = fmax (times->worst, ms);
  times->sum += ms;
  times->n++;
}

static LwDiagramLayout *
time_layout (const LwDiagramState *state, LwText *text, int repeats, Times *times)
{
  const LwDiagramOptions options = { .count = LW_COUNT_MACS, .text = text };
  LwDiagramLayout *layout = NULL;

  for (int i = 0; i < repeats; i++) {
    const double start = now_ms ();

    g_clear_pointer (&layout, lw_diagram_layout_free);
    layout = lw_diagram_layout_new (state, &options);
    add (times, now_ms () - start);
  }
  return layout;
}

/* A frame as the window paints it: recorded, then replayed on pixels. */
static double
paint_frame (cairo_surface_t *pixels, const LwDiagramLayout *layout, double zoom, double x,
             double y)
{
  const LwTheme *theme = lw_theme (false);
  const cairo_rectangle_t visible = { x, y, WIDTH / zoom, HEIGHT / zoom };
  const LwDiagramPaint paint = { .zoom = zoom, .visible = &visible, .selected = LW_NO_SPOT };
  const double start = now_ms ();
  cairo_surface_t *recording = cairo_recording_surface_create (
      CAIRO_CONTENT_COLOR_ALPHA, &(cairo_rectangle_t){ 0, 0, WIDTH, HEIGHT });
  cairo_t *cr = cairo_create (recording);

  cairo_translate (cr, -round (x * zoom), -round (y * zoom));
  cairo_scale (cr, zoom, zoom);
  lw_diagram_paint_canvas (cr, theme, &visible, zoom);
  lw_diagram_paint (cr, layout, theme, &paint);
  cairo_destroy (cr);
  cr = cairo_create (pixels);
  cairo_set_source_surface (cr, recording, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (recording);
  cairo_surface_flush (pixels);
  return now_ms () - start;
}

static void
time_painting (const LwDiagramLayout *layout, const char *name)
{
  static const double zooms[] = { 0.25, 0.33, 0.5, 0.67, 0.7, 1, 2, 4 };
  cairo_surface_t *pixels = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  double width, height;

  lw_diagram_layout_size (layout, &width, &height);
  lw_text_set_scale (lw_diagram_layout_text (layout), 1);
  for (gsize i = 0; i < G_N_ELEMENTS (zooms); i++) {
    const double zoom = zooms[i];
    Times times = { 0 };

    for (int k = 0; k < FRAMES; k++) { /* from the top to the bottom */
      const double y = fmax (height - HEIGHT / zoom, 0) * k / (FRAMES - 1);

      add (&times, paint_frame (pixels, layout, zoom,
                                lw_diagram_layout_axis (layout) - WIDTH / zoom / 2, y));
    }
    g_print ("%-28s frame at %3.0f %%: %7.2f ms, worst %7.2f\n", name, 100 * zoom,
             times.sum / times.n, times.worst);
  }
  cairo_surface_destroy (pixels);
}

static void
time_hits (const LwDiagramLayout *layout, const char *name)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  double width, height, start;
  int found = 0;

  lw_diagram_layout_size (layout, &width, &height);
  start = now_ms ();
  for (int i = 0; i < 1000; i++)
    found += lw_diagram_layout_hit (layout, g_rand_double_range (random, 0, width),
                                    g_rand_double_range (random, 0, height), NULL)
                 .node >= 0;
  g_print ("%-28s hit test: %.4f ms (%d of 1000 on a layer)\n", name, (now_ms () - start) / 1000,
           found);
}

static void
measure (LwGraph *graph, const char *name, LwText *text, bool paints)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  g_autoptr (LwDiagramLayout) layout = NULL;
  Times first = { 0 }, again = { 0 }, closed = { 0 }, one = { 0 };
  double width, height;

  lw_diagram_layout_free (time_layout (state, text, 5, &closed));
  if (lw_graph_n_blocks (graph) > 1) {
    lw_diagram_state_set_open (state, 1, true);
    lw_diagram_layout_free (time_layout (state, text, 5, &one));
  }
  lw_diagram_state_open_all (state);
  lw_diagram_layout_free (time_layout (state, text, 1, &first));
  layout = time_layout (state, text, 9, &again);
  lw_diagram_layout_size (layout, &width, &height);
  g_print ("%-28s %6d nodes, %.0f × %.0f: closed %.2f ms, one block open %.2f, all open %.2f (the "
           "first time %.2f)\n",
           name, lw_graph_n_nodes (graph), width, height, closed.best, one.best, again.best,
           first.best);
  if (!paints)
    return;
  time_painting (layout, name);
  time_hits (layout, name);
}

int
main (int argc, char **argv)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  setlocale (LC_ALL, "");
  const bool brief = argc > 1 && g_str_equal (argv[1], "--layout");

  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);

    measure (graph, lw_model (i)->title, text, false);
  }
  for (int kind = 0; kind < LW_N_BIG; kind++) {
    g_autoptr (LwGraph) graph = lw_big_graph ((LwBigKind)kind, 10000);

    measure (graph, lw_big_name ((LwBigKind)kind), text, !brief);
  }
  return 0;
}
