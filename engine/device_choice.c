#include "engine/device_choice.h"

#include "engine/i18n.h"
#include "engine/number.h"

#include <string.h>

static const LwBackend *
choose_best (const LwBackend *const *backends, GError **error)
{
  for (int i = 0; backends[i] != NULL; i++)
    if (backends[i]->count (NULL) > 0)
      return backends[i];
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
               _ ("No device works here; the command \"doctor\" says why."));
  return NULL;
}

static const LwBackend *
find_backend (const LwBackend *const *backends, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *all = NULL;
  const char *nearest;

  for (int i = 0; backends[i] != NULL; i++) {
    if (strcmp (backends[i]->name, name) == 0)
      return backends[i];
    g_ptr_array_add (names, (gpointer)backends[i]->name);
  }
  g_ptr_array_add (names, (gpointer) "auto");
  g_ptr_array_add (names, NULL);
  nearest = lw_nearest_name (name, (const char *const *)names->pdata);
  all = g_strjoinv (", ", (char **)names->pdata);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown device \"%s\"; did you mean %s?"),
                 name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown device \"%s\"; this program has %s."), name, all);
  return NULL;
}

const LwBackend *
lw_device_choose (const LwBackend *const *backends, const char *device, int *ret_index,
                  GError **error)
{
  const char *colon = strchr (device, ':');
  g_autofree char *name =
      colon != NULL ? g_strndup (device, (gsize)(colon - device)) : g_strdup (device);
  g_autoptr (GError) cause = NULL;
  const LwBackend *backend;
  int64_t index = 0;
  int count;

  *ret_index = 0;
  if (strcmp (device, "auto") == 0)
    return choose_best (backends, error);
  if (colon != NULL && (!lw_number_parse_signed (colon + 1, &index) || index < 0 || index > 1024)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The device \"%s\" has no valid number; write for example %s:0."), device,
                 name);
    return NULL;
  }
  backend = find_backend (backends, name, error);
  if (backend == NULL)
    return NULL;
  count = backend->count (&cause);
  if (count <= 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, _ ("The device \"%s\" does not work here: %s"),
                 name, cause != NULL ? cause->message : _ ("none was found."));
    return NULL;
  }
  if (index >= count) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("There is no device \"%s\"; the last one is %s:%d."), device, name, count - 1);
    return NULL;
  }
  *ret_index = (int)index;
  return backend;
}

int
lw_device_of_process (const LwBackend *backend, const char *device, int index, int32_t local_rank)
{
  const int n = backend->count (NULL);

  return strchr (device, ':') != NULL || n < 1 ? index : local_rank % n;
}
