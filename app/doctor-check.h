/* layerwise doctor --check DEVICE: a device's results beside the reference's, as a table. One
 * thread.
 */
#pragma once

#include "app/args.h"

G_BEGIN_DECLS

/* Reads --check, --precision, --only and --json; prints, and returns an exit status: failed unless
 * all passed. */
int lw_doctor_check (const LwArgs *args, GError **error);

G_END_DECLS
