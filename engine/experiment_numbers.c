/* What is measured of a run, and how it reads. */
#include "engine/experiment_private.h"

#include "engine/analysis.h"

#include <math.h>
#include <string.h>

typedef enum { NEITHER, LOWER, HIGHER } Better;

/* By LwMeasure. */
static const struct {
  const char *name;  /* in answers */
  const char *title; /* N_() */
  const char *format;
  Better better;
} measures[LW_N_MEASURES] = {
  [LW_MEASURE_NONE] = { "", "", "%g", NEITHER },
  [LW_MEASURE_FIRST_LOSS] = { "loss1", N_ ("Train loss, mean of epoch 1"), "%.3f", LOWER },
  [LW_MEASURE_REACHED] = { "reached", N_ ("First epoch with test accuracy of {target}"), "%.0f",
                           LOWER },
  [LW_MEASURE_TRAIN] = { "train", N_ ("Train accuracy, mean of the last epoch"), "%.3f", HIGHER },
  [LW_MEASURE_BEST] = { "best", N_ ("Best test accuracy, epoch"), "%.3f", HIGHER },
  [LW_MEASURE_LAST] = { "last", N_ ("Test accuracy after the last epoch"), "%.3f", HIGHER },
  [LW_MEASURE_WORST] = { "worst", N_ ("Worst test accuracy of the second half"), "%.3f", HIGHER },
  [LW_MEASURE_GAP] = { "gap", N_ ("Train − test accuracy, last epoch"), "%.3f", LOWER },
  [LW_MEASURE_SECONDS] = { "seconds", N_ ("Seconds per epoch"), "%.1f", LOWER },
  [LW_MEASURE_PARAMETERS] = { "parameters", N_ ("Parameters"), NULL, LOWER },
  [LW_MEASURE_MACS] = { "macs", N_ ("Multiply-accumulates an image"), NULL, LOWER },
  [LW_MEASURE_GRADIENT] = { "gradient", N_ ("Gradient of the first layer ÷ last layer"), "%.2g",
                            NEITHER },
  [LW_MEASURE_BN_BATCH] = { "batch", N_ ("Test accuracy with batch statistics"), "%.3f", HIGHER },
  [LW_MEASURE_BN_RUNNING] = { "running", N_ ("Test accuracy with running averages"), "%.3f",
                              HIGHER },
  [LW_MEASURE_BN_FRESH] = { "fresh", N_ ("Test accuracy with averages measured afresh"), "%.3f",
                            HIGHER },
  [LW_MEASURE_FILTERS] = { "filters", N_ ("Filters of the first layer"), "%.0f", NEITHER },
  [LW_MEASURE_EDGES] = { "edges", N_ ("Edges and stripes"), "%.0f", NEITHER },
  [LW_MEASURE_BLOBS] = { "blobs", N_ ("Bright or dark spots"), "%.0f", NEITHER },
  [LW_MEASURE_UNCLEAR] = { "unclear", N_ ("Not told from noise"), "%.0f", NEITHER },
  [LW_MEASURE_PATH_1] = { "path1", N_ ("… without path 1: 1×1"), "%.3f", NEITHER },
  [LW_MEASURE_PATH_2] = { "path2", N_ ("… without path 2: 1×1, then 3×3"), "%.3f", NEITHER },
  [LW_MEASURE_PATH_3] = { "path3", N_ ("… without path 3: 1×1, then 5×5"), "%.3f", NEITHER },
  [LW_MEASURE_PATH_4] = { "path4", N_ ("… without path 4: max pooling, then 1×1"), "%.3f",
                          NEITHER },
};

const char *
lw_experiment_translate (LwTranslate translate, const char *phrase)
{
  return translate != NULL ? translate (phrase) : phrase;
}

void
lw_numbers_init (LwNumbers *numbers)
{
  *numbers = (LwNumbers){ .state = LW_RUN_READY };
  for (int i = 0; i < LW_N_MEASURES; i++)
    numbers->values[i] = NAN;
}

/* --- measuring ----------------------------------------------------------------------------------
 */

static void
see_epoch (const LwExperiment *experiment, const LwEvent *event, int half, LwNumbers *numbers)
{
  double *values = numbers->values;
  const int epoch = (int)(event->epoch + 0.5);
  const double test = (double)event->test_accuracy;

  numbers->epochs = MAX (numbers->epochs, epoch);
  if (epoch == 1)
    values[LW_MEASURE_FIRST_LOSS] = (double)event->loss;
  values[LW_MEASURE_TRAIN] = (double)event->accuracy;
  values[LW_MEASURE_LAST] = test;
  values[LW_MEASURE_GAP] = (double)event->accuracy - test;
  if (isnan (values[LW_MEASURE_REACHED]) && test >= experiment->target)
    values[LW_MEASURE_REACHED] = epoch;
  if (!(test <= values[LW_MEASURE_BEST])) {
    values[LW_MEASURE_BEST] = test;
    numbers->best_epoch = epoch;
  }
  if (epoch > half && !(test >= values[LW_MEASURE_WORST]))
    values[LW_MEASURE_WORST] = test;
}

void
lw_experiment_measure (const LwExperiment *experiment, const LwSettings *settings,
                       const LwGraph *graph, const LwRunLog *run_log, LwRunState state,
                       LwNumbers *numbers)
{
  static const LwMeasure of_log[] = { LW_MEASURE_FIRST_LOSS, LW_MEASURE_REACHED, LW_MEASURE_TRAIN,
                                      LW_MEASURE_BEST,       LW_MEASURE_LAST,    LW_MEASURE_WORST,
                                      LW_MEASURE_GAP,        LW_MEASURE_SECONDS };
  const int64_t length = lw_run_log_length (run_log);
  const int half = settings->epochs / 2;
  double epoch = 0;

  for (guint i = 0; i < G_N_ELEMENTS (of_log); i++)
    numbers->values[of_log[i]] = NAN;
  numbers->best_epoch = numbers->epochs = 0;
  numbers->train_s = 0;
  numbers->state = state;
  numbers->test_images = settings->limit_test;
  for (int64_t i = 0; i < length; i++) {
    const LwEvent *event = lw_run_log_get (run_log, i);

    numbers->train_s = MAX (numbers->train_s, event->time_s);
    epoch = MAX (epoch, event->epoch);
    if (event->kind == LW_EVENT_EPOCH)
      see_epoch (experiment, event, half, numbers);
  }
  if (epoch > 0 && numbers->epochs > 0)
    numbers->values[LW_MEASURE_SECONDS] = numbers->train_s / epoch;
  if (graph != NULL) {
    const LwCost cost = lw_graph_cost (graph);

    numbers->values[LW_MEASURE_PARAMETERS] = (double)cost.parameters;
    numbers->values[LW_MEASURE_MACS] = (double)cost.macs;
  }
}

/* --- words --------------------------------------------------------------------------------------
 */

static bool
has_ended (const LwNumbers *numbers)
{
  return numbers->state >= LW_RUN_FINISHED;
}

static char *
number_text (LwMeasure measure, double value)
{
  if (isnan (value))
    return g_strdup ("–");
  if (measures[measure].format == NULL)
    return lw_format_short (value);
  {
    char text[64];

    /* A row of the constant table above, never a text from outside. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    g_snprintf (text, sizeof text, measures[measure].format, value);
#pragma GCC diagnostic pop
    if (text[0] == '-' && strspn (text, "-0.") == strlen (text))
      return g_strdup (text + 1); /* no number below zero reads as one */
    if (text[0] == '-')
      return g_strdup_printf ("−%s", text + 1);
    return g_strdup (text);
  }
}

char *
lw_measure_text (const LwNumbers *numbers, LwMeasure measure, LwTranslate translate)
{
  const double value = numbers->values[measure];

  if (measure == LW_MEASURE_REACHED && isnan (value) && has_ended (numbers))
    return g_strdup (lw_experiment_translate (translate, N_ ("not reached")));
  if (measure == LW_MEASURE_BEST && !isnan (value)) {
    g_autofree char *text = number_text (measure, value);

    return g_strdup_printf ("%s, %d", text, numbers->best_epoch);
  }
  return number_text (measure, value);
}

char *
lw_measure_title (const LwExperiment *experiment, LwMeasure measure, LwTranslate translate)
{
  const char *title = lw_experiment_translate (translate, measures[measure].title);
  const char *place = strstr (title, "{target}");

  if (place == NULL)
    return g_strdup (title);
  return g_strdup_printf ("%.*s%g%s", (int)(place - title), title, experiment->target,
                          place + strlen ("{target}"));
}

const char *
lw_measure_name (LwMeasure measure)
{
  return measures[measure].name;
}

/* Of a gap the size counts. */
static double
compared (const LwNumbers *numbers, LwMeasure measure)
{
  const double value = numbers->values[measure];

  return measure == LW_MEASURE_GAP ? fabs (value) : value;
}

int
lw_measure_better (const LwNumbers *numbers, int n, LwMeasure measure)
{
  const Better better = measures[measure].better;
  int found = -1, known = 0, equal = 0;

  for (int i = 0; better != NEITHER && i < n; i++) {
    const double value = compared (&numbers[i], measure);
    const double most = found >= 0 ? compared (&numbers[found], measure) : (double)NAN;

    if (isnan (value))
      continue;
    known++;
    if (found < 0 || (better == LOWER ? value < most : value > most)) {
      found = i;
      equal = 0;
    } else if (value == most) {
      equal++;
    }
  }
  /* What others never reached is better too. */
  return (known > 1 || (measure == LW_MEASURE_REACHED && n > 1)) && equal == 0 ? found : -1;
}

/* --- sentences ----------------------------------------------------------------------------------
 */

static LwMeasure
measure_named (const char *name)
{
  for (int i = 1; i < LW_N_MEASURES; i++)
    if (strcmp (measures[i].name, name) == 0)
      return (LwMeasure)i;
  return LW_MEASURE_NONE;
}

/* What stands between braces, as words; NULL: nothing that is known. */
static char *
fill (const LwAnswer *answer, const char *key)
{
  g_auto (GStrv) parts = g_strsplit (key, ":", -1);
  const guint n = g_strv_length (parts);
  LwMeasure measure;

  if (n == 1 && strcmp (parts[0], "target") == 0)
    return g_strdup_printf ("%g", answer->experiment->target);
  if (n == 4 && strcmp (parts[0], "diff") == 0) {
    measure = measure_named (parts[1]);
    return number_text (measure, fabs (lw_answer_value (answer, measure, atoi (parts[2])) -
                                       lw_answer_value (answer, measure, atoi (parts[3]))));
  }
  measure = n == 2 ? measure_named (parts[0]) : LW_MEASURE_NONE;
  return measure != LW_MEASURE_NONE
             ? number_text (measure, lw_answer_value (answer, measure, atoi (parts[1])))
             : NULL;
}

void
lw_answer_say (LwAnswer *answer, const char *sentence)
{
  const char *rest = lw_experiment_translate (answer->translate, sentence);

  if (answer->text->len > 0)
    g_string_append_c (answer->text, ' ');
  while (*rest != '\0') {
    const char *open = strchr (rest, '{'), *close = open != NULL ? strchr (open, '}') : NULL;
    g_autofree char *key = NULL, *words = NULL;

    if (close == NULL) {
      g_string_append (answer->text, rest);
      return;
    }
    g_string_append_len (answer->text, rest, open - rest);
    key = g_strndup (open + 1, (gsize)(close - open - 1));
    words = fill (answer, key);
    g_string_append (answer->text, words != NULL ? words : key);
    rest = close + 1;
  }
}
