/* Which device "auto" means, and how it is called in the window. Any thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* The first backend of the NULL-terminated list that has a device; the last one if none has. */
const LwBackend *lw_first_backend (const LwBackend *const *backends);
/* "CPU, 2 threads", "NVIDIA H100, 80.0 GiB"; g_free. */
char *lw_device_text (const LwBackend *backend, int index);

G_END_DECLS
