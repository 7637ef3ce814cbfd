/* A data set class by class: what fits, where images lie, what is painted and what is said. */
#include "tests/draw/canvas.h"
#include "ui/draw/class-rows.h"

#include <string.h>

#define CLASSES   3
#define PER_CLASS 9

static const char *const names[CLASSES] = {
  "cat", "dog", "a class with a name that is far too long for the room that there is for it"
};
static const int32_t trains[CLASSES] = { 1200, 600, 0 }, tests[CLASSES] = { 100, 1, 0 };
static const uint8_t white[4] = { 255, 255, 255, 255 };

static void
fill (LwClassRows *rows, LwTile tiles[CLASSES * PER_CLASS])
{
  for (int i = 0; i < CLASSES * PER_CLASS; i++)
    tiles[i] = (LwTile){
      .kind = LW_TILE_GREY, .bytes = i < 2 * PER_CLASS ? white : NULL, .rows = 2, .columns = 2
    };
  *rows = (LwClassRows){ CLASSES, names, { trains, tests }, PER_CLASS, tiles, -1, -1 };
}

static void
test_layout (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwTile tiles[CLASSES * PER_CLASS];
  LwClassRows rows;
  int before = 0;

  fill (&rows, tiles);
  for (double room = 300; room < 1400; room += 50) {
    LwClassRowsLayout layout;
    int32_t row, column;

    lw_class_rows_layout (&rows, text, room, &layout);
    g_assert_cmpint (layout.columns, >=, before);
    g_assert_cmpint (layout.columns, <=, PER_CLASS);
    if (room >= 550)
      g_assert_cmpfloat (layout.width, <=, room);
    before = layout.columns;
    for (int32_t r = 0; r < CLASSES; r++)
      for (int32_t c = 0; c < layout.columns; c++) {
        const cairo_rectangle_t place = lw_class_rows_place (&layout, r, c);

        g_assert_cmpfloat (place.y + place.height, <=, layout.height);
        g_assert_true (lw_class_rows_at (&rows, &layout, place.x + 5, place.y + 5, &row, &column));
        g_assert_cmpint (row, ==, r);
        g_assert_cmpint (column, ==, c);
      }
    g_assert_true (lw_class_rows_at (&rows, &layout, 2, layout.head + 5, &row, &column));
    g_assert_cmpint (column, ==, -1);
    g_assert_false (lw_class_rows_at (&rows, &layout, 2, 2, &row, &column));
    g_assert_false (lw_class_rows_at (&rows, &layout, 2, layout.height + 1, &row, &column));
  }
  g_assert_cmpint (before, ==, PER_CLASS);
}

static uint32_t
pixel (cairo_surface_t *surface, double x, double y)
{
  const unsigned char *at = cairo_image_surface_get_data (surface) +
                            (int)y * cairo_image_surface_get_stride (surface) + 4 * (int)x;
  uint32_t value;

  memcpy (&value, at, 4);
  return value & 0xffffff;
}

/* Bars are in proportion, an empty class has neither bar nor image. */
static void
test_paint (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 900, 240);
  cairo_t *cr = cairo_create (surface);
  LwTile tiles[CLASSES * PER_CLASS];
  LwClassRows rows;
  LwClassRowsLayout layout;
  uint32_t bar;
  double x, y;

  fill (&rows, tiles);
  lw_class_rows_layout (&rows, text, 900, &layout);
  lw_class_rows_paint (cr, lw_theme (true), text, &rows, &layout);
  cairo_surface_flush (surface);
  x = layout.names + 12;
  y = layout.head + layout.row / 2 - 7;
  bar = pixel (surface, x + 5, y);
  g_assert_cmphex (bar, !=, 0);
  g_assert_cmphex (pixel (surface, x + layout.bars - 5, y), ==, bar);
  g_assert_cmphex (pixel (surface, x + layout.bars / 2 - 5, y + layout.row), ==, bar);
  g_assert_cmphex (pixel (surface, x + layout.bars - 5, y + layout.row), !=, bar);
  g_assert_cmphex (pixel (surface, x + 1, y + 2 * layout.row), ==, 0);
  for (int32_t row = 0; row < CLASSES; row++) {
    const cairo_rectangle_t place = lw_class_rows_place (&layout, row, 1);

    g_assert_cmphex (pixel (surface, place.x + 20, place.y + 20), ==, row < 2 ? 0xffffff : 0);
  }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_words (void)
{
  LwTile tiles[CLASSES * PER_CLASS];
  LwClassRows rows;
  g_autofree char *words = NULL;

  fill (&rows, tiles);
  words = lw_class_rows_describe (&rows, 0);
  g_assert_cmpstr (words, ==, "cat: 1,200 training and 100 test images");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/class-rows/layout", test_layout);
  g_test_add_func ("/class-rows/paint", test_paint);
  g_test_add_func ("/class-rows/words", test_words);
  return g_test_run ();
}
