#include "ui/run-item-private.h"
#include "ui/run-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

G_DEFINE_FINAL_TYPE (LwRunItem, lw_run_item, G_TYPE_OBJECT)

enum {
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_STATUS,
  PROP_STATUS_DETAIL,
  PROP_PROGRESS,
  PROP_RUNNING,
  PROP_STATE,
  PROP_STARRED,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];
static guint synced_signal, notes_signal;

static double
fraction_done (LwRunItem *self)
{
  const LwRunProgress *p = &self->progress;

  return p->total_steps > 0 ? CLAMP ((double)p->step / (double)p->total_steps, 0, 1) : 0;
}

static void
lw_run_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  LwRunItem *self = LW_RUN_ITEM (object);

  switch (id) {
  case PROP_TITLE:
    g_value_set_string (value, self->title);
    break;
  case PROP_SUBTITLE:
    g_value_set_string (value, self->subtitle);
    break;
  case PROP_STATUS:
    g_value_set_string (value, self->status);
    break;
  case PROP_STATUS_DETAIL:
    g_value_set_string (value, self->status_detail);
    break;
  case PROP_PROGRESS:
    g_value_set_double (value, fraction_done (self));
    break;
  case PROP_RUNNING:
    g_value_set_boolean (value, lw_run_state_is_live (self->state));
    break;
  case PROP_STATE:
    g_value_set_int (value, self->state);
    break;
  case PROP_STARRED:
    g_value_set_boolean (value, self->notes.star);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static gpointer
free_trainer (gpointer trainer)
{
  lw_trainer_free (trainer);
  return NULL;
}

/* Waits for the trainer's thread on a thread of its own: that may be in the middle of a large
 * network's forward pass. */
static void
release_trainer (LwRunItem *self)
{
  if (self->trainer != NULL)
    g_thread_unref (g_thread_new ("lw-release", free_trainer, g_steal_pointer (&self->trainer)));
}

static void
lw_run_item_finalize (GObject *object)
{
  LwRunItem *self = LW_RUN_ITEM (object);

  for (int i = 0; i < LW_N_CURVES; i++)
    lw_series_free (self->series[i]);
  g_array_unref (self->changes);
  if (lw_run_state_is_live (self->state))
    g_clear_pointer (&self->trainer, lw_trainer_free); /* not before it is saved */
  release_trainer (self);
  g_clear_object (&self->followed);
  g_clear_pointer (&self->history, lw_bn_history_free);
  g_clear_pointer (&self->records, lw_records_unref);
  g_clear_pointer (&self->settings, lw_settings_free);
  g_clear_pointer (&self->graph, lw_graph_unref);
  g_clear_pointer (&self->log, lw_run_log_unref);
  lw_algorithm_list_free (self->algorithms);
  g_free (self->folder);
  g_free (self->title);
  g_free (self->network);
  lw_run_notes_clear (&self->notes);
  lw_run_notes_clear (&self->written);
  g_mutex_clear (&self->notes_lock);
  g_free (self->device);
  g_free (self->message);
  lw_run_group_clear (&self->group);
  g_free (self->subtitle);
  g_free (self->status);
  g_free (self->status_detail);
  G_OBJECT_CLASS (lw_run_item_parent_class)->finalize (object);
}

static void
lw_run_item_class_init (LwRunItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lw_run_item_get_property;
  object_class->finalize = lw_run_item_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_STATUS_DETAIL] = g_param_spec_string ("status-detail", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, LW_RUN_FAILED, 0, flags);
  properties[PROP_STARRED] = g_param_spec_boolean ("starred", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  synced_signal = g_signal_new ("synced", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  notes_signal = g_signal_new ("notes-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("files-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("notes-lost", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_run_item_init (LwRunItem *self)
{
  self->changes = g_array_new (FALSE, FALSE, sizeof (LwEvent));
  lw_run_notes_init (&self->notes);
  lw_run_notes_init (&self->written);
  g_mutex_init (&self->notes_lock);
  self->parameters = self->macs = -1;
  for (int i = 0; i < LW_N_CURVES; i++)
    self->series[i] = lw_series_new ();
}

/* Replaces a text property and notifies only when it differs. */
static void
set_text (LwRunItem *self, char **field, char *text, int property)
{
  g_autofree char *owned = text;

  if (g_strcmp0 (*field, owned) == 0)
    return;
  g_free (*field);
  *field = g_steal_pointer (&owned);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
lw_run_item_notes_changed (LwRunItem *self)
{
  set_text (self, &self->title,
            g_strdup (self->notes.name != NULL ? self->notes.name : self->network), PROP_TITLE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STARRED]);
  g_signal_emit (self, notes_signal, 0);
}

static void
update_texts (LwRunItem *self)
{
  const char *unknown = self->followed != NULL ? lw_followed_run_status (self->followed) : NULL;
  g_autofree char *settings = g_strdup_printf (_ ("lr %g · seed %" PRIu64),
                                               self->settings->learning_rate, self->settings->seed);
  char *detail, *status = lw_run_status (self->state, &self->progress, &detail);

  if (unknown != NULL) {
    g_free (status);
    status = g_strdup (unknown);
  }
  if (self->followed != NULL) /* a host, then a run's settings */
    set_text (self, &self->subtitle,
              g_strdup_printf (_ ("on %s · %s"), lw_followed_run_host (self->followed), settings),
              PROP_SUBTITLE);
  else
    set_text (self, &self->subtitle, g_steal_pointer (&settings), PROP_SUBTITLE);
  set_text (self, &self->status, status, PROP_STATUS);
  set_text (self, &self->status_detail, detail, PROP_STATUS_DETAIL);
}

static void
read_event (LwRunItem *self, const LwEvent *event)
{
  LwRunProgress *p = &self->progress;

  p->step = MAX (p->step, event->step);
  p->epoch = MAX (p->epoch, event->epoch);
  p->elapsed_s = MAX (p->elapsed_s, event->time_s);
  switch (event->kind) {
  case LW_EVENT_STEP:
    p->loss = event->loss;
    p->accuracy = event->accuracy;
    p->learning_rate = event->learning_rate;
    p->examples_per_second = event->examples_per_second;
    p->testing = p->steps_per_epoch > 0 && p->step % p->steps_per_epoch == 0;
    lw_series_append (self->series[LW_CURVE_TRAIN_LOSS], event->epoch, event->loss);
    lw_series_append (self->series[LW_CURVE_TRAIN_ACCURACY], event->epoch, event->accuracy);
    break;
  case LW_EVENT_EPOCH:
    p->testing = false;
    p->test_accuracy = event->test_accuracy;
    lw_series_append (self->series[LW_CURVE_TEST_LOSS], event->epoch, event->test_loss);
    lw_series_append (self->series[LW_CURVE_TEST_ACCURACY], event->epoch, event->test_accuracy);
    if (p->best_epoch == 0 || event->test_accuracy > p->best_test_accuracy) {
      p->best_epoch = (int32_t)(event->epoch + 0.5);
      p->best_test_accuracy = event->test_accuracy;
    }
    break;
  case LW_EVENT_SETTING:
    g_array_append_val (self->changes, *event);
    if (event->setting == LW_LIVE_LEARNING_RATE && lw_run_item_live (self, LW_LIVE_SCHEDULE) == 0)
      p->learning_rate = event->learning_rate; /* what it is before the next step */
    break;
  case LW_EVENT_END:
    p->stopped_early = event->stopped_early;
    break;
  case LW_EVENT_START:
    p->stopped_early = false;
    break;
  }
}

/* A test says nothing of itself until it is done: the clock between an epoch's last step and its
 * result. What is left of one after a pause counts as a whole one until the next. */
static void
time_test (LwRunItem *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (self->progress.testing && self->state == LW_RUN_RUNNING) {
    if (self->test_begin_us == 0)
      self->test_begin_us = now;
    return;
  }
  if (self->test_begin_us != 0 && !self->progress.testing)
    self->test_s = (double)(now - self->test_begin_us) / G_USEC_PER_SEC;
  self->test_begin_us = 0;
}

static void
estimate_remaining (LwRunItem *self)
{
  LwRunProgress *p = &self->progress;

  p->remaining_s = -1;
  if (p->step > 0 && p->total_steps > p->step && p->examples_per_second > 0)
    p->remaining_s =
        (double)(p->total_steps - p->step) * self->settings->batch / p->examples_per_second;
  else if (p->total_steps > 0 && p->step >= p->total_steps)
    p->remaining_s = 0;
  if (p->remaining_s >= 0 && p->steps_per_epoch > 0)
    p->remaining_s += self->test_s * (double)(p->total_steps / p->steps_per_epoch -
                                              p->step / p->steps_per_epoch + p->testing);
}

void
lw_run_item_sync (LwRunItem *self)
{
  const int64_t length = lw_run_log_length (self->log), first = self->cursor;
  const LwRunState state =
      self->trainer != NULL ? lw_trainer_state (self->trainer) : self->seen_state;
  g_autofree char *message = self->trainer != NULL ? lw_trainer_message (self->trainer) : NULL;
  const bool state_changed = state != self->state;
  /* Also where the state is what it was: a full disk that has room again, and then a pause. */
  const bool says_other = self->trainer != NULL && g_strcmp0 (message, self->message) != 0;

  if (length == first && !state_changed && !says_other)
    return;
  if (self->trainer != NULL) {
    self->progress.total_steps = lw_trainer_total_steps (self->trainer);
    self->progress.steps_per_epoch = lw_trainer_steps_per_epoch (self->trainer);
    self->peak_memory = lw_trainer_peak_memory (self->trainer);
    if (says_other) {
      g_free (self->message);
      self->message = g_steal_pointer (&message);
    }
  }
  for (; self->cursor < length; self->cursor++)
    read_event (self, lw_run_log_get (self->log, self->cursor));
  self->state = state;
  time_test (self);
  estimate_remaining (self);
  update_texts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  if (state_changed) {
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  }
  g_signal_emit (self, synced_signal, 0);
}

LwRunItem *
lw_run_item_new_live (LwTrainer *trainer)
{
  LwRunItem *self = g_object_new (LW_TYPE_RUN_ITEM, NULL);

  self->trainer = trainer;
  self->settings = lw_settings_copy (lw_trainer_settings (trainer));
  self->graph = lw_graph_ref (lw_trainer_graph (trainer));
  self->log = lw_run_log_ref (lw_trainer_log (trainer));
  self->folder = g_strdup (lw_trainer_folder (trainer));
  self->device = g_strdup (lw_trainer_device_name (trainer));
  self->network = lw_run_title (self->settings);
  lw_run_notes_read (self->folder, &self->notes, NULL); /* one that is resumed has some */
  self->written = lw_run_notes_copy (&self->notes);
  self->title = g_strdup (self->notes.name != NULL ? self->notes.name : self->network);
  self->group = lw_run_group_copy (lw_trainer_group (trainer));
  self->started_unix = g_get_real_time () / G_USEC_PER_SEC;
  self->progress.epochs = self->settings->epochs;
  self->progress.learning_rate = (float)self->settings->learning_rate;
  self->state = LW_RUN_READY;
  update_texts (self);
  lw_run_item_sync (self);
  return self;
}

LwRunItem *
lw_run_item_new_saved (LwRun *run)
{
  LwRunItem *self = g_object_new (LW_TYPE_RUN_ITEM, NULL);

  self->settings = lw_settings_copy (run->settings);
  self->graph = lw_graph_ref (run->graph);
  self->log = lw_run_log_ref (run->log);
  self->folder = g_strdup (run->folder);
  self->device = g_strdup (run->device);
  self->network = lw_run_title (self->settings);
  self->notes = run->notes;
  lw_run_notes_init (&run->notes);
  self->written = lw_run_notes_copy (&self->notes);
  self->title = g_strdup (self->notes.name != NULL ? self->notes.name : self->network);
  self->peak_memory = run->peak_memory;
  self->algorithms = g_steal_pointer (&run->algorithms);
  self->message = g_steal_pointer (&run->message);
  self->group = run->group;
  run->group = (LwRunGroup){ NULL };
  self->started_unix = run->started_unix;
  self->state = self->seen_state = run->state;
  self->progress.epochs = self->settings->epochs;
  self->progress.total_steps = run->total_steps;
  self->progress.steps_per_epoch = run->steps_per_epoch;
  lw_run_free (run);
  lw_run_item_sync (self);
  if (self->progress.total_steps == 0 && self->progress.step > 0 && self->progress.epoch > 0) {
    self->progress.steps_per_epoch =
        (int64_t)((double)self->progress.step / self->progress.epoch + 0.5);
    self->progress.total_steps = self->settings->steps > 0
                                     ? self->settings->steps
                                     : self->progress.steps_per_epoch * self->settings->epochs;
  }
  estimate_remaining (self);
  update_texts (self);
  return self;
}

void
lw_run_item_see_state (LwRunItem *self, LwRunState state, const char *message)
{
  self->seen_state = state;
  g_free (self->message);
  self->message = g_strdup (message);
}

/* --- on another machine -------------------------------------------------------------------------
 */

static void
followed_changed (LwRunItem *self)
{
  const LwFollowState *state = lw_followed_run_state (self->followed);
  const bool files = state->files != self->files_seen;

  self->files_seen = state->files;
  update_texts (self);
  if (files) {
    lw_run_item_reread (self);
    g_signal_emit_by_name (self, "files-changed");
  }
  g_signal_emit (self, synced_signal, 0);
}

void
lw_run_item_set_followed (LwRunItem *self, LwFollowedRun *followed)
{
  g_return_if_fail (self->followed == NULL);
  self->followed = g_object_ref (followed);
  self->files_seen = lw_followed_run_state (followed)->files;
  g_signal_connect_object (followed, "changed", G_CALLBACK (followed_changed), self,
                           G_CONNECT_SWAPPED);
  update_texts (self);
}

LwFollowedRun *
lw_run_item_followed (LwRunItem *self)
{
  return self->followed;
}

void
lw_run_item_want_weights (LwRunItem *self)
{
  if (self->followed != NULL)
    lw_followed_run_want_weights (self->followed);
}

/* --- the end of a training -----------------------------------------------------------------------
 */

void
lw_run_item_close (LwRunItem *self)
{
  if (self->trainer == NULL)
    return;
  for (int i = 0; i < 2; i++) /* nobody is left to wait for room on a full disk */
    lw_trainer_stop (self->trainer);
  lw_trainer_join (self->trainer);
  lw_run_item_sync (self);
  lw_run_item_retire (self);
}

void
lw_run_item_retire (LwRunItem *self)
{
  g_return_if_fail (!lw_run_state_is_live (self->state));
  if (self->trainer == NULL)
    return;
  self->seen_state = self->state;
  self->history = lw_trainer_take_bn_history (self->trainer);
  self->history_asked_for = true;
  release_trainer (self);
}
