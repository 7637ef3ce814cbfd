/* The diagram's pixels: colours where boxes stand, levels of detail, culling, marks, documents. */
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/diagram-paint.h"

#include <math.h>
#include <string.h>

typedef struct {
  LwGraph *graph;
  LwDiagramState *state;
  LwText *text;
  LwDiagramLayout *layout;
  double width, height;
} Picture;

static void
picture_open (Picture *picture, gconstpointer model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  picture->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  picture->state = lw_diagram_state_new (picture->graph);
  lw_diagram_state_open_all (picture->state);
  picture->text = lw_text_new (NULL, NULL);
  const LwDiagramOptions layout = { LW_COUNT_MACS, picture->text };
  picture->layout = lw_diagram_layout_new (picture->state, &layout);
  lw_diagram_layout_size (picture->layout, &picture->width, &picture->height);
}

static void
picture_close (Picture *picture, gconstpointer model)
{
  (void)model;
  lw_diagram_layout_free (picture->layout);
  lw_text_free (picture->text);
  lw_diagram_state_free (picture->state);
  lw_graph_unref (picture->graph);
}

static Canvas
paint (const Picture *picture, bool dark, const LwDiagramPaint *paint)
{
  const LwTheme *theme = lw_theme (dark);
  const double zoom = paint->zoom > 0 ? paint->zoom : 1;
  Canvas canvas = canvas_new ((int)ceil (picture->width * zoom), (int)ceil (picture->height * zoom),
                              theme->canvas);
  cairo_scale (canvas.cr, zoom, zoom);
  lw_diagram_paint (canvas.cr, picture->layout, theme, paint);
  return canvas;
}

/* Every layer's stripe has its kind's colour and its body the kind's tint, in both themes. */
static void
test_colours (Picture *picture, gconstpointer model)
{
  for (int dark = 0; dark < 2; dark++) {
    const LwTheme *theme = lw_theme (dark);
    const LwDiagramPaint plain = { .zoom = 1, .selected = LW_NO_SPOT };
    Canvas canvas = paint (picture, dark, &plain);
    int32_t n;
    const LwDiagramBox *boxes = lw_diagram_layout_boxes (picture->layout, &n);
    for (int32_t i = 0; i < n; i++) {
      if (boxes[i].type != LW_BOX_LAYER)
        continue;
      const cairo_rectangle_t *r = &boxes[i].body;
      const double y = r->y + r->height / 2;
      g_assert_cmpint (
          canvas_count_colour (&canvas, r->x + 1, y - 1, 2, 2, theme->kind_line[boxes[i].kind]), >,
          0);
      g_assert_cmpint (canvas_count_colour (&canvas, r->x, r->y, r->width, r->height,
                                            theme->kind_fill[boxes[i].kind]),
                       >, (int)(0.4 * r->width * r->height));
    }
    canvas_finish (&canvas, model);
  }
}

/* Names are gone below 45 %, details below 70 %; colours stay. */
static void
test_detail (Picture *picture, gconstpointer model)
{
  (void)model;
  const LwTheme *theme = lw_theme (false);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (picture->layout, &n);
  const LwDiagramBox *box = NULL;
  for (int32_t i = 0; i < n && !box; i++)
    if (boxes[i].type == LW_BOX_LAYER && boxes[i].left)
      box = &boxes[i];
  g_assert_nonnull (box);
  const cairo_rectangle_t *r = &box->body;
  int words[3];
  const double zooms[] = { 1.0, 0.6, 0.3 };
  for (int i = 0; i < 3; i++) {
    const LwDiagramPaint at = { .zoom = zooms[i], .selected = LW_NO_SPOT };
    Canvas canvas =
        canvas_new ((int)ceil (picture->width), (int)ceil (picture->height), theme->canvas);
    lw_diagram_paint (canvas.cr, picture->layout, theme, &at); /* same size, less detail */
    const double x = r->x + 20;
    LwColour ground = theme->kind_fill[box->kind];
    if (i == 2) {
      ground = theme->kind_line[box->kind];
      ground.a = 0.62;
      ground = blend (ground, theme->canvas);
    }
    words[i] = (int)((r->width - 30) * (r->height - 4)) -
               canvas_count_colour (&canvas, x, r->y + 2, r->width - 30, r->height - 4, ground);
    canvas_finish (&canvas, "detail");
  }
  g_assert_cmpint (words[0], >, words[1]);
  g_assert_cmpint (words[1], >, 40);
  g_assert_cmpint (words[2], <, 40);
}

/* What is inside the visible rectangle looks the same whether the rest is painted or not. */
static void
test_culling (Picture *picture, gconstpointer model)
{
  (void)model;
  const LwDiagramPaint all = { .zoom = 1, .selected = LW_NO_SPOT };
  Canvas whole = paint (picture, false, &all);
  const cairo_rectangle_t visible = { 0, floor (picture->height / 3), picture->width, 300 };
  LwDiagramPaint some = all;
  some.visible = &visible;
  Canvas part = paint (picture, false, &some);
  for (int y = (int)visible.y; y < (int)(visible.y + visible.height); y++)
    for (int x = 0; x < whole.width; x++)
      g_assert_cmphex (canvas_pixel (&whole, x, y), ==, canvas_pixel (&part, x, y));
  /* and far from it nothing is painted */
  const LwColour ground = lw_theme (false)->canvas;
  g_assert_cmpint (canvas_count_painted (&part, 0, visible.y + 800, part.width, 200, ground), <,
                   canvas_count_painted (&whole, 0, visible.y + 800, part.width, 200, ground));
  canvas_finish (&whole, "whole");
  canvas_finish (&part, "part");
}

static void
mark_one (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  const LwNodeId *node = data;
  if (spot.node != *node)
    return;
  mark->has_fill = true;
  mark->fill = (LwColour){ 1, 0, 1, 1 };
  mark->ring = LW_RING_MATCH;
  mark->badge = "3";
}

static void
test_marks (Picture *picture, gconstpointer model)
{
  (void)model;
  const LwTheme *theme = lw_theme (true);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (picture->layout, &n);
  const LwDiagramBox *box = NULL;
  for (int32_t i = 0; i < n; i++)
    if (boxes[i].type == LW_BOX_LAYER && boxes[i].n_strips > 0)
      box = &boxes[i];
  g_assert_nonnull (box);
  LwNodeId node = box->node;
  const LwDiagramPaint marked = {
    .zoom = 1, .selected = { node, -1 }, .mark = mark_one, .mark_data = &node
  };
  Canvas canvas = paint (picture, true, &marked);
  const LwColour magenta = { 1, 0, 1, 1 };
  const cairo_rectangle_t *r = &box->rect;
  /* the fill reaches the strips, which inherit it */
  g_assert_cmpint (canvas_count_colour (&canvas, r->x, r->y, r->width, r->height, magenta), >,
                   (int)(0.5 * r->width * r->height));
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 0, canvas.width, canvas.height, magenta), <=,
                   (int)(r->width * r->height));
  /* selection ring, search ring, badge */
  g_assert_cmpint (canvas_count_colour (&canvas, r->x - 6, r->y - 6, r->width + 12, r->height + 12,
                                        theme->accent),
                   >, 200);
  g_assert_cmpint (canvas_count_colour (&canvas, r->x + r->width - 10, r->y - 10, 20, 20,
                                        (LwColour){ 0.898, 0.647, 0.039, 1 }),
                   >, 40);
  canvas_finish (&canvas, "marks");
}

/* The minimap has no words: two networks that differ in names only would look the same. */
static void
test_silent (Picture *picture, gconstpointer model)
{
  (void)model;
  const LwDiagramPaint silent = { .zoom = 1, .selected = LW_NO_SPOT, .silent = true };
  Canvas canvas = paint (picture, false, &silent);
  int32_t n;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (picture->layout, &n);
  g_assert_cmpint (n, >, 0);
  for (int32_t i = 0; i < n; i++) {
    const cairo_rectangle_t *r = &frames[i].header;
    LwColour ground = lw_theme (false)->text;
    ground.a = frames[i].depth % 2 == 0 ? 0.04 * ground.a : 0;
    g_assert_cmpint (canvas_count_painted (&canvas, r->x + 20, r->y + 8, 60, 12,
                                           blend (ground, lw_theme (false)->canvas)),
                     ==, 0);
  }
  canvas_finish (&canvas, "silent");
}

static void
test_document (Picture *picture, gconstpointer model)
{
  (void)model;
  const LwTheme *theme = lw_theme (false);
  for (int transparent = 0; transparent < 2; transparent++) {
    const LwDiagramDocument document = { .title = "A title",
                                         .subtitle = "and more",
                                         .transparent = transparent,
                                         .diagram = { .selected = LW_NO_SPOT } };
    double width, height;
    lw_diagram_document_size (picture->layout, &document, &width, &height);
    g_assert_cmpfloat (width, >=, picture->width);
    g_assert_cmpfloat (height, >, picture->height + 40);
    const LwColour ground = { 0, 0, 1, 1 };
    Canvas canvas = canvas_new ((int)width, (int)height, ground);
    lw_diagram_paint_document (canvas.cr, picture->layout, theme, &document);
    const LwColour corner = transparent ? ground : theme->canvas;
    g_assert_cmpint (canvas_count_colour (&canvas, 0, 0, 10, 10, corner), ==, 100);
    g_assert_cmpint (canvas_count_painted (&canvas, 20, 20, 100, 20, corner), >, 60); /* title */
    /* the legend's squares, at the bottom */
    double widest;
    const double legend =
        lw_diagram_paint_legend (NULL, picture->layout, theme, 0, 0, width - 40, &widest);
    g_assert_cmpfloat (legend, >, 0);
    g_assert_cmpfloat (widest, <=, width - 40);
    g_assert_cmpint (canvas_count_colour (&canvas, 20, height - 20 - legend, width - 40, legend,
                                          theme->kind_line[LW_KIND_CONVOLUTION]),
                     >, 60);
    canvas_finish (&canvas, "document");
  }
}

/* Words are drawn from their outlines at any zoom and never outside of what was measured. */
static void
test_words (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwColour white = { 1, 1, 1, 1 }, black = { 0, 0, 0, 1 };
  g_assert_cmpfloat (lw_text_width (text, LW_TEXT_BODY, NULL), ==, 0);
  g_assert_cmpfloat (lw_text_width (text, LW_TEXT_BODY, ""), ==, 0);
  const char *const strings[] = { "conv 3×3", "128 × 12 × 12", "10.6 M MACs", "卷积 3×3", "−0.5" };
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    for (double zoom = 0.5; zoom < 5; zoom *= 1.7) {
      const double width = lw_text_width (text, LW_TEXT_DETAIL, strings[i]);
      Canvas canvas = canvas_new ((int)(width * zoom) + 40, (int)(40 * zoom), white);
      cairo_scale (canvas.cr, zoom, zoom);
      for (double align = 0; align <= 1; align += 0.5) {
        cairo_set_source_rgb (canvas.cr, 1, 1, 1);
        cairo_paint (canvas.cr);
        lw_text_paint (canvas.cr, text, LW_TEXT_DETAIL, strings[i], 20 / zoom + align * width, 20,
                       align, black, 1);
        g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 18, canvas.height, white), ==, 0);
        g_assert_cmpint (
            canvas_count_painted (&canvas, canvas.width - 18, 0, 18, canvas.height, white), ==, 0);
        g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, canvas.width, canvas.height, white),
                         >, (int)(width * zoom));
      }
      canvas_finish (&canvas, "words");
    }
  /* recorded and replayed, as GTK does it: the same words, with and without a known scale */
  Canvas direct = canvas_new (120, 30, white);
  lw_text_paint (direct.cr, text, LW_TEXT_DETAIL, "128 × 12 × 12", 10, 20, 0, black, 1);
  const int ink = canvas_count_painted (&direct, 0, 0, 120, 30, white);
  for (double known = 0; known <= 1; known++) {
    const cairo_rectangle_t extents = { 0, 0, 120, 30 };
    cairo_surface_t *recording =
        cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &extents);
    cairo_t *cr = cairo_create (recording);
    lw_text_set_scale (text, known);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, "128 × 12 × 12", 10, 20, 0, black, 1);
    cairo_destroy (cr);
    Canvas replayed = canvas_new (120, 30, white);
    cairo_set_source_surface (replayed.cr, recording, 0, 0);
    cairo_paint (replayed.cr);
    const int seen = canvas_count_painted (&replayed, 0, 0, 120, 30, white);
    g_assert_cmpint (ABS (seen - ink), <, ink / 4);
    canvas_finish (&replayed, NULL);
    cairo_surface_destroy (recording);
  }
  canvas_finish (&direct, NULL);
  /* tabular digits */
  g_assert_cmpfloat_with_epsilon (lw_text_width (text, LW_TEXT_BODY, "1111"),
                                  lw_text_width (text, LW_TEXT_BODY, "8088"), 0.01);
  /* by rule: no fonts */
  g_autoptr (LwText) fixed = lw_text_new_fixed ();
  g_assert_cmpfloat_with_epsilon (lw_text_width (fixed, LW_TEXT_DETAIL, "abc 卷"),
                                  11 * (4 * 0.56 + 1), 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, model, test)                                                                     \
  g_test_add ("/diagram/paint/" name, Picture, model, picture_open, test, picture_close)
  ADD ("colours/resnet18", "resnet18", test_colours);
  ADD ("colours/densenet", "densenet", test_colours);
  ADD ("colours/lenet", "lenet", test_colours);
  ADD ("detail", "googlenet", test_detail);
  ADD ("culling", "densenet", test_culling);
  ADD ("marks", "googlenet", test_marks);
  ADD ("silent", "resnet18", test_silent);
  ADD ("document", "resnet18", test_document);
  g_test_add_func ("/text/words", test_words);
  return g_test_run ();
}
