/* What the tests of training share: small settings, small data sets, runs to their end. */
#pragma once

#include "engine/trainer.h"

G_BEGIN_DECLS

extern const LwBackend *const lw_test_backends[]; /* the reference alone */

/* The book's settings of `model` on the reference device, one thread, then "field=value" up to
 * NULL. Fails the test on a wrong one. */
LwSettings *lw_test_settings (const char *model, ...) G_GNUC_NULL_TERMINATED;

/* Images of drawn figures, the classes evenly mixed. */
LwDataset *lw_test_shapes (int32_t n_train, int32_t n_test);

/* In `folder`, which may not exist yet; fails the test when it is refused. */
LwTrainer *lw_test_new (const LwSettings *settings, LwDataset *dataset, const char *folder);
/* Waits until it is in a state, at most a minute; fails the test after that. */
void lw_test_wait (LwTrainer *trainer, LwRunState state);
/* STEP events so far. */
int64_t lw_test_steps (LwTrainer *trainer);
/* One optimizer step; waits until the run rests again. */
void lw_test_step (LwTrainer *trainer);
/* Starts it and waits for its end, which must be `state`. */
void lw_test_run (LwTrainer *trainer, LwRunState state);
/* New, run to the state FINISHED, freed; returns the run's log. */
LwRunLog *lw_test_train (const LwSettings *settings, LwDataset *dataset, const char *folder);

/* Fails unless both logs have the same events, but for times and speeds. Only STEP and EPOCH events
 * are compared. */
void lw_test_assert_same_log (LwRunLog *a, LwRunLog *b);
/* Fails unless both files have the same tensors, bit for bit. */
void lw_test_assert_same_tensors (const char *path_a, const char *path_b);

/* Fails unless there is an error of this code whose sentence holds `part`; clears it. */
void lw_test_assert_sentence (GError **error, int code, const char *part);

G_END_DECLS
