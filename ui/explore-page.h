/* LwExplorePage: the architecture as a diagram, a cost table and an inspector, linked both ways. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPLORE_PAGE (lw_explore_page_get_type ())
G_DECLARE_FINAL_TYPE (LwExplorePage, lw_explore_page, LW, EXPLORE_PAGE, GtkWidget)

GtkWidget *lw_explore_page_new (LwWorkbench *workbench);
/* Writes the diagram as it is folded now; the ending of `path` (png, svg, pdf) decides the format.
 */
bool lw_explore_page_export (LwExplorePage *self, const char *path, GError **error);
/* A window in which to choose what is exported and how; see export-dialog.h. `name`: for the file.
 */
GtkWidget *lw_explore_page_export_dialog (LwExplorePage *self, const char *name);

/* Sizes of panes that were dragged, as in LwExplorePanes (0: none was), and the diagram's zoom (1:
 * 100 %; 0: as it fits). */
typedef struct {
  int right, below, lower, beside;
  double zoom;
} LwExploreSizes;

void lw_explore_page_get_sizes (LwExplorePage *self, LwExploreSizes *ret_sizes);
/* Before the page is shown. */
void lw_explore_page_set_sizes (LwExplorePage *self, const LwExploreSizes *sizes);

/* Opens the search (0), or goes to the next (1) or previous (−1) match. */
void lw_explore_page_search (LwExplorePage *self, int direction);

G_END_DECLS
