/* LwCheck: whether a device computes what the reference computes: every kernel case in all
 * directions, the optimizers, and some steps of training. One thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef struct {
  const char *operation; /* "conv2d", "optimizer", "training" */
  const char *name;      /* the case's; not translated */
  const char *direction; /* "forward", "backward_data", "backward_weights", "update", "losses" */
  double error;          /* relative; NaN: there are no numbers to compare */
  double tolerance;
  bool passed;
  char *message; /* what else is wrong, a sentence; or NULL */
} LwCheckRow;

typedef struct {
  const LwBackend *backend;
  int device_index;
  LwPrecision precision;
  const LwBackend *oracle;
  const char *only; /* cases alone whose operation or name holds this; NULL: all */
} LwCheckOptions;

typedef struct {
  GArray *rows; /* of LwCheckRow */
  int passed, failed;
} LwCheck;

/* Before each case: its name, and which share is over. */
typedef void (*LwCheckProgress) (const char *name, double fraction, void *data);

/* Fails where the device failed (out of memory, lost), so that nothing more can be computed on it;
 * `ret_check` holds what was checked until then. */
bool lw_check_run (const LwCheckOptions *options, LwCheckProgress progress, void *data,
                   LwCheck **ret_check, GError **error);
void lw_check_free (LwCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCheck, lw_check_free)

/* check-training.c: small networks trained on both devices for a few steps. `ret_rows`: of losses
 * and of what was learned. */
typedef struct {
  const char *name;  /* "lenet-bn" */
  const char *model; /* of the catalogue */
  int32_t side;      /* of its input */
  const char *options[6];
  float learning_rate;
} LwCheckNetwork;
extern const LwCheckNetwork lw_check_networks[];
extern const int lw_n_check_networks;
bool lw_check_training (const LwCheckOptions *options, const LwCheckNetwork *network,
                        LwCheckRow ret_rows[2], GError **error);

G_END_DECLS
