/* The builders of ResNet, which the rows of resnet_rows.c name. They read the knobs `shortcut`,
 * `form`, `names` and those that many networks have. */
#pragma once

#include "engine/models.h"

/* As many residual blocks in each stage as the knob `residuals` says. */
LwNodeId lw_resnet_equal_stages (LwGraph *graph, LwNodeId x, const LwOptions *options);
/* The knobs `stage1` to `stage4` say how many. */
LwNodeId lw_resnet_stages (LwGraph *graph, LwNodeId x, const LwOptions *options);
/* The same, of bottleneck blocks. */
LwNodeId lw_resnet_bottlenecks (LwGraph *graph, LwNodeId x, const LwOptions *options);
