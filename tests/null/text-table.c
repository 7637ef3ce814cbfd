/* A table as Markdown, CSV and LaTeX: whole texts, and names that look like markup. */
#include "engine/error.h"
#include "engine/text_table.h"

/* Two levels, a note, a total: what the cost table copies. */
static LwTextTable *
small_table (void)
{
  LwTextTable *table = lw_text_table_new ("llrr");

  lw_text_table_row (table, LW_ROW_HEAD, 0);
  lw_text_table_text (table, "Layer");
  lw_text_table_text (table, "Output");
  lw_text_table_text (table, "Parameters");
  lw_text_table_text (table, "share");
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_text (table, "Stage 1");
  lw_text_table_text (table, "6×28×28");
  lw_text_table_number (table, 61706);
  lw_text_table_share (table, 61706, 61706);
  lw_text_table_row (table, LW_ROW_BODY, 1);
  lw_text_table_text (table, "p1_1");
  lw_text_table_text (table, "10");
  lw_text_table_number (table, 16);
  lw_text_table_share (table, 16, 61706);
  lw_text_table_row (table, LW_ROW_NOTE, 0);
  lw_text_table_text (table, "2 layers are hidden");
  lw_text_table_row (table, LW_ROW_TOTAL, 0);
  lw_text_table_text (table, "Total");
  lw_text_table_text (table, NULL);
  lw_text_table_number (table, 61706);
  return table;
}

static void
test_markdown (void)
{
  g_autoptr (LwTextTable) table = small_table ();
  g_autofree char *text = lw_text_table_write (table, LW_TEXT_MARKDOWN);

  g_assert_cmpstr (text, ==,
                   "| Layer | Output | Parameters | share |\n"
                   "|---|---|---:|---:|\n"
                   "| Stage 1 | 6×28×28 | 61,706 | 100.0 % |\n"
                   "| \u2003p1_1 | 10 | 16 | \\< 0.1 % |\n"
                   "| *2 layers are hidden* |  |  |  |\n"
                   "| **Total** |  | **61,706** |  |\n");
}

static void
test_csv (void)
{
  g_autoptr (LwTextTable) table = small_table ();
  g_autofree char *text = lw_text_table_write (table, LW_TEXT_CSV);

  g_assert_cmpstr (text, ==,
                   "level,Layer,Output,Parameters,share\r\n"
                   "0,Stage 1,6×28×28,61706,1.000000\r\n"
                   "1,p1_1,10,16,0.000259\r\n"
                   ",2 layers are hidden,,,\r\n"
                   ",Total,,61706,\r\n");
}

static void
test_latex (void)
{
  g_autoptr (LwTextTable) table = small_table ();
  g_autofree char *text = lw_text_table_write (table, LW_TEXT_LATEX);

  g_assert_cmpstr (text, ==,
                   "% \\usepackage{booktabs}\n"
                   "\\begin{tabular}{llrr}\n"
                   "\\toprule\n"
                   "Layer & Output & Parameters & share \\\\\n"
                   "\\midrule\n"
                   "Stage 1 & 6$\\times$28$\\times$28 & 61,706 & 100.0 \\% \\\\\n"
                   "\\quad p1\\_1 & 10 & 16 & $<$ 0.1 \\% \\\\\n"
                   "\\multicolumn{4}{l}{\\footnotesize 2 layers are hidden} \\\\\n"
                   "\\midrule\n"
                   "\\textbf{Total} &  & \\textbf{61,706} &  \\\\\n"
                   "\\bottomrule\n"
                   "\\end{tabular}\n");
}

/* One cell, without what stands around it. */
static char *
cell (const char *text, LwTextForm form)
{
  g_autoptr (LwTextTable) table = lw_text_table_new ("l");
  g_autofree char *whole = NULL;
  g_auto (GStrv) lines = NULL;

  lw_text_table_row (table, LW_ROW_HEAD, 0);
  lw_text_table_text (table, "head");
  lw_text_table_row (table, LW_ROW_BODY, 0);
  lw_text_table_text (table, text);
  whole = lw_text_table_write (table, form);
  if (form == LW_TEXT_CSV)
    return g_strdup (g_strchomp (whole) + strlen ("head\r\n"));
  lines = g_strsplit (whole, "\n", -1);
  return g_strdup (lines[form == LW_TEXT_MARKDOWN ? 2 : 5]);
}

static const struct {
  const char *name, *markdown, *csv, *latex;
} hostile[] = {
  { "a|b", "| a\\|b |", "a|b", "a$|$b \\\\" },
  { "*bold* _x_", "| \\*bold\\* \\_x\\_ |", "*bold* _x_", "{}*bold* \\_x\\_ \\\\" },
  { "<b>&amp;", "| \\<b\\>\\&amp; |", "<b>&amp;", "$<$b$>$\\&amp; \\\\" },
  { "back\\slash`", "| back\\\\slash\\` |", "back\\slash`", "back\\textbackslash{}slash` \\\\" },
  { "two\nlines", "| two lines |", "\"two\nlines\"", "two lines \\\\" },
  { "say \"x\", y", "| say \"x\", y |", "\"say \"\"x\"\", y\"",
    "say \\textquotedbl{}x\\textquotedbl{}, y \\\\" },
  { "50 % of {x} $1 #2 ^~", "| 50 % of {x} $1 #2 ^\\~ |", "50 % of {x} $1 #2 ^~",
    "50 \\% of \\{x\\} \\$1 \\#2 \\textasciicircum{}\\textasciitilde{} \\\\" },
  { "[3] 卷积", "| \\[3\\] 卷积 |", "[3] 卷积", "{}[3] 卷积 \\\\" },
};

static void
test_hostile (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *markdown = cell (hostile[i].name, LW_TEXT_MARKDOWN);
    g_autofree char *csv = cell (hostile[i].name, LW_TEXT_CSV);
    g_autofree char *latex = cell (hostile[i].name, LW_TEXT_LATEX);

    g_assert_cmpstr (markdown, ==, hostile[i].markdown);
    g_assert_cmpstr (csv, ==, hostile[i].csv);
    g_assert_cmpstr (latex, ==, hostile[i].latex);
  }
}

static void
test_forms (void)
{
  for (int i = 0; i < LW_N_TEXT_FORMS; i++) {
    g_autoptr (GError) error = NULL;
    LwTextForm form = LW_N_TEXT_FORMS;

    g_assert_true (lw_text_form_parse (lw_text_form_name ((LwTextForm)i), &form, &error));
    g_assert_no_error (error);
    g_assert_cmpint (form, ==, i);
  }
  {
    g_autoptr (GError) error = NULL;
    LwTextForm form;

    g_assert_false (lw_text_form_parse ("html", &form, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_UNKNOWN);
    g_assert_nonnull (strstr (error->message, "markdown"));
    g_clear_error (&error);
    g_assert_false (lw_text_form_parse ("latx", &form, &error));
    g_assert_cmpstr (error->message, ==, "unknown form of a table \"latx\"; did you mean latex?");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-table/markdown", test_markdown);
  g_test_add_func ("/text-table/csv", test_csv);
  g_test_add_func ("/text-table/latex", test_latex);
  g_test_add_func ("/text-table/hostile", test_hostile);
  g_test_add_func ("/text-table/forms", test_forms);
  return g_test_run ();
}
