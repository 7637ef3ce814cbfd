#include "ui/report/document.h"

#include <glib/gi18n.h>

static void
free_block (gpointer data)
{
  LwReportBlock *block = data;

  if (block->free != NULL)
    block->free (block->data);
  for (int i = 0; i < block->rows * block->columns; i++)
    g_free (block->cells[i]);
  g_free (block->cells);
  g_free (block->marks);
  g_free (block->text);
  g_free (block->description);
  g_free (block);
}

LwReportDocument *
lw_report_document_new (const char *title, const char *author)
{
  LwReportDocument *document = g_new0 (LwReportDocument, 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  document->title = g_strdup (title);
  document->author = author != NULL && *author != '\0' ? g_strdup (author) : NULL;
  document->date = g_date_time_format (now, "%Y-%m-%d %H:%M");
  document->program = g_strdup_printf (_ ("Made by Layerwise %s"), LW_VERSION);
  document->blocks = g_ptr_array_new_with_free_func (free_block);
  return document;
}

void
lw_report_document_free (LwReportDocument *document)
{
  if (document == NULL)
    return;
  g_ptr_array_unref (document->blocks);
  g_free (document->title);
  g_free (document->author);
  g_free (document->date);
  g_free (document->program);
  g_free (document);
}

static LwReportBlock *
add_block (LwReportDocument *document, LwReportKind kind, char *text)
{
  LwReportBlock *block = g_new0 (LwReportBlock, 1);

  block->kind = kind;
  block->text = text;
  g_ptr_array_add (document->blocks, block);
  return block;
}

void
lw_report_add_heading (LwReportDocument *document, int level, const char *text)
{
  add_block (document, LW_REPORT_HEADING, g_strdup (text))->level = level;
}

void
lw_report_add_text (LwReportDocument *document, char *text)
{
  add_block (document, LW_REPORT_TEXT, text);
}

void
lw_report_add_note (LwReportDocument *document, char *text)
{
  add_block (document, LW_REPORT_NOTE, text);
}

void
lw_report_add_code (LwReportDocument *document, char *text)
{
  add_block (document, LW_REPORT_CODE, text);
}

LwReportBlock *
lw_report_add_table (LwReportDocument *document, int columns, int words, const char *caption)
{
  LwReportBlock *table = add_block (document, LW_REPORT_TABLE, g_strdup (caption));

  table->columns = columns;
  table->words = words;
  return table;
}

int
lw_report_new_row (LwReportBlock *table)
{
  const int n = ++table->rows * table->columns;

  table->cells = g_renew (char *, table->cells, n);
  table->marks = g_renew (LwReportMark, table->marks, n);
  for (int i = n - table->columns; i < n; i++) {
    table->cells[i] = NULL;
    table->marks[i] = LW_REPORT_PLAIN;
  }
  return table->rows - 1;
}

void
lw_report_set_cell (LwReportBlock *table, int row, int column, LwReportMark mark, char *text)
{
  g_free (table->cells[row * table->columns + column]);
  table->cells[row * table->columns + column] = text;
  table->marks[row * table->columns + column] = mark;
}

void
lw_report_add_row (LwReportBlock *table, LwReportMark mark, ...)
{
  const int row = lw_report_new_row (table);
  va_list cells;

  va_start (cells, mark);
  for (int i = 0; i < table->columns; i++)
    lw_report_set_cell (table, row, i, mark, g_strdup (va_arg (cells, const char *)));
  va_end (cells);
}

LwReportBlock *
lw_report_add_picture (LwReportDocument *document, double width, double height, LwPaintFunc paint,
                       gpointer data, GDestroyNotify free, const char *caption, char *description)
{
  LwReportBlock *picture = add_block (document, LW_REPORT_PICTURE, g_strdup (caption));

  picture->width = width;
  picture->height = height;
  picture->paint = paint;
  picture->data = data;
  picture->free = free;
  picture->description = description;
  return picture;
}

char *
lw_report_clean (const char *text, bool line)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *clean = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c)) {
    const gunichar character = g_utf8_get_char (c);

    if (character == '\n' && !line)
      g_string_append_c (clean, '\n');
    else if (g_unichar_iscntrl (character) || character == 0xfffe || character == 0xffff)
      g_string_append_c (clean, ' ');
    else
      g_string_append_unichar (clean, character);
  }
  return g_string_free (clean, FALSE);
}
