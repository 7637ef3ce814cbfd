/* What sentences quote. */
#include "engine/error.h"

#include <string.h>

static void
assert_plain (const char *text, const char *plain)
{
  g_autofree char *is = lw_plain_text (text);

  g_assert_cmpstr (is, ==, plain);
}

static void
test_plain (void)
{
  assert_plain ("", "");
  assert_plain ("a file.png", "a file.png");
  assert_plain ("a\nb\x1b[2J\x7f", "a?b?[2J?");
  assert_plain ("\xc2\x9b"
                "2J",
                "?2J"); /* the same sequence's beginning as one character */
  assert_plain ("网络 é", "网络 é");
  assert_plain ("\xff.png", "\xef\xbf\xbd.png");
}

/* Both ends of a long one stay, and no character is cut. */
static void
test_long (void)
{
  for (int size = 1; size <= 4; size++) {
    const char *const signs[] = { "x", "é", "网", "😀" };
    g_autoptr (GString) text = g_string_new ("begin ");
    g_autofree char *plain = NULL;

    while (text->len < 5000)
      g_string_append (text, signs[size - 1]);
    g_string_append (text, " end");
    plain = lw_plain_text (text->str);
    g_assert_cmpuint (strlen (plain), <=, LW_SENTENCE_BYTES);
    g_assert_cmpuint (strlen (plain), >, LW_SENTENCE_BYTES / 2);
    g_assert_true (g_utf8_validate (plain, -1, NULL));
    g_assert_true (g_str_has_prefix (plain, "begin "));
    g_assert_true (g_str_has_suffix (plain, " end"));
    g_assert_nonnull (strstr (plain, "…"));
  }
}

static void
test_error (void)
{
  g_autoptr (GError) error = g_error_new (LW_ERROR, LW_ERROR_FORMAT, "no \"%s\" here", "a\tb");

  g_assert_false (lw_error_make_plain (&error));
  g_assert_cmpstr (error->message, ==, "no \"a?b\" here");
  g_clear_error (&error);
  g_assert_false (lw_error_make_plain (&error));
  g_assert_false (lw_error_make_plain (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/plain", test_plain);
  g_test_add_func ("/error/long", test_long);
  g_test_add_func ("/error/make-plain", test_error);
  return g_test_run ();
}
