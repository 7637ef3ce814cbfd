#include "ui/device-use.h"

#include <glib/gi18n.h>

#define INTERVAL_MS 1000
#define GIB         (1024.0 * 1024 * 1024)

struct _LwDeviceWatch {
  GObject parent;
  const LwBackend *backend; /* NULL: nothing is watched */
  int index;
  guint timer_id;
  bool asking; /* a thread is */
  char *text;
};

G_DEFINE_FINAL_TYPE (LwDeviceWatch, lw_device_watch, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct {
  const LwBackend *backend;
  int index;
  LwDeviceUse use;
  bool known;
} Question;

static void
set_text (LwDeviceWatch *self, char *text)
{
  const bool same = g_strcmp0 (text, self->text) == 0;

  g_free (self->text);
  self->text = text;
  if (!same)
    g_signal_emit (self, changed_signal, 0);
}

/* NULL: nothing is known. */
static char *
words (const LwDeviceUse *use)
{
  g_autofree char *memory =
      use->total_bytes > 0 ? g_strdup_printf (_ ("%.1f / %.1f GiB"), (double)use->used_bytes / GIB,
                                              (double)use->total_bytes / GIB)
                           : NULL;
  g_autofree char *load =
      use->load >= 0 ? g_strdup_printf (_ ("%.0f %% busy"), 100 * use->load) : NULL;

  if (memory == NULL || load == NULL)
    return g_strdup (memory != NULL ? memory : load);
  return g_strdup_printf ("%s, %s", memory, load);
}

static void
ask_device (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Question *question = data;

  (void)source;
  (void)cancellable;
  question->known = question->backend->use (question->index, &question->use);
  g_task_return_boolean (task, TRUE);
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  LwDeviceWatch *self = LW_DEVICE_WATCH (source);
  const Question *question = g_task_get_task_data (G_TASK (result));

  (void)data;
  self->asking = false;
  if (question->backend == self->backend && question->index == self->index)
    set_text (self, question->known ? words (&question->use) : NULL);
}

static gboolean
ask (gpointer data)
{
  LwDeviceWatch *self = data;
  g_autoptr (GTask) task = NULL;
  Question *question;

  if (self->asking)
    return G_SOURCE_CONTINUE;
  self->asking = true;
  question = g_new0 (Question, 1);
  question->backend = self->backend;
  question->index = self->index;
  task = g_task_new (self, NULL, answered, NULL);
  g_task_set_task_data (task, question, g_free);
  g_task_run_in_thread (task, ask_device);
  return G_SOURCE_CONTINUE;
}

void
lw_device_watch_set (LwDeviceWatch *self, const LwBackend *backend, int index)
{
  if (backend != NULL && backend->use == NULL)
    backend = NULL;
  if (backend == self->backend && (backend == NULL || index == self->index))
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->backend = backend;
  self->index = index;
  set_text (self, NULL);
  if (backend == NULL)
    return;
  ask (self);
  self->timer_id = g_timeout_add (INTERVAL_MS, ask, self);
}

const char *
lw_device_watch_text (LwDeviceWatch *self)
{
  return self->text;
}

LwDeviceWatch *
lw_device_watch_new (void)
{
  return g_object_new (LW_TYPE_DEVICE_WATCH, NULL);
}

static void
lw_device_watch_dispose (GObject *object)
{
  LwDeviceWatch *self = LW_DEVICE_WATCH (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_clear_pointer (&self->text, g_free);
  G_OBJECT_CLASS (lw_device_watch_parent_class)->dispose (object);
}

static void
lw_device_watch_class_init (LwDeviceWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_device_watch_dispose;
  changed_signal = g_signal_new ("changed", LW_TYPE_DEVICE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
lw_device_watch_init (LwDeviceWatch *self)
{
  (void)self;
}
