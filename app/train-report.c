#include "app/train-report.h"

#include "app/app.h"
#include "app/json-writer.h"
#include "app/progress.h"
#include "app/table.h"
#include "app/train-init.h"
#include "engine/analysis.h"
#include "engine/live_setting.h"
#include "engine/record_health.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#define COLUMN 11 /* least width of the table of epochs */

struct LwTrainReport {
  LwTrainer *trainer;
  LwDataset *dataset;
  const LwSettings *settings;
  LwRunLog *log;
  LwJson *json; /* NULL: plain */
  LwProgress *progress;
  int64_t next;          /* first event that is not printed */
  bool closed;           /* standard output takes no more */
  gint64 begun_us;       /* when the first step of this program was seen, */
  int64_t begun_step;    /*   and its number: for the time left */
  double loss, accuracy; /* sums over the epoch so far */
  int64_t steps;         /*   and how many steps they are of */
  LwEvent step;          /* the last one */
  int32_t best_epoch;
  float best_accuracy;
  bool stopped_early;
  bool waits; /* for room on a disk; was said */
};

static void
note_best (LwTrainReport *report, const LwEvent *event)
{
  /* The first of equals; a network that diverged has no accuracy to speak of, but may have one. */
  if (event->kind == LW_EVENT_EPOCH && !isnan (event->test_accuracy) &&
      (report->best_epoch == 0 || event->test_accuracy > report->best_accuracy)) {
    report->best_epoch = (int32_t)lround (event->epoch);
    report->best_accuracy = event->test_accuracy;
  }
}

LwTrainReport *
lw_train_report_new (LwTrainer *trainer, LwDataset *dataset, bool json)
{
  LwTrainReport *report = g_new0 (LwTrainReport, 1);

  report->trainer = trainer;
  report->dataset = lw_dataset_ref (dataset);
  report->settings = lw_trainer_settings (trainer);
  report->log = lw_run_log_ref (lw_trainer_log (trainer));
  report->json = json ? lw_json_new () : NULL;
  report->progress = lw_progress_new ();
  report->next = lw_run_log_length (report->log);
  for (int64_t i = 0; i < report->next; i++)
    note_best (report, lw_run_log_get (report->log, i));
  return report;
}

void
lw_train_report_free (LwTrainReport *report)
{
  if (report == NULL)
    return;
  lw_dataset_unref (report->dataset);
  lw_run_log_unref (report->log);
  lw_json_free (report->json);
  lw_progress_free (report->progress);
  g_free (report);
}

void
lw_train_report_error (const char *message)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "event", "error");
  lw_json_string (json, "message", message);
  lw_json_end_object (json);
  lw_json_print (json);
}

/* --- JSON Lines ------------------------------------------------------------------------------ */

static void
begin_event (LwTrainReport *report, const char *name)
{
  lw_json_begin_object (report->json, NULL);
  lw_json_string (report->json, "event", name);
}

static void
end_event (LwTrainReport *report)
{
  lw_json_end_object (report->json);
  if (!lw_json_print (report->json))
    report->closed = true;
}

/* Examples in one epoch. */
static int32_t
n_examples (const LwTrainReport *report, LwSplit split)
{
  const int32_t limit =
      split == LW_SPLIT_TRAIN ? report->settings->limit_train : report->settings->limit_test;
  const int32_t all = lw_dataset_size (report->dataset, split);

  return limit > 0 ? MIN (limit, all) : all;
}

static void
json_start (LwTrainReport *report, const LwEvent *event)
{
  const LwSettings *settings = report->settings;
  g_autofree char *precision = lw_settings_get (settings, "precision");
  LwGraph *graph = lw_trainer_graph (report->trainer);

  begin_event (report, "start");
  lw_json_string (report->json, "model", lw_options_model (settings->options)->name);
  lw_json_string (report->json, "device", lw_trainer_device_name (report->trainer));
  lw_json_string (report->json, "precision", precision);
  lw_json_unsigned (report->json, "seed", settings->seed);
  lw_json_integer (report->json, "batch", settings->batch);
  lw_json_double (report->json, "learning_rate", settings->learning_rate);
  lw_json_integer (report->json, "parameters", lw_graph_cost (graph).parameters);
  lw_json_integer (report->json, "train_examples", n_examples (report, LW_SPLIT_TRAIN));
  lw_json_integer (report->json, "test_examples", n_examples (report, LW_SPLIT_TEST));
  lw_json_integer (report->json, "steps_per_epoch", lw_trainer_steps_per_epoch (report->trainer));
  lw_json_integer (report->json, "total_steps", lw_trainer_total_steps (report->trainer));
  lw_json_integer (report->json, "step", event->step);
  lw_json_string (report->json, "run", lw_trainer_folder (report->trainer));
  end_event (report);
}

static void
json_step (LwTrainReport *report, const LwEvent *event)
{
  begin_event (report, "step");
  lw_json_integer (report->json, "step", event->step);
  lw_json_double (report->json, "epoch", event->epoch);
  lw_json_float (report->json, "loss", event->loss);
  lw_json_float (report->json, "accuracy", event->accuracy);
  lw_json_float (report->json, "learning_rate", event->learning_rate);
  lw_json_float (report->json, "examples_per_second", event->examples_per_second);
  end_event (report);
}

static void
json_epoch (LwTrainReport *report, const LwEvent *event)
{
  begin_event (report, "epoch");
  lw_json_integer (report->json, "epoch", lround (event->epoch));
  lw_json_float (report->json, "train_loss", event->loss);
  lw_json_float (report->json, "train_accuracy", event->accuracy);
  lw_json_float (report->json, "test_loss", event->test_loss);
  lw_json_float (report->json, "test_accuracy", event->test_accuracy);
  lw_json_float (report->json, "seconds", event->seconds);
  lw_json_float (report->json, "examples_per_second", event->examples_per_second);
  end_event (report);
}

/* PyTorch's name of the layer where a divergence began, if that is known. */
static void
json_diverged_layer (LwTrainReport *report)
{
  LwHealthRecord *health = lw_records_health (lw_trainer_records (report->trainer));
  g_autoptr (LwDivergence) divergence =
      health != NULL ? lw_health_record_divergence (health) : NULL;
  LwDivergenceOrigin origin;

  if (divergence == NULL)
    return;
  origin = lw_divergence_origin (divergence);
  if (origin.layer >= 0)
    lw_json_string (
        report->json, "diverged_layer",
        lw_graph_node (lw_trainer_graph (report->trainer), divergence->layers[origin.layer])->name);
}

static void
json_setting (LwTrainReport *report, const LwEvent *event)
{
  const bool known = !isnan (event->previous);

  begin_event (report, "setting");
  lw_json_integer (report->json, "step", event->step);
  lw_json_double (report->json, "epoch", event->epoch);
  lw_json_string (report->json, "setting", lw_live_name (event->setting));
  if (event->setting == LW_LIVE_SCHEDULE) {
    g_autofree char *value = lw_live_text (event->setting, event->value, 1);

    lw_json_string (report->json, "value", value);
  } else {
    lw_json_double (report->json, "value", event->value);
  }
  if (known && event->setting == LW_LIVE_SCHEDULE) {
    g_autofree char *previous = lw_live_text (event->setting, event->previous, 1);

    lw_json_string (report->json, "previous", previous);
  } else if (known) {
    lw_json_double (report->json, "previous", event->previous);
  }
  lw_json_float (report->json, "learning_rate", event->learning_rate);
  end_event (report);
}

static void
json_end (LwTrainReport *report, const char *status)
{
  begin_event (report, "end");
  lw_json_string (report->json, "status", status);
  if (report->stopped_early)
    lw_json_string (report->json, "reason", "early-stop");
  lw_json_integer (report->json, "step", report->step.step);
  lw_json_double (report->json, "epoch", report->step.epoch);
  if (report->best_epoch > 0) {
    lw_json_integer (report->json, "best_epoch", report->best_epoch);
    lw_json_float (report->json, "best_test_accuracy", report->best_accuracy);
  } else {
    lw_json_null (report->json, "best_epoch");
    lw_json_null (report->json, "best_test_accuracy");
  }
  json_diverged_layer (report);
  lw_json_string (report->json, "run", lw_trainer_folder (report->trainer));
  end_event (report);
}

/* --- plain ----------------------------------------------------------------------------------- */

static void
print_right (const char *text)
{
  lw_app_print ("%*s%s", MAX (2, COLUMN - lw_terminal_width (text)), "", text);
}

static void
print_number (const char *format, double value)
{
  g_autofree char *text = isnan (value) ? g_strdup ("–") : g_strdup_printf (format, value);

  print_right (text);
}

static void
plain_start (LwTrainReport *report, const LwEvent *event)
{
  const LwSettings *settings = report->settings;
  LwGraph *graph = lw_trainer_graph (report->trainer);
  g_autofree char *parameters = lw_format_exact (lw_graph_cost (graph).parameters);
  g_autofree char *input = lw_shape_to_string (lw_graph_input_shape (graph));

  lw_app_print (_ ("%s, %s parameters, input %s, on %s\n"),
                lw_options_model (settings->options)->title, parameters, input,
                lw_trainer_device_name (report->trainer));
  lw_app_print (_ ("%s: %d training and %d test images, batch %d, learning rate %g, seed "
                   "%" PRIu64 "\n"),
                settings->data, n_examples (report, LW_SPLIT_TRAIN),
                n_examples (report, LW_SPLIT_TEST), settings->batch, settings->learning_rate,
                settings->seed);
  if (event->step > 0)
    lw_app_print (_ ("going on after step %" PRId64 "\n"), event->step);
  lw_app_print ("\n");
  print_right (_ ("epoch"));
  print_right (_ ("train loss"));
  print_right (_ ("train acc."));
  print_right (_ ("test loss"));
  print_right (_ ("test acc."));
  print_right (_ ("seconds"));
  print_right (_ ("images/s"));
  lw_app_print ("\n");
}

/* The loss of a training that explodes has as many digits as others. */
static void
print_loss (double loss)
{
  print_number (fabs (loss) < 1e6 ? "%.4f" : "%.3e", loss);
}

static void
plain_row (double epoch, const LwEvent *event)
{
  print_number (epoch == floor (epoch) ? "%.0f" : "%.2f", epoch);
  print_loss ((double)event->loss);
  print_number ("%.4f", event->accuracy);
  print_loss ((double)event->test_loss);
  print_number ("%.4f", event->test_accuracy);
  print_number ("%.1f", event->seconds);
  print_number ("%.0f", event->examples_per_second);
  lw_app_print ("\n");
}

/* An epoch that a stop or --steps cut short: what there is of it. */
static void
plain_partial_row (const LwTrainReport *report)
{
  const LwEvent event = {
    .loss = (float)(report->loss / (double)report->steps),
    .accuracy = (float)(report->accuracy / (double)report->steps),
    .test_loss = NAN,
    .test_accuracy = NAN,
    .seconds = NAN,
    .examples_per_second = report->step.examples_per_second,
  };

  plain_row (report->step.epoch, &event);
}

static void
plain_end (LwTrainReport *report)
{
  lw_app_print ("\n");
  if (report->stopped_early)
    lw_app_print (_ ("Stopped early after epoch %.0f: its patience was at an end.\n"),
                  report->step.epoch);
  if (report->best_epoch > 0)
    lw_app_print (_ ("Best test accuracy %.4f, after epoch %d.\n"), report->best_accuracy,
                  report->best_epoch);
  lw_app_print (_ ("Run: %s\n"), lw_trainer_folder (report->trainer));
}

static void
draw_progress (LwTrainReport *report)
{
  const int64_t total = lw_trainer_total_steps (report->trainer);
  const int64_t per_epoch = lw_trainer_steps_per_epoch (report->trainer);
  const int64_t step = report->step.step, done = step - report->begun_step;
  const double passed_s = (double)(g_get_monotonic_time () - report->begun_us) / G_USEC_PER_SEC;
  const bool testing = step > 0 && step % per_epoch == 0 && report->steps > 0;
  g_autofree char *label = NULL;
  LwProgressState state = {
    .fraction = total > 0 ? (double)step / (double)total : 0,
    .loss = report->steps > 0 ? report->loss / (double)report->steps : NAN,
    .accuracy = report->steps > 0 ? report->accuracy / (double)report->steps : NAN,
    .examples_per_second = report->step.examples_per_second,
    .left_s = done > 0 ? passed_s / (double)done * (double)(total - step) : -1,
  };

  if (testing)
    label = g_strdup (_ ("testing"));
  else
    label = g_strdup_printf (_ ("epoch %" PRId64 "/%" PRId64), step / per_epoch + 1,
                             (total + per_epoch - 1) / per_epoch);
  state.label = label;
  lw_progress_update (report->progress, &state);
}

/* --- both ------------------------------------------------------------------------------------ */

static void
report_step (LwTrainReport *report, const LwEvent *event)
{
  if (report->begun_us == 0) {
    report->begun_us = g_get_monotonic_time ();
    report->begun_step = event->step;
  }
  report->step = *event;
  report->loss += event->loss;
  report->accuracy += event->accuracy;
  report->steps++;
  if (report->json != NULL)
    json_step (report, event);
}

static void
report_start (LwTrainReport *report, const LwEvent *event)
{
  const char *file = report->settings->init_partial;
  GArray *fates = lw_trainer_init_fates (report->trainer);

  if (fates != NULL && report->json == NULL)
    lw_train_init_print (fates, file);
  if (report->json != NULL)
    json_start (report, event);
  else
    plain_start (report, event);
  if (fates != NULL && report->json != NULL && !lw_train_init_json (report->json, fates, file))
    report->closed = true;
  g_clear_pointer (&fates, g_array_unref);
}

static void
report_event (LwTrainReport *report, const LwEvent *event)
{
  note_best (report, event);
  switch (event->kind) {
  case LW_EVENT_START:
    report->step.step = event->step;
    report->step.epoch = event->epoch;
    report_start (report, event);
    break;
  case LW_EVENT_STEP:
    report_step (report, event);
    break;
  case LW_EVENT_EPOCH:
    report->loss = report->accuracy = 0;
    report->steps = 0;
    lw_progress_clear (report->progress);
    if (report->json != NULL)
      json_epoch (report, event);
    else
      plain_row (event->epoch, event);
    break;
  case LW_EVENT_SETTING:
    if (report->json != NULL)
      json_setting (report, event);
    break;
  case LW_EVENT_END:
    report->stopped_early = event->stopped_early;
    break;
  }
}

/* Nobody pauses a training of the command line but a full disk. */
static void
report_waiting (LwTrainReport *report)
{
  const LwRunState state = lw_trainer_state (report->trainer);
  const bool waits = state == LW_RUN_PAUSED, over = state >= LW_RUN_FINISHED; /* without room? */
  g_autofree char *message = waits ? lw_trainer_message (report->trainer) : NULL;

  if (report->closed || over || waits == report->waits || (waits && message == NULL))
    return;
  report->waits = waits;
  lw_progress_clear (report->progress);
  lw_app_note ("%s", waits ? message : _ ("There is room again; the training goes on."));
  if (report->json == NULL)
    return;
  begin_event (report, waits ? "waiting" : "going-on");
  lw_json_integer (report->json, "step", report->step.step);
  if (waits)
    lw_json_string (report->json, "message", message);
  lw_json_string (report->json, "run", lw_trainer_folder (report->trainer));
  end_event (report);
}

bool
lw_train_report_update (LwTrainReport *report)
{
  for (; report->next < lw_run_log_length (report->log) && !report->closed; report->next++)
    report_event (report, lw_run_log_get (report->log, report->next));
  report_waiting (report);
  if (!lw_app_flush (NULL))
    report->closed = true;
  if (report->step.step > 0 && lw_progress_due (report->progress))
    draw_progress (report);
  return !report->closed;
}

int
lw_train_report_finish (LwTrainReport *report, bool interrupted, GError **error)
{
  const LwRunState state = lw_trainer_state (report->trainer);
  g_autofree char *message = lw_trainer_message (report->trainer);

  lw_train_report_update (report);
  lw_progress_clear (report->progress);
  if (report->closed) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("standard output was closed; the run is saved in %s"),
                 lw_trainer_folder (report->trainer));
    return LW_EXIT_FAILED;
  }
  if (state == LW_RUN_FAILED || state == LW_RUN_DIVERGED) {
    if (message == NULL)
      message = g_strdup (_ ("the loss is no longer a number; try a smaller learning rate"));
    g_set_error_literal (error, LW_ERROR, LW_ERROR_DEVICE, message);
    if (report->json != NULL)
      lw_train_report_error (message);
    if (state == LW_RUN_FAILED)
      return LW_EXIT_FAILED;
  }
  if (report->json != NULL)
    json_end (report, state == LW_RUN_FINISHED   ? "finished"
                      : state == LW_RUN_DIVERGED ? "diverged"
                                                 : "stopped");
  else {
    if (report->steps > 0)
      plain_partial_row (report);
    plain_end (report);
  }
  if (state == LW_RUN_DIVERGED)
    return LW_EXIT_FAILED;
  if (message != NULL)
    lw_app_note ("%s", message);
  if (state == LW_RUN_STOPPED && interrupted) {
    lw_app_note (_ ("Stopped after step %" PRId64
                    "; the run is saved. To go on: layerwise train --resume %s"),
                 report->step.step, lw_trainer_folder (report->trainer));
    return LW_EXIT_INTERRUPTED;
  }
  return LW_EXIT_DONE;
}
