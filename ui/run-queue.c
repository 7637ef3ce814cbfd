#include "ui/run-queue-private.h"

#include "ui/workbench-private.h"

/* Ended entries that are kept for whoever asks what came out. */
#define MOST_ENDED 256
/* The window's frame clock rests while nobody sees the window; the queue goes on then too. */
#define WATCH_MS 500

static void list_model_init (GListModelInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (LwRunQueue, lw_run_queue, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { CHANGED, ENTRY_STARTED, ENTRY_ENDED, GROUP_FINISHED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- the list ------------------------------------------------------------------------------------
 */

static GType
get_item_type (GListModel *model)
{
  (void)model;
  return LW_TYPE_QUEUED_RUN;
}

static guint
get_n_items (GListModel *model)
{
  return LW_RUN_QUEUE (model)->runs->len;
}

static gpointer
get_item (GListModel *model, guint index)
{
  LwRunQueue *self = LW_RUN_QUEUE (model);

  return index < self->runs->len ? g_object_ref (self->runs->pdata[index]) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static LwQueuedState
state_at (LwRunQueue *self, guint index)
{
  return lw_queued_run_state (self->runs->pdata[index]);
}

guint
lw_run_queue_first_waiting (LwRunQueue *self)
{
  guint i = self->runs->len;

  while (i > 0 && state_at (self, i - 1) == LW_QUEUED_WAITING)
    i--;
  return i;
}

void
lw_run_queue_insert (LwRunQueue *self, guint index, LwQueuedRun *run)
{
  g_ptr_array_insert (self->runs, (gint)index, run);
  g_list_model_items_changed (G_LIST_MODEL (self), index, 0, 1);
}

void
lw_run_queue_take_out (LwRunQueue *self, guint index)
{
  g_ptr_array_remove_index (self->runs, index);
  g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
}

static void
forget_oldest (LwRunQueue *self)
{
  guint ended = 0;

  while (ended < self->runs->len && state_at (self, ended) > LW_QUEUED_RUNNING)
    ended++;
  for (; ended > MOST_ENDED; ended--)
    lw_run_queue_take_out (self, 0);
}

/* --- the file ------------------------------------------------------------------------------------
 */

static void
writing_failed (gpointer data, const char *sentence)
{
  LwRunQueue *self = data;

  if (!self->complained) /* once will do */
    lw_workbench_complain (self->workbench, sentence);
  self->complained = true;
}

void
lw_run_queue_changed (LwRunQueue *self)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();

  for (guint i = 0; i < self->runs->len; i++)
    g_ptr_array_add (entries, (gpointer)lw_queued_run_entry (self->runs->pdata[i]));
  if (!self->closed)
    lw_queue_writer_put (self->writer, lw_queue_to_json (entries), self->gone, writing_failed,
                         self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* An interrupted run waits at its place; a queue that has nothing to do is not paused. */
static void
read_file (LwRunQueue *self)
{
  g_autofree char *path = lw_queue_path ();
  g_autoptr (GPtrArray) entries = lw_queue_read (path, NULL, NULL);

  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    LwQueueEntry *entry = entries->pdata[i];

    if (entry->state == LW_QUEUED_RUNNING)
      entry->state = LW_QUEUED_WAITING;
  }
  for (int waiting = 0; entries != NULL && waiting < 2; waiting++)
    for (guint i = 0; i < entries->len; i++)
      if (entries->pdata[i] != NULL &&
          (((LwQueueEntry *)entries->pdata[i])->state == LW_QUEUED_WAITING) == waiting) {
        g_ptr_array_add (self->runs, lw_queued_run_new (entries->pdata[i]));
        entries->pdata[i] = NULL;
      }
  self->paused = self->restored = lw_run_queue_n_waiting (self) > 0;
}

/* --- one after the other -------------------------------------------------------------------------
 */

void
lw_run_queue_tell_of_group (LwRunQueue *self, const char *group)
{
  LwQueueProgress progress;

  if (group == NULL)
    return;
  progress = lw_run_queue_progress (self, group);
  if (progress.waiting == 0 && progress.running == 0)
    g_signal_emit (self, signals[GROUP_FINISHED], 0, group);
}

/* The current entry is over, whether it ran or could not. */
static void
end_current (LwRunQueue *self, LwQueuedState state, const char *message)
{
  g_autoptr (LwQueuedRun) run = g_steal_pointer (&self->current);
  g_autofree char *group = g_strdup (lw_queued_run_entry (run)->group.id);

  lw_queued_run_set_state (run, state, message);
  forget_oldest (self);
  lw_run_queue_changed (self);
  g_signal_emit (self, signals[ENTRY_ENDED], 0, run);
  lw_run_queue_tell_of_group (self, group);
  lw_run_queue_start_soon (self);
}

static gboolean
watch (gpointer data)
{
  LwRunQueue *self = data;

  if (lw_workbench_live_run (self->workbench) != NULL) {
    lw_workbench_tick (self->workbench);
    return G_SOURCE_CONTINUE;
  }
  self->watch_id = 0;
  return G_SOURCE_REMOVE;
}

/* Somebody started it directly: an entry of its own, or the one that waited to go on with it. */
static void
adopt (LwRunQueue *self, LwRunItem *item)
{
  LwQueueEntry *entry;

  for (guint i = lw_run_queue_first_waiting (self); i < self->runs->len; i++) {
    g_autoptr (LwQueuedRun) run = g_object_ref (self->runs->pdata[i]);

    if (g_strcmp0 (lw_queued_run_entry (run)->folder, lw_run_item_folder (item)) != 0)
      continue;
    lw_run_queue_take_out (self, i);
    self->current = g_steal_pointer (&run);
    break;
  }
  if (self->current == NULL) {
    entry = g_new0 (LwQueueEntry, 1);
    entry->settings = lw_settings_copy (lw_run_item_settings (item));
    entry->group = lw_run_group_copy (lw_run_item_group (item));
    self->current = lw_queued_run_new (entry);
  }
  lw_run_queue_insert (self, lw_run_queue_first_waiting (self), g_object_ref (self->current));
  if (lw_run_queue_n_waiting (self) == 0 && self->restored)
    self->paused = self->restored = false;
}

static void
run_started (LwRunQueue *self, LwRunItem *item)
{
  if (self->current == NULL)
    adopt (self, item);
  lw_queued_run_begin (self->current, item);
  if (lw_workbench_run (self->workbench) == item)
    g_set_object (&self->followed, item);
  if (self->watch_id == 0)
    self->watch_id = g_timeout_add (WATCH_MS, watch, self);
  lw_run_queue_changed (self);
  g_signal_emit (self, signals[ENTRY_STARTED], 0, self->current);
}

static void
run_ended (LwRunQueue *self, LwRunItem *item)
{
  const LwRunState state = lw_run_item_state (item);

  if (self->closed || self->current == NULL || lw_queued_run_item (self->current) != item)
    return;
  end_current (self,
               state == LW_RUN_FAILED    ? LW_QUEUED_FAILED
               : state == LW_RUN_STOPPED ? LW_QUEUED_CANCELLED
                                         : LW_QUEUED_DONE,
               state == LW_RUN_FAILED ? lw_run_item_message (item) : NULL);
}

static void
start_failed (gpointer data, LwRunItem *item, const GError *error)
{
  g_autoptr (LwRunQueue) self = data;

  if (item != NULL || self->closed || self->current == NULL)
    return; /* run-started said the rest */
  lw_workbench_complain (self->workbench, error->message);
  end_current (self, LW_QUEUED_FAILED, error->message);
}

static gboolean
start_next (gpointer data)
{
  LwRunQueue *self = data;
  const guint index = lw_run_queue_first_waiting (self);
  LwRunItem *shown = lw_workbench_run (self->workbench);
  const LwQueueEntry *entry;

  self->next_id = 0;
  if (self->closed || self->paused || self->current != NULL || index == self->runs->len ||
      lw_workbench_is_busy (self->workbench))
    return G_SOURCE_REMOVE;
  self->current = g_object_ref (self->runs->pdata[index]);
  entry = lw_queued_run_entry (self->current);
  lw_queued_run_set_state (self->current, LW_QUEUED_RUNNING, NULL);
  /* A person who looks at the run that ended sees the next one; another is left in peace. */
  lw_workbench_start_entry (self->workbench, entry,
                            self->show_next || (shown != NULL && shown == self->followed),
                            start_failed, g_object_ref (self));
  self->show_next = false;
  return G_SOURCE_REMOVE;
}

void
lw_run_queue_start_soon (LwRunQueue *self)
{
  if (self->next_id == 0 && !self->closed)
    self->next_id = g_idle_add (start_next, self);
}

/* --- what others ask for -------------------------------------------------------------------------
 */

static LwQueuedRun *
append (LwRunQueue *self, const LwSettings *settings, const LwRunGroup *group)
{
  LwQueueEntry *entry = g_new0 (LwQueueEntry, 1);
  LwQueuedRun *run;

  entry->settings = lw_settings_copy (settings);
  if (group != NULL)
    entry->group = lw_run_group_copy (group);
  run = lw_queued_run_new (entry);
  lw_run_queue_insert (self, self->runs->len, run);
  return run;
}

LwQueuedRun *
lw_run_queue_add (LwRunQueue *self, const LwSettings *settings, const LwRunGroup *group)
{
  LwQueuedRun *run = append (self, settings, group);

  lw_run_queue_changed (self);
  lw_run_queue_start_soon (self);
  return run;
}

void
lw_run_queue_add_to_group (LwRunQueue *self, const GPtrArray *runs, guint first, const char *id,
                           const char *name)
{
  for (guint i = first; i < runs->len; i++) {
    const LwSweepRun *run = runs->pdata[i];
    const LwRunGroup group = { (char *)id, (char *)name, *run->label != '\0' ? run->label : NULL };

    append (self, run->settings, &group);
  }
  lw_run_queue_changed (self); /* once: each is a file written and a list filled anew */
  lw_run_queue_start_soon (self);
}

char *
lw_run_queue_add_group (LwRunQueue *self, const GPtrArray *runs, const char *name)
{
  char *id = lw_run_group_new_id ();

  lw_run_queue_add_to_group (self, runs, 0, id, name);
  return id;
}

void
lw_run_queue_set_paused (LwRunQueue *self, bool paused)
{
  if (self->paused == paused)
    return;
  self->show_next = self->show_next || (self->restored && !paused);
  self->paused = paused;
  self->restored = false;
  lw_run_queue_changed (self);
  lw_run_queue_start_soon (self);
}

void
lw_run_queue_show_next (LwRunQueue *self)
{
  self->show_next = lw_run_queue_n_waiting (self) > 0 && self->current == NULL;
}

bool
lw_run_queue_is_paused (LwRunQueue *self)
{
  return self->paused;
}

bool
lw_run_queue_is_restored (LwRunQueue *self)
{
  return self->restored;
}

void
lw_run_queue_close (LwRunQueue *self)
{
  if (self->closed)
    return;
  self->closed = true;
  lw_queue_writer_flush (self->writer);
  g_clear_handle_id (&self->next_id, g_source_remove);
  g_clear_handle_id (&self->watch_id, g_source_remove);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

LwRunQueue *
lw_run_queue_new (LwWorkbench *workbench)
{
  LwRunQueue *self = g_object_new (LW_TYPE_RUN_QUEUE, NULL);

  self->workbench = workbench;
  read_file (self);
  g_signal_connect_object (workbench, "run-started", G_CALLBACK (run_started), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (run_ended), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return self;
}

static void
lw_run_queue_finalize (GObject *object)
{
  LwRunQueue *self = LW_RUN_QUEUE (object);

  lw_run_queue_close (self);
  g_cancellable_cancel (self->gone);
  g_clear_object (&self->gone);
  lw_queue_writer_unref (self->writer);
  g_ptr_array_unref (self->runs);
  g_clear_object (&self->current);
  g_clear_object (&self->followed);
  G_OBJECT_CLASS (lw_run_queue_parent_class)->finalize (object);
}

static void
lw_run_queue_class_init (LwRunQueueClass *klass)
{
  static const char *const names[] = { "changed", "entry-started", "entry-ended",
                                       "group-finished" };

  G_OBJECT_CLASS (klass)->finalize = lw_run_queue_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, i == CHANGED ? 0 : 1,
                               i == GROUP_FINISHED ? G_TYPE_STRING : LW_TYPE_QUEUED_RUN);
}

static void
lw_run_queue_init (LwRunQueue *self)
{
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
  self->writer = lw_queue_writer_new ();
  self->gone = g_cancellable_new ();
}
