/* A safetensors file: parsed, each tensor found by its name and read to its end; together they fill
 * what follows the header. */
#include "engine/formats/safetensors.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Returns its bytes. */
static uint64_t
check_tensor (const LwTensorFile *file, const LwFileTensor *tensor)
{
  const size_t element = tensor->dtype == LW_I64 ? 8 : 4;
  uint64_t size = 1;

  g_assert_true (lw_tensor_file_find (file, tensor->name) == tensor);
  g_assert_cmpint (tensor->rank, <=, (int)G_N_ELEMENTS (tensor->dims));
  for (int32_t i = 0; i < tensor->rank; i++)
    size *= (uint64_t)tensor->dims[i];
  g_assert_cmpuint ((uint64_t)tensor->size, ==, size);
  g_assert_cmpuint ((guintptr)tensor->data % element, ==, 0);
  return size * element;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (LwTensorFile) file = NULL;
  GError *error = NULL;
  uint64_t left;

  file = lw_tensor_file_parse (bytes, "input", &error);
  lw_fuzz_check_error (file == NULL, error);
  if (file == NULL)
    return 0;
  memcpy (&left, data, sizeof left);
  left = size - sizeof left - left;
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++) {
    const LwFileTensor *tensor = lw_tensor_file_get (file, i);
    const uint64_t taken = check_tensor (file, tensor);

    g_assert_cmpuint (taken, <=, left);
    left -= taken;
    lw_fuzz_read (tensor->data, taken);
  }
  g_assert_cmpuint (left, ==, 0);
  if (lw_tensor_file_metadata (file, "format") != NULL)
    g_assert_true (g_utf8_validate (lw_tensor_file_metadata (file, "format"), -1, NULL));
  return 0;
}
