/* What kernels ask of the step that they are part of. */
#pragma once

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/step.h"

/* Whether this step must leave the network as it is: it follows one whose loss was not finite,
 * which nobody knew when it was begun. `step` NULL: it does not. */
__device__ static inline bool
lw_step_is_held (const LwCudaStep *step)
{
  return step != nullptr && step->numbers.follows &&
         step->lost[(step->numbers.slot + LW_STEPS_AHEAD - 1) % LW_STEPS_AHEAD];
}
