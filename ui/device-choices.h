/* LwDeviceChoices: the settings that depend on this computer: which devices there are to choose
 * from, also those that do not work, each with its name or the reason in a sentence; and in which
 * precisions they compute. Main thread. */
#pragma once

#include "engine/backend.h"
#include "ui/setting-specs.h"

G_BEGIN_DECLS

typedef struct {
  LwSettingSpec device, precision; /* with the choices of this computer */
  GPtrArray *names;                /* "cuda", "cuda:1" */
  const LwBackend *const *backends;
} LwDeviceChoices;

/* `backends`: NULL-terminated, best first; constant. Cleared with lw_device_choices_clear. */
void lw_device_choices_init (LwDeviceChoices *choices, const LwBackend *const *backends);
void lw_device_choices_clear (LwDeviceChoices *choices);

/* Which device `device` ("auto", "cuda:1") is: a sentence of help; or, in `ret_problem`, why it
 * does not work here (NULL: it does). g_free. */
char *
lw_device_choices_help (const LwDeviceChoices *choices, const char *device, char **ret_problem);
/* Whether that device has more than one precision. */
bool lw_device_choices_has_precisions (const LwDeviceChoices *choices, const char *device);

G_END_DECLS
