/* LwInspectPage: feature maps of a chosen layer for a chosen test image, live while training, and
 * batch-normalization statistics over time. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_INSPECT_PAGE (lw_inspect_page_get_type ())
G_DECLARE_FINAL_TYPE (LwInspectPage, lw_inspect_page, LW, INSPECT_PAGE, GtkWidget)

GtkWidget *lw_inspect_page_new (LwWorkbench *workbench);

/* The frame tells the page's width; below 930 px the views are arranged for a narrow window. */
void lw_inspect_page_set_width (LwInspectPage *self, int width);
/* "maps", "bn", "distributions", "predictions". */
void lw_inspect_page_show (LwInspectPage *self, const char *view);
/* The distributions as a picture, whose kind the ending of `path` decides. */
bool lw_inspect_page_export_distributions (LwInspectPage *self, const char *path, GError **error);

G_END_DECLS
