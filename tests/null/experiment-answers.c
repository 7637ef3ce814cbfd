/* Experiments: answers are chosen by the numbers, sentence by sentence. */
#include "engine/experiment.h"

#include <math.h>
#include <string.h>

#define UNKNOWN -1000.0

typedef struct {
  LwMeasure measure;
  double values[LW_EXPERIMENT_RUNS];
} Given;

typedef struct {
  const char *name;
  Given given[8];
  const char *says, *also; /* parts of the answer; NULL */
  const char * not ;       /* what it must not say; NULL */
} Case;

#define BEST(...)                                                                                  \
  {                                                                                                \
    LW_MEASURE_BEST,                                                                               \
    {                                                                                              \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }
#define M(name, ...)                                                                               \
  {                                                                                                \
    LW_MEASURE_##name,                                                                             \
    {                                                                                              \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }

static const Case cases[] = {
  { "lenet-activation",
    { BEST (0.80, 0.81, 0.85, 0.86), M (FIRST_LOSS, 2.3, 2.3, 1.0, 0.9) },
    "ReLU: with average pooling it comes to 0.850, sigmoid to 0.800",
    "hardly learn",
    NULL },
  { "lenet-activation",
    { BEST (0.85, 0.86, 0.80, 0.81) },
    "Sigmoid, here",
    "no clear difference",
    "hardly learn" },
  { "lenet-activation",
    { BEST (0.80, 0.85, 0.801, 0.851) },
    "decides little",
    "Max pooling is better",
    NULL },
  { "lenet-activation",
    { BEST (0.85, 0.80, 0.851, 0.801) },
    "decides little",
    "Average pooling is better",
    NULL },
  { "alexnet-dropout",
    { BEST (0.90, 0.80), M (GAP, 0.01, 0.15), M (TRAIN, 0.91, 0.95) },
    "by heart: without them train accuracy is 0.150 above",
    "It pays",
    NULL },
  { "alexnet-dropout",
    { BEST (0.80, 0.90), M (GAP, 0.01, 0.15), M (TRAIN, 0.81, 0.99) },
    "slower learning",
    "does not pay yet",
    NULL },
  { "alexnet-dropout",
    { BEST (0.80, 0.801), M (GAP, 0.0, 0.01), M (TRAIN, 0.8, 0.81) },
    "Little, here",
    "nothing clear",
    "slower learning" },
  { "alexnet-filters", { BEST (0.8) }, "not been looked at", NULL, "Nobody" },
  { "alexnet-filters",
    { BEST (0.8), M (FILTERS, 96), M (EDGES, 20), M (BLOBS, 10), M (UNCLEAR, 66) },
    "66 of 96 filters still look like the random numbers",
    NULL,
    "Mostly" },
  { "alexnet-filters",
    { BEST (0.8), M (FILTERS, 96), M (EDGES, 60), M (BLOBS, 30), M (UNCLEAR, 6) },
    "Mostly for edges: 60 of 96",
    NULL,
    NULL },
  { "alexnet-filters",
    { BEST (0.8), M (FILTERS, 96), M (EDGES, 30), M (BLOBS, 60), M (UNCLEAR, 6) },
    "places: 60 of 96",
    NULL,
    NULL },
  { "vgg-depth",
    { BEST (0.80, 0.85), M (MACS, 1e7, 1e7), M (FIRST_LOSS, 1, 0.8) },
    "Yes, here",
    "even starts faster",
    NULL },
  { "vgg-depth",
    { BEST (0.85, 0.80), M (MACS, 1e7, 1e7), M (FIRST_LOSS, 0.8, 1) },
    "No, not in",
    "starts more slowly",
    NULL },
  { "vgg-depth",
    { BEST (0.850, 0.846), M (FIRST_LOSS, 1, 1) },
    "do not settle it: the difference of 0.004",
    NULL,
    "starts" },
  { "nin-pooling",
    { BEST (0.85, 0.80), M (PARAMETERS, 2e6, 2e7), M (SECONDS, 5, 10) },
    "Yes: NiN comes to 0.850",
    "takes 5.0 s instead of 10.0 s",
    "within" },
  { "nin-pooling",
    { BEST (0.75, 0.80), M (PARAMETERS, 2e6, 2e7), M (SECONDS, 10, 5) },
    "Not without loss",
    "saves memory, not time",
    NULL },
  { "nin-pooling",
    { BEST (0.80, 0.80), M (PARAMETERS, 2e6, 2e7), M (SECONDS, 5, 5) },
    "within what another seed",
    "needs 2.00 M parameters",
    "saves" },
  { "googlenet-paths", { M (LAST, 0.8) }, "not been switched off", NULL, NULL },
  { "googlenet-paths",
    { M (LAST, 0.3), M (PATH_1, 0.3), M (PATH_2, 0.1), M (PATH_3, 0.3), M (PATH_4, 0.3) },
    "hardly learned yet",
    NULL,
    "Path" },
  { "googlenet-paths",
    { M (LAST, 0.8), M (PATH_1, 0.8), M (PATH_2, 0.8), M (PATH_3, 0.8), M (PATH_4, 0.799) },
    "None alone",
    NULL,
    "Path" },
  { "googlenet-paths",
    { M (LAST, 0.8), M (PATH_1, 0.6), M (PATH_2, 0.2), M (PATH_3, 0.7), M (PATH_4, 0.75) },
    "Path 2, the 3×3 convolutions: without it test accuracy falls from 0.800 to 0.200",
    "The pooling path is missed least (0.750)",
    NULL },
  { "googlenet-paths",
    { M (LAST, 0.8), M (PATH_1, 0.1), M (PATH_2, 0.2), M (PATH_3, 0.79), M (PATH_4, 0.75) },
    "Path 1",
    "The 5×5 path is missed least",
    NULL },
  { "bn-faster",
    { M (REACHED, 2, 10), M (FIRST_LOSS, 0.7, 2.3), BEST (0.86, 0.81), M (WORST, 0.65, 0.75) },
    "Yes. At the same learning rate the network with BN reaches a test accuracy of 0.8 in epoch "
    "2, the one without in epoch 10. LeNet first stands still",
    "down to 0.650",
    NULL },
  { "bn-faster",
    { M (REACHED, 2, UNKNOWN), M (FIRST_LOSS, 0.7, 1.4) },
    "not at all",
    NULL,
    "stands still" },
  { "bn-faster", { M (REACHED, 4, 4), M (FIRST_LOSS, 0.7, 1.4) }, "In the loss, yes", NULL, NULL },
  { "bn-faster",
    { M (REACHED, 4, 2), M (FIRST_LOSS, 0.7, 0.7) },
    "Not in these runs",
    NULL,
    "jumps" },
  { "bn-jump",
    { BEST (0.87), M (WORST, 0.7) },
    "does jump: between 0.700 and 0.870",
    "not been compared",
    NULL },
  { "bn-jump",
    { BEST (0.87), M (WORST, 0.86), M (BN_BATCH, 0.87), M (BN_RUNNING, 0.869), M (BN_FRESH, 0.87) },
    "hardly jumps",
    "agree",
    NULL },
  { "bn-jump",
    { BEST (0.87), M (WORST, 0.7), M (BN_BATCH, 0.874), M (BN_RUNNING, 0.79), M (BN_FRESH, 0.874) },
    "lag behind the weights: with them the same weights score 0.790, with averages measured afresh "
    "0.874",
    NULL,
    "Not because" },
  { "bn-jump",
    { BEST (0.87), M (WORST, 0.7), M (BN_BATCH, 0.87), M (BN_RUNNING, 0.79), M (BN_FRESH, 0.80) },
    "Not because running averages lag",
    NULL,
    NULL },
  { "bn-jump",
    { BEST (0.87), M (WORST, 0.7), M (BN_BATCH, 0.5), M (BN_RUNNING, 0.79), M (BN_FRESH, 0.8) },
    "worse ones (0.500 against 0.790",
    NULL,
    "agree" },
  { "bn-batch",
    { BEST (0.87, 0.865, 0.6), M (TRAIN, 0.8, 0.8, 0.6), M (SECONDS, 1, 1.5, 9) },
    "16 will do, 2 will not",
    "a guess",
    NULL },
  { "bn-batch",
    { BEST (0.87, 0.8, 0.6), M (SECONDS, 1, 1.5, 9) },
    "Larger than 16",
    "takes 9.0 s instead of 1.0 s",
    "a guess" },
  { "bn-batch", { BEST (0.87, 0.87, 0.869) }, "As small as 2", NULL, "instead" },
  { "resnet-shortcuts", { BEST (0.85, 0.1) }, "does not learn", NULL, NULL },
  { "resnet-shortcuts",
    { BEST (0.85, 0.75), M (FIRST_LOSS, 0.6, 0.8), M (GRADIENT, 0.5, 0.25) },
    "They do, but worse: 0.750",
    "gradient is 0.5 times the last one's",
    NULL },
  { "resnet-shortcuts",
    { BEST (0.75, 0.85), M (FIRST_LOSS, 0.8, 0.6) },
    "here even better",
    "even starts faster",
    "gradient" },
  { "resnet-shortcuts",
    { BEST (0.85, 0.85), M (FIRST_LOSS, 0.6, 0.8) },
    "Yes: 0.850 without",
    "With them it learns faster",
    NULL },
  { "densenet-concat",
    { BEST (0.85, 0.75), M (PARAMETERS, 758226, 760900), M (SECONDS, 10, 5) },
    "To concatenate",
    "DenseNet's epoch takes 10.0 s",
    NULL },
  { "densenet-concat",
    { BEST (0.75, 0.85), M (PARAMETERS, 758226, 760900) },
    "To add, here",
    NULL,
    "epoch takes" },
  { "densenet-concat", { BEST (0.85, 0.85) }, "do not settle", NULL, NULL },
};

static void
fill (const Case *c, int n_runs, LwNumbers *numbers)
{
  for (int i = 0; i < n_runs; i++) {
    lw_numbers_init (&numbers[i]);
    numbers[i].state = LW_RUN_FINISHED;
    numbers[i].epochs = 4;
    for (guint k = 0; k < G_N_ELEMENTS (c->given) && c->given[k].measure != LW_MEASURE_NONE; k++)
      if (c->given[k].values[i] != UNKNOWN)
        numbers[i].values[c->given[k].measure] = c->given[k].values[i];
  }
}

static void
assert_clean (const char *answer)
{
  g_assert_true (g_utf8_validate (answer, -1, NULL));
  g_assert_null (strchr (answer, '{'));
  g_assert_null (strstr (answer, "nan"));
  g_assert_null (strstr (answer, "  "));
}

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const LwExperiment *experiment = lw_experiment_by_name (cases[i].name);
    LwNumbers numbers[LW_EXPERIMENT_RUNS];
    g_autofree char *answer = NULL;

    fill (&cases[i], experiment->n_runs, numbers);
    answer = lw_experiment_answer (experiment, numbers, experiment->n_runs, NULL);
    assert_clean (answer);
    g_test_message ("%s", answer);
    g_assert_nonnull (strstr (answer, cases[i].says));
    g_assert_true (cases[i].also == NULL || strstr (answer, cases[i].also) != NULL);
    g_assert_true (cases[i].not == NULL || strstr (answer, cases[i].not ) == NULL);
  }
}

/* Whatever is measured: whole sentences without gaps. */
static void
test_any_numbers (void)
{
  GRand *rand = g_rand_new_with_seed (7);

  for (int i = 0; i < 300 * lw_n_experiments (); i++) {
    const LwExperiment *experiment = lw_experiment (i % lw_n_experiments ());
    LwNumbers numbers[LW_EXPERIMENT_RUNS];
    g_autofree char *answer = NULL;

    for (int run = 0; run < experiment->n_runs; run++) {
      lw_numbers_init (&numbers[run]);
      numbers[run].epochs = g_rand_int_range (rand, 0, 4);
      numbers[run].state = g_rand_boolean (rand) ? LW_RUN_FINISHED : LW_RUN_DIVERGED;
      for (int m = 1; m < LW_N_MEASURES; m++)
        if (g_rand_int_range (rand, 0, 5) > 0)
          numbers[run].values[m] = g_rand_double_range (rand, 0, 1.2);
    }
    answer = lw_experiment_answer (experiment, numbers, experiment->n_runs, NULL);
    assert_clean (answer);
    g_assert_true (g_str_has_suffix (answer, "."));
  }
  g_rand_free (rand);
}

static void
test_unfinished (void)
{
  const LwExperiment *experiment = lw_experiment_by_name ("resnet-shortcuts");
  LwNumbers numbers[2];
  g_autofree char *none = NULL, *diverged = NULL;

  lw_numbers_init (&numbers[0]);
  lw_numbers_init (&numbers[1]);
  none = lw_experiment_answer (experiment, numbers, 2, NULL);
  g_assert_nonnull (strstr (none, "there is no answer"));
  numbers[0].epochs = 3;
  numbers[0].values[LW_MEASURE_BEST] = 0.8;
  numbers[1].state = LW_RUN_DIVERGED;
  diverged = lw_experiment_answer (experiment, numbers, 2, NULL);
  g_assert_nonnull (strstr (diverged, "does not learn"));
  g_assert_nonnull (strstr (diverged, "One run diverged"));
}

/* 2 √(2 · 0.8 · 0.2 / n), at least 0.01. */
static void
test_noise (void)
{
  LwNumbers a, b;

  lw_numbers_init (&a);
  lw_numbers_init (&b);
  a.values[LW_MEASURE_BEST] = b.values[LW_MEASURE_BEST] = 0.8;
  a.test_images = 2000;
  g_assert_cmpfloat_with_epsilon (lw_experiment_noise (&a, &b), 0.0252982, 1e-6);
  a.test_images = 1000000;
  g_assert_cmpfloat (lw_experiment_noise (&a, &b), ==, 0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/experiment-answers/answers", test_answers);
  g_test_add_func ("/experiment-answers/any-numbers", test_any_numbers);
  g_test_add_func ("/experiment-answers/unfinished", test_unfinished);
  g_test_add_func ("/experiment-answers/noise", test_noise);
  return g_test_run ();
}
