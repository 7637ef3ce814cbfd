/* LwDeviceUse watched: how much of a device's memory is in use and how busy it is, asked for once a
 * second on a thread of its own while somebody wants to know. Main thread. */
#pragma once

#include "engine/backend.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_DEVICE_WATCH (lw_device_watch_get_type ())
G_DECLARE_FINAL_TYPE (LwDeviceWatch, lw_device_watch, LW, DEVICE_WATCH, GObject)

/* Signal `changed`: there is another text. */
LwDeviceWatch *lw_device_watch_new (void);
/* From now on of this device; NULL: of none. */
void lw_device_watch_set (LwDeviceWatch *self, const LwBackend *backend, int index);
/* "12.3 / 79.6 GiB, 93 % busy"; NULL: not known. Until the next `changed`. */
const char *lw_device_watch_text (LwDeviceWatch *self);

G_END_DECLS
