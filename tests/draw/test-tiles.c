/* Tiles, grids of maps, colour bars, histograms and the glyphs of batch normalization. */
#include "tests/draw/canvas.h"
#include "ui/draw/export.h"
#include "ui/draw/glyphs.h"
#include "ui/draw/histogram.h"
#include "ui/draw/tiles.h"

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
fill_random (float *values, int n, int seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (int i = 0; i < n; i++)
    values[i] = (float)normal (random);
}

/* Every pixel of a cell has exactly the colour of its value: nothing is blended. */
static void
test_pixels (void)
{
  float values[8 * 8];
  LwTile tile = { .kind = LW_TILE_MAP, .values = values, .rows = 8, .columns = 8 };
  Canvas canvas = canvas_new (100, 100, white);

  fill_random (values, 64, 1);
  values[20] = NAN;
  tile.scale = lw_scale_for (values, 64);
  lw_tile_paint (canvas.cr, lw_theme (false), &tile, (cairo_rectangle_t){ 10, 10, 80, 80 }, 6.0);
  for (int i = 0; i < 64; i++) {
    int x = 10 + i % 8 * 10, y = 10 + i / 8 * 10;
    guint32 wanted = to_hex (lw_scale_colour (&tile.scale, false, values[i]));
    bool corner = i == 0 || i == 7 || i == 56 || i == 63;

    for (int k = 0; k < 10 && !corner; k++) {
      g_assert_cmphex (canvas_pixel (&canvas, x + k, y), ==, wanted);
      g_assert_cmphex (canvas_pixel (&canvas, x + 9, y + k), ==, wanted);
    }
    g_assert_cmphex (canvas_pixel (&canvas, x + 5, y + 5), ==, wanted);
  }
  g_assert_cmphex (canvas_pixel (&canvas, 10 + 45, 10 + 25), ==, to_hex (lw_theme (false)->error));
  /* Rounded corners: the ground shows. */
  g_assert_cmphex (canvas_pixel (&canvas, 10, 10), ==, 0xffffff);
  g_assert_cmphex (canvas_pixel (&canvas, 89, 89), ==, 0xffffff);
  g_assert_cmphex (canvas_pixel (&canvas, 9, 50), ==, 0xffffff);
  canvas_finish (&canvas, "tile");
}

static void
test_images (void)
{
  static const uint8_t grey[4] = { 0, 255, 128, 10 };
  static const uint8_t rgb[12] = { 255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9 };
  static const float floats[4] = { 0.0f, 1.0f, 2.0f, NAN };
  LwTile tile = { .kind = LW_TILE_GREY, .bytes = grey, .rows = 2, .columns = 2 };
  cairo_rectangle_t place = { 0, 0, 40, 40 };
  Canvas canvas = canvas_new (40, 40, white);

  lw_tile_paint (canvas.cr, lw_theme (false), &tile, place, 0.0);
  g_assert_cmphex (canvas_pixel (&canvas, 5, 5), ==, 0x000000);
  g_assert_cmphex (canvas_pixel (&canvas, 35, 5), ==, 0xffffff);
  g_assert_cmphex (canvas_pixel (&canvas, 5, 35), ==, 0x808080);

  tile = (LwTile){ .kind = LW_TILE_RGB, .bytes = rgb, .rows = 2, .columns = 2 };
  lw_tile_paint (canvas.cr, lw_theme (false), &tile, place, 0.0);
  g_assert_cmphex (canvas_pixel (&canvas, 5, 5), ==, 0xff0000);
  g_assert_cmphex (canvas_pixel (&canvas, 35, 5), ==, 0x00ff00);
  g_assert_cmphex (canvas_pixel (&canvas, 5, 35), ==, 0x0000ff);

  tile = (LwTile){ .kind = LW_TILE_GREY, .values = floats, .rows = 2, .columns = 2 };
  tile.scale.max = 2.0;
  lw_tile_paint (canvas.cr, lw_theme (false), &tile, place, 0.0);
  g_assert_cmphex (canvas_pixel (&canvas, 35, 5), ==, 0x808080);
  g_assert_cmphex (canvas_pixel (&canvas, 5, 35), ==, 0xffffff);
  g_assert_cmphex (canvas_pixel (&canvas, 35, 35), ==, to_hex (lw_theme (false)->error));
  canvas_finish (&canvas, NULL);
}

/* Values are written from 34 px a cell on, and never wider than the cell. */
static void
test_values_in_cells (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  float values[9] = { -1.234f, 0.5f, 99.0f, -1e20f, 0.0f, 12.0f, NAN, INFINITY, 1e-9f };
  LwTile tile = { .kind = LW_TILE_MAP, .values = values, .rows = 3, .columns = 3 };

  tile.scale = (LwScale){ LW_MAP_SIGNED, -2.0, 2.0 };
  for (double cell = 20.0; cell <= 50.0; cell += 2.0) {
    Canvas canvas = canvas_new (160, 160, white);
    cairo_rectangle_t place = { 0, 0, 3 * cell, 3 * cell };
    int before, after;

    lw_tile_paint (canvas.cr, lw_theme (false), &tile, place, 0.0);
    before = canvas_count_painted (&canvas, 0, cell, cell, cell,
                                   lw_scale_colour (&tile.scale, false, -1e20));
    before += canvas_count_painted (&canvas, 0, 0, cell, cell,
                                    lw_scale_colour (&tile.scale, false, -1.234));
    lw_tile_paint_values (canvas.cr, lw_theme (false), text, &tile, place);
    after = canvas_count_painted (&canvas, 0, 0, cell, cell,
                                  lw_scale_colour (&tile.scale, false, -1.234));
    g_assert_cmpint (before, ==, 0);
    if (cell < LW_TILE_TEXT_CELL)
      g_assert_cmpint (after, ==, 0);
    else
      g_assert_cmpint (after, >, 20);
    canvas_finish (&canvas, NULL);
  }
}

static void
test_places (void)
{
  LwTile tile = { .kind = LW_TILE_MAP, .rows = 5, .columns = 7, .count = 33 };
  cairo_rectangle_t place = { 13.0, 7.0, 140.0, 100.0 }, fit;
  int row, column;

  for (int r = 0; r < 5; r++) {
    for (int c = 0; c < 7; c++) {
      cairo_rectangle_t cell = lw_tile_cell (&tile, place, r, c);
      bool there = lw_tile_at (&tile, place, cell.x + cell.width / 2.0, cell.y + cell.height / 2.0,
                               &row, &column);

      g_assert_cmpint (there, ==, r * 7 + c < 33);
      if (there) {
        g_assert_cmpint (row, ==, r);
        g_assert_cmpint (column, ==, c);
      }
    }
  }
  g_assert_false (lw_tile_at (&tile, place, 12.9, 50.0, &row, &column));
  g_assert_false (lw_tile_at (&tile, place, 50.0, 107.1, &row, &column));
  fit = lw_tile_fit (&tile, (cairo_rectangle_t){ 0, 0, 300, 110 });
  g_assert_cmpfloat (fit.width, ==, 22 * 7);
  g_assert_cmpfloat (fit.height, ==, 22 * 5);

  for (int n = 1; n < 300; n++) {
    lw_tile_fold (n, &row, &column);
    g_assert_cmpint (row * column, >=, n);
    g_assert_cmpint ((row - 1) * column, <, n);
    g_assert_cmpint (column, >=, row);
  }
}

static void
test_grid (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  g_autofree float *values = g_new (float, 16 * 64);
  LwTileGrid grid = { .n = 16, .rows = 8, .columns = 8, .side = 62, .gap = 10, .selected = 7 };
  g_autofree char *words = NULL, *one = NULL;
  double mean = 0.0;
  LwTile tile;

  fill_random (values, 16 * 64, 2);
  grid.values = values;
  grid.caption = LW_CAPTION_MEAN;
  grid.scale = lw_scale_for (values, 16 * 64);
  g_assert_cmpint (lw_tile_grid_columns (&grid, 280.0), ==, 4);
  g_assert_cmpint (lw_tile_grid_columns (&grid, 0.0), ==, 1);
  for (int map = 0; map < 16; map++) {
    cairo_rectangle_t place = lw_tile_grid_place (&grid, 280.0, map);

    g_assert_cmpint (lw_tile_grid_at (&grid, 280.0, place.x + 1.0, place.y + 61.0), ==, map);
    g_assert_cmpfloat (place.x + place.width, <=, 280.0);
    g_assert_cmpfloat (place.y + place.height, <=, lw_tile_grid_height (&grid, 280.0));
  }
  /* Between two tiles there is none. */
  g_assert_cmpint (lw_tile_grid_at (&grid, 280.0, 67.0, 30.0), ==, -1);
  g_assert_cmpint (lw_tile_grid_at (&grid, 280.0, 30.0, 1e6), ==, -1);
  g_assert_cmpint (lw_tile_grid_at (&grid, 280.0, -3.0, 30.0), ==, -1);

  for (int i = 0; i < 64; i++)
    mean += values[7 * 64 + i] / 64.0;
  g_assert_cmpfloat_with_epsilon (lw_tile_grid_mean (&grid, 7), mean, 1e-6);
  words = lw_tile_grid_describe (&grid);
  g_assert_true (g_str_has_prefix (words, "16 maps of 8 × 8, map 7 selected, mean "));

  tile = lw_tile_grid_tile (&grid, 7);
  g_assert_true (tile.values == values + 7 * 64);
  g_assert_cmpfloat (tile.scale.max, ==, grid.scale.max);
  grid.scale_each = true;
  tile = lw_tile_grid_tile (&grid, 7);
  g_assert_cmpfloat (tile.scale.max, ==, lw_scale_for (values + 7 * 64, 64).max);
  values[7 * 64 + 4 * 8 + 3] = 1.99f;
  one = lw_tile_describe (&tile, 7, 4, 3);
  g_assert_cmpstr (one, ==, "Map 7, row 4, column 3, value 1.99");

  for (int dark = 0; dark < 2; dark++) {
    Canvas canvas = canvas_new (300, 380, lw_theme (dark)->canvas);

    lw_tile_grid_paint (canvas.cr, lw_theme (dark), text, &grid, 10, 10, 280);
    /* The selected tile has a frame in the accent colour, just outside of its pixels. */
    g_assert_cmpint (canvas_count_colour (&canvas, 10 + 3 * 72 - 6, 10 + 90 + 10, 8, 40,
                                          lw_theme (dark)->accent),
                     >, 40);
    g_assert_cmpint (canvas_count_colour (&canvas, 10 + 2 * 72 - 6, 10 + 90 + 10, 8, 40,
                                          lw_theme (dark)->accent),
                     ==, 0);
    canvas_finish (&canvas, dark ? "grid-dark" : "grid");
  }
}

/* A grid paints what the clip shows and nothing else. */
static void
test_grid_clip (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  g_autofree float *values = g_new0 (float, 1024 * 49);
  LwTileGrid grid = { .values = values,
                      .n = 1024,
                      .rows = 7,
                      .columns = 7,
                      .side = 62,
                      .gap = 10,
                      .caption = LW_CAPTION_NUMBER,
                      .selected = -1 };
  Canvas canvas = canvas_new (300, 300, white);

  grid.scale = lw_scale_for (values, 1024 * 49);
  cairo_rectangle (canvas.cr, 0, 100, 300, 90);
  cairo_clip (canvas.cr);
  lw_tile_grid_paint (canvas.cr, lw_theme (false), text, &grid, 0, -9000, 300);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 100, 300, 90, white), >, 1000);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 300, 100, white), ==, 0);
  canvas_finish (&canvas, NULL);
}

static void
paint_all (cairo_t *cr, const LwTheme *theme, LwText *text, double width, double height)
{
  float values[64];
  double counts[16];
  cairo_rectangle_t place = { 0, 0, width, height };
  LwTile tile = { .kind = LW_TILE_MAP, .values = values, .rows = 8, .columns = 8 };
  LwTileGrid grid = { .values = values,
                      .n = 4,
                      .rows = 4,
                      .columns = 4,
                      .side = width / 3.0,
                      .gap = 4,
                      .caption = LW_CAPTION_MEAN };
  LwBatchBlock block = { 256, 512, 7, 7, 300 };
  LwHistogramShape shapes[3] = { { LW_HISTOGRAM_FILLED, counts, 16, theme->series[0], 0.1 },
                                 { LW_HISTOGRAM_OUTLINE, counts, 16, theme->series[1], NAN },
                                 { LW_HISTOGRAM_BARS, counts, 16, theme->series[2], 9.0 } };
  LwHistogram histogram = { shapes, 3, -2.0, 2.0, true, false };

  fill_random (values, 64, 3);
  tile.scale = grid.scale = lw_scale_for (values, 64);
  lw_histogram_count (values, 64, -2.0, 2.0, 16, counts);
  lw_tile_paint (cr, theme, &tile, place, 6.0);
  lw_tile_paint_values (cr, theme, text, &tile, place);
  lw_tile_paint_unit (cr, theme, &tile, place, 4, 3);
  lw_tile_paint_unit (cr, theme, &tile, place, 8, 3);
  lw_tile_paint_field (cr, &tile, place, -3, 6, 14, 14);
  lw_tile_grid_paint (cr, theme, text, &grid, 0, 0, width);
  lw_colour_bar_paint (cr, theme, text, &tile.scale, width, height / 2.0, width / 2.0, 1.0);
  lw_batch_block_paint (cr, theme, text, &block, place);
  lw_histogram_paint (cr, theme, text, &histogram, place);
  histogram.ends_only = true;
  lw_histogram_paint (cr, theme, text, &histogram, place);
}

static void
test_sizes (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);
  static const double sizes[][2] = { { 0, 0 },   { 1, 1 },     { 7, 90 },   { 90, 7 },
                                     { 40, 30 }, { 300, 300 }, { 1000, 60 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (int dark = 0; dark < 2; dark++) {
      Canvas canvas = canvas_new ((int)sizes[i][0], (int)sizes[i][1], white);

      paint_all (canvas.cr, lw_theme (dark), text, sizes[i][0], sizes[i][1]);
      canvas_finish (&canvas, NULL);
    }
  }
}

static void
paint_for_file (cairo_t *cr, gpointer text)
{
  paint_all (cr, lw_theme (false), text, 400.0, 400.0);
}

static void
test_files (void)
{
  g_autoptr (LwText) text = lw_text_new ("Cantarell", NULL);

  for (int format = LW_PICTURE_PNG; format <= LW_PICTURE_PDF; format++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) file =
        lw_render_picture (format, 400.0, 400.0, 1.0, paint_for_file, text, &error);

    g_assert_no_error (error);
    if (format == LW_PICTURE_SVG) {
      g_autofree char *content = g_strndup (g_bytes_get_data (file, NULL), g_bytes_get_size (file));

      g_assert_nonnull (strstr (content, ">channels<"));
    }
  }
}

static void
test_histograms (void)
{
  float values[1000];
  double counts[10], wanted[10] = { 0 }, mean, deviation, sum = 0.0, squares = 0.0;
  size_t outside = 0;
  g_autofree char *words = NULL;

  fill_random (values, 1000, 4);
  values[5] = NAN;
  values[6] = 1.0f; /* the last edge belongs to the last bin */
  for (int i = 0; i < 1000; i++) {
    if (isnan (values[i]))
      continue;
    sum += values[i] / 999.0;
    if (values[i] < -1.0f || values[i] > 1.0f)
      outside++;
    else
      wanted[MIN (9, (int)floor ((values[i] + 1.0) * 5.0))]++;
  }
  g_assert_cmpuint (lw_histogram_count (values, 1000, -1.0, 1.0, 10, counts), ==, outside);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat (counts[i], ==, wanted[i]);
  for (int i = 0; i < 1000; i++)
    squares += isnan (values[i]) ? 0.0 : (values[i] - sum) * (values[i] - sum) / 999.0;
  lw_histogram_moments (values, 1000, &mean, &deviation);
  g_assert_cmpfloat_with_epsilon (mean, sum, 1e-6);
  g_assert_cmpfloat_with_epsilon (deviation, sqrt (squares), 1e-6);
  lw_histogram_moments (values, 0, &mean, &deviation);
  g_assert_true (isnan (mean) && isnan (deviation));
  words = lw_histogram_describe ("Normalized", -0.001, 1.0);
  g_assert_cmpstr (words, ==, "Normalized, mean 0.00, deviation 1.00");
}

static void
test_block (void)
{
  LwBatchBlock block = { 256, 16, 8, 8, 4 };
  g_autofree char *words = lw_batch_block_describe (&block);

  g_assert_cmpstr (words, ==, "256 images × 16 channels × 8 × 8, channel 4 marked: 16,384 values");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tiles/pixels", test_pixels);
  g_test_add_func ("/tiles/images", test_images);
  g_test_add_func ("/tiles/values-in-cells", test_values_in_cells);
  g_test_add_func ("/tiles/places", test_places);
  g_test_add_func ("/tiles/grid", test_grid);
  g_test_add_func ("/tiles/grid-clip", test_grid_clip);
  g_test_add_func ("/tiles/sizes", test_sizes);
  g_test_add_func ("/tiles/files", test_files);
  g_test_add_func ("/tiles/histograms", test_histograms);
  g_test_add_func ("/tiles/block", test_block);
  return g_test_run ();
}
