/* What a session's tensors are between two steps, without copying them: their lengths, what the
 * last step did to them, and all of them put aside and back. Reads the session's memory where it
 * stands: for devices that live in the machine's own memory; of others nothing is known here.
 * Threads: the session's. */
#pragma once

#include "engine/session.h"

G_BEGIN_DECLS

/* Euclidean norms √Σx² of a trained tensor. */
typedef struct {
  double weight;   /* before the step */
  double step;     /* of what the optimizer took off: w − w′ */
  double gradient; /* of the batch, without weight decay */
} LwStepNorms;

/* The length of tensor `index` as it is now; NAN: not known. */
double lw_session_norm (const LwSession *session, int32_t index);
/* Of the optimizer step that was just made, from the gradient and the optimizer's copies, by the
 * rules of backend.h's LwUpdate. False: no step was made yet, the tensor is not trained, or it is
 * not known. */
bool lw_session_step_norms (const LwSession *session, int32_t index, LwStepNorms *ret_norms);

/* All tensors of the network, buffers too, as the device keeps them: bytes (0: not known), copied
 * to `to`, and back. */
size_t lw_session_tensors_bytes (const LwSession *session);
void lw_session_keep_tensors (const LwSession *session, void *to);
void lw_session_put_tensors (LwSession *session, const void *from);

G_END_DECLS
