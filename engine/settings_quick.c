#include "engine/settings.h"

#include <string.h>

/* Up to a minute on two cores with the CPU backend: images are made small, and few of them are
 * used. What the book's plain SGD leaves on its first plateau for thousands of steps learns from
 * the first hundred on with Adam (Kingma and Ba 2015), so that there is something to see. */
static const struct {
  const char *model;
  int32_t side; /* 0: the book's; else near the least that the network takes */
  int32_t limit_train, limit_test;
  int32_t epochs, batch;     /* batch 0: the book's */
  double adam_learning_rate; /* 0: the book's optimizer and rate */
} presets[] = {
  { "lenet", 0, 0, 0, 10, 0, 0 },
  { "lenet-bn", 0, 0, 0, 10, 0, 0 },
  { "alexnet", 67, 12000, 2000, 2, 64, 3e-4 },
  { "vgg11", 32, 12000, 2000, 1, 64, 3e-4 },
  { "vgg11-small", 32, 20000, 2000, 2, 64, 1e-3 },
  { "nin", 67, 20000, 2000, 2, 64, 1e-3 },
  { "googlenet", 32, 16000, 2000, 2, 64, 1e-3 },
  { "resnet18", 32, 20000, 2000, 2, 64, 0 },
  { "densenet", 32, 40000, 2000, 2, 64, 0 },
  { "lenet-relu", 0, 0, 0, 10, 0, 0 },
  { "vgg13", 32, 8000, 2000, 1, 64, 3e-4 },
  { "vgg16", 32, 6000, 2000, 1, 64, 3e-4 },
  { "vgg19", 32, 5000, 2000, 1, 64, 3e-4 },
  { "resnet34", 32, 10000, 2000, 2, 64, 0 },
  { "resnet50", 32, 8000, 2000, 2, 64, 0 },
  { "resnet101", 32, 8000, 2000, 1, 64, 0 },
  { "resnet152", 32, 6000, 2000, 1, 64, 0 },
  { "resnet18-plain", 32, 20000, 2000, 2, 64, 0 },
  { "resnet34-plain", 32, 10000, 2000, 2, 64, 0 },
  { "resnet50-plain", 32, 8000, 2000, 2, 64, 0 },
  { "resnet101-plain", 32, 8000, 2000, 1, 64, 0 },
  { "resnet152-plain", 32, 6000, 2000, 1, 64, 0 },
  { "densenet121", 32, 8000, 2000, 2, 64, 0 },
  { "densenet169", 32, 8000, 2000, 1, 64, 0 },
  { "densenet201", 32, 6000, 2000, 1, 64, 0 },
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
    if (presets[i].batch > 0)
      settings->batch = presets[i].batch;
    if (presets[i].adam_learning_rate > 0) {
      settings->optimizer = LW_OPTIMIZER_ADAM;
      settings->learning_rate = presets[i].adam_learning_rate;
    }
  }
}
