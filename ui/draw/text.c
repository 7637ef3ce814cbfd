/* Fonts, the cache of shaped lines, and words for SVG. */
#include "ui/draw/text.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

/* A workbench shows a few hundred strings at a time; charts make new ones while they run. */
#define MAX_CACHED 4096

/* The height of digits over the font's size, about the same in all interface fonts. */
#define DIGIT_HEIGHT 0.71

static const struct {
  double size;
  bool bold, mono;
} styles[LW_N_TEXT_STYLES] = {
  [LW_TEXT_HEADING] = { 17, true, false },      [LW_TEXT_BODY] = { 14, false, false },
  [LW_TEXT_NAME] = { 13, true, false },         [LW_TEXT_TABLE] = { 12.5, false, false },
  [LW_TEXT_TABLE_BOLD] = { 12.5, true, false }, [LW_TEXT_CAPTION] = { 12, false, false },
  [LW_TEXT_DETAIL] = { 11, false, false },      [LW_TEXT_DETAIL_BOLD] = { 11, true, false },
  [LW_TEXT_MONO] = { 12.5, false, true },
};

typedef struct {
  double width;
  PangoLayout *layout; /* at 100 %; NULL until it is needed */
  double baseline;     /* from the layout's top */
  /* its picture for the scale it was painted at last */
  cairo_surface_t *mask;
  double scale;
  int mask_x, mask_y; /* of the mask's corner, from the line's start and baseline, device pixels */
} Line;

struct LwText {
  PangoContext *context;
  PangoLayout *scratch;
  PangoFontDescription *fonts[LW_N_TEXT_STYLES];
  PangoAttrList *features;             /* tabular digits */
  GHashTable *lines[LW_N_TEXT_STYLES]; /* string → Line */
  double scale;                        /* of recording surfaces; 0: not known */
  bool fixed;
};

static void
line_free (gpointer data)
{
  Line *line = data;
  g_clear_object (&line->layout);
  g_clear_pointer (&line->mask, cairo_surface_destroy);
  g_free (line);
}

static PangoLayout *
layout_new (const LwText *text)
{
  PangoLayout *layout = pango_layout_new (text->context);
  pango_layout_set_attributes (layout, text->features);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

LwText *
lw_text_new (const char *family, const char *mono_family)
{
  LwText *text = g_new0 (LwText, 1);

  cairo_font_options_t *options = cairo_font_options_create ();
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  text->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  pango_cairo_context_set_font_options (text->context, options);
  pango_context_set_round_glyph_positions (text->context, FALSE);
  cairo_font_options_destroy (options);

  text->features = pango_attr_list_new ();
  pango_attr_list_insert (text->features, pango_attr_font_features_new ("tnum=1"));
  for (int i = 0; i < LW_N_TEXT_STYLES; i++) {
    PangoFontDescription *font = pango_font_description_new ();
    if (styles[i].mono)
      pango_font_description_set_family (font, mono_family ? mono_family : "Monospace");
    else
      pango_font_description_set_family (font, family ? family : "Sans");
    pango_font_description_set_absolute_size (font, styles[i].size * PANGO_SCALE);
    pango_font_description_set_weight (font,
                                       styles[i].bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    text->fonts[i] = font;
    text->lines[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_free);
  }
  text->scratch = layout_new (text);
  return text;
}

LwText *
lw_text_new_fixed (void)
{
  LwText *text = lw_text_new (NULL, NULL);
  text->fixed = true;
  return text;
}

void
lw_text_free (LwText *text)
{
  if (!text)
    return;
  for (int i = 0; i < LW_N_TEXT_STYLES; i++) {
    pango_font_description_free (text->fonts[i]);
    g_hash_table_unref (text->lines[i]);
  }
  pango_attr_list_unref (text->features);
  g_object_unref (text->scratch);
  g_object_unref (text->context);
  g_free (text);
}

const char *
lw_text_family (const LwText *text, LwTextStyle style)
{
  return pango_font_description_get_family (text->fonts[style]);
}

static double
width_by_rule (LwTextStyle style, const char *string)
{
  double width = 0;
  for (const char *p = string; *p; p = g_utf8_next_char (p))
    width += (g_utf8_get_char (p) >= 0x2e80 ? 1.0 : 0.56) * styles[style].size;
  return width;
}

static void
shape (const LwText *text, Line *line, LwTextStyle style, const char *string)
{
  if (line->layout)
    return;
  line->layout = layout_new (text);
  pango_layout_set_font_description (line->layout, text->fonts[style]);
  pango_layout_set_text (line->layout, string, -1);
  line->baseline = (double)pango_layout_get_baseline (line->layout) / PANGO_SCALE;
  if (!text->fixed) {
    PangoRectangle logical;
    pango_layout_get_extents (line->layout, NULL, &logical);
    line->width = (double)logical.width / PANGO_SCALE;
  }
}

/* By-rule measuring never opens a font. */
static Line *
find_line (LwText *text, LwTextStyle style, const char *string)
{
  GHashTable *lines = text->lines[style];
  Line *line = g_hash_table_lookup (lines, string);
  if (line)
    return line;
  if (g_hash_table_size (lines) >= MAX_CACHED)
    g_hash_table_remove_all (lines);
  line = g_new0 (Line, 1);
  if (text->fixed)
    line->width = width_by_rule (style, string);
  else
    shape (text, line, style, string);
  g_hash_table_insert (lines, g_strdup (string), line);
  return line;
}

double
lw_text_width (LwText *text, LwTextStyle style, const char *string)
{
  if (!string || !*string)
    return 0;
  return find_line (text, style, string)->width;
}

void
lw_text_set_scale (LwText *text, double scale)
{
  text->scale = MAX (scale, 0);
}

double
lw_text_size (LwTextStyle style)
{
  return styles[style].size;
}

double
lw_text_middle (LwTextStyle style)
{
  return styles[style].size * DIGIT_HEIGHT / 2;
}

char *
lw_text_line (const char *words)
{
  if (!words)
    return NULL;
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  GString *line = g_string_new (NULL);
  for (const char *p = valid; *p; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);
    const bool breaks = g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029;
    g_string_append_unichar (line, breaks ? ' ' : c);
  }
  g_strstrip (line->str);
  return g_string_free (line, FALSE);
}

/* --- words for SVG --- */

static const cairo_user_data_key_t collected_key;

static void
free_collected (void *data)
{
  g_string_free (data, TRUE);
}

void
lw_text_collect (cairo_surface_t *surface)
{
  GString *words = g_string_new (NULL);
  if (cairo_surface_set_user_data (surface, &collected_key, words, free_collected) !=
      CAIRO_STATUS_SUCCESS)
    g_string_free (words, TRUE);
}

char *
lw_text_collected (cairo_surface_t *surface)
{
  const GString *words = cairo_surface_get_user_data (surface, &collected_key);
  return words ? g_strdup (words->str) : NULL;
}

/* Locale independent: SVG wants a point. */
static void
append_number (GString *out, const char *name, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (number, sizeof number, "%.3f", value);
  g_string_append_printf (out, " %s=\"%s\"", name, number);
}

/* The words go into the file after everything else, so what `cr` is clipped to must be said again.
 * Writes the clip's beginning where it cuts the line; returns false where nothing of it is left.
 * `ret_cut`: the element is to be closed after the line. */
static bool
begin_clip (GString *out, cairo_t *cr, LwTextStyle style, double x, double baseline, double width,
            bool *ret_cut)
{
  const double top = baseline - styles[style].size, bottom = baseline + 0.35 * styles[style].size;
  double x0, y0, x1, y1;
  cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
  *ret_cut = x < x0 || x + width > x1 || top < y0 || bottom > y1;
  if (!*ret_cut)
    return true;
  if (x >= x1 || x + width <= x0 || top >= y1 || bottom <= y0)
    return false;
  const double corners[4][2] = { { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 } };
  const gsize id = out->len; /* unique within the file */
  g_string_append_printf (out, "<clipPath id=\"lw-clip-%" G_GSIZE_FORMAT "\"><path d=\"", id);
  for (int i = 0; i < 4; i++) {
    char across[G_ASCII_DTOSTR_BUF_SIZE], down[G_ASCII_DTOSTR_BUF_SIZE];
    double px = corners[i][0], py = corners[i][1];
    cairo_user_to_device (cr, &px, &py);
    g_ascii_formatd (across, sizeof across, "%.3f", px);
    g_ascii_formatd (down, sizeof down, "%.3f", py);
    g_string_append_printf (out, "%s%s %s", i ? " L" : "M", across, down);
  }
  g_string_append_printf (
      out, " Z\"/></clipPath><g clip-path=\"url(#lw-clip-%" G_GSIZE_FORMAT ")\">", id);
  return true;
}

static void
collect_line (GString *out, cairo_t *cr, const LwText *text, LwTextStyle style, const char *string,
              double x, double baseline, double width, LwColour colour, double alpha)
{
  bool cut;
  if (!begin_clip (out, cr, style, x, baseline, width, &cut))
    return;
  cairo_matrix_t m;
  cairo_get_matrix (cr, &m);
  const double entries[6] = { m.xx, m.yx, m.xy, m.yy, m.x0, m.y0 };
  g_string_append (out, "<text transform=\"matrix(");
  for (int i = 0; i < 6; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd (number, sizeof number, "%.6g", entries[i]);
    g_string_append_printf (out, "%s%s", i ? " " : "", number);
  }
  g_string_append (out, ")\"");
  append_number (out, "x", x);
  append_number (out, "y", baseline);
  append_number (out, "font-size", styles[style].size);
  append_number (out, "textLength", width);
  g_autofree char *family = g_markup_escape_text (lw_text_family (text, style), -1);
  g_autofree char *line = lw_text_line (string); /* XML knows no control characters */
  g_autofree char *escaped = g_markup_escape_text (line, -1);
  g_string_append_printf (
      out, " lengthAdjust=\"spacingAndGlyphs\" font-family=\"%s, %s\"%s fill=\"#%02x%02x%02x\"",
      family, styles[style].mono ? "monospace" : "sans-serif",
      styles[style].bold ? " font-weight=\"bold\"" : "", (int)(colour.r * 255 + 0.5),
      (int)(colour.g * 255 + 0.5), (int)(colour.b * 255 + 0.5));
  if (colour.a * alpha < 0.999)
    append_number (out, "fill-opacity", colour.a * alpha);
  g_string_append_printf (out, " style=\"font-variant-numeric: tabular-nums\">%s</text>%s\n",
                          escaped, cut ? "</g>" : "");
}

/* --- words on pixels --- */

/* Larger words have room enough for glyphs on whole pixels, and would make large masks. */
#define MAX_MASK_SCALE 4.0

/* Device pixels for each unit of `cr`; 0 where glyphs should be drawn: on vector surfaces, when
 * turned or stretched, and very large. `ret_surface`: those for each unit of the surface. */
static double
mask_scale (cairo_t *cr, const LwText *text, double *ret_surface)
{
  cairo_surface_t *surface = cairo_get_target (cr);
  cairo_matrix_t m;
  cairo_get_matrix (cr, &m);
  if (m.xy != 0 || m.yx != 0 || m.xx <= 0 || fabs (m.xx - m.yy) > 1e-6 * m.xx)
    return 0;
  if (cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_IMAGE) {
    double sy;
    cairo_surface_get_device_scale (surface, ret_surface, &sy);
  } else if (cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_RECORDING) {
    *ret_surface = text->scale;
  } else {
    return 0;
  }
  const double scale = m.xx * *ret_surface;
  return scale <= MAX_MASK_SCALE ? scale : 0;
}

static void
rasterize (LwText *text, Line *line, LwTextStyle style, const char *string, double scale)
{
  if (line->mask && line->scale == scale)
    return;
  g_clear_pointer (&line->mask, cairo_surface_destroy);
  g_autoptr (PangoFontDescription) font = pango_font_description_copy_static (text->fonts[style]);
  pango_font_description_set_absolute_size (font, styles[style].size * scale * PANGO_SCALE);
  pango_layout_set_font_description (text->scratch, font);
  pango_layout_set_text (text->scratch, string, -1);
  PangoRectangle ink;
  pango_layout_get_pixel_extents (text->scratch, &ink, NULL);
  const double baseline = (double)pango_layout_get_baseline (text->scratch) / PANGO_SCALE;
  const int top = (int)floor (ink.y - baseline) - 1;
  line->mask_x = ink.x - 1;
  line->mask_y = top;
  line->scale = scale;
  line->mask = cairo_image_surface_create (CAIRO_FORMAT_A8, ink.width + 2, ink.height + 3);
  cairo_t *cr = cairo_create (line->mask);
  cairo_move_to (cr, -line->mask_x, -line->mask_y - baseline);
  pango_cairo_layout_path (cr, text->scratch);
  cairo_fill (cr);
  cairo_destroy (cr);
}

void
lw_text_paint (cairo_t *cr, LwText *text, LwTextStyle style, const char *string, double x,
               double baseline, double align, LwColour colour, double alpha)
{
  if (!string || !*string)
    return;
  Line *line = find_line (text, style, string);
  shape (text, line, style, string);
  x -= align * line->width;
  double surface_scale = 1;
  const double scale = mask_scale (cr, text, &surface_scale);
  GString *words = cairo_surface_get_user_data (cairo_get_target (cr), &collected_key);
  lw_set_colour (cr, colour, alpha);
  if (scale > 0) {
    rasterize (text, line, style, string, scale);
    cairo_user_to_device (cr, &x, &baseline);
    cairo_save (cr);
    cairo_identity_matrix (cr);
    cairo_scale (cr, 1 / surface_scale, 1 / surface_scale);
    cairo_mask_surface (cr, line->mask, round (x * surface_scale) + line->mask_x,
                        round (baseline * surface_scale) + line->mask_y);
    cairo_restore (cr);
  } else if (words) {
    collect_line (words, cr, text, style, string, x, baseline, line->width, colour, alpha);
  } else {
    cairo_move_to (cr, x, baseline - line->baseline);
    if (cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_RECORDING) {
      pango_cairo_layout_path (cr, line->layout);
      cairo_fill (cr);
    } else {
      pango_cairo_show_layout (cr, line->layout);
    }
  }
  cairo_new_path (cr);
}
