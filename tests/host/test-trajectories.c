/* The first training steps of all nine networks against PyTorch's (tests/support/trajectory.h), on
 * the reference backend and on the processor's with each set of instructions. */
#include "engine/models.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/trajectory.h"

typedef struct {
  const LwBackend *backend;
  const char *name;
} Case;

static bool
convolve_reference (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_trajectory_convolve (&lw_reference_backend, device, step, error);
}

/* The layouts are the same for all instruction sets. */
static bool
convolve_cpu (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_trajectory_convolve (lw_cpu_backend (), device, step, error);
}

static void
test_trajectory (gconstpointer data)
{
  const Case *info = data;
  double losses[LW_TRAJECTORY_LOSSES];

  if (info->backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return;
  }
  lw_trajectory_check (info->name, info->backend,
                       info->backend->channels_last ? convolve_cpu : convolve_reference, losses);
}

static void
add_tests (const char *device, const LwBackend *backend)
{
  for (int i = 0; backend != NULL && lw_trajectories[i] != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("/trajectories/%s/%s", device, lw_trajectories[i]);
    Case *info = g_new (Case, 1);

    *info = (Case){ backend, lw_trajectories[i] };
    g_test_add_data_func_full (path, info, test_trajectory, g_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_tests ("reference", &lw_reference_backend);
  add_tests ("cpu-baseline", lw_cpu_backend_for (LW_CPU_BASELINE));
  add_tests ("cpu-avx2", lw_cpu_backend_for (LW_CPU_AVX2));
  add_tests ("cpu-avx512", lw_cpu_backend_for (LW_CPU_AVX512));
  return g_test_run ();
}
