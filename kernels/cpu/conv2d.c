#include "engine/i18n.h"
#include "kernels/cpu/choice.h"
#include "kernels/cpu/direct.h"
#include "kernels/cpu/kernels.h"

/* The last one applies to everything. */
static const LwConvAlgorithm *const algorithms[] = {
  &LW_CPU (conv_direct),
#ifdef LW_BF16
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F63_33],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F43],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F33],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F35],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F42],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F32],
#else
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F63],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F43],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F33],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F45],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F62],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F42],
  &LW_CPU (conv_winograd)[LW_WINOGRAD_F32],
#endif
#ifdef LW_WITH_ONEDNN
  &LW_CPU (conv_onednn),
#endif
  &LW_CPU (conv_gemm),
};

/* Are the maps that the direction reads or writes some channels of wider ones? */
static bool
is_sliced (const LwStep *step, LwDirection direction)
{
  const int64_t x = direction == LW_BACKWARD_DATA ? step->dx_pixel[0] : step->x_pixel[0];
  const int64_t y = direction == LW_FORWARD ? step->y_pixel : step->dy_pixel;

  return x != 0 || y != 0;
}

/* By shapes alone, the same on every machine: few channels directly; Winograd's where it multiplies
 * much less; else the product. */
static const LwConvAlgorithm *
fixed (const LwStep *step, LwDirection direction)
{
  const LwConvAlgorithm *winograd;

  if (!is_sliced (step, direction) && LW_CPU (conv_direct).applies (step, direction))
    return &LW_CPU (conv_direct);
  winograd = LW_CPU (winograd_by_products) (step, direction);
  return winograd != NULL ? winograd : &LW_CPU (conv_gemm);
}

static const LwConvAlgorithm *
choose (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwConvAlgorithm *chosen = lw_conv_chosen (device->choices, step, direction);

  if (chosen == NULL || (is_sliced (step, direction) && !chosen->slices))
    return fixed (step, direction);
  return chosen;
}

#define TEXT(word)        #word
#define TEXT_OF_ISA(name) TEXT (name)

bool
LW_CPU (conv2d_adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                       GError **error)
{
  static const LwConvMethods methods = { TEXT_OF_ISA (LW_ISA), algorithms,
                                         G_N_ELEMENTS (algorithms), fixed };

  return lw_cpu_conv_choose (device, &methods, graph, batch, training, error);
}

size_t
LW_CPU (conv2d_state_bytes) (LwDevice *device, const LwStep *step)
{
  return LW_CPU (conv2d_kept_bytes) (step, choose (device, step, LW_FORWARD));
}

size_t
LW_CPU (conv2d_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  const LwConvAlgorithm *algorithm = choose (device, step, LW_FORWARD);
  size_t bytes = algorithm->workspace (device, step, LW_FORWARD) +
                 LW_CPU (conv2d_sums_bytes) (step, algorithm);

  for (int i = LW_BACKWARD_DATA; step->training && i < LW_N_DIRECTIONS; i++) {
    const LwDirection direction = (LwDirection)i;

    bytes = MAX (bytes, choose (device, step, direction)->workspace (device, step, direction));
  }
  return LW_CPU (conv2d_fold_bytes) (step) + bytes;
}

static bool
is_done (LwDevice *device, GError **error)
{
  if (!device->library_failed)
    return true;
  device->library_failed = false;
  g_set_error (
      error, LW_ERROR, LW_ERROR_DEVICE,
      _ ("The library oneDNN could not compute this layer, most likely for want of memory; "
         "choose the fixed algorithms (--algorithms fixed)."));
  return false;
}

bool
LW_CPU (conv2d_adds) (const LwDevice *device, const LwStep *step)
{
  return choose (device, step, LW_FORWARD)->adds;
}

bool
LW_CPU (conv2d_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCpuLink link = lw_link (step);
  const LwConvAlgorithm *algorithm = choose (device, step, LW_FORWARD);
  LwStep whole = link.norm ? LW_CPU (conv2d_fold) (device, step, link.norm) : *step;
  LwConvEnd end = { .relu = link.relu };
  const bool keeps = step->state != NULL && LW_CPU (conv2d_kept_bytes) (step, algorithm) > 0;

  if (link.sum && algorithm->adds) {
    whole.y = link.sum->y;
    end.add = true;
  } else if (link.sum)
    end.relu = false;
  if (keeps) {
    end.sums = LW_CPU (conv2d_sums) (step, algorithm);
    whole.workspace = (char *)step->workspace + LW_CPU (conv2d_sums_bytes) (step, algorithm);
  }
  algorithm->forward (device, &whole, end);
  if (keeps)
    LW_CPU (conv2d_add_up) (device, step, algorithm, end.sums);
  return is_done (device, error);
}

bool
LW_CPU (conv2d_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  if (step->dparam[LW_ROLE_WEIGHT] || step->dparam[LW_ROLE_BIAS])
    choose (device, step, LW_BACKWARD_WEIGHTS)->backward_weights (device, step);
  if (step->dx[0]) {
    const LwConvAlgorithm *algorithm = choose (device, step, LW_BACKWARD_DATA);

    algorithm->backward_data (device, step);
    if (!algorithm->clears)
      LW_CPU (clear_gradient) (device, step, 0);
  }
  return is_done (device, error);
}

const char *
LW_CPU (conv2d_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction)
{
  return choose (device, step, direction)->name;
}
