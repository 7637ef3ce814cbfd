/* The numbers of LwChartView as CSV: read from the logs, on any thread. */
#include "engine/formats/file.h"
#include "ui/chart-export.h"
#include "ui/chart-view-private.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define HEAD "run,step,epoch,wall_time_s,split,metric,value\n"

typedef struct {
  char *name; /* of its folder, which no other run has */
  LwRunLog *log;
  double step; /* see lw_chart_x_place */
  double x_min, x_max;
  bool train, test, loss, accuracy;
} Source;

struct LwChartNumbers {
  GArray *sources; /* Source */
  LwChartX x;
};

static void
clear_source (gpointer data)
{
  Source *source = data;

  g_free (source->name);
  lw_run_log_unref (source->log);
}

static void
add_sources (LwChartNumbers *numbers, LwChartView *view)
{
  const LwChartRange shown = lw_chart_view_shown (view);

  for (guint e = 0; e < view->entries->len; e++) {
    LwChartEntry *entry = view->entries->pdata[e];

    for (int r = 0; r < lw_chart_entry_n_runs (entry); r++) {
      LwRunCurves *curves = lw_chart_entry_run (entry, r);
      LwRunItem *run = lw_run_curves_run (curves);
      Source source = { .step = lw_run_curves_scale (curves),
                        .x_min = shown.min,
                        .x_max = shown.max,
                        .loss = view->only != 1 + LW_RUN_CHART_ACCURACY,
                        .accuracy = view->only != 1 + LW_RUN_CHART_LOSS };

      if (view->by_role) {
        source.train = !lw_chart_view_style (view, 0).hidden;
        source.test = !lw_chart_view_style (view, 1).hidden;
      } else if (!lw_chart_view_style (view, (int)e).hidden) {
        source.train = (view->curves & LW_CURVES_TRAIN) != 0;
        source.test = (view->curves & LW_CURVES_TEST) != 0;
      }
      if (!source.train && !source.test)
        continue;
      source.name = g_path_get_basename (lw_run_item_folder (run));
      source.log = lw_run_log_ref (lw_run_item_log (run));
      g_array_append_val (numbers->sources, source);
    }
  }
}

LwChartNumbers *
lw_chart_numbers_new (LwChartView *view, LwChartView *below)
{
  LwChartNumbers *numbers = g_new0 (LwChartNumbers, 1);

  numbers->sources = g_array_new (FALSE, TRUE, sizeof (Source));
  g_array_set_clear_func (numbers->sources, clear_source);
  numbers->x = view->x;
  add_sources (numbers, view);
  if (below != NULL)
    add_sources (numbers, below);
  return numbers;
}

void
lw_chart_numbers_free (LwChartNumbers *numbers)
{
  if (numbers == NULL)
    return;
  g_array_unref (numbers->sources);
  g_free (numbers);
}

static void
append_cell (GString *csv, const char *text)
{
  if (strpbrk (text, ",\"\r\n") == NULL) {
    g_string_append (csv, text);
    return;
  }
  g_string_append_c (csv, '"');
  for (; *text != '\0'; text++)
    g_string_append_len (csv, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  g_string_append_c (csv, '"');
}

static void
append_value (GString *csv, const char *run, const LwEvent *event, const char *split,
              const char *metric, float value)
{
  char number[3][G_ASCII_DTOSTR_BUF_SIZE];

  append_cell (csv, run);
  g_ascii_formatd (number[0], sizeof number[0], "%.9g", event->epoch);
  g_ascii_formatd (number[1], sizeof number[1], "%.9g", event->time_s);
  g_ascii_formatd (number[2], sizeof number[2], "%.9g", (double)value);
  g_string_append_printf (csv, ",%" G_GINT64_FORMAT ",%s,%s,%s,%s,%s\n", event->step, number[0],
                          number[1], split, metric, number[2]);
}

static void
append_event (GString *csv, const LwChartNumbers *numbers, const Source *source,
              const LwEvent *event)
{
  const double x = lw_chart_x_place (numbers->x, source->step, event);

  if (x < source->x_min || x > source->x_max)
    return;
  if (event->kind == LW_EVENT_STEP && source->train) {
    if (source->loss)
      append_value (csv, source->name, event, "train", "loss", event->loss);
    if (source->accuracy)
      append_value (csv, source->name, event, "train", "accuracy", event->accuracy);
  } else if (event->kind == LW_EVENT_EPOCH && source->test) {
    if (source->loss)
      append_value (csv, source->name, event, "test", "loss", event->test_loss);
    if (source->accuracy)
      append_value (csv, source->name, event, "test", "accuracy", event->test_accuracy);
  }
}

/* Takes a full buffer; false ends. */
typedef bool (*TakeFunc) (GString *csv, gpointer data, GError **error);

static bool
make (const LwChartNumbers *numbers, gsize buffer, TakeFunc take, gpointer data, GError **error)
{
  g_autoptr (GString) csv = g_string_new (HEAD);

  for (guint s = 0; s < numbers->sources->len; s++) {
    const Source *source = &g_array_index (numbers->sources, Source, s);
    const int64_t length = lw_run_log_length (source->log);

    for (int64_t i = 0; i < length; i++) {
      append_event (csv, numbers, source, lw_run_log_get (source->log, i));
      if (csv->len < buffer)
        continue;
      if (!take (csv, data, error))
        return false;
      g_string_truncate (csv, 0);
    }
  }
  return take (csv, data, error);
}

static bool
write_buffer (GString *csv, gpointer data, GError **error)
{
  return lw_replacement_write (data, csv->str, csv->len, error);
}

bool
lw_chart_numbers_write (const LwChartNumbers *numbers, const char *path, GError **error)
{
  g_autoptr (LwReplacement) file = lw_replacement_new (path, error);

  return file != NULL && make (numbers, 65536, write_buffer, file, error) &&
         lw_replacement_commit (file, error);
}

/* The first buffer is enough. */
static bool
keep_buffer (GString *csv, gpointer data, GError **error)
{
  char **text = data;

  (void)error;
  *text = g_strndup (csv->str, csv->len);
  return false;
}

char *
lw_chart_numbers_text (const LwChartNumbers *numbers, gsize most)
{
  char *text = NULL;

  make (numbers, MAX (most, sizeof HEAD), keep_buffer, &text, NULL);
  return text;
}
