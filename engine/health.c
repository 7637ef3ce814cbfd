#include "engine/health.h"

#include <math.h>

#define RECENT 5 /* moments whose median is judged */

#define UPDATE_LEAST 0.5e-3
#define UPDATE_MOST  20e-3
#define UPDATE_WILD  0.1
#define DEAD_WARNED  0.2
#define DEAD_BAD     0.8
#define FLAT_WARNED  0.4
#define FLAT_BAD     0.8
#define FADING       1e-2 /* gradient by the last layer's; and its inverse */
#define FADED        1e-4
#define SPREAD_LEAST 0.5
#define SPREAD_MOST  2.0
#define SPREAD_WILD  20.0 /* and its inverse */

/* --- one number --------------------------------------------------------------------------------
 */

static LwHealthBadge
badge (LwHealthLevel level, bool high, double value)
{
  return (LwHealthBadge){ level, high, value };
}

/* Good between `least` and `most`, an error from `wild` times beyond them on. */
static LwHealthBadge
judge_range (double value, double least, double most, double wild_least, double wild_most)
{
  if (isnan (value))
    return badge (LW_LEVEL_NONE, false, NAN);
  if (value > most)
    return badge (value > wild_most ? LW_LEVEL_ERROR : LW_LEVEL_WARNING, true, value);
  if (value < least)
    return badge (value < wild_least ? LW_LEVEL_ERROR : LW_LEVEL_WARNING, false, value);
  return badge (LW_LEVEL_GOOD, false, value);
}

LwHealthBadge
lw_judge_update (double ratio)
{
  return judge_range (ratio, UPDATE_LEAST, UPDATE_MOST, -1, UPDATE_WILD);
}

static LwHealthBadge
judge_share (double share, double warned, double bad)
{
  if (isnan (share))
    return badge (LW_LEVEL_NONE, false, NAN);
  return badge (share >= bad      ? LW_LEVEL_ERROR
                : share >= warned ? LW_LEVEL_WARNING
                                  : LW_LEVEL_GOOD,
                share >= warned, share);
}

LwHealthBadge
lw_judge_dead (double share)
{
  return judge_share (share, DEAD_WARNED, DEAD_BAD);
}

LwHealthBadge
lw_judge_saturated (double share)
{
  return judge_share (share, FLAT_WARNED, FLAT_BAD);
}

LwHealthBadge
lw_judge_gradient (double norm, double last_norm)
{
  LwHealthBadge judged;

  if (isnan (norm) || isinf (norm))
    return badge (isinf (norm) ? LW_LEVEL_ERROR : LW_LEVEL_NONE, true, norm);
  if (!(last_norm > 0))
    return badge (LW_LEVEL_GOOD, false, norm); /* all is learned, or all is dead */
  judged = judge_range (norm / last_norm, FADING, 1 / FADING, FADED, 1 / FADED);
  judged.value = norm;
  return judged;
}

LwHealthBadge
lw_judge_spread (double deviation)
{
  return judge_range (deviation, SPREAD_LEAST, SPREAD_MOST, 1 / SPREAD_WILD, SPREAD_WILD);
}

/* --- a network ---------------------------------------------------------------------------------
 */

static bool
has_weights (const LwGraph *graph, LwNodeId id)
{
  const LwOp op = lw_graph_node (graph, id)->op;

  return op == LW_OP_CONV2D || op == LW_OP_LINEAR;
}

/* What enters an activation, or would: a normalization, or a layer with weights that none follows.
 */
static bool
enters_activation (const LwGraph *graph, LwNodeId id)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (graph, id, &n);

  if (lw_graph_node (graph, id)->op == LW_OP_BATCH_NORM)
    return true;
  return has_weights (graph, id) && n > 0 && id != lw_graph_output (graph) &&
         lw_graph_node (graph, readers[0])->op != LW_OP_BATCH_NORM;
}

static LwHealthCheck
check_of (LwSymptom symptom)
{
  static const LwHealthCheck checks[LW_N_SYMPTOMS] = {
    [LW_SYMPTOM_NOT_LEARNING] = LW_N_CHECKS,     [LW_SYMPTOM_EXPLODING] = LW_CHECK_GRADIENT,
    [LW_SYMPTOM_VANISHING] = LW_CHECK_GRADIENT,  [LW_SYMPTOM_DEAD] = LW_CHECK_DEAD,
    [LW_SYMPTOM_SATURATED] = LW_CHECK_SATURATED, [LW_SYMPTOM_LARGE_STEPS] = LW_CHECK_UPDATE,
    [LW_SYMPTOM_SMALL_STEPS] = LW_CHECK_UPDATE,  [LW_SYMPTOM_WIDE] = LW_CHECK_SPREAD,
    [LW_SYMPTOM_NARROW] = LW_CHECK_SPREAD,
  };

  return checks[symptom];
}

static bool
is_high (LwSymptom symptom)
{
  return symptom != LW_SYMPTOM_VANISHING && symptom != LW_SYMPTOM_SMALL_STEPS &&
         symptom != LW_SYMPTOM_NARROW;
}

/* Keeps errors first. */
static void
add_finding (LwHealthReport *report, LwFinding finding)
{
  int32_t at = report->n_findings++;

  for (; at > 0 && report->findings[at - 1].level < finding.level; at--)
    report->findings[at] = report->findings[at - 1];
  report->findings[at] = finding;
}

/* A layer that learns slowly is nothing to say while others do not; large steps and spreads only
 * are when they are wild: they wander in healthy trainings, those of the book's recipes too. */
static bool
is_worth_saying (const LwFinding *finding, int32_t n_judged)
{
  if (finding->n_layers == 0)
    return false;
  if (finding->symptom == LW_SYMPTOM_SMALL_STEPS)
    return 2 * finding->n_layers > n_judged;
  if (finding->symptom == LW_SYMPTOM_WIDE || finding->symptom == LW_SYMPTOM_NARROW ||
      finding->symptom == LW_SYMPTOM_LARGE_STEPS)
    return finding->level == LW_LEVEL_ERROR;
  return true;
}

static void
find (LwHealthReport *report, LwSymptom symptom, double scale)
{
  const LwHealthCheck check = check_of (symptom);
  const bool high = is_high (symptom);
  LwFinding finding = { symptom, LW_LEVEL_NONE, LW_NO_NODE, -1, 0, 0 };
  int32_t n_judged = 0;

  for (int32_t l = 0; l < report->n_layers; l++) {
    const LwHealthBadge *b = &report->badges[l][check];

    n_judged += b->level != LW_LEVEL_NONE;
    if (b->level < LW_LEVEL_WARNING || b->high != high)
      continue;
    finding.n_layers++;
    if (finding.row >= 0 && (b->level < finding.level ||
                             (b->level == finding.level &&
                              (high ? b->value <= finding.value : b->value >= finding.value))))
      continue;
    finding.level = b->level;
    finding.layer = report->layers[l];
    finding.row = l;
    finding.value = b->value;
  }
  finding.value *= scale;
  if (is_worth_saying (&finding, n_judged))
    add_finding (report, finding);
}

static float
value_of (const LwHealthReport *report, const float *values, LwHealthField field, int32_t layer)
{
  return values[(gsize)field * (gsize)report->n_layers + (gsize)layer];
}

static void
judge_layer (LwHealthReport *report, const LwGraph *graph, const float *values, int32_t l,
             double last_gradient)
{
  LwHealthBadge *badges = report->badges[l];
  const LwNodeId id = report->layers[l];
  const bool weighted = has_weights (graph, id);

  badges[LW_CHECK_UPDATE] =
      lw_judge_update (weighted ? (double)value_of (report, values, LW_HEALTH_UPDATE, l) : NAN);
  badges[LW_CHECK_GRADIENT] = lw_judge_gradient (
      weighted ? (double)value_of (report, values, LW_HEALTH_GRADIENT, l) : NAN, last_gradient);
  badges[LW_CHECK_DEAD] = lw_judge_dead ((double)value_of (report, values, LW_HEALTH_DEAD, l));
  badges[LW_CHECK_SATURATED] =
      lw_judge_saturated ((double)value_of (report, values, LW_HEALTH_SATURATED, l));
  badges[LW_CHECK_SPREAD] = lw_judge_spread (
      enters_activation (graph, id) ? (double)value_of (report, values, LW_HEALTH_DEVIATION, l)
                                    : NAN);
}

/* Then there is no gradient because nothing is alive to pass it on. */
static bool
has_died (const LwHealthReport *report)
{
  for (int32_t i = 0; i < report->n_findings; i++)
    if (report->findings[i].symptom == LW_SYMPTOM_DEAD &&
        report->findings[i].level == LW_LEVEL_ERROR)
      return true;
  return false;
}

LwHealthReport *
lw_health_judge (const LwGraph *graph, const LwNodeId *layers, int32_t n_layers,
                 const float *values)
{
  LwHealthReport *report = g_new0 (LwHealthReport, 1);
  double last = NAN;

  report->n_layers = n_layers;
  report->layers = g_memdup2 (layers, sizeof *layers * (gsize)n_layers);
  report->badges = g_malloc0 (sizeof *report->badges * ((gsize)n_layers + 1));
  report->variation = g_new0 (float, n_layers + 1);
  for (int32_t l = 0; l < n_layers; l++) {
    report->variation[l] = value_of (report, values, LW_HEALTH_VARIATION, l);
    if (has_weights (graph, layers[l]))
      last = (double)value_of (report, values, LW_HEALTH_GRADIENT, l);
  }
  for (int32_t l = 0; l < n_layers; l++)
    judge_layer (report, graph, values, l, last);
  for (int s = LW_SYMPTOM_EXPLODING; s < LW_N_SYMPTOMS; s++)
    if (s != LW_SYMPTOM_VANISHING || !has_died (report))
      find (report, (LwSymptom)s, s == LW_SYMPTOM_VANISHING && last > 0 ? 1 / last : 1);
  return report;
}

void
lw_health_report_free (LwHealthReport *report)
{
  if (report == NULL)
    return;
  g_free (report->layers);
  g_free (report->badges);
  g_free (report->variation);
  g_free (report);
}

/* A divergence is an explosion; all else that the layers show then follows from it. */
static void
set_divergence (LwHealthReport *report, const LwDivergence *divergence)
{
  const LwDivergenceOrigin origin = lw_divergence_origin (divergence);
  LwFinding finding = { LW_SYMPTOM_EXPLODING, LW_LEVEL_ERROR, LW_NO_NODE, -1, 1, origin.factor };

  if (origin.layer >= 0)
    finding.layer = divergence->layers[origin.layer];
  for (int32_t l = 0; l < report->n_layers; l++)
    if (report->layers[l] == finding.layer)
      finding.row = l;
  report->n_findings = 0;
  add_finding (report, finding);
}

LwHealthReport *
lw_health_report_new (LwHealthRecord *record, const LwGraph *graph)
{
  int32_t n;
  const LwNodeId *layers = lw_health_record_layers (record, &n);
  g_autofree float *values = g_new (float, (gsize)LW_HEALTH_N_FIELDS *(gsize)n + 1);
  g_autoptr (LwDivergence) divergence = lw_health_record_divergence (record);
  LwHealthReport *report;

  if (lw_health_record_moments (record) < LW_HEALTH_LEAST && divergence == NULL)
    return NULL;
  for (int f = 0; f < LW_HEALTH_N_FIELDS; f++)
    lw_health_record_recent (record, (LwHealthField)f, RECENT, values + f * n);
  report = lw_health_judge (graph, layers, n, values);
  if (divergence != NULL)
    set_divergence (report, divergence);
  return report;
}

/* --- not learning ------------------------------------------------------------------------------
 */

void
lw_health_report_add_not_learning (LwHealthReport *report)
{
  LwFinding finding = { LW_SYMPTOM_NOT_LEARNING, LW_LEVEL_ERROR, LW_NO_NODE, -1, 1, NAN };

  for (int32_t i = 0; i < report->n_findings; i++)
    if (report->findings[i].symptom == LW_SYMPTOM_NOT_LEARNING)
      return;
  for (int32_t l = 0; l < report->n_layers; l++) {
    const double variation = (double)report->variation[l];

    if (isnan (variation) || (finding.row >= 0 && variation >= finding.value))
      continue;
    finding.row = l;
    finding.layer = report->layers[l];
    finding.value = variation;
    if (variation < LW_HEALTH_CONSTANT)
      break;
  }
  add_finding (report, finding);
  for (int32_t at = report->n_findings - 1; at > 0; at--) /* it is what matters most */
    if (report->findings[at].symptom == LW_SYMPTOM_NOT_LEARNING) {
      report->findings[at] = report->findings[at - 1];
      report->findings[at - 1] = finding;
    }
}

bool
lw_is_not_learning (const LwRunLog *run_log, int32_t classes, int64_t steps_per_epoch)
{
  const double guess = log ((double)MAX (classes, 1));
  const int64_t quarter = (steps_per_epoch + 7) / 8;
  double sum = 0;
  int64_t n = 0, quarters = 0;

  if (classes < 2 || steps_per_epoch < 1)
    return false;
  for (int64_t i = lw_run_log_length (run_log) - 1; i >= 0 && quarters < 4; i--) {
    const LwEvent *event = lw_run_log_get (run_log, i);

    if (event->kind != LW_EVENT_STEP)
      continue;
    sum += (double)event->loss;
    if (++n < quarter)
      continue;
    if (!(fabs (sum / (double)n - guess) <= 0.01 * guess))
      return false;
    sum = 0;
    n = 0;
    quarters++;
  }
  return quarters == 4;
}
