/* LwRecords: what a training keeps beside its curves, each kind in a file of its own in the run's
 * folder: moments over the run of what would be gone otherwise. A kind is a row of the table in
 * records.c; the header of each says what it holds and how it is read.
 *
 * Threads: the trainer writes, readers of any thread copy under the record's own short lock; the
 * set itself is atomically counted. A record is a picture, not a part of the training: results are
 * the same bits with it and without, one that cannot be read back begins anew, and one that cannot
 * be written, as on a full disk, stays as it was last written. */
#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

typedef enum {
  LW_RECORD_HEALTH,        /* record_health.h */
  LW_RECORD_DISTRIBUTIONS, /* record_distributions.h */
  LW_RECORD_PREDICTIONS,   /* record_predictions.h */
  LW_N_RECORDS
} LwRecordId;

typedef struct LwRecord LwRecord; /* each kind's own type begins with it */
typedef struct LwRecords LwRecords;

LwRecords *lw_records_ref (LwRecords *records);
void lw_records_unref (LwRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRecords, lw_records_unref)

/* Those of a saved run, as far as its files can be read: a missing or damaged file is a missing
 * record. Any thread. */
LwRecords *lw_records_load (LwGraph *graph, const LwSettings *settings, const char *run_folder);
/* NULL: this run keeps none of that kind. Lives as long as the set. */
LwRecord *lw_records_get (const LwRecords *records, LwRecordId id);
/* Grows whenever the record has something new: what a reader looks at once a frame. 0 for NULL. */
int64_t lw_record_version (const LwRecord *record);

G_END_DECLS
