#include "engine/knob_history.h"

struct LwKnobHistory {
  GPtrArray *states; /* LwOptions, oldest first */
  guint now;         /* index of the present one */
  char *knob;        /* that made the present state and may still be turned; NULL: sealed */
  int64_t turned_us; /* when it last was */
};

LwKnobHistory *
lw_knob_history_new (const LwOptions *first)
{
  LwKnobHistory *self = g_new0 (LwKnobHistory, 1);

  self->states = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_options_free);
  g_ptr_array_add (self->states, lw_options_copy (first));
  return self;
}

void
lw_knob_history_free (LwKnobHistory *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->states);
  g_free (self->knob);
  g_free (self);
}

void
lw_knob_history_seal (LwKnobHistory *self)
{
  g_clear_pointer (&self->knob, g_free);
}

const LwOptions *
lw_knob_history_now (const LwKnobHistory *self)
{
  return g_ptr_array_index (self->states, self->now);
}

void
lw_knob_history_add (LwKnobHistory *self, const LwOptions *options, const char *knob,
                     int64_t now_us)
{
  const bool same_step = knob != NULL && g_strcmp0 (self->knob, knob) == 0 &&
                         now_us - self->turned_us <= LW_KNOB_PAUSE_US;

  if (lw_options_equal (options, lw_knob_history_now (self)))
    return;
  g_ptr_array_set_size (self->states, (gint)self->now + 1);
  if (same_step && self->now > 0)
    g_ptr_array_remove_index (self->states, self->now--);
  /* A slider that came back to where it was has done nothing. */
  if (!same_step || !lw_options_equal (options, lw_knob_history_now (self))) {
    g_ptr_array_add (self->states, lw_options_copy (options));
    self->now++;
    if (g_strcmp0 (self->knob, knob) != 0) {
      g_free (self->knob);
      self->knob = g_strdup (knob);
    }
    self->turned_us = now_us;
  } else {
    lw_knob_history_seal (self);
  }
  if (self->states->len > LW_KNOB_STEPS + 1) {
    g_ptr_array_remove_index (self->states, 0);
    self->now--;
  }
}

bool
lw_knob_history_can_undo (const LwKnobHistory *self)
{
  return self->now > 0;
}

bool
lw_knob_history_can_redo (const LwKnobHistory *self)
{
  return self->now + 1 < self->states->len;
}

const LwOptions *
lw_knob_history_undo (LwKnobHistory *self)
{
  if (!lw_knob_history_can_undo (self))
    return NULL;
  lw_knob_history_seal (self);
  self->now--;
  return lw_knob_history_now (self);
}

const LwOptions *
lw_knob_history_redo (LwKnobHistory *self)
{
  if (!lw_knob_history_can_redo (self))
    return NULL;
  lw_knob_history_seal (self);
  self->now++;
  return lw_knob_history_now (self);
}
