#include "engine/models/library.h"

#include "engine/error.h"

/* In the book's order. A new network is a row in its family's file and a line here. */
static const LwModel *const models[] = {
  &lw_model_lenet,     &lw_model_lenet_bn,    &lw_model_alexnet,
  &lw_model_vgg11,     &lw_model_vgg11_small, &lw_model_nin,
  &lw_model_googlenet, &lw_model_resnet18,    &lw_model_densenet,
};

int32_t
lw_n_models (void)
{
  return G_N_ELEMENTS (models);
}

const LwModel *
lw_model (int32_t index)
{
  g_return_val_if_fail (index >= 0 && index < lw_n_models (), NULL);
  return models[index];
}

const LwModel *
lw_model_find (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (models) + 1] = { NULL };
  for (size_t i = 0; i < G_N_ELEMENTS (models); i++) {
    if (g_str_equal (models[i]->name, name))
      return models[i];
    names[i] = models[i]->name;
  }
  const char *nearest = lw_nearest_name (name, names);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, "unknown model \"%s\"; did you mean %s?", name,
                 nearest);
  else {
    g_autofree char *list = g_strjoinv (", ", (char **)names);
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN, "unknown model \"%s\"; there are %s", name,
                 list);
  }
  return NULL;
}
