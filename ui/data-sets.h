/* LwDataSets: the left column of the data page: the sets that were found, of which one is chosen,
 * the one that was opened by its path, where sets are looked for, and buttons that open a folder or
 * a file. Looks on a thread, each time it is shown. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DATA_SETS (lw_data_sets_get_type ())
G_DECLARE_FINAL_TYPE (LwDataSets, lw_data_sets, LW, DATA_SETS, GtkWidget)

GtkWidget *lw_data_sets_new (LwWorkbench *workbench);
/* As people call a set that comes with a name: "Fashion-MNIST"; else the name itself. */
const char *lw_data_set_title (const char *name);

G_END_DECLS
