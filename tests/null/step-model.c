/* The model of a training step on a graphics card (tests/bench/step_model.h): on a network that can
 * be counted by hand, and the tables of docs/cuda.md are those that it prints. */
#include "engine/models.h"
#include "tests/bench/step_model.h"

#include <math.h>
#include <string.h>

enum { BATCH = 2 };

/* Input 1×4×4, convolution 3×3 to 3 channels, batch normalization, ReLU, maximum pooling 2×2,
 * flatten, linear to 10. */
static LwGraph *
small_network (void)
{
  LwGraph *graph = lw_graph_new ("small");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4, false });
  g_autoptr (GError) error = NULL;

  x = lw_batch_norm (graph, lw_conv2d (graph, x, NULL, 3, (LwWindow){ 3, 1, 1 }), NULL);
  x = lw_max_pool (graph, lw_activation (graph, x, NULL, LW_OP_RELU), NULL, (LwWindow){ 2, 2, 0 });
  lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 10);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

typedef struct {
  const char *what;
  int launches;
  double flops, bytes;
} Row;

/* Two examples, float32. Of a map: x 2·16·4 = 128 bytes, convolution 2·48·4 = 384, pooled 2·12·4 =
 * 96, logits 2·10·4 = 80. Parameters: 3·9 + 3 = 30, 6, 12·10 + 10 = 130. MACs: 48·9 = 432, 120. */
static const Row rows[] = {
  { "batch", 1, 0, 2 * 784 + 128 },
  { "forward", 1, 2 * 2 * 432, 128 + 4 * 30 + 384 }, /* convolution */
  { "statistics", 1, 2 * 2 * 48, 0 },                /* the convolution has them */
  { "forward", 1, 2 * 2 * 48, 384 + 384 },           /* and ReLU */
  { "forward", 1, 2 * 12 * 4, 384 + 96 + 24 },       /* pooling; winners of a byte */
  { "forward", 1, 0, 96 + 96 },                      /* flatten: 3 channels of 4 pixels */
  { "forward", 1, 2 * 2 * 120, 96 + 4 * 130 + 80 },  /* linear */
  { "loss", 1, 0, 80 },
  { "loss's gradient", 1, 0, 2 * 80 },
  { "data gradient", 1, 2 * 2 * 120, 96 + 4 * 130 + 80 },
  { "weight gradient", 2, 2 * 2 * 120, 96 + 4 * 130 + 80 },
  { "backward", 1, 0, 96 + 96 },
  { "backward", 1, 2 * 2 * 12 * 4, 384 + 96 + 24 },
  { "sums", 2, 2 * 2 * 2 * 48, 384 + 384 },
  { "backward", 1, 2 * 2 * 2 * 48, 3 * 384 },
  { "weight gradient", 2, 2 * 2 * 432, 128 + 4 * 30 + 384 },
  { "update", 1, 2 * 166, 3 * 4 * 166 },
};

static void
test_kernels (void)
{
  g_autoptr (LwGraph) graph = small_network ();
  int n;
  g_autofree LwKernelWork *kernels =
      lw_step_kernels (graph, BATCH, LW_PRECISION_FP32, LW_COUNT_KERNELS, &n);

  for (int i = 0; i < MIN (n, (int)G_N_ELEMENTS (rows)); i++)
    if (strcmp (kernels[i].what, rows[i].what) != 0 || kernels[i].launches != rows[i].launches ||
        kernels[i].flops != rows[i].flops || kernels[i].bytes != rows[i].bytes)
      g_test_fail_printf ("kernel %d: %s, %d launches, %g FLOPs, %g bytes; expected %s, %d, %g, %g",
                          i, kernels[i].what, kernels[i].launches, kernels[i].flops,
                          kernels[i].bytes, rows[i].what, rows[i].launches, rows[i].flops,
                          rows[i].bytes);
  g_assert_cmpint (n, ==, G_N_ELEMENTS (rows));
}

/* bfloat16: maps and weights of 2 bytes, gradients of weights of 4, winners as they were, and the
 * update writes 2 bytes more. */
static void
test_bf16 (void)
{
  g_autoptr (LwGraph) graph = small_network ();
  int n;
  g_autofree LwKernelWork *kernels =
      lw_step_kernels (graph, BATCH, LW_PRECISION_BF16, LW_COUNT_KERNELS, &n);

  g_assert_cmpint (n, ==, G_N_ELEMENTS (rows));
  g_assert_cmpfloat (kernels[1].bytes, ==, 64 + 2 * 30 + 192);
  g_assert_cmpfloat (kernels[4].bytes, ==, 192 + 48 + 24);
  g_assert_cmpfloat (kernels[10].bytes, ==, 48 + 4 * 130 + 40);
  g_assert_cmpfloat (kernels[n - 1].bytes, ==, (3 * 4 + 2) * 166);
}

static void
assert_near (double value, double expected)
{
  if (!(fabs (value - expected) <= 1e-9 * fabs (expected)))
    g_test_fail_printf ("%.12g, expected %.12g", value, expected);
}

/* A device of 1000 FLOP/s in products, 500 elsewhere, 1000 bytes/s, half of each to be had. */
static void
test_seconds (void)
{
  const LwDatasheet peaks = { .flops = { [LW_PRECISION_FP32] = 500, [LW_PRECISION_TF32] = 1000 },
                              .bytes = 1000 };
  const LwAssumptions half = {
    .products = { [LW_PRECISION_FP32] = 0.5, [LW_PRECISION_TF32] = 0.5 },
    .memory = 0.5,
    .launch_s = 0.25,
  };
  g_autoptr (LwGraph) graph = small_network ();
  /* Convolution 1728 / 500 and 632 / 500 for its bytes; statistics 192 / 250; all else by bytes. */
  const double arithmetic = 2 * (1728 / 500.0) + 192 / 250.0;
  const double moved =
      (1696 + 768 + 504 + 192 + 696 + 80 + 160 + 696 + 696 + 192 + 504 + 768 + 1152 + 1992) / 500.0;
  const LwStepTime time =
      lw_step_time (graph, BATCH, LW_PRECISION_TF32, LW_COUNT_KERNELS, &peaks, &half);

  g_assert_cmpint (time.launches, ==, 20);
  assert_near (time.arithmetic, arithmetic);
  assert_near (time.memory, moved);
  assert_near (time.launching, 5);
  assert_near (time.seconds, arithmetic + moved + 5);
}

/* Products with maps and weights once, seven passes of the normalization, three of the update. */
static void
test_floor (void)
{
  g_autoptr (LwGraph) graph = small_network ();
  int n;
  g_autofree LwKernelWork *kernels =
      lw_step_kernels (graph, BATCH, LW_PRECISION_FP32, LW_COUNT_FLOOR, &n);
  double bytes = 0, flops = 0;

  for (int i = 0; i < n; i++) {
    g_assert_cmpint (kernels[i].launches, ==, 0);
    bytes += kernels[i].bytes;
    flops += kernels[i].product ? kernels[i].flops : 0;
  }
  assert_near (bytes, 2 * (128 + 120 + 384) + 7 * 384 + 3 * (96 + 520 + 80) + 3 * 4 * 166);
  assert_near (flops, 2 * 1728 + 3 * 480);
}

/* A sum behind a normalization is part of it, and its ReLU part of the sum, whose gradient two
 * read. */
static void
test_residual (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("residual");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4, false }), y;
  g_autoptr (GError) error = NULL;
  g_autofree LwKernelWork *kernels = NULL;
  int n, sums = 0;

  x = lw_conv2d (graph, x, NULL, 2, (LwWindow){ 3, 1, 1 });
  y = lw_batch_norm (graph, lw_conv2d (graph, x, NULL, 2, (LwWindow){ 3, 1, 1 }), NULL);
  y = lw_activation (graph, lw_add (graph, y, x, NULL), NULL, LW_OP_RELU);
  lw_linear (graph, lw_flatten (graph, lw_global_avg_pool (graph, y, NULL), NULL), NULL, 10);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  kernels = lw_step_kernels (graph, BATCH, LW_PRECISION_FP32, LW_COUNT_KERNELS, &n);
  for (int i = 0; i < n; i++) {
    const LwOp op = kernels[i].node >= 0 ? lw_graph_node (graph, kernels[i].node)->op : LW_N_OPS;

    if (op == LW_OP_ADD || strcmp (kernels[i].what, "sum of gradients") == 0 ||
        strcmp (kernels[i].what, "mask") == 0) {
      g_assert_cmpint (kernels[i].launches, ==, 0);
      g_assert_cmpfloat (kernels[i].bytes, ==, 2 * 32 * 4);
      sums++;
    }
  }
  g_assert_cmpint (sums, ==, 3);
}

static void
test_document (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("LAYERWISE_DOCS"), "cuda.md", NULL);
  g_autofree char *text = NULL, *tables = lw_step_tables (), *written = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  written = lw_step_document (text, tables);
  g_assert_nonnull (written);
  if (strcmp (written, text) != 0)
    g_test_fail_printf (
        "the tables of docs/cuda.md are others; bench-expected --write docs/cuda.md");
  g_assert_null (lw_step_document ("no marks", tables));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/step-model/kernels", test_kernels);
  g_test_add_func ("/step-model/bf16", test_bf16);
  g_test_add_func ("/step-model/seconds", test_seconds);
  g_test_add_func ("/step-model/floor", test_floor);
  g_test_add_func ("/step-model/residual", test_residual);
  g_test_add_func ("/step-model/document", test_document);
  return g_test_run ();
}
