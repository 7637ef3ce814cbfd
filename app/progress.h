/* LwProgress: one line at the bottom of a terminal that is drawn over and over, at most ten times a
 * second. Where standard error is no terminal it does nothing. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct LwProgress LwProgress;

typedef struct {
  const char *label;          /* "epoch 3/10" */
  double fraction;            /* 0 to 1 */
  double loss, accuracy;      /* NaN: not known yet */
  double examples_per_second; /* 0: not known yet */
  double left_s;              /* < 0: not known yet */
} LwProgressState;

LwProgress *lw_progress_new (void);
void lw_progress_free (LwProgress *progress); /* clears the line */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwProgress, lw_progress_free)

bool lw_progress_due (const LwProgress *progress); /* worth an update now */
void lw_progress_update (LwProgress *progress, const LwProgressState *state);
/* Takes the line away, so that something else can be printed there. */
void lw_progress_clear (LwProgress *progress);

/* The line for a terminal of `width` columns, shorter by at least one; g_free. */
char *lw_progress_format (const LwProgressState *state, int width);

G_END_DECLS
