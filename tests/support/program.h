/* Runs the command line ($LAYERWISE_PROGRAM) and gathers what it said; other processes; folders.
 * One thread. */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct {
  int status; /* exit status; −signal when a signal ended it */
  char *out, *err;
} LwResult;

/* Arguments up to NULL. */
LwResult *lw_program (const char *first, ...) G_GNUC_NULL_TERMINATED;
LwResult *lw_program_v (const char *const *arguments);
void lw_result_free (LwResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwResult, lw_result_free)

/* Fails the test, with all that the program said, unless it ended with this status. */
void lw_assert_status (const LwResult *result, int status);
void lw_assert_contains (const char *text, const char *part);

/* A GSpawnChildSetupFunc for all programs that tests start: the program is killed when the test
 * ends, however that happens, so that none is left behind. */
void lw_end_with_test (void *unused);

/* Starts a training of many small epochs in `folder`, which does not end by itself within a test;
 * the folder is not there yet. Stopped as by Ctrl+C, and waited for. */
GPid lw_start_training (const char *model, const char *folder);
void lw_stop_training (GPid training);

/* Standard output as one document. Fails the test when it is none. */
JsonNode *lw_result_json (const LwResult *result);
/* Standard output as JSON Lines, each an object: an array of JsonObject *. */
GPtrArray *lw_result_events (const LwResult *result);
/* The first event of a kind at or after index `from`, or NULL. */
JsonObject *lw_find_event (const GPtrArray *events, const char *kind, guint from);

/* Waits for a forked child and returns whether it came through, rather than being killed by
 * SIGKILL. Any other end fails the test. */
bool lw_reap (pid_t child);
/* Bytes of this process's own memory, pages of files not counted, that are in RAM. */
int64_t lw_own_memory (void);

/* A new folder for a test's files; removed with all it holds by lw_remove_folder. */
char *lw_make_folder (void);
void lw_remove_folder (char *folder);

G_END_DECLS
