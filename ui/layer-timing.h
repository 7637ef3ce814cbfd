/* How long each layer of a network takes on a device, forward and backward: a few training steps of
 * a small batch of random images, with a clock between the layers, on a thread of its own. It takes
 * a second or two, with the choice of algorithms for a network that was never trained here a few
 * more. The caller's thread never waits. */
#pragma once

#include "engine/algorithms.h"
#include "engine/roofline.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/* Medians over the steps, in milliseconds a batch; what there was to do, and how it was done. */
typedef struct {
  int32_t batch, n_nodes;
  double *forward_ms, *backward_ms;     /* [n_nodes] */
  LwWork *forward_work, *backward_work; /* [n_nodes]; 0: nothing in this direction */
  LwAlgorithmList *algorithms;          /* of each layer, in each direction */
  LwPeaks peaks;
} LwLayerTimes;

/* On which device, and how it computes. */
typedef struct {
  const LwBackend *backend;
  int index;
  LwPrecision precision;
} LwTimedDevice;

void lw_layer_times_free (LwLayerTimes *times);

/* Cancelling takes effect after the layer that is being computed, and before the first step after
 * the device has been made ready. */
void lw_layer_timing_start (LwGraph *graph, const LwTimedDevice *device, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data);
LwLayerTimes *lw_layer_timing_finish (GAsyncResult *result, GError **error);

/* What tells networks apart that take different times: equal texts, equal work. g_free. */
char *lw_layer_timing_key (const LwGraph *graph, const LwTimedDevice *device);

G_END_DECLS
