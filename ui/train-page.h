/* LwTrainPage: settings, the buttons that run a training, progress, live loss and accuracy charts,
 * and a strip of feature maps. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_TRAIN_PAGE (lw_train_page_get_type ())
G_DECLARE_FINAL_TYPE (LwTrainPage, lw_train_page, LW, TRAIN_PAGE, GtkWidget)

GtkWidget *lw_train_page_new (LwWorkbench *workbench);
/* A window that exports the charts as they are drawn; `name`: for the file. */
GtkWidget *lw_train_page_export_dialog (LwTrainPage *self, const char *name);

/* The frame tells the page's width; below 930 px the settings are a flap over the charts. */
void lw_train_page_set_width (LwTrainPage *self, int width);

G_END_DECLS
