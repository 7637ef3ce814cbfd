/* The engine's error domain. Every message is one sentence for a student: what is wrong, where,
 * and where possible what to do about it. No function of the engine prints or exits. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_ERROR (lw_error_quark ())
GQuark lw_error_quark (void);

typedef enum {
  LW_ERROR_INVALID,  /* an argument, a setting, a shape that cannot work */
  LW_ERROR_UNKNOWN,  /* no such model, knob, layer, tensor, device; the message names the nearest */
  LW_ERROR_FORMAT,   /* a file that is not what it should be */
  LW_ERROR_IO,       /* the operating system refused */
  LW_ERROR_NO_SPACE, /* the same, because a disk is full: later there may be room */
  LW_ERROR_MEMORY,   /* not enough memory */
  LW_ERROR_UNSUPPORTED, /* this backend or build cannot do it */
  LW_ERROR_DEVICE,      /* a device failed */
  LW_ERROR_CANCELLED,
} LwError;

/* What sentences quote may be any bytes: names of files, words of a file, arguments. Of `text`
 * valid UTF-8 on one line, with "?" for each character that a terminal would obey and, of more than
 * LW_SENTENCE_BYTES, "…" for its middle; g_free. */
#define LW_SENTENCE_BYTES 900
char *lw_plain_text (const char *text);
/* The same of an error's message. Nothing where there is none. Returns false, for those who fail.
 */
bool lw_error_make_plain (GError **error);

/* The candidate nearest to `word` by edit distance, or NULL when none is near enough to be a
 * likely slip (distance at most a third of the word's length, at least 2).
 * `candidates` is NULL-terminated; the result points into it. */
const char *lw_nearest_name (const char *word, const char *const *candidates);

G_END_DECLS
