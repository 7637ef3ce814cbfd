#include "ui/draw/setting-words.h"

#include "engine/live_setting.h"

#include <glib/gi18n.h>
#include <math.h>

const char *
lw_live_title (LwLiveSetting setting)
{
  static const char *const titles[LW_N_LIVE] = {
    [LW_LIVE_LEARNING_RATE] = N_ ("Learning rate"),
    [LW_LIVE_MOMENTUM] = N_ ("Momentum"),
    [LW_LIVE_WEIGHT_DECAY] = N_ ("Weight decay"),
    [LW_LIVE_SCHEDULE] = N_ ("Schedule"),
  };

  return _ (titles[setting]);
}

/* "0.01", "cosine". */
static char *
value_text (LwLiveSetting setting, double value)
{
  static const char *const schedules[] = { N_ ("constant"), N_ ("cosine"), N_ ("step") };

  if (setting == LW_LIVE_SCHEDULE && value >= 0 && value < G_N_ELEMENTS (schedules))
    return g_strdup (_ (schedules[(int)value]));
  return lw_live_text (setting, value, 4);
}

char *
lw_setting_change_text (const LwEvent *event)
{
  static const char *const names[LW_N_LIVE] = {
    [LW_LIVE_LEARNING_RATE] = N_ ("learning rate"),
    [LW_LIVE_MOMENTUM] = N_ ("momentum"),
    [LW_LIVE_WEIGHT_DECAY] = N_ ("weight decay"),
    [LW_LIVE_SCHEDULE] = N_ ("schedule"),
  };
  g_autofree char *value = value_text (event->setting, event->value);
  g_autofree char *previous = NULL;

  if (isnan (event->previous))
    return g_strdup_printf ("%s %s", _ (names[event->setting]), value);
  previous = value_text (event->setting, event->previous);
  return g_strdup_printf ("%s %s → %s", _ (names[event->setting]), previous, value);
}
