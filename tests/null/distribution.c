/* Tallies against counting by brute force, and the rows of layers. */
#include "engine/distribution.h"
#include "engine/layer_rows.h"
#include "engine/models.h"

#include <math.h>
#include <string.h>

/* Near normal, some far out. */
static float *
make_values (int n, double scale, double shift, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  float *values = g_new (float, n);

  for (int i = 0; i < n; i++) {
    double sum = -6;

    for (int k = 0; k < 12; k++)
      sum += g_rand_double (random);
    values[i] = (float)(sum * scale * (i % 97 == 0 ? 9 : 1) + shift);
  }
  return values;
}

/* All numbers as their definitions say; the axis is the tally's. */
static void
check (const LwDistribution *d, const float *values, int n)
{
  uint32_t bins[LW_DISTRIBUTION_BINS] = { 0 };
  const double width = ((double)d->high - (double)d->low) / LW_DISTRIBUTION_BINS;
  double sum = 0, squares = 0, min = INFINITY, max = -INFINITY;
  int64_t finite = 0, total = 0;

  for (int i = 0; i < n; i++) {
    const double value = (double)values[i];

    if (!isfinite (value) || fabs (value) > 0x1p126)
      continue;
    finite++;
    sum += value;
    min = MIN (min, value);
    max = MAX (max, value);
    /* The axis begins a whole number of bins from 0. */
    bins[MIN ((int)(floor (value / width) - (double)d->low / width), LW_DISTRIBUTION_BINS - 1)]++;
  }
  for (int i = 0; i < n; i++)
    if (isfinite (values[i]) && fabsf (values[i]) <= 0x1p126f)
      squares +=
          ((double)values[i] - sum / (double)finite) * ((double)values[i] - sum / (double)finite);
  g_assert_true (lw_distribution_is_sound (d));
  g_assert_cmpint (d->count, ==, n);
  g_assert_cmpint (d->not_finite, ==, n - finite);
  g_assert_cmpmem (d->bins, sizeof d->bins, bins, sizeof bins);
  for (int i = 0; i < LW_DISTRIBUTION_BINS; i++)
    total += d->bins[i];
  g_assert_cmpint (total, ==, finite);
  g_assert_cmpfloat ((double)d->min, ==, min);
  g_assert_cmpfloat ((double)d->max, ==, max);
  g_assert_cmpfloat_with_epsilon ((double)d->mean, sum / (double)finite, 1e-5 * (max - min));
  g_assert_cmpfloat_with_epsilon ((double)d->deviation, sqrt (squares / (double)finite),
                                  1e-5 * (max - min));
  g_assert_cmpfloat (MAX (fabs (min), fabs (max)), <=, (double)d->high);
  g_assert_cmpfloat ((double)d->low, ==, min < 0 ? -(double)d->high : 0);
  g_assert_cmpfloat (MAX (fabs (min), fabs (max)), >, (double)d->high * 0.79);
}

/* In one part, and in parts of many sizes, which makes the axis grow on the way: the same. */
static void
test_tally (void)
{
  static const double scales[] = { 1e-30, 3e-5, 0.02, 1, 800, 1e20 };

  for (size_t s = 0; s < G_N_ELEMENTS (scales); s++)
    for (int shift = 0; shift < 2; shift++) {
      const int n = 20000;
      g_autofree float *values = make_values (n, scales[s], shift * 70 * scales[s], (guint32)s);
      LwDistribution whole, parts;
      LwTally tally;

      lw_tally_begin (&tally, LW_OP_CONV2D);
      lw_tally_add (&tally, values, n);
      lw_tally_end (&tally, &whole);
      check (&whole, values, n);
      lw_tally_begin (&tally, LW_OP_CONV2D);
      for (int first = 0, size = 1; first < n; first += size, size = size * 3 / 2 + 1)
        lw_tally_add (&tally, values + first, MIN (size, n - first));
      lw_tally_end (&tally, &parts);
      g_assert_cmpmem (&parts.bins, sizeof parts.bins, &whole.bins, sizeof whole.bins);
      g_assert_cmpfloat ((double)parts.high, ==, (double)whole.high);
    }
}

static void
test_edges (void)
{
  static const float edges[] = { 0.25f, 0.5f, 0.75f, -0.0f, 0, 1 };
  static const float both[] = { -2, -1, 1, 2, -0x1p-60f, 0x1p-60f };
  static const float odd[] = { NAN, 1, INFINITY, -INFINITY, -3, 0x1p127f };
  static const float zeros[5];
  LwDistribution d;
  LwTally tally;

#define TALLY(op, values)                                                                          \
  lw_tally_begin (&tally, op);                                                                     \
  lw_tally_add (&tally, values, G_N_ELEMENTS (values));                                            \
  lw_tally_end (&tally, &d)
  TALLY (LW_OP_LINEAR, edges);
  check (&d, edges, G_N_ELEMENTS (edges));
  TALLY (LW_OP_LINEAR, both);
  check (&d, both, G_N_ELEMENTS (both));
  TALLY (LW_OP_LINEAR, odd);
  check (&d, odd, G_N_ELEMENTS (odd));
  g_assert_cmpint (d.not_finite, ==, 4);
  TALLY (LW_OP_RELU, zeros);
  g_assert_true (lw_distribution_is_sound (&d));
  g_assert_cmpint (d.bins[0], ==, 5);
  g_assert_cmpint (d.flat, ==, 5);
  lw_tally_begin (&tally, LW_OP_LINEAR);
  lw_tally_end (&tally, &d);
  g_assert_true (lw_distribution_is_sound (&d));
  g_assert_cmpint (d.count, ==, 0);
#undef TALLY
}

/* After a sigmoid the axis is always 0 to 1; what is flat is counted by its own limits. */
static void
test_flat (void)
{
  static const float sigmoid[] = { 0.049f, 0.051f, 0.4f, 0.949f, 0.951f, 0.2f };
  static const float tanh_values[] = { -0.95f, -0.89f, 0.91f, 0 };
  LwDistribution d;
  LwTally tally;

  lw_tally_begin (&tally, LW_OP_SIGMOID);
  lw_tally_add (&tally, sigmoid, 3); /* the largest is 0.4 */
  lw_tally_end (&tally, &d);
  g_assert_cmpfloat ((double)d.high, ==, 1);
  g_assert_cmpint (d.flat, ==, 1);
  lw_tally_add (&tally, sigmoid + 3, 3);
  lw_tally_end (&tally, &d);
  g_assert_cmpint (d.flat, ==, 2);
  g_assert_cmpfloat_with_epsilon (lw_distribution_share (&d, 0, 0.5), 4 / 6.0, 1e-9);
  lw_tally_begin (&tally, LW_OP_TANH);
  lw_tally_add (&tally, tanh_values, 4);
  lw_tally_end (&tally, &d);
  g_assert_cmpint (d.flat, ==, 2);
  g_assert_cmpfloat ((double)d.low, ==, -1);
}

static void
test_units (void)
{
  /* Two images of three channels of two pixels: never above 0, 0 in one image only, alive. */
  static const float values[] = { 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 1, 2 };
  float lows[3] = { INFINITY, INFINITY, INFINITY }, highs[3] = { -INFINITY, -INFINITY, -INFINITY };

  lw_units_add (values, 1, 3, 2, lows, highs);
  g_assert_cmpint (lw_units_dead (LW_OP_RELU, 3, lows, highs), ==, 2);
  lw_units_add (values + 6, 1, 3, 2, lows, highs);
  g_assert_cmpint (lw_units_dead (LW_OP_RELU, 3, lows, highs), ==, 1);
  g_assert_cmpint (lw_units_dead (LW_OP_SIGMOID, 3, lows, highs), ==, 1);
}

static void
test_reach (void)
{
  g_autofree float *values = make_values (20000, 1, 0, 3);
  LwDistribution d;
  LwTally tally;
  double reach;
  int outside = 0;

  lw_tally_begin (&tally, LW_OP_LINEAR);
  lw_tally_add (&tally, values, 20000);
  lw_tally_end (&tally, &d);
  reach = lw_distribution_reach (&d, 0.01);
  for (int i = 0; i < 20000; i++)
    outside += fabs ((double)values[i]) > reach;
  g_assert_cmpint (outside, <=, 200);
  g_assert_cmpfloat (reach, <, (double)d.max);
  g_assert_cmpfloat_with_epsilon (lw_distribution_rms (&d),
                                  hypot ((double)d.mean, (double)d.deviation), 1e-9);
}

/* Each convolution and linear layer has one row, each normalization and activation is in one. */
static void
test_rows (void)
{
  for (int32_t m = 0; m < lw_n_models (); m++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (m));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
    int32_t n, layers = 0, norms = 0, activations = 0;
    g_autofree LwLayerRow *rows = lw_layer_rows (graph, &n);

    for (int32_t i = 0; i < n; i++) {
      layers += rows[i].layer != LW_NO_NODE;
      norms += rows[i].norm != LW_NO_NODE;
      activations += rows[i].activation != LW_NO_NODE;
      g_assert_cmpint (lw_layer_rows_find (rows, n, lw_layer_row_node (&rows[i])), ==, i);
      if (i > 0)
        g_assert_cmpint (lw_layer_row_node (&rows[i - 1]), <, lw_layer_row_node (&rows[i]));
    }
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      const LwOp op = lw_graph_node (graph, id)->op;

      layers -= op == LW_OP_CONV2D || op == LW_OP_LINEAR;
      norms -= op == LW_OP_BATCH_NORM;
      activations -= op == LW_OP_RELU || op == LW_OP_SIGMOID || op == LW_OP_TANH;
    }
    g_assert_cmpint (layers, ==, 0);
    g_assert_cmpint (norms, ==, 0);
    g_assert_cmpint (activations, ==, 0);
  }
}

static void
test_row (void)
{
  static const struct {
    const char *model;
    int row;
    LwOp before, activation;
    bool norm;
  } cases[] = {
    { "lenet", 0, LW_OP_CONV2D, LW_OP_SIGMOID, false },
    { "lenet-bn", 1, LW_OP_CONV2D, LW_OP_SIGMOID, true },
    { "resnet18", 2, LW_OP_CONV2D, LW_OP_RELU, true }, /* through the sum */
    { "densenet", 1, LW_OP_MAX_POOL, LW_OP_RELU, true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model_find (cases[i].model, NULL));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
    int32_t n;
    g_autofree LwLayerRow *rows = lw_layer_rows (graph, &n);
    const LwLayerRow *row = &rows[cases[i].row];

    g_assert_cmpint (row->layer, !=, LW_NO_NODE);
    g_assert_cmpint (lw_graph_node (graph, row->before)->op, ==, cases[i].before);
    g_assert_cmpint (lw_graph_node (graph, row->activation)->op, ==, cases[i].activation);
    g_assert_cmpint (row->norm != LW_NO_NODE, ==, cases[i].norm);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distribution/tally", test_tally);
  g_test_add_func ("/distribution/edges", test_edges);
  g_test_add_func ("/distribution/flat", test_flat);
  g_test_add_func ("/distribution/units", test_units);
  g_test_add_func ("/distribution/reach", test_reach);
  g_test_add_func ("/layer-rows/all", test_rows);
  g_test_add_func ("/layer-rows/row", test_row);
  return g_test_run ();
}
