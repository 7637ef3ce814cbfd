/* LwMemoryView: what lies in memory over the steps of one iteration, and how large the batch may
 * be. Main thread. */
#pragma once

#include "ui/memory-arena.h"

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_VIEW (lw_memory_view_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryView, lw_memory_view, LW, MEMORY_VIEW, GtkWidget)

GtkWidget *lw_memory_view_new (LwWorkbench *workbench);
/* Device and optimizer, for a toolbar: a new widget. */
GtkWidget *lw_memory_view_make_controls (LwMemoryView *self);
/* Whether batch size and table stand beside the picture; a narrow page has no room for them while
 * the knobs are open. */
void lw_memory_view_show_panel (LwMemoryView *self, bool show);
/* Writes the picture; the ending of `path` (png, svg, pdf) decides the format. */
bool lw_memory_view_export (LwMemoryView *self, const char *path, GError **error);

G_END_DECLS
