#include "ui/group-training.h"

#include "ui/run-queue.h"

#include <glib/gi18n.h>

struct _LwGroupTraining {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  char *group;            /* in the queue; NULL: none is trained from here */
  bool stopped;           /* one of its runs was */
};

G_DEFINE_FINAL_TYPE (LwGroupTraining, lw_group_training, G_TYPE_OBJECT)

static guint changed_signal, finished_signal;

static void
entry_ended (LwGroupTraining *self, LwQueuedRun *run)
{
  LwRunQueue *queue = lw_workbench_queue (self->workbench);
  g_autoptr (GPtrArray) runs = NULL;

  if (self->group == NULL || g_strcmp0 (lw_queued_run_entry (run)->group.id, self->group) != 0)
    return;
  if (lw_queued_run_state (run) == LW_QUEUED_CANCELLED) {
    self->stopped = true;
    runs = lw_run_queue_group (queue, self->group);
    for (guint i = 0; i < runs->len; i++)
      lw_run_queue_remove (queue, runs->pdata[i]);
  }
  g_signal_emit (self, changed_signal, 0);
}

static void
group_finished (LwGroupTraining *self, const char *group)
{
  if (g_strcmp0 (group, self->group) != 0)
    return;
  g_clear_pointer (&self->group, g_free);
  g_signal_emit (self, changed_signal, 0);
  g_signal_emit (self, finished_signal, 0, !self->stopped);
}

static void
queue_changed (LwGroupTraining *self)
{
  if (self->group != NULL)
    g_signal_emit (self, changed_signal, 0);
}

bool
lw_group_training_start (LwGroupTraining *self, const GPtrArray *runs, const char *name,
                         GError **error)
{
  LwRunQueue *queue = lw_workbench_queue (self->workbench);

  if (lw_workbench_dataset (self->workbench) == NULL) {
    const char *problem = lw_workbench_dataset_error (self->workbench);

    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s",
                 problem != NULL ? problem
                                 : _ ("The data set is still being read; try again in a moment."));
    return false;
  }
  g_free (self->group);
  self->group = lw_run_queue_add_group (queue, runs, name);
  self->stopped = false;
  lw_run_queue_set_paused (queue, false);
  lw_run_queue_show_next (queue);
  g_signal_emit (self, changed_signal, 0);
  return true;
}

bool
lw_group_training_is_busy (LwGroupTraining *self)
{
  return self->group != NULL;
}

int
lw_group_training_place (LwGroupTraining *self, int *ret_n)
{
  LwQueueProgress progress;

  if (self->group == NULL)
    return 0;
  progress = lw_run_queue_progress (lw_workbench_queue (self->workbench), self->group);
  *ret_n = progress.total;
  return MAX (progress.total - progress.waiting, 1);
}

char *
lw_group_training_status (LwGroupTraining *self)
{
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  bool trains = false;

  if (self->group == NULL)
    return NULL;
  runs = lw_run_queue_group (lw_workbench_queue (self->workbench), self->group);
  for (guint i = 0; i < runs->len; i++) {
    const LwQueuedState state = lw_queued_run_state (runs->pdata[i]);
    const char *title = lw_queued_run_label (runs->pdata[i]);

    if (state > LW_QUEUED_RUNNING)
      continue;
    trains = trains || state == LW_QUEUED_RUNNING;
    if (out->len > 0)
      g_string_append_printf (out, _ (", then %s"), title);
    else
      g_string_append_printf (out, trains ? _ ("Training %s") : _ ("Waiting: %s"), title);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

LwGroupTraining *
lw_group_training_new (LwWorkbench *workbench)
{
  LwGroupTraining *self = g_object_new (LW_TYPE_GROUP_TRAINING, NULL);
  LwRunQueue *queue = lw_workbench_queue (workbench);

  self->workbench = workbench;
  g_signal_connect_object (queue, "entry-ended", G_CALLBACK (entry_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "group-finished", G_CALLBACK (group_finished), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "changed", G_CALLBACK (queue_changed), self, G_CONNECT_SWAPPED);
  return self;
}

static void
lw_group_training_finalize (GObject *object)
{
  g_free (LW_GROUP_TRAINING (object)->group);
  G_OBJECT_CLASS (lw_group_training_parent_class)->finalize (object);
}

static void
lw_group_training_class_init (LwGroupTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_group_training_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  finished_signal = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
lw_group_training_init (LwGroupTraining *self)
{
  (void)self;
}
