#include "engine/settings.h"

#include <string.h>

/* About 40 to 120 seconds of one core's work in the reference backend, half of that on two. The
 * learning rate stays the book's, and small batches make the most of few images. LeNet, LeNet with
 * batch normalization, ResNet and DenseNet learn much in that time, GoogLeNet begins to in its
 * second epoch. AlexNet, VGG and NiN leave their first plateau only after several hundred large
 * batches with plain SGD: their quick runs show how training goes, not what it achieves. */
static const struct {
  const char *model;
  int32_t side; /* 0: the book's; else near the least that the network takes */
  int32_t limit_train, limit_test;
  int32_t epochs, batch;
} presets[] = {
  { "lenet", 0, 0, 0, 3, 64 },
  { "lenet-bn", 0, 0, 0, 3, 128 },
  { "alexnet", 67, 2000, 500, 2, 64 },
  { "vgg11", 32, 1500, 500, 1, 64 },
  { "vgg11-small", 32, 5000, 1000, 2, 64 },
  { "nin", 67, 4000, 1000, 2, 64 },
  { "googlenet", 32, 5000, 1000, 2, 16 },
  { "resnet18", 32, 3000, 1000, 2, 32 },
  { "densenet", 32, 8000, 1000, 2, 32 },
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
