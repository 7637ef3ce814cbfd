/* What the files of the mirror share: mirror.c decides, mirror_fetch.c brings bytes, mirror_names.c
 * says which. */
#pragma once

#include "remote/mirror.h"

G_BEGIN_DECLS

typedef enum {
  LW_MIRROR_FOREIGN, /* none of a run's */
  LW_MIRROR_DESCRIPTION,
  LW_MIRROR_METRICS,
  LW_MIRROR_RECORD,
  LW_MIRROR_WEIGHTS,
} LwMirrorKind;

LwMirrorKind lw_mirror_kind (const char *name, int64_t *ret_most);

/* A file as it is here. */
typedef struct {
  char *name;
  char *stamp, *inode; /* of the version that is here, there */
  int64_t bytes;
  guint seen; /* number of the update */
} LwMirrored;

struct LwRemoteMirror {
  char *folder, *local, *host;
  GHashTable *files;  /* name → LwMirrored */
  GPtrArray *waiting; /* LwRemoteFile, weights: the last is fetched first */
  int64_t done;       /* bytes of that one that are in the part file */
  int part;           /* its descriptor; −1: not begun */
  int lock;           /* descriptor; −1: not held */
  guint update;
  char *problem; /* of this update */
  char *stuck;   /* why weights that wait did not come since the last one */
  guint8 *block;
};

#define LW_MIRROR_BLOCK (512 << 10)

typedef enum {
  LW_FETCHED,
  LW_FETCH_CHANGED, /* it became another meanwhile: the next update sees it */
  LW_FETCH_PROBLEM, /* `problem` says what: the disk here, say */
  LW_FETCH_LOST,    /* the connection: `error` is set */
} LwFetch;

/* A file whole, into its place. */
LwFetch lw_mirror_fetch_whole (LwRemoteMirror *mirror, LwRemoteLink *link, const LwRemoteFile *file,
                               GError **error);
/* metrics.csv: what was appended; all of it where it is another. */
LwFetch lw_mirror_fetch_growth (LwRemoteMirror *mirror, LwRemoteLink *link,
                                const LwRemoteFile *file, GError **error);
/* The next block of the last of the waiting, which is taken off once it is in its place, or cannot
 * be. */
LwFetch
lw_mirror_fetch_block (LwRemoteMirror *mirror, LwRemoteLink *link, bool *ret_whole, GError **error);
void lw_mirror_drop_part (LwRemoteMirror *mirror);

/* The first problem of an update stays. */
G_GNUC_PRINTF (2, 3)
void lw_mirror_note_problem (LwRemoteMirror *mirror, const char *format, ...);
char *lw_mirror_path (const LwRemoteMirror *mirror, const char *name);
void lw_mirror_have (LwRemoteMirror *mirror, const LwRemoteFile *file, int64_t bytes);

G_END_DECLS
