/* The table of layers' health and the one of a divergence: what is there is painted, and nothing
 * outside; words for those who do not see them. */
#include "engine/models.h"
#include "tests/draw/canvas.h"
#include "ui/draw/divergence-table.h"
#include "ui/draw/health-table.h"

#include <math.h>
#include <string.h>

static LwGraph *
make_graph (const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, NULL));
  LwGraph *graph = lw_model_build (options, &error);

  g_assert_no_error (error);
  return graph;
}

/* Every layer with weights; outputs grow tenfold an iteration, the last is none. */
static LwDivergence *
make_divergence (const LwGraph *graph)
{
  LwDivergence *d = lw_divergence_new (lw_graph_n_nodes (graph), LW_DIVERGENCE_STEPS);
  int32_t n = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_CONV2D ||
        lw_graph_node (graph, id)->op == LW_OP_LINEAR)
      d->layers[n++] = id;
  d->n_layers = n;
  for (int32_t t = 0; t < d->n_steps; t++)
    d->steps[t] = 3 + t;
  for (int32_t l = 0; l < n; l++)
    for (int32_t t = 0; t < d->n_steps; t++) {
      d->outputs[l * d->n_steps + t] = l == n - 1 && t == 6 ? INFINITY : powf (10, (float)(4 * t));
      d->weights[l * d->n_steps + t] = l == 0 && t >= 2 ? 36 : 1;
    }
  return d;
}

static void
divergence (gconstpointer data)
{
  const bool dark = GPOINTER_TO_INT (data);
  const LwTheme *theme = lw_theme (dark);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwGraph) graph = make_graph ("lenet");
  g_autoptr (LwDivergence) d = make_divergence (graph);
  const double width = 700, height = lw_divergence_table_height (d);
  Canvas canvas = canvas_new ((int)width + 30, (int)height + 30, theme->canvas);
  g_autofree char *words = lw_divergence_table_describe (graph, d);

  g_assert_cmpint (d->n_layers, ==, 5);
  lw_divergence_table_paint (canvas.cr, theme, text, graph, d, width);
  /* The ring is around one cell: conv 1 in iteration 5, two sides of 20 px at least. */
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 18, width, 24, theme->accent), >, 100);
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 44, width, height - 44, theme->accent), ==, 0);
  g_assert_cmpint (canvas_count_painted (&canvas, width + 1, 0, 29, height + 30, theme->canvas), ==,
                   0);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, height + 1, width, 29, theme->canvas), ==, 0);
  g_assert_nonnull (strstr (words, "Iterations 3, 4, 5, 6, 7, 8, 9; conv 1: 1.00, "));
  g_assert_nonnull (strstr (words, "linear 3: 1.00, 1.0·10⁴, 1.0·10⁸, 1.0·10¹²"));
  g_assert_true (g_str_has_suffix (words, "∞"));
  canvas_finish (&canvas, dark ? "divergence-dark" : "divergence");
}

/* Names of blocks are dropped before a cell is covered. */
static void
narrow (void)
{
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwGraph) graph = make_graph ("resnet18");
  g_autoptr (LwDivergence) d = make_divergence (graph);
  const double width = 320, height = lw_divergence_table_height (d);
  Canvas canvas = canvas_new ((int)width + 30, (int)height + 4, theme->canvas);

  lw_divergence_table_paint (canvas.cr, theme, text, graph, d, width);
  g_assert_cmpint (canvas_count_painted (&canvas, width + 1, 0, 29, height, theme->canvas), ==, 0);
  canvas_finish (&canvas, "divergence-narrow");
}

static LwHealthTable
make_table (int32_t n)
{
  LwHealthTable table = { .titles = { "Update", "Gradient", "Dead", "Saturated", "Spread" },
                          .rows = g_new0 (LwHealthRow, n),
                          .n_rows = n };

  for (int32_t i = 0; i < n; i++) {
    LwHealthRow *row = &table.rows[i];

    row->name = i == 0 ? g_strdup ("conv 1") : g_strdup_printf ("Stage 2, Residual %d, conv", i);
    row->kind = LW_KIND_CONVOLUTION;
    for (int c = 0; c < LW_HEALTH_COLUMNS; c++)
      row->cells[c].bar = NAN;
    row->cells[0] = (LwHealthCell){ g_strdup ("3.8 ‰"), LW_SIGN_GOOD, NAN };
    row->cells[1] = (LwHealthCell){ g_strdup ("0.12"), LW_SIGN_WARNING, i == 0 ? 1 : 0.5 };
    if (i == 0)
      row->cells[2] = (LwHealthCell){ g_strdup ("62 %"), LW_SIGN_ERROR, NAN };
  }
  return table;
}

static void
health (gconstpointer data)
{
  const bool dark = GPOINTER_TO_INT (data);
  const LwTheme *theme = lw_theme (dark);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwHealthTable table = make_table (4);
  const double width = lw_health_table_width (&table, text);
  const double height = lw_health_table_height (&table);
  Canvas canvas = canvas_new ((int)width + 30, (int)height + 30, theme->canvas);
  g_autofree char *words = lw_health_table_describe (&table);
  int whole, half;

  lw_health_table_paint (canvas.cr, theme, text, &table, width);
  whole = canvas_count_colour (&canvas, 0, 22, width, 23, theme->warning);
  half = canvas_count_colour (&canvas, 0, 45, width, 23, theme->warning);
  g_assert_cmpint (whole, >, half + 28 * 8 * 0.8); /* half a bar more */
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 22, width, 23, theme->error), >, 5);
  g_assert_cmpint (canvas_count_colour (&canvas, 0, 45, width, 60, theme->error), ==, 0);
  g_assert_cmpint (canvas_count_painted (&canvas, width + 1, 0, 29, height + 30, theme->canvas), ==,
                   0);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, height + 1, width, 29, theme->canvas), ==, 0);
  g_assert_true (g_str_has_prefix (
      words, "conv 1: Update 3.8 ‰ good, Gradient 0.12 warning, Dead 62 % error; Stage 2"));
  g_assert_null (strstr (words, "Saturated")); /* nobody has it */
  canvas_finish (&canvas, dark ? "health-dark" : "health");
  lw_health_table_clear (&table);
  g_assert_null (table.rows);
}

/* A thousand layers of which ten are in view take no longer than ten. */
static void
long_table (void)
{
  const LwTheme *theme = lw_theme (false);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwHealthTable table = make_table (1000);
  Canvas canvas = canvas_new (600, 200, theme->canvas);

  cairo_translate (canvas.cr, 0, -5000);
  lw_health_table_paint (canvas.cr, theme, text, &table, 600);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, 600, 200, theme->canvas), >, 500);
  canvas_finish (&canvas, "health-long");
  lw_health_table_clear (&table);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/health/divergence/light", GINT_TO_POINTER (false), divergence);
  g_test_add_data_func ("/health/divergence/dark", GINT_TO_POINTER (true), divergence);
  g_test_add_func ("/health/divergence/narrow", narrow);
  g_test_add_data_func ("/health/table/light", GINT_TO_POINTER (false), health);
  g_test_add_data_func ("/health/table/dark", GINT_TO_POINTER (true), health);
  g_test_add_func ("/health/table/long", long_table);
  return g_test_run ();
}
