#include "ui/report/report-private.h"

#include "engine/error.h"
#include "engine/formats/file.h"

#include <glib/gi18n.h>

bool
lw_report_told (const LwReportWork *work, double done, GError **error)
{
  const LwReportOptions *options = work->options;

  if (options->progress != NULL)
    options->progress (work->begin + done * work->share, options->data);
  return !g_cancellable_set_error_if_cancelled (options->cancellable, error);
}

LwText *
lw_report_text (void)
{
  return lw_text_new ("Cantarell, Adwaita Sans, Noto Sans, Sans", NULL);
}

/* --- runs --------------------------------------------------------------------------------------
 */

static void
free_run (gpointer data)
{
  LwReportRun *run = data;

  lw_run_free (run->run);
  g_clear_pointer (&run->dataset, lw_dataset_unref);
  g_clear_pointer (&run->records, lw_records_unref);
  g_free (run->dataset_problem);
  g_free (run->checkpoint);
  g_free (run->checkpoint_problem);
  g_free (run);
}

/* Runs of one set share it. */
static LwDataset *
open_dataset (GPtrArray *runs, const char *name, GError **error)
{
  for (guint i = 0; i < runs->len; i++) {
    const LwReportRun *run = g_ptr_array_index (runs, i);

    if (run->dataset != NULL && g_str_equal (run->run->settings->data, name))
      return lw_dataset_ref (run->dataset);
  }
  return lw_dataset_open (name, error);
}

static bool
open_run (GPtrArray *runs, const char *folder, const LwReportOptions *options, GError **error)
{
  const guint need_data = LW_REPORT_PART_CONFUSION | LW_REPORT_PART_MAPS;
  g_autoptr (GError) problem = NULL;
  LwRun *run = lw_run_open (folder, error);
  LwReportRun *opened;

  if (run == NULL)
    return false;
  opened = g_new0 (LwReportRun, 1);
  opened->run = run;
  if (options->parts & need_data) {
    opened->dataset = open_dataset (runs, run->settings->data, &problem);
    if (opened->dataset == NULL)
      opened->dataset_problem = g_strdup (problem->message);
    g_clear_error (&problem);
    opened->checkpoint = lw_run_checkpoint (run, "best", NULL);
    if (opened->checkpoint == NULL)
      opened->checkpoint = lw_run_checkpoint (run, "last", &problem);
    if (opened->checkpoint == NULL)
      opened->checkpoint_problem = g_strdup (problem->message);
  }
  if (options->parts & (LW_REPORT_PART_CONFUSION | LW_REPORT_PART_HEALTH))
    opened->records = lw_records_load (run->graph, run->settings, folder);
  g_ptr_array_add (runs, opened);
  return true;
}

static GPtrArray *
open_runs (const char *const *folders, const LwReportOptions *options, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (free_run);

  for (int i = 0; folders[i] != NULL; i++)
    if (!open_run (runs, folders[i], options, error) ||
        g_cancellable_set_error_if_cancelled (options->cancellable, error))
      return NULL;
  if (runs->len == 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("A report needs at least one run."));
    return NULL;
  }
  return g_steal_pointer (&runs);
}

/* --- the document ------------------------------------------------------------------------------
 */

static bool
wants (const LwReportWork *work, LwReportParts part)
{
  return (work->options->parts & (guint)part) != 0;
}

static void
add_sentences (const LwReportWork *work, LwReportRun *run)
{
  LwReportDocument *document = work->document;

  lw_report_add_summary (document, run);
  if (wants (work, LW_REPORT_PART_DIAGRAM)) {
    lw_report_add_heading (document, 2, _ ("Architecture"));
    lw_report_add_diagram (document, run);
    lw_report_add_costs (document, run);
  }
  if (wants (work, LW_REPORT_PART_SETTINGS)) {
    lw_report_add_heading (document, 2, _ ("Settings"));
    lw_report_add_settings (document, &run, 1);
    lw_report_add_changes (document, run);
    lw_report_add_algorithms (document, run);
  }
  if (wants (work, LW_REPORT_PART_CURVES)) {
    lw_report_add_heading (document, 2, _ ("Curves"));
    lw_report_add_curves (document, &run, 1);
  }
  if (wants (work, LW_REPORT_PART_EPOCHS)) {
    lw_report_add_heading (document, 2, _ ("Epochs"));
    lw_report_add_epochs (document, run);
  }
}

static bool
add_run (LwReportWork *work, LwReportRun *run, GError **error)
{
  const double begin = work->begin, share = work->share;

  if (work->several)
    lw_report_add_heading (work->document, 1, run->run->name);
  add_sentences (work, run);
  if (!lw_report_told (work, 0.1, error))
    return false;
  work->begin = begin + 0.1 * share, work->share = 0.7 * share;
  if (wants (work, LW_REPORT_PART_CONFUSION)) {
    lw_report_add_heading (work->document, 2, _ ("Confusion matrix"));
    if (!lw_report_add_confusion (work, run, error))
      return false;
  }
  work->begin = begin + 0.8 * share, work->share = 0.2 * share;
  if (wants (work, LW_REPORT_PART_MAPS)) {
    lw_report_add_heading (work->document, 2, _ ("Feature maps"));
    if (!lw_report_add_maps (work, run, error))
      return false;
  }
  if (wants (work, LW_REPORT_PART_HEALTH)) {
    lw_report_add_heading (work->document, 2, _ ("Health"));
    lw_report_add_health (work->document, run);
    lw_report_add_norm_curves (work->document, run);
  }
  if (wants (work, LW_REPORT_PART_COMMANDS)) {
    lw_report_add_heading (work->document, 2, _ ("How to reproduce it"));
    lw_report_add_commands (work->document, run);
  }
  return true;
}

static bool
fill (LwReportWork *work, GPtrArray *runs, GError **error)
{
  if (work->several) {
    lw_report_add_heading (work->document, 1, _ ("All runs"));
    lw_report_add_overview (work->document, runs);
    if (wants (work, LW_REPORT_PART_CURVES))
      lw_report_add_curves (work->document, (LwReportRun *const *)runs->pdata, runs->len);
    if (wants (work, LW_REPORT_PART_SETTINGS)) {
      lw_report_add_heading (work->document, 2, _ ("Settings beside each other"));
      lw_report_add_settings (work->document, (LwReportRun *const *)runs->pdata, runs->len);
    }
  }
  for (guint i = 0; i < runs->len; i++) {
    work->begin = 0.9 * i / runs->len;
    work->share = 0.9 / runs->len;
    if (!add_run (work, g_ptr_array_index (runs, i), error))
      return false;
  }
  return true;
}

/* The last tenth: painting. */
static bool
painted (double done, gpointer data)
{
  LwReportWork *work = data;

  return lw_report_told (work, done, NULL);
}

static char *
title_of (GPtrArray *runs, const LwReportOptions *options)
{
  const LwReportRun *first = g_ptr_array_index (runs, 0);

  if (options->title != NULL && *options->title != '\0')
    return g_strdup (options->title);
  if (runs->len == 1)
    return g_strdup (first->run->name);
  return g_strdup_printf (ngettext ("%d run", "%d runs", runs->len), (int)runs->len);
}

bool
lw_report_write (const char *const *folders, const LwReportOptions *options, const char *path,
                 GError **error)
{
  g_autoptr (GPtrArray) runs = open_runs (folders, options, error);
  g_autofree char *title = runs != NULL ? title_of (runs, options) : NULL;
  g_autoptr (LwReportDocument) document =
      runs != NULL ? lw_report_document_new (title, options->author) : NULL;
  g_autoptr (LwReplacement) replacement = NULL;
  g_autoptr (GBytes) bytes = NULL;
  LwReportWork work = { options, document, 0, 0, runs != NULL && runs->len > 1 };

  if (runs == NULL || !fill (&work, runs, error))
    return false;
  work.begin = 0.9, work.share = 0.1;
  bytes = options->pdf ? lw_report_to_pdf (document, painted, &work, error)
                       : lw_report_to_html (document, painted, &work, error);
  if (bytes == NULL)
    return false;
  replacement = lw_replacement_new (path, error);
  return replacement != NULL &&
         lw_replacement_write (replacement, g_bytes_get_data (bytes, NULL),
                               g_bytes_get_size (bytes), error) &&
         lw_replacement_commit (replacement, error);
}
