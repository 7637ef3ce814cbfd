/* What three accuracies say about running statistics: chosen by the numbers alone. */
#include "engine/bn_accuracy.h"

typedef struct {
  double batch, running, fresh;
  LwBnVerdict verdict;
} Case;

static const Case cases[] = {
  /* LeNet-BN at the book's rate of 1, in PyTorch. */
  { 0.874, 0.790, 0.874, LW_BN_LAG },
  { 0.874, 0.868, 0.874, LW_BN_AGREE },
  { 0.874, 0.8645, 0.5, LW_BN_AGREE },
  { 0.874, 0.8635, 0.874, LW_BN_LAG },
  { 0.874, 0.883, 0.874, LW_BN_AGREE },
  /* Half of what was lost is enough, less is not. */
  { 0.80, 0.60, 0.71, LW_BN_LAG },
  { 0.80, 0.60, 0.69, LW_BN_SMALL },
  { 0.80, 0.60, 0.90, LW_BN_LAG },
  { 0.80, 0.785, 0.791, LW_BN_LAG },
  { 0.80, 0.60, 0.60, LW_BN_SMALL },
  /* Batches of two. */
  { 0.70, 0.80, 0.86, LW_BN_NOISE },
  { 0.70, 0.80, 0.70, LW_BN_NOISE },
};

static void
test_verdicts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const LwBnAccuracies accuracies = { .accuracy = { cases[i].batch, cases[i].running,
                                                      cases[i].fresh } };

    g_test_message ("%g %g %g", cases[i].batch, cases[i].running, cases[i].fresh);
    g_assert_cmpint (lw_bn_verdict (&accuracies), ==, cases[i].verdict);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bn-verdict/cases", test_verdicts);
  return g_test_run ();
}
