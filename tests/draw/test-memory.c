/* Memory over the steps of an iteration: bars are the plan's buffers, each where and when it lives;
 * pointer, keys and words find them again. */
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/export.h"
#include "ui/draw/memory-picture.h"
#include "ui/draw/memory-split.h"

#include <math.h>
#include <string.h>

typedef struct {
  LwGraph *graph;
  LwMemoryUse *use;
  LwMemoryPicture *picture;
} Fixture;

static Fixture
make (const char *model, int32_t batch, int32_t slots, double width, double height)
{
  const LwMemoryDevice device = { .optimizer_slots = slots };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  Fixture f;

  g_assert_no_error (error);
  f.graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  f.use = lw_memory_use_new (f.graph, &device, batch, &error);
  g_assert_no_error (error);
  f.picture = lw_memory_picture_new (f.use, width, height);
  return f;
}

static void
clear (Fixture *f)
{
  lw_memory_picture_free (f->picture);
  lw_memory_use_free (f->use);
  lw_graph_unref (f->graph);
}

static int32_t
bar_described (const Fixture *f, const char *words)
{
  for (int32_t i = 0; i < lw_memory_picture_n_bars (f->picture); i++) {
    g_autofree char *text = lw_memory_bar_describe (f->picture, i);

    if (strcmp (text, words) == 0)
      return i;
  }
  g_error ("no bar is described as “%s”", words);
  return -1;
}

/* --- places ----------------------------------------------------------------------------------- */

static bool
overlap (const LwMemoryBar *a, const LwMemoryBar *b)
{
  const bool in_time = a->place.x + a->place.width > b->place.x + 1e-6 &&
                       b->place.x + b->place.width > a->place.x + 1e-6;

  return a->mode == b->mode && in_time && a->begin < b->begin + b->bytes &&
         b->begin < a->begin + a->bytes;
}

static void
check_mode (const Fixture *f, LwMode mode)
{
  const LwMemoryPass *pass = &f->use->pass[mode];
  const cairo_rectangle_t plot = lw_memory_picture_plot (f->picture, mode);
  int64_t top = 0;
  int32_t n_buffers = 0, n_bars = 0;

  for (int32_t i = 0; i < lw_plan_n_buffers (pass->plan); i++)
    n_buffers += lw_plan_buffer (pass->plan, i)->life.bytes > 0;
  for (int32_t i = 0; i < lw_memory_picture_n_bars (f->picture); i++) {
    const LwMemoryBar *bar = lw_memory_picture_bar (f->picture, i);

    if (bar->mode != mode)
      continue;
    g_assert_cmpfloat (bar->place.x, >=, plot.x - 1e-6);
    g_assert_cmpfloat (bar->place.x + bar->place.width, <=, plot.x + plot.width + 1e-6);
    g_assert_cmpfloat (bar->place.y, >=, plot.y);
    g_assert_cmpfloat (bar->place.y + bar->place.height, <=, plot.y + plot.height + 1e-6);
    g_assert_cmpfloat (bar->place.width, >, 0);
    g_assert_cmpint (bar->first, >=, 1);
    g_assert_cmpint (bar->last, <=, lw_memory_picture_n_steps (f->picture, mode));
    top = MAX (top, bar->begin + bar->bytes);
    if (bar->buffer < 0)
      continue;
    n_bars++;
    g_assert_cmpint (bar->begin, ==,
                     pass->fixed + lw_plan_buffer (pass->plan, bar->buffer)->offset);
    for (int32_t k = 0; k < i; k++)
      g_assert_false (overlap (bar, lw_memory_picture_bar (f->picture, k)));
  }
  g_assert_cmpint (n_bars, ==, n_buffers);
  /* The dashed line is the plan's peak. */
  g_assert_cmpint (top, <=, pass->total);
  g_assert_cmpint (top, >, pass->total - LW_ALIGNMENT);
  g_assert_cmpfloat (lw_memory_picture_y (f->picture, mode, (double)pass->total), >=,
                     plot.y + 16); /* its words stand above it */
}

static void
test_places (void)
{
  static const char *const models[] = { "lenet",     "lenet-bn", "alexnet", "vgg11",
                                        "googlenet", "resnet18", "densenet" };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    for (int slots = 0; slots <= 2; slots++) {
      Fixture f =
          make (models[i], 1 + 63 * slots, slots, slots == 0 ? 460 : 700, 400 + 150 * slots);

      for (int mode = 0; mode < LW_N_MODES; mode++)
        check_mode (&f, (LwMode)mode);
      clear (&f);
    }
}

static void
test_hit (void)
{
  Fixture f = make ("googlenet", 128, 1, 700, 700);
  const cairo_rectangle_t plot = lw_memory_picture_plot (f.picture, LW_MODE_TRAINING);

  for (int32_t i = 0; i < lw_memory_picture_n_bars (f.picture); i++) {
    const cairo_rectangle_t r = lw_memory_picture_bar (f.picture, i)->place;

    g_assert_cmpint (lw_memory_picture_hit (f.picture, r.x + r.width / 2, r.y + r.height / 2), ==,
                     i);
  }
  g_assert_cmpint (lw_memory_picture_hit (f.picture, plot.x - 20, plot.y + 20), ==, -1);
  g_assert_cmpint (lw_memory_picture_hit (f.picture, plot.x + 20, plot.y + 1), ==, -1);
  clear (&f);
}

/* --- steps and words -------------------------------------------------------------------------- */

/* The figures of the mock-up: AlexNet at a batch of 128. */
static void
test_alexnet (void)
{
  Fixture f = make ("alexnet", 128, 0, 720, 700);
  g_autofree char *name = NULL, *whole = NULL, *reason = NULL;
  int32_t bar, gradient;

  g_assert_cmpint (lw_memory_picture_n_steps (f.picture, LW_MODE_TRAINING), ==, 29);
  g_assert_cmpint (lw_memory_picture_n_steps (f.picture, LW_MODE_INFERENCE), ==, 14);
  bar = bar_described (&f, "conv 2 output, 84.5 MiB, steps 3 to 26");
  name = lw_memory_bar_name (f.picture, bar);
  g_assert_cmpstr (name, ==, "conv 2, output after ReLU");
  g_assert_true (lw_memory_picture_belongs (f.picture, bar, lw_graph_find_node (f.graph, "3")));
  g_assert_true (lw_memory_picture_belongs (f.picture, bar, lw_graph_find_node (f.graph, "4")));
  g_assert_false (lw_memory_picture_belongs (f.picture, bar, lw_graph_find_node (f.graph, "5")));
  g_assert_cmpint (lw_memory_picture_find (f.picture, lw_graph_find_node (f.graph, "4")), ==, bar);
  gradient = bar_described (&f, "conv 2 gradient, 84.5 MiB, steps 25 to 26");
  g_assert_cmpint (lw_memory_picture_bar (f.picture, gradient)->node, ==,
                   lw_memory_picture_bar (f.picture, bar)->node);
  bar_described (&f, "Parameters, 178 MiB, steps 1 to 29");
  bar_described (&f, "Parameter gradients, 178 MiB, steps 1 to 29");
  whole = lw_memory_picture_describe (f.picture);
  g_assert_true (
      g_str_has_prefix (whole, "Memory of AlexNet at a batch of 128: training peaks at "));
  reason = lw_memory_picture_reason (f.picture);
  g_assert_nonnull (strstr (reason, " times less memory here."));
  clear (&f);
}

/* The peak's step is one in which no other step holds more. */
static void
test_peak (void)
{
  Fixture f = make ("resnet18", 32, 2, 700, 700);
  const LwMemoryPass *pass = &f.use->pass[LW_MODE_TRAINING];
  const int32_t peak = lw_memory_picture_peak_step (f.picture, LW_MODE_TRAINING);
  int64_t at_peak = 0;

  for (int32_t i = 0; i < lw_memory_picture_n_bars (f.picture); i++) {
    const LwMemoryBar *bar = lw_memory_picture_bar (f.picture, i);

    if (bar->mode == LW_MODE_TRAINING && bar->first <= peak && peak <= bar->last)
      at_peak += bar->bytes;
  }
  g_assert_cmpint (at_peak, >=, pass->total - pass->split.gaps - 256 * LW_ALIGNMENT);
  bar_described (&f, "Adam’s two moments, 85.3 MiB, steps 1 to 99");
  clear (&f);
}

static void
test_walk (void)
{
  Fixture f = make ("densenet", 16, 0, 700, 700);
  const int32_t n = lw_memory_picture_n_bars (f.picture);
  int32_t at = lw_memory_picture_walk (f.picture, -1, 1, 0), up;

  for (int32_t i = 0; i < n; i++, at = lw_memory_picture_walk (f.picture, at, 1, 0)) {
    g_assert_cmpint (at, ==, i);
    up = lw_memory_picture_walk (f.picture, at, 0, -1);
    if (up != at) {
      const LwMemoryBar *low = lw_memory_picture_bar (f.picture, at);
      const LwMemoryBar *high = lw_memory_picture_bar (f.picture, up);

      g_assert_cmpint (high->begin, >, low->begin);
      g_assert_cmpint (high->mode, ==, low->mode);
    }
  }
  g_assert_cmpint (at, ==, n - 1);
  g_assert_cmpint (lw_memory_picture_walk (f.picture, n - 1, -G_MAXINT16, 0), ==, 0);
  clear (&f);
}

/* --- paint ------------------------------------------------------------------------------------ */

static void
test_paint (void)
{
  static const double sizes[][2] = { { 30, 30 }, { 330, 440 }, { 720, 700 }, { 1800, 1000 } };
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int dark = 0; dark < 2; dark++) {
      const LwTheme *theme = lw_theme (dark);
      Fixture f = make ("alexnet", 128, 1, sizes[i][0], sizes[i][1]);
      const int32_t bar = lw_memory_picture_find (f.picture, 4);
      const cairo_rectangle_t r = lw_memory_picture_bar (f.picture, bar)->place;
      const LwMemoryMarks marks = { .selected = 4, .focus = -1, .card = bar, .x = NAN, .y = NAN };
      Canvas canvas = canvas_new ((int)sizes[i][0], (int)sizes[i][1], theme->canvas);

      lw_memory_picture_paint (canvas.cr, theme, text, f.picture);
      if (i == 2) {
        g_assert_cmpint (canvas_count_colour (&canvas, r.x, r.y, r.width, r.height,
                                              theme->kind_fill[LW_KIND_CONVOLUTION]),
                         >, r.width * r.height / 2);
        g_assert_cmpint (canvas_count_colour (&canvas, r.x, r.y, r.width, r.height, theme->accent),
                         ==, 0);
      }
      lw_memory_picture_paint_marks (canvas.cr, theme, text, f.picture, &marks);
      if (i == 2)
        g_assert_cmpint (canvas_count_colour (&canvas, r.x - 4, r.y - 4, r.width, 5, theme->accent),
                         >, r.width / 2);
      canvas_finish (&canvas, dark ? "memory-dark" : "memory");
      clear (&f);
    }
}

static void
test_split (void)
{
  Fixture f = make ("lenet", 64, 1, 700, 700);
  const LwMemoryPass *pass = &f.use->pass[LW_MODE_TRAINING];
  Canvas canvas = canvas_new (200, 20, lw_theme (false)->canvas);
  int64_t sum = 0;

  for (int part = 0; part < LW_N_MEMORY_PARTS; part++) {
    sum += lw_memory_part_bytes (pass, (LwMemoryPart)part);
    g_assert_cmpuint (strlen (lw_memory_part_title ((LwMemoryPart)part)), >, 0);
  }
  g_assert_cmpint (sum, ==, pass->total);
  lw_memory_split_paint (canvas.cr, lw_theme (false), pass, 2 * pass->total,
                         (cairo_rectangle_t){ 0, 0, 200, 20 });
  /* At half of the scale half of the width stays empty. */
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 100, 20, lw_theme (false)->canvas), >,
                   1200);
  g_assert_cmpint (canvas_count_painted (&canvas, 101, 0, 99, 20, lw_theme (false)->canvas), ==, 0);
  canvas_finish (&canvas, NULL);
  clear (&f);
}

typedef struct {
  LwText *text;
  Fixture *f;
} File;

static void
paint_for_file (cairo_t *cr, gpointer data)
{
  const File *file = data;

  lw_memory_picture_paint (cr, lw_theme (false), file->text, file->f->picture);
}

static void
test_files (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  Fixture f = make ("alexnet", 128, 0, 720, 700);
  File file = { text, &f };

  for (int format = LW_PICTURE_PNG; format <= LW_PICTURE_PDF; format++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes =
        lw_render_picture (format, 720, 700, 1, paint_for_file, &file, &error);
    g_autofree char *content = NULL;

    g_assert_no_error (error);
    if (format != LW_PICTURE_SVG)
      continue;
    content = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    g_assert_nonnull (strstr (content, ">Parameters 178 MiB<"));
    g_assert_nonnull (strstr (content, ">max pool 2<"));
    g_assert_nonnull (strstr (content, ">backward<"));
  }
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/places", test_places);
  g_test_add_func ("/memory/hit", test_hit);
  g_test_add_func ("/memory/alexnet", test_alexnet);
  g_test_add_func ("/memory/peak", test_peak);
  g_test_add_func ("/memory/walk", test_walk);
  g_test_add_func ("/memory/paint", test_paint);
  g_test_add_func ("/memory/split", test_split);
  g_test_add_func ("/memory/files", test_files);
  return g_test_run ();
}
