/* LwRunWatcher: the runs of the runs folder, and of further folders that a person opened, kept up
 * to date on a thread (engine/run_scan.h): at each sign from the file system, and every two seconds
 * for shared folders that give none; twice a second while a run is trained elsewhere. Runs trained
 * here are left alone.
 *
 * Signals: `found` (LwRunItem: a run that was not known), `replaced` (LwRunItem: what the run in
 * its folder is now), `gone` (string: the folder). Runs that grew are synced. Main thread. */
#pragma once

#include "ui/run-item.h"

G_BEGIN_DECLS

#define LW_TYPE_RUN_WATCHER (lw_run_watcher_get_type ())
G_DECLARE_FINAL_TYPE (LwRunWatcher, lw_run_watcher, LW, RUN_WATCHER, GObject)

/* `own` says which run is trained here now (or NULL), `find` which item shows a folder (or NULL);
 * both until lw_run_watcher_close. */
LwRunWatcher *
lw_run_watcher_new (LwRunItem *(*own) (gpointer data),
                    LwRunItem *(*find) (gpointer data, const char *folder), gpointer data);
/* A further folder, from now on and in later sessions: false and a sentence when it cannot be read
 * or is shown already. One that is a run itself stands for the folder around it. */
bool lw_run_watcher_add_folder (LwRunWatcher *self, const char *folder, GError **error);
void lw_run_watcher_remove_folder (LwRunWatcher *self, const char *folder);
/* One that is looked at until lw_run_watcher_unwatch, and not remembered; again: no more than a
 * sign that something came. */
void lw_run_watcher_watch (LwRunWatcher *self, const char *folder);
void lw_run_watcher_unwatch (LwRunWatcher *self, const char *folder);
/* Those that were added, NULL-terminated; valid until the next is. */
const char *const *lw_run_watcher_folders (LwRunWatcher *self);
void lw_run_watcher_close (LwRunWatcher *self); /* looks no more */

G_END_DECLS
