#include "ui/queued-run.h"

#include "ui/run-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

struct _LwQueuedRun {
  GObject parent;
  LwQueueEntry *entry;
  LwRunItem *item;
  char *title, *label;
};

G_DEFINE_FINAL_TYPE (LwQueuedRun, lw_queued_run, G_TYPE_OBJECT)

enum { PROP_TITLE = 1, PROP_LABEL, PROP_STATE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
lw_queued_run_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  LwQueuedRun *self = LW_QUEUED_RUN (object);

  if (id == PROP_TITLE)
    g_value_set_string (value, self->title);
  else if (id == PROP_LABEL)
    g_value_set_string (value, self->label);
  else if (id == PROP_STATE)
    g_value_set_int (value, (int)self->entry->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
lw_queued_run_finalize (GObject *object)
{
  LwQueuedRun *self = LW_QUEUED_RUN (object);

  lw_queue_entry_free (self->entry);
  g_clear_object (&self->item);
  g_free (self->title);
  g_free (self->label);
  G_OBJECT_CLASS (lw_queued_run_parent_class)->finalize (object);
}

static void
lw_queued_run_class_init (LwQueuedRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lw_queued_run_get_property;
  object_class->finalize = lw_queued_run_finalize;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, LW_N_QUEUED_STATES - 1, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
lw_queued_run_init (LwQueuedRun *self)
{
  (void)self;
}

LwQueuedRun *
lw_queued_run_new (LwQueueEntry *entry)
{
  LwQueuedRun *self = g_object_new (LW_TYPE_QUEUED_RUN, NULL);

  self->entry = entry;
  self->title = lw_run_title (entry->settings);
  if (entry->epochs > 0)
    self->label = g_strdup_printf (_ ("continues to epoch %d"), entry->epochs);
  else if (entry->group.label != NULL)
    self->label = g_strdup (entry->group.label);
  else
    self->label = g_strdup_printf (_ ("lr %g · seed %" PRIu64), entry->settings->learning_rate,
                                   entry->settings->seed);
  return self;
}

const LwQueueEntry *
lw_queued_run_entry (LwQueuedRun *self)
{
  return self->entry;
}

LwQueuedState
lw_queued_run_state (LwQueuedRun *self)
{
  return self->entry->state;
}

LwRunItem *
lw_queued_run_item (LwQueuedRun *self)
{
  return self->item;
}

const char *
lw_queued_run_title (LwQueuedRun *self)
{
  return self->title;
}

const char *
lw_queued_run_label (LwQueuedRun *self)
{
  return self->label;
}

void
lw_queued_run_begin (LwQueuedRun *self, LwRunItem *item)
{
  g_set_object (&self->item, item);
  g_free (self->entry->folder);
  self->entry->folder = g_strdup (lw_run_item_folder (item));
  lw_queued_run_set_state (self, LW_QUEUED_RUNNING, NULL);
}

void
lw_queued_run_set_state (LwQueuedRun *self, LwQueuedState state, const char *message)
{
  g_autofree char *copy = g_strdup (message);

  g_free (self->entry->message);
  self->entry->message = g_steal_pointer (&copy);
  if (self->entry->state == state)
    return;
  self->entry->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}
