#include "tests/fuzz/fuzz.h"

#include <string.h>

void
lw_fuzz_check_error (bool refused, GError *error)
{
  g_assert_true (refused == (error != NULL));
  if (!refused)
    return;
  g_assert_true (error->domain == LW_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 1000);
  g_assert_cmpuint (strlen (error->message), >, 10);
  for (const char *at = error->message; *at != '\0'; at++)
    g_assert_true ((unsigned char)*at >= ' '); /* nothing that a terminal would obey */
  g_error_free (error);
}

void
lw_fuzz_read (const void *memory, size_t size)
{
  const volatile uint8_t *bytes = memory;

  for (size_t i = 0; i < size; i++)
    (void)bytes[i];
}
