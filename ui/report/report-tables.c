/* A report's tables of runs, settings and epochs. */
#include "ui/report/report-private.h"

#include "engine/analysis.h"
#include "engine/settings_fields.h"
#include "engine/variant.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_EPOCHS 40 /* rows that a reader wants to see */

static const char *
state_words (LwRunState state)
{
  static const char *const words[] = {
    [LW_RUN_READY] = N_ ("ready"),       [LW_RUN_STARTING] = N_ ("training"),
    [LW_RUN_RUNNING] = N_ ("training"),  [LW_RUN_PAUSED] = N_ ("paused"),
    [LW_RUN_FINISHED] = N_ ("finished"), [LW_RUN_STOPPED] = N_ ("stopped"),
    [LW_RUN_DIVERGED] = N_ ("diverged"), [LW_RUN_FAILED] = N_ ("failed"),
  };

  return _ (words[state]);
}

void
lw_report_add_overview (LwReportDocument *document, GPtrArray *runs)
{
  LwReportBlock *table = lw_report_add_table (document, 7, 2, NULL);
  double best = 0;

  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Run"), _ ("Network"), _ ("Best test accuracy"),
                     _ ("At epoch"), _ ("Parameters"), _ ("Training time"), _ ("State"));
  for (guint i = 0; i < runs->len; i++) {
    const LwReportRun *run = g_ptr_array_index (runs, i);

    if (lw_report_best (run->run) != NULL)
      best = fmax (best, run->run->best_test_accuracy);
  }
  for (guint i = 0; i < runs->len; i++) {
    const LwRun *run = ((LwReportRun *)g_ptr_array_index (runs, i))->run;
    const LwEvent *tested = lw_report_best (run), *step = lw_report_last (run, LW_EVENT_STEP);
    g_autofree char *name = g_strdup_printf ("%u. %s", i + 1, run->name);
    g_autofree char *network = lw_variant_suggest_name (run->settings->options);
    g_autofree char *accuracy =
        tested != NULL ? g_strdup_printf ("%.4f", tested->test_accuracy) : g_strdup ("–");
    g_autofree char *epoch =
        tested != NULL ? g_strdup_printf ("%d", run->best_epoch) : g_strdup ("–");
    g_autofree char *parameters = lw_format_exact (lw_graph_cost (run->graph).parameters);
    g_autofree char *time = lw_report_duration (step != NULL ? step->time_s : 0);
    const int row = table->rows;

    lw_report_add_row (table, LW_REPORT_PLAIN, name, network, accuracy, epoch, parameters, time,
                       state_words (run->state));
    if (runs->len > 1 && tested != NULL && run->best_test_accuracy >= best)
      lw_report_set_cell (table, row, 2, LW_REPORT_MARKED, g_steal_pointer (&accuracy));
  }
}

/* --- settings ----------------------------------------------------------------------------------
 */

/* A row a setting; its last column may be the book's value, NULL: a run of its own. */
static void
add_setting (LwReportBlock *table, const char *name, char **values, int n)
{
  const int row = lw_report_new_row (table);
  bool differs = false;

  lw_report_set_cell (table, row, 0, LW_REPORT_PLAIN, g_strdup (name));
  for (int i = 1; i < n; i++)
    differs = differs || !g_str_equal (values[i], values[0]);
  for (int i = 0; i < n; i++)
    lw_report_set_cell (table, row, i + 1, differs ? LW_REPORT_MARKED : LW_REPORT_PLAIN,
                        values[i][0] != '\0' ? g_strdup (values[i]) : g_strdup ("–"));
}

static char *
knob_text (const LwSettings *settings, const char *knob)
{
  if (lw_model_knob (lw_options_model (settings->options), knob) == NULL)
    return g_strdup ("");
  return lw_options_get (settings->options, knob);
}

static void
add_knob (LwReportBlock *table, const char *knob, const LwSettings *const *settings, int n)
{
  g_auto (GStrv) values = g_new0 (char *, n + 1);

  for (int i = 0; i < n; i++)
    values[i] = knob_text (settings[i], knob);
  add_setting (table, knob, values, n);
}

static bool
has_knob (const LwSettings *settings, const char *knob)
{
  return lw_model_knob (lw_options_model (settings->options), knob) != NULL;
}

/* Input and classes, then each knob once, whichever network has it. */
static void
add_network (LwReportBlock *table, const LwSettings *const *settings, int n)
{
  g_auto (GStrv) models = g_new0 (char *, n + 1), inputs = g_new0 (char *, n + 1);

  for (int i = 0; i < n; i++) {
    models[i] = g_strdup (lw_options_model (settings[i]->options)->title);
    inputs[i] = lw_shape_to_string (lw_options_input (settings[i]->options));
  }
  add_setting (table, _ ("network"), models, n);
  add_setting (table, _ ("input"), inputs, n);
  for (int i = 0; i < n; i++) {
    const LwModel *model = lw_options_model (settings[i]->options);

    for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++) {
      bool before =
          g_str_equal ((*knob)->name, "input_size") || g_str_equal ((*knob)->name, "channels");

      for (int k = 0; k < i && !before; k++)
        before = has_knob (settings[k], (*knob)->name);
      if (!before)
        add_knob (table, (*knob)->name, settings, n);
    }
  }
}

void
lw_report_add_settings (LwReportDocument *document, LwReportRun *const *runs, guint n_runs)
{
  const bool single = n_runs == 1;
  const int n = single ? 2 : (int)n_runs;
  g_autofree const LwSettings **settings = g_new0 (const LwSettings *, n);
  g_autoptr (LwSettings) book = NULL;
  int32_t n_fields;
  const LwSettingsField *fields = lw_settings_fields (&n_fields);
  LwReportBlock *table =
      lw_report_add_table (document, n + 1, 1,
                           single ? _ ("What differs from the book's recipe is marked.")
                                  : _ ("What differs between the runs is marked."));
  const int head = lw_report_new_row (table);

  for (guint i = 0; i < n_runs; i++)
    settings[i] = runs[i]->run->settings;
  if (single) {
    book = lw_settings_new (lw_options_new (lw_options_model (settings[0]->options)));
    settings[1] = book;
  }
  lw_report_set_cell (table, head, 0, LW_REPORT_PLAIN, g_strdup (_ ("Setting")));
  for (int i = 0; i < n; i++)
    lw_report_set_cell (table, head, i + 1, LW_REPORT_PLAIN,
                        !single  ? g_strdup_printf (_ ("Run %d"), i + 1)
                        : i == 0 ? g_strdup (_ ("This run"))
                                 : g_strdup (_ ("The book")));
  add_network (table, settings, n);
  for (int32_t f = 0; f < n_fields; f++) {
    g_auto (GStrv) values = g_new0 (char *, n + 1);

    for (int i = 0; i < n; i++)
      values[i] = lw_settings_field_text (settings[i], &fields[f]);
    add_setting (table, fields[f].name, values, n);
  }
}

/* --- epochs ------------------------------------------------------------------------------------
 */

/* Losses that explode are too long with decimals. */
static char *
measure (double value)
{
  if (!isfinite (value))
    return g_strdup (isnan (value) ? "NaN" : "∞");
  return fabs (value) < 1e5 ? g_strdup_printf ("%.4f", value) : g_strdup_printf ("%.3g", value);
}

static void
add_epoch (LwReportBlock *table, const LwEvent *event, bool best)
{
  g_autofree char *epoch = g_strdup_printf ("%ld", lround (event->epoch));
  g_autofree char *train_loss = measure (event->loss);
  g_autofree char *train_accuracy = measure (event->accuracy);
  g_autofree char *test_loss = measure (event->test_loss);
  g_autofree char *test_accuracy = measure (event->test_accuracy);
  g_autofree char *seconds = g_strdup_printf ("%.1f", event->seconds);
  g_autofree char *speed = lw_format_exact ((int64_t)event->examples_per_second);

  lw_report_add_row (table, best ? LW_REPORT_MARKED : LW_REPORT_PLAIN, epoch, train_loss,
                     train_accuracy, test_loss, test_accuracy, seconds, speed);
}

void
lw_report_add_epochs (LwReportDocument *document, const LwReportRun *run)
{
  const LwRunLog *log = run->run->log;
  const LwEvent *best = lw_report_best (run->run),
                *last = lw_report_last (run->run, LW_EVENT_EPOCH);
  int64_t n = 0, index = 0, apart;
  LwReportBlock *table;

  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    n += lw_run_log_get (log, i)->kind == LW_EVENT_EPOCH;
  if (n == 0) {
    lw_report_add_note (document, g_strdup (_ ("No epoch was finished.")));
    return;
  }
  apart = (n + MOST_EPOCHS - 1) / MOST_EPOCHS;
  table =
      lw_report_add_table (document, 7, 0,
                           best != NULL ? _ ("The best epoch is marked; train figures are means "
                                             "over the epoch while it trained.")
                                        : NULL);
  lw_report_add_row (table, LW_REPORT_PLAIN, _ ("Epoch"), _ ("Train loss"), _ ("Train accuracy"),
                     _ ("Test loss"), _ ("Test accuracy"), _ ("Seconds"),
                     _ ("Examples per second"));
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind != LW_EVENT_EPOCH)
      continue;
    index++;
    if (index % apart == 0 || index == 1 || event == best || event == last)
      add_epoch (table, event, event == best);
  }
  if (apart > 1)
    lw_report_add_note (document,
                        g_strdup_printf (_ ("Of %d epochs every %dth is shown, with the first, the "
                                            "best and the last."),
                                         (int)n, (int)apart));
}
