/* Colours: contrast after WCAG 2.1, end points of maps, dashes. */
#include "engine/formats/graph_dot.h"
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/scale.h"

#include <math.h>
#include <string.h>

static void
assert_contrast (const char *what, const LwTheme *theme, LwColour colour, LwColour ground,
                 double least)
{
  double ratio = contrast_ratio (colour, ground);

  if (ratio < least)
    g_error ("%s, %s theme: contrast %.2f, wanted %.1f", what, theme->dark ? "dark" : "light",
             ratio, least);
}

static LwColour
hex (guint32 rgb)
{
  return (LwColour){ (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
                     1.0 };
}

static guint32
to_hex (LwColour colour)
{
  return (guint32)lround (colour.r * 255) << 16 | (guint32)lround (colour.g * 255) << 8 |
         (guint32)lround (colour.b * 255);
}

static void
test_text_contrast (void)
{
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    /* Pages around the canvas: libadwaita's window colours. */
    const LwColour grounds[] = { theme->canvas, theme->card,
                                 dark ? hex (0x242424) : hex (0xfafafa) };

    g_assert_cmpint (theme->dark, ==, dark);
    for (guint i = 0; i < G_N_ELEMENTS (grounds); i++) {
      assert_contrast ("text", theme, theme->text, grounds[i], 7.0);
      assert_contrast ("dim", theme, theme->dim, grounds[i], 4.5);
      assert_contrast ("accent text", theme, theme->accent_text, grounds[i], 4.5);
      assert_contrast ("good", theme, theme->good, grounds[i], 4.5);
      assert_contrast ("warning", theme, theme->warning, grounds[i], 4.5);
      assert_contrast ("error", theme, theme->error, grounds[i], 4.5);
      for (int s = 0; s < 6; s++)
        assert_contrast ("words in a series' colour", theme,
                         lw_colour_for_text (theme, theme->series[s]), grounds[i], 4.5);
    }
    assert_contrast ("words on error", theme, lw_contrast (theme->error), theme->error, 4.5);
  }
  /* White stands on the main button in both themes. */
  g_assert_cmpfloat (contrast_ratio (hex (0xffffff), lw_theme (false)->accent), >=, 4.5);
}

static void
test_line_contrast (void)
{
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);

    for (int s = 0; s < 6; s++)
      assert_contrast ("series", theme, theme->series[s], theme->canvas, 3.0);
    assert_contrast ("star", theme, theme->star, theme->canvas, 3.0);
    assert_contrast ("axis", theme, theme->axis, theme->canvas, 3.0);
    assert_contrast ("edge", theme, theme->edge, theme->canvas, 3.0);
    assert_contrast ("accent", theme, theme->accent, theme->canvas, 3.0);
    for (int k = 0; k < LW_N_KINDS; k++) {
      assert_contrast ("line of a kind", theme, theme->kind_line[k], theme->canvas, 3.0);
      assert_contrast ("line of a kind on its fill", theme, theme->kind_line[k],
                       theme->kind_fill[k], 3.0);
      assert_contrast ("text on a kind's fill", theme, theme->text, theme->kind_fill[k], 7.0);
      assert_contrast ("dim text on a kind's fill", theme, theme->dim, theme->kind_fill[k], 4.5);
      assert_contrast ("words in a kind's colour", theme,
                       lw_colour_for_text (theme, theme->kind_line[k]), theme->canvas, 4.5);
    }
  }
}

/* Cells of maps carry numbers: the better of black and white must do on every colour of a ramp. */
static void
test_contrast_on_maps (void)
{
  static const LwMap maps[] = { LW_MAP_SEQUENTIAL, LW_MAP_COST, LW_MAP_SIGNED, LW_MAP_EXPLOSION };

  for (guint m = 0; m < G_N_ELEMENTS (maps); m++) {
    for (int dark = 0; dark < 2; dark++) {
      for (int i = 0; i <= 200; i++) {
        double t = maps[m] == LW_MAP_SIGNED ? i / 100.0 - 1.0 : i / 200.0;
        LwColour ground = lw_map_colour (maps[m], dark, t);
        LwColour words = lw_contrast (ground);
        LwColour other = { 1.0 - words.r, 1.0 - words.g, 1.0 - words.b, 1.0 };

        g_assert_cmpfloat (contrast_ratio (words, ground), >=, 4.5);
        g_assert_cmpfloat (contrast_ratio (words, ground), >=,
                           contrast_ratio (other, ground) - 0.02);
      }
    }
  }
}

static void
test_map_ends (void)
{
  static const struct {
    LwMap map;
    bool dark;
    double t;
    guint32 wanted;
  } cases[] = {
    { LW_MAP_SEQUENTIAL, false, 0.0, 0x1b2f52 }, { LW_MAP_SEQUENTIAL, true, 1.0, 0xf5d945 },
    { LW_MAP_SEQUENTIAL, false, 0.5, 0x727978 }, { LW_MAP_SEQUENTIAL, false, 7.0, 0xf5d945 },
    { LW_MAP_SEQUENTIAL, true, -1.0, 0x1b2f52 }, { LW_MAP_COST, false, 0.0, 0xf3f7fb },
    { LW_MAP_COST, false, 1.0, 0x084688 },       { LW_MAP_COST, true, 0.0, 0x1b2f52 },
    { LW_MAP_COST, true, 1.0, 0xf5d945 },        { LW_MAP_SIGNED, false, -1.0, 0x2166ac },
    { LW_MAP_SIGNED, true, 0.0, 0xf7f7f7 },      { LW_MAP_SIGNED, false, 1.0, 0xb25018 },
    { LW_MAP_SIGNED, false, -5.0, 0x2166ac },    { LW_MAP_EXPLOSION, false, 0.0, 0xfbf1e6 },
    { LW_MAP_EXPLOSION, true, 1.0, 0x9c3d10 },   { LW_MAP_SIGNED, false, NAN, 0xb3161f },
    { LW_MAP_SEQUENTIAL, true, NAN, 0xff7b63 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (to_hex (lw_map_colour (cases[i].map, cases[i].dark, cases[i].t)), ==,
                     cases[i].wanted);
}

static void
test_scales (void)
{
  const float positive[] = { 0.5f, NAN, 2.0f, 0.0f }, both[] = { -3.0f, 1.0f, INFINITY };
  const float nothing[] = { NAN, 0.0f };
  LwScale scale = lw_scale_for (positive, G_N_ELEMENTS (positive));

  g_assert_cmpint (scale.map, ==, LW_MAP_SEQUENTIAL);
  g_assert_cmpfloat (lw_scale_low (&scale), ==, 0.0);
  g_assert_cmpfloat (scale.max, ==, 2.0);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, 2.0)), ==, 0xf5d945);

  scale = lw_scale_for (both, G_N_ELEMENTS (both));
  g_assert_cmpint (scale.map, ==, LW_MAP_SIGNED);
  g_assert_cmpfloat (lw_scale_low (&scale), ==, -3.0);
  g_assert_cmpfloat (scale.max, ==, 3.0);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, -3.0)), ==, 0x2166ac);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, 0.0)), ==, 0xf7f7f7);
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, INFINITY)), ==, 0xb3161f);

  scale = lw_scale_for (nothing, G_N_ELEMENTS (nothing));
  g_assert_cmpfloat (scale.max, ==, 1.0);
  scale = lw_scale_for (NULL, 0);
  g_assert_cmpfloat (scale.max, ==, 1.0);

  /* Costs go by the square root: a quarter of the largest is the middle of the ramp. */
  scale = (LwScale){ LW_MAP_COST, 0.0, 4.0 };
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, 1.0)), ==,
                   to_hex (lw_map_colour (LW_MAP_COST, false, 0.5)));
  scale = (LwScale){ LW_MAP_EXPLOSION, 1.0, 1e20 };
  g_assert_cmphex (to_hex (lw_scale_colour (&scale, false, 1e10)), ==,
                   to_hex (lw_map_colour (LW_MAP_EXPLOSION, false, 0.5)));
}

static void
test_dashes (void)
{
  double lengths[4], other[4];

  g_assert_cmpint (lw_series_dash (0, lengths), ==, 0);
  g_assert_cmpint (lw_series_dash (3, lengths), ==, 4);
  g_assert_cmpfloat (lengths[0], ==, 10.0);
  /* Series 7 starts again. */
  for (int i = 0; i < 6; i++) {
    int n = lw_series_dash (i, lengths);

    g_assert_cmpint (lw_series_dash (i + 6, other), ==, n);
    for (int k = 0; k < n; k++)
      g_assert_cmpfloat (lengths[k], ==, other[k]);
  }
}

/* Graphviz files, which know no theme, have the diagram's colours. */
static void
test_dot_colours (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("resnet18", NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);

  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    const LwDotOptions look = { .dark = dark };
    g_autofree char *dot = lw_graph_to_dot (graph, &look);

    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      const LwKind kind = lw_op_info (lw_graph_node (graph, id)->op)->kind;
      g_autofree char *words =
          g_strdup_printf ("fillcolor=\"#%06x\", color=\"#%06x\"", to_hex (theme->kind_fill[kind]),
                           to_hex (theme->kind_line[kind]));

      g_assert_nonnull (strstr (dot, words));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/theme/text-contrast", test_text_contrast);
  g_test_add_func ("/theme/line-contrast", test_line_contrast);
  g_test_add_func ("/theme/contrast-on-maps", test_contrast_on_maps);
  g_test_add_func ("/theme/map-ends", test_map_ends);
  g_test_add_func ("/theme/scales", test_scales);
  g_test_add_func ("/theme/dashes", test_dashes);
  g_test_add_func ("/theme/dot-colours", test_dot_colours);
  return g_test_run ();
}
