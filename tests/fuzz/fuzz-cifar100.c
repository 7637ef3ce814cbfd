/* A file of CIFAR-100. */
#include "engine/data/dataset_private.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  const int32_t n = lw_cifar_check (LW_CIFAR_100, data, size, "input", &error);

  lw_fuzz_check_error (n < 0, error);
  if (n > 0) {
    g_autofree uint8_t *images = g_malloc ((gsize)n * 3072), *labels = g_malloc ((gsize)n);

    lw_cifar_split (LW_CIFAR_100, data, n, images, labels);
    for (int32_t i = 0; i < n; i++)
      g_assert_cmpint (labels[i], <, 100);
    lw_fuzz_read (images, (size_t)n * 3072);
  }
  return 0;
}
