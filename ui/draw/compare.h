/* Networks beside each other: a column each, rows of a comparison aligned, a sign between
 * neighbours, a tint behind what differs.
 *
 * The layout is plain arrays in logical pixels, y down; the painter, the hit test and the tests
 * read them. A column can be moved up and down for itself by a shift (see LwComparePaint). Threads:
 * one thread together with its LwText. A layout owns its arrays and strings, and borrows the
 * comparison and the LwText, which must outlive it. */
#pragma once

#include "engine/compare.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

/* What a box's colour says. */
typedef enum {
  LW_COMPARE_BY_KIND,
  LW_COMPARE_BY_PARAMETERS,
  LW_COMPARE_BY_MACS,
  LW_N_COMPARE_COLOURS
} LwCompareColour;

typedef struct {
  int row, column;
  cairo_rectangle_t rect, body; /* with and without the layers that it shows when open */
  bool pill;                    /* the input */
  bool folds, open;
  const char *name;         /* line 1, bold */
  const char *detail;       /* line 1, right; or NULL where it does not fit */
  const char *left, *right; /* line 2; or NULL */
  int first_part, n_parts;
} LwCompareBox;

/* A layer inside an open box. */
typedef struct {
  LwNodeId node;
  LwKind kind;
  cairo_rectangle_t rect;
  const char *title, *value;
} LwComparePart;

/* Between two neighbouring columns; `left`: the first of them. */
typedef struct {
  int row, left;
  LwCompareSign sign;
  double x, y; /* the circle's middle */
} LwCompareMark;

typedef struct {
  int column;
  double x, top, bottom;
  const char *label; /* what runs along it */
  double label_x, label_y;
} LwCompareEdge;

/* A row's ground. */
typedef struct {
  LwCompareSign sign; /* over all networks */
  double y, height;
} LwCompareBand;

typedef struct LwCompareLayout LwCompareLayout;

/* `width`: of the view; boxes take what it leaves them, and where the names need more the layout
 * becomes wider. `open`: for each row whether its blocks show their layers; NULL: none does. */
LwCompareLayout *lw_compare_layout_new (const LwComparison *comparison, LwText *text, double width,
                                        const bool *open);
void lw_compare_layout_free (LwCompareLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCompareLayout, lw_compare_layout_free)

void lw_compare_layout_size (const LwCompareLayout *layout, double *ret_width, double *ret_height);
/* Left edge and width of a column's boxes. */
void lw_compare_layout_column (const LwCompareLayout *layout, int column, double *ret_x,
                               double *ret_width);
/* y below the last box of a column and the edge that leaves it. */
double lw_compare_layout_end (const LwCompareLayout *layout, int column);
const LwCompareBox *lw_compare_layout_boxes (const LwCompareLayout *layout, int *ret_n);
const LwComparePart *lw_compare_layout_parts (const LwCompareLayout *layout, int *ret_n);
const LwCompareMark *lw_compare_layout_marks (const LwCompareLayout *layout, int *ret_n);
const LwCompareEdge *lw_compare_layout_edges (const LwCompareLayout *layout, int *ret_n);
/* One a row. */
const LwCompareBand *lw_compare_layout_bands (const LwCompareLayout *layout, int *ret_n);

typedef struct {
  int selected; /* row, or −1 */
  bool focused; /* the selection has the keyboard */
  LwCompareColour colour;
  const double *shift; /* of each column, downwards; NULL: none */
} LwComparePaint;

/* The row at a point, −1: none. `ret_chevron` (may be NULL): on the sign that opens its blocks. */
int lw_compare_layout_hit (const LwCompareLayout *layout, const double *shift, double x, double y,
                           bool *ret_chevron);
void lw_compare_paint (cairo_t *cr, const LwCompareLayout *layout, const LwTheme *theme,
                       const LwComparePaint *paint);
/* What the signs mean, and what the titles leave out; `titles`: the networks' names. `y`: the
 * middle of the line. */
void lw_compare_paint_legend (cairo_t *cr, const LwCompareLayout *layout, const LwTheme *theme,
                              const char *const *titles, LwCompareColour colour, double x, double y,
                              double width);
/* "conv 1, changed: AlexNet conv 1, 11 by 11, stride 4, 11.7 k parameters; NiN NiN block 1, …";
 * g_free. */
char *lw_compare_describe (const LwComparison *comparison, const char *const *titles, int row);
/* "same", "only in NiN": what a sign between two networks means; g_free. */
char *lw_compare_sign_words (LwCompareSign sign, const char *first, const char *second);

/* --- where parameters or MACs go ----------------------------------------------------------------
 */

/* A bar for each network, all on one scale, by the kinds of its layers, and the kinds' names below.
 * Paints nothing when `cr` is NULL; returns the height. */
double lw_compare_paint_bars (cairo_t *cr, const LwComparison *comparison, const LwTheme *theme,
                              LwText *text, const char *const *titles, bool by_macs, double width);
/* "AlexNet: 3.75 M convolution, 43.0 M linear; NiN: …"; g_free. */
char *
lw_compare_describe_bars (const LwComparison *comparison, const char *const *titles, bool by_macs);

/* --- documents ----------------------------------------------------------------------------------
 */

typedef struct {
  const LwComparison *comparison;
  const char *const *titles;
  LwCompareColour colour;
  LwText *text;
} LwCompareDocument;

/* Title, legend, columns, and the table of differences below. */
void
lw_compare_document_size (const LwCompareDocument *document, double *ret_width, double *ret_height);
void
lw_compare_paint_document (cairo_t *cr, const LwTheme *theme, const LwCompareDocument *document);

G_END_DECLS
