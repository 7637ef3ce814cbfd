/* Which device "auto" means, and how it is called in the window. Any thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* The first backend of the NULL-terminated list that has a device; the last one if none has. */
const LwBackend *lw_first_backend (const LwBackend *const *backends);
/* What a run's device is, by its settings ("auto", "cuda:1") or, of a run that has trained, by
 * `trained_on` ("cpu"; NULL: it has not). NULL: it does not work here. */
const LwBackend *lw_device_of (const LwBackend *const *backends, const char *device,
                               const char *trained_on, int *ret_index);
/* "CPU, 2 threads", "NVIDIA H100, 80.0 GiB"; g_free. */
char *lw_device_text (const LwBackend *backend, int index);

G_END_DECLS
