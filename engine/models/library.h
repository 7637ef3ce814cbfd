/* The rows of the model library, each in its family's file; models.c puts them in order. */
#pragma once

#include "engine/models.h"

extern const LwModel lw_model_lenet, lw_model_lenet_bn;
