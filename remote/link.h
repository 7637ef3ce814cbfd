/* LwRemoteLink: one connection to another machine, kept for all that is asked: a spawned ssh, in
 * whose far end a POSIX sh answers (far.h). Nothing is ever written there. Each call waits for its
 * answer, at most half a minute, or until it is cancelled.
 *
 * What comes back is somebody else's word: answers are bounded, names are checked by who uses them.
 * A call that fails leaves a connection that is no good any more; free it and open another.
 *
 * ssh is asked for no password (BatchMode): keys, an agent, and a connection that the person
 * shares (ControlPath) work as its configuration says. $LAYERWISE_SSH names another program.
 *
 * Threads: one at a time. */
#pragma once

#include "remote/address.h"
#include <gio/gio.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwRemoteLink LwRemoteLink;

/* Connects; NULL and a sentence that says what to do. `cancellable` is asked by all later calls. */
LwRemoteLink *
lw_remote_link_open (const LwRemoteAddress *address, GCancellable *cancellable, GError **error);
void lw_remote_link_free (LwRemoteLink *link); /* ends ssh */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteLink, lw_remote_link_free)

typedef enum {
  LW_REMOTE_RUN,    /* has a run.json */
  LW_REMOTE_FOLDER, /* has none: perhaps a folder of runs */
} LwRemoteKind;

/* What a folder is; false and a sentence where it cannot be read or is none. */
bool lw_remote_link_enter (LwRemoteLink *link, const char *folder, LwRemoteKind *ret_kind,
                           GError **error);

/* The runs in a folder, the one written last first: LwRemoteRun, which the array frees. */
typedef struct {
  char *name;           /* of its folder: any bytes but "/" */
  int64_t written_unix; /* seconds, by the clock there */
} LwRemoteRun;
GPtrArray *lw_remote_link_runs (LwRemoteLink *link, const char *folder, GError **error);

/* One file of a run's folder. */
typedef struct {
  char *name; /* within the folder: "metrics.csv", "snapshots/epoch-1.safetensors" */
  bool regular;
  int64_t bytes, written_unix;
  char *inode;
  char *stamp; /* all that is known of its version, to be compared */
} LwRemoteFile;
void lw_remote_file_free (LwRemoteFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteFile, lw_remote_file_free)

typedef struct {
  bool there;       /* else the folder, or the run in it, is gone */
  bool trained;     /* a program there holds the lock */
  char *owner;      /* "4711 host", printable; of the lock file, NULL: there is none */
  GPtrArray *files; /* LwRemoteFile */
} LwRemoteListing;
void lw_remote_listing_free (LwRemoteListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteListing, lw_remote_listing_free)

LwRemoteListing *lw_remote_link_list (LwRemoteLink *link, const char *folder, GError **error);

/* Bytes [from, from + length) of a file of the folder that was listed last, into `buffer`; those
 * beyond its end are any. `ret_now`: the file as it is after that, NULL when it is gone: whoever
 * compares it with what was listed knows whether the bytes are of one version. */
bool lw_remote_link_read (LwRemoteLink *link, const char *name, int64_t from, int64_t length,
                          void *buffer, LwRemoteFile **ret_now, GError **error);

G_END_DECLS
