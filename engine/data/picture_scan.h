/* What a folder of class folders holds. Either
 *
 *     FOLDER/train/CLASS/a.png   and   FOLDER/test/CLASS/b.png   (or val, valid, validation)
 *
 * or FOLDER/CLASS/a.png, of which every fifth picture of a class, in the order of the files' names,
 * is for testing. Classes are the folders' names in the order of their bytes, as Python's sorted ()
 * has them. Files end in .png, .jpg or .jpeg. A symbolic link is followed where it stays within
 * FOLDER; others, and what else lies there, are left out, and said. */
#pragma once

#include "engine/data/dataset_private.h"

G_BEGIN_DECLS

typedef struct {
  char *path;
  char *shown; /* "cat/1.png", for people */
  uint8_t label;
  LwSplit split;
  const char *problem; /* why it cannot be read; owned; NULL: it can */
} LwPictureFile;

typedef struct {
  GArray *files;      /* of LwPictureFile: split by split, class by class, by name */
  GPtrArray *classes; /* of char *, for people */
  GPtrArray *outside; /* of char *: symbolic links that lead out of the folder */
  GPtrArray *foreign; /* of char *: what is neither a PNG nor a JPEG file */
} LwPictureScan;

/* Whether there is a picture in a class folder: at the names alone. */
LwFolderState lw_picture_look (const char *folder);
/* NULL: a sentence. */
LwPictureScan *lw_picture_scan (const char *folder, GError **error);
void lw_picture_scan_free (LwPictureScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPictureScan, lw_picture_scan_free)

G_END_DECLS
