/* The command line in a working folder of its own, for tests of what file systems can do to it: a
 * script ends it after half a minute (status 124, which no test expects) and leaves it two
 * gigabytes of addresses. Failures end the test. One thread. */
#pragma once

#include "tests/support/program.h"

G_BEGIN_DECLS

typedef struct {
  char *tools;   /* holds the script and the program */
  char *folder;  /* holds `work` alone */
  char *work;    /* the program's working folder, which holds a small data set, set.npz */
  char *program; /* a copy of the one under test, which anybody may run */
} LwConfined;

/* A fixture's beginning and end, for g_test_add: meanwhile lw_program runs there. */
void lw_confined_begin (LwConfined *confined, gconstpointer unused);
void lw_confined_end (LwConfined *confined, gconstpointer unused);

/* Lets lw_program run as a user whom permissions bind (root is bound by none): as ourselves, or as
 * nobody. False: there is no way here. */
bool lw_confined_bind (const LwConfined *confined);
/* As ourselves again. */
void lw_confined_release (const LwConfined *confined);

/* A path in the working folder; g_free. */
char *lw_confined_path (const LwConfined *confined, const char *name);

/* What stands in the place of a file. */
typedef enum {
  LW_THING_PIPE,
  LW_THING_FOLDER,
  LW_THING_ZERO,    /* a link to /dev/zero */
  LW_THING_NOWHERE, /* a link to what is not there */
  LW_THING_CIRCLE,  /* a link to itself */
  LW_THING_EMPTY,
  LW_N_THINGS
} LwThing;
/* Puts one there; what was there is removed. */
void lw_confined_put (const LwConfined *confined, LwThing thing, const char *name);
void lw_confined_remove (const LwConfined *confined, const char *name);

/* A small network, trained in a moment into WORK/NAME. */
void lw_confined_train (const char *name);

/* That all it said is UTF-8 without a byte that a terminal would obey, and nobody killed it. */
void lw_assert_plain (const LwResult *result);
/* The same, its status, and that the last line on standard error is the one sentence, which holds
 * `part` (may be NULL). */
void lw_assert_sentence (const LwResult *result, int status, const char *part);

G_END_DECLS
