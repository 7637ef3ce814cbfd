/* Runs on other machines: each is mirrored into a folder of runs of its own, which the watcher
 * looks at like at any other. */
#include "ui/workbench-private.h"

#include <glib/gi18n.h>

LwFollowedRun *
lw_workbench_followed_in (LwWorkbench *self, const char *folder)
{
  for (guint i = 0; i < self->followed->len; i++) {
    LwFollowedRun *run = self->followed->pdata[i];

    if (g_strcmp0 (lw_followed_run_folder (run), folder) == 0)
      return run;
  }
  return NULL;
}

/* The folder is there with the first look that is whole. */
static void
changed (LwFollowedRun *run, LwWorkbench *self)
{
  const LwFollowPhase phase = lw_followed_run_state (run)->phase;

  if (phase != LW_FOLLOW_FOLLOWING)
    return;
  lw_run_watcher_watch (self->watcher, lw_followed_run_around (run));
}

LwFollowedRun *
lw_workbench_follow (LwWorkbench *self, const LwRemoteAddress *address)
{
  LwFollowedRun *run = lw_followed_run_new (address);

  g_ptr_array_add (self->followed, run);
  g_signal_connect_object (run, "changed", G_CALLBACK (changed), self, 0);
  return run;
}

void
lw_workbench_unfollow (LwWorkbench *self, LwFollowedRun *run)
{
  g_autoptr (LwFollowedRun) kept = g_object_ref (run);

  if (!g_ptr_array_find (self->followed, run, NULL))
    return;
  g_signal_handlers_disconnect_by_func (run, changed, self);
  g_ptr_array_remove (self->followed, run);
  if (lw_followed_run_around (run) != NULL) {
    lw_run_watcher_unwatch (self->watcher, lw_followed_run_around (run));
    lw_workbench_drop_run (self, lw_followed_run_folder (run));
  }
  lw_followed_run_end (kept);
}

void
lw_workbench_unfollow_all (LwWorkbench *self)
{
  for (guint i = 0; i < self->followed->len; i++)
    lw_followed_run_end (self->followed->pdata[i]);
  g_ptr_array_set_size (self->followed, 0);
}

LwRunItem *
lw_workbench_followed_at (LwWorkbench *self, const char *address)
{
  for (guint i = 0; i < self->followed->len; i++) {
    LwFollowedRun *run = self->followed->pdata[i];

    if (lw_followed_run_folder (run) != NULL &&
        g_str_equal (lw_followed_run_address (run), address))
      return lw_workbench_find_run (self, lw_followed_run_folder (run));
  }
  return NULL;
}
