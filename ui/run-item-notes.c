/* What a person keeps with a run: shown at once, written to the run's folder on a thread, one file
 * at a time; the newest words are written last. */
#include "ui/run-item-private.h"

#include <gio/gio.h>

typedef struct {
  LwRunNotes notes;
  char *folder;
  bool quiet;
} Writing;

static void write_notes (LwRunItem *self);

static void
writing_free (gpointer data)
{
  Writing *writing = data;

  lw_run_notes_clear (&writing->notes);
  g_free (writing->folder);
  g_free (writing);
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwRunItem *self = source;
  const Writing *writing = data;
  GError *error = NULL;
  bool done;

  (void)cancellable;
  g_mutex_lock (&self->notes_lock);
  done = self->notes_flushed || lw_run_notes_write (&writing->notes, writing->folder, &error);
  g_mutex_unlock (&self->notes_lock);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
take (LwRunNotes *to, const LwRunNotes *from)
{
  const LwRunNotes copy = lw_run_notes_copy (from);

  lw_run_notes_clear (to);
  *to = copy;
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  LwRunItem *self = LW_RUN_ITEM (source);
  const Writing *writing = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  (void)data;
  self->writing = false;
  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    take (&self->written, &writing->notes);
    if (!lw_run_notes_equal (&self->notes, &self->written))
      write_notes (self);
    return;
  }
  if (writing->quiet && !self->asked && lw_run_notes_equal (&self->notes, &writing->notes))
    return; /* a colour that is given anew the next time */
  {
    /* What it looks like was not a person's wish and stays. */
    const int colour = self->notes.colour, dash = self->notes.dash;

    self->asked = false;
    take (&self->notes, &self->written);
    if (self->notes.colour < 0) {
      self->notes.colour = colour;
      self->notes.dash = dash;
    }
  }
  lw_run_item_notes_changed (self);
  g_signal_emit_by_name (self, "notes-lost", error->message);
}

static void
write_notes (LwRunItem *self)
{
  Writing *writing = g_new0 (Writing, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, written, NULL);

  writing->notes = lw_run_notes_copy (&self->notes);
  writing->folder = g_strdup (self->folder);
  writing->quiet = !self->asked;
  self->writing = true;
  self->asked = false;
  g_task_set_task_data (task, writing, writing_free);
  g_task_run_in_thread (task, write_in_thread);
}

static void
change (LwRunItem *self, const LwRunNotes *notes, bool quiet)
{
  if (lw_run_notes_equal (&self->notes, notes))
    return;
  take (&self->notes, notes);
  self->asked = self->asked || !quiet;
  if (!self->writing && self->followed == NULL) /* else they are only shown */
    write_notes (self);
  lw_run_item_notes_changed (self);
}

void
lw_run_item_flush_notes (LwRunItem *self)
{
  if (!self->writing)
    return;
  g_mutex_lock (&self->notes_lock);
  self->notes_flushed = true;
  lw_run_notes_write (&self->notes, self->folder, NULL);
  g_mutex_unlock (&self->notes_lock);
}

const LwRunNotes *
lw_run_item_notes (LwRunItem *self)
{
  return &self->notes;
}

void
lw_run_item_set_notes (LwRunItem *self, const LwRunNotes *notes)
{
  change (self, notes, false);
}

void
lw_run_item_set_look (LwRunItem *self, int colour, int dash)
{
  LwRunNotes notes = lw_run_notes_copy (&self->notes);

  notes.colour = colour;
  notes.dash = dash;
  change (self, &notes, true);
  lw_run_notes_clear (&notes);
}

void
lw_run_item_choose_colour (LwRunItem *self, int colour)
{
  LwRunNotes notes = lw_run_notes_copy (&self->notes);

  notes.colour = colour;
  notes.chosen = true;
  change (self, &notes, false);
  lw_run_notes_clear (&notes);
}

void
lw_run_item_choose_test_colour (LwRunItem *self, int colour)
{
  LwRunNotes notes = lw_run_notes_copy (&self->notes);

  notes.test_colour = colour;
  change (self, &notes, false);
  lw_run_notes_clear (&notes);
}
