/* Writes roff with the macros of man(7), as man(1) and mandoc(1) read it: UTF-8, lines of at most
 * 80 columns where words allow. Texts are plain; what roff would read as its own is escaped. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Begins a page: "layerwise", "1", "2026-11-28", "Layerwise 0.1.0". */
void lw_roff_title (GString *page, const char *name, const char *section, const char *date,
                    const char *source);
/* The line from which whatis(1) has its sentence: "name - summary". */
void lw_roff_name (GString *page, const char *name, const char *summary);
void lw_roff_section (GString *page, const char *title); /* in capitals where there are any */
void lw_roff_subsection (GString *page, const char *title);
void lw_roff_heading (GString *page, const char *text); /* between items */
/* Paragraphs, separated by empty lines. */
void lw_roff_text (GString *page, const char *text);
/* A command in bold and what follows it. */
void lw_roff_words (GString *page, const char *bold, const char *rest);
/* A term in bold, its value in italics (or NULL), and what it means. */
void lw_roff_item (GString *page, const char *term, const char *value, const char *text);
/* Lines as they are; each ends, and none begins with a point. */
void lw_roff_example (GString *page, const char *lines);
void lw_roff_reference (GString *page, const char *name, const char *section);

G_END_DECLS
