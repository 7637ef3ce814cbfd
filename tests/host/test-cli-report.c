/* export --what report: the page and the pages of a run, read as a student's browser and a script
 * would read them; the commands in it are run. */
#include "tests/host/cli-quick.h"

#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>

static char *root, *shared_run;

#define SETTINGS                                                                                   \
  "--learning-rate", "0.3", "--seed", "7", "--set", "pooling=max", "--momentum", "0.5"

static void
make_shared_run (void)
{
  g_autoptr (LwResult) result = NULL;

  root = lw_make_folder ();
  shared_run = g_build_filename (root, "shared", NULL);
  result = lw_program ("train", QUICK, SETTINGS, "--epochs", "2", "--output", shared_run, NULL);
  lw_assert_status (result, 0);
}

static char *
read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* What a parser for XML makes of the page: words alone, and whether elements are as they must be.
 */
typedef struct {
  GString *words;
  GHashTable *ids;
  int images, drawings, headings;
} Page;

static void
start (GMarkupParseContext *context, const char *element, const char **names, const char **values,
       gpointer data, GError **error)
{
  Page *page = data;
  bool named = false, has_source = false;

  (void)context, (void)error;
  g_assert_cmpstr (element, !=, "script");
  g_assert_cmpstr (element, !=, "link");
  g_assert_cmpstr (element, !=, "iframe");
  for (int i = 0; names[i] != NULL; i++) {
    g_assert_false (g_str_has_prefix (names[i], "on"));
    if (g_str_equal (names[i], "id"))
      g_assert_true (g_hash_table_add (page->ids, g_strdup (values[i])));
    /* Nothing is loaded but what the page holds. */
    if (g_str_equal (names[i], "src") || g_str_has_suffix (names[i], "href"))
      g_assert_true (values[i][0] == '#' || g_str_has_prefix (values[i], "data:image/png;base64,"));
    has_source = has_source || g_str_equal (names[i], "src");
    named = named || ((g_str_equal (names[i], "alt") || g_str_equal (names[i], "aria-label")) &&
                      values[i][0] != '\0');
    if (g_str_equal (element, "html") && g_str_equal (names[i], "lang"))
      g_assert_cmpstr (values[i], ==, "en");
  }
  page->images += g_str_equal (element, "img");
  page->drawings += g_str_equal (element, "svg");
  page->headings += g_str_equal (element, "h2") || g_str_equal (element, "h3");
  if (g_str_equal (element, "img") || g_str_equal (element, "svg"))
    g_assert_true (named);
  if (g_str_equal (element, "img"))
    g_assert_true (has_source);
}

static void
text (GMarkupParseContext *context, const char *words, gsize length, gpointer data, GError **error)
{
  (void)context, (void)error;
  g_string_append_len (((Page *)data)->words, words, (gssize)length);
  g_string_append_c (((Page *)data)->words, '\n');
}

static Page
parse (const char *html)
{
  static const GMarkupParser parser = { .start_element = start, .text = text };
  Page page = { g_string_new (NULL), g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                0, 0, 0 };
  GMarkupParseContext *context = g_markup_parse_context_new (&parser, 0, &page, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_str_has_prefix (html, "<!DOCTYPE html>\n"));
  g_markup_parse_context_parse (context, html, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  g_markup_parse_context_free (context);
  g_assert_null (strstr (html, "http:"));
  g_assert_null (strstr (html, "https:"));
  return page;
}

static void
clear (Page *page)
{
  g_string_free (page->words, TRUE);
  g_hash_table_unref (page->ids);
}

static char *
make_html (const char *run, const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autoptr (LwResult) result = lw_program ("export", run, "--output", path, NULL);

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->out, ==, "");
  return read_file (path);
}

/* --- the page ----------------------------------------------------------------------------------
 */

/* The numbers of metrics.csv are in it: test loss and accuracy of each epoch. */
static void
assert_epochs (const char *run, const char *words)
{
  g_autofree char *path = g_build_filename (run, "metrics.csv", NULL), *csv = read_file (path);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  int epochs = 0;

  for (int i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i], ",", -1);

    if (cells[0] == NULL || !g_str_equal (cells[0], "epoch"))
      continue;
    epochs++;
    for (int column = 4; column <= 7; column++) {
      g_autofree char *number = g_strdup_printf ("\n%.4f\n", g_ascii_strtod (cells[column], NULL));

      lw_assert_contains (words, number);
    }
  }
  g_assert_cmpint (epochs, ==, 2);
}

static void
test_page (void)
{
  g_autofree char *html = make_html (shared_run, "report.html");
  Page page = parse (html);

  assert_epochs (shared_run, page.words->str);
  /* Diagram, curves, matrix, batch normalization; maps of two layers. */
  g_assert_cmpint (page.drawings, ==, 4);
  g_assert_cmpint (page.images, ==, 2);
  g_assert_cmpint (page.headings, ==, 8);
  lw_assert_contains (page.words->str, "\nConfusion matrix\n");
  lw_assert_contains (page.words->str, "of 100 test images right: accuracy 0.");
  lw_assert_contains (page.words->str, "\ntriangle\n");
  /* The pictures' words are text. */
  lw_assert_contains (page.words->str, "\npredicted\n");
  lw_assert_contains (page.words->str, "\nlearning-rate\n");
  clear (&page);
}

/* The accuracy of the matrix's checkpoint is the best one that the run says. */
static void
test_accuracy (void)
{
  g_autofree char *html = make_html (shared_run, "report.html");
  g_autofree char *path = g_build_filename (shared_run, "run.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *sentence = NULL;
  JsonObject *run;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  run = json_node_get_object (json_parser_get_root (parser));
  sentence = g_strdup_printf ("right: accuracy %.4f.", number (run, "best_test_accuracy"));
  lw_assert_contains (html, sentence);
}

/* What the run kept of its tests says it without a checkpoint; else the checkpoint is asked and
 * says the same. */
static void
test_matrix (void)
{
  g_autofree char *kept = g_build_filename (shared_run, "predictions.safetensors", NULL);
  g_autofree char *no_kept = g_strconcat (kept, ".away", NULL);
  g_autofree char *checkpoints = g_build_filename (shared_run, "checkpoints", NULL);
  g_autofree char *no_checkpoints = g_strconcat (checkpoints, ".away", NULL);
  g_autofree char *html = make_html (shared_run, "both.html"), *recalled = NULL, *asked = NULL;
  g_autofree char *neither = NULL, *sentence = NULL;
  const char *begin = strstr (html, "Confusion matrix: "), *end;

  g_assert_nonnull (begin);
  end = strchr (begin, '"');
  g_assert_nonnull (end);
  sentence = g_strndup (begin, (gsize)(end - begin));
  g_assert_cmpint (g_rename (checkpoints, no_checkpoints), ==, 0);
  recalled = make_html (shared_run, "recalled.html");
  g_assert_cmpint (g_rename (kept, no_kept), ==, 0);
  neither = make_html (shared_run, "neither.html");
  g_assert_cmpint (g_rename (no_checkpoints, checkpoints), ==, 0);
  asked = make_html (shared_run, "asked.html");
  g_assert_cmpint (g_rename (no_kept, kept), ==, 0);
  lw_assert_contains (recalled, sentence);
  lw_assert_contains (asked, sentence);
  g_assert_null (strstr (neither, "Confusion matrix: "));
  lw_assert_contains (neither, "It is left out: ");
}

/* --- the commands ------------------------------------------------------------------------------
 */

static char *
losses (const char *run)
{
  g_autofree char *path = g_build_filename (run, "metrics.csv", NULL), *csv = read_file (path);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  GString *all = g_string_new (NULL);

  for (int i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i], ",", -1);

    if (g_strv_length (cells) > 5 && g_str_equal (cells[0], "step"))
      g_string_append_printf (all, "%s %s\n", cells[1], cells[4]);
  }
  return g_string_free (all, FALSE);
}

/* The lines from the one that begins so to the end of the element, run by a shell with the program
 * in the place of its name, in `folder`. */
static void
run_commands (const char *html, const char *beginning, const char *folder)
{
  g_autofree char *opening = g_strdup_printf ("<pre><code>%s", beginning);
  const char *at = strstr (html, opening), *end;
  g_autofree char *commands = NULL, *script = NULL, *quoted = NULL;
  const char *arguments[] = { "sh", "-c", NULL, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_nonnull (at);
  at += strlen ("<pre><code>");
  end = strstr (at, "</code>");
  commands = g_strndup (at, (gsize)(end - at));
  quoted = g_shell_quote (g_getenv ("LAYERWISE_PROGRAM"));
  script = g_strdup_printf ("set -e\nlayerwise () { %s \"$@\" > /dev/null 2>&1; }\n%s\n", quoted,
                            commands);
  arguments[2] = script;
  g_spawn_sync (folder, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, lw_end_with_test, NULL, NULL,
                NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static void
test_commands (void)
{
  g_autofree char *html = make_html (shared_run, "report.html");
  g_autofree char *folder = g_build_filename (root, "elsewhere", NULL);
  g_autofree char *copy = g_build_filename (folder, "shared", NULL);
  g_autofree char *weights = g_build_filename (folder, "shared.safetensors", NULL);
  g_autofree char *report = g_build_filename (folder, "shared.html", NULL);
  g_autofree char *first = losses (shared_run), *second = NULL;

  g_assert_cmpint (g_mkdir (folder, 0777), ==, 0);
  run_commands (html, "layerwise train", folder);
  second = losses (copy);
  g_assert_cmpstr (first, !=, "");
  g_assert_cmpstr (first, ==, second);
  run_commands (html, "layerwise predict", folder);
  g_assert_true (g_file_test (weights, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_test (report, G_FILE_TEST_IS_REGULAR));
}

/* --- several runs, hostile names, what is missing ------------------------------------------------
 */

static void
test_hostile (void)
{
  static const char title[] =
      "</title><script>alert(1)</script>&amp; \"x\" 'y' \xff \x01 <img src=x>";
  g_autofree char *second = g_build_filename (root, "<b onclick=\"x\">&'run \xe4\xb8\xad", NULL);
  g_autofree char *path = g_build_filename (root, "hostile.html", NULL);
  g_autofree char *pdf = g_build_filename (root, "hostile.pdf", NULL);
  g_autoptr (LwResult) trained =
      lw_program ("train", QUICK, "--epochs", "1", "--output", second, NULL);
  g_autoptr (LwResult) made = NULL, made_pdf = NULL;
  g_autofree char *html = NULL;
  Page page;

  lw_assert_status (trained, 0);
  made = lw_program ("export", shared_run, second, "--what", "report", "--output", path, "--title",
                     title, "--author", "\"><script>", NULL);
  lw_assert_status (made, 0);
  html = read_file (path);
  g_assert_null (strstr (html, "<script"));
  g_assert_null (strstr (html, "<img src=x"));
  g_assert_null (strstr (html, "<b on"));
  page = parse (html);
  lw_assert_contains (page.words->str, "<b onclick=\"x\">&'run");
  lw_assert_contains (page.words->str, "\nAll runs\n");
  lw_assert_contains (page.words->str, "\nRun 2\n");
  clear (&page);
  made_pdf = lw_program ("export", shared_run, second, "--what", "report", "--output", pdf,
                         "--title", title, NULL);
  lw_assert_status (made_pdf, 0);
}

/* A run without checkpoints still has a report, which says what it lacks. */
static void
test_missing (void)
{
  g_autofree char *run = g_build_filename (root, "bare", NULL);
  g_autofree char *checkpoints = g_build_filename (run, "checkpoints", NULL);
  g_autoptr (LwResult) trained =
      lw_program ("train", QUICK, "--epochs", "1", "--output", run, NULL);
  g_autofree char *html = NULL;
  Page page;

  lw_assert_status (trained, 0);
  lw_remove_folder (g_strdup (checkpoints));
  html = make_html (run, "bare.html");
  page = parse (html);
  g_assert_cmpint (page.images, ==, 0);
  g_assert_cmpint (page.drawings, ==, 4); /* the matrix is what was kept of the tests */
  lw_assert_contains (page.words->str, "They are left out: ");
  clear (&page);
}

/* --- the pages ---------------------------------------------------------------------------------
 */

static int
count (const char *data, gsize length, const char *what)
{
  int n = 0;

  for (const char *at = data; (at = memmem (at, length - (gsize)(at - data), what, strlen (what)));
       at += strlen (what))
    n++;
  return n;
}

static void
test_pdf (void)
{
  g_autofree char *path = g_build_filename (root, "report.pdf", NULL);
  g_autoptr (LwResult) result =
      lw_program ("export", shared_run, "--what", "report", "--output", path, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize length;

  lw_assert_status (result, 0);
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (memcmp (data, "%PDF-", 5), ==, 0);
  /* An object a page; a font with its Unicode table, so that words can be found and copied. */
  g_assert_cmpint (count (data, length, "/Type /Page "), >=, 5);
  g_assert_cmpint (count (data, length, "/Type /Page "), <=, 8);
  g_assert_cmpint (count (data, length, "/ToUnicode"), >=, 2);
}

static void
test_usage (void)
{
  g_autofree char *path = g_build_filename (root, "wrong.html", NULL);
  g_autoptr (LwResult) format = lw_program ("export", shared_run, "--what", "report", "--format",
                                            "png", "--output", path, NULL);
  g_autoptr (LwResult) what =
      lw_program ("export", shared_run, "--what", "curves", "--output", path, NULL);
  g_autoptr (LwResult) several =
      lw_program ("export", shared_run, shared_run, "--format", "csv", "--output", path, NULL);
  g_autoptr (LwResult) none =
      lw_program ("export", root, "--what", "report", "--output", path, NULL);

  lw_assert_status (format, 2);
  lw_assert_contains (format->err, "html or pdf");
  lw_assert_status (what, 2);
  lw_assert_status (several, 2);
  lw_assert_contains (several->err, "too many");
  lw_assert_status (none, 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  int status;

#ifdef __SANITIZE_ADDRESS__
  /* Cairo 1.16 loses 768 bytes for each PDF with a Chinese font; see draw's export-words. */
  g_setenv ("ASAN_OPTIONS", "detect_leaks=0", TRUE);
#endif
  g_test_init (&argc, &argv, NULL);
  make_shared_run ();
  g_test_add_func ("/cli-report/page", test_page);
  g_test_add_func ("/cli-report/accuracy", test_accuracy);
  g_test_add_func ("/cli-report/matrix", test_matrix);
  g_test_add_func ("/cli-report/commands", test_commands);
  g_test_add_func ("/cli-report/hostile", test_hostile);
  g_test_add_func ("/cli-report/missing", test_missing);
  g_test_add_func ("/cli-report/pdf", test_pdf);
  g_test_add_func ("/cli-report/usage", test_usage);
  status = g_test_run ();
  if (root != NULL)
    lw_remove_folder (root);
  g_free (shared_run);
  return status;
}
