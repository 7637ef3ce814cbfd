/* The confusion matrix, answers, probabilities and overlays as painted. */
#include "tests/draw/canvas.h"
#include "ui/draw/answers.h"
#include "ui/draw/confusion.h"
#include "ui/draw/overlay.h"
#include "ui/draw/probabilities.h"

#include <math.h>
#include <string.h>

static const LwColour white = { 1.0, 1.0, 1.0, 1.0 };

typedef struct {
  LwText *text;
  GStrv names;
  int32_t *counts;
  LwConfusion matrix;
  LwConfusionLayout layout;
} Fixture;

/* Row r: 100 images, r of them taken for the next class. */
static Fixture
make (int32_t classes, const char *name, double room)
{
  Fixture f = { .text = lw_text_new_fixed () };

  f.names = g_new0 (char *, classes + 1);
  f.counts = g_new0 (int32_t, (gsize)classes * (gsize)classes);
  for (int32_t r = 0; r < classes; r++) {
    const int32_t wrong = r % 60;

    f.names[r] = g_strdup_printf ("%s%d", name, r);
    f.counts[r * classes + r] = 100 - wrong;
    f.counts[r * classes + (r + 1) % classes] += wrong;
  }
  f.matrix = (LwConfusion){ .classes = classes,
                            .counts = f.counts,
                            .names = (const char *const *)f.names,
                            .row = 1,
                            .column = 2 };
  lw_confusion_layout (&f.matrix, f.text, room, &f.layout);
  return f;
}

static void
clear (Fixture *f)
{
  lw_text_free (f->text);
  g_strfreev (f->names);
  g_free (f->counts);
}

static void
test_layout (void)
{
  static const int32_t sizes[] = { 2, 10, 25, 40, 41, 100, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    const int32_t n = sizes[i];
    Fixture f = make (n, "class ", 640);
    const LwConfusionLayout *l = &f.layout;
    int32_t row, column;

    g_assert_cmpfloat (l->cell, >=, LW_CONFUSION_LEAST_CELL);
    g_assert_cmpfloat (l->cell, <=, LW_CONFUSION_CELL);
    if (n <= 10)
      g_assert_cmpfloat (l->width, <=, 640);
    if (n > LW_CONFUSION_FITS)
      g_assert_cmpfloat (l->cell, ==, LW_CONFUSION_LEAST_CELL);
    g_assert_cmpint (l->images, ==, 100);
    g_assert_cmpint (l->most, ==, MIN (n - 1, 59));
    /* Every cell is found where it is. */
    for (int32_t k = 0; k < n; k += MAX (1, n / 7)) {
      const cairo_rectangle_t cell = lw_confusion_cell (&f.matrix, l, k, n - 1 - k);

      g_assert_true (lw_confusion_at (&f.matrix, l, cell.x + cell.width / 2,
                                      cell.y + cell.height / 2, &row, &column));
      g_assert_cmpint (row, ==, k);
      g_assert_cmpint (column, ==, n - 1 - k);
    }
    g_assert_false (lw_confusion_at (&f.matrix, l, l->left - 1, l->top + 1, &row, &column));
    g_assert_false (
        lw_confusion_at (&f.matrix, l, l->left + n * l->cell + 1, l->top + 1, &row, &column));
    clear (&f);
  }
}

/* Short names leave room for the word under them. */
static void
test_short_names (void)
{
  Fixture f = make (10, "", 640);

  g_assert_cmpfloat (f.layout.left, >, lw_text_width (f.text, LW_TEXT_CAPTION, "precision"));
  clear (&f);
}

static void
test_words (void)
{
  Fixture f = make (10, "c", 0);
  g_autofree char *words = lw_confusion_describe (&f.matrix, 3, 4);
  g_autofree char *one = lw_confusion_describe (&f.matrix, 1, 2);

  g_assert_cmpstr (words, ==, "true c3, predicted c4, 3 images");
  g_assert_cmpstr (one, ==, "true c1, predicted c2, 1 image");
  g_assert_cmpfloat (lw_confusion_recall (&f.matrix, 3), ==, 0.97);
  g_assert_cmpfloat_with_epsilon (lw_confusion_precision (&f.matrix, 3), 97.0 / 99, 1e-12);
  clear (&f);
}

/* Sorted, a class's cell is found where it stands then, and keys walk in that order. */
static void
test_order (void)
{
  Fixture f = make (10, "c", 0);
  g_autofree int32_t *order = lw_confusion_order (&f.matrix, LW_CONFUSION_BY_RECALL);
  cairo_rectangle_t cell;
  int32_t row, column;

  g_assert_cmpint (order[0], ==, 9);
  g_assert_cmpint (order[9], ==, 0);
  f.matrix.order = order;
  cell = lw_confusion_cell (&f.matrix, &f.layout, 9, 8);
  g_assert_cmpfloat (cell.y, ==, f.layout.top);
  g_assert_cmpfloat (cell.x, ==, f.layout.left + f.layout.cell);
  g_assert_true (lw_confusion_at (&f.matrix, &f.layout, cell.x + 2, cell.y + 2, &row, &column));
  g_assert_cmpint (row, ==, 9);
  g_assert_cmpint (column, ==, 8);
  g_assert_cmpint (lw_confusion_beside (&f.matrix, 9, 1), ==, 8);
  g_assert_cmpint (lw_confusion_beside (&f.matrix, 9, -1), ==, 9);
  clear (&f);
}

/* Right ones grey, the most frequent mistake in the map's last colour, zeros empty; both themes. */
static void
test_cells (void)
{
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    Fixture f = make (10, "c", 0);
    Canvas canvas = canvas_new ((int)f.layout.width, (int)f.layout.height, theme->canvas);
    const struct {
      int32_t row, column;
      LwColour colour;
    } cells[] = { { 4, 4, theme->kind_fill[LW_KIND_JOIN] },
                  { 9, 0, lw_map_colour (LW_MAP_COST, dark, 1) },
                  { 2, 7, theme->canvas } };

    lw_confusion_paint (canvas.cr, theme, f.text, &f.matrix, &f.layout);
    for (guint i = 0; i < G_N_ELEMENTS (cells); i++) {
      const cairo_rectangle_t cell =
          lw_confusion_cell (&f.matrix, &f.layout, cells[i].row, cells[i].column);

      g_assert_cmpint (canvas_count_colour (&canvas, cell.x + 4, cell.y + 4, 6, 6,
                                            blend (cells[i].colour, theme->canvas)),
                       ==, 36);
    }
    canvas_finish (&canvas, dark ? "confusion-dark" : "confusion");
    clear (&f);
  }
}

/* Of 1000 classes only what is seen is painted. */
static void
test_many (void)
{
  static const int32_t sizes[] = { 2, 25, 100, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    Fixture f = make (sizes[i], "a class ", 640);
    Canvas canvas =
        canvas_new ((int)MIN (f.layout.width, 1700), (int)MIN (f.layout.height, 1700), white);
    g_autofree char *name = g_strdup_printf ("confusion-%d", sizes[i]);
    const gint64 begin = g_get_monotonic_time ();

    lw_confusion_paint (canvas.cr, lw_theme (false), f.text, &f.matrix, &f.layout);
    g_test_message ("%d classes: %.1f ms", sizes[i],
                    (double)(g_get_monotonic_time () - begin) / 1000);
    g_assert_cmpint (canvas_count_painted (&canvas, f.layout.left, f.layout.top, 200, 200, white),
                     >, 100);
    canvas_finish (&canvas, name);
    clear (&f);
  }
}

static void
test_probabilities (void)
{
  const double epochs[] = { 1, 2, 3, 4 };
  float values[4][3] = {
    { 0.2f, 0.3f, 0.5f }, { 0.6f, 0.3f, 0.1f }, { 0.1f, 0.8f, 0.1f }, { 0.05f, 0.9f, 0.05f }
  };
  const char *const names[] = { "zero", "one", "two" };
  const LwTheme *theme = lw_theme (false);
  LwProbabilities p = { .n = 4,
                        .classes = 3,
                        .epochs = epochs,
                        .values = values[0],
                        .label = 0,
                        .predicted = 1,
                        .names = names,
                        .rule = 3 };
  const cairo_rectangle_t area = { 0, 0, 300, 120 };
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree char *words = lw_probabilities_describe (&p);
  Canvas canvas = canvas_new (300, 120, theme->canvas);

  lw_probabilities_paint (canvas.cr, theme, text, &p, area);
  g_assert_cmpint (canvas_count_colour (&canvas, 30, 0, 220, 110, lw_answer_label_colour (theme)),
                   >, 100);
  g_assert_cmpint (
      canvas_count_colour (&canvas, 30, 0, 220, 110, lw_answer_predicted_colour (theme)), >, 100);
  g_assert_cmpint (canvas_count_colour (&canvas, 30, 0, 220, 110, theme->accent), >, 20);
  g_assert_cmpint (lw_probabilities_at (&p, text, area, 0), ==, 0);
  g_assert_cmpint (lw_probabilities_at (&p, text, area, 299), ==, 3);
  g_assert_nonnull (strstr (words, "one: 0.30 in epoch 1, 0.90 in epoch 4"));
  g_assert_nonnull (strstr (words, "zero: 0.20 in epoch 1, 0.05 in epoch 4"));
  canvas_finish (&canvas, "probabilities");

  /* Gaps, one epoch, none. */
  values[1][0] = NAN;
  for (p.n = 0; p.n < 4; p.n++) {
    Canvas other = canvas_new (300, 120, theme->canvas);

    p.rule = p.n == 0 ? NAN : 1;
    lw_probabilities_paint (other.cr, theme, text, &p, area);
    canvas_finish (&other, "probabilities-few");
  }
}

/* Grad-CAM's cells are enlarged between their centres; gradients are not blended. */
static void
test_overlay (void)
{
  const uint8_t pixels[4] = { 0, 255, 255, 0 };
  const float map[4] = { 0, 1, 2, 3 };
  LwOverlay o = { .image = { .kind = LW_TILE_GREY, .bytes = pixels, .rows = 2, .columns = 2 },
                  .map = map,
                  .rows = 2,
                  .columns = 2,
                  .scale = { LW_MAP_SEQUENTIAL, 0, 3 },
                  .opacity = 1,
                  .smooth = true };
  const cairo_rectangle_t place = { 0, 0, 100, 100 };
  Canvas canvas = canvas_new (100, 100, white);

  g_assert_cmpfloat_with_epsilon (lw_overlay_value (&o, place, 50, 50), 1.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (lw_overlay_value (&o, place, 25, 25), 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (lw_overlay_value (&o, place, 2, 2), 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (lw_overlay_value (&o, place, 50, 25), 0.5, 1e-9);
  g_assert_true (isnan (lw_overlay_value (&o, place, 100, 50)));
  lw_overlay_paint (canvas.cr, lw_theme (false), &o, place, 0);
  g_assert_cmpint (
      canvas_count_colour (&canvas, 45, 45, 10, 10, lw_map_colour (LW_MAP_SEQUENTIAL, false, 0.5)),
      >, 4);
  o.smooth = false;
  lw_overlay_paint (canvas.cr, lw_theme (false), &o, place, 0);
  g_assert_cmpint (
      canvas_count_colour (&canvas, 60, 60, 30, 30, lw_map_colour (LW_MAP_SEQUENTIAL, false, 1)),
      ==, 900);
  g_assert_cmpfloat (lw_overlay_value (&o, place, 49, 49), ==, 0);
  /* Without opacity the image shows. */
  o.opacity = 0;
  lw_overlay_paint (canvas.cr, lw_theme (false), &o, place, 0);
  g_assert_cmphex (canvas_pixel (&canvas, 75, 25), ==, 0xffffff);
  g_assert_cmphex (canvas_pixel (&canvas, 25, 25), ==, 0x000000);
  canvas_finish (&canvas, "overlay");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/confusion/layout", test_layout);
  g_test_add_func ("/confusion/short-names", test_short_names);
  g_test_add_func ("/confusion/words", test_words);
  g_test_add_func ("/confusion/order", test_order);
  g_test_add_func ("/confusion/cells", test_cells);
  g_test_add_func ("/confusion/many", test_many);
  g_test_add_func ("/confusion/probabilities", test_probabilities);
  g_test_add_func ("/confusion/overlay", test_overlay);
  return g_test_run ();
}
