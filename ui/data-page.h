/* LwDataPage: the data sets: which were found and what can be opened (LwDataSets), and of the
 * draft's set its numbers and, class by class, how many images there are and some of them
 * (LwClassRowsView), as they are or as training gets them. A page without a place in the switcher:
 * the main menu, Ctrl+D, Train and Welcome lead to it. Main thread. */
#pragma once

#include "ui/data-samples.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_DATA_PAGE (lw_data_page_get_type ())
G_DECLARE_FINAL_TYPE (LwDataPage, lw_data_page, LW, DATA_PAGE, GtkWidget)

GtkWidget *lw_data_page_new (LwWorkbench *workbench);
LwDataSamples *lw_data_page_samples (LwDataPage *self);

G_END_DECLS
