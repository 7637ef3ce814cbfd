#include "app/table.h"

#include "app/app.h"
#include <string.h>

#define GAP 2 /* blanks between columns */

struct LwTable {
  char *alignment;
  guint columns;
  GPtrArray *cells;  /* row by row */
  GHashTable *lines; /* index of the first cell of a row → the text of a whole line, as a cell */
};

int
lw_terminal_width (const char *text)
{
  int width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);

    if (g_unichar_iszerowidth (c))
      continue;
    width += g_unichar_iswide (c) ? 2 : 1;
  }
  return width;
}

LwTable *
lw_table_new (const char *alignment)
{
  LwTable *table = g_new0 (LwTable, 1);

  table->alignment = g_strdup (alignment);
  table->columns = (guint)strlen (alignment);
  table->cells = g_ptr_array_new_with_free_func (g_free);
  table->lines = g_hash_table_new (g_direct_hash, g_direct_equal);
  return table;
}

void
lw_table_free (LwTable *table)
{
  if (table == NULL)
    return;
  g_free (table->alignment);
  g_ptr_array_unref (table->cells);
  g_hash_table_unref (table->lines);
  g_free (table);
}

void
lw_table_take (LwTable *table, char *text)
{
  g_ptr_array_add (table->cells, text != NULL ? text : g_strdup (""));
}

void
lw_table_cell (LwTable *table, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  lw_table_take (table, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
lw_table_line (LwTable *table, const char *text)
{
  while (table->cells->len % table->columns != 0)
    lw_table_take (table, NULL);
  g_hash_table_add (table->lines, GUINT_TO_POINTER (table->cells->len));
  for (guint i = 0; i < table->columns; i++)
    lw_table_take (table, i == 0 ? g_strdup (text) : NULL);
}

void
lw_table_print (const LwTable *table, int indent)
{
  g_autofree int *widths = g_new0 (int, table->columns);
  const guint n = table->cells->len;

  for (guint i = 0; i < n; i++) {
    const guint column = i % table->columns;

    if (!g_hash_table_contains (table->lines, GUINT_TO_POINTER (i - column)))
      widths[column] = MAX (widths[column], lw_terminal_width (table->cells->pdata[i]));
  }
  for (guint row = 0; row < n; row += table->columns) {
    int owed = indent; /* blanks not yet printed, so that no line ends with any */

    if (g_hash_table_contains (table->lines, GUINT_TO_POINTER (row))) {
      lw_app_print ("%*s%s\n", indent, "", (char *)table->cells->pdata[row]);
      continue;
    }
    for (guint c = 0; c < table->columns && row + c < n; c++) {
      const char *text = table->cells->pdata[row + c];
      const int blanks = widths[c] - lw_terminal_width (text);

      if (table->alignment[c] == 'r')
        owed += blanks;
      if (*text != '\0') {
        lw_app_print ("%*s%s", owed, "", text);
        owed = 0;
      } else {
        owed += lw_terminal_width (text);
      }
      owed += GAP + (table->alignment[c] == 'l' ? blanks : 0);
    }
    lw_app_print ("\n");
  }
}
