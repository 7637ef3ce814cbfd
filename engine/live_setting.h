/* The settings that a running training takes (LwLiveSetting): their names, their place in
 * LwSettings, and what values they may have. Values are numbers; a schedule is its LwScheduleKind.
 * Pure functions, any thread. */
#pragma once

#include "engine/run_log.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* lw_settings_set's name: "learning-rate", "momentum", "weight-decay", "schedule". */
const char *lw_live_name (LwLiveSetting setting);
/* False: a running training cannot change that field. */
bool lw_live_find (const char *name, LwLiveSetting *ret_setting);

double lw_live_get (const LwSettings *settings, LwLiveSetting setting);
void lw_live_put (LwSettings *settings, LwLiveSetting setting, double value);
/* Whether a run with these settings may have the value; else a sentence. */
bool
lw_live_check (const LwSettings *settings, LwLiveSetting setting, double value, GError **error);

/* A value as files and people write it: "0.01", "cosine"; digits: significant ones. g_free. */
char *lw_live_text (LwLiveSetting setting, double value, int digits);
/* The reverse; false: no value of that setting. */
bool lw_live_parse (LwLiveSetting setting, const char *text, double *ret_value);

G_END_DECLS
