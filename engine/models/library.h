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

/* More of the same families. */
extern const LwModel lw_model_lenet_relu;
extern const LwModel lw_model_vgg13, lw_model_vgg16, lw_model_vgg19;
extern const LwModel lw_model_resnet34, lw_model_resnet50, lw_model_resnet101, lw_model_resnet152;
extern const LwModel lw_model_resnet18_plain, lw_model_resnet34_plain, lw_model_resnet50_plain;
extern const LwModel lw_model_resnet101_plain, lw_model_resnet152_plain;
extern const LwModel lw_model_densenet121, lw_model_densenet169, lw_model_densenet201;

extern const LwModel *const lw_models[]; /* NULL-terminated */
