/* The command line's language: Chinese for people who ask for it, from the build folder's
 * catalogue; English for programs, whatever the locale is, and where the locale is "C". */
#include "tests/host/cli-quick.h"

#include <string.h>

static void
speak (const char *locale, const char *language)
{
  g_setenv ("LC_ALL", locale, TRUE);
  g_setenv ("LANGUAGE", language, TRUE);
}

static void
test_help (void)
{
  g_autoptr (LwResult) chinese = NULL, english = NULL;
  g_auto (GStrv) lines = NULL;

  speak ("C.UTF-8", "zh_CN");
  chinese = lw_program ("train", "--help", NULL);
  lw_assert_status (chinese, 0);
  g_assert_nonnull (strstr (chinese->out, "学习率"));
  g_assert_nonnull (strstr (chinese->out, "--learning-rate"));
  /* Chinese has no blanks to break a line at; a sign takes two columns and three bytes. */
  lines = g_strsplit (chinese->out, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++) {
    g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, 80);
    g_assert_false (g_str_has_prefix (g_strchug (lines[i]), "，"));
  }
  speak ("C", "zh_CN");
  english = lw_program ("train", "--help", NULL);
  g_assert_nonnull (strstr (english->out, "learning rate"));
}

static void
test_errors (void)
{
  g_autoptr (LwResult) engine = NULL, own = NULL;

  speak ("C.UTF-8", "zh_CN");
  engine = lw_program ("train", "lenet", "--momentum", "2", NULL);
  g_assert_nonnull (strstr (engine->err, "momentum 必须是"));
  own = lw_program ("nonsense", NULL);
  lw_assert_status (own, 2);
  g_assert_nonnull (strstr (own->err, "nonsense"));
  g_assert_null (strstr (own->err, "unknown"));
}

/* A machine without a locale, as a fresh one may be, has ASCII alone. */
static void
test_ascii (void)
{
  g_autoptr (LwResult) list = NULL;

  speak ("C", "en");
  list = lw_program ("list", NULL);
  lw_assert_status (list, 0);
  g_assert_true (g_str_is_ascii (list->out));
  g_assert_nonnull (strstr (list->out, "1x28x28"));
  g_assert_nonnull (strstr (list->out, "VGG-11 /4"));
  g_assert_null (strchr (list->out, '?'));
}

static void
test_json (void)
{
  g_autoptr (LwResult) chinese = NULL, english = NULL;

  speak ("C.UTF-8", "zh_CN");
  chinese = lw_program ("show", "resnet18", "--json", NULL);
  speak ("C", "en");
  english = lw_program ("show", "resnet18", "--json", NULL);
  g_assert_cmpstr (chinese->out, ==, english->out);
}

/* Classes and answers are for people in their language, in JSON the same everywhere. */
static void
test_results (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (LwResult) trained = NULL, chinese = NULL, english = NULL, plain = NULL;

  speak ("C", "en");
  trained = lw_program ("train", QUICK, "--epochs", "1", "--output", run, NULL);
  lw_assert_status (trained, 0);
  english = lw_program ("predict", run, "--json", NULL);
  speak ("C.UTF-8", "zh_CN");
  chinese = lw_program ("predict", run, "--json", NULL);
  plain = lw_program ("predict", run, NULL);
  g_assert_nonnull (strstr (english->out, "triangle"));
  g_assert_cmpstr (chinese->out, ==, english->out);
  g_assert_null (strstr (plain->out, "triangle"));
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/language/help", test_help);
  g_test_add_func ("/language/errors", test_errors);
  g_test_add_func ("/language/ascii", test_ascii);
  g_test_add_func ("/language/json", test_json);
  g_test_add_func ("/language/results", test_results);
  return g_test_run ();
}
