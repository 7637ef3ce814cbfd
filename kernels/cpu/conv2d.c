#include "kernels/cpu/direct.h"
#include "kernels/cpu/kernels.h"

/* Best first; the last one applies to everything. */
static const LwConvAlgorithm *const algorithms[] = {
  &LW_CPU (conv_direct),
  &LW_CPU (conv_winograd),
  &LW_CPU (conv_gemm),
};

static const LwConvAlgorithm *
choose (const LwStep *step, LwConvDirection direction)
{
  int i = 0;

  while (!algorithms[i]->applies (step, direction))
    i++;
  return algorithms[i];
}

size_t
LW_CPU (conv2d_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  size_t bytes = 0;

  for (int i = 0; i < (step->training ? LW_N_CONV_DIRECTIONS : 1); i++) {
    const LwConvDirection direction = (LwConvDirection)i;

    bytes = MAX (bytes, choose (step, direction)->workspace (device, step, direction));
  }
  return LW_CPU (conv2d_fold_bytes) (step) + bytes;
}

bool
LW_CPU (conv2d_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCpuLink link = lw_link (step);
  const LwConvAlgorithm *algorithm = choose (step, LW_CONV_FORWARD);

  (void)error;
  if (link.norm) {
    const LwStep folded = LW_CPU (conv2d_fold) (device, step, link.norm);

    algorithm->forward (device, &folded, link.relu);
  } else
    algorithm->forward (device, step, link.relu);
  return true;
}

bool
LW_CPU (conv2d_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dparam[LW_ROLE_WEIGHT] || step->dparam[LW_ROLE_BIAS])
    choose (step, LW_CONV_WEIGHTS)->backward_weights (device, step);
  if (step->dx[0]) {
    const LwConvAlgorithm *algorithm = choose (step, LW_CONV_DATA);

    algorithm->backward_data (device, step);
    if (!algorithm->clears)
      LW_CPU (clear_gradient) (device, step, 0);
  }
  return true;
}

const char *
LW_CPU (conv2d_algorithm) (LwDevice *device, const LwStep *step, bool backward)
{
  (void)device;
  return choose (step, backward ? LW_CONV_WEIGHTS : LW_CONV_FORWARD)->name;
}
