/* What a person does on the Explore page, and what there is to see then. Pointer and keys go to the
 * diagram's own event controllers. */
#pragma once

#include "tests/gui/harness.h"
#include "ui/cost-item.h"
#include "ui/cost-table.h"
#include "ui/diagram-view.h"
#include "ui/explore-page.h"
#include "ui/layer-inspector.h"

G_BEGIN_DECLS

typedef struct {
  Gui *gui;
  GtkWidget *page, *diagram, *table, *inspector;
} Explore;

/* Moving parts move at once, or as they do for a person. */
void animate (bool animated);
/* The page with this network, at 1280 × 800, not animated. */
Explore explore (Gui *gui, const char *model);

const LwDiagramLayout *layout_of (const Explore *e);
LwGraph *graph_of (const Explore *e);
int count_boxes (const Explore *e);
LwBlockId block_titled (const Explore *e, const char *title);
LwNodeId node_named (const Explore *e, const char *name);
/* What the workbench says is marked. */
void assert_marked (const Explore *e, LwNodeId node, LwBlockId block);

void key (const Explore *e, guint value, GdkModifierType state);
/* A click (n 1) or the second of a double click (n 2), on a point of the layout or on a spot. */
void click_at (const Explore *e, double x, double y, int n);
void click_on (const Explore *e, LwDiagramSpot spot, int n);
/* Does what the widget's shortcut "<Control>0" does. */
void press_shortcut (GtkWidget *widget, const char *keys);
/* Fails when the spot is hidden in a closed block. */
cairo_rectangle_t rect_of (const Explore *e, LwDiagramSpot spot);
void assert_in_view (const Explore *e, LwDiagramSpot spot);

/* The table's first visible row with this title, or GTK_INVALID_LIST_POSITION. */
guint row_titled (const Explore *e, const char *title);
guint count_rows (const Explore *e);
/* Enter on a row. */
void activate_row (const Explore *e, const char *title);
void assert_row_marked (const Explore *e, LwNodeId node, LwBlockId block);

G_END_DECLS
