/* LwApplication: the program with a window: application-wide actions, shortcuts, style. */
#pragma once

#include "engine/backend.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_APPLICATION (lw_application_get_type ())
G_DECLARE_FINAL_TYPE (LwApplication, lw_application, LW, APPLICATION, AdwApplication)

/* `backends`: NULL-terminated, best first; constant. */
LwApplication *lw_application_new (const LwBackend *const *backends);

G_END_DECLS
