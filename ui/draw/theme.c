#include "ui/draw/theme.h"

#include <math.h>
#include <string.h>

#define HEX(v)                                                                                     \
  {                                                                                                \
    ((v) >> 16 & 255) / 255.0, ((v) >> 8 & 255) / 255.0, ((v)&255) / 255.0, 1.0                    \
  }
#define BLACK(a)                                                                                   \
  {                                                                                                \
    0.0, 0.0, 0.0, a                                                                               \
  }
#define WHITE(a)                                                                                   \
  {                                                                                                \
    1.0, 1.0, 1.0, a                                                                               \
  }

static const LwTheme light_theme = {
  .dark = false,
  .canvas = HEX (0xffffff),
  .dots = BLACK (0.06),
  .text = BLACK (0.80),
  .dim = BLACK (0.60),
  .card = HEX (0xffffff),
  .border = BLACK (0.15),
  .grid = BLACK (0.08),
  .axis = BLACK (0.52),
  .edge = HEX (0x5e5c64),
  .accent = HEX (0x1c71d8),
  .accent_text = HEX (0x1a5fb4),
  .star = HEX (0xb98000),
  .search = HEX (0xb98000),
  .good = HEX (0x11693c),
  .warning = HEX (0x7a4f00),
  .error = HEX (0xb3161f),
  .kind_line = {
    [LW_KIND_CONVOLUTION] = HEX (0x0072b2),
    [LW_KIND_NORMALIZATION] = HEX (0x8f4fa8),
    [LW_KIND_ACTIVATION] = HEX (0xb37400),
    [LW_KIND_POOLING] = HEX (0x00805e),
    [LW_KIND_LINEAR] = HEX (0xc24d00),
    [LW_KIND_DROPOUT] = HEX (0x6b6b6b),
    [LW_KIND_JOIN] = HEX (0x3d3846),
    [LW_KIND_DATA] = HEX (0x77767b),
  },
  .kind_fill = {
    [LW_KIND_CONVOLUTION] = HEX (0xe3eff7),
    [LW_KIND_NORMALIZATION] = HEX (0xf2e9f5),
    [LW_KIND_ACTIVATION] = HEX (0xfbf1dc),
    [LW_KIND_POOLING] = HEX (0xe0f2ec),
    [LW_KIND_LINEAR] = HEX (0xfbe9de),
    [LW_KIND_DROPOUT] = HEX (0xeeeeee),
    [LW_KIND_JOIN] = HEX (0xe9e8eb),
    [LW_KIND_DATA] = HEX (0xf1f1f1),
  },
  .series = { HEX (0x0072b2), HEX (0xd55e00), HEX (0x009e73), HEX (0xb5478f), HEX (0x8a6d00),
              HEX (0x3d3846) },
};

static const LwTheme dark_theme = {
  .dark = true,
  .canvas = HEX (0x1e1e1e),
  .dots = WHITE (0.06),
  .text = WHITE (1.00),
  .dim = WHITE (0.62),
  .card = HEX (0x363636),
  .border = WHITE (0.13),
  .grid = WHITE (0.09),
  .axis = WHITE (0.56),
  .edge = HEX (0x9a9996),
  .accent = HEX (0x3584e4),
  .accent_text = HEX (0x78aeed),
  .star = HEX (0xf6c945),
  .search = HEX (0xe5a50a),
  .good = HEX (0x57e389),
  .warning = HEX (0xf0b440),
  .error = HEX (0xff7b63),
  .kind_line = {
    [LW_KIND_CONVOLUTION] = HEX (0x62b0e8),
    [LW_KIND_NORMALIZATION] = HEX (0xc89adb),
    [LW_KIND_ACTIVATION] = HEX (0xf0b440),
    [LW_KIND_POOLING] = HEX (0x3fc79a),
    [LW_KIND_LINEAR] = HEX (0xf2905a),
    [LW_KIND_DROPOUT] = HEX (0xa6a6a6),
    [LW_KIND_JOIN] = HEX (0xcfcdd4),
    [LW_KIND_DATA] = HEX (0xb0afb5),
  },
  .kind_fill = {
    [LW_KIND_CONVOLUTION] = HEX (0x1c3547),
    [LW_KIND_NORMALIZATION] = HEX (0x382a3f),
    [LW_KIND_ACTIVATION] = HEX (0x3e3218),
    [LW_KIND_POOLING] = HEX (0x16382d),
    [LW_KIND_LINEAR] = HEX (0x432a1b),
    [LW_KIND_DROPOUT] = HEX (0x333333),
    [LW_KIND_JOIN] = HEX (0x3a393d),
    [LW_KIND_DATA] = HEX (0x333333),
  },
  .series = { HEX (0x62b0e8), HEX (0xf2905a), HEX (0x3fc79a), HEX (0xe08ac0), HEX (0xd8b84a),
              HEX (0xcfcdd4) },
};

const LwTheme *
lw_theme (bool dark)
{
  return dark ? &dark_theme : &light_theme;
}

void
lw_set_colour (cairo_t *cr, LwColour colour, double alpha)
{
  cairo_set_source_rgba (cr, colour.r, colour.g, colour.b, colour.a * alpha);
}

LwColour
lw_colour_for_text (const LwTheme *theme, LwColour colour)
{
  if (!theme->dark) {
    colour.r *= 0.7;
    colour.g *= 0.7;
    colour.b *= 0.7;
  }
  return colour;
}

/* WCAG 2.1, "relative luminance". */
static double
linear_channel (double v)
{
  return v <= 0.03928 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

LwColour
lw_contrast (LwColour ground)
{
  double luminance = 0.2126 * linear_channel (ground.r) + 0.7152 * linear_channel (ground.g) +
                     0.0722 * linear_channel (ground.b);
  /* (1.05)/(L + 0.05) = (L + 0.05)/0.05 at L = √(1.05 · 0.05) − 0.05. */
  if (luminance > 0.1791)
    return (LwColour)BLACK (1.0);
  return (LwColour)WHITE (1.0);
}

int
lw_series_dash (int index, double ret_lengths[4])
{
  static const struct {
    int n;
    double lengths[4];
  } dashes[6] = {
    { 0, { 0 } },           { 2, { 2, 3 } }, { 2, { 7, 4 } },
    { 4, { 10, 3, 2, 3 } }, { 2, { 4, 2 } }, { 2, { 12, 4 } },
  };
  int i = ((index % 6) + 6) % 6;

  memcpy (ret_lengths, dashes[i].lengths, sizeof dashes[i].lengths);
  return dashes[i].n;
}

static const LwColour sequential_ramp[] = { HEX (0x1b2f52), HEX (0x2f486d), HEX (0x4d6078),
                                            HEX (0x727978), HEX (0x99936e), HEX (0xc7b25a),
                                            HEX (0xf5d945) };
static const LwColour cost_light_ramp[] = { HEX (0xf3f7fb), HEX (0xd3e4f3), HEX (0x9dc6e6),
                                            HEX (0x569fd0), HEX (0x1f71b0), HEX (0x084688) };
static const LwColour signed_ramp[] = { HEX (0x2166ac), HEX (0xf7f7f7), HEX (0xb25018) };
static const LwColour explosion_ramp[] = { HEX (0xfbf1e6), HEX (0xf6d0a6), HEX (0xec9f62),
                                           HEX (0xd26a2c), HEX (0x9c3d10) };

static LwColour
ramp_colour (const LwColour *ramp, int n_stops, double t)
{
  double x = CLAMP (t, 0.0, 1.0) * (n_stops - 1);
  int i = MIN ((int)x, n_stops - 2);
  double f = x - i;
  const LwColour *a = &ramp[i], *b = &ramp[i + 1];

  return (LwColour){ a->r + f * (b->r - a->r), a->g + f * (b->g - a->g), a->b + f * (b->b - a->b),
                     1.0 };
}

LwColour
lw_map_colour (LwMap map, bool dark, double t)
{
  if (isnan (t))
    return lw_theme (dark)->error;
  switch (map) {
  case LW_MAP_SIGNED:
    return ramp_colour (signed_ramp, G_N_ELEMENTS (signed_ramp), 0.5 + 0.5 * CLAMP (t, -1.0, 1.0));
  case LW_MAP_EXPLOSION:
    return ramp_colour (explosion_ramp, G_N_ELEMENTS (explosion_ramp), t);
  case LW_MAP_GREY:
    return (LwColour){ CLAMP (t, 0.0, 1.0), CLAMP (t, 0.0, 1.0), CLAMP (t, 0.0, 1.0), 1.0 };
  case LW_MAP_COST:
    if (!dark)
      return ramp_colour (cost_light_ramp, G_N_ELEMENTS (cost_light_ramp), t);
    break;
  case LW_MAP_SEQUENTIAL:
    break;
  }
  return ramp_colour (sequential_ramp, G_N_ELEMENTS (sequential_ramp), t);
}
