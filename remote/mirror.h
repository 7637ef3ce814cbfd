/* LwRemoteMirror: a run's folder on another machine, kept the same in a folder here, which the
 * engine then reads like any other run (engine/run_scan.h).
 *
 * What is fetched: run.json, metrics.csv, notes.json, bn-history.safetensors and the records, at
 * once; checkpoints and snapshots up to 1 MiB too, the newest first and 32 MiB in all; when weights
 * are wanted the newest, however large, and older ones up to 512 MiB in all. Of metrics.csv
 * only new bytes are sent; what is replaced there by renaming is another file (inode, bytes, time)
 * and comes whole. Nothing appears here before it is whole and known to be of one version; run.json
 * comes last, so that what it speaks of is there. While a program there holds the run's lock, this
 * one holds the lock of the folder here, with that program's words in it: the engine takes the run
 * for one that is trained by another, and nobody writes into it.
 *
 * A hostile machine can say of its own files what it likes and no more: other names than a run's
 * own are passed over, what is no regular file or too large is not fetched, and said.
 *
 * One thread, the link's. */
#pragma once

#include "remote/link.h"

G_BEGIN_DECLS

typedef struct LwRemoteMirror LwRemoteMirror;

/* `folder`: there, as lw_remote_link_list takes it. `local`: a folder here that is made. */
LwRemoteMirror *
lw_remote_mirror_new (const char *folder, const char *local, const char *host, GError **error);
void lw_remote_mirror_free (LwRemoteMirror *mirror); /* lets go of the lock; the files stay */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRemoteMirror, lw_remote_mirror_free)

typedef struct {
  bool there; /* else the folder is gone; what was fetched stays */
  bool trained;
  bool files_changed;  /* records, batch normalization, weights: what is no row of metrics.csv */
  int64_t waiting;     /* bytes of weights that are wanted and not here yet */
  int64_t withheld;    /* bytes of weights that stay there, large ones or old ones */
  const char *problem; /* a sentence, or NULL; until the next call */
} LwRemoteNews;

/* Looks and fetches what is new. False: the connection is lost. `weights`: large ones are wanted.
 */
bool lw_remote_mirror_update (LwRemoteMirror *mirror, LwRemoteLink *link, bool weights,
                              LwRemoteNews *ret_news, GError **error);
/* Goes on with what is waiting: at least one block, then until `until_us` (monotonic).
 * `ret_changed`: another file is there. What is in the way the next update tells. */
bool lw_remote_mirror_fetch (LwRemoteMirror *mirror, LwRemoteLink *link, gint64 until_us,
                             bool *ret_changed, GError **error);
int64_t lw_remote_mirror_waiting (const LwRemoteMirror *mirror);

G_END_DECLS
