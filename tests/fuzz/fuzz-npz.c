/* numpy's .npz with x_train, y_train, x_test and y_test. */
#include "engine/data/dataset_private.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  LwRawData raw = { 0 };
  const bool parsed = lw_npz_parse (data, size, "input", &raw, &error);

  lw_fuzz_check_error (!parsed, error);
  if (!parsed)
    return 0;
  g_assert_cmpint (raw.channels, >, 0);
  g_assert_cmpint (raw.channels, <=, 4);
  for (int split = 0; split < 2; split++) {
    const int64_t bytes = (int64_t)raw.splits[split].n * raw.channels * raw.height * raw.width;

    g_assert_cmpint (bytes, >, 0);
    g_assert_cmpint (bytes, <=, 1032 * (int64_t)size);
    lw_fuzz_read (raw.splits[split].images, (size_t)bytes);
    lw_fuzz_read (raw.splits[split].labels, (size_t)raw.splits[split].n);
  }
  lw_raw_data_clear (&raw);
  return 0;
}
