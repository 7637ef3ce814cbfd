/* What process 0's trainer and the other processes' worker.c share: process 0 decides everything,
 * and before each thing that all do it says which. Not for anybody else. */
#pragma once

#include "engine/data/loader.h"
#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef enum {
  LW_ORDER_STEP,
  LW_ORDER_TEST_BATCH,
  LW_ORDER_TEST_SUMS,
  LW_ORDER_STATISTICS,      /* running ones become process 0's */
  LW_ORDER_KEEP_MOMENTUM,   /* lw_session_keep_momentum */
  LW_ORDER_FORGET_MOMENTUM, /* lw_session_clear_slots */
  LW_ORDER_END
} LwOrderKind;

typedef struct {
  LwOrderKind kind;
  bool follows;            /* a step whose result process 0 has not read yet */
  int32_t batch;           /* of its epoch, or of the test */
  int64_t epoch;           /* from 0 */
  LwStepSettings settings; /* of STEP */
} LwOrder;

/* What a job is, beside its settings, which come before it as JSON, and the device's name. */
typedef struct {
  bool momentum;     /* the session begins with a copy for it */
  bool wants_logits; /* of test images */
  int32_t train_examples, test_examples, classes;
  uint64_t data; /* lw_dataset_fingerprint of these examples */
} LwJob;

/* The test's sums of a process: losses, correct answers, images. */
enum { LW_TEST_LOSS, LW_TEST_CORRECT, LW_TEST_N, LW_N_TEST_SUMS };

/* The batch that the loader delivers next. */
LwBatch lw_shared_next_batch (LwLoader *loader, LwSplit split);
/* Options of a session and of a loader of one process; the rest is the caller's. */
int32_t lw_shared_part_of_batch (const LwCollective *collective, int32_t batch);
/* The test loader's next batch, of which this process does its part: adds to `sums`; `logits`, NULL
 * or [batch][classes]: all processes'. `ret_whole` may be NULL. */
bool
lw_shared_test_batch (LwCollective *collective, LwSession *session, LwLoader *loader, float *logits,
                      double sums[LW_N_TEST_SUMS], LwBatch *ret_whole, GError **error);

G_END_DECLS
