/* LwFirstWeights: the setting of a file that training begins with: a button that asks for it, files
 * that are dropped on the setting's row, and whether the file fits the draft's network, which is
 * read on a thread and said below the field. Main thread. */
#pragma once

#include "ui/setting-row.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_FIRST_WEIGHTS (lw_first_weights_get_type ())
G_DECLARE_FINAL_TYPE (LwFirstWeights, lw_first_weights, LW, FIRST_WEIGHTS, GObject)

/* Of the row of "init", which lives as long; the workbench lives longer. */
LwFirstWeights *lw_first_weights_new (LwWorkbench *workbench, LwSettingRow *row);
/* After the draft or the selection changed, and the row has no error of its own. */
void lw_first_weights_check (LwFirstWeights *self);

G_END_DECLS
