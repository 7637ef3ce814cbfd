/* The roofline: which limit a layer has and how near it comes; what a convolution is counted as. */
#include "engine/models.h"
#include "engine/roofline.h"

#include <math.h>

static void
test_limits (void)
{
  const LwPeaks peaks = { 100e9, 10e9 };
  const LwRoofline arithmetic = lw_roofline ((LwWork){ 2e9, 1e6 }, peaks, 0.04);
  const LwRoofline memory = lw_roofline ((LwWork){ 1e6, 1e8 }, peaks, 0.04);

  g_assert_cmpfloat_with_epsilon (arithmetic.arithmetic_s, 0.02, 1e-9);
  g_assert_cmpfloat_with_epsilon (arithmetic.memory_s, 0.0001, 1e-9);
  g_assert_cmpfloat_with_epsilon (arithmetic.share, 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (memory.memory_s, 0.01, 1e-9);
  g_assert_cmpfloat_with_epsilon (memory.share, 0.25, 1e-9);
}

/* A share is no number where something that it needs is not known. */
static void
test_unknown (void)
{
  g_assert_true (isnan (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 0, 10e9 }, 1).share));
  g_assert_true (isnan (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 100e9, 0 }, 1).share));
  g_assert_true (isnan (lw_roofline ((LwWork){ 0, 0 }, (LwPeaks){ 100e9, 10e9 }, 1).share));
  g_assert_true (isnan (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 100e9, 10e9 }, 1e-7).share));
  /* 20 ms of arithmetic at the peak: Winograd can do it in a third, nobody in a quarter. */
  g_assert_cmpfloat (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 100e9, 10e9 }, 0.0067).share, >,
                     2.9);
  g_assert_true (isnan (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 100e9, 10e9 }, 0.005).share));
  g_assert_true (lw_roofline ((LwWork){ 2e9, 1e6 }, (LwPeaks){ 100e9, 10e9 }, 0.005).together);
  /* What multiplies nothing needs no peak of multiply-adds. */
  g_assert_false (isnan (lw_roofline ((LwWork){ 0, 1e6 }, (LwPeaks){ 0, 10e9 }, 1).share));
}

/* LeNet's first convolution, 1 × 28 × 28 → 6 × 28 × 28 by 5 × 5, for a batch of 3. */
static void
test_work (void)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  float gradient;
  LwStep step = { .op = LW_OP_CONV2D,
                  .graph = graph,
                  .node = lw_graph_node (graph, 1),
                  .id = 1,
                  .batch = 3,
                  .n = 3,
                  .n_x = 1,
                  .x_shape = { { 1, 28, 28, false } },
                  .y_shape = { 6, 28, 28, false } };
  const double macs = 3.0 * 6 * 28 * 28 * 25, x = 3.0 * 784, y = 6 * x, w = 6 * 25 + 6;
  LwWork work = lw_step_work (&step, false, LW_PRECISION_FP32);

  g_assert_cmpint (step.node->op, ==, LW_OP_CONV2D);
  g_assert_cmpfloat (work.flops, ==, 2 * macs);
  g_assert_cmpfloat (work.bytes, ==, 4 * (x + y + w));
  work = lw_step_work (&step, false, LW_PRECISION_BF16);
  g_assert_cmpfloat (work.bytes, ==, 2 * (x + y) + 4 * w);
  work = lw_step_work (&step, true, LW_PRECISION_FP32);
  g_assert_cmpfloat (work.flops, ==, 2 * macs);
  g_assert_cmpfloat (work.bytes, ==, 4 * (x + y + 2 * w));
  step.dx[0] = &gradient;
  work = lw_step_work (&step, true, LW_PRECISION_TF32);
  g_assert_cmpfloat (work.flops, ==, 4 * macs);
  g_assert_cmpfloat (work.bytes, ==, 4 * (2 * x + y + 2 * w));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roofline/limits", test_limits);
  g_test_add_func ("/roofline/unknown", test_unknown);
  g_test_add_func ("/roofline/work", test_work);
  return g_test_run ();
}
