/* Which backend a device's name means. Pure function of the list; any thread. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* `device`: "auto", a backend's name, or "name:index". `backends`: NULL-terminated, best first;
 * "auto" takes the first that has a device. Fails with a sentence: unknown (with the nearest name),
 * or why it does not work here. */
const LwBackend *lw_device_choose (const LwBackend *const *backends, const char *device,
                                   int *ret_index, GError **error);

G_END_DECLS
