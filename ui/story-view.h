/* LwStoryView: a network's story in full, in a window of its own beside the one it is about:
 * headings, paragraphs, questions, sources; text can be selected, and keys scroll. Links in it
 * select other networks. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_STORY_VIEW (lw_story_view_get_type ())
G_DECLARE_FINAL_TYPE (LwStoryView, lw_story_view, LW, STORY_VIEW, AdwWindow)

/* Opens the story of the workbench's network over the window that `near` is in. NULL when it has
 * none. The window owns itself; Esc closes it. */
LwStoryView *lw_story_view_present (GtkWidget *near, LwWorkbench *workbench);
/* "AlexNet". */
const char *lw_story_view_title (LwStoryView *self);

G_END_DECLS
