#include "engine/live_setting.h"

#include "engine/i18n.h"
#include "engine/number.h"
#include "engine/settings_fields.h"

#include <math.h>
#include <string.h>

static const char *const names[LW_N_LIVE] = {
  [LW_LIVE_LEARNING_RATE] = "learning-rate",
  [LW_LIVE_MOMENTUM] = "momentum",
  [LW_LIVE_WEIGHT_DECAY] = "weight-decay",
  [LW_LIVE_SCHEDULE] = "schedule",
};

#define N_SCHEDULES (LW_SCHEDULE_STEP + 1)

/* Their words, by LwScheduleKind. */
static const char *const *
schedules (void)
{
  return lw_settings_field ("schedule")->choices;
}

const char *
lw_live_name (LwLiveSetting setting)
{
  return names[setting];
}

bool
lw_live_find (const char *name, LwLiveSetting *ret_setting)
{
  for (int i = 0; i < LW_N_LIVE; i++)
    if (strcmp (names[i], name) == 0) {
      *ret_setting = (LwLiveSetting)i;
      return true;
    }
  return false;
}

double
lw_live_get (const LwSettings *settings, LwLiveSetting setting)
{
  switch (setting) {
  case LW_LIVE_LEARNING_RATE:
    return settings->learning_rate;
  case LW_LIVE_MOMENTUM:
    return settings->momentum;
  case LW_LIVE_WEIGHT_DECAY:
    return settings->weight_decay;
  case LW_LIVE_SCHEDULE:
    return settings->schedule;
  case LW_N_LIVE:
    break;
  }
  return 0;
}

void
lw_live_put (LwSettings *settings, LwLiveSetting setting, double value)
{
  switch (setting) {
  case LW_LIVE_LEARNING_RATE:
    settings->learning_rate = value;
    break;
  case LW_LIVE_MOMENTUM:
    settings->momentum = value;
    break;
  case LW_LIVE_WEIGHT_DECAY:
    settings->weight_decay = value;
    break;
  case LW_LIVE_SCHEDULE:
    settings->schedule = (LwScheduleKind)value;
    break;
  case LW_N_LIVE:
    break;
  }
}

bool
lw_live_check (const LwSettings *settings, LwLiveSetting setting, double value, GError **error)
{
  LwSettings changed = *settings; /* borrows; only numbers differ */

  if (setting == LW_LIVE_SCHEDULE && !(value >= 0 && value < N_SCHEDULES)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The schedule must be constant, cosine or step."));
    return false;
  }
  lw_live_put (&changed, setting, value);
  return lw_settings_check (&changed, error);
}

char *
lw_live_text (LwLiveSetting setting, double value, int digits)
{
  char format[8], text[LW_NUMBER_SIZE];

  if (setting == LW_LIVE_SCHEDULE)
    return g_strdup (schedules ()[(int)value]);
  g_snprintf (format, sizeof format, "%%.%dg", CLAMP (digits, 1, 17));
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}

bool
lw_live_parse (LwLiveSetting setting, const char *text, double *ret_value)
{
  if (setting != LW_LIVE_SCHEDULE)
    return lw_number_parse_real (text, ret_value) && *ret_value >= 0;
  for (int i = 0; i < N_SCHEDULES; i++)
    if (strcmp (schedules ()[i], text) == 0) {
      *ret_value = i;
      return true;
    }
  return false;
}
