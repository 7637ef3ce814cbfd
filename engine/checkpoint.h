/* A checkpoint: one safetensors file with all that a run needs to go on as if it had never
 * stopped: every tensor under PyTorch's name, the optimizer's copies ("optimizer.momentum.NAME";
 * Adam: "optimizer.m.NAME", "optimizer.v.NAME"), and the position as metadata. Random streams need
 * no state: they are addressed by step and epoch. One thread. */
#pragma once

#include "engine/formats/safetensors.h"
#include "engine/run_log.h"
#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* Stored with seventeen digits, so all come back with their bits. */
typedef struct {
  int64_t step;   /* optimizer steps done */
  int64_t events; /* of the run log that had happened */
  double time_s;  /* training time */
  /* The settings that may change, as they were last set. NaN in files of before, for those that
   * could not: as in the run's settings. */
  double live[LW_N_LIVE];
  /* The running epoch. n > 0 at a whole number of epochs: its test is still to come. */
  double epoch_loss_sum, epoch_time_s;
  int64_t epoch_correct, epoch_n;
  int32_t best_epoch; /* 0: none yet */
  float best_test_accuracy;
  int64_t best_step; /* of its checkpoint */
} LwPosition;

/* FOLDER/checkpoints/step-N.safetensors; g_free. */
char *lw_checkpoint_path (const char *folder, int64_t step);
/* Steps of all checkpoints in FOLDER/checkpoints, ascending; g_array_unref (of int64_t). */
GArray *lw_checkpoint_list (const char *folder);
/* Deletes all checkpoints but these two. */
void lw_checkpoint_keep (const char *folder, int64_t last, int64_t best);

/* Writes it durably. Nothing is written, and `ret_finite` is false, when a tensor holds a value
 * that is no finite number: going on from it would be of no use. */
bool
lw_checkpoint_write (LwSession *session, const LwSettings *settings, const LwPosition *position,
                     const char *path, bool *ret_finite, GError **error);
/* The position alone; checked against sense. `name`: for the sentence. */
bool lw_checkpoint_position (const LwTensorFile *file, const char *name, LwPosition *ret_position,
                             GError **error);
/* Whether it holds copies of SGD's momentum. */
bool lw_checkpoint_has_momentum (const LwTensorFile *file);
/* Tensors and optimizer state. */
bool
lw_checkpoint_load (LwSession *session, const LwTensorFile *file, const char *name, GError **error);

G_END_DECLS
