#include "engine/error.h"
#include "engine/i18n.h"
#include "engine/models/library.h"

int32_t
lw_n_models (void)
{
  int32_t n = 0;
  while (lw_models[n] != NULL)
    n++;
  return n;
}

int32_t
lw_n_book_models (void)
{
  int32_t n = 0;
  while (lw_models[n] != NULL && !lw_models[n]->relative)
    n++;
  return n;
}

const LwModel *
lw_model (int32_t index)
{
  g_return_val_if_fail (index >= 0 && index < lw_n_models (), NULL);
  return lw_models[index];
}

const LwKnob *
lw_model_knob (const LwModel *model, const char *name)
{
  for (const LwKnob *const *knob = model->knobs; *knob != NULL; knob++)
    if (g_str_equal ((*knob)->name, name))
      return *knob;
  return NULL;
}

const LwModel *
lw_model_find (const char *name, GError **error)
{
  g_autofree const char **names = g_new0 (const char *, (size_t)lw_n_models () + 1);
  for (int32_t i = 0; lw_models[i] != NULL; i++) {
    if (g_str_equal (lw_models[i]->name, name))
      return lw_models[i];
    names[i] = lw_models[i]->name;
  }
  const char *nearest = lw_nearest_name (name, names);
  g_autofree char *list = g_strjoinv (", ", (char **)names);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown model \"%s\"; did you mean %s?"),
                 name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, _ ("unknown model \"%s\"; there are %s"), name,
                 list);
  lw_error_make_plain (error);
  return NULL;
}
