#include "ui/experiment-export.h"

#include "engine/text_table.h"
#include "ui/chart-export-dialog.h"
#include "ui/experiment-table.h"

#include <glib/gi18n.h>
#include <math.h>

static void
add_title (LwTextTable *table, const LwExperimentPaper *paper, LwMeasure measure)
{
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_take (table, lw_measure_title (paper->experiment, measure, lw_translate_phrase));
}

/* As the page has it. */
static void
add_words (LwTextTable *table, const LwExperimentPaper *paper, const LwNumbers *numbers,
           LwMeasure measure)
{
  add_title (table, paper, measure);
  for (int i = 0; i < paper->experiment->n_runs; i++)
    lw_text_table_take (table, lw_measure_text (&numbers[i], measure, lw_translate_phrase));
}

/* To calculate with: whole numbers, and nothing where nothing is known. */
static void
add_numbers (LwTextTable *table, const LwExperimentPaper *paper, const LwNumbers *numbers,
             LwMeasure measure)
{
  add_title (table, paper, measure);
  for (int i = 0; i < paper->experiment->n_runs; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

    if (!isnan (numbers[i].values[measure]))
      g_ascii_formatd (number, sizeof number, "%.9g", numbers[i].values[measure]);
    lw_text_table_text (table, number);
  }
  if (measure != LW_MEASURE_BEST)
    return;
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_text (table, _ ("Best epoch"));
  for (int i = 0; i < paper->experiment->n_runs; i++)
    if (isnan (numbers[i].values[measure]))
      lw_text_table_text (table, NULL);
    else
      lw_text_table_number (table, numbers[i].best_epoch);
}

static void
add_folders (LwTextTable *table, const LwExperimentPaper *paper)
{
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_text (table, _ ("Run"));
  for (int i = 0; i < paper->experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_set_run (paper->set, paper->experiment, paper->size, i);

    lw_text_table_take (table, run != NULL ? g_path_get_basename (lw_run_item_folder (run)) : NULL);
  }
}

static void
add_sentence (LwTextTable *table, const char *name, const char *sentence)
{
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_text (table, name);
  lw_text_table_text (table, sentence);
}

/* For people: a heading, what was trained, the answer, the table, what it does not show. As CSV the
 * table with numbers as they are, the folders of the runs, and the same sentences in rows below it.
 */
static char *
text_of (const LwExperimentPaper *paper, LwTextForm form)
{
  const LwExperiment *experiment = paper->experiment;
  const bool csv = form == LW_TEXT_CSV;
  char alignment[LW_EXPERIMENT_RUNS + 2] = "l";
  LwNumbers numbers[LW_EXPERIMENT_RUNS];
  g_autoptr (LwTextTable) table = NULL;
  g_autofree char *written = NULL;

  for (int i = 0; i < experiment->n_runs; i++)
    alignment[1 + i] = 'r';
  table = lw_text_table_new (alignment);
  lw_experiment_set_numbers (paper->set, experiment, paper->size, numbers);
  lw_text_table_row (table, LW_ROW_HEAD, 0);
  lw_text_table_text (table, _ ("Measured"));
  for (int i = 0; i < experiment->n_runs; i++)
    lw_text_table_text (table, _ (experiment->runs[i].label));
  for (int row = 0; experiment->rows[row] != LW_MEASURE_NONE; row++)
    (csv ? add_numbers : add_words) (table, paper, numbers, experiment->rows[row]);
  if (csv) {
    add_folders (table, paper);
    add_sentence (table, _ ("Question"), _ (experiment->question));
    add_sentence (table, _ ("Settings"), paper->settings);
    add_sentence (table, _ ("Answer"), paper->answer);
    return lw_text_table_write (table, form);
  }
  written = lw_text_table_write (table, form);
  return g_strdup_printf ("# %s\n\n%s\n\n%s\n\n%s\n%s\n", _ (experiment->question), paper->settings,
                          paper->answer, written, _ (experiment->limits));
}

GtkWidget *
lw_experiment_export_dialog_new (const LwExperimentPaper *paper, LwExperimentCharts *charts)
{
  g_autofree char *markdown = text_of (paper, LW_TEXT_MARKDOWN);
  g_autofree char *csv = text_of (paper, LW_TEXT_CSV);

  return lw_chart_export_dialog_new_for (
      &(LwChartExportSource){ .charts = lw_experiment_charts_view (charts, LW_RUN_CHART_LOSS),
                              .below = lw_experiment_charts_view (charts, LW_RUN_CHART_ACCURACY),
                              .heading = _ ("Export the Experiment"),
                              .name = paper->experiment->name,
                              .title = _ (paper->experiment->question),
                              .subtitle = paper->settings,
                              .tables = { markdown, csv } });
}
