/* The knobs of the draft: turned, undone, done again. What no network can be built with is kept
 * beside the draft, which stays at the last that worked. */
#include "ui/workbench-private.h"

#include <glib/gi18n.h>

/* --- the obstacle ------------------------------------------------------------------------------
 */

/* Which knob to put right: the one that was turned, if another of its values would do; else the
 * input's size; else any other that differs from the book. */
static void
find_culprit (LwWorkbench *self)
{
  const LwKnob *const *knobs = lw_options_model (self->wanted)->knobs;

  self->culprit = self->turned;
  if (self->turned != NULL && lw_obstacle_nearest (self->wanted, self->turned, &self->nearest))
    return;
  self->culprit = "input_size";
  if (lw_obstacle_nearest (self->wanted, self->culprit, &self->nearest))
    return;
  for (; *knobs != NULL; knobs++) {
    self->culprit = (*knobs)->name;
    if (!lw_options_is_standard (self->wanted, self->culprit) &&
        lw_obstacle_nearest (self->wanted, self->culprit, &self->nearest))
      return;
  }
  self->culprit = self->turned;
  self->nearest = 0;
}

void
lw_workbench_clear_obstacle (LwWorkbench *self)
{
  g_clear_pointer (&self->wanted, lw_options_free);
  g_clear_pointer (&self->obstacle, lw_obstacle_free);
  self->culprit = NULL;
  self->nearest = 0;
}

const LwObstacle *
lw_workbench_obstacle (LwWorkbench *self)
{
  return self->run == NULL ? self->obstacle : NULL;
}

const char *
lw_workbench_culprit (LwWorkbench *self, int *ret_nearest)
{
  *ret_nearest = self->nearest;
  return self->culprit;
}

void
lw_workbench_make_possible (LwOptions *options)
{
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  LwShape input = lw_options_input (options);

  if (graph != NULL)
    return;
  input.h = input.w = lw_model_smallest_input (options);
  lw_options_set_input (options, input, NULL);
}

/* --- turning -----------------------------------------------------------------------------------
 */

const LwOptions *
lw_workbench_knobs (LwWorkbench *self)
{
  if (self->run != NULL)
    return lw_run_item_settings (self->run)->options;
  return self->wanted != NULL ? self->wanted : self->draft->options;
}

static void
apply (LwWorkbench *self, const LwOptions *options)
{
  LwObstacle *obstacle = lw_obstacle_new (options);
  LwSettings *settings;

  if (obstacle == NULL) {
    settings = lw_settings_copy (self->draft);
    lw_options_free (settings->options);
    settings->options = lw_options_copy (options);
    lw_workbench_adopt (self, settings, NULL);
    return;
  }
  {
    LwOptions *wanted = lw_options_copy (options); /* may be what is freed here */

    lw_workbench_clear_obstacle (self);
    self->wanted = wanted;
    self->obstacle = obstacle;
    find_culprit (self);
  }
  lw_workbench_draft_changed (self);
}

bool
lw_workbench_turn (LwWorkbench *self, const char *knob, const char *value, GError **error)
{
  g_autoptr (LwOptions) options = NULL;

  if (self->run != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The network of a run stays as it is; start a new run from its settings."));
    return false;
  }
  options = lw_options_copy (lw_workbench_knobs (self));
  if (!lw_options_set (options, knob, value, error))
    return false;
  self->turned = /* constant, unlike the caller's */
      lw_model_knob (lw_options_model (options), knob)->name;
  lw_knob_history_add (self->history, options, knob, g_get_monotonic_time ());
  apply (self, options);
  return true;
}

void
lw_workbench_settle (LwWorkbench *self)
{
  lw_knob_history_seal (self->history);
}

void
lw_workbench_reset_knobs (LwWorkbench *self)
{
  g_autoptr (LwSettings) settings = NULL;

  if (self->run != NULL)
    return;
  settings = lw_settings_copy (self->draft);
  lw_options_free (settings->options);
  settings->options = lw_options_new (lw_workbench_model (self));
  lw_options_set_normalization (settings->options, lw_options_normalization (self->draft->options));
  lw_workbench_fit_to_data (self, settings);
  lw_knob_history_add (self->history, settings->options, NULL, 0);
  self->turned = NULL;
  apply (self, settings->options);
}

/* --- recipes ---------------------------------------------------------------------------------
 */

LwSettings *
lw_workbench_recipe (LwWorkbench *self, const LwOptions *options, bool quick)
{
  LwOptions *own = lw_options_copy (options);
  LwSettings *settings = lw_settings_new (own);

  lw_options_set_input (own, lw_options_model (own)->input, NULL);
  g_free (settings->data);
  settings->data = g_strdup (self->draft->data);
  lw_workbench_give_defaults (self, settings);
  if (quick)
    lw_settings_make_quick (settings);
  lw_workbench_fit_to_data (self, settings);
  lw_workbench_make_possible (own);
  return settings;
}

static void
use_recipe (LwWorkbench *self, bool quick)
{
  g_autoptr (LwOptions) book = lw_options_new (lw_workbench_model (self));
  /* Of the draft the recipe changes, and the network's knobs stay. */
  LwSettings *settings =
      lw_workbench_recipe (self, self->run == NULL ? self->draft->options : book, quick);

  self->quick = quick;
  g_ptr_array_set_size (self->lists, 0);
  lw_workbench_adopt (self, settings, NULL);
}

void
lw_workbench_use_book (LwWorkbench *self)
{
  use_recipe (self, false);
}

void
lw_workbench_use_quick (LwWorkbench *self)
{
  use_recipe (self, true);
}

bool
lw_workbench_is_quick (LwWorkbench *self)
{
  return self->quick;
}

/* --- undo --------------------------------------------------------------------------------------
 */

bool
lw_workbench_can_undo (LwWorkbench *self)
{
  return self->run == NULL && lw_knob_history_can_undo (self->history);
}

bool
lw_workbench_can_redo (LwWorkbench *self)
{
  return self->run == NULL && lw_knob_history_can_redo (self->history);
}

void
lw_workbench_undo (LwWorkbench *self)
{
  if (lw_workbench_can_undo (self))
    apply (self, lw_knob_history_undo (self->history));
}

void
lw_workbench_redo (LwWorkbench *self)
{
  if (lw_workbench_can_redo (self))
    apply (self, lw_knob_history_redo (self->history));
}

void
lw_workbench_note_knobs (LwWorkbench *self)
{
  if (self->history != NULL && lw_options_model (lw_knob_history_now (self->history)) ==
                                   lw_options_model (self->draft->options)) {
    lw_knob_history_add (self->history, self->draft->options, NULL, 0);
    return;
  }
  g_clear_pointer (&self->history, lw_knob_history_free);
  self->history = lw_knob_history_new (self->draft->options);
  self->turned = NULL;
}

void
lw_workbench_forget_knobs (LwWorkbench *self)
{
  g_clear_pointer (&self->history, lw_knob_history_free);
  lw_workbench_clear_obstacle (self);
  lw_workbench_note_knobs (self);
}
