/* The small JSON files that the program keeps: each input is read as each of them. Where a file can
 * be read, what the program would write of it is read again. */
#include "engine/bn_accuracy.h"
#include "engine/experiment_file.h"
#include "engine/experiment_study.h"
#include "engine/queue_file.h"
#include "engine/run_notes.h"
#include "engine/variant.h"
#include "tests/fuzz/folder.h"

#include <string.h>

static void
read_notes (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  LwRunNotes notes, again;
  bool read;

  lw_fuzz_put ("notes.json", data, size);
  read = lw_run_notes_read (lw_fuzz_folder (), &notes, &error);
  lw_fuzz_check_error (!read, error);
  if (!read)
    return;
  g_assert_true (notes.name == NULL || g_utf8_strlen (notes.name, -1) <= LW_RUN_NAME_LENGTH);
  g_assert_true (notes.note == NULL || g_utf8_strlen (notes.note, -1) <= LW_RUN_NOTE_LENGTH);
  g_assert_cmpint (notes.colour, <, LW_RUN_COLOURS);
  g_assert_cmpint (notes.dash, <, LW_RUN_COLOURS);
  g_assert_cmpint (notes.test_colour, <, LW_RUN_COLOURS);
  g_assert_true (lw_run_notes_write (&notes, lw_fuzz_folder (), NULL));
  g_assert_true (lw_run_notes_read (lw_fuzz_folder (), &again, NULL));
  g_assert_true (lw_run_notes_equal (&notes, &again));
  lw_run_notes_clear (&notes);
  lw_run_notes_clear (&again);
}

static void
read_queue (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  int skipped = 0;
  g_autoptr (GPtrArray) entries =
      lw_queue_read (lw_fuzz_put ("queue.json", data, size), &skipped, &error),
                        again = NULL;
  g_autofree char *text = NULL;

  lw_fuzz_check_error (entries == NULL, error);
  if (entries == NULL)
    return;
  g_assert_cmpuint (entries->len, <=, LW_QUEUE_MOST);
  for (guint i = 0; i < entries->len; i++) {
    const LwQueueEntry *entry = entries->pdata[i];

    g_assert_true (entry->state < LW_N_QUEUED_STATES);
    g_assert_cmpint (entry->epochs, >=, 0);
    g_assert_cmpint (entry->epochs, <=, LW_QUEUE_MOST_EPOCHS);
  }
  text = lw_queue_to_json (entries);
  again = lw_queue_read (lw_fuzz_put ("queue.json", text, strlen (text)), &skipped, NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->len, ==, entries->len);
  g_assert_cmpint (skipped, ==, 0);
}

static void
read_results (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) results =
      lw_experiment_results_read (lw_fuzz_put ("experiments.json", data, size), &error);
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *text = NULL;

  lw_fuzz_check_error (results == NULL, error);
  if (results == NULL)
    return;
  text = lw_experiment_results_to_json (results);
  again = lw_experiment_results_read (lw_fuzz_put ("experiments.json", text, strlen (text)), NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->len, ==, results->len);
}

static void
read_variant (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (LwVariant) variant =
      lw_variant_open (lw_fuzz_put ("variant.json", data, size), &error);

  lw_fuzz_check_error (variant == NULL, error);
  if (variant == NULL)
    return;
  g_assert_true (g_utf8_validate (variant->name, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (variant->name, -1), <=, 80);
  /* The name is its own; those of the library, which a file may not take either, are refused. */
  if (lw_variant_rename (variant, variant->name, NULL)) {
    g_autoptr (LwVariant) again = lw_variant_open (variant->path, NULL);

    g_assert_nonnull (again);
    g_assert_cmpstr (again->name, ==, variant->name);
    g_assert_true (lw_options_equal (again->options, variant->options));
  }
}

/* The studies of experiments, and that of batch normalization. */
static void
read_studies (const uint8_t *data, size_t size)
{
  LwBnAccuracies accuracies;
  LwNumbers numbers;

  lw_fuzz_put ("bn-study.json", data, size);
  lw_fuzz_put ("paths-study.json", data, size);
  lw_numbers_init (&numbers);
  if (lw_study_load (LW_STUDY_PATHS, lw_fuzz_folder (), &numbers))
    g_assert_true (numbers.values[LW_MEASURE_PATH_1] >= 0 &&
                   numbers.values[LW_MEASURE_PATH_1] <= 1);
  if (lw_bn_accuracies_load (lw_fuzz_folder (), &accuracies)) {
    g_assert_true (accuracies.accuracy[LW_BN_WITH_BATCH] <= 1);
    (void)lw_bn_verdict (&accuracies);
    g_assert_true (lw_bn_accuracies_save (&accuracies, lw_fuzz_folder (), NULL));
    g_assert_true (lw_bn_accuracies_load (lw_fuzz_folder (), &accuracies));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  read_notes (data, size);
  read_queue (data, size);
  read_results (data, size);
  read_variant (data, size);
  read_studies (data, size);
  return 0;
}
