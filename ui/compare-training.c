#include "ui/compare-training.h"

#include "ui/run-queue.h"

#include <glib/gi18n.h>

struct _LwCompareTraining {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  char *group;            /* in the queue; NULL: none is trained from here */
};

G_DEFINE_FINAL_TYPE (LwCompareTraining, lw_compare_training, G_TYPE_OBJECT)

static guint changed_signal;

/* A stopped run ends the comparison: the others wait no longer. */
static void
entry_ended (LwCompareTraining *self, LwQueuedRun *run)
{
  LwRunQueue *queue = lw_workbench_queue (self->workbench);
  g_autoptr (GPtrArray) runs = NULL;

  if (self->group == NULL || g_strcmp0 (lw_queued_run_entry (run)->group.id, self->group) != 0)
    return;
  if (lw_queued_run_state (run) == LW_QUEUED_CANCELLED) {
    runs = lw_run_queue_group (queue, self->group);
    for (guint i = 0; i < runs->len; i++)
      lw_run_queue_remove (queue, runs->pdata[i]);
  }
  g_signal_emit (self, changed_signal, 0);
}

static void
group_finished (LwCompareTraining *self, const char *group)
{
  if (g_strcmp0 (group, self->group) != 0)
    return;
  g_clear_pointer (&self->group, g_free);
  g_signal_emit (self, changed_signal, 0);
}

static void
queue_changed (LwCompareTraining *self)
{
  if (self->group != NULL)
    g_signal_emit (self, changed_signal, 0);
}

/* Each network with its Quick settings. Sizes of the input, channels and classes are left to Quick
 * and to the data. */
static LwSweepRun *
plan (LwCompareTraining *self, const LwOptions *options)
{
  LwSweepRun *run = g_new0 (LwSweepRun, 1);

  run->settings = lw_workbench_recipe (self->workbench, options, true);
  run->label = lw_compare_title (options);
  return run;
}

bool
lw_compare_training_start (LwCompareTraining *self, LwCompareSet *set, GError **error)
{
  LwRunQueue *queue = lw_workbench_queue (self->workbench);
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_sweep_run_free);
  g_autoptr (GString) name = g_string_new (NULL);

  if (lw_workbench_dataset (self->workbench) == NULL) {
    const char *problem = lw_workbench_dataset_error (self->workbench);

    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s",
                 problem != NULL ? problem
                                 : _ ("The data set is still being read; try again in a moment."));
    return false;
  }
  for (int i = 0; i < lw_compare_set_n (set); i++) {
    LwSweepRun *run = plan (self, lw_compare_set_options (set, i));

    g_string_append_printf (name, i > 0 ? _ (" and %s") : "%s", run->label);
    g_ptr_array_add (runs, run);
  }
  g_free (self->group);
  self->group = lw_run_queue_add_group (queue, runs, name->str);
  lw_run_queue_set_paused (queue, false);
  lw_run_queue_show_next (queue);
  g_signal_emit (self, changed_signal, 0);
  return true;
}

bool
lw_compare_training_is_busy (LwCompareTraining *self)
{
  return self->group != NULL;
}

char *
lw_compare_training_status (LwCompareTraining *self)
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

LwCompareTraining *
lw_compare_training_new (LwWorkbench *workbench)
{
  LwCompareTraining *self = g_object_new (LW_TYPE_COMPARE_TRAINING, NULL);
  LwRunQueue *queue = lw_workbench_queue (workbench);

  self->workbench = workbench;
  g_signal_connect_object (queue, "entry-ended", G_CALLBACK (entry_ended), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "group-finished", G_CALLBACK (group_finished), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "changed", G_CALLBACK (queue_changed), self, G_CONNECT_SWAPPED);
  return self;
}

static void
lw_compare_training_finalize (GObject *object)
{
  g_free (LW_COMPARE_TRAINING (object)->group);
  G_OBJECT_CLASS (lw_compare_training_parent_class)->finalize (object);
}

static void
lw_compare_training_class_init (LwCompareTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_compare_training_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_compare_training_init (LwCompareTraining *self)
{
  (void)self;
}
