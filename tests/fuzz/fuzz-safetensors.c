/* A safetensors file: parsed, each tensor found by its name and read to its end. */
#include "engine/formats/safetensors.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (LwTensorFile) file = NULL;
  GError *error = NULL;

  file = lw_tensor_file_parse (bytes, "input", &error);
  lw_fuzz_check_error (file == NULL, error);
  for (int32_t i = 0; file != NULL && i < lw_tensor_file_n (file); i++) {
    const LwFileTensor *tensor = lw_tensor_file_get (file, i);
    const size_t element = tensor->dtype == LW_I64 ? 8 : 4;

    g_assert_true (lw_tensor_file_find (file, tensor->name) == tensor);
    g_assert_cmpint (tensor->size, <=, (int64_t)size);
    g_assert_cmpuint ((guintptr)tensor->data % element, ==, 0);
    lw_fuzz_read (tensor->data, (size_t)tensor->size * element);
  }
  if (file != NULL && lw_tensor_file_metadata (file, "format") != NULL)
    g_assert_true (g_utf8_validate (lw_tensor_file_metadata (file, "format"), -1, NULL));
  return 0;
}
