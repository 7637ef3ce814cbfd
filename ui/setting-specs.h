/* The settings that the panel shows: a row each, in this order. */
#pragma once

#include "ui/setting-row.h"

G_BEGIN_DECLS

#define LW_N_SETTINGS 32

/* `device` has no choices here: what there are is known when the program runs. Constant. */
extern const LwSettingSpec lw_setting_specs[LW_N_SETTINGS];

G_END_DECLS
