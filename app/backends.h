/* The devices of this program, best first: the one place that knows the kernels. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* NULL-terminated, constant. Any thread. */
const LwBackend *const *lw_app_backends (void);

G_END_DECLS
