/* Sweeps: settings of which some fields hold a list, "0.1, 0.3, 1", and the runs that they stand
 * for: one a value, and of several lists each combination. The command line's options and the
 * window's fields are lists alike. Plain functions without state, any thread.
 *
 *   { learning-rate "0.1, 1", batch "64, 256" } → lw_sweep_expand → 4 settings with labels */
#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

#define LW_SWEEP_MOST 64 /* runs of one sweep */

typedef struct {
  const char *field; /* lw_settings_set's name; "set" for a knob */
  const char *text;  /* "0.1, 0.3, 1"; of "set": "width=0.5, 1" */
} LwSweepField;

typedef struct {
  LwSettings *settings;
  char *label; /* what only it has: "learning rate 0.3, batch 64"; "" where there is no list */
  char *name;  /* the same for a folder, in no language: "learning-rate-0.3_batch-64" */
} LwSweepRun;

void lw_sweep_run_free (LwSweepRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSweepRun, lw_sweep_run_free)

/* Whether a field may hold a list: all but names of data, devices and files. */
bool lw_sweep_takes_list (const char *field);
/* The values of a text, which commas or semicolons part; NULL-terminated, g_strfreev. An empty
 * value stays one, so that the setting can refuse it. */
char **lw_sweep_values (const char *text);
/* Whether a person who typed `text` meant several values: a comma alone between digits, "0,1", may
 * be their decimal comma, which for whole numbers there is none of. */
bool lw_sweep_is_list (const char *field, const char *text);
/* The product of the lists' lengths, without looking at the values; at most G_MAXINT. */
int lw_sweep_count (const LwSweepField *fields, int n);
/* Elements are LwSweepRun, which the array frees, the last list's values changing fastest. Fails
 * with the sentence of the first value that cannot be, for a value given twice, for more than
 * LW_SWEEP_MOST runs, and where the network of one of them cannot be built. */
GPtrArray *
lw_sweep_expand (const LwSettings *base, const LwSweepField *fields, int n, GError **error);
/* "42, 43, 44": `n` seeds from `first` on; g_free. */
char *lw_sweep_seeds (uint64_t first, int n);
/* "learning rate 0.1, 0.3, 1; batch 64, 256": the lists in words; g_free. */
char *lw_sweep_title (const LwSweepField *fields, int n);

G_END_DECLS
