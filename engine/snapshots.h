/* Snapshots: a run's weights after each epoch, kept so that what the network saw can be looked at
 * over time: RUN/snapshots/epoch-N.safetensors, PyTorch's names, no optimizer state. Epoch 0 has
 * the initial weights.
 *
 * Together they take at most the run's budget (the setting `snapshots`, in MiB; 0: none are kept).
 * When they take more, every second one is dropped: of epochs 0, 1, 2, … those that are no multiple
 * of 2, then of 4, and so on; the best epoch's and the newest always stay. A network of which three
 * would not fit gets none: its best and last checkpoints are there anyway, and initial weights come
 * from the seed. None is written where that would leave less room on the disk than checkpoints
 * need. A picture, not a part of the training: what goes wrong with a snapshot never ends a run.
 *
 * Reading treats the folder as hostile: other names are passed over, and what is in a file is
 * checked by lw_session_load. Functions are reentrant. */
#pragma once

#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* FOLDER/snapshots/epoch-N.safetensors; g_free. */
char *lw_snapshot_path (const char *folder, int32_t epoch);
/* Epochs of all snapshots, ascending; g_array_unref (of int32_t). */
GArray *lw_snapshot_list (const char *folder);
/* Bytes of one, nearly: of the tensors. */
int64_t lw_snapshot_bytes (const LwGraph *graph);

/* Keeps the weights as they are now as those of `epoch`, if the budget of the settings allows it,
 * and thins out. `best`: the best epoch so far (0: none). */
bool lw_snapshot_save (LwSession *session, const LwSettings *settings, const char *folder,
                       int32_t epoch, int32_t best, GError **error);
/* Drops snapshots as described above until the rest takes at most `budget` bytes, or no more can be
 * dropped. */
void lw_snapshots_thin (const char *folder, int32_t best, int64_t budget);
/* Deletes those of epochs after `epoch` (−1: all); returns how many. */
int32_t lw_snapshots_drop_after (const char *folder, int32_t epoch);

/* Weights of a run that can be looked at. */
typedef struct {
  int64_t step; /* optimizer steps done */
  double epoch; /* fractional for a checkpoint within an epoch */
  char *path;   /* a safetensors file; NULL: initial weights, from the run's seed */
  bool best;    /* of the best epoch */
} LwWeightsMoment;

void lw_weights_moment_free (LwWeightsMoment *moment);
/* All of them, in the order of steps: snapshots, and checkpoints of which there is none. Reads
 * run.json; fails where lw_run_record_read does. g_ptr_array_unref (frees the moments). */
GPtrArray *lw_weights_moments (const char *run_folder, GError **error);

G_END_DECLS
