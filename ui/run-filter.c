/* What is typed into the filter of the table of runs. */
#include "engine/number.h"
#include "ui/run-columns.h"
#include "ui/run-settings.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *word;
  LwRunColumn column;
} numbers[] = {
  { "lr", LW_RUN_COLUMN_RATE },       { "rate", LW_RUN_COLUMN_RATE },
  { "batch", LW_RUN_COLUMN_BATCH },   { "seed", LW_RUN_COLUMN_SEED },
  { "accuracy", LW_RUN_COLUMN_BEST }, { "best", LW_RUN_COLUMN_BEST },
  { "last", LW_RUN_COLUMN_LAST },     { "epoch", LW_RUN_COLUMN_EPOCH },
  { "time", LW_RUN_COLUMN_TIME },     { "params", LW_RUN_COLUMN_PARAMETERS },
  { "macs", LW_RUN_COLUMN_MACS },     { "memory", LW_RUN_COLUMN_MEMORY },
};

/* "lr>=0.1" → its number column, the sign and what it is compared with; false: only words. */
static bool
parse_comparison (const char *term, LwRunColumn *ret_column, char ret_sign[3], double *ret_value)
{
  const gsize length = strcspn (term, "<>="), signs = strspn (term + length, "<>=");

  if (length == 0 || signs == 0 || signs > 2 ||
      !lw_number_parse_real (term + length + signs, ret_value))
    return false;
  g_strlcpy (ret_sign, term + length, signs + 1);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strlen (numbers[i].word) == length && strncmp (numbers[i].word, term, length) == 0) {
      *ret_column = numbers[i].column;
      return true;
    }
  return false;
}

static bool
compares (double value, const char *sign, double other)
{
  /* 0.1 of a run and 0.1 that was typed may be a bit apart. */
  const bool equal = fabs (value - other) <= 1e-9 * MAX (fabs (value), fabs (other));

  if (isnan (value))
    return false;
  if (strchr (sign, '=') != NULL && equal)
    return true;
  return (strchr (sign, '<') != NULL && value < other && !equal) ||
         (strchr (sign, '>') != NULL && value > other && !equal);
}

bool
lw_run_matches (LwRunItem *run, const char *filter)
{
  g_auto (GStrv) terms = NULL;
  g_autofree char *folded = NULL, *text = NULL;

  if (filter == NULL || *filter == '\0')
    return true;
  folded = g_utf8_casefold (filter, -1);
  terms = g_strsplit_set (folded, " \t", -1);
  for (int i = 0; terms[i] != NULL; i++) {
    LwRunColumn column;
    char sign[3];
    double value;

    if (terms[i][0] == '\0')
      continue;
    if (parse_comparison (terms[i], &column, sign, &value)) {
      if (!compares (lw_run_column_number (column, run), sign, value))
        return false;
      continue;
    }
    if (text == NULL) {
      const LwRunNotes *notes = lw_run_item_notes (run);
      g_autofree char *rate = lw_run_column_text (LW_RUN_COLUMN_RATE, run);
      g_autofree char *state = lw_run_column_text (LW_RUN_COLUMN_STATE, run);
      g_autofree char *all = g_strdup_printf (
          "%s\n%s\n%s\nlr %s\nbatch %d\nseed %" G_GUINT64_FORMAT "\n%s\n%s",
          lw_run_item_title (run), lw_run_item_network (run), lw_run_settings_others (run), rate,
          lw_run_item_settings (run)->batch, lw_run_item_settings (run)->seed, state,
          notes->note != NULL ? notes->note : "");

      text = g_utf8_casefold (all, -1);
    }
    if (strstr (text, terms[i]) == NULL)
      return false;
  }
  return true;
}
