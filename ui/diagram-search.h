/* LwDiagramSearch: the search row above the diagram: plain or regular expression, next, previous.
 * Main thread. */
#pragma once

#include "ui/diagram-view.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_SEARCH (lw_diagram_search_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramSearch, lw_diagram_search, LW, DIAGRAM_SEARCH, GtkWidget)

GtkWidget *lw_diagram_search_new (LwDiagramView *diagram);

G_END_DECLS
