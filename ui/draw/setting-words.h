/* Words for settings that changed while a run trained, as marks in charts have them. */
#pragma once

#include "engine/run_log.h"

G_BEGIN_DECLS

/* "Learning rate", translated. */
const char *lw_live_title (LwLiveSetting setting);
/* Of LW_EVENT_SETTING: "learning rate 0.1 → 0.01", "schedule constant → cosine", or without what it
 * was where that is not known; g_free. */
char *lw_setting_change_text (const LwEvent *event);

G_END_DECLS
