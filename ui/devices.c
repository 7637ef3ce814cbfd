#include "ui/devices.h"

#include <glib/gi18n.h>

const LwBackend *
lw_first_backend (const LwBackend *const *backends)
{
  while (backends[0]->count (NULL) <= 0 && backends[1] != NULL)
    backends++;
  return backends[0];
}

char *
lw_device_text (const LwBackend *backend)
{
  g_autofree char *device = NULL;

  if (backend->count (NULL) <= 0)
    return g_strdup (_ ("none"));
  device = backend->describe (0);
  /* A processor's backends are told apart in a run's details, not here. */
  if (g_str_equal (backend->name, "reference") || g_str_equal (backend->name, "cpu"))
    return g_strdup_printf (_ ("CPU, %s"), device);
  return g_steal_pointer (&device);
}
