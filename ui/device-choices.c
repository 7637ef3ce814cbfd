#include "ui/device-choices.h"

#include "engine/device_choice.h"
#include "ui/devices.h"

#include <glib/gi18n.h>
#include <string.h>

static const LwSettingSpec *
find_spec (const char *field)
{
  for (int i = 0; i < LW_N_SETTINGS; i++)
    if (g_str_equal (lw_setting_specs[i].field, field))
      return &lw_setting_specs[i];
  return NULL;
}

static void
append (LwSettingSpec *spec, const char *value, const char *title)
{
  guint n = 0;

  while (spec->choices[n] != NULL)
    n++;
  /* The last one stays NULL. */
  if (n + 1 < G_N_ELEMENTS (spec->choices)) {
    spec->choices[n] = value;
    spec->choice_titles[n] = title;
  }
}

void
lw_device_choices_init (LwDeviceChoices *choices, const LwBackend *const *backends)
{
  choices->device = *find_spec ("device");
  choices->precision = *find_spec ("precision");
  choices->names = g_ptr_array_new_with_free_func (g_free);
  choices->backends = backends;
  append (&choices->device, "auto", "auto");
  for (int i = 0; backends[i] != NULL; i++) {
    const int n = backends[i]->count (NULL);

    /* One that does not work can be chosen, to be told why. */
    for (int k = 0; k < MAX (n, 1); k++) {
      char *name =
          k > 0 ? g_strdup_printf ("%s:%d", backends[i]->name, k) : g_strdup (backends[i]->name);

      g_ptr_array_add (choices->names, name);
      append (&choices->device, name, name);
    }
    if (g_str_equal (backends[i]->name, "cuda") && n > 0)
      append (&choices->precision, "tf32", "TF32");
  }
}

void
lw_device_choices_clear (LwDeviceChoices *choices)
{
  g_clear_pointer (&choices->names, g_ptr_array_unref);
}

char *
lw_device_choices_help (const LwDeviceChoices *choices, const char *device, char **ret_problem)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  int index;
  const LwBackend *backend = lw_device_choose (choices->backends, device, &index, &error);

  *ret_problem = backend == NULL ? g_strdup (error->message) : NULL;
  if (backend == NULL)
    return NULL;
  text = lw_device_text (backend, index);
  return strcmp (device, "auto") == 0
             ? g_strdup_printf (_ ("What computes: “auto” takes the fastest that works, here %s."),
                                text)
             : g_strdup_printf (_ ("What computes: %s."), text);
}

bool
lw_device_choices_has_precisions (const LwDeviceChoices *choices, const char *device)
{
  const LwDeviceOptions options = { .precision = LW_PRECISION_BF16 };
  int index;
  const LwBackend *backend = lw_device_choose (choices->backends, device, &index, NULL);

  return backend != NULL && (g_str_equal (backend->name, "cuda") ||
                             (backend->variant != NULL && backend->variant (&options) != backend));
}
