/* The learning rate over a whole run: what its schedule will do, and what was changed while it ran.
 * Pure functions, any thread. */
#pragma once

#include "engine/run_log.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* What decides it. Borrows all. */
typedef struct {
  const LwSettings *settings; /* as the run began */
  const LwEvent *changes;     /* LW_EVENT_SETTING, oldest first; others are left alone */
  guint n_changes;
  int64_t total_steps, steps_per_epoch; /* ≥ 1 */
} LwSchedule;

/* Of step `step`, from 0. */
double lw_schedule_rate (const LwSchedule *schedule, int64_t step);

typedef struct {
  double epoch; /* of the step's beginning; the last point is the run's end */
  double rate;
} LwRatePoint;

/* About `most` points, spread evenly, and all corners: the ends of the warm-up, the steps down, the
 * changes. Ascending, no two alike; g_array_unref. */
GArray *lw_schedule_points (const LwSchedule *schedule, int most);

/* The steps of a run with these settings over so many training examples (of which the limit takes
 * some). */
void lw_settings_steps (const LwSettings *settings, int32_t examples, int64_t *ret_total,
                        int64_t *ret_per_epoch);

G_END_DECLS
