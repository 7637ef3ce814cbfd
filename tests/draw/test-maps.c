/* What the view of feature maps paints beside tiles: colours that a person chose, kernels, the
 * units of a vector; and the canvas to draw on. */
#include "tests/draw/canvas.h"
#include "ui/draw/kernel-grid.h"
#include "ui/draw/sketch.h"
#include "ui/draw/unit-bars.h"

#include <math.h>
#include <string.h>

static const LwColour white = { 1.0, 1.0, 1.0, 1.0 };

static guint32
to_hex (LwColour colour)
{
  return (guint32)lround (colour.r * 255) << 16 | (guint32)lround (colour.g * 255) << 8 |
         (guint32)lround (colour.b * 255);
}

static void
test_scales (void)
{
  static const float both[] = { -1.0f, 0.5f, NAN, 3.0f, INFINITY }, above[] = { 2.0f, 5.0f };
  static const float zero[] = { 0.0f };
  LwScale scale = lw_scale_chosen (both, 5, LW_COLOURS_AUTOMATIC);

  g_assert_cmpint (scale.map, ==, LW_MAP_SIGNED);
  g_assert_cmpfloat (scale.max, ==, 3.0);
  scale = lw_scale_chosen (above, 2, LW_COLOURS_AUTOMATIC);
  g_assert_cmpint (scale.map, ==, LW_MAP_SEQUENTIAL);
  g_assert_cmpfloat (scale.min, ==, 0.0);
  scale = lw_scale_chosen (both, 5, LW_COLOURS_SEQUENTIAL);
  g_assert_cmpint (scale.map, ==, LW_MAP_SEQUENTIAL);
  g_assert_cmpfloat (scale.min, ==, -1.0);
  g_assert_cmpfloat (scale.max, ==, 3.0);
  scale = lw_scale_chosen (above, 2, LW_COLOURS_SIGNED);
  g_assert_cmpint (scale.map, ==, LW_MAP_SIGNED);
  g_assert_cmpfloat (lw_scale_low (&scale), ==, -5.0);
  /* Zero is the middle of the signed colours, whatever the values are. */
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, 0.0)), ==, 0xf7f7f7);
  scale = lw_scale_chosen (both, 5, LW_COLOURS_GREY);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, -1.0)), ==, 0x000000);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, true, 3.0)), ==, 0xffffff);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, true, NAN)), ==,
                   to_hex (lw_theme (true)->error));
  for (int colours = 0; colours < LW_N_COLOURS; colours++) {
    scale = lw_scale_chosen (zero, 1, (LwColours)colours);
    g_assert_cmpfloat (scale.max, >, lw_scale_low (&scale));
    scale = lw_scale_chosen (NULL, 0, (LwColours)colours);
    g_assert_cmpfloat (scale.max, >, lw_scale_low (&scale));
  }
}

/* [outputs][inputs][rows][columns], each weight with a value of its own. */
static LwKernelGrid
kernels_of (float *values, int outputs, int inputs, int rows, int columns)
{
  const int n = outputs * inputs * rows * columns;
  LwKernelGrid grid = { .values = values,
                        .outputs = outputs,
                        .inputs = inputs,
                        .rows = rows,
                        .columns = columns,
                        .gap = 3,
                        .output = -1 };

  for (int i = 0; i < n; i++)
    values[i] = (float)(i - n / 2) / (float)n;
  grid.scale = lw_scale_for (values, (size_t)n);
  return grid;
}

/* Rows are input channels, columns output channels; and each place is found again. */
static void
test_matrix (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree float *values = g_new (float, 6 * 4 * 9);
  LwKernelGrid grid = kernels_of (values, 6, 4, 3, 3);
  g_autofree char *words = NULL;
  double width, height;
  int output, input;
  Canvas canvas = canvas_new (400, 300, white);

  g_assert_false (lw_kernel_grid_is_row (&grid));
  grid.side = lw_kernel_grid_side (&grid, 300.0);
  g_assert_cmpfloat (fmod (grid.side, 3.0), ==, 0.0); /* whole pixels a weight */
  lw_kernel_grid_size (&grid, 300.0, &width, &height);
  lw_kernel_grid_paint (canvas.cr, lw_theme (false), text, &grid, 300.0,
                        (cairo_rectangle_t){ 0, 0, 400, 300 });
  for (int o = 0; o < 6; o++)
    for (int i = 0; i < 4; i++) {
      const cairo_rectangle_t place = lw_kernel_grid_place (&grid, 300.0, o, i);
      const float *kernel = values + (o * 4 + i) * 9;
      const double cell = place.width / 3.0;

      g_assert_true (
          lw_kernel_grid_at (&grid, 300.0, place.x + 1.0, place.y + 1.0, &output, &input));
      g_assert_cmpint (output, ==, o);
      g_assert_cmpint (input, ==, i);
      g_assert_cmpfloat (place.x + place.width, <=, width);
      g_assert_cmpfloat (place.y + place.height, <=, height);
      if (o > 0)
        g_assert_cmpfloat (place.y, ==, lw_kernel_grid_place (&grid, 300.0, 0, i).y);
      /* The middle weight in its colour. */
      g_assert_cmphex (
          canvas_pixel (&canvas, (int)(place.x + 1.5 * cell), (int)(place.y + 1.5 * cell)), ==,
          to_hex (lw_scale_colour (&grid.scale, false, kernel[4])));
    }
  g_assert_false (lw_kernel_grid_at (&grid, 300.0, 5.0, 100.0, &output, &input));
  g_assert_false (lw_kernel_grid_at (&grid, 300.0, 1e6, 100.0, &output, &input));
  grid.output = 3;
  grid.input = 2;
  words = lw_kernel_grid_describe (&grid);
  g_assert_cmpstr (words, ==,
                   "6 kernels of 3 × 3 for each of 4 input channels, output 3, input 2 selected");
  canvas_finish (&canvas, "kernels");
}

/* One picture for each output where one channel is read, or three are colours: grey is zero. */
static void
test_pictures (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree float *values = g_new0 (float, 8 * 3 * 4);
  LwKernelGrid grid = kernels_of (values, 8, 1, 2, 2);
  cairo_rectangle_t place;
  Canvas canvas = canvas_new (320, 400, white);

  g_assert_true (lw_kernel_grid_is_row (&grid));
  grid = kernels_of (values, 8, 3, 2, 2);
  g_assert_false (lw_kernel_grid_is_row (&grid));
  grid.colours = true;
  g_assert_true (lw_kernel_grid_is_row (&grid));
  memset (values, 0, sizeof (float) * 8 * 3 * 4);
  values[5 * 12 + 0] = 1.0f;      /* the sixth: its first weight reads red */
  values[5 * 12 + 4 + 1] = -1.0f; /* its second is against green */
  grid.scale = lw_scale_for (values, 8 * 3 * 4);
  grid.side = lw_kernel_grid_side (&grid, 300.0);
  lw_kernel_grid_paint (canvas.cr, lw_theme (false), text, &grid, 300.0,
                        (cairo_rectangle_t){ 0, 0, 320, 400 });
  place = lw_kernel_grid_place (&grid, 300.0, 5, 0);
  g_assert_cmphex (
      canvas_pixel (&canvas, (int)(place.x + place.width / 4), (int)(place.y + place.height / 4)),
      ==, 0xff8080);
  g_assert_cmphex (canvas_pixel (&canvas, (int)(place.x + place.width * 3 / 4),
                                 (int)(place.y + place.height / 4)),
                   ==, 0x800080);
  g_assert_cmphex (canvas_pixel (&canvas, (int)(place.x + place.width / 4),
                                 (int)(place.y + place.height * 3 / 4)),
                   ==, 0x808080);
  canvas_finish (&canvas, "kernels-colour");
}

/* A quarter of a million kernels: what is in view is painted, and in no time. */
static void
test_many (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree float *values = g_new0 (float, 512 * 512 * 9);
  LwKernelGrid grid = kernels_of (values, 512, 512, 3, 3);
  const gint64 begin = g_get_monotonic_time ();
  Canvas canvas = canvas_new (300, 300, white);

  grid.side = lw_kernel_grid_side (&grid, 280.0);
  for (int i = 0; i < 10; i++) {
    const cairo_rectangle_t view = { 100.0 * i, 400.0 * i, 300, 300 };

    cairo_save (canvas.cr);
    cairo_translate (canvas.cr, -view.x, -view.y);
    lw_kernel_grid_paint (canvas.cr, lw_theme (false), text, &grid, 280.0, view);
    cairo_restore (canvas.cr);
  }
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (canvas_count_painted (&canvas, 40, 40, 250, 250, white), >, 20000);
  canvas_finish (&canvas, NULL);
}

static void
test_units (void)
{
  static const float values[] = { -1.0f, 0.0f, 2.0f, NAN, 0.5f };
  static const char *const names[] = { "shirt", "bag", "coat", "dress", "boot" };
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwUnitBars bars = { .values = values, .n = 5, .selected = 2 };
  g_autofree char *words = NULL;

  bars.scale = lw_scale_for (values, 5);
  g_assert_cmpfloat (lw_unit_bars_height (&bars), ==, 5 * LW_UNIT_BAR_ROW);
  g_assert_cmpint (lw_unit_bars_at (&bars, 0.0), ==, 0);
  g_assert_cmpint (lw_unit_bars_at (&bars, 4.5 * LW_UNIT_BAR_ROW), ==, 4);
  g_assert_cmpint (lw_unit_bars_at (&bars, 5.5 * LW_UNIT_BAR_ROW), ==, -1);
  g_assert_cmpint (lw_unit_bars_at (&bars, -1.0), ==, -1);
  words = lw_unit_bars_describe (&bars);
  g_assert_cmpstr (words, ==, "5 units, unit 2 selected, value 2.00");
  for (int i = 0; i < 4; i++) {
    const bool dark = i % 2 == 1;
    Canvas canvas = canvas_new (300, 120, lw_theme (dark)->canvas);
    int left, right;

    bars.names = i < 2 ? NULL : names;
    bars.selected = i < 2 ? 2 : -1;
    lw_unit_bars_paint (canvas.cr, lw_theme (dark), text, &bars, 0, 0, 300);
    if (i == 0) { /* the negative one's bar ends at zero, where the positive one's begins */
      const double zero = 34.0 + (300.0 - 34.0 - 52.0) / 2.0;

      left = canvas_count_colour (&canvas, 36, 4, zero - 38, 14,
                                  lw_scale_colour (&bars.scale, false, -1.0));
      right = canvas_count_colour (&canvas, zero + 2, 4, 100, 14,
                                   lw_scale_colour (&bars.scale, false, -1.0));
      g_assert_cmpint (left, >, 200);
      g_assert_cmpint (right, ==, 0);
    }
    canvas_finish (&canvas, i == 0 ? "units" : NULL);
  }
}

static void
test_sketch (void)
{
  g_autoptr (LwSketch) sketch = lw_sketch_new (28);
  const uint8_t *pixels = lw_sketch_pixels (sketch);
  g_autofree uint8_t *one = NULL;
  int soft = 0;

  g_assert_true (lw_sketch_is_empty (sketch));
  g_assert_false (lw_sketch_can_undo (sketch));
  lw_sketch_begin_stroke (sketch);
  lw_sketch_line (sketch, 4.5, 10.5, 20.5, 10.5, 3.0, false);
  for (int x = 4; x <= 20; x++) {
    g_assert_cmpint (pixels[9 * 28 + x], ==, 255);
    g_assert_cmpint (pixels[10 * 28 + x], ==, 255);
    g_assert_cmpint (pixels[11 * 28 + x], ==, 255);
    g_assert_cmpint (pixels[13 * 28 + x], ==, 0);
  }
  for (int i = 0; i < 28 * 28; i++)
    soft += pixels[i] > 0 && pixels[i] < 255;
  g_assert_cmpint (soft, >, 0); /* its ends are round and soft */
  one = g_memdup2 (pixels, 28 * 28);
  lw_sketch_begin_stroke (sketch);
  lw_sketch_line (sketch, 12.5, 0.0, 12.5, 28.0, 2.0, true);
  g_assert_cmpint (lw_sketch_pixels (sketch)[10 * 28 + 12], ==, 0);
  g_assert_cmpint (lw_sketch_pixels (sketch)[10 * 28 + 18], ==, 255);
  lw_sketch_undo (sketch);
  g_assert_cmpmem (lw_sketch_pixels (sketch), 28 * 28, one, 28 * 28);
  lw_sketch_clear (sketch);
  g_assert_true (lw_sketch_is_empty (sketch));
  lw_sketch_undo (sketch);
  g_assert_cmpmem (lw_sketch_pixels (sketch), 28 * 28, one, 28 * 28);
  lw_sketch_undo (sketch);
  g_assert_true (lw_sketch_is_empty (sketch));
  g_assert_false (lw_sketch_can_undo (sketch));
  lw_sketch_undo (sketch);
  /* Outside and beyond all numbers: nothing happens. */
  lw_sketch_begin_stroke (sketch);
  lw_sketch_line (sketch, -1e9, 5.0, -1e8, 5.0, 3.0, false);
  lw_sketch_line (sketch, NAN, 5.0, 3.0, 5.0, 3.0, false);
  g_assert_true (lw_sketch_is_empty (sketch));
  for (int i = 0; i < 200; i++) {
    lw_sketch_begin_stroke (sketch);
    lw_sketch_line (sketch, i % 28, 3.0, i % 28, 25.0, 2.0, i % 3 == 0);
  }
  for (int i = 0; lw_sketch_can_undo (sketch); i++) {
    g_assert_cmpint (i, <, 51);
    lw_sketch_undo (sketch);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maps/scales", test_scales);
  g_test_add_func ("/maps/matrix", test_matrix);
  g_test_add_func ("/maps/pictures", test_pictures);
  g_test_add_func ("/maps/many", test_many);
  g_test_add_func ("/maps/units", test_units);
  g_test_add_func ("/maps/sketch", test_sketch);
  return g_test_run ();
}
