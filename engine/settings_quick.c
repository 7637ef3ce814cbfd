#include "engine/settings.h"

#include <string.h>

/* Sized so that each network trains in about a minute on two slow cores with the reference
 * backend, at the smallest input at which it still learns something. */
static const struct {
  const char *model;
  int32_t side; /* 0: the book's */
  int32_t limit_train, limit_test;
  int32_t epochs, batch;
} presets[] = {
  { "lenet", 0, 0, 0, 2, 256 },
  { "lenet-bn", 0, 0, 0, 2, 256 },
  { "alexnet", 65, 4000, 1000, 2, 32 },
  { "vgg11", 32, 1000, 500, 1, 32 },
  { "vgg11-small", 64, 4000, 1000, 2, 32 },
  { "nin", 67, 3000, 1000, 2, 32 },
  { "googlenet", 32, 2000, 500, 2, 32 },
  { "resnet18", 32, 2000, 500, 2, 32 },
  { "densenet", 32, 2000, 500, 2, 32 },
};

void
lw_settings_make_quick (LwSettings *settings)
{
  const char *model = lw_options_model (settings->options)->name;

  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    LwShape input = lw_options_input (settings->options);

    if (strcmp (presets[i].model, model) != 0)
      continue;
    if (presets[i].side > 0)
      input.h = input.w = presets[i].side;
    lw_options_set_input (settings->options, input, NULL);
    settings->limit_train = presets[i].limit_train;
    settings->limit_test = presets[i].limit_test;
    settings->epochs = presets[i].epochs;
    settings->batch = presets[i].batch;
  }
}
