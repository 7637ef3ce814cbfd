/* LwTextTable: a table as text that other programs take: Markdown (a pipe table, as GitHub has it),
 * CSV (RFC 4180) and LaTeX (booktabs). The same cells give all three: people's forms write "61,706"
 * and "12.3 %", CSV writes 61706 and 0.123 so that a program can calculate with them.
 *
 * Rows may be indented below one another (blocks and their layers); CSV says that in a first column
 * "level". Text of any kind may stand in a cell: each form escapes what it would take for markup.
 * One thread; strings are copied. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef enum { LW_TEXT_MARKDOWN, LW_TEXT_CSV, LW_TEXT_LATEX, LW_N_TEXT_FORMS } LwTextForm;

/* "markdown", "csv", "latex": as --table takes them. */
const char *lw_text_form_name (LwTextForm form);
/* "Markdown", "CSV", "LaTeX": names of their own, not translated. */
const char *lw_text_form_title (LwTextForm form);
/* Fails with LW_ERROR_UNKNOWN and the nearest name, or all three. */
bool lw_text_form_parse (const char *name, LwTextForm *ret_form, GError **error);

typedef enum {
  LW_ROW_HEAD, /* the first row */
  LW_ROW_BODY,
  LW_ROW_NOTE,  /* one text over all columns: "18 layers are hidden" */
  LW_ROW_TOTAL, /* set off from the rows above */
} LwTextRole;

typedef struct LwTextTable LwTextTable;

/* `alignment`: a letter a column, 'l' or 'r'. */
LwTextTable *lw_text_table_new (const char *alignment);
void lw_text_table_free (LwTextTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTextTable, lw_text_table_free)

/* Begins a row; the cells that follow are its. `level`: how deep its first cell is indented. */
void lw_text_table_row (LwTextTable *table, LwTextRole role, int level);
void lw_text_table_text (LwTextTable *table, const char *text); /* NULL: an empty cell */
void lw_text_table_take (LwTextTable *table, char *text); /* the same; takes the string over */
void lw_text_table_number (LwTextTable *table, int64_t number);
/* part ÷ whole; nothing of nothing is 0. */
void lw_text_table_share (LwTextTable *table, int64_t part, int64_t whole);

/* The table, with a newline at its end; g_free. Cells that a row lacks are empty. */
char *lw_text_table_write (const LwTextTable *table, LwTextForm form);

G_END_DECLS
