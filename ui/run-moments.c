#include "ui/run-moments.h"

#include "engine/snapshots.h"

#include <math.h>

struct _LwRunMoments {
  GObject parent;
  LwRunItem *run;
  GPtrArray *moments;
  GCancellable *listing;
  int64_t epochs_listed;
  bool was_live, active;
};

G_DEFINE_FINAL_TYPE (LwRunMoments, lw_run_moments, G_TYPE_OBJECT)

static guint changed_signal;

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  (void)source;
  (void)cancellable;
  g_task_return_pointer (task, lw_weights_moments (data, NULL), (GDestroyNotify)g_ptr_array_unref);
}

static void
listed (GObject *source, GAsyncResult *result, gpointer data)
{
  LwRunMoments *self = LW_RUN_MOMENTS (source);
  GPtrArray *moments = g_task_propagate_pointer (G_TASK (result), NULL);

  (void)data;
  /* Another one has been started since, or nobody waits any more. */
  if (g_task_get_cancellable (G_TASK (result)) != self->listing) {
    g_clear_pointer (&moments, g_ptr_array_unref);
    return;
  }
  g_clear_object (&self->listing);
  g_clear_pointer (&self->moments, g_ptr_array_unref);
  self->moments = moments != NULL ? moments : g_ptr_array_new ();
  g_signal_emit (self, changed_signal, 0);
}

static void
stop (LwRunMoments *self)
{
  if (self->listing != NULL)
    g_cancellable_cancel (self->listing);
  g_clear_object (&self->listing);
}

static void
list (LwRunMoments *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->run == NULL || !self->active)
    return;
  stop (self);
  lw_run_item_want_weights (self->run);
  self->listing = g_cancellable_new ();
  task = g_task_new (self, self->listing, listed, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_strdup (lw_run_item_folder (self->run)), g_free);
  g_task_run_in_thread (task, list_thread);
}

/* A snapshot is written after its epoch's test, and before the next step. */
static void
synced (LwRunMoments *self)
{
  const LwRunProgress progress = lw_run_item_progress (self->run);
  const int64_t epochs =
      progress.steps_per_epoch > 0 ? (progress.step - 1) / progress.steps_per_epoch : 0;
  const bool live = lw_run_item_is_live (self->run);

  if (!self->active || (epochs == self->epochs_listed && live == self->was_live))
    return;
  self->epochs_listed = epochs;
  self->was_live = live;
  list (self);
}

static void
let_go (LwRunMoments *self)
{
  stop (self);
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->moments, g_ptr_array_unref);
}

void
lw_run_moments_set_run (LwRunMoments *self, LwRunItem *run)
{
  let_go (self);
  self->epochs_listed = 0;
  self->was_live = run != NULL && lw_run_item_is_live (run);
  if (run == NULL)
    return;
  self->run = g_object_ref (run);
  g_signal_connect_object (run, "synced", G_CALLBACK (synced), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "files-changed", G_CALLBACK (list), self, G_CONNECT_SWAPPED);
  list (self);
}

/* The run may have gone on meanwhile. */
void
lw_run_moments_set_active (LwRunMoments *self, bool active)
{
  if (active == self->active)
    return;
  self->active = active;
  list (self);
}

GPtrArray *
lw_run_moments_get (LwRunMoments *self)
{
  return self->moments;
}

bool
lw_run_moments_is_busy (LwRunMoments *self)
{
  return self->listing != NULL;
}

int
lw_run_moments_find (LwRunMoments *self, int64_t step)
{
  for (guint i = 0; self->moments != NULL && i < self->moments->len; i++)
    if (((const LwWeightsMoment *)g_ptr_array_index (self->moments, i))->step == step)
      return (int)i;
  return -1;
}

void
lw_run_moments_show_in (LwRunMoments *self, LwEpochBar *bar)
{
  const int n = self->moments != NULL ? (int)self->moments->len : 0;
  const LwRunProgress progress =
      self->run != NULL ? lw_run_item_progress (self->run) : (LwRunProgress){ 0 };
  const bool live = self->run != NULL && lw_run_item_is_live (self->run);
  g_autofree double *epochs = g_new (double, MAX (n, 1));
  int best = -1;

  for (int i = 0; i < n; i++) {
    const LwWeightsMoment *moment = g_ptr_array_index (self->moments, i);

    epochs[i] = moment->epoch;
    if (moment->best)
      best = i;
  }
  lw_epoch_bar_set_epochs (bar, epochs, n, best, live ? progress.epoch : (double)NAN,
                           progress.epochs, NULL);
  gtk_widget_set_visible (GTK_WIDGET (bar), lw_epoch_bar_has_choice (bar));
}

static void
lw_run_moments_dispose (GObject *object)
{
  let_go (LW_RUN_MOMENTS (object));
  G_OBJECT_CLASS (lw_run_moments_parent_class)->dispose (object);
}

static void
lw_run_moments_class_init (LwRunMomentsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_run_moments_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_run_moments_init (LwRunMoments *self)
{
  (void)self;
}

LwRunMoments *
lw_run_moments_new (void)
{
  return g_object_new (LW_TYPE_RUN_MOMENTS, NULL);
}
