/* The rows of the model library, each in its family's file; models.c puts them in order. */
#pragma once

#include "engine/models.h"

extern const LwModel lw_model_lenet, lw_model_lenet_bn;
extern const LwModel lw_model_alexnet;
extern const LwModel lw_model_vgg11, lw_model_vgg11_small;
extern const LwModel lw_model_nin;
extern const LwModel lw_model_googlenet;
extern const LwModel lw_model_resnet18;
extern const LwModel lw_model_densenet;

extern const LwModel *const lw_models[]; /* NULL-terminated */
