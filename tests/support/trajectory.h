/* The first training steps of a network against PyTorch's, in double precision: losses, the update
 * of every tensor, running statistics (tests/golden/trajectory-*.safetensors, from
 * LAYERWISE_GOLDEN).
 *
 * Where an input of a ReLU is nearer to 0 than rounding, or two candidates of a maximum pooling to
 * each other, float32 may decide otherwise than PyTorch did, and the updates behind change by a
 * few parts in a hundred. It depends on the order of the sums, hence on the processor. When that
 * happens, the steps are done once more with convolutions that sum in double precision; then all
 * must be as exact as it is elsewhere. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* What there is such a file of, up to NULL: all nine networks, some of them narrow as well, for
 * more steps. */
extern const char *const lw_trajectories[];

/* Of three steps at most: the backend's loss and PyTorch's, by turns; NAN where there are fewer. */
enum { LW_TRAJECTORY_LOSSES = 6 };

/* A kernel for LW_OP_CONV2D that hands over to lw_trajectory_convolve with its backend. */
typedef bool LwTrajectoryConvolve (LwDevice *device, const LwStep *step, GError **error);

/* A convolution's forward in double precision, through the host, so that it works with any layout
 * of memory. */
bool lw_trajectory_convolve (const LwBackend *backend, LwDevice *device, const LwStep *step,
                             GError **error);

/* `name`: one of lw_trajectories. Ends the test where something differs. */
void lw_trajectory_check (const char *name, const LwBackend *backend, LwTrajectoryConvolve *exactly,
                          double ret_losses[LW_TRAJECTORY_LOSSES]);

G_END_DECLS
