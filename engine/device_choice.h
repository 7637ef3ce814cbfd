/* Which backend a device's name means. Pure function of the list; any thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* `device`: "auto", a backend's name, or "name:index". `backends`: NULL-terminated, best first;
 * "auto" takes the first that has a device. Fails with a sentence: unknown (with the nearest name),
 * or why it does not work here. */
const LwBackend *lw_device_choose (const LwBackend *const *backends, const char *device,
                                   int *ret_index, GError **error);

/* Of several processes on one machine each takes a device of its own, in turn, where `device` names
 * none by its number: the index for the one that is `local_rank`; else `index`. */
int
lw_device_of_process (const LwBackend *backend, const char *device, int index, int32_t local_rank);

G_END_DECLS
