#include "ui/layer-values.h"

#include "ui/devices.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#define POLL_MS     120
#define INTERVAL_MS 400

struct _LwLayerValues {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  bool wants_times, wants_gradients;
  bool wants_once; /* times of the selected network, whatever comes then */

  GHashTable *known; /* key of network and device → LwLayerTimes */
  char *key;         /* of the selected network */
  GCancellable *measuring;
  bool working; /* a thread is, perhaps still for what was called off */
  char *times_note, *problem;

  LwRunItem *run; /* that is watched */
  LwProbe *probe;
  guint poll_id;
  double *gradients; /* of the selected network, or NULL */
  char *gradients_note;
};

G_DEFINE_FINAL_TYPE (LwLayerValues, lw_layer_values, G_TYPE_OBJECT)

static guint changed_signal;

static void
changed (LwLayerValues *self)
{
  g_signal_emit (self, changed_signal, 0);
}

/* --- times -------------------------------------------------------------------------------------
 */

static void
stop_measuring (LwLayerValues *self)
{
  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
}

typedef struct {
  GWeakRef self;
  GCancellable *cancellable;
  char *key;
} Wait;

/* The device and precision of the settings that are shown; where that does not work, the one that
 * "auto" means. */
static LwTimedDevice
device_of (LwLayerValues *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const LwBackend *const *backends = lw_workbench_backends (self->workbench);
  LwTimedDevice device = { .precision = settings->precision };

  device.backend = lw_device_of (backends, settings->device, NULL, &device.index);
  if (device.backend == NULL)
    device.backend = lw_first_backend (backends);
  return device;
}

static void measured (GObject *source, GAsyncResult *result, gpointer data);

static void
begin (LwLayerValues *self)
{
  const LwTimedDevice device = device_of (self);
  Wait *wait = g_new0 (Wait, 1);

  g_weak_ref_init (&wait->self, self);
  wait->cancellable = g_object_ref (self->measuring);
  wait->key = g_strdup (self->key);
  self->working = true;
  lw_layer_timing_start (lw_workbench_graph (self->workbench), &device, self->measuring, measured,
                         wait);
}

static void
take_times (LwLayerValues *self, const Wait *wait, LwLayerTimes *times, const GError *error)
{
  self->working = false;
  if (times != NULL)
    g_hash_table_replace (self->known, g_strdup (wait->key), times);
  if (self->measuring == wait->cancellable) {
    g_clear_object (&self->measuring);
    if (error != NULL) {
      g_free (self->problem);
      self->problem = g_strdup (error->message);
    }
    changed (self);
  } else if (self->measuring != NULL) { /* this one was called off, and another waits for it */
    begin (self);
  }
}

static void
measured (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;
  g_autoptr (LwLayerValues) self = g_weak_ref_get (&wait->self);
  g_autoptr (GError) error = NULL;
  LwLayerTimes *times = lw_layer_timing_finish (result, &error);

  (void)source;
  if (self != NULL)
    take_times (self, wait, times, error);
  else if (times != NULL)
    lw_layer_times_free (times);
  g_weak_ref_clear (&wait->self);
  g_object_unref (wait->cancellable);
  g_free (wait->key);
  g_free (wait);
}

/* One measurement at a time: two at once would slow each other down, and what is called off ends
 * only after a while. */
static void
find_times (LwLayerValues *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwTimedDevice device = device_of (self);
  char *key = lw_layer_timing_key (graph, &device);

  if (g_strcmp0 (key, self->key) != 0) {
    stop_measuring (self);
    g_clear_pointer (&self->problem, g_free);
    self->wants_once = false;
  }
  g_free (self->key);
  self->key = key;
  if (!(self->wants_times || self->wants_once) || lw_workbench_live_run (self->workbench) != NULL) {
    stop_measuring (self);
    return;
  }
  if (self->measuring != NULL || self->problem != NULL || g_hash_table_contains (self->known, key))
    return;
  self->measuring = g_cancellable_new ();
  if (!self->working)
    begin (self);
}

/* --- gradients ---------------------------------------------------------------------------------
 */

static void
stop_watching (LwLayerValues *self)
{
  LwTrainer *trainer = self->run != NULL ? lw_run_item_trainer (self->run) : NULL;

  if (self->probe != NULL && trainer != NULL)
    lw_trainer_unwatch (trainer, self->probe);
  g_clear_pointer (&self->probe, lw_probe_unref);
  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_object (&self->run);
}

static gboolean
poll (gpointer data)
{
  LwLayerValues *self = data;
  const LwProbeFrame *frame = lw_probe_take (self->probe);

  if (frame == NULL)
    return G_SOURCE_CONTINUE;
  if (self->gradients == NULL)
    self->gradients = g_new (double, frame->size);
  for (int64_t i = 0; i < frame->size; i++)
    self->gradients[i] = (double)frame->values[i];
  g_free (self->gradients_note);
  self->gradients_note = g_strdup_printf (_ ("step %" PRId64), frame->step);
  changed (self);
  return G_SOURCE_CONTINUE;
}

/* A training that has ended leaves its last numbers. */
static void
find_gradients (LwLayerValues *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  LwTrainer *trainer = run != NULL && lw_run_item_is_live (run) ? lw_run_item_trainer (run) : NULL;

  if (self->wants_gradients && trainer != NULL && run == self->run)
    return;
  stop_watching (self);
  if (!self->wants_gradients || trainer == NULL)
    return;
  g_clear_pointer (&self->gradients, g_free);
  self->run = g_object_ref (run);
  self->probe = lw_trainer_watch_gradients (trainer, INTERVAL_MS);
  self->poll_id = g_timeout_add (POLL_MS, poll, self);
}

/* --- following the workbench -------------------------------------------------------------------
 */

static void
look_again (LwLayerValues *self)
{
  find_times (self);
  find_gradients (self);
  changed (self);
}

/* Of its settings only the device and the precision matter. */
static void
draft_changed (LwLayerValues *self)
{
  const LwTimedDevice device = device_of (self);
  g_autofree char *key = lw_layer_timing_key (lw_workbench_graph (self->workbench), &device);

  if (g_strcmp0 (key, self->key) != 0)
    look_again (self);
}

static void
selection_changed (LwLayerValues *self)
{
  stop_watching (self);
  g_clear_pointer (&self->gradients, g_free);
  look_again (self);
}

void
lw_layer_values_measure (LwLayerValues *self)
{
  g_clear_pointer (&self->problem, g_free);
  self->wants_once = true;
  look_again (self);
}

char *
lw_layer_values_device_text (LwLayerValues *self)
{
  const LwTimedDevice device = device_of (self);

  return lw_device_text (device.backend, device.index);
}

void
lw_layer_values_want (LwLayerValues *self, bool times, bool gradients)
{
  if (times && !self->wants_times)
    g_clear_pointer (&self->problem, g_free); /* once more */
  self->wants_times = times;
  self->wants_gradients = gradients;
  look_again (self);
}

bool
lw_layer_values_is_measuring (LwLayerValues *self)
{
  return self->measuring != NULL;
}

const LwLayerTimes *
lw_layer_values_times (LwLayerValues *self)
{
  return self->key != NULL ? g_hash_table_lookup (self->known, self->key) : NULL;
}

const double *
lw_layer_values_gradients (LwLayerValues *self)
{
  return self->gradients;
}

const char *
lw_layer_values_times_note (LwLayerValues *self)
{
  const LwLayerTimes *times = lw_layer_values_times (self);

  if (times != NULL) {
    g_free (self->times_note);
    self->times_note = g_strdup_printf (_ ("ms, batch of %d"), times->batch);
    return self->times_note;
  }
  if (self->problem != NULL)
    return self->problem;
  if (lw_workbench_live_run (self->workbench) != NULL)
    return _ ("Measured when the training is over");
  return self->measuring != NULL ? _ ("Measuring…") : _ ("Not measured");
}

const char *
lw_layer_values_gradients_note (LwLayerValues *self)
{
  if (self->gradients != NULL)
    return self->gradients_note;
  return self->probe != NULL ? _ ("Waiting for the first step") : _ ("Train to see gradient norms");
}

/* --- set-up ------------------------------------------------------------------------------------
 */

LwLayerValues *
lw_layer_values_new (LwWorkbench *workbench)
{
  LwLayerValues *self = g_object_new (LW_TYPE_LAYER_VALUES, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (draft_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-started", G_CALLBACK (look_again), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (look_again), self,
                           G_CONNECT_SWAPPED);
  return self;
}

static void
lw_layer_values_dispose (GObject *object)
{
  LwLayerValues *self = LW_LAYER_VALUES (object);

  stop_measuring (self);
  stop_watching (self);
  g_clear_pointer (&self->gradients, g_free);
  g_clear_pointer (&self->known, g_hash_table_unref);
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->times_note, g_free);
  g_clear_pointer (&self->gradients_note, g_free);
  g_clear_pointer (&self->problem, g_free);
  G_OBJECT_CLASS (lw_layer_values_parent_class)->dispose (object);
}

static void
lw_layer_values_class_init (LwLayerValuesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_layer_values_dispose;
  changed_signal = g_signal_new ("changed", LW_TYPE_LAYER_VALUES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_layer_values_init (LwLayerValues *self)
{
  self->known =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)lw_layer_times_free);
}
