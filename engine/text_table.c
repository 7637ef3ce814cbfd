#include "engine/text_table.h"

#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/i18n.h"

#include <string.h>

typedef enum { EMPTY, TEXT, NUMBER, SHARE } CellKind;

typedef struct {
  CellKind kind;
  char *text;
  int64_t number;
  double share;
} Cell;

typedef struct {
  LwTextRole role;
  int level;
  GArray *cells;
} Row;

struct LwTextTable {
  char *alignment;
  GPtrArray *rows;
};

/* --- names ----------------------------------------------------------------------------------- */

static const struct {
  const char *name, *title;
} forms[LW_N_TEXT_FORMS] = {
  [LW_TEXT_MARKDOWN] = { "markdown", "Markdown" },
  [LW_TEXT_CSV] = { "csv", "CSV" },
  [LW_TEXT_LATEX] = { "latex", "LaTeX" },
};

const char *
lw_text_form_name (LwTextForm form)
{
  return forms[form].name;
}

const char *
lw_text_form_title (LwTextForm form)
{
  return forms[form].title;
}

bool
lw_text_form_parse (const char *name, LwTextForm *ret_form, GError **error)
{
  const char *names[LW_N_TEXT_FORMS + 1] = { NULL }, *nearest;

  for (int i = 0; i < LW_N_TEXT_FORMS; i++) {
    names[i] = forms[i].name;
    if (g_str_equal (name, forms[i].name)) {
      *ret_form = (LwTextForm)i;
      return true;
    }
  }
  nearest = lw_nearest_name (name, names);
  if (nearest != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown form of a table \"%s\"; did you mean %s?"), name, nearest);
  else
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("unknown form of a table \"%s\"; use markdown, csv or latex"), name);
  return false;
}

/* --- filling --------------------------------------------------------------------------------- */

static void
clear_cell (gpointer cell)
{
  g_free (((Cell *)cell)->text);
}

static void
free_row (gpointer data)
{
  Row *row = data;

  g_array_unref (row->cells);
  g_free (row);
}

LwTextTable *
lw_text_table_new (const char *alignment)
{
  LwTextTable *table = g_new0 (LwTextTable, 1);

  table->alignment = g_strdup (alignment);
  table->rows = g_ptr_array_new_with_free_func (free_row);
  return table;
}

void
lw_text_table_free (LwTextTable *table)
{
  if (table == NULL)
    return;
  g_free (table->alignment);
  g_ptr_array_unref (table->rows);
  g_free (table);
}

void
lw_text_table_row (LwTextTable *table, LwTextRole role, int level)
{
  Row *row = g_new0 (Row, 1);

  row->role = role;
  row->level = MAX (level, 0);
  row->cells = g_array_new (FALSE, TRUE, sizeof (Cell));
  g_array_set_clear_func (row->cells, clear_cell);
  g_ptr_array_add (table->rows, row);
}

static void
add_cell (LwTextTable *table, Cell cell)
{
  Row *row;

  if (table->rows->len == 0)
    lw_text_table_row (table, LW_ROW_HEAD, 0);
  row = g_ptr_array_index (table->rows, table->rows->len - 1);
  g_array_append_val (row->cells, cell);
}

void
lw_text_table_text (LwTextTable *table, const char *text)
{
  add_cell (table, (Cell){ .kind = text != NULL ? TEXT : EMPTY, .text = g_strdup (text) });
}

void
lw_text_table_take (LwTextTable *table, char *text)
{
  add_cell (table, (Cell){ .kind = text != NULL ? TEXT : EMPTY, .text = text });
}

void
lw_text_table_number (LwTextTable *table, int64_t number)
{
  add_cell (table, (Cell){ .kind = NUMBER, .number = number });
}

void
lw_text_table_share (LwTextTable *table, int64_t part, int64_t whole)
{
  add_cell (table, (Cell){ .kind = SHARE, .share = whole != 0 ? (double)part / (double)whole : 0 });
}

/* --- cells as people read them --------------------------------------------------------------- */

/* "61,706", "12.3 %" before any escaping. */
static char *
plain_cell (const Cell *cell)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  switch (cell->kind) {
  case TEXT:
    return g_strdup (cell->text);
  case NUMBER:
    return lw_format_exact (cell->number);
  case SHARE:
    if (cell->share > 0 && cell->share < 0.0005)
      return g_strdup ("< 0.1 %");
    g_ascii_formatd (digits, sizeof digits, "%.1f", 100 * cell->share);
    return g_strdup_printf ("%s %%", digits);
  case EMPTY:
    break;
  }
  return g_strdup ("");
}

static const Cell *
cell_at (const Row *row, gsize column)
{
  static const Cell nothing = { .kind = EMPTY };

  return column < row->cells->len ? &g_array_index (row->cells, Cell, column) : &nothing;
}

static gsize
n_columns (const LwTextTable *table)
{
  return strlen (table->alignment);
}

/* --- Markdown -------------------------------------------------------------------------------- */

static bool
is_word (char c)
{
  return g_ascii_isalnum (c) || (guchar)c >= 0x80;
}

/* GitHub Flavored Markdown, sections 2.4, 4.10: a backslash before what would be markup. An
 * underscore within a word ("p3_2") is none (6.2). Line breaks would end the row. */
static void
append_markdown (GString *out, const char *text)
{
  for (const char *c = text; *c != '\0'; c++) {
    const bool inside = *c == '_' && c > text && is_word (c[-1]) && is_word (c[1]);

    if (*c == '\n' || *c == '\r' || *c == '\t') {
      g_string_append_c (out, ' ');
      continue;
    }
    if (strchr ("\\`*_[]<>&|~", *c) != NULL && !inside)
      g_string_append_c (out, '\\');
    g_string_append_c (out, *c);
  }
}

static void
write_markdown_row (GString *out, const LwTextTable *table, const Row *row)
{
  for (gsize i = 0; i < n_columns (table); i++) {
    g_autofree char *text = plain_cell (cell_at (row, i));
    const bool strong = row->role == LW_ROW_TOTAL && *text != '\0';
    const bool weak = row->role == LW_ROW_NOTE && *text != '\0';

    g_string_append (out, i == 0 ? "| " : " | ");
    /* Readers drop spaces at a cell's start, but not em spaces. */
    for (int level = 0; i == 0 && level < row->level; level++)
      g_string_append (out, "\u2003");
    g_string_append (out, strong ? "**" : weak ? "*" : "");
    append_markdown (out, text);
    g_string_append (out, strong ? "**" : weak ? "*" : "");
  }
  g_string_append (out, " |\n");
}

static void
write_markdown (GString *out, const LwTextTable *table)
{
  for (guint r = 0; r < table->rows->len; r++) {
    write_markdown_row (out, table, g_ptr_array_index (table->rows, r));
    if (r > 0)
      continue;
    for (gsize i = 0; i < n_columns (table); i++)
      g_string_append (out, table->alignment[i] == 'r' ? "|---:" : "|---");
    g_string_append (out, "|\n");
  }
}

/* --- CSV -------------------------------------------------------------------------------------- */

/* RFC 4180: quoted where it holds a comma, a quote or a line's end; quotes are doubled. */
static void
append_csv (GString *out, const char *text)
{
  if (strpbrk (text, ",\"\r\n") == NULL) {
    g_string_append (out, text);
    return;
  }
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    g_string_append_len (out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
  g_string_append_c (out, '"');
}

static void
write_csv_row (GString *out, const LwTextTable *table, const Row *row, bool levels)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (levels && row->role == LW_ROW_HEAD)
    g_string_append (out, "level,");
  else if (levels && row->role == LW_ROW_BODY)
    g_string_append_printf (out, "%d,", row->level);
  else if (levels)
    g_string_append_c (out, ',');
  for (gsize i = 0; i < n_columns (table); i++) {
    const Cell *cell = cell_at (row, i);

    if (i > 0)
      g_string_append_c (out, ',');
    if (cell->kind == TEXT)
      append_csv (out, cell->text);
    else if (cell->kind == NUMBER)
      g_string_append_printf (out, "%" G_GINT64_FORMAT, cell->number);
    else if (cell->kind == SHARE)
      g_string_append (out, g_ascii_formatd (digits, sizeof digits, "%.6f", cell->share));
  }
  g_string_append (out, "\r\n");
}

static void
write_csv (GString *out, const LwTextTable *table)
{
  bool levels = false;

  for (guint r = 0; r < table->rows->len; r++)
    levels |= ((const Row *)g_ptr_array_index (table->rows, r))->level > 0;
  for (guint r = 0; r < table->rows->len; r++)
    write_csv_row (out, table, g_ptr_array_index (table->rows, r), levels);
}

/* --- LaTeX ------------------------------------------------------------------------------------ */

/* What TeX would take for a command, and signs that its usual fonts lack. */
static const struct {
  const char *sign, *tex;
} tex_signs[] = {
  { "\\", "\\textbackslash{}" },
  { "{", "\\{" },
  { "}", "\\}" },
  { "$", "\\$" },
  { "&", "\\&" },
  { "#", "\\#" },
  { "%", "\\%" },
  { "_", "\\_" },
  { "^", "\\textasciicircum{}" },
  { "~", "\\textasciitilde{}" },
  { "<", "$<$" },
  { ">", "$>$" },
  { "|", "$|$" },
  { "\"", "\\textquotedbl{}" },
  { "\n", " " },
  { "\r", " " },
  { "\t", " " },
  { "×", "$\\times$" },
  { "÷", "$\\div$" },
  { "·", "$\\cdot$" },
  { "−", "$-$" },
  { "–", "--" },
  { "›", "$\\triangleright$" },
  { "\u00a0", "~" },
};

static void
append_latex (GString *out, const char *text)
{
  while (*text != '\0') {
    gsize length = 0;

    for (guint i = 0; i < G_N_ELEMENTS (tex_signs) && length == 0; i++)
      if (g_str_has_prefix (text, tex_signs[i].sign)) {
        g_string_append (out, tex_signs[i].tex);
        length = strlen (tex_signs[i].sign);
      }
    if (length == 0) {
      g_string_append_c (out, *text);
      length = 1;
    }
    text += length;
  }
}

static void
write_latex_row (GString *out, const LwTextTable *table, const Row *row)
{
  if (row->role == LW_ROW_NOTE) {
    g_autofree char *text = plain_cell (cell_at (row, 0));

    g_string_append_printf (out, "\\multicolumn{%d}{l}{\\footnotesize ", (int)n_columns (table));
    append_latex (out, text);
    g_string_append (out, "} \\\\\n");
    return;
  }
  for (gsize i = 0; i < n_columns (table); i++) {
    g_autofree char *text = plain_cell (cell_at (row, i));
    const bool strong = row->role == LW_ROW_TOTAL && *text != '\0';

    g_string_append (out, i > 0 ? " & " : "");
    for (int level = 0; i == 0 && level < row->level; level++)
      g_string_append (out, "\\quad ");
    g_string_append (out, strong ? "\\textbf{" : "");
    /* A bracket or star at a row's start would be read as the argument of the "\\" before it. */
    g_string_append (out, i == 0 && (*text == '[' || *text == '*') ? "{}" : "");
    append_latex (out, text);
    g_string_append (out, strong ? "}" : "");
  }
  g_string_append (out, " \\\\\n");
}

static void
write_latex (GString *out, const LwTextTable *table)
{
  g_string_append_printf (out, "%% \\usepackage{booktabs}\n\\begin{tabular}{%s}\n\\toprule\n",
                          table->alignment);
  for (guint r = 0; r < table->rows->len; r++) {
    const Row *row = g_ptr_array_index (table->rows, r);

    if (row->role == LW_ROW_TOTAL)
      g_string_append (out, "\\midrule\n");
    write_latex_row (out, table, row);
    if (row->role == LW_ROW_HEAD)
      g_string_append (out, "\\midrule\n");
  }
  g_string_append (out, "\\bottomrule\n\\end{tabular}\n");
}

char *
lw_text_table_write (const LwTextTable *table, LwTextForm form)
{
  GString *out = g_string_new (NULL);

  switch (form) {
  case LW_TEXT_CSV:
    write_csv (out, table);
    break;
  case LW_TEXT_LATEX:
    write_latex (out, table);
    break;
  default:
    write_markdown (out, table);
    break;
  }
  return g_string_free (out, FALSE);
}
