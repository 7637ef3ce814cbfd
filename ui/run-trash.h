/* Runs that a person deletes. They leave the lists at once; their folders go to the trash when
 * nobody can undo it any more: the toast is gone, or the window. Until then nothing has happened to
 * them, so that Undo cannot fail. Where there is no trash (other file systems, shares) a question
 * comes before they are deleted for good. Runs that are trained are never touched. Main thread. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

/* LwRunItem; says what was done in a toast. */
void lw_run_trash_put (LwMainWindow *window, const GPtrArray *runs);
/* The window goes: what can still be undone is done. Waits for it. */
void lw_run_trash_finish (LwMainWindow *window);

G_END_DECLS
