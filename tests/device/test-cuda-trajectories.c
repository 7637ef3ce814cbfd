/* The first training steps of all nine networks on the emulated CUDA backend against PyTorch's
 * (tests/support/trajectory.h), their losses beside PyTorch's and the reference backend's. */
#include "engine/models.h"
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/trajectory.h"

#include <math.h>

static bool
convolve_cuda (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_trajectory_convolve (&lw_cuda_backend, device, step, error);
}

static bool
convolve_reference (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_trajectory_convolve (&lw_reference_backend, device, step, error);
}

static void
test_trajectory (gconstpointer data)
{
  const char *model = data;
  double losses[LW_TRAJECTORY_LOSSES], expected[LW_TRAJECTORY_LOSSES];

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  lw_trajectory_check (model, &lw_cuda_backend, convolve_cuda, losses);
  lw_trajectory_check (model, &lw_reference_backend, convolve_reference, expected);
  for (int i = 0; i < LW_TRAJECTORY_LOSSES && !isnan (losses[i]); i += 2)
    g_test_message ("%s, step %d: loss %.7f; reference %.7f, PyTorch %.7f", model, i / 2 + 1,
                    losses[i], expected[i], losses[i + 1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_book_models (); i++) {
    const char *model = lw_model (i)->name;
    g_autofree char *path = g_strdup_printf ("/cuda-trajectories/%s", model);

    g_test_add_data_func (path, model, test_trajectory);
  }
  return g_test_run ();
}
