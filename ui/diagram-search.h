/* LwDiagramSearch: the search row above the diagram: text or regular expression, next, previous,
 * and how many layers match. Signal `closed`: Escape was pressed in it. Main thread. */
#pragma once

#include "ui/diagram-view.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_SEARCH (lw_diagram_search_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramSearch, lw_diagram_search, LW, DIAGRAM_SEARCH, GtkWidget)

GtkWidget *lw_diagram_search_new (LwDiagramView *diagram);
/* The row appears or goes: it takes the keyboard and outlines what matches, or ends that. */
void lw_diagram_search_set_active (LwDiagramSearch *self, bool active);
/* The next (1) or previous (−1) match. */
void lw_diagram_search_step (LwDiagramSearch *self, int direction);
/* "2 of 9 layers", "No layer matches" or "". */
const char *lw_diagram_search_count (LwDiagramSearch *self);

G_END_DECLS
