/* LwText: measured, painted words for Cairo, shared by diagrams, charts, the screen and exports.
 *
 * A line's width is the sum of its glyphs' advances, not rounded to pixels, so that a layout made
 * once is right at every zoom. Cairo places glyphs on whole pixels, which makes small type uneven;
 * therefore words are rasterized once from their outlines and kept as masks for the size they have
 * on screen. In SVG and PDF they are glyphs.
 * Digits are tabular in all styles. Nothing is ever cut or ellipsized here: callers measure and
 * choose shorter words. On an SVG made by lw_export_picture the words become <text> elements with
 * their measured length, so they can be searched and edited; PDF keeps them as text by itself.
 *
 * Units: logical pixels; widths are advance widths. Threads: one thread an LwText (Pango's font
 * maps are per thread). Ownership: free with lw_text_free; returned strings belong to it. */
#pragma once

#include "ui/draw/theme.h"

G_BEGIN_DECLS

typedef struct LwText LwText;

typedef enum {
  LW_TEXT_HEADING,     /* 17 bold: titles of documents and pages */
  LW_TEXT_BODY,        /* 14 */
  LW_TEXT_NAME,        /* 13 bold: names in boxes, titles of charts */
  LW_TEXT_TABLE,       /* 12.5 */
  LW_TEXT_TABLE_BOLD,  /* 12.5 bold */
  LW_TEXT_CAPTION,     /* 12 */
  LW_TEXT_DETAIL,      /* 11: box details, edge and axis labels; nothing is smaller */
  LW_TEXT_DETAIL_BOLD, /* 11 bold */
  LW_TEXT_MONO,        /* 12.5 monospace: formulas */
  LW_N_TEXT_STYLES
} LwTextStyle;

/* `family`: fontconfig families in the order of preference, "Cantarell, Noto Sans"; NULL: "Sans".
 * `mono_family`: NULL: "Monospace". */
LwText *lw_text_new (const char *family, const char *mono_family);
/* As above, but measured by rule, without fonts: every character is 0.56 of its size wide (1.0 from
 * U+2E80, where the CJK blocks begin). For tests whose numbers must not depend on installed fonts.
 */
LwText *lw_text_new_fixed (void);
void lw_text_free (LwText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwText, lw_text_free)

const char *lw_text_family (const LwText *text, LwTextStyle style);

/* The advance width of one line; 0 for NULL and "". */
double lw_text_width (LwText *text, LwTextStyle style, const char *string);
/* The type's size; line height is about 1.36 of it. */
double lw_text_size (LwTextStyle style);
/* What to add to the middle of a line to get its baseline: half the height of a digit. */
double lw_text_middle (LwTextStyle style);

/* What people typed as one line that can be painted: valid UTF-8, control characters and ends of
 * lines as spaces, none at the ends. NULL gives NULL; g_free. */
char *lw_text_line (const char *words);

/* Paints one line. `x` is its left end for `align` 0, its middle for 0.5, its right end for 1;
 * `baseline` is y of the baseline. Works under any transformation of `cr`. */
void lw_text_paint (cairo_t *cr, LwText *text, LwTextStyle style, const char *string, double x,
                    double baseline, double align, LwColour colour, double alpha);

/* Device pixels for each unit of a recording surface, which cannot tell: a widget's scale factor,
 * since GTK records what widgets draw and replays it enlarged. Without it words are recorded as
 * outlines, which look as well and take ten times as long. Image surfaces need no call. */
void lw_text_set_scale (LwText *text, double scale);

/* Marks `surface` so that lw_text_paint collects its words instead of outlining them: cairo's SVG
 * surfaces would turn them into shapes. lw_export_picture does this and puts the elements in. */
void lw_text_collect (cairo_surface_t *surface);
/* The collected words as SVG elements; NULL when `surface` is not marked. g_free. */
char *lw_text_collected (cairo_surface_t *surface);

G_END_DECLS
