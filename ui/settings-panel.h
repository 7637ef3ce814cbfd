/* LwSettingsPanel: the settings of the next run, or of the run that is shown: one row a setting
 * with a sentence of help, "Book" and "Quick" to fill in all, a dot and Reset on what was edited,
 * what is wrong with a field below it. While a run trains the first group can be changed; Reset
 * goes back to what the run began with. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_SETTINGS_PANEL (lw_settings_panel_get_type ())
G_DECLARE_FINAL_TYPE (LwSettingsPanel, lw_settings_panel, LW, SETTINGS_PANEL, GtkWidget)

GtkWidget *lw_settings_panel_new (LwWorkbench *workbench);

G_END_DECLS
