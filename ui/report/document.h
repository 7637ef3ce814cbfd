/* LwReportDocument: what a report says, as a list of blocks, before it is HTML or PDF: headings,
 * paragraphs, notes, commands, tables and pictures. All texts are as people typed or read them,
 * valid UTF-8 or not: whoever writes a file makes them valid and escapes them.
 *
 * Pictures are painted when a file is written, by the thread that does it. One thread. */
#pragma once

#include "ui/draw/export.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  LW_REPORT_HEADING,
  LW_REPORT_TEXT,
  LW_REPORT_NOTE, /* a remark, and why a part is missing */
  LW_REPORT_CODE, /* what is typed into a terminal; several lines */
  LW_REPORT_TABLE,
  LW_REPORT_PICTURE,
} LwReportKind;

typedef enum {
  LW_REPORT_PLAIN,
  LW_REPORT_MARKED, /* stands out: another value than the others', the best epoch */
} LwReportMark;

typedef struct {
  LwReportKind kind;
  char *text; /* of tables and pictures the caption, or NULL */
  int level;  /* of a heading: 1 a section, 2 a part of it */

  int rows, columns; /* the first row is the table's head */
  int words;         /* so many columns are words, left-aligned; the others numbers */
  char **cells;      /* [rows][columns] */
  LwReportMark *marks;

  double width, height; /* logical pixels */
  LwPaintFunc paint;
  gpointer data;
  GDestroyNotify free;
  char *description; /* in words, for those who do not see it */
  bool pixels;       /* of numbers a pixel each: PNG in HTML; else SVG */
} LwReportBlock;

typedef struct {
  char *title, *author, *date, *program;
  GPtrArray *blocks; /* LwReportBlock */
} LwReportDocument;

LwReportDocument *lw_report_document_new (const char *title, const char *author);
void lw_report_document_free (LwReportDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwReportDocument, lw_report_document_free)

void lw_report_add_heading (LwReportDocument *document, int level, const char *text);
/* Take `text`. */
void lw_report_add_text (LwReportDocument *document, char *text);
void lw_report_add_note (LwReportDocument *document, char *text);
void lw_report_add_code (LwReportDocument *document, char *text);
/* A table of empty cells; rows can be added. */
LwReportBlock *
lw_report_add_table (LwReportDocument *document, int columns, int words, const char *caption);
/* A row, whose cells are taken from the list, `columns` of them. */
void lw_report_add_row (LwReportBlock *table, LwReportMark mark, ...);
/* One cell of the last row; takes `text`. */
void lw_report_set_cell (LwReportBlock *table, int row, int column, LwReportMark mark, char *text);
int lw_report_new_row (LwReportBlock *table);
/* Takes `data` (freed with `free`) and `description`. */
LwReportBlock *
lw_report_add_picture (LwReportDocument *document, double width, double height, LwPaintFunc paint,
                       gpointer data, GDestroyNotify free, const char *caption, char *description);

/* What both writers tell: 0 to 1; false ends the writing with G_IO_ERROR_CANCELLED. */
typedef bool (*LwReportTold) (double done, gpointer data);

/* One self-contained page: no script, nothing that is loaded. Strict enough for XML parsers. */
GBytes *lw_report_to_html (const LwReportDocument *document, LwReportTold told, gpointer data,
                           GError **error);
/* A4 pages with numbers; words are text. */
GBytes *lw_report_to_pdf (const LwReportDocument *document, LwReportTold told, gpointer data,
                          GError **error);

/* Valid UTF-8 without control characters but ends of lines (which `line` turns into spaces);
 * g_free. */
char *lw_report_clean (const char *text, bool line);

G_END_DECLS
