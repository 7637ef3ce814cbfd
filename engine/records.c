#include "engine/record_distributions_private.h"
#include "engine/record_health_private.h"
#include "engine/record_predictions_private.h"
#include "engine/record_renew.h"

/* By LwRecordId. */
static const LwRecordKind *const kinds[LW_N_RECORDS] = {
  [LW_RECORD_HEALTH] = &lw_health_record_kind,
  [LW_RECORD_DISTRIBUTIONS] = &lw_distributions_kind,
  [LW_RECORD_PREDICTIONS] = &lw_record_predictions,
};

struct LwRecords {
  gatomicrefcount references;
  LwRecordContext context; /* with copies and references of its own */
  LwRecord *records[LW_N_RECORDS];
};

LwRecords *
lw_records_new (const LwRecordContext *context)
{
  LwRecords *records = g_new0 (LwRecords, 1);

  g_atomic_ref_count_init (&records->references);
  records->context = *context;
  records->context.graph = lw_graph_ref (context->graph);
  records->context.settings = lw_settings_copy (context->settings);
  if (context->dataset != NULL)
    lw_dataset_ref (context->dataset);
  for (int i = 0; i < LW_N_RECORDS; i++) {
    records->records[i] = kinds[i]->make (&records->context);
    if (records->records[i] == NULL)
      continue;
    records->records[i]->kind = kinds[i];
    records->records[i]->saved = -1;
  }
  return records;
}

LwRecords *
lw_records_ref (LwRecords *records)
{
  g_atomic_ref_count_inc (&records->references);
  return records;
}

static void
drop (LwRecords *records, int i)
{
  if (records->records[i] != NULL)
    kinds[i]->free (records->records[i]);
  records->records[i] = NULL;
}

void
lw_records_unref (LwRecords *records)
{
  if (!g_atomic_ref_count_dec (&records->references))
    return;
  for (int i = 0; i < LW_N_RECORDS; i++)
    drop (records, i);
  lw_graph_unref (records->context.graph);
  lw_settings_free ((LwSettings *)records->context.settings);
  if (records->context.dataset != NULL)
    lw_dataset_unref (records->context.dataset);
  g_free (records);
}

static bool
load (LwRecords *records, int i, const char *run_folder, int64_t step)
{
  g_autofree char *path = g_build_filename (run_folder, kinds[i]->file, NULL);

  return kinds[i]->load != NULL && kinds[i]->load (records->records[i], path, step);
}

LwRecords *
lw_records_load (LwGraph *graph, const LwSettings *settings, const char *run_folder)
{
  const LwRecordContext context = { .graph = graph, .settings = settings };
  LwRecords *records = lw_records_new (&context);

  for (int i = 0; i < LW_N_RECORDS; i++)
    if (records->records[i] != NULL && !load (records, i, run_folder, -1))
      drop (records, i);
  return records;
}

void
lw_records_resume (LwRecords *records, const char *run_folder, int64_t step)
{
  for (int i = 0; i < LW_N_RECORDS; i++)
    if (records->records[i] != NULL)
      load (records, i, run_folder, step);
}

LwRecord *
lw_records_get (const LwRecords *records, LwRecordId id)
{
  return records->records[id];
}

void
lw_records_renew (LwRecords *newer, const LwRecords *older)
{
  for (int i = 0; i < LW_N_RECORDS; i++) {
    LwRecord *record = lw_records_get (newer, (LwRecordId)i);
    const LwRecord *before = lw_records_get (older, (LwRecordId)i);

    if (record != NULL && before != NULL)
      atomic_store (&record->version, lw_record_version (before) + 1);
  }
}

int64_t
lw_record_version (const LwRecord *record)
{
  return record != NULL ? atomic_load (&((LwRecord *)record)->version) : 0;
}

/* Runs `call` for each record whose kind has `member`. */
#define FOR_EACH(records, record, member)                                                          \
  for (int i_ = 0; i_ < LW_N_RECORDS; i_++)                                                        \
    for (LwRecord *record = (records)->records[i_];                                                \
         record != NULL && record->kind->member != NULL; record = NULL)

/* Checkpoints may come every few steps: what has not changed is not written again. */
bool
lw_records_save (LwRecords *records, const char *run_folder, GError **error)
{
  bool whole = true;

  FOR_EACH (records, record, save)
  {
    g_autofree char *path = g_build_filename (run_folder, record->kind->file, NULL);
    const int64_t version = lw_record_version (record);

    if (version == record->saved && g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    if (record->kind->save (record, path, whole ? error : NULL))
      record->saved = version;
    else
      whole = false;
  }
  return whole;
}

bool
lw_records_before_step (LwRecords *records, LwSession *session, const LwBatch *batch, int64_t step,
                        GError **error)
{
  FOR_EACH (records, record, before_step)
  if (!record->kind->before_step (record, session, batch, step, error))
    return false;
  return true;
}

bool
lw_records_after_step (LwRecords *records, LwSession *session, const LwMoment *moment,
                       GError **error)
{
  FOR_EACH (records, record, after_step)
  if (!record->kind->after_step (record, session, moment, error))
    return false;
  return true;
}

bool
lw_records_want (LwRecords *records, int64_t step)
{
  FOR_EACH (records, record, wants)
  if (record->kind->wants (record, step))
    return true;
  return false;
}

bool
lw_records_diverged (LwRecords *records, LwSession *session, const LwBatch *batch,
                     const LwMoment *moment, GError **error)
{
  FOR_EACH (records, record, diverged)
  if (!record->kind->diverged (record, session, batch, moment, error))
    return false;
  return true;
}

bool
lw_records_want_test (const LwRecords *records)
{
  FOR_EACH (records, record, test_batch)
  return true;
  return false;
}

void
lw_records_test_batch (LwRecords *records, const LwBatch *batch, int64_t first, const float *logits)
{
  FOR_EACH (records, record, test_batch)
  record->kind->test_batch (record, batch, first, logits);
}

bool
lw_records_after_epoch (LwRecords *records, LwSession *session, const LwMoment *moment,
                        GError **error)
{
  FOR_EACH (records, record, after_epoch)
  if (!record->kind->after_epoch (record, session, moment, error))
    return false;
  return true;
}

/* --- for kinds -------------------------------------------------------------------------------- */

int32_t
lw_record_test_images (const LwRecordContext *context)
{
  const int32_t all = lw_dataset_size (context->dataset, LW_SPLIT_TEST);
  const int32_t limit = context->settings->limit_test;

  return limit > 0 ? MIN (limit, all) : all;
}

void
lw_record_read_images (const LwRecordContext *context, int32_t first, int32_t n, int32_t most,
                       float *ret_images)
{
  const LwDataset *data = context->dataset;
  const LwShape input = lw_graph_input_shape (context->graph);
  const int64_t all = lw_record_test_images (context);

  for (int32_t i = 0; i < n; i++)
    lw_resize (lw_dataset_image (data, LW_SPLIT_TEST, (int32_t)((first + i) * all / most)),
               lw_dataset_channels (data), lw_dataset_height (data), lw_dataset_width (data),
               ret_images + i * lw_shape_size (input), input.h, input.w);
}
