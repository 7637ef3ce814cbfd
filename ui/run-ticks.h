/* LwRunTicks: which runs are plotted beside each other, and what they look like there. A run is
 * given a colour and a dash when it is first ticked, as far as there are such that no other ticked
 * run has; both are stored with it (engine/run_notes.h), and so is a colour that a person chose.
 *
 * The newest runs are ticked by themselves, as many as there are colours, until a person ticks.
 * Signal `changed`: other runs are ticked, or one looks otherwise. Main thread. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_RUN_TICKS (lw_run_ticks_get_type ())
G_DECLARE_FINAL_TYPE (LwRunTicks, lw_run_ticks, LW, RUN_TICKS, GObject)

LwRunTicks *lw_run_ticks_new (LwWorkbench *workbench);
bool lw_run_ticks_has (LwRunTicks *self, LwRunItem *run);
void lw_run_ticks_set (LwRunTicks *self, LwRunItem *const *runs, guint n, bool ticked);
/* Those that are ticked, newest first: LwRunItem, owned. */
GPtrArray *lw_run_ticks_runs (LwRunTicks *self);
/* 0 to 5; −1: it was never ticked. */
int lw_run_ticks_colour (LwRunItem *run);
int lw_run_ticks_dash (LwRunItem *run);
/* A person chose it. */
void lw_run_ticks_set_colour (LwRunTicks *self, LwRunItem *run, int colour);

/* For the next start of the program; g_free. "" as the text: nothing is remembered. */
char *lw_run_ticks_save (LwRunTicks *self);
void lw_run_ticks_restore (LwRunTicks *self, const char *text);

G_END_DECLS
