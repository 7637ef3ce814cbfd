/* What a report says of a run in sentences. */
#include "ui/report/report-private.h"

#include "engine/analysis.h"
#include "engine/divergence.h"
#include "engine/health.h"
#include "engine/variant.h"
#include "ui/draw/health-words.h"
#include "ui/draw/setting-words.h"

#include <glib/gi18n.h>
#include <math.h>

const LwEvent *
lw_report_last (const LwRun *run, LwEventKind kind)
{
  for (int64_t i = lw_run_log_length (run->log) - 1; i >= 0; i--)
    if (lw_run_log_get (run->log, i)->kind == kind)
      return lw_run_log_get (run->log, i);
  return NULL;
}

const LwEvent *
lw_report_best (const LwRun *run)
{
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->log, i);

    if (event->kind == LW_EVENT_EPOCH && run->best_epoch > 0 &&
        lround (event->epoch) == run->best_epoch)
      return event;
  }
  return NULL;
}

char *
lw_report_duration (double seconds)
{
  const int whole = (int)fmin (seconds + 0.5, 1e9);

  if (seconds < 60)
    return g_strdup_printf (_ ("%.1f s"), seconds);
  if (whole < 3600)
    return g_strdup_printf (_ ("%d min %d s"), whole / 60, whole % 60);
  return g_strdup_printf (_ ("%d h %d min"), whole / 3600, whole / 60 % 60);
}

/* --- the summary -------------------------------------------------------------------------------
 */

static char *
how_it_ended (const LwRun *run)
{
  const LwEvent *step = lw_report_last (run, LW_EVENT_STEP);
  g_autofree char *steps = lw_format_exact (step != NULL ? step->step : 0);

  switch (run->state) {
  case LW_RUN_FINISHED:
    return g_strdup_printf (_ ("It finished after %s iterations."), steps);
  case LW_RUN_DIVERGED:
    return g_strdup_printf (_ ("It diverged after %s iterations."), steps);
  case LW_RUN_FAILED:
    return g_strdup_printf (_ ("It failed after %s iterations."), steps);
  case LW_RUN_STOPPED:
  case LW_RUN_PAUSED:
    return g_strdup_printf (_ ("It was stopped after %s iterations."), steps);
  case LW_RUN_READY:
  case LW_RUN_STARTING:
  case LW_RUN_RUNNING:
    break;
  }
  return g_strdup_printf (_ ("It was still training after %s iterations when this was written."),
                          steps);
}

static char *
how_well (const LwRun *run)
{
  const LwEvent *best = lw_report_best (run), *last = lw_report_last (run, LW_EVENT_EPOCH);

  if (best == NULL)
    return g_strdup (_ ("No epoch was finished, so that it was never tested."));
  if (last == best)
    return g_strdup_printf (
        _ ("The best test accuracy, %.4f, came with the last epoch, %d, at a test loss of %.4f."),
        best->test_accuracy, run->best_epoch, best->test_loss);
  return g_strdup_printf (_ ("The best test accuracy was %.4f at epoch %d, at a test loss of %.4f; "
                             "the last, at epoch %ld, was %.4f."),
                          best->test_accuracy, run->best_epoch, best->test_loss,
                          lround (last->epoch), last->test_accuracy);
}

static char *
how_fast (const LwRun *run)
{
  const LwEvent *step = lw_report_last (run, LW_EVENT_STEP);
  const LwEvent *epoch = lw_report_last (run, LW_EVENT_EPOCH);
  const double speed = epoch != NULL  ? epoch->examples_per_second
                       : step != NULL ? step->examples_per_second
                                      : 0;
  g_autofree char *time = lw_report_duration (step != NULL ? step->time_s : 0);
  g_autofree char *examples = lw_format_exact ((int64_t)speed);

  return g_strdup_printf (_ ("Training took %s on the device %s, at %s examples per second."), time,
                          run->device != NULL && *run->device != '\0' ? run->device : "–",
                          examples);
}

void
lw_report_add_summary (LwReportDocument *document, const LwReportRun *run)
{
  const LwSettings *settings = run->run->settings;
  g_autofree char *network = lw_variant_suggest_name (settings->options);
  g_autofree char *ended = how_it_ended (run->run), *well = how_well (run->run);
  g_autofree char *fast = how_fast (run->run);

  lw_report_add_text (
      document,
      g_strdup_printf (
          ngettext ("%s was trained on %s for %d epoch in batches of %d, at a learning rate of %g. "
                    "%s %s %s",
                    "%s was trained on %s for %d epochs in batches of %d, at a learning rate of "
                    "%g. %s %s %s",
                    (gulong)settings->epochs),
          network, settings->data, settings->epochs, settings->batch, settings->learning_rate,
          ended, well, fast));
  if (run->run->message != NULL)
    lw_report_add_note (document, g_strdup (run->run->message));
}

void
lw_report_add_costs (LwReportDocument *document, const LwReportRun *run)
{
  const LwSettings *settings = run->run->settings;
  const LwCost cost = lw_graph_cost (run->run->graph);
  const int slots = settings->optimizer == LW_OPTIMIZER_ADAM ? 2 : settings->momentum > 0 ? 1 : 0;
  g_autofree char *parameters = lw_format_exact (cost.parameters);
  g_autofree char *macs = lw_format_exact (cost.macs);
  g_autofree char *depth = g_strdup_printf ("%d", lw_graph_depth (run->run->graph));
  g_autofree char *input = lw_shape_to_string (lw_graph_input_shape (run->run->graph));
  g_autofree char *classes = g_strdup_printf ("%d", lw_graph_classes (run->run->graph));
  LwReportBlock *table = lw_report_add_table (document, 2, 1, _ ("What the network costs"));
  LwMemory memory;

  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Quantity"), _ ("Value"));
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Input"), input);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Classes"), classes);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Parameters"), parameters);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Multiply-accumulates an image (MACs)"), macs);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Layers with weights, one behind another"), depth);
  if (lw_graph_memory (run->run->graph, settings->batch, slots, &memory, NULL)) {
    g_autofree char *training = lw_format_bytes (memory.training_total);
    g_autofree char *inference = lw_format_bytes (memory.inference_total);
    g_autofree char *name =
        g_strdup_printf (_ ("Memory in training, batch %d, planned"), settings->batch);

    lw_report_add_row (table, LW_REPORT_PLAIN, name, training);
    lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Memory in inference, same batch, planned"),
                       inference);
  }
}

/* --- what happened beside the plan -------------------------------------------------------------
 */

void
lw_report_add_changes (LwReportDocument *document, const LwReportRun *run)
{
  LwReportBlock *table = NULL;

  for (int64_t i = 0; i < lw_run_log_length (run->run->log); i++) {
    const LwEvent *event = lw_run_log_get (run->run->log, i);
    g_autofree char *step = NULL, *epoch = NULL, *change = NULL;

    if (event->kind != LW_EVENT_SETTING)
      continue;
    if (table == NULL) {
      table = lw_report_add_table (document, 3, 1, _ ("Changed while it trained"));
      lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Change"), _ ("After iteration"), _ ("Epoch"));
    }
    step = lw_format_exact (event->step);
    epoch = g_strdup_printf ("%.2f", event->epoch);
    change = lw_setting_change_text (event);
    lw_report_add_row (table, LW_REPORT_PLAIN, change, step, epoch);
  }
}

static gint
by_count (gconstpointer a, gconstpointer b, gpointer counts)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (counts, b)) -
         GPOINTER_TO_INT (g_hash_table_lookup (counts, a));
}

/* "3 × direct; 2 × gemm": by how many layers. NULL: none. */
static char *
count_algorithms (const LwAlgorithmList *list, LwDirection direction)
{
  int32_t n;
  const LwAlgorithmChoice *choices = lw_algorithm_list_choices (list, &n);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  GString *words = g_string_new (NULL);
  GList *names;

  for (int32_t i = 0; i < n; i++) {
    const char *name = choices[i].names[direction];

    if (name != NULL)
      g_hash_table_insert (
          counts, (gpointer)name,
          GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (counts, name)) + 1));
  }
  names = g_list_sort_with_data (g_hash_table_get_keys (counts), by_count, counts);
  for (GList *name = names; name != NULL; name = name->next)
    g_string_append_printf (words, "%s%d × %s", words->len > 0 ? "; " : "",
                            GPOINTER_TO_INT (g_hash_table_lookup (counts, name->data)),
                            (char *)name->data);
  g_list_free (names);
  return g_string_free (words, words->len == 0);
}

void
lw_report_add_algorithms (LwReportDocument *document, const LwReportRun *run)
{
  static const char *const titles[LW_N_DIRECTIONS] = { N_ ("Forward"), N_ ("Gradients of values"),
                                                       N_ ("Gradients of weights") };
  LwReportBlock *table = NULL;

  for (int d = 0; run->run->algorithms != NULL && d < LW_N_DIRECTIONS; d++) {
    g_autofree char *words = count_algorithms (run->run->algorithms, (LwDirection)d);

    if (words == NULL)
      continue;
    if (table == NULL) {
      table =
          lw_report_add_table (document, 2, 2, _ ("Algorithms, and how many layers they compute"));
      lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Direction"), _ ("Algorithms"));
    }
    lw_report_add_row (table, LW_REPORT_PLAIN, _ (titles[d]), words);
  }
}

/* --- health ------------------------------------------------------------------------------------
 */

static void
add_divergence (LwReportDocument *document, const LwReportRun *run, LwHealthRecord *record)
{
  LwDivergence *divergence = lw_health_record_divergence (record);
  g_autofree char *words =
      divergence != NULL ? lw_divergence_sentence (divergence, run->run->graph) : NULL;

  if (words != NULL)
    lw_report_add_text (document, g_steal_pointer (&words));
  if (divergence != NULL)
    lw_divergence_free (divergence);
}

void
lw_report_add_health (LwReportDocument *document, const LwReportRun *run)
{
  LwHealthRecord *record = run->records != NULL ? lw_records_health (run->records) : NULL;
  g_autoptr (LwHealthReport) health =
      record != NULL ? lw_health_report_new (record, run->run->graph) : NULL;

  if (health == NULL) {
    lw_report_add_note (document,
                        g_strdup (_ ("Nothing is recorded of how the layers fared, or too little "
                                     "to judge by.")));
    return;
  }
  if (lw_is_not_learning (run->run->log, lw_graph_classes (run->run->graph),
                          run->run->steps_per_epoch))
    lw_health_report_add_not_learning (health);
  if (health->n_findings == 0)
    lw_report_add_text (document,
                        g_strdup (_ ("Gradients, steps and activations of all layers are within "
                                     "the usual ranges.")));
  for (int32_t i = 0; i < health->n_findings; i++) {
    const LwFinding *finding = &health->findings[i];
    g_autofree char *words = lw_finding_words (finding, run->run->graph);

    lw_report_add_text (document, g_strdup_printf ("%s: %s %s", lw_symptom_name (finding->symptom),
                                                   words, lw_symptom_cure (finding->symptom)));
  }
  add_divergence (document, run, record);
}
