#include "ui/draw/health-words.h"

#include <glib/gi18n.h>
#include <math.h>

/* --- symptoms ----------------------------------------------------------------------------------
 */

static const struct {
  const char *name, *cure, *chart;
  double factor; /* of the learning rate */
  LwHealthField field;
  double low, high;
  bool log;
} symptoms[LW_N_SYMPTOMS] = {
  [LW_SYMPTOM_NOT_LEARNING] = { N_ ("not learning"),
                                N_ ("At too high a learning rate networks more often die like this "
                                    "than reach NaN: train again "
                                    "with a tenth of it. If the rate is small already, use a "
                                    "normalization, another activation "
                                    "or Adam, and give it more time: networks of sigmoids start "
                                    "slowly."),
                                N_ ("How much its outputs differ between images"), 0.1,
                                LW_HEALTH_VARIATION, 0.01, NAN, true },
  [LW_SYMPTOM_EXPLODING] = { N_ ("exploding gradients"),
                             N_ ("Divide the learning rate by ten; batch normalization keeps "
                                 "activations, and so gradients, "
                                 "in range."),
                             N_ ("Length of its gradient"), 0.1, LW_HEALTH_GRADIENT, NAN, NAN,
                             true },
  [LW_SYMPTOM_VANISHING] = { N_ ("vanishing gradients"),
                             N_ ("Use ReLU instead of sigmoid, batch normalization, or shortcuts "
                                 "around blocks: each lets "
                                 "the gradient through to the first layers."),
                             N_ ("Length of its gradient"), 1, LW_HEALTH_GRADIENT, NAN, NAN, true },
  [LW_SYMPTOM_DEAD] = { N_ ("dead ReLUs"),
                        N_ ("Dead units do not come back. Train again with a smaller learning "
                            "rate, or with batch "
                            "normalization, which keeps what enters a ReLU around 0."),
                        N_ ("Share of its units that are dead"), 0.1, LW_HEALTH_DEAD, NAN, 0.2,
                        false },
  [LW_SYMPTOM_SATURATED] = { N_ ("saturated"),
                             N_ ("Batch normalization keeps what enters the activation near its "
                                 "steep middle; ReLU has no "
                                 "flat end for positive values."),
                             N_ ("Share of its outputs at the flat ends"), 1, LW_HEALTH_SATURATED,
                             NAN, 0.4, false },
  [LW_SYMPTOM_LARGE_STEPS] = { N_ ("large steps"),
                               N_ ("Steps that large jump over what they look for. Divide the "
                                   "learning rate by ten, or warm "
                                   "up: start small and raise it over the first epoch."),
                               N_ ("Step by weight length"), 0.1, LW_HEALTH_UPDATE, 0.5e-3, 20e-3,
                               true },
  [LW_SYMPTOM_SMALL_STEPS] = { N_ ("small steps"),
                               N_ ("At this pace learning takes long: multiply the learning rate "
                                   "by three to ten. At the end "
                                   "of a training whose loss no longer falls, small steps are as "
                                   "they should be."),
                               N_ ("Step by weight length"), 10, LW_HEALTH_UPDATE, 0.5e-3, 20e-3,
                               true },
  [LW_SYMPTOM_WIDE] = { N_ ("wide activations"),
                        N_ ("Batch normalization brings their spread back to 1; a smaller learning "
                            "rate keeps weights "
                            "from growing."),
                        N_ ("Spread of what enters the activation"), 0.1, LW_HEALTH_DEVIATION, 0.5,
                        2, true },
  [LW_SYMPTOM_NARROW] = { N_ ("narrow activations"),
                          N_ ("Batch normalization brings their spread back to 1; so does an "
                              "initialization that fits "
                              "the activation."),
                          N_ ("Spread of what enters the activation"), 1, LW_HEALTH_DEVIATION, 0.5,
                          2, true },
};

const char *
lw_symptom_name (LwSymptom symptom)
{
  return _ (symptoms[symptom].name);
}

const char *
lw_symptom_cure (LwSymptom symptom)
{
  return _ (symptoms[symptom].cure);
}

double
lw_symptom_rate_factor (LwSymptom symptom)
{
  return symptoms[symptom].factor;
}

LwSymptomChart
lw_symptom_chart (LwSymptom symptom)
{
  return (LwSymptomChart){ symptoms[symptom].field, _ (symptoms[symptom].chart),
                           symptoms[symptom].low, symptoms[symptom].high, symptoms[symptom].log };
}

static char *
percent (double share)
{
  return g_strdup_printf (_ ("%.0f %%"), 100 * share);
}

static char *
per_mille (double share)
{
  const double value = 1000 * share;
  char digits[32];

  if (!isfinite (value) || value >= 1e4) {
    g_autofree char *number = lw_divergence_number (value);

    return g_strdup_printf (_ ("%s ‰"), number);
  }
  g_ascii_formatd (digits, sizeof digits,
                   value < 0.0995 ? "%.2f"
                   : value < 9.95 ? "%.1f"
                                  : "%.0f",
                   value);
  return g_strdup_printf (_ ("%s ‰"), digits);
}

/* "(and 2 more layers)" */
static char *
and_others (const LwFinding *finding)
{
  const int others = finding->n_layers - 1;

  if (others < 1)
    return g_strdup ("");
  return g_strdup_printf (
      ngettext (" %d more layer is like this.", " %d more layers are like this.", (gulong)others),
      others);
}

static char *
sentence (const LwFinding *finding, const char *layer)
{
  g_autofree char *share = percent (finding->value), *step = per_mille (finding->value);
  g_autofree char *number = lw_divergence_number (finding->value);
  g_autofree char *inverse = lw_divergence_number (1 / MAX (finding->value, 1e-30));

  switch (finding->symptom) {
  case LW_SYMPTOM_NOT_LEARNING:
    if (finding->value < LW_HEALTH_CONSTANT)
      return g_strdup_printf (
          _ ("For half an epoch the loss is what guessing gives. The outputs of %s "
             "no longer vary: they are the same for every image."),
          layer);
    return g_strdup_printf (
        _ ("For half an epoch the loss is what guessing gives. The outputs of %s "
           "vary least from image to image."),
        layer);
  case LW_SYMPTOM_EXPLODING:
    return g_strdup_printf (_ ("Gradients and weights grow from step to step, first in %s. Each "
                               "layer behind it multiplies what arrives."),
                            layer);
  case LW_SYMPTOM_VANISHING:
    if (!(finding->value > 0))
      return g_strdup_printf (_ ("%s receives no gradient at all: it learns nothing."), layer);
    return g_strdup_printf (_ ("%s receives %s times less gradient than the last layer, so it "
                               "hardly learns."),
                            layer, inverse);
  case LW_SYMPTOM_DEAD:
    return g_strdup_printf (
        _ ("In %s, %s of the units are 0 for every one of the test images looked "
           "at: no gradient reaches them, and they learn nothing more."),
        layer, share);
  case LW_SYMPTOM_SATURATED:
    return g_strdup_printf (_ ("In %s, %s of the outputs sit at the flat ends, where the slope is "
                               "under a fifth of its largest: little gradient passes."),
                            layer, share);
  case LW_SYMPTOM_LARGE_STEPS:
    return g_strdup_printf (
        _ ("A step changes the weights of %s by %s of their length; 0.5 to 20 ‰ "
           "is healthy, 1 ‰ a good aim."),
        layer, step);
  case LW_SYMPTOM_SMALL_STEPS:
    return g_strdup_printf (
        _ ("A step changes the weights of %s by only %s of their length; 0.5 to "
           "20 ‰ is healthy, 1 ‰ a good aim."),
        layer, step);
  case LW_SYMPTOM_WIDE:
    return g_strdup_printf (
        _ ("What enters the activation behind %s has a deviation of %s; 0.5 to 2 "
           "is healthy."),
        layer, number);
  case LW_SYMPTOM_NARROW:
    return g_strdup_printf (
        _ ("What enters the activation behind %s has a deviation of only %s; 0.5 "
           "to 2 is healthy."),
        layer, number);
  case LW_N_SYMPTOMS:
    break;
  }
  return g_strdup ("");
}

char *
lw_finding_words (const LwFinding *finding, const LwGraph *graph)
{
  g_autofree char *layer = finding->layer != LW_NO_NODE ? lw_layer_path (graph, finding->layer)
                                                        : g_strdup (_ ("a layer"));
  g_autofree char *first = sentence (finding, layer), *others = and_others (finding);

  return g_strconcat (first, others, NULL);
}

/* --- badges ------------------------------------------------------------------------------------
 */

/* "3.8 ‰", "45 %", "0.12"; NULL: the layer has none. */
static char *
badge_words (LwHealthCheck check, const LwHealthBadge *badge)
{
  if (badge->level == LW_LEVEL_NONE)
    return NULL;
  switch (check) {
  case LW_CHECK_UPDATE:
    return per_mille (badge->value);
  case LW_CHECK_DEAD:
  case LW_CHECK_SATURATED:
    return percent (badge->value);
  case LW_CHECK_GRADIENT:
  case LW_CHECK_SPREAD:
  case LW_N_CHECKS:
    break;
  }
  return lw_divergence_number (badge->value);
}

const char *
lw_check_title (LwHealthCheck check)
{
  static const char *const titles[LW_N_CHECKS] = { N_ ("Update"), N_ ("Gradient"), N_ ("Dead"),
                                                   N_ ("Saturated"), N_ ("Spread") };

  return _ (titles[check]);
}

const char *
lw_check_rule (LwHealthCheck check)
{
  static const char *const rules[LW_N_CHECKS] = {
    N_ ("length of a step by length of the weights; 0.5 to 20 ‰ is healthy"),
    N_ ("length of the gradient; healthy within a hundred times the last layer's"),
    N_ ("ReLU channels or units that are 0 for all test images; warned from 20 %"),
    N_ ("sigmoid outputs below 0.05 or above 0.95; warned from 40 %"),
    N_ ("deviation of what enters the activation; 0.5 to 2 is healthy"),
  };

  return _ (rules[check]);
}

static bool
has_weights (const LwNode *node)
{
  return node->op == LW_OP_CONV2D || node->op == LW_OP_LINEAR;
}

/* The row with weights whose output an activation or a normalization takes; where it takes a sum or
 * a concatenation, that of the next layer, which reads it. */
static int32_t
owner (const LwHealthReport *report, const LwGraph *graph, int32_t row)
{
  LwNodeId id = report->layers[row];

  for (;;) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwKind kind = lw_op_info (node->op)->kind;

    if (has_weights (node) || node->n_inputs == 0 ||
        (kind != LW_KIND_ACTIVATION && kind != LW_KIND_NORMALIZATION))
      break;
    id = node->inputs[0];
  }
  if (has_weights (lw_graph_node (graph, id)))
    for (int32_t r = row; r >= 0; r--)
      if (report->layers[r] == id)
        return r;
  for (int32_t r = row; r < report->n_layers; r++)
    if (has_weights (lw_graph_node (graph, report->layers[r])))
      return r;
  return -1;
}

static LwSign
sign_of (LwHealthLevel level)
{
  return level == LW_LEVEL_ERROR     ? LW_SIGN_ERROR
         : level == LW_LEVEL_WARNING ? LW_SIGN_WARNING
         : level == LW_LEVEL_GOOD    ? LW_SIGN_GOOD
                                     : LW_SIGN_NONE;
}

/* Six powers of ten below the largest gradient are a bar's length. */
static double
gradient_bar (double norm, double largest)
{
  if (!(norm > 0) || !isfinite (largest) || !(largest > 0))
    return 0;
  return 1 + log10 (MIN (norm, largest) / largest) / 6;
}

void
lw_health_words_table (const LwHealthReport *report, const LwGraph *graph, LwHealthTable *ret_table)
{
  g_autofree int32_t *table_rows = g_new (int32_t, report->n_layers + 1);
  double largest = 0;
  int32_t n = 0;

  for (int32_t l = 0; l < report->n_layers; l++) {
    const double norm = report->badges[l][LW_CHECK_GRADIENT].value;

    table_rows[l] = has_weights (lw_graph_node (graph, report->layers[l])) ? n++ : -1;
    if (report->badges[l][LW_CHECK_GRADIENT].level != LW_LEVEL_NONE && isfinite (norm))
      largest = MAX (largest, norm);
  }
  *ret_table = (LwHealthTable){ .rows = g_new0 (LwHealthRow, n + 1), .n_rows = n };
  for (int c = 0; c < LW_N_CHECKS; c++)
    ret_table->titles[c] = lw_check_title ((LwHealthCheck)c);
  for (int32_t l = 0; l < report->n_layers; l++) {
    const LwNode *node = lw_graph_node (graph, report->layers[l]);
    const int32_t own = owner (report, graph, l);
    LwHealthRow *row = own >= 0 ? &ret_table->rows[table_rows[own]] : NULL;

    if (row == NULL)
      continue;
    if (own == l) {
      row->name = lw_layer_path (graph, report->layers[l]);
      row->kind = lw_op_info (node->op)->kind;
    }
    for (int c = 0; c < LW_N_CHECKS; c++) {
      const LwHealthBadge *badge = &report->badges[l][c];

      if (badge->level == LW_LEVEL_NONE)
        continue;
      g_free (row->cells[c].words);
      row->cells[c] =
          (LwHealthCell){ badge_words ((LwHealthCheck)c, badge), sign_of (badge->level),
                          c == LW_CHECK_GRADIENT ? gradient_bar (badge->value, largest) : NAN };
    }
  }
}
