/* LwFollowedRun: a run on another machine that is followed over SSH (remote/follow.h), as the
 * window sees it. Signal `changed`: its state is another. The run that is mirrored is shown by an
 * LwRunItem like any other; nothing here writes on the other machine. Main thread only. */
#pragma once

#include "remote/follow.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define LW_TYPE_FOLLOWED_RUN (lw_followed_run_get_type ())
G_DECLARE_FINAL_TYPE (LwFollowedRun, lw_followed_run, LW, FOLLOWED_RUN, GObject)

/* Connects at once. */
LwFollowedRun *lw_followed_run_new (const LwRemoteAddress *address);
/* Ends it and drops what was fetched; it stays as it was last seen. */
void lw_followed_run_end (LwFollowedRun *self);

/* All until the next `changed`. */
const LwFollowState *lw_followed_run_state (LwFollowedRun *self);
const char *lw_followed_run_address (LwFollowedRun *self); /* as a person writes it */
const char *lw_followed_run_host (LwFollowedRun *self);
const char *lw_followed_run_around (LwFollowedRun *self); /* the folder of runs here, or NULL */
const char *lw_followed_run_folder (LwFollowedRun *self); /* of the mirror in it, or NULL */

/* While a run is to be chosen: their names, the one written last first, and when that was (seconds
 * since 1970, by the clock there). */
guint lw_followed_run_n_choices (LwFollowedRun *self);
const char *lw_followed_run_choice (LwFollowedRun *self, guint index, int64_t *ret_written);
void lw_followed_run_choose (LwFollowedRun *self, const char *name);

void lw_followed_run_want_weights (LwFollowedRun *self);
void lw_followed_run_try_now (LwFollowedRun *self);

/* What to say of it in a line, "Followed on host over SSH: it can only be looked at here."; and a
 * second one or NULL: why the connection was lost and when the next try is, what cannot be fetched.
 * g_free. */
char *lw_followed_run_words (LwFollowedRun *self, char **ret_detail);
/* Why it cannot be changed here; g_free. */
char *lw_followed_run_reason (LwFollowedRun *self);
/* A word in the place of its state in lists while that is not known: "not connected"; NULL else. */
const char *lw_followed_run_status (LwFollowedRun *self);

G_END_DECLS
