#include "ui/run-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

bool
lw_run_state_is_live (LwRunState state)
{
  return state == LW_RUN_STARTING || state == LW_RUN_RUNNING || state == LW_RUN_PAUSED ||
         state == LW_RUN_READY;
}

char *
lw_run_title (const LwSettings *settings)
{
  const LwModel *model = lw_options_model (settings->options);
  g_autoptr (GString) title = g_string_new (model->title);

  for (int i = 0; model->knobs[i] != NULL; i++) {
    const LwKnob *knob = model->knobs[i];

    if (knob->type == LW_KNOB_CHOICE && !lw_options_is_standard (settings->options, knob->name))
      g_string_append_printf (title, ", %s", lw_options_choice (settings->options, knob->name));
  }
  return g_string_free (g_steal_pointer (&title), FALSE);
}

char *
lw_clock_text (double seconds)
{
  const int64_t s = (int64_t)(CLAMP (seconds, 0, 1e12) + 0.5);

  return s >= 3600 ? g_strdup_printf ("%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
                                      (int)(s % 60))
                   : g_strdup_printf ("%d:%02d", (int)(s / 60), (int)(s % 60));
}

char *
lw_run_early_text (const LwRunProgress *progress)
{
  return g_strdup_printf (_ ("Stopped early at epoch %d: best test accuracy %.3f at epoch %d."),
                          (int)(progress->epoch + 0.5), progress->best_test_accuracy,
                          progress->best_epoch);
}

char *
lw_run_status (LwRunState state, const LwRunProgress *progress, char **ret_detail)
{
  const bool live = lw_run_state_is_live (state);

  if (live)
    *ret_detail = g_strdup_printf (
        _ ("epoch %d / %d"),
        MIN ((int)(progress->epoch + 1e-6) + !progress->testing, MAX (progress->epochs, 1)),
        progress->epochs);
  else if (progress->best_epoch > 0 && state != LW_RUN_DIVERGED && state != LW_RUN_FAILED)
    *ret_detail = g_strdup_printf (_ ("at epoch %d"), progress->best_epoch);
  else
    *ret_detail = g_strdup_printf (_ ("at iteration %" PRId64),
                                   progress->step + (state == LW_RUN_DIVERGED)); /* the next one */

  if (live)
    return g_strdup (state == LW_RUN_PAUSED ? _ ("paused")
                     : progress->testing    ? _ ("testing")
                                            : _ ("training"));
  if (state == LW_RUN_DIVERGED)
    return g_strdup (_ ("! diverged"));
  if (state == LW_RUN_FAILED)
    return g_strdup (_ ("! failed"));
  if (progress->best_epoch > 0)
    return g_strdup_printf ("%.3f", progress->best_test_accuracy);
  return g_strdup (_ ("stopped"));
}
