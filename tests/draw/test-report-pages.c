/* Pages of a report: a heading stands on the page of what it introduces. Needs pdftotext. */
#include "ui/report/document.h"

#include <string.h>

#define ROWS 12 /* so few are never broken */

/* As many lines, then a heading and a table. g_free. */
static char *
make_text (int lines)
{
  g_autoptr (LwReportDocument) document = lw_report_document_new ("Pages", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GSubprocess) reader = NULL;
  g_autoptr (GError) error = NULL;
  LwReportBlock *table;
  char *text = NULL;

  for (int i = 0; i < lines; i++)
    lw_report_add_text (document, g_strdup ("A line."));
  lw_report_add_heading (document, 2, "The heading");
  table = lw_report_add_table (document, 1, 1, NULL);
  lw_report_set_cell (table, lw_report_new_row (table), 0, LW_REPORT_PLAIN, g_strdup ("The head"));
  for (int row = 1; row < ROWS; row++)
    lw_report_set_cell (table, lw_report_new_row (table), 0, LW_REPORT_PLAIN, g_strdup ("a row"));
  bytes = lw_report_to_pdf (document, NULL, NULL, &error);
  g_assert_no_error (error);
  reader = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                             "pdftotext", "-layout", "-", "-", NULL);
  g_assert_no_error (error);
  {
    g_autoptr (GBytes) output = NULL;

    g_subprocess_communicate (reader, bytes, NULL, &output, NULL, &error);
    g_assert_no_error (error);
    text = g_strndup (g_bytes_get_data (output, NULL), g_bytes_get_size (output));
  }
  return text;
}

/* Which page has the words: pages end with form feeds. −1: none. */
static int
page_of (const char *text, const char *words)
{
  const char *found = strstr (text, words);
  int page = 1;

  if (found == NULL)
    return -1;
  for (; text < found; text++)
    page += *text == '\f';
  return page;
}

static void
test_heading_and_table (void)
{
  g_autofree char *program = g_find_program_in_path ("pdftotext");
  int first = 0, second = 0;

  if (program == NULL) {
    g_test_skip ("pdftotext is not installed (poppler-utils)");
    return;
  }
  for (int lines = 16; lines <= 44; lines++) {
    g_autofree char *text = make_text (lines);
    const int page = page_of (text, "The heading");

    g_assert_cmpint (page, >, 0);
    g_assert_cmpint (page_of (text, "The head\n"), ==, page);
    first += page == 1;
    second += page == 2;
  }
  g_assert_cmpint (first, >, 0);
  g_assert_cmpint (second, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-pages/heading-and-table", test_heading_and_table);
  return g_test_run ();
}
