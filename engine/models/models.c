#include "engine/models/library.h"

/* In the book's order. A new network is a row in its family's file and a line here. */
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
  NULL,
};
/* clang-format on */
