/* Networks beside each other: no box over another, a sign between all neighbours, words
 * inside their boxes, pixels in the kinds' colours, hits, words for assistive tools. */
#include "engine/compare_ready.h"
#include "tests/draw/canvas.h"
#include "ui/draw/compare.h"
#include "ui/draw/export.h"

#include <math.h>
#include <string.h>

typedef struct {
  LwComparison *comparison;
  LwText *text;
  char *titles[LW_COMPARE_MOST];
} Case;

static Case
open_case (const char *const *specs, int n, bool fixed)
{
  Case c = { .text = fixed ? lw_text_new_fixed () : lw_text_new (NULL, NULL) };
  LwGraph *graphs[LW_COMPARE_MOST];
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < n; i++) {
    g_autoptr (LwOptions) options = lw_compare_options (specs[i], &error);
    g_assert_no_error (error);
    c.titles[i] = lw_compare_title (options);
    graphs[i] = lw_model_build (options, &error);
    g_assert_no_error (error);
  }
  c.comparison = lw_comparison_new (graphs, n, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    lw_graph_unref (graphs[i]);
  return c;
}

static void
close_case (Case *c)
{
  for (int i = 0; i < LW_COMPARE_MOST; i++)
    g_free (c->titles[i]);
  lw_comparison_free (c->comparison);
  lw_text_free (c->text);
}

static const char *const *
titles_of (const Case *c)
{
  return (const char *const *)c->titles;
}

static bool
overlap (const cairo_rectangle_t *a, const cairo_rectangle_t *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
         b->y < a->y + a->height;
}

static double
words_width (const Case *c, LwTextStyle style, const char *left, const char *right)
{
  const double a = lw_text_width (c->text, style, left);
  const double b = lw_text_width (c->text, LW_TEXT_DETAIL, right);
  return a + b + (a > 0 && b > 0 ? 8 : 0);
}

/* Boxes neither meet each other nor the signs; rows are ordered; every box has its words inside. */
static void
check_layout (const Case *c, const LwCompareLayout *layout)
{
  int n, n_marks, n_bands, n_edges, n_parts;
  const LwCompareBox *boxes = lw_compare_layout_boxes (layout, &n);
  const LwCompareMark *marks = lw_compare_layout_marks (layout, &n_marks);
  const LwCompareBand *bands = lw_compare_layout_bands (layout, &n_bands);
  const LwCompareEdge *edges = lw_compare_layout_edges (layout, &n_edges);
  const LwComparePart *parts = lw_compare_layout_parts (layout, &n_parts);
  double width, height;
  int expected = 0;
  lw_compare_layout_size (layout, &width, &height);
  g_assert_cmpint (n_bands, ==, lw_comparison_n_rows (c->comparison));
  for (int i = 0; i < n; i++) {
    const cairo_rectangle_t *r = &boxes[i].rect;
    g_assert_cmpfloat (r->x, >=, 0);
    g_assert_cmpfloat (r->x + r->width, <=, width);
    g_assert_cmpfloat (r->y + r->height, <=, height);
    g_assert_cmpfloat (words_width (c, LW_TEXT_NAME, boxes[i].name, boxes[i].detail), <=,
                       r->width - (boxes[i].folds ? 30 : 15));
    g_assert_cmpfloat (words_width (c, LW_TEXT_DETAIL, boxes[i].left, boxes[i].right), <=,
                       r->width - 15);
    for (int k = i + 1; k < n; k++)
      if (overlap (r, &boxes[k].rect))
        g_error ("%s (%g, %g, %g × %g) meets %s (%g, %g, %g × %g)", boxes[i].name, r->x, r->y,
                 r->width, r->height, boxes[k].name, boxes[k].rect.x, boxes[k].rect.y,
                 boxes[k].rect.width, boxes[k].rect.height);
    for (int k = 0; k < n_marks; k++) {
      const cairo_rectangle_t circle = { marks[k].x - 10, marks[k].y - 10, 20, 20 };
      g_assert_false (overlap (r, &circle));
    }
    for (int k = 0; k < n_edges; k++) { /* an edge runs between two boxes of its column only */
      const cairo_rectangle_t line = { edges[k].x - 0.5, edges[k].top, 1,
                                       edges[k].bottom - edges[k].top };
      g_assert_false (overlap (r, &line));
    }
  }
  for (int i = 0; i + 1 < n_bands; i++)
    g_assert_cmpfloat (bands[i].y + bands[i].height, <=, bands[i + 1].y);
  for (int i = 0; i < n_parts; i++)
    for (int k = i + 1; k < n_parts; k++)
      g_assert_false (overlap (&parts[i].rect, &parts[k].rect));
  for (int i = 1; i < lw_comparison_n_rows (c->comparison); i++)
    for (int k = 1; k < lw_comparison_n_graphs (c->comparison); k++)
      expected += lw_comparison_sign (c->comparison, i, k - 1, k) != LW_SIGN_NONE;
  g_assert_cmpint (n_marks, >=, expected); /* the input's row has one where it differs */
}

static const char *const book[] = { "lenet", "lenet-bn",  "alexnet",  "vgg11",   "vgg11-small",
                                    "nin",   "googlenet", "resnet18", "densenet" };

static void
test_pairs (void)
{
  static const double widths[] = { 300, 430, 690, 1100 };
  for (guint a = 0; a < G_N_ELEMENTS (book); a++)
    for (guint b = a; b < G_N_ELEMENTS (book); b++) {
      Case c = open_case ((const char *const[]){ book[a], book[b] }, 2, true);
      const int rows = lw_comparison_n_rows (c.comparison);
      g_autofree bool *open = g_new (bool, rows);
      for (int i = 0; i < rows; i++)
        open[i] = true;
      for (guint w = 0; w < G_N_ELEMENTS (widths); w++)
        for (int opened = 0; opened < 2; opened++) {
          g_autoptr (LwCompareLayout) layout =
              lw_compare_layout_new (c.comparison, c.text, widths[w], opened ? open : NULL);
          check_layout (&c, layout);
        }
      for (int i = 0; i < rows; i++) {
        g_autofree char *words = lw_compare_describe (c.comparison, titles_of (&c), i);
        g_assert_cmpuint (strlen (words), >, 10);
        g_assert_null (strstr (words, "×"));
      }
      close_case (&c);
    }
}

static void
test_four (void)
{
  Case c = open_case ((const char *const[]){ "lenet", "alexnet", "nin", "resnet18" }, 4, true);
  g_autoptr (LwCompareLayout) layout = lw_compare_layout_new (c.comparison, c.text, 690, NULL);
  check_layout (&c, layout);
  close_case (&c);
}

/* The mock-up's pair: boxes 264 wide in 690, a sign half way between them. */
static void
test_measures (void)
{
  Case c = open_case ((const char *const[]){ "alexnet", "nin" }, 2, false);
  g_autoptr (LwCompareLayout) layout = lw_compare_layout_new (c.comparison, c.text, 690, NULL);
  int n;
  const LwCompareMark *marks = lw_compare_layout_marks (layout, &n);
  double x, width;
  lw_compare_layout_column (layout, 0, &x, &width);
  g_assert_cmpfloat (x, ==, 38);
  g_assert_cmpfloat (width, ==, 264);
  lw_compare_layout_column (layout, 1, &x, &width);
  g_assert_cmpfloat (x, ==, 388);
  g_assert_cmpint (n, ==, 11);
  g_assert_cmpint (marks[0].sign, ==, LW_SIGN_CHANGED);
  g_assert_cmpfloat (marks[0].x, ==, 345);
  close_case (&c);
}

static void
test_hit (void)
{
  Case c = open_case ((const char *const[]){ "alexnet", "nin" }, 2, true);
  g_autoptr (LwCompareLayout) layout = lw_compare_layout_new (c.comparison, c.text, 690, NULL);
  const double shift[LW_COMPARE_MOST] = { 0, -200 };
  int n;
  const LwCompareBox *boxes = lw_compare_layout_boxes (layout, &n);
  for (int i = 0; i < n; i++) {
    const cairo_rectangle_t *r = &boxes[i].body;
    bool chevron;
    g_assert_cmpint (lw_compare_layout_hit (layout, NULL, r->x + r->width - 5, r->y + 5, &chevron),
                     ==, boxes[i].row);
    g_assert_false (chevron);
    lw_compare_layout_hit (layout, NULL, r->x + 16, r->y + 12, &chevron);
    g_assert_true (chevron == boxes[i].folds);
    g_assert_cmpint (lw_compare_layout_hit (layout, shift, r->x + r->width - 5,
                                            r->y + 5 + shift[boxes[i].column], NULL),
                     ==, boxes[i].row);
  }
  g_assert_cmpint (lw_compare_layout_hit (layout, NULL, 300, -5, NULL), ==, -1);
  g_assert_cmpint (lw_compare_layout_hit (layout, NULL, 2, 100, NULL), ==, -1);
  close_case (&c);
}

static void
test_paint (void)
{
  Case c = open_case ((const char *const[]){ "alexnet", "nin" }, 2, false);
  bool open[64] = { false };
  open[1] = true;
  g_autoptr (LwCompareLayout) layout = lw_compare_layout_new (c.comparison, c.text, 690, open);
  int n;
  double width, height;
  const LwCompareBox *boxes = lw_compare_layout_boxes (layout, &n);
  lw_compare_layout_size (layout, &width, &height);
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    const LwComparePaint paint = { .selected = -1 };
    Canvas canvas = canvas_new ((int)width, (int)height, theme->canvas);
    lw_compare_paint (canvas.cr, layout, theme, &paint);
    for (int i = 0; i < n; i++) {
      const cairo_rectangle_t *r = &boxes[i].body;
      const LwKind kind =
          lw_comparison_row (c.comparison, boxes[i].row)->cells[boxes[i].column].kind;
      if (boxes[i].pill)
        continue;
      g_assert_cmpint (canvas_count_colour (&canvas, r->x + 1, r->y + r->height / 2 - 1, 2, 2,
                                            theme->kind_line[kind]),
                       >, 0);
      g_assert_cmpint (
          canvas_count_colour (&canvas, r->x, r->y, r->width, r->height, theme->kind_fill[kind]), >,
          (int)(0.4 * r->width * r->height));
    }
    canvas_finish (&canvas, dark ? "compare-dark" : "compare-light");

    /* A selection adds rings; a cost colouring takes the kinds' colours away. */
    const LwComparePaint selected = { .selected = 3,
                                      .focused = true,
                                      .colour = LW_COMPARE_BY_MACS };
    canvas = canvas_new ((int)width, (int)height, theme->canvas);
    lw_compare_paint (canvas.cr, layout, theme, &selected);
    g_assert_cmpint (canvas_count_colour (&canvas, 0, 0, width, height, theme->accent), >, 500);
    g_assert_cmpint (canvas_count_colour (&canvas, boxes[2].body.x, boxes[2].body.y, 60, 30,
                                          theme->kind_fill[LW_KIND_CONVOLUTION]),
                     <, 20);
    canvas_finish (&canvas, dark ? "compare-selected-dark" : "compare-selected-light");
  }
  close_case (&c);
}

static void
test_describe (void)
{
  Case c = open_case ((const char *const[]){ "alexnet", "nin" }, 2, true);
  g_autofree char *changed = lw_compare_describe (c.comparison, titles_of (&c), 1);
  g_autofree char *one = lw_compare_describe (c.comparison, titles_of (&c), 9);
  g_autofree char *bars = lw_compare_describe_bars (c.comparison, titles_of (&c), false);
  g_assert_cmpstr (changed, ==,
                   "conv 1, changed: AlexNet conv 1, 11 by 11, stride 4, 11.7 k parameters; NiN "
                   "NiN block 1, 11 by 11, stride 4 + two 1 by 1, 30.3 k parameters");
  g_assert_cmpstr (one, ==,
                   "linear 1, dropout, only in AlexNet: AlexNet linear 1, dropout, 6400 to 4096, "
                   "26.2 M parameters");
  g_assert_cmpstr (bars, ==, "AlexNet: 3.72 M convolution, 43.0 M linear; NiN: 1.99 M convolution");
  close_case (&c);
}

static void
paint_document (cairo_t *cr, gpointer data)
{
  lw_compare_paint_document (cr, lw_theme (false), data);
}

static void
test_document (void)
{
  for (int networks = 2; networks <= 4; networks++) {
    Case c =
        open_case ((const char *const[]){ "alexnet", "nin", "lenet", "resnet18" }, networks, false);
    LwCompareDocument document = { c.comparison, titles_of (&c), LW_COMPARE_BY_KIND, c.text };
    double width, height;
    g_autoptr (GError) error = NULL;
    lw_compare_document_size (&document, &width, &height);
    for (int format = LW_PICTURE_PNG; format <= LW_PICTURE_PDF; format++) {
      g_autoptr (GBytes) bytes = lw_render_picture ((LwPictureFormat)format, width, height, 1,
                                                    paint_document, &document, &error);
      gsize size;
      const char *data;
      g_assert_no_error (error);
      data = g_bytes_get_data (bytes, &size);
      g_assert_cmpuint (size, >, 2000);
      if (format == LW_PICTURE_SVG) { /* words stay words */
        g_autofree char *svg = g_strndup (data, size);
        g_assert_nonnull (strstr (svg, ">NiN block 1<"));
        g_assert_nonnull (
            strstr (svg, networks == 2 ? ">AlexNet beside NiN<" : ">AlexNet, NiN, LeNet"));
        g_assert_nonnull (strstr (svg, "÷ 23.5"));
      }
    }
    Canvas canvas = canvas_new ((int)width, (int)height, lw_theme (false)->canvas);
    lw_compare_paint_document (canvas.cr, lw_theme (false), &document);
    g_autofree char *name = g_strdup_printf ("compare-document-%d", networks);
    canvas_finish (&canvas, name);
    close_case (&c);
  }
}

static void
test_bars (void)
{
  Case c = open_case ((const char *const[]){ "alexnet", "nin" }, 2, false);
  const LwTheme *theme = lw_theme (false);
  const double height =
      lw_compare_paint_bars (NULL, c.comparison, theme, c.text, titles_of (&c), false, 300);
  Canvas canvas = canvas_new (300, (int)ceil (height), theme->canvas);
  lw_compare_paint_bars (canvas.cr, c.comparison, theme, c.text, titles_of (&c), false, 300);
  /* 43.0 of 46.8 million are linear: of 300 × 18 pixels, without corners */
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 20, 300, 20, theme->kind_line[LW_KIND_LINEAR]),
                   >, 4600);
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 70, 300, 18, theme->kind_line[LW_KIND_LINEAR]),
                   ==, 0);
  canvas_finish (&canvas, "compare-bars");
  close_case (&c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/pairs", test_pairs);
  g_test_add_func ("/compare/four", test_four);
  g_test_add_func ("/compare/measures", test_measures);
  g_test_add_func ("/compare/hit", test_hit);
  g_test_add_func ("/compare/paint", test_paint);
  g_test_add_func ("/compare/describe", test_describe);
  g_test_add_func ("/compare/document", test_document);
  g_test_add_func ("/compare/bars", test_bars);
  return g_test_run ();
}
