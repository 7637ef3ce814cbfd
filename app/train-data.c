#include "app/train-data.h"

#include "app/app.h"

#include <glib/gi18n.h>
#include <string.h>

/* True when `knob` was given by one of the options that decide it. */
static bool
was_given (const LwArgs *args, const char *option, const char *knob)
{
  if (lw_args_flag (args, option))
    return true;
  for (const char *const *set = lw_args_values (args, "set"); *set != NULL; set++) {
    if (g_str_has_prefix (*set, knob) && (*set)[strlen (knob)] == '=')
      return true;
  }
  return false;
}

bool
lw_train_follow_data (const LwArgs *args, LwSettings *settings, const LwDataset *dataset,
                      GError **error)
{
  LwShape input = lw_options_input (settings->options);
  const int32_t channels = lw_dataset_channels (dataset), classes = lw_dataset_classes (dataset);

  if (input.c != channels && !was_given (args, "input", "channels")) {
    input.c = channels;
    if (!lw_options_set_input (settings->options, input, error))
      return false;
    lw_app_note (_ ("The images have %d channels, so the network's input has as many."), channels);
  }
  if (lw_options_integer (settings->options, "classes") != classes &&
      !was_given (args, "classes", "classes")) {
    g_autofree char *number = g_strdup_printf ("%d", classes);

    if (!lw_options_set (settings->options, "classes", number, error))
      return false;
    lw_app_note (_ ("The data has %d classes, so the network's output has as many."), classes);
  }
  return true;
}
