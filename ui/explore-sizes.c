#include "ui/explore-sizes.h"

#include <glib.h>

/* The right side takes this share of the width, within limits; the rest is the diagram's. */
#define RIGHT_SHARE         0.56
#define RIGHT_LEAST         440
#define RIGHT_MOST          580
#define RIGHT_DRAGGED_LEAST 340
/* In a wide window the diagram gets what four branches side by side need. */
#define WIDE          1100
#define RIGHT_IN_WIDE 528
#define DIAGRAM_MOST  752
/* What the knobs change. */
#define CHANGE_WIDTH 360
#define CHANGE_LEAST 320
/* Memory over the steps, and the panel beside it. */
#define MEMORY_LEAST 660
/* The inspector takes this share of the height, at most what a layer needs. */
#define INSPECTOR_SHARE 0.55
#define INSPECTOR_MOST  384

int
lw_explore_right_width (int width, int dragged, bool knobs)
{
  int right = CLAMP ((int)(RIGHT_SHARE * width), RIGHT_LEAST, RIGHT_MOST);

  if (knobs)
    return CLAMP (width - LW_KNOBS_WIDTH - LW_DIAGRAM_LEAST, 0, CHANGE_WIDTH);
  if (width >= WIDE)
    right = CLAMP (width - DIAGRAM_MOST, RIGHT_IN_WIDE, RIGHT_MOST);
  if (dragged > 0)
    right = MAX (dragged, RIGHT_DRAGGED_LEAST);
  return MAX (MIN (right, width - LW_DIAGRAM_LEAST), 0);
}

bool
lw_explore_has_right (int width, bool knobs)
{
  return !knobs || width >= LW_DIAGRAM_LEAST + CHANGE_LEAST + LW_KNOBS_WIDTH;
}

bool
lw_explore_has_memory_panel (int width, bool knobs)
{
  return !knobs || width >= MEMORY_LEAST + LW_KNOBS_WIDTH;
}

int
lw_explore_inspector_height (int height, int dragged)
{
  return dragged > 0 ? dragged : MIN ((int)(INSPECTOR_SHARE * height), INSPECTOR_MOST);
}
