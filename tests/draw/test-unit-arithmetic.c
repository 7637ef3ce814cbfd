/* A unit's arithmetic as it is painted and written: the terms, what is left out, and the sign that
 * says whether the rounded numbers add up. */
#include "tests/draw/canvas.h"
#include "ui/draw/unit-arithmetic.h"

#include <math.h>
#include <string.h>

#define SIDE 8

static float *
numbers (gsize n, double step, double offset)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float)(sin ((double)i * step) + offset);
  return values;
}

static LwUnitArithmetic *
work_out (LwGraph *graph, LwNodeId id, int channel, int row, int column)
{
  const LwNode *node = lw_graph_node (graph, id);
  LwUnitValues values = { NULL };
  float *made[LW_MAX_INPUTS + LW_MAX_TENSORS + 1];
  int n = 0;
  LwUnitArithmetic *one;

  for (int i = 0; i < node->n_inputs; i++)
    values.inputs[i] = made[n++] =
        numbers ((gsize)lw_shape_size (lw_graph_node (graph, node->inputs[i])->shape), 0.37, 0.3);
  for (int i = 0; i < node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, node->tensors[i]);

    values.tensors[tensor->role] = made[n++] =
        numbers ((gsize)tensor->size, 0.71, tensor->role == LW_ROLE_RUNNING_VAR ? 1.5 : 0);
  }
  values.output = made[n++] = g_new0 (float, lw_shape_size (node->shape));
  one = lw_unit_arithmetic_new (graph, (LwUnit){ id, channel, row, column }, &values);
  g_assert_nonnull (one);
  one->value = one->total; /* an engine that makes no error */
  while (n > 0)
    g_free (made[--n]);
  return one;
}

static LwGraph *
make_graph (LwNodeId ret_nodes[16], int *ret_n)
{
  LwGraph *graph = lw_graph_new ("all");
  const LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 1, .h = SIDE, .w = SIDE });
  const LwNodeId conv = lw_conv2d (graph, x, NULL, 20, (LwWindow){ 3, 1, 1 });
  const LwNodeId norm = lw_batch_norm (graph, conv, NULL);
  const LwNodeId relu = lw_activation (graph, norm, NULL, LW_OP_RELU);
  const LwNodeId deep = lw_conv2d (graph, relu, NULL, 20, (LwWindow){ 5, 1, 2 });
  const LwNodeId sum = lw_add (graph, deep, relu, NULL);
  const LwNodeId both = lw_concat (graph, (LwNodeId[]){ sum, relu }, 2, NULL);
  const LwNodeId most = lw_max_pool (graph, both, NULL, (LwWindow){ 2, 2, 0 });
  const LwNodeId mean = lw_avg_pool (graph, most, NULL, (LwWindow){ 2, 2, 0 });
  const LwNodeId drop = lw_dropout (graph, mean, NULL, 0.5);
  const LwNodeId flat = lw_flatten (graph, drop, NULL);
  const LwNodeId linear = lw_linear (graph, flat, NULL, 12);
  const LwNodeId tanh_of = lw_activation (graph, linear, NULL, LW_OP_TANH);
  const LwNodeId last = lw_linear (graph, tanh_of, NULL, 3);
  const LwNodeId all[] = { x,    conv, norm, relu, deep,   sum,     both,
                           most, mean, drop, flat, linear, tanh_of, last };
  g_autoptr (GError) error = NULL;

  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  memcpy (ret_nodes, all, sizeof all);
  *ret_n = G_N_ELEMENTS (all);
  return graph;
}

/* Every operation in both themes and in no room at all. */
static void
test_pictures (void)
{
  LwNodeId nodes[16];
  int n;
  g_autoptr (LwGraph) graph = make_graph (nodes, &n);
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);

  for (int i = 0; i < n; i++) {
    const LwShape shape = lw_graph_node (graph, nodes[i])->shape;
    g_autoptr (LwUnitArithmetic) one =
        work_out (graph, nodes[i], shape.c - 1, shape.flat ? 0 : shape.h - 1, 0);
    const LwUnitFigure figure = { graph, one, i % 2 - 1 };

    for (int j = 0; j < 4; j++) {
      const LwTheme *theme = lw_theme (j % 2 != 0);
      const double width = j < 2 ? 780 : 240;
      const double height = lw_unit_figure_height (&figure, text, width);
      Canvas canvas = canvas_new ((int)width, (int)height + 40, theme->canvas);
      g_autofree char *name = g_strdup_printf ("unit-%d-%d", i, j);

      lw_unit_figure_paint (canvas.cr, theme, text, &figure, width);
      g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, width, height, theme->canvas), >, 60);
      /* Nothing beyond the height that was asked for. */
      g_assert_cmpint (canvas_count_painted (&canvas, 0, height + 4, width, 34, theme->canvas), ==,
                       0);
      canvas_finish (&canvas, name);
    }
    lw_unit_figure_height (&figure, text, 0);
    g_free (lw_unit_figure_describe (&figure));
    g_free (lw_unit_figure_text (&figure));
  }
}

static LwUnitArithmetic
sum_of (LwUnitTerm *terms, int32_t *largest, int n, double bias, double value)
{
  for (int i = 0; i < n; i++) {
    terms[i].channel = i;
    largest[i] = i;
  }
  return (LwUnitArithmetic){ .unit = { 1, 0, 0, 0 },
                             .op = LW_OP_CONV2D,
                             .rows = 1,
                             .columns = 1,
                             .n_terms = n,
                             .terms = terms,
                             .largest = largest,
                             .has_bias = true,
                             .bias = bias,
                             .total = value,
                             .value = value };
}

static void
test_signs (void)
{
  LwNodeId nodes[16];
  int n;
  g_autoptr (LwGraph) graph = make_graph (nodes, &n);
  LwUnitTerm terms[2] = { { .sum = 1.004 }, { .sum = -0.253 } };
  int32_t largest[2];
  LwUnitArithmetic one = sum_of (terms, largest, 2, 0.01, 0.761);
  LwUnitFigure figure = { graph, &one, -1 };
  g_autofree char *exact = lw_unit_figure_equation (&figure), *rounded = NULL, *spoken = NULL;

  /* 1.00 − 0.25 + 0.01 = 0.76: as written. */
  g_assert_cmpstr (exact, ==, "1.00 − 0.25 + bias 0.01 = 0.76");
  /* 1.004 + 0.004 + 0.004 = 1.012: written, 1.00 + 0.00 + 0.00 is not 1.01. */
  terms[1].sum = 0.004;
  one.bias = 0.004;
  one.total = one.value = 1.012;
  rounded = lw_unit_figure_equation (&figure);
  g_assert_cmpstr (rounded, ==, "1.00 + 0.00 + bias 0.00 ≈ 1.01");
  spoken = lw_unit_figure_describe (&figure);
  g_assert_nonnull (strstr (spoken, "plus bias 0.00 is about 1.01"));
}

/* Beyond 16: the six largest, and the others together. */
static void
test_others (void)
{
  LwNodeId nodes[16];
  int n, n_others, cell;
  g_autoptr (LwGraph) graph = make_graph (nodes, &n);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwUnitArithmetic) deep = work_out (graph, nodes[4], 3, 4, 4);
  g_autoptr (LwUnitArithmetic) first = work_out (graph, nodes[1], 3, 0, 0);
  LwUnitFigure figure = { graph, deep, -1 };
  int32_t shown[LW_UNIT_MOST_TERMS];
  double sum = 0, others;
  g_autofree char *equation = lw_unit_figure_equation (&figure);
  g_autofree char *caption = lw_unit_figure_caption (&figure), *products = NULL;

  g_assert_cmpint (deep->n_terms, ==, 20);
  g_assert_cmpint (lw_unit_figure_shown (&figure, shown), ==, 6);
  others = lw_unit_figure_others (&figure, &n_others);
  g_assert_cmpint (n_others, ==, 14);
  for (int i = 0; i < 6; i++)
    sum += deep->terms[shown[i]].sum;
  g_assert_cmpfloat_with_epsilon (sum + others + deep->bias, deep->total, 1e-9);
  for (int i = 0; i < 20; i++) { /* none of the others is larger */
    bool among = false;

    for (int j = 0; j < 6; j++)
      among = among || shown[j] == i;
    if (!among)
      g_assert_cmpfloat (fabs (deep->terms[i].sum), <=, fabs (deep->terms[shown[5]].sum));
  }
  g_assert_nonnull (strstr (equation, "14 others"));
  g_assert_nonnull (strstr (caption, "6 largest contributions of 20"));
  g_assert_cmpint (lw_unit_figure_at (&figure, text, 780, 10, 40, &cell), ==, 0);
  g_assert_cmpint (cell, >=, 0);
  g_assert_cmpint (lw_unit_figure_at (&figure, text, 780, 10, 4, &cell), ==, -1);
  g_assert_cmpint (lw_unit_figure_at (&figure, text, 780, 10, 4000, &cell), ==, -1);
  products = lw_unit_figure_products (&figure, shown[0]);
  g_assert_nonnull (strstr (products, "25 products"));

  figure.arithmetic = first;
  g_assert_cmpint (lw_unit_figure_shown (&figure, shown), ==, 1);
  lw_unit_figure_others (&figure, &n_others);
  g_assert_cmpint (n_others, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unit-arithmetic/pictures", test_pictures);
  g_test_add_func ("/unit-arithmetic/signs", test_signs);
  g_test_add_func ("/unit-arithmetic/others", test_others);
  return g_test_run ();
}
