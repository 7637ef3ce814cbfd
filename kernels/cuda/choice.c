/* Names of algorithms, and what measurements of them depend on. */
#include "kernels/cuda/choice.h"

#include <string.h>

static const void *
find (const LwConvChooser *chooser, const char *name, const LwStep *step, LwDirection direction)
{
  for (const LwCudaConv *const *conv = lw_cuda_convs; *conv != NULL; conv++)
    if (strcmp ((*conv)->name, name) == 0)
      return (*conv)->fits (chooser->device, step, direction) ? *conv : NULL;
  return NULL;
}

/* The card, its driver, the libraries, the precision, and the algorithms with their versions. */
static char **
circumstances (const LwConvChooser *chooser)
{
  static const char *const precisions[] = { "fp32", "bf16", "tf32" };
  const LwDevice *device = chooser->device;
  struct cudaDeviceProp properties;
  int driver = 0, runtime = 0, blas = 0;
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autoptr (GString) names = g_string_new (NULL);

  if (!lw_cuda_check (cudaGetDeviceProperties (&properties, device->index),
                      "cudaGetDeviceProperties", NULL) ||
      !lw_cuda_check (cudaDriverGetVersion (&driver), "cudaDriverGetVersion", NULL) ||
      !lw_cuda_check (cudaRuntimeGetVersion (&runtime), "cudaRuntimeGetVersion", NULL) ||
      !lw_cuda_check_blas (cublasGetVersion (device->blas, &blas), "cublasGetVersion", NULL))
    return NULL;

  g_autofree char *capability = g_strdup_printf ("%d.%d", properties.major, properties.minor);
  g_autofree char *driver_text = g_strdup_printf ("%d", driver);
  g_autofree char *runtime_text = g_strdup_printf ("%d", runtime);
  g_autofree char *blas_text = g_strdup_printf ("%d", blas);

  lw_conv_cache_clean (properties.name);
  for (const LwCudaConv *const *conv = lw_cuda_convs; *conv != NULL; conv++)
    g_string_append_printf (names, "%s%s %d", names->len > 0 ? "; " : "", (*conv)->name,
                            (*conv)->version);
  g_strv_builder_add_many (list, "device", properties.name, "capability", capability, "driver",
                           driver_text, "runtime", runtime_text, "cuBLAS", blas_text, "precision",
                           precisions[device->precision], "algorithms", names->str, NULL);
  return g_strv_builder_end (list);
}

static LwConvBefore
before (const LwConvChooser *chooser, const LwStep *step, LwDirection direction)
{
  return lw_cuda_conv_counts (chooser->device, step, direction);
}

static bool
measure (const LwConvChooser *chooser, LwConvQuestion *questions, int32_t n, GError **error)
{
  return lw_cuda_conv_time (chooser->device, questions, n, error);
}

bool
lw_cuda_conv_choose (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                     GError **error)
{
  const LwConvChooser chooser = { .device = device,
                                  .options = &device->options,
                                  .choices = device->choices,
                                  .find = find,
                                  .before = before,
                                  .time = measure,
                                  .circumstances = circumstances };

  device->trains = training;
  return lw_conv_choose (&chooser, graph, batch, training, error);
}
