/* LwTable: rows of text in aligned columns for a terminal. Widths count what a terminal shows:
 * wide characters twice, combining ones not at all. One thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct LwTable LwTable;

/* `alignment`: one letter a column, 'l' or 'r'. */
LwTable *lw_table_new (const char *alignment);
void lw_table_free (LwTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTable, lw_table_free)

/* Sets the next cell of the current row; a full row begins a new one. Text is copied. */
void lw_table_cell (LwTable *table, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The cell takes the string over; NULL is an empty cell. */
void lw_table_take (LwTable *table, char *text);
/* A line of its own across all columns; ends the current row. */
void lw_table_line (LwTable *table, const char *text);
void lw_table_print (const LwTable *table, int indent); /* to standard output */

/* Columns that UTF-8 text takes in a terminal. */
int lw_terminal_width (const char *text);

G_END_DECLS
