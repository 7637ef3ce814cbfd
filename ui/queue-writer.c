#include "ui/queue-writer.h"

#include "engine/queue_file.h"

#include <pthread.h>
#include <stdatomic.h>

struct LwQueueWriter {
  atomic_int references;
  pthread_mutex_t writing; /* held while the file is written */
  _Atomic (char *) newest; /* not written yet; or NULL */
  char *path;
};

typedef struct {
  LwQueueWriter *writer;
  void (*failed) (gpointer data, const char *sentence);
  gpointer data;
} Job;

LwQueueWriter *
lw_queue_writer_new (void)
{
  g_autofree char *path = lw_queue_path ();

  return lw_queue_writer_new_for (path);
}

LwQueueWriter *
lw_queue_writer_new_for (const char *path)
{
  LwQueueWriter *writer = g_new0 (LwQueueWriter, 1);

  atomic_init (&writer->references, 1);
  atomic_init (&writer->newest, NULL);
  pthread_mutex_init (&writer->writing, NULL);
  writer->path = g_strdup (path);
  return writer;
}

void
lw_queue_writer_unref (LwQueueWriter *writer)
{
  if (writer == NULL || atomic_fetch_sub (&writer->references, 1) > 1)
    return;
  pthread_mutex_destroy (&writer->writing);
  g_free (atomic_load (&writer->newest));
  g_free (writer->path);
  g_free (writer);
}

static bool
write_newest (LwQueueWriter *writer, GError **error)
{
  g_autofree char *json = NULL;
  bool written;

  pthread_mutex_lock (&writer->writing);
  json = atomic_exchange (&writer->newest, NULL);
  written = json == NULL || lw_queue_write (writer->path, json, error);
  pthread_mutex_unlock (&writer->writing);
  return written;
}

static void
write_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  if (write_newest (((Job *)task_data)->writer, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  (void)source;
  (void)data;
  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      !g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    job->failed (job->data, error->message);
}

static void
job_free (gpointer data)
{
  lw_queue_writer_unref (((Job *)data)->writer);
  g_free (data);
}

void
lw_queue_writer_put (LwQueueWriter *writer, char *json, GCancellable *cancellable,
                     void (*failed) (gpointer data, const char *sentence), gpointer data)
{
  g_autofree char *overtaken = atomic_exchange (&writer->newest, json);
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (overtaken != NULL)
    return; /* the thread that was to write it takes this one */
  job = g_new (Job, 1);
  *job = (Job){ writer, failed, data };
  atomic_fetch_add (&writer->references, 1);
  task = g_task_new (NULL, cancellable, written, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_in_thread);
}

void
lw_queue_writer_flush (LwQueueWriter *writer)
{
  write_newest (writer, NULL);
}
