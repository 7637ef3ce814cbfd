/* Colours that stand for numbers: each box's number is what the analysis says, the largest box has
 * the map's end, shares add up, and the legend says all that in its room. */
#include "engine/analysis.h"
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/diagram-colour.h"

#include <math.h>
#include <string.h>

typedef struct {
  LwGraph *graph;
  LwDiagramState *state;
  LwText *text;
  LwDiagramLayout *layout;
} Diagram;

static void
open_diagram (Diagram *diagram, gconstpointer model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  diagram->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  diagram->state = lw_diagram_state_new (diagram->graph);
  diagram->text = lw_text_new (NULL, NULL);
}

static void
lay_out (Diagram *diagram, LwCount count)
{
  const LwDiagramOptions options = { .count = count, .text = diagram->text };
  lw_diagram_layout_free (diagram->layout);
  diagram->layout = lw_diagram_layout_new (diagram->state, &options);
}

static void
close_diagram (Diagram *diagram, gconstpointer model)
{
  (void)model;
  lw_diagram_layout_free (diagram->layout);
  lw_text_free (diagram->text);
  lw_diagram_state_free (diagram->state);
  lw_graph_unref (diagram->graph);
}

static double
number (LwCost cost, LwColouring by, LwCount count)
{
  if (by == LW_COLOUR_PARAMETERS)
    return (double)cost.parameters;
  if (by == LW_COLOUR_MEMORY)
    return (double)cost.output_bytes;
  return count == LW_COUNT_MACS    ? (double)cost.macs
         : count == LW_COUNT_FLOPS ? 2.0 * (double)cost.macs
                                   : (double)cost.operations;
}

/* Boxes with strips and closed blocks together are the network, whatever is folded. */
static void
test_sums (Diagram *diagram, gconstpointer model)
{
  (void)model;
  for (int depth = 0; depth <= 3; depth++)
    for (int by = LW_COLOUR_PARAMETERS; by <= LW_COLOUR_MEMORY; by++)
      for (int count = 0; count < 3; count++) {
        lw_diagram_state_set_depth (diagram->state, depth);
        lay_out (diagram, (LwCount)count);
        g_autoptr (LwDiagramColours) colours =
            lw_diagram_colours_new (diagram->layout, (LwColouring)by, NULL, NULL);
        double total = 0, shares = 0, most = 0;
        int32_t n;
        const LwDiagramBox *boxes = lw_diagram_layout_boxes (diagram->layout, &n);
        for (int32_t i = 0; i < n; i++) {
          const LwDiagramSpot spot = { boxes[i].node, boxes[i].block };
          const double value = lw_diagram_colours_value (colours, spot);
          if (boxes[i].type == LW_BOX_BLOCK)
            g_assert_cmpfloat (value, ==,
                               number (lw_block_cost (diagram->graph, boxes[i].block),
                                       (LwColouring)by, (LwCount)count));
          total += value;
          most = MAX (most, value);
          shares += lw_diagram_colours_share (colours, spot);
        }
        const double all = number (lw_graph_cost (diagram->graph), (LwColouring)by, (LwCount)count);
        g_assert_cmpfloat (total, ==, all);
        g_assert_cmpfloat (lw_diagram_colours_total (colours), ==, all);
        g_assert_cmpfloat (lw_diagram_colours_most (colours), ==, most);
        g_assert_cmpfloat_with_epsilon (shares, 1, 1e-9);
      }
}

static void
test_fills (Diagram *diagram, gconstpointer model)
{
  (void)model;
  lw_diagram_state_open_all (diagram->state);
  lay_out (diagram, LW_COUNT_MACS);
  g_autoptr (LwDiagramColours) colours =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_COUNT, NULL, NULL);
  const double most = lw_diagram_colours_most (colours);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (diagram->layout, &n);
  for (int dark = 0; dark < 2; dark++)
    for (int32_t i = 0; i < n; i++) {
      const LwDiagramSpot spot = { boxes[i].node, boxes[i].block };
      const double value = lw_diagram_colours_value (colours, spot);
      LwDiagramMark mark = { .alpha = 1 };
      lw_diagram_colours_mark (colours, dark, spot, &mark);
      if (boxes[i].type == LW_BOX_INPUT || boxes[i].type == LW_BOX_CONCAT ||
          boxes[i].type == LW_BOX_SUM) {
        g_assert_false (mark.has_fill); /* they multiply nothing */
        continue;
      }
      const LwColour expected = lw_map_colour (LW_MAP_COST, dark, sqrt (value / most));
      g_assert_true (mark.has_fill);
      g_assert_cmpfloat_with_epsilon (mark.fill.r, expected.r, 1e-9);
      g_assert_cmpfloat_with_epsilon (mark.fill.b, expected.b, 1e-9);
    }
  /* strips keep what they got from their box */
  const LwDiagramStrip *strips = lw_diagram_layout_strips (diagram->layout, &n);
  for (int32_t i = 0; i < n; i++) {
    LwDiagramMark mark = { .alpha = 1, .has_fill = true, .fill = { 1, 0, 1, 1 } };
    lw_diagram_colours_mark (colours, true, (LwDiagramSpot){ strips[i].node, -1 }, &mark);
    g_assert_cmpfloat (mark.fill.r, ==, 1);
    g_assert_cmpfloat (mark.fill.g, ==, 0);
  }
}

/* Norms of blocks are roots of sums of squares; what is not known colours nothing. */
static void
test_measured (Diagram *diagram, gconstpointer model)
{
  (void)model;
  const int32_t n_nodes = lw_graph_n_nodes (diagram->graph);
  g_autofree double *values = g_new0 (double, n_nodes);
  int32_t n;
  lay_out (diagram, LW_COUNT_MACS);
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (diagram->layout, &n);
  const LwDiagramBox *block = NULL;
  for (int32_t i = 0; i < n; i++)
    if (boxes[i].type == LW_BOX_BLOCK && !block)
      block = &boxes[i];
  g_assert_nonnull (block);
  const LwDiagramSpot spot = { LW_NO_NODE, block->block };
  values[lw_graph_block (diagram->graph, block->block)->first] = 9;
  values[lw_graph_block (diagram->graph, block->block)->last] = 16;
  g_autoptr (LwDiagramColours) norms =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_GRADIENT, values, "step 7");
  g_autoptr (LwDiagramColours) times =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_FORWARD, values, "ms, batch of 8");
  g_assert_cmpfloat (lw_diagram_colours_value (norms, spot), ==, 5);
  g_assert_cmpfloat (lw_diagram_colours_value (times, spot), ==, 25);
  g_autofree char *words = lw_diagram_colours_describe (times, spot);
  g_autofree char *expected = g_strdup_printf ("%s: 25.0 ms, 100 %% of the total", block->name);
  g_assert_cmpstr (words, ==, expected);

  g_autoptr (LwDiagramColours) unknown =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_BACKWARD, NULL, "Measuring…");
  LwDiagramMark mark = { .alpha = 1 };
  lw_diagram_colours_mark (unknown, false, spot, &mark);
  g_assert_false (lw_diagram_colours_known (unknown));
  g_assert_false (mark.has_fill);
  g_autofree char *note = lw_diagram_colours_describe (unknown, spot);
  g_assert_cmpstr (note, ==, "Measuring…");
  values[1] = NAN; /* a training that diverges */
  g_autoptr (LwDiagramColours) broken =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_GRADIENT, values, NULL);
  g_assert_true (isfinite (lw_diagram_colours_total (broken)));
  g_assert_null (lw_diagram_colours_new (diagram->layout, LW_COLOUR_KIND, NULL, NULL));
}

/* Nothing is painted outside of the size that the legend says, and both ends of the map are there.
 */
static void
test_legend (Diagram *diagram, gconstpointer model)
{
  (void)model;
  lay_out (diagram, LW_COUNT_FLOPS);
  const LwDiagramSpot spots[] = { LW_NO_SPOT, { LW_NO_NODE, 1 } };
  for (int by = LW_COLOUR_PARAMETERS; by < LW_N_COLOURINGS; by++)
    for (int dark = 0; dark < 2; dark++)
      for (gsize i = 0; i < G_N_ELEMENTS (spots); i++) {
        const LwTheme *theme = lw_theme (dark);
        g_autoptr (LwDiagramColours) colours =
            lw_diagram_colours_new (diagram->layout, (LwColouring)by, NULL, "Measuring…");
        double width, again;
        const double height =
            lw_diagram_colours_legend (NULL, colours, theme, spots[i], 0, 0, &width);
        Canvas canvas = canvas_new ((int)ceil (width) + 40, (int)ceil (height) + 40, theme->canvas);
        g_assert_cmpfloat (
            lw_diagram_colours_legend (canvas.cr, colours, theme, spots[i], 20, 20, &again), ==,
            height);
        g_assert_cmpfloat (again, ==, width);
        const int inside = canvas_count_painted (&canvas, 19, 20, width + 2, height, theme->canvas);
        g_assert_cmpint (inside, >, 100);
        g_assert_cmpint (
            canvas_count_painted (&canvas, 0, 0, canvas.width, canvas.height, theme->canvas), ==,
            inside);
        if (lw_diagram_colours_known (colours)) {
          g_assert_cmpint (inside, >, (int)(width * 8)); /* the bar */
        }
        canvas_finish (&canvas, "legend");
      }
}

/* A page with coloured boxes has their legend, and the largest box the map's last colour. */
static void
test_document (Diagram *diagram, gconstpointer model)
{
  (void)model;
  lay_out (diagram, LW_COUNT_MACS);
  g_autoptr (LwDiagramColours) colours =
      lw_diagram_colours_new (diagram->layout, LW_COLOUR_PARAMETERS, NULL, NULL);
  const LwDiagramDocument document = { .title = "A title",
                                       .diagram = { .selected = LW_NO_SPOT },
                                       .colours = colours };
  const LwTheme *theme = lw_theme (false);
  double width, height;
  lw_diagram_document_size (diagram->layout, &document, &width, &height);
  Canvas canvas = canvas_new ((int)width, (int)height, theme->canvas);
  lw_diagram_paint_document (canvas.cr, diagram->layout, theme, &document);
  const LwColour last = lw_map_colour (LW_MAP_COST, false, 1);
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 0, width, height, last), >, 2000);
  g_assert_cmpint (
      canvas_count_colour (&canvas, 0, 0, width, height, theme->kind_line[LW_KIND_CONVOLUTION]), ==,
      0);
  canvas_finish (&canvas, "document");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, model, test)                                                                     \
  g_test_add ("/diagram/colour/" name, Diagram, model, open_diagram, test, close_diagram)
  ADD ("sums/resnet18", "resnet18", test_sums);
  ADD ("sums/densenet", "densenet", test_sums);
  ADD ("sums/googlenet", "googlenet", test_sums);
  ADD ("fills", "googlenet", test_fills);
  ADD ("measured", "resnet18", test_measured);
  ADD ("legend", "googlenet", test_legend);
  ADD ("document", "googlenet", test_document);
  return g_test_run ();
}
