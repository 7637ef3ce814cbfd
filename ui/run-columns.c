#include "ui/run-columns.h"

#include "engine/analysis.h"
#include "engine/number.h"
#include "ui/run-settings.h"
#include "ui/run-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define UNKNOWN "–"

static const struct {
  const char *title;
  int width, better;
  bool number;
} columns[LW_N_RUN_COLUMNS] = {
  [LW_RUN_COLUMN_TICK] = { "", 64, 0, false },
  [LW_RUN_COLUMN_STAR] = { "★", 34, 0, false },
  [LW_RUN_COLUMN_NAME] = { N_ ("Network"), 132, 0, false },
  [LW_RUN_COLUMN_RATE] = { N_ ("Learning rate"), 104, 0, true },
  [LW_RUN_COLUMN_BATCH] = { N_ ("Batch"), 58, 0, true },
  [LW_RUN_COLUMN_SEED] = { N_ ("Seed"), 56, 0, true },
  [LW_RUN_COLUMN_PARAMETERS] = { N_ ("Parameters"), 90, 0, true },
  [LW_RUN_COLUMN_MACS] = { N_ ("MACs"), 64, 0, true },
  [LW_RUN_COLUMN_BEST] = { N_ ("Best test accuracy"), 138, 1, true },
  [LW_RUN_COLUMN_EPOCH] = { N_ ("Epoch"), 60, 0, true },
  [LW_RUN_COLUMN_LAST] = { N_ ("Last"), 60, 1, true },
  [LW_RUN_COLUMN_TIME] = { N_ ("Time"), 68, -1, true },
  [LW_RUN_COLUMN_SPEED] = { N_ ("Examples/s"), 92, 1, true },
  [LW_RUN_COLUMN_MEMORY] = { N_ ("Peak memory"), 100, -1, true },
  [LW_RUN_COLUMN_OTHERS] = { N_ ("Other settings"), 200, 0, false },
  [LW_RUN_COLUMN_STATE] = { N_ ("State"), 90, 0, false },
  [LW_RUN_COLUMN_DATE] = { N_ ("Date"), 124, 0, false },
  [LW_RUN_COLUMN_NOTE] = { N_ ("Note"), 180, 0, false },
};

const char *
lw_run_column_title (LwRunColumn column)
{
  return columns[column].title[0] != '\0' ? _ (columns[column].title) : "";
}

const char *
lw_run_column_hint (LwRunColumn column)
{
  switch (column) {
  case LW_RUN_COLUMN_EPOCH:
    return _ ("The epoch with the best test accuracy");
  case LW_RUN_COLUMN_LAST:
    return _ ("Test accuracy after the last epoch");
  case LW_RUN_COLUMN_TIME:
    return _ ("In training steps, without tests and pauses");
  case LW_RUN_COLUMN_SPEED:
    return _ ("Training images a second, over the whole run");
  case LW_RUN_COLUMN_MEMORY:
    return _ ("On the device while it trained");
  case LW_RUN_COLUMN_OTHERS:
    return _ ("Settings that the book has otherwise");
  default:
    return NULL;
  }
}

int
lw_run_column_width (LwRunColumn column)
{
  return columns[column].width;
}

bool
lw_run_column_is_number (LwRunColumn column)
{
  return columns[column].number;
}

int
lw_run_column_better (LwRunColumn column)
{
  return columns[column].better;
}

/* --- values ------------------------------------------------------------------------------------
 */

static double
last_accuracy (LwRunItem *run)
{
  const LwSeries *tests = lw_run_item_series (run, LW_CURVE_TEST_ACCURACY);
  const int64_t n = (int64_t)lw_series_length (tests);

  return n > 0 ? lw_series_y (tests)[n - 1] : NAN;
}

/* Over the whole run, where the newest step's would be of one moment. */
static double
speed (LwRunItem *run)
{
  const LwRunProgress p = lw_run_item_progress (run);

  return p.elapsed_s > 0 ? (double)p.step * lw_run_item_settings (run)->batch / p.elapsed_s : NAN;
}

static double
or_unknown (double value, bool known)
{
  return known ? value : NAN;
}

double
lw_run_column_number (LwRunColumn column, LwRunItem *run)
{
  const LwSettings *settings = lw_run_item_settings (run);
  const LwRunProgress p = lw_run_item_progress (run);

  switch (column) {
  case LW_RUN_COLUMN_STAR:
    return lw_run_item_notes (run)->star;
  case LW_RUN_COLUMN_RATE:
    return settings->learning_rate;
  case LW_RUN_COLUMN_BATCH:
    return settings->batch;
  case LW_RUN_COLUMN_SEED:
    return (double)settings->seed;
  case LW_RUN_COLUMN_PARAMETERS:
    return (double)lw_run_item_parameters (run);
  case LW_RUN_COLUMN_MACS:
    return (double)lw_run_item_macs (run);
  case LW_RUN_COLUMN_BEST:
    return or_unknown ((double)p.best_test_accuracy, p.best_epoch > 0);
  case LW_RUN_COLUMN_EPOCH:
    return or_unknown (p.best_epoch, p.best_epoch > 0);
  case LW_RUN_COLUMN_LAST:
    return last_accuracy (run);
  case LW_RUN_COLUMN_TIME:
    return or_unknown (p.elapsed_s, p.step > 0);
  case LW_RUN_COLUMN_SPEED:
    return speed (run);
  case LW_RUN_COLUMN_MEMORY:
    return or_unknown ((double)lw_run_item_peak_memory (run), lw_run_item_peak_memory (run) > 0);
  case LW_RUN_COLUMN_DATE:
    return or_unknown ((double)lw_run_item_started (run), lw_run_item_started (run) > 0);
  default:
    return NAN;
  }
}

static char *
date_text (LwRunItem *run, const char *format)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (lw_run_item_started (run));

  return lw_run_item_started (run) > 0 && date != NULL ? g_date_time_format (date, format)
                                                       : g_strdup (UNKNOWN);
}

static char *
state_text (LwRunItem *run)
{
  switch (lw_run_item_state (run)) {
  case LW_RUN_FINISHED:
    return g_strdup (_ ("finished"));
  case LW_RUN_STOPPED:
    return g_strdup (_ ("stopped"));
  case LW_RUN_DIVERGED:
    return g_strdup (_ ("! diverged"));
  case LW_RUN_FAILED:
    return g_strdup (_ ("! failed"));
  case LW_RUN_PAUSED:
    return g_strdup (_ ("paused"));
  default:
    return g_strdup (_ ("training"));
  }
}

static char *
first_line (const char *note)
{
  const char *end = note != NULL ? strchr (note, '\n') : NULL;

  return note == NULL  ? g_strdup ("")
         : end != NULL ? g_strdup_printf ("%.*s…", (int)(end - note), note)
                       : g_strdup (note);
}

static char *
number_text (LwRunColumn column, double value)
{
  switch (column) {
  case LW_RUN_COLUMN_RATE: {
    char number[LW_NUMBER_SIZE];

    g_ascii_formatd (number, sizeof number, "%.6g", value);
    return strpbrk (number, ".e") != NULL ? g_strdup (number) : g_strconcat (number, ".0", NULL);
  }
  case LW_RUN_COLUMN_PARAMETERS:
  case LW_RUN_COLUMN_MACS:
    return lw_format_short (value);
  case LW_RUN_COLUMN_BEST:
  case LW_RUN_COLUMN_LAST:
    return g_strdup_printf ("%.3f", value);
  case LW_RUN_COLUMN_TIME:
    return value < 9.95 ? g_strdup_printf (_ ("%.1f s"), value) : lw_clock_text (value);
  case LW_RUN_COLUMN_MEMORY:
    return lw_format_bytes ((int64_t)value);
  default:
    return lw_format_exact ((int64_t)(value + 0.5));
  }
}

char *
lw_run_column_text (LwRunColumn column, LwRunItem *run)
{
  const double value = lw_run_column_number (column, run);

  switch (column) {
  case LW_RUN_COLUMN_NAME:
    return g_strdup (lw_run_item_title (run));
  case LW_RUN_COLUMN_OTHERS:
    return g_strdup (lw_run_settings_others (run));
  case LW_RUN_COLUMN_STATE:
    return state_text (run);
  case LW_RUN_COLUMN_DATE:
    return date_text (run, "%Y-%m-%d %H:%M");
  case LW_RUN_COLUMN_NOTE:
    return first_line (lw_run_item_notes (run)->note);
  case LW_RUN_COLUMN_SEED: /* no thousands: it is a name */
    return g_strdup_printf ("%" G_GUINT64_FORMAT, lw_run_item_settings (run)->seed);
  case LW_RUN_COLUMN_BATCH:
    return g_strdup_printf ("%d", lw_run_item_settings (run)->batch);
  default:
    return isnan (value) ? g_strdup (UNKNOWN) : number_text (column, value);
  }
}

char *
lw_run_column_exact (LwRunColumn column, LwRunItem *run)
{
  const LwRunNotes *notes = lw_run_item_notes (run);
  const double value = lw_run_column_number (column, run);
  g_autofree char *number = NULL;

  switch (column) {
  case LW_RUN_COLUMN_NAME: {
    g_autofree char *place = g_filename_display_name (lw_run_item_folder (run));

    return g_strconcat (lw_run_item_network (run), "\n", place, notes->note != NULL ? "\n" : NULL,
                        notes->note, NULL);
  }
  case LW_RUN_COLUMN_OTHERS:
    return *lw_run_settings_others (run) != '\0' ? g_strdup (lw_run_settings_others (run)) : NULL;
  case LW_RUN_COLUMN_NOTE:
    return g_strdup (notes->note);
  case LW_RUN_COLUMN_STATE:
    return g_strdup (lw_run_item_message (run));
  case LW_RUN_COLUMN_DATE:
    return date_text (run, "%Y-%m-%d %H:%M:%S");
  default:
    break;
  }
  if (isnan (value))
    return column == LW_RUN_COLUMN_MEMORY
               ? g_strdup (_ ("Not known: runs keep it since this version, from their start on."))
               : NULL;
  number = lw_format_exact ((int64_t)value);
  switch (column) {
  case LW_RUN_COLUMN_PARAMETERS:
    return g_strdup_printf (_ ("%s parameters"), number);
  case LW_RUN_COLUMN_MACS:
    return g_strdup_printf (_ ("%s MACs per image"), number);
  case LW_RUN_COLUMN_MEMORY:
    return g_strdup_printf (
        _ ("%s bytes on its device: tensors, gradients, optimizer, and the fullest step"), number);
  case LW_RUN_COLUMN_BEST:
  case LW_RUN_COLUMN_LAST:
    return g_strdup_printf ("%.6g", value);
  case LW_RUN_COLUMN_TIME:
    return g_strdup_printf (_ ("%.1f s in training steps, without tests and pauses"), value);
  case LW_RUN_COLUMN_SPEED:
    return g_strdup_printf (_ ("%.1f training images a second, over the whole run"), value);
  default:
    return NULL;
  }
}

int
lw_run_column_compare (LwRunColumn column, LwRunItem *a, LwRunItem *b)
{
  const double x = lw_run_column_number (column, a), y = lw_run_column_number (column, b);

  if (!isnan (x) || !isnan (y))
    return isnan (x) ? -1 : isnan (y) ? 1 : x < y ? -1 : x > y;
  {
    g_autofree char *text_a = lw_run_column_text (column, a);
    g_autofree char *text_b = lw_run_column_text (column, b);

    return g_utf8_collate (text_a, text_b);
  }
}

/* --- files -------------------------------------------------------------------------------------
 */

/* A table for programs has the number, one for people what is shown. */
static void
export_cell (LwTextTable *table, LwRunColumn column, LwRunItem *run)
{
  const double value = lw_run_column_number (column, run);

  switch (column) {
  case LW_RUN_COLUMN_STAR:
    lw_text_table_text (table, lw_run_item_notes (run)->star ? "★" : "");
    break;
  case LW_RUN_COLUMN_PARAMETERS:
  case LW_RUN_COLUMN_MACS:
  case LW_RUN_COLUMN_MEMORY:
    if (isnan (value))
      lw_text_table_text (table, NULL);
    else
      lw_text_table_number (table, (int64_t)value);
    break;
  case LW_RUN_COLUMN_SPEED:
  case LW_RUN_COLUMN_TIME: {
    char number[LW_NUMBER_SIZE];

    g_ascii_formatd (number, sizeof number, "%.1f", value);
    lw_text_table_text (table, isnan (value) ? NULL : number);
    break;
  }
  case LW_RUN_COLUMN_BEST:
  case LW_RUN_COLUMN_LAST: {
    char number[LW_NUMBER_SIZE];

    g_ascii_formatd (number, sizeof number, "%.6g", value);
    lw_text_table_text (table, isnan (value) ? NULL : number);
    break;
  }
  case LW_RUN_COLUMN_NOTE:
    lw_text_table_text (table, lw_run_item_notes (run)->note);
    break;
  default:
    lw_text_table_take (table, lw_run_column_text (column, run));
  }
}

static char *
export_title (LwRunColumn column)
{
  if (column == LW_RUN_COLUMN_TIME)
    return g_strdup (_ ("Time (s)"));
  if (column == LW_RUN_COLUMN_MEMORY)
    return g_strdup (_ ("Peak memory (bytes)"));
  return g_strdup (lw_run_column_title (column));
}

LwTextTable *
lw_run_columns_export (const GPtrArray *runs, const bool shown[LW_N_RUN_COLUMNS])
{
  g_autoptr (GString) alignment = g_string_new (NULL);
  LwTextTable *table;

  for (int c = LW_RUN_COLUMN_STAR; c < LW_N_RUN_COLUMNS; c++)
    if (shown[c])
      g_string_append_c (alignment, columns[c].number ? 'r' : 'l');
  table = lw_text_table_new (alignment->str);
  lw_text_table_row (table, LW_ROW_HEAD, 0);
  for (int c = LW_RUN_COLUMN_STAR; c < LW_N_RUN_COLUMNS; c++)
    if (shown[c])
      lw_text_table_take (table, export_title ((LwRunColumn)c));
  for (guint i = 0; i < runs->len; i++) {
    lw_text_table_row (table, LW_ROW_BODY, 0);
    for (int c = LW_RUN_COLUMN_STAR; c < LW_N_RUN_COLUMNS; c++)
      if (shown[c])
        export_cell (table, (LwRunColumn)c, runs->pdata[i]);
  }
  return table;
}
