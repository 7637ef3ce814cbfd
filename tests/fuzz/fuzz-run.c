/* A run's run.json: read, its network built, and what was read written and read again. */
#include "engine/run.h"
#include "engine/run_record.h"
#include "tests/fuzz/folder.h"

#include <string.h>

static void
check_text (const char *text)
{
  g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
check_record (const LwRunRecord *record)
{
  g_assert_cmpint (record->step, >=, 0);
  g_assert_cmpint (record->total_steps, >=, 0);
  g_assert_cmpint (record->last_checkpoint, >=, -1);
  g_assert_cmpint (record->best_checkpoint, >=, -1);
  g_assert_cmpint (record->best_epoch, >=, 0);
  check_text (record->name);
  check_text (record->message);
  check_text (record->device);
  check_text (record->group.name);
  for (char **class = record->classes; *class != NULL; class ++)
    check_text (*class);
}

/* What the program makes of a record it reads again as the same. */
static void
check_again (const LwRunRecord *record, const LwGraph *graph)
{
  g_autofree char *settings = lw_settings_to_json (record->settings), *again = NULL;
  g_autoptr (GError) error = NULL;
  LwRunRecord second;

  lw_run_record_write (record, graph, lw_fuzz_folder (), &error);
  g_assert_no_error (error);
  lw_run_record_read (lw_fuzz_folder (), &second, &error);
  g_assert_no_error (error);
  again = lw_settings_to_json (second.settings);
  g_assert_cmpstr (settings, ==, again);
  g_assert_cmpint (record->step, ==, second.step);
  g_assert_true (record->state == second.state);
  lw_run_record_clear (&second);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  LwRunRecord record;
  g_autoptr (LwGraph) graph = NULL;
  bool read;

  lw_fuzz_put ("run.json", data, size);
  read = lw_run_record_read (lw_fuzz_folder (), &record, &error);
  lw_fuzz_check_error (!read, error);
  if (!read)
    return 0;
  check_record (&record);
  error = NULL;
  graph = lw_model_build (record.settings->options, &error);
  lw_fuzz_check_error (graph == NULL, error);
  if (graph != NULL) {
    g_autoptr (LwRun) run = lw_run_open (lw_fuzz_folder (), NULL);

    g_assert_nonnull (run);
    check_again (&record, graph);
  }
  lw_run_record_clear (&record);
  return 0;
}
