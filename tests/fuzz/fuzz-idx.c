/* An IDX file, plain or gzip-compressed, as images and as labels. */
#include "engine/data/dataset_private.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (int32_t rank = 1; rank <= 3; rank += 2) {
    g_autofree uint8_t *values = NULL;
    GError *error = NULL;
    int32_t dims[3] = { 0 };
    const bool parsed = lw_idx_parse (data, size, "input", rank, dims, &values, &error);
    int64_t n = 1;

    lw_fuzz_check_error (!parsed, error);
    if (!parsed)
      continue;
    for (int32_t i = 0; i < rank; i++) {
      g_assert_cmpint (dims[i], >, 0);
      n *= dims[i];
    }
    g_assert_cmpint (n, <=, 1032 * (int64_t)size);
    lw_fuzz_read (values, (size_t)n);
  }
  return 0;
}
