/* What numbers of a training are judged to mean: badges, symptoms, where a divergence began. */
#include "engine/health.h"
#include "engine/models.h"

#include <math.h>
#include <string.h>

static LwGraph *
make_lenet (const char *activation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
  LwGraph *graph;

  g_assert_true (lw_options_set (options, "activation", activation, &error));
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

/* conv, act, conv, act, linear, act, linear, act, linear: nine rows. */
enum { ROWS = 9 };

static int32_t
find_layers (const LwGraph *graph, LwNodeId *layers)
{
  int32_t n = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwOp op = lw_graph_node (graph, id)->op;

    if (op == LW_OP_CONV2D || op == LW_OP_LINEAR || op == LW_OP_RELU || op == LW_OP_SIGMOID)
      layers[n++] = id;
  }
  g_assert_cmpint (n, ==, ROWS);
  return n;
}

/* A healthy training's. */
static void
fill_healthy (float values[LW_HEALTH_N_FIELDS][ROWS])
{
  for (int f = 0; f < LW_HEALTH_N_FIELDS; f++)
    for (int l = 0; l < ROWS; l++)
      values[f][l] = NAN;
  for (int l = 0; l < ROWS; l++) {
    if (l % 2 == 0) {
      values[LW_HEALTH_UPDATE][l] = 1e-3F;
      values[LW_HEALTH_GRADIENT][l] = 0.1F;
    } else
      values[LW_HEALTH_DEAD][l] = 0;
    values[LW_HEALTH_DEVIATION][l] = 1;
    values[LW_HEALTH_VARIATION][l] = 0.3F;
  }
}

static void
test_numbers (void)
{
  static const struct {
    double ratio;
    LwHealthLevel level;
    bool high;
  } updates[] = { { 1e-3, LW_LEVEL_GOOD, false },       { 0.5e-3, LW_LEVEL_GOOD, false },
                  { 0.49e-3, LW_LEVEL_WARNING, false }, { 0, LW_LEVEL_WARNING, false },
                  { 20e-3, LW_LEVEL_GOOD, false },      { 21e-3, LW_LEVEL_WARNING, true },
                  { 0.11, LW_LEVEL_ERROR, true },       { INFINITY, LW_LEVEL_ERROR, true },
                  { NAN, LW_LEVEL_NONE, false } };

  for (guint i = 0; i < G_N_ELEMENTS (updates); i++) {
    const LwHealthBadge b = lw_judge_update (updates[i].ratio);

    g_assert_cmpint (b.level, ==, updates[i].level);
    g_assert_cmpint (b.high, ==, updates[i].high);
  }
  g_assert_cmpint (lw_judge_saturated (0.39).level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (lw_judge_saturated (0.40).level, ==, LW_LEVEL_WARNING);
  g_assert_cmpint (lw_judge_saturated (0.9).level, ==, LW_LEVEL_ERROR);
  g_assert_cmpint (lw_judge_dead (0.1).level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (lw_judge_dead (0.2).level, ==, LW_LEVEL_WARNING);
  g_assert_cmpint (lw_judge_dead (1).level, ==, LW_LEVEL_ERROR);
  g_assert_cmpint (lw_judge_dead (NAN).level, ==, LW_LEVEL_NONE);
  g_assert_cmpint (lw_judge_gradient (0.02, 1).level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (lw_judge_gradient (0.009, 1).level, ==, LW_LEVEL_WARNING);
  g_assert_false (lw_judge_gradient (0.009, 1).high);
  g_assert_cmpint (lw_judge_gradient (101, 1).level, ==, LW_LEVEL_WARNING);
  g_assert_true (lw_judge_gradient (101, 1).high);
  g_assert_cmpint (lw_judge_gradient (INFINITY, 1).level, ==, LW_LEVEL_ERROR);
  g_assert_cmpint (lw_judge_gradient (0, 0).level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (lw_judge_spread (0.5).level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (lw_judge_spread (0.4).level, ==, LW_LEVEL_WARNING);
  g_assert_cmpint (lw_judge_spread (2.1).level, ==, LW_LEVEL_WARNING);
  g_assert_cmpint (lw_judge_spread (100).level, ==, LW_LEVEL_ERROR);
}

static LwHealthReport *
judge (const LwGraph *graph, const LwNodeId *layers, float values[LW_HEALTH_N_FIELDS][ROWS])
{
  return lw_health_judge (graph, layers, ROWS, &values[0][0]);
}

static void
test_symptoms (void)
{
  g_autoptr (LwGraph) graph = make_lenet ("relu");
  LwNodeId layers[32];
  float values[LW_HEALTH_N_FIELDS][ROWS];
  LwHealthReport *report;

  find_layers (graph, layers);
  fill_healthy (values);
  report = judge (graph, layers, values);
  g_assert_cmpint (report->n_findings, ==, 0);
  g_assert_cmpint (report->badges[0][LW_CHECK_UPDATE].level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (report->badges[1][LW_CHECK_UPDATE].level, ==, LW_LEVEL_NONE);
  g_assert_cmpint (report->badges[1][LW_CHECK_DEAD].level, ==, LW_LEVEL_GOOD);
  g_assert_cmpint (report->badges[8][LW_CHECK_SPREAD].level, ==, LW_LEVEL_NONE); /* logits */
  lw_health_report_free (report);

  /* Errors stand first; the worst layer is named; all that have it are counted. */
  values[LW_HEALTH_DEAD][3] = 0.3F;
  values[LW_HEALTH_DEAD][5] = 0.5F;
  values[LW_HEALTH_UPDATE][2] = 0.4F;
  values[LW_HEALTH_GRADIENT][0] = 0.5e-3F;
  report = judge (graph, layers, values);
  g_assert_cmpint (report->n_findings, ==, 3);
  g_assert_cmpint (report->findings[0].symptom, ==, LW_SYMPTOM_LARGE_STEPS);
  g_assert_cmpint (report->findings[0].level, ==, LW_LEVEL_ERROR);
  g_assert_cmpint (report->findings[0].layer, ==, layers[2]);
  g_assert_cmpint (report->findings[1].symptom, ==, LW_SYMPTOM_DEAD);
  g_assert_cmpint (report->findings[1].layer, ==, layers[5]);
  g_assert_cmpint (report->findings[1].n_layers, ==, 2);
  g_assert_cmpint (report->findings[2].symptom, ==, LW_SYMPTOM_VANISHING);
  g_assert_cmpint (report->findings[2].row, ==, 0);
  g_assert_cmpfloat_with_epsilon (report->findings[2].value, 0.005, 1e-6);
  lw_health_report_free (report);

  /* Where a layer is dead, no gradient is missed. */
  fill_healthy (values);
  values[LW_HEALTH_DEAD][3] = 1;
  values[LW_HEALTH_GRADIENT][0] = 0;
  report = judge (graph, layers, values);
  g_assert_cmpint (report->n_findings, ==, 1);
  g_assert_cmpint (report->findings[0].symptom, ==, LW_SYMPTOM_DEAD);
  lw_health_report_free (report);

  /* Small steps are said when most layers make them. */
  fill_healthy (values);
  values[LW_HEALTH_UPDATE][0] = values[LW_HEALTH_UPDATE][2] = 1e-4F;
  report = judge (graph, layers, values);
  g_assert_cmpint (report->n_findings, ==, 0);
  lw_health_report_free (report);
  values[LW_HEALTH_UPDATE][4] = 0.9e-4F;
  report = judge (graph, layers, values);
  g_assert_cmpint (report->n_findings, ==, 1);
  g_assert_cmpint (report->findings[0].symptom, ==, LW_SYMPTOM_SMALL_STEPS);
  g_assert_cmpint (report->findings[0].row, ==, 4);

  /* Not learning comes first, with the first layer that puts out the same for all images. */
  report->variation[3] = 0.00002F;
  report->variation[5] = 0.00001F;
  lw_health_report_add_not_learning (report);
  lw_health_report_add_not_learning (report);
  g_assert_cmpint (report->n_findings, ==, 2);
  g_assert_cmpint (report->findings[0].symptom, ==, LW_SYMPTOM_NOT_LEARNING);
  g_assert_cmpint (report->findings[0].layer, ==, layers[3]);
  lw_health_report_free (report);
}

static void
add_steps (LwRunLog *log, int64_t first, int n, double loss)
{
  for (int i = 0; i < n; i++) {
    const LwEvent event = { .kind = LW_EVENT_STEP, .step = first + i, .loss = (float)loss };

    lw_run_log_append (log, &event);
  }
}

static void
test_not_learning (void)
{
  LwRunLog *log = lw_run_log_new ();

  add_steps (log, 1, 49, 2.31);
  g_assert_false (lw_is_not_learning (log, 10, 100)); /* less than half an epoch */
  add_steps (log, 50, 3, 2.31);
  g_assert_true (lw_is_not_learning (log, 10, 100));
  g_assert_false (lw_is_not_learning (log, 4, 100)); /* of four classes it would be a bad loss */
  g_assert_false (lw_is_not_learning (log, 10, 0));
  add_steps (log, 53, 12, 2.2);
  g_assert_false (lw_is_not_learning (log, 10, 100));
  add_steps (log, 65, 52, 2.30);
  g_assert_true (lw_is_not_learning (log, 10, 100));
  add_steps (log, 117, 12, NAN);
  g_assert_false (lw_is_not_learning (log, 10, 100));
  lw_run_log_unref (log);
}

/* --- divergence --------------------------------------------------------------------------------
 */

static LwDivergence *
make_table (int64_t first, const float outputs[3][4], const float weights[3][4])
{
  LwDivergence *d = lw_divergence_new (3, 4);

  for (int32_t l = 0; l < 3; l++)
    d->layers[l] = l + 1;
  for (int t = 0; t < 4; t++)
    d->steps[t] = first + t;
  memcpy (d->outputs, outputs, sizeof (float) * 12);
  memcpy (d->weights, weights, sizeof (float) * 12);
  return d;
}

static void
test_origin (void)
{
  static const float flat[3][4] = { { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, { 1, 1, 1, 1 } };
  /* The second layer's weights jump after iteration 5, the first's later and farther. */
  static const float jump[3][4] = { { 2, 2, 3, 900 }, { 2, 3, 60, 70 }, { 2, 5, 80, 90 } };
  static const float leap[3][4] = { { 1, 2, 3, 4 }, { 1, 2, 300, INFINITY }, { 1, 2, 900, NAN } };
  static const float grown[3][4] = { { 1, 1.2F, 1.4F, 1.6F }, { 1, 2, 3, 5 }, { 1, 2, 3, 4 } };
  static const float broken[3][4] = { { 1, 1, 1, 1 }, { 1, 1, 1, NAN }, { 1, 1, 1, NAN } };
  g_autoptr (LwGraph) graph = make_lenet ("relu");
  g_autofree char *sentence = NULL, *grew = NULL;
  LwDivergence *d = make_table (4, flat, jump);
  LwDivergenceOrigin origin = lw_divergence_origin (d);

  g_assert_cmpint (origin.how, ==, LW_BEGAN_STEP);
  g_assert_cmpint (origin.layer, ==, 1);
  g_assert_cmpint (origin.column, ==, 2);
  g_assert_cmpfloat (origin.factor, ==, 20);
  d->layers[1] = 1; /* the first convolution */
  sentence = lw_divergence_sentence (d, graph);
  g_assert_cmpstr (sentence, ==,
                   "It began in conv 1: the step of iteration 5 made its weights 20 times longer.");
  lw_divergence_free (d);

  d = make_table (1, leap, flat);
  origin = lw_divergence_origin (d);
  g_assert_cmpint (origin.how, ==, LW_BEGAN_OUTPUTS);
  g_assert_cmpint (origin.layer, ==, 1);
  g_assert_cmpint (lw_divergence_step (d), ==, 4);
  lw_divergence_free (d);

  d = make_table (1, flat, grown);
  origin = lw_divergence_origin (d);
  g_assert_cmpint (origin.how, ==, LW_BEGAN_GROWTH);
  g_assert_cmpint (origin.layer, ==, 1);
  g_assert_cmpfloat (origin.factor, ==, 5);
  d->layers[1] = 1;
  grew = lw_divergence_sentence (d, graph);
  g_assert_cmpstr (grew, ==,
                   "It grew fastest in conv 1: its weights became 5.00 times longer over the last "
                   "iterations.");
  lw_divergence_free (d);

  d = make_table (1, broken, flat);
  origin = lw_divergence_origin (d);
  g_assert_cmpint (origin.how, ==, LW_BEGAN_INPUT);
  g_assert_cmpint (origin.layer, ==, 1);
  lw_divergence_free (d);

  d = make_table (1, flat, flat);
  g_assert_cmpint (lw_divergence_origin (d).how, ==, LW_BEGAN_UNKNOWN);
  g_assert_null (lw_divergence_sentence (d, graph));
  lw_divergence_free (d);
  d = lw_divergence_new (0, 0);
  g_assert_cmpint (lw_divergence_origin (d).how, ==, LW_BEGAN_UNKNOWN);
  lw_divergence_free (d);
}

static void
test_words (void)
{
  static const struct {
    double value;
    const char *words;
  } numbers[] = { { 0, "0.00" },          { 1.17, "1.17" },     { 0.49, "0.49" },
                  { 263.4, "263" },       { 9999, "9999" },     { 5.3e6, "5.3·10⁶" },
                  { 2.9e38, "2.9·10³⁸" }, { 1e15, "1.0·10¹⁵" }, { 2e-5, "2.0·10⁻⁵" },
                  { INFINITY, "∞" },      { NAN, "NaN" },       { 9.9999e11, "1.0·10¹²" } };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *words = lw_divergence_number (numbers[i].value);

    g_assert_cmpstr (words, ==, numbers[i].words);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/numbers", test_numbers);
  g_test_add_func ("/health/symptoms", test_symptoms);
  g_test_add_func ("/health/not-learning", test_not_learning);
  g_test_add_func ("/health/divergence/origin", test_origin);
  g_test_add_func ("/health/divergence/words", test_words);
  return g_test_run ();
}
