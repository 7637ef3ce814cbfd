/* LwRunNotes: what a person keeps with a run: a name, a note, a star, and the colour and dash that
 * it has beside other runs. In notes.json in the run's folder: run.json belongs to the trainer, and
 * these may change while it trains. A plain value object of one thread. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_RUN_COLOURS     6   /* colours, and dashes, of runs beside each other */
#define LW_RUN_NAME_LENGTH 200 /* characters */
#define LW_RUN_NOTE_LENGTH 10000

typedef struct {
  char *name; /* one line, not empty; NULL: it has none of its own */
  char *note; /* may have several lines, not empty; NULL: none */
  bool star;
  int colour, dash; /* 0 to LW_RUN_COLOURS − 1; −1: not given yet */
  bool chosen;      /* a person chose the colour: it stays, and the run's own charts have it too */
  int test_colour;  /* chosen for the test's curves where the run is alone; −1: none */
} LwRunNotes;

void lw_run_notes_init (LwRunNotes *notes); /* nothing said */
LwRunNotes lw_run_notes_copy (const LwRunNotes *notes);
void lw_run_notes_clear (LwRunNotes *notes);
bool lw_run_notes_equal (const LwRunNotes *a, const LwRunNotes *b);
/* What was typed, trimmed, as valid UTF-8 and not longer than it may be; a name on one line. NULL
 * where nothing is left. */
void lw_run_notes_set_name (LwRunNotes *notes, const char *name);
void lw_run_notes_set_note (LwRunNotes *notes, const char *note);

/* A run without the file has no notes. False and a sentence when it cannot be read, or is damaged;
 * `ret_notes` has nothing said then. Values out of range are as if they were missing. */
bool lw_run_notes_read (const char *folder, LwRunNotes *ret_notes, GError **error);
/* Beside and renamed. */
bool lw_run_notes_write (const LwRunNotes *notes, const char *folder, GError **error);

G_END_DECLS
