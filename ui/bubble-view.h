/* LwBubbleView: what runs reached by what they cost, as bubbles: ticked ones in their colours, the
 * others grey. A click shows a run in all pages. Main thread. */
#pragma once

#include "ui/draw/compare-bubbles.h"
#include "ui/run-ticks.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_BUBBLE_VIEW (lw_bubble_view_get_type ())
G_DECLARE_FINAL_TYPE (LwBubbleView, lw_bubble_view, LW, BUBBLE_VIEW, GtkWidget)

GtkWidget *lw_bubble_view_new (LwWorkbench *workbench);
/* `names` of each of `runs` (LwRunItem): the first `n_ticked` are ticked. Runs without a test are
 * left out, and so are the worst where there are very many. */
void lw_bubble_view_set_runs (LwBubbleView *self, const GPtrArray *runs, char *const *names,
                              guint n_ticked);
void lw_bubble_view_set_x (LwBubbleView *self, LwBubbleX x);
/* "3 runs; best: …". */
const char *lw_bubble_view_description (LwBubbleView *self);

G_END_DECLS
