/* Bars of parameters before and after: as long as the numbers, nothing outside, words for those who
 * do not see them. */
#include "tests/draw/canvas.h"
#include "ui/draw/change-bars.h"

#include <string.h>

static const LwColour white = { 1, 1, 1, 1 };

static const LwChangeBar bars[] = {
  { "conv 1", NULL, LW_KIND_CONVOLUTION, 1000000, 500000 },
  { "conv 2", "Stage 1", LW_KIND_CONVOLUTION, 500000, -1 },
  { "a name that is much too long for the room there is", "Stage 1", LW_KIND_CONVOLUTION, -1, 1 },
  { "linear", "Head", LW_KIND_LINEAR, 10, 10 },
};

static void
lengths (gconstpointer data)
{
  const bool dark = GPOINTER_TO_INT (data);
  const LwTheme *theme = lw_theme (dark);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  const double height = lw_change_bars_height (bars, G_N_ELEMENTS (bars)), width = 320;
  Canvas canvas = canvas_new ((int)width + 40, (int)height + 40, theme->canvas);
  const LwColour blue = theme->kind_line[LW_KIND_CONVOLUTION];
  int half, none, least;

  g_assert_cmpfloat (height, >, 4 * LW_CHANGE_ROW + 30); /* two names of blocks */
  lw_change_bars_paint (canvas.cr, text, theme, bars, G_N_ELEMENTS (bars), width);
  half = canvas_count_colour (&canvas, width * 0.6, 0, width, LW_CHANGE_ROW, blue);
  none =
      canvas_count_colour (&canvas, width * 0.6, 2 * LW_CHANGE_ROW - 2, width, LW_CHANGE_ROW, blue);
  least = canvas_count_colour (&canvas, width * 0.6, 3 * LW_CHANGE_ROW, width, LW_CHANGE_ROW, blue);
  /* 26 % of the width for the largest, of which half is filled, 12 high, less the outline. */
  g_assert_cmpint (half, >, 0.26 * width / 2 * 12 * 0.7);
  g_assert_cmpint (half, <, 0.26 * width / 2 * 12 * 1.2);
  g_assert_cmpint (none, ==, 0);
  g_assert_cmpint (least, >, 5); /* what is there is seen */
  g_assert_cmpint (canvas_count_painted (&canvas, width, 0, 40, height + 40, theme->canvas), ==, 0);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, height + 1, width, 39, theme->canvas), ==, 0);
  canvas_finish (&canvas, dark ? "change-bars-dark" : "change-bars");
}

static void
nothing (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  Canvas canvas = canvas_new (100, 10, white);
  g_autofree char *words = lw_change_bars_describe (NULL, 0);

  lw_change_bars_paint (canvas.cr, text, lw_theme (false), NULL, 0, 100);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 100, 10, white), ==, 0);
  g_assert_cmpstr (words, ==, "");
  canvas_finish (&canvas, "change-bars-nothing");
}

static void
words (void)
{
  g_autofree char *words = lw_change_bars_describe (bars, 2);

  g_assert_cmpstr (words, ==,
                   "conv 1: 1,000,000, then 500,000; Stage 1, conv 2: 500,000, then none");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/change-bars/lengths/light", GINT_TO_POINTER (false), lengths);
  g_test_add_data_func ("/change-bars/lengths/dark", GINT_TO_POINTER (true), lengths);
  g_test_add_func ("/change-bars/nothing", nothing);
  g_test_add_func ("/change-bars/words", words);
  return g_test_run ();
}
