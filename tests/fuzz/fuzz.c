#include "tests/fuzz/fuzz.h"

#include <json-glib/json-glib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_LEAKS 1
#endif
#endif
#ifdef WITH_LEAKS
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

/* json-glib 1.6 loses what it had built of a text when it comes to an error in it, some hundred
 * bytes; meson.build puts this before it, so that its losses do not hide the engine's. */
gboolean __real_json_parser_load_from_data (JsonParser *parser, const char *text, gssize length,
                                            GError **error);
gboolean __wrap_json_parser_load_from_data (JsonParser *parser, const char *text, gssize length,
                                            GError **error);

gboolean
__wrap_json_parser_load_from_data (JsonParser *parser, const char *text, gssize length,
                                   GError **error)
{
  gboolean done;

  __lsan_disable ();
  done = __real_json_parser_load_from_data (parser, text, length, error);
  __lsan_enable ();
  return done;
}

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
