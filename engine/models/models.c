#include "engine/models/library.h"

/* The nine in the book's order, then their relatives by family. A new network is a row in its
 * family's file and a line here. */
/* clang-format off */
const LwModel *const lw_models[] = {
  &lw_model_lenet,
  &lw_model_lenet_bn,
  &lw_model_alexnet,
  &lw_model_vgg11,
  &lw_model_vgg11_small,
  &lw_model_nin,
  &lw_model_googlenet,
  &lw_model_resnet18,
  &lw_model_densenet,

  &lw_model_lenet_relu,
  &lw_model_vgg13,
  &lw_model_vgg16,
  &lw_model_vgg19,
  &lw_model_resnet34,
  &lw_model_resnet50,
  &lw_model_resnet101,
  &lw_model_resnet152,
  &lw_model_resnet18_plain,
  &lw_model_resnet34_plain,
  &lw_model_resnet50_plain,
  &lw_model_resnet101_plain,
  &lw_model_resnet152_plain,
  &lw_model_densenet121,
  &lw_model_densenet169,
  &lw_model_densenet201,
  NULL,
};
/* clang-format on */
