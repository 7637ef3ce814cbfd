/* LwExperimentTable: what was measured, a run a column, the better number bold. Main thread. */
#pragma once

#include "engine/experiment.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_TABLE (lw_experiment_table_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentTable, lw_experiment_table, LW, EXPERIMENT_TABLE, GtkWidget)

GtkWidget *lw_experiment_table_new (void);
void lw_experiment_table_show (LwExperimentTable *self, const LwExperiment *experiment,
                               const LwNumbers *numbers);

/* gettext as the engine calls it. */
const char *lw_translate_phrase (const char *phrase);

G_END_DECLS
