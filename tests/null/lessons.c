/* The lessons: the format, the placeholders against the graph, and every file of assets/lessons:
 * that it is there in both languages, whole, of readable length, with numbers that are filled. */
#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/lesson.h"

#include <string.h>

/* --- the format ------------------------------------------------------------------------------ */

static LwLesson *
parse (const char *text, const char *model)
{
  g_autoptr (GError) error = NULL;
  LwLesson *lesson = lw_lesson_parse (text, lw_model_find (model, NULL), &error);

  g_assert_no_error (error);
  return lesson;
}

static void
test_format (void)
{
  g_autoptr (LwLesson) lesson =
      parse ("# A title\n\n## The idea {#idea}\n\nTwo\nlines, 5 %.\n\nMore.\n"
             "## Try {#questions}\n1. one\n   goes on\n2. two\n\n"
             "- bullet\n- other\n中文\n接着\n",
             "lenet");
  static const struct {
    LwLessonKind kind;
    const char *section, *text;
    int number;
  } expected[] = {
    { LW_LESSON_TITLE, "", "A title", 0 },
    { LW_LESSON_HEADING, "idea", "The idea", 0 },
    { LW_LESSON_PARAGRAPH, "idea", "Two lines, 5\u00a0%.", 0 },
    { LW_LESSON_PARAGRAPH, "idea", "More.", 0 },
    { LW_LESSON_HEADING, "questions", "Try", 0 },
    { LW_LESSON_NUMBERED, "questions", "one goes on", 1 },
    { LW_LESSON_NUMBERED, "questions", "two", 2 },
    { LW_LESSON_BULLET, "questions", "bullet", 0 },
    { LW_LESSON_BULLET, "questions", "other 中文接着", 0 },
  };

  g_assert_cmpint (lw_lesson_n_parts (lesson), ==, G_N_ELEMENTS (expected));
  for (int i = 0; i < lw_lesson_n_parts (lesson); i++) {
    const LwLessonPart *part = lw_lesson_part (lesson, i);

    g_assert_cmpint (part->kind, ==, expected[i].kind);
    g_assert_cmpstr (part->section, ==, expected[i].section);
    g_assert_cmpstr (part->text, ==, expected[i].text);
    g_assert_cmpint (part->number, ==, expected[i].number);
  }
  g_assert_cmpstr (lw_lesson_lead (lesson, "idea"), ==, "Two lines, 5\u00a0%.");
  g_assert_null (lw_lesson_lead (lesson, "nothing"));
}

static void
test_marks (void)
{
  static const struct {
    const char *text, *markup, *plain;
  } cases[] = {
    { "a *b* c", "a <i>b</i> c", "a b c" },
    { "**b** `c<d`", "<b>b</b> <tt>c&lt;d</tt>", "b c<d" },
    { "[AlexNet](model:alexnet) & co", "<a href=\"model:alexnet\">AlexNet</a> &amp; co",
      "AlexNet & co" },
    { "2 * 3 [x] `y", "2 * 3 [x] `y", "2 * 3 [x] `y" },
    { "</span> \"x\" **", "&lt;/span&gt; &quot;x&quot; **", "</span> \"x\" **" },
    { "[a](\"><b>)", "<a href=\"&quot;&gt;&lt;b&gt;\">a</a>", "a" },
    { "", "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *markup = lw_lesson_markup (cases[i].text);
    g_autofree char *plain = lw_lesson_plain (cases[i].text);

    g_assert_cmpstr (markup, ==, cases[i].markup);
    g_assert_cmpstr (plain, ==, cases[i].plain);
  }
}

static void
test_wrong (void)
{
  static const char *const wrong[] = {
    "## No section\n",   "a {paramters}\n",        "a {alexnet}\n",         "a {parameters\n",
    "a {@nothing macs}", "{macs normalization}\n", "\xff\xfe is no text\n", "{parameters resnet19}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwLesson) lesson = lw_lesson_parse (wrong[i], lw_model_find ("lenet", NULL), &error);

    g_assert_null (lesson);
    g_assert_error (error, LW_ERROR, LW_ERROR_FORMAT);
  }
}

/* --- placeholders ----------------------------------------------------------------------------- */

static void
assert_filled (const char *model, const char *placeholder, const char *expected)
{
  g_autoptr (LwLesson) lesson = parse (placeholder, model);

  g_assert_cmpint (lw_lesson_n_parts (lesson), ==, 1);
  g_assert_cmpstr (lw_lesson_part (lesson, 0)->text, ==, expected);
}

/* PyTorch's counts, worked out by hand where a part of them is meant. */
static void
test_placeholders (void)
{
  assert_filled ("lenet", "{parameters}", "61,706");
  assert_filled ("lenet", "{macs short}", "417\u00a0k");
  assert_filled ("lenet", "{flops}", "833,040");
  assert_filled ("lenet", "{parameters linear}", "59,134"); /* 48,120 + 10,164 + 850 */
  assert_filled ("lenet", "{linear share parameters}", "96\u00a0%");
  assert_filled ("resnet18", "{parameters linear share}", "0.05\u00a0%"); /* 5,130 */
  assert_filled ("lenet", "{parameters @0}", "156");
  assert_filled ("lenet", "{alexnet parameters short}", "46.8\u00a0M");
  assert_filled ("nin", "{alexnet parameters times}", "23"); /* 46,764,746 ÷ 1,992,166 */
  assert_filled ("lenet", "{input}, {classes}, {rate}, {epochs}, {batch}",
                 "1×28×28, 10, 0.9, 10, 256");
  assert_filled ("lenet-bn", "{parameters normalization}", "452"); /* 2 · (6 + 16 + 120 + 84) */
}

/* --- which file ------------------------------------------------------------------------------- */

static void
assert_first (const char *language, const char *model, const char *expected)
{
  const char *const languages[] = { language, "C", NULL };
  g_auto (GStrv) paths = lw_lesson_paths (languages, lw_model_find (model, NULL));

  g_assert_cmpstr (paths[0], ==, expected);
  /* English is the last resort. */
  g_assert_true (g_str_has_prefix (paths[g_strv_length (paths) - 1], "en/"));
  for (char **path = paths; *path != NULL; path++)
    g_assert_nonnull (lw_lesson_path_model (*path));
}

static void
test_paths (void)
{
  assert_first ("zh_CN.UTF-8", "alexnet", "zh_CN/alexnet.md");
  assert_first ("zh", "alexnet", "zh_CN/alexnet.md");
  assert_first ("zh_TW", "alexnet", "zh_CN/alexnet.md");
  assert_first ("en_GB.UTF-8", "nin", "en/nin.md");
  assert_first ("de_DE", "nin", "en/nin.md");
  assert_first ("z", "nin", "en/nin.md");
  g_assert_null (lw_lesson_path_model ("en/nothing.md"));
  g_assert_null (lw_lesson_path_model ("en/alexnet"));
  g_assert_cmpstr (lw_lesson_path_language ("zh_CN/nin.md"), ==, "zh-CN");
  g_assert_cmpstr (lw_lesson_path_language ("en/nin.md"), ==, "en");
  {
    /* Families share: LeNet + BN could read LeNet's. */
    const char *const languages[] = { "en", NULL };
    g_auto (GStrv) paths = lw_lesson_paths (languages, lw_model_find ("lenet-bn", NULL));

    g_assert_cmpstr (paths[0], ==, "en/lenet-bn.md");
    g_assert_cmpstr (paths[1], ==, "en/lenet.md");
  }
}

/* --- the files -------------------------------------------------------------------------------- */

static LwLesson *
read_lesson (const char *path)
{
  const char *folder = g_getenv ("LAYERWISE_LESSONS");
  g_autofree char *file = g_build_filename (folder, path, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  LwLesson *lesson;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return NULL;
  lesson = lw_lesson_parse (text, lw_lesson_path_model (path), &error);
  g_assert_no_error (error);
  return lesson;
}

/* English counts words, Chinese characters. */
static int
length_of (const char *text, bool chinese)
{
  g_autofree char *plain = lw_lesson_plain (text);
  int n = 0;

  if (!chinese) {
    g_auto (GStrv) words = g_strsplit (plain, " ", -1);

    return (int)g_strv_length (words);
  }
  for (const char *c = plain; *c != '\0'; c = g_utf8_next_char (c))
    n += g_unichar_get_script (g_utf8_get_char (c)) == G_UNICODE_SCRIPT_HAN;
  return n;
}

static void
assert_link_known (const char *text)
{
  const char *target = strstr (text, "](");

  if (target == NULL)
    return;
  target += 2;
  g_assert_true (g_str_has_prefix (target, "model:"));
  {
    g_autofree char *name = g_strndup (target + 6, strcspn (target + 6, ")"));

    g_assert_nonnull (lw_model_find (name, NULL));
  }
}

static void
check_lesson (const LwLesson *lesson, bool chinese)
{
  static const char *const sections[] = { "idea",   "paper",     "change",
                                          "result", "questions", "sources" };
  int next = 0, words = 0, questions = 0, sources = 0, titles = 0;

  for (int i = 0; i < lw_lesson_n_parts (lesson); i++) {
    const LwLessonPart *part = lw_lesson_part (lesson, i);
    g_autofree char *markup = lw_lesson_markup (part->text);
    g_autofree char *plain = lw_lesson_plain (part->text);

    titles += part->kind == LW_LESSON_TITLE;
    if (part->kind == LW_LESSON_HEADING) {
      g_assert_cmpint (next, <, G_N_ELEMENTS (sections));
      g_assert_cmpstr (part->section, ==, sections[next++]);
    }
    questions += part->kind == LW_LESSON_NUMBERED && g_str_equal (part->section, "questions");
    sources += part->kind == LW_LESSON_BULLET && g_str_equal (part->section, "sources");
    if (!g_str_equal (part->section, "sources"))
      words += length_of (part->text, chinese);
    g_assert_null (strpbrk (plain, "{}*`"));
    assert_link_known (part->text);
  }
  g_assert_cmpint (titles, ==, 1);
  g_assert_cmpint (next, ==, G_N_ELEMENTS (sections));
  g_assert_cmpint (questions, ==, 3);
  g_assert_cmpint (sources, >=, 2);
  g_assert_cmpint (words, >=, chinese ? 250 : 150);
  g_assert_cmpint (words, <=, chinese ? 500 : 300);
  g_assert_nonnull (lw_lesson_lead (lesson, "idea"));
}

/* What a member of a family that has no file of its own falls back on is checked with it. */
static void
test_files (void)
{
  static const char *const languages[] = { "en", "zh_CN" };

  for (guint l = 0; l < G_N_ELEMENTS (languages); l++)
    for (int32_t m = 0; m < lw_n_models (); m++) {
      const char *const wanted[] = { languages[l], NULL };
      g_auto (GStrv) paths = lw_lesson_paths (wanted, lw_model (m));
      g_autoptr (LwLesson) lesson = NULL;

      for (char **path = paths; lesson == NULL && *path != NULL; path++)
        if (g_str_has_prefix (*path, languages[l]))
          lesson = read_lesson (*path);
      if (lesson == NULL)
        g_error ("%s has no lesson in %s", lw_model (m)->name, languages[l]);
      check_lesson (lesson, l == 1);
    }
}

/* The book's networks have a file of their own in both languages. */
static void
test_own_files (void)
{
  static const char *const names[] = { "lenet", "lenet-bn",  "alexnet",  "vgg11",   "vgg11-small",
                                       "nin",   "googlenet", "resnet18", "densenet" };
  static const char *const languages[] = { "en", "zh_CN" };

  for (guint l = 0; l < G_N_ELEMENTS (languages); l++)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
      g_autofree char *path = g_strdup_printf ("%s/%s.md", languages[l], names[i]);
      g_autoptr (LwLesson) lesson = read_lesson (path);

      g_assert_nonnull (lesson);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lessons/format", test_format);
  g_test_add_func ("/lessons/marks", test_marks);
  g_test_add_func ("/lessons/wrong", test_wrong);
  g_test_add_func ("/lessons/placeholders", test_placeholders);
  g_test_add_func ("/lessons/paths", test_paths);
  g_test_add_func ("/lessons/files", test_files);
  g_test_add_func ("/lessons/own-files", test_own_files);
  return g_test_run ();
}
