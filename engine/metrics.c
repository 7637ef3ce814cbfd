#include "engine/metrics.h"

#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/live_setting.h"
#include "engine/number.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define BUFFER    16384
#define ROW       512
#define FLUSH_US  (G_USEC_PER_SEC / 2)
#define MAX_BYTES (INT64_C (4) << 30)
#define N_REALS   9
#define N_DOUBLES 2             /* of them: epoch and time; the others are floats in the log */
#define N_OLD     (2 + N_REALS) /* columns of files that name no setting */
#define N_CELLS   (N_OLD + 3)
#define HEADER                                                                                     \
  "event,step,epoch,time_s,loss,accuracy,test_loss,test_accuracy,learning_rate,"                   \
  "examples_per_second,seconds,detail,value,previous\n"

struct LwMetrics {
  char *path;
  int fd;
  gsize used;
  gint64 written_us; /* when the buffer last went to the file */
  char buffer[BUFFER];
};

static const char *const states[] = {
  [LW_RUN_READY] = "ready",       [LW_RUN_STARTING] = "starting", [LW_RUN_RUNNING] = "running",
  [LW_RUN_PAUSED] = "paused",     [LW_RUN_FINISHED] = "finished", [LW_RUN_STOPPED] = "stopped",
  [LW_RUN_DIVERGED] = "diverged", [LW_RUN_FAILED] = "failed",
};
static const char *const kinds[] = {
  [LW_EVENT_START] = "start",
  [LW_EVENT_STEP] = "step",
  [LW_EVENT_EPOCH] = "epoch",
  [LW_EVENT_SETTING] = "setting",
};

/* Which of the columns after `step` an event has; bit i: column i. */
enum {
  EPOCH = 1 << 0,
  TIME = 1 << 1,
  LOSS = 1 << 2 | 1 << 3,
  TEST = 1 << 4 | 1 << 5,
  RATE = 1 << 6,
  SPEED = 1 << 7,
  SECONDS = 1 << 8
};
static const unsigned columns[] = {
  [LW_EVENT_START] = EPOCH | TIME | RATE,
  [LW_EVENT_STEP] = EPOCH | TIME | LOSS | RATE | SPEED,
  [LW_EVENT_EPOCH] = EPOCH | TIME | LOSS | TEST | RATE | SPEED | SECONDS,
  [LW_EVENT_SETTING] = EPOCH | TIME | RATE,
  [LW_EVENT_END] = EPOCH | TIME,
};

const char *
lw_run_state_name (LwRunState state)
{
  return states[state];
}

#define EARLY_STOP "early-stop"

/* The columns after the numbers; returns the row's new length. */
static gsize
format_detail (const LwEvent *event, char row[ROW], gsize length)
{
  const char *detail = "";
  g_autofree char *value = NULL, *previous = NULL;

  if (event->kind == LW_EVENT_SETTING) {
    detail = lw_live_name (event->setting);
    value = lw_live_text (event->setting, event->value, 17);
    if (!isnan (event->previous))
      previous = lw_live_text (event->setting, event->previous, 17);
  } else if (event->kind == LW_EVENT_END && event->stopped_early) {
    detail = EARLY_STOP;
  }
  return length + (gsize)g_snprintf (row + length, ROW - length, ",%s,%s,%s", detail,
                                     value != NULL ? value : "", previous != NULL ? previous : "");
}

/* Returns the row's length, its newline included. */
static gsize
format_row (const LwEvent *event, char row[ROW])
{
  const double values[N_REALS] = { event->epoch,         event->time_s,
                                   event->loss,          event->accuracy,
                                   event->test_loss,     event->test_accuracy,
                                   event->learning_rate, event->examples_per_second,
                                   event->seconds };
  const char *word = event->kind == LW_EVENT_END ? states[event->state] : kinds[event->kind];
  gsize length = (gsize)g_snprintf (row, ROW, "%s,%" G_GINT64_FORMAT, word, event->step);

  for (int i = 0; i < N_REALS; i++) {
    row[length++] = ',';
    row[length] = '\0';
    if (columns[event->kind] & (1u << i))
      g_ascii_formatd (row + length, (int)(ROW - length), "%.9g", values[i]);
    length += strlen (row + length);
  }
  if (event->kind == LW_EVENT_SETTING || event->kind == LW_EVENT_END)
    length = format_detail (event, row, length);
  else
    for (int i = N_OLD; i < N_CELLS; i++)
      row[length++] = ',';
  row[length++] = '\n';
  return length;
}

static bool
write_whole (const char *path, const LwRunLog *log, GError **error)
{
  g_autoptr (LwReplacement) file = lw_replacement_new (path, error);
  g_autoptr (GString) text = g_string_new (HEADER);
  char row[ROW];

  if (file == NULL)
    return false;
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const gsize length = format_row (lw_run_log_get (log, i), row);

    g_string_append_len (text, row, (gssize)length);
    if (text->len < BUFFER)
      continue;
    if (!lw_replacement_write (file, text->str, text->len, error))
      return false;
    g_string_truncate (text, 0);
  }
  return lw_replacement_write (file, text->str, text->len, error) &&
         lw_replacement_commit (file, error);
}

LwMetrics *
lw_metrics_new (const char *path, const LwRunLog *log, GError **error)
{
  LwMetrics *metrics;
  int fd;

  if (!write_whole (path, log, error))
    return NULL;
  fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) {
    lw_file_set_error (error, true, path, errno);
    return NULL;
  }
  metrics = g_new0 (LwMetrics, 1);
  metrics->path = g_strdup (path);
  metrics->fd = fd;
  metrics->written_us = g_get_monotonic_time ();
  return metrics;
}

void
lw_metrics_free (LwMetrics *metrics)
{
  if (metrics == NULL)
    return;
  close (metrics->fd);
  g_free (metrics->path);
  g_free (metrics);
}

bool
lw_metrics_flush (LwMetrics *metrics, bool durable, GError **error)
{
  gsize done = 0;
  int problem = 0;

  while (problem == 0 && done < metrics->used) {
    const ssize_t wrote = write (metrics->fd, metrics->buffer + done, metrics->used - done);

    if (wrote >= 0)
      done += (gsize)wrote;
    else if (errno != EINTR)
      problem = errno;
  }
  /* What is left waits: the file may end in the middle of a row, which the next write goes on with.
   */
  metrics->used -= done;
  memmove (metrics->buffer, metrics->buffer + done, metrics->used);
  if (problem == 0 && durable && fdatasync (metrics->fd) != 0 && errno != EINVAL)
    problem = errno; /* some file systems cannot */
  if (problem == 0) {
    metrics->written_us = g_get_monotonic_time ();
    return true;
  }
  lw_file_set_error (error, true, metrics->path, problem);
  return false;
}

bool
lw_metrics_append (LwMetrics *metrics, const LwEvent *event, GError **error)
{
  char row[ROW];
  const gsize length = format_row (event, row);

  /* There is room for it, unless the last flush failed and nobody minded. */
  if (metrics->used + length > BUFFER && !lw_metrics_flush (metrics, false, error))
    return false;
  memcpy (metrics->buffer + metrics->used, row, length);
  metrics->used += length;
  return (metrics->used + ROW <= BUFFER &&
          g_get_monotonic_time () - metrics->written_us < FLUSH_US) ||
         lw_metrics_flush (metrics, false, error);
}

static bool
parse_word (const char *word, LwEvent *event)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (word, kinds[i]) == 0) {
      event->kind = (LwEventKind)i;
      return true;
    }
  event->kind = LW_EVENT_END;
  for (guint i = LW_RUN_FINISHED; i < G_N_ELEMENTS (states); i++)
    if (strcmp (word, states[i]) == 0) {
      event->state = (LwRunState)i;
      return true;
    }
  return false;
}

static bool
parse_detail (const char *const cells[N_CELLS], LwEvent *event)
{
  const char *detail = cells[N_OLD], *value = cells[N_OLD + 1], *previous = cells[N_OLD + 2];

  event->stopped_early = event->kind == LW_EVENT_END && strcmp (detail, EARLY_STOP) == 0;
  if (event->kind != LW_EVENT_SETTING)
    return true;
  event->previous = NAN;
  if (*detail == '\0') { /* a file of before */
    event->setting = LW_LIVE_LEARNING_RATE;
    event->value = event->learning_rate;
    return true;
  }
  return lw_live_find (detail, &event->setting) &&
         lw_live_parse (event->setting, value, &event->value) &&
         (*previous == '\0' || lw_live_parse (event->setting, previous, &event->previous));
}

bool
lw_metrics_is_head (const char *row, gsize size)
{
  const gsize old = (gsize)(strstr (HEADER, ",detail") - HEADER);

  return (size == old || size == strlen (HEADER) - 1) && memcmp (row, HEADER, size) == 0;
}

bool
lw_metrics_parse_row (const char *text, gsize size, LwEvent *event)
{
  double values[N_REALS] = { 0 };
  const char *cells[N_CELLS];
  char row[ROW];
  int n = 0;

  if (size >= ROW || memchr (text, '\0', size) != NULL)
    return false;
  memcpy (row, text, size);
  row[size] = '\0';
  for (char *at = row; at != NULL && n < N_CELLS; n++) {
    cells[n] = at;
    at = strchr (at, ',');
    if (at != NULL)
      *at++ = '\0';
  }
  if (n < N_OLD)
    return false;
  for (; n < N_CELLS; n++)
    cells[n] = "";
  *event = (LwEvent){ 0 };
  if (!parse_word (cells[0], event) || !lw_number_parse_signed (cells[1], &event->step) ||
      event->step < 0)
    return false;
  for (int i = 0; i < N_REALS; i++)
    if (*cells[2 + i] != '\0' && (!lw_number_parse_real (cells[2 + i], &values[i]) ||
                                  (i >= N_DOUBLES && fabs (values[i]) > (double)FLT_MAX)))
      return false;
  event->epoch = values[0];
  event->time_s = values[1];
  event->loss = (float)values[2];
  event->accuracy = (float)values[3];
  event->test_loss = (float)values[4];
  event->test_accuracy = (float)values[5];
  event->learning_rate = (float)values[6];
  event->examples_per_second = (float)values[7];
  event->seconds = (float)values[8];
  return parse_detail (cells, event);
}

bool
lw_metrics_refuse_long (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
               _ ("There is not enough memory for the rows of \"%s\"; close other programs and try "
                  "again."),
               name);
  return lw_error_make_plain (error);
}

static int64_t
count_lines (const char *text, gsize length)
{
  const char *const end = text + length;
  int64_t lines = 0;

  while (text < end && (text = memchr (text, '\n', (gsize)(end - text))) != NULL) {
    text++;
    lines++;
  }
  return lines;
}

bool
lw_metrics_read (const char *path, LwRunLog *log, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *text, *end;
  int64_t step = 0;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  bytes = lw_file_read (path, MAX_BYTES, error);
  if (bytes == NULL)
    return false;
  text = g_bytes_get_data (bytes, &length);
  if (length > 0 && !lw_run_log_has_room (log, count_lines (text, length)))
    return lw_metrics_refuse_long (path, error);
  end = text + length;
  for (int64_t line = 1; text < end; line++) {
    const char *newline = memchr (text, '\n', (gsize)(end - text));
    const char *row = text;
    LwEvent event;
    gsize size;

    if (newline == NULL)
      break;
    size = (gsize)(newline - row);
    text = newline + 1;
    if (line == 1 && lw_metrics_is_head (row, size))
      continue;
    /* Steps never go back; a reader of the log may search by them. */
    if (line == 1 || !lw_metrics_parse_row (row, size, &event) || event.step < step) {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                   _ ("\"%s\", line %" PRId64 ": this is no row of a run's metrics."), name, line);
      lw_error_make_plain (error);
      return false;
    }
    step = event.step;
    lw_run_log_append (log, &event);
  }
  return true;
}
