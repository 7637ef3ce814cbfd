#include "ui/devices.h"

#include "engine/device_choice.h"

#include <glib/gi18n.h>

const LwBackend *
lw_first_backend (const LwBackend *const *backends)
{
  while (backends[0]->count (NULL) <= 0 && backends[1] != NULL)
    backends++;
  return backends[0];
}

const LwBackend *
lw_device_of (const LwBackend *const *backends, const char *device, const char *trained_on,
              int *ret_index)
{
  const bool automatic = g_str_equal (device, "auto");

  return lw_device_choose (backends, automatic && trained_on != NULL ? trained_on : device,
                           ret_index, NULL);
}

char *
lw_device_text (const LwBackend *backend, int index)
{
  g_autofree char *device = NULL;

  if (backend->count (NULL) <= index)
    return g_strdup (_ ("none"));
  device = backend->describe (index);
  /* A processor's backends are told apart in a run's details, not here. */
  if (g_str_equal (backend->name, "reference") || g_str_equal (backend->name, "cpu"))
    return g_strdup_printf (_ ("CPU, %s"), device);
  return g_steal_pointer (&device);
}
