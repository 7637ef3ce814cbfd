/* Sums over the processes of a collective (LwBackend's join, begin_sum, finish_sums), by NCCL from
 * card to card: gradients, the loss, and what batch normalization's statistics are made of.
 *
 * All of it runs on a stream of its own, in the order in which it was begun, which is the same in
 * all processes: events let that stream wait for the one that computes, and the other way round.
 * One communicator has them all, so that no two of them can wait for each other in different
 * orders.
 *
 * A step that is recorded holds its sums. Then "whether an operation is captured must be uniform
 * over all ranks", and a graph that holds it is launched by all of them (NCCL's user guide, "Using
 * NCCL with CUDA Graphs"): step.c tells recorded steps apart by the size of the whole batch.
 *
 * NCCL waits for ever for a process that is gone. So who waits for the device here asks, again and
 * again, whether it is ready, NCCL for its errors, and the collective for those of others; then the
 * communicator is aborted, which lets the device go on.
 *
 * Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"

G_BEGIN_DECLS

/* LW_ERROR_UNSUPPORTED, in all processes: sums go through host memory then. There is no NCCL, or
 * another version somewhere, or processes share a card. */
bool lw_cuda_join (LwDevice *device, LwCollective *collective, GError **error);
bool lw_cuda_begin_sum (LwDevice *device, float *values, int64_t n, GError **error);
bool lw_cuda_finish_sums (LwDevice *device, GError **error);
/* Of a recording that is given up: the streams are one again. */
void lw_cuda_drop_sums (LwDevice *device);
/* Returns when the device does nothing, nor waits for other processes: what was begun is over, or
 * aborted. At once where it has not joined any. */
void lw_cuda_rest_sums (LwDevice *device);
/* After the graphs that hold sums, of which NCCL waits for the last one. */
void lw_cuda_close_sums (LwDevice *device);
/* Returns when the event, or (NULL) all that the device was given to compute, is over. */
bool lw_cuda_wait (LwDevice *device, cudaEvent_t event, GError **error);
/* Whether that asks again and again: what would make the runtime itself wait comes after it. */
bool lw_cuda_is_joined (const LwDevice *device);

/* Double-precision numbers of one step of this process, [n], in device memory; room for them and
 * all processes' is made when the step is prepared. */
bool
lw_cuda_reserve_own (LwDevice *device, const LwCollective *collective, int64_t n, GError **error);
double *lw_cuda_own (const LwDevice *device);
/* Behind what wrote them: those of all processes, [*ret_count][n], in device memory. Where the
 * device has not joined the host makes one of them (`reduction`), and waits. */
bool lw_cuda_gather (LwDevice *device, LwCollective *collective, int64_t n, LwReduction reduction,
                     const double **ret_all, int32_t *ret_count, GError **error);

G_END_DECLS
