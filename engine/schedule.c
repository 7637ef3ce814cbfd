#include "engine/schedule.h"

#include "engine/live_setting.h"

#include <math.h>

double
lw_schedule_rate (const LwSchedule *schedule, int64_t step)
{
  LwSettings settings = *schedule->settings; /* borrows; only numbers differ */

  for (guint i = 0; i < schedule->n_changes; i++)
    if (schedule->changes[i].kind == LW_EVENT_SETTING && schedule->changes[i].step <= step)
      lw_live_put (&settings, schedule->changes[i].setting, schedule->changes[i].value);
  return lw_settings_learning_rate (&settings, step, schedule->total_steps,
                                    schedule->steps_per_epoch);
}

static int
compare_steps (gconstpointer a, gconstpointer b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return (x > y) - (x < y);
}

/* The step before a corner too, so that a jump is drawn as one. */
static void
add_corner (GArray *steps, int64_t step)
{
  const int64_t before = step - 1;

  g_array_append_val (steps, before);
  g_array_append_val (steps, step);
}

GArray *
lw_schedule_points (const LwSchedule *schedule, int most)
{
  const int64_t total = MAX (schedule->total_steps, 1);
  const double per_epoch = (double)MAX (schedule->steps_per_epoch, 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (int64_t));
  GArray *points = g_array_new (FALSE, FALSE, sizeof (LwRatePoint));
  const int64_t n = CLAMP (most, 2, total + 1);
  int64_t last = -1;
  LwRatePoint point = { 0 };

  for (int64_t i = 0; i < n; i++) {
    const int64_t step = (int64_t)((double)i * (double)(total - 1) / (double)MAX (n - 1, 1));

    g_array_append_val (steps, step);
  }
  add_corner (steps, (int64_t)ceil (schedule->settings->warmup_epochs * per_epoch));
  add_corner (steps, (total + 1) / 2);
  add_corner (steps, (3 * total + 3) / 4);
  for (guint i = 0; i < schedule->n_changes; i++)
    add_corner (steps, schedule->changes[i].step);
  g_array_sort (steps, compare_steps);
  for (guint i = 0; i < steps->len; i++) {
    const int64_t step = g_array_index (steps, int64_t, i);

    if (step <= last || step >= total)
      continue;
    last = step;
    point = (LwRatePoint){ (double)step / per_epoch, lw_schedule_rate (schedule, step) };
    g_array_append_val (points, point);
  }
  point.epoch = (double)total / per_epoch; /* the last step lasts until the end */
  g_array_append_val (points, point);
  return points;
}

void
lw_settings_steps (const LwSettings *settings, int32_t examples, int64_t *ret_total,
                   int64_t *ret_per_epoch)
{
  const int64_t n =
      settings->limit_train > 0 ? MIN (settings->limit_train, examples) : (int64_t)examples;

  *ret_per_epoch = MAX (1, (n + settings->batch - 1) / settings->batch);
  *ret_total = settings->steps > 0 ? settings->steps : settings->epochs * *ret_per_epoch;
}
