/* What the queue says of groups: which entries there are, how far they have come. */
#include "ui/run-queue.h"

#include <string.h>

static bool
belongs (LwQueuedRun *run, const char *group)
{
  return group == NULL || g_strcmp0 (lw_queued_run_entry (run)->group.id, group) == 0;
}

GPtrArray *
lw_run_queue_group (LwRunQueue *self, const char *group)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self)); i++) {
    g_autoptr (LwQueuedRun) run = g_list_model_get_item (G_LIST_MODEL (self), i);

    if (belongs (run, group))
      g_ptr_array_add (runs, g_steal_pointer (&run));
  }
  return runs;
}

/* Seconds of training that a run of this kind is likely to take: of runs of its network, in
 * proportion to the examples; 0: none has told yet. */
static double
examples_of (const LwSettings *settings)
{
  return settings->steps > 0
             ? (double)settings->steps * settings->batch
             : (double)settings->epochs *
                   (settings->limit_train > 0 ? (double)settings->limit_train : 60000.0);
}

typedef struct {
  double seconds, examples; /* of what ended here */
} Pace;

static void
note_pace (GHashTable *paces, LwQueuedRun *run)
{
  LwRunItem *item = lw_queued_run_item (run);
  const LwSettings *settings = lw_queued_run_entry (run)->settings;
  const LwRunProgress p = item != NULL ? lw_run_item_progress (item) : (LwRunProgress){ 0 };
  Pace *pace;

  if (p.step == 0 || p.elapsed_s <= 0)
    return;
  pace = g_hash_table_lookup (paces, lw_options_model (settings->options));
  if (pace == NULL) {
    pace = g_new0 (Pace, 1);
    g_hash_table_insert (paces, (gpointer)lw_options_model (settings->options), pace);
  }
  pace->seconds += p.elapsed_s;
  pace->examples += (double)p.step * settings->batch;
}

LwQueueProgress
lw_run_queue_progress (LwRunQueue *self, const char *group)
{
  g_autoptr (GPtrArray) runs = lw_run_queue_group (self, group);
  g_autoptr (GHashTable) paces = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  LwQueueProgress progress = { .total = (int)runs->len };
  bool known = true;
  double done = 0;

  for (guint i = 0; i < runs->len; i++)
    note_pace (paces, runs->pdata[i]);
  for (guint i = 0; i < runs->len; i++) {
    const LwSettings *settings = lw_queued_run_entry (runs->pdata[i])->settings;
    const Pace *pace = g_hash_table_lookup (paces, lw_options_model (settings->options));
    LwRunItem *item = lw_queued_run_item (runs->pdata[i]);
    LwRunProgress p;

    switch (lw_queued_run_state (runs->pdata[i])) {
    case LW_QUEUED_WAITING:
      progress.waiting++;
      known = known && pace != NULL;
      if (pace != NULL)
        progress.remaining_s += examples_of (settings) * pace->seconds / pace->examples;
      break;
    case LW_QUEUED_RUNNING:
      progress.running++;
      p = item != NULL ? lw_run_item_progress (item) : (LwRunProgress){ .remaining_s = -1 };
      known = known && p.remaining_s >= 0;
      progress.remaining_s += MAX (p.remaining_s, 0);
      done += p.total_steps > 0 ? (double)p.step / (double)p.total_steps : 0;
      break;
    case LW_QUEUED_DONE:
      progress.done++;
      done++;
      break;
    case LW_QUEUED_FAILED:
      progress.failed++;
      done++;
      break;
    default:
      progress.cancelled++;
      done++;
    }
  }
  progress.fraction = runs->len > 0 ? done / runs->len : 0;
  if (!known)
    progress.remaining_s = -1;
  return progress;
}
