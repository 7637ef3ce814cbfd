/* How wide and high the parts of the Explore page are. Pure arithmetic, pixels. */
#pragma once

#include <stdbool.h>

#define LW_DIAGRAM_LEAST 280
/* Below this the inspector stacks what stands side by side. */
#define LW_INSPECTOR_NARROW 500
#define LW_KNOBS_WIDTH      312

/* The right pane's width on a page of this width. `dragged`: what somebody made it; 0: nobody did.
 * `knobs`: their panel takes its part, and the pane says what they change. */
int lw_explore_right_width (int width, int dragged, bool knobs);
/* In a narrow window the knobs take the right pane's place. */
bool lw_explore_has_right (int width, bool knobs);
/* The same of what stands beside the picture of memory. */
bool lw_explore_has_memory_panel (int width, bool knobs);
/* The inspector's height on panes of this height. */
int lw_explore_inspector_height (int height, int dragged);
