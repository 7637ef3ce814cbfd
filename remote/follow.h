/* LwRemoteFollow: follows one run on another machine on a thread of its own: connects, lets a run
 * be chosen where the address is a folder of runs, mirrors it (mirror.h) into a folder of the
 * cache, twice a second while it is trained there and every two seconds when it has ended, and
 * connects again by itself when the connection is lost: after 1, 2, 4 … at most 30 seconds.
 *
 * Threads: made, asked and freed on one thread with a main loop, from which `changed` is called;
 * the state is under a short lock. */
#pragma once

#include "remote/address.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct LwRemoteFollow LwRemoteFollow;

typedef enum {
  LW_FOLLOW_CONNECTING, /* for the first time */
  LW_FOLLOW_CHOOSING,   /* a folder of runs: lw_remote_follow_choose */
  LW_FOLLOW_FETCHING,   /* the run's files come for the first time */
  LW_FOLLOW_FOLLOWING,
  LW_FOLLOW_LOST,   /* connects again by itself */
  LW_FOLLOW_GONE,   /* the run's folder is not there any more; looks for it still */
  LW_FOLLOW_FAILED, /* it never began: `sentence` says why; nothing more comes */
} LwFollowPhase;

typedef struct {
  LwFollowPhase phase;
  char *sentence;   /* why, of LOST and FAILED; of FOLLOWING what cannot be fetched, or NULL */
  gint64 retry_us;  /* of LOST: when it connects again (monotonic); 0: it is connecting now */
  bool trained;     /* a program there trains it, as far as was seen */
  int64_t waiting;  /* bytes of weights that are being fetched */
  int64_t withheld; /* bytes of weights that stay there: large ones that nobody wants, old ones */
  int64_t files;    /* grows when other files than the curves have come */
} LwFollowState;
void lw_follow_state_clear (LwFollowState *state);

/* Starts at once. `changed` (may be NULL) is called after each change of the state, once for
 * several. */
LwRemoteFollow *
lw_remote_follow_new (const LwRemoteAddress *address,
                      void (*changed) (LwRemoteFollow *follow, gpointer data), gpointer data);
/* Ends it and drops what was fetched. */
void lw_remote_follow_free (LwRemoteFollow *follow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteFollow, lw_remote_follow_free)

/* Where the run is: once one was chosen, that one's; lw_remote_address_free. */
LwRemoteAddress *lw_remote_follow_address (LwRemoteFollow *follow);
LwFollowState lw_remote_follow_state (LwRemoteFollow *follow);
/* Of CHOOSING: the runs, the one written last first: LwRemoteRun (link.h); owned by the follow. */
const GPtrArray *lw_remote_follow_choices (LwRemoteFollow *follow);
void lw_remote_follow_choose (LwRemoteFollow *follow, const char *name);

/* The folder of runs here in which the run's mirror is the only one, and the mirror itself; NULL
 * before FOLLOWING. */
const char *lw_remote_follow_around (LwRemoteFollow *follow);
const char *lw_remote_follow_folder (LwRemoteFollow *follow);

/* Somebody looks at weights: large ones are fetched too. */
void lw_remote_follow_want_weights (LwRemoteFollow *follow);
/* Of LOST: at once. */
void lw_remote_follow_try_now (LwRemoteFollow *follow);

G_END_DECLS
