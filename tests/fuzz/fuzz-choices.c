/* The cache of chosen algorithms: read, and written beside what else is there, which keeps all. */
#include "kernels/common/choice.h"
#include "tests/fuzz/folder.h"

#include <string.h>

static char *circumstances[] = { (char *)"processor", (char *)"one", (char *)"threads", (char *)"2",
                                 NULL };

static void
check_text (const char *text)
{
  for (; *text != '\0'; text++)
    g_assert_true (g_ascii_isprint (*text) && *text != '"' && *text != '\\');
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *path = lw_fuzz_put ("algorithms.json", data, size);
  g_autoptr (GHashTable) names = lw_conv_cache_read (path, circumstances), again = NULL;
  g_autoptr (GHashTable) more = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  void *key, *value;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    check_text (key);
    check_text (value);
  }
  g_hash_table_insert (more, (char *)"a new layer", (char *)"direct");
  lw_conv_cache_write (path, circumstances, more);
  again = lw_conv_cache_read (path, circumstances);
  g_assert_cmpuint (g_hash_table_size (again), ==,
                    g_hash_table_size (names) + !g_hash_table_contains (names, "a new layer"));
  return 0;
}
