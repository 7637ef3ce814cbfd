/* Records from the trainer's side: what a kind must do, and how the trainer asks for it. All calls
 * but `free` come from the trainer's thread (making and loading: from the one that makes it). */
#pragma once

#include "engine/data/dataset.h"
#include "engine/record.h"
#include "engine/session.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* What every kind is told about the training that it belongs to; valid as long as the record. */
typedef struct {
  LwGraph *graph;
  const LwSettings *settings;
  LwDataset *dataset; /* NULL: of a saved run, to be read only */
  int64_t steps_per_epoch, total_steps;
} LwRecordContext;

/* Where the training stands. */
typedef struct {
  int64_t step;         /* optimizer steps done */
  double epoch;         /* fractional */
  double learning_rate; /* of the step just done */
} LwMoment;

/* A row of the table. Everything but `file`, `make` and `free` may be NULL. False with `error` set
 * ends the training, but from `save`: for broken devices only. What a kind costs is the training's
 * loss: each keeps below 2 % of the time, by taking its moments less often where they are dear. */
typedef struct {
  const char *file; /* in the run's folder */
  /* NULL: this run has nothing of the kind. All memory is taken here. */
  LwRecord *(*make) (const LwRecordContext *context);
  void (*free) (LwRecord *record);
  /* Takes in the file's moments up to `step` (−1: all); false: it is missing or damaged, and the
   * record is as new. */
  bool (*load) (LwRecord *record, const char *path, int64_t step);
  bool (*save) (LwRecord *record, const char *path, GError **error);

  /* Before and after an optimizer step that is number `moment->step` (from 1). */
  bool (*before_step) (LwRecord *record, LwSession *session, const LwBatch *batch, int64_t step,
                       GError **error);
  /* `session` NULL: it is at the next step already. */
  bool (*after_step) (LwRecord *record, LwSession *session, const LwMoment *moment, GError **error);
  /* Whether after_step of step `step`, or before_step of the next one, would look at the session:
   * none is begun in between then. */
  bool (*wants) (LwRecord *record, int64_t step);
  /* The step made a loss that is no finite number: weights are those before it. */
  bool (*diverged) (LwRecord *record, LwSession *session, const LwBatch *batch,
                    const LwMoment *moment, GError **error);
  /* A batch of the test after an epoch: examples `first` … of the split, `logits` [n][classes]. */
  void (*test_batch) (LwRecord *record, const LwBatch *batch, int64_t first, const float *logits);
  /* The test is done. */
  bool (*after_epoch) (LwRecord *record, LwSession *session, const LwMoment *moment,
                       GError **error);
} LwRecordKind;

struct LwRecord {
  const LwRecordKind *kind; /* set by lw_records_new, as is `saved` */
  _Atomic int64_t version;  /* the kind adds one with each change */
  int64_t saved;            /* the version that its file has; −1: not known */
};

LwRecords *lw_records_new (const LwRecordContext *context);
/* Reads back what was kept up to `step`. */
void lw_records_resume (LwRecords *records, const char *run_folder, int64_t step);
/* Writes those that changed since, all that can be written: no reason to end a training. `error`:
 * of the first that cannot. */
bool lw_records_save (LwRecords *records, const char *run_folder, GError **error);
bool lw_records_before_step (LwRecords *records, LwSession *session, const LwBatch *batch,
                             int64_t step, GError **error);
bool lw_records_after_step (LwRecords *records, LwSession *session, const LwMoment *moment,
                            GError **error);
bool lw_records_want (LwRecords *records, int64_t step);
bool lw_records_diverged (LwRecords *records, LwSession *session, const LwBatch *batch,
                          const LwMoment *moment, GError **error);
/* Whether a kind reads the test's logits. */
bool lw_records_want_test (const LwRecords *records);
void lw_records_test_batch (LwRecords *records, const LwBatch *batch, int64_t first,
                            const float *logits);
bool lw_records_after_epoch (LwRecords *records, LwSession *session, const LwMoment *moment,
                             GError **error);

/* For kinds: images of the training's test, and those numbered `first` … of `most` that are evenly
 * spread over it, since sets may have theirs sorted by class, as the network takes them:
 * [n][C][H][W]. */
int32_t lw_record_test_images (const LwRecordContext *context);
void lw_record_read_images (const LwRecordContext *context, int32_t first, int32_t n, int32_t most,
                            float *ret_images);

G_END_DECLS
