#include "app/roff.h"

#include "app/args.h"

#include <string.h>

#define WIDTH 80

/* A hyphen is one to type, not one to break a word at; quotes would end a macro's argument. */
static void
append (GString *page, const char *text)
{
  for (const char *p = text; *p != '\0'; p++) {
    switch (*p) {
    case '\\':
      g_string_append (page, "\\e");
      break;
    case '-':
      g_string_append (page, "\\-");
      break;
    case '"':
      g_string_append (page, "\\(dq");
      break;
    case '\'':
      g_string_append (page, "\\(aq");
      break;
    case '`':
      g_string_append (page, "\\(ga");
      break;
    case '~':
      g_string_append (page, "\\(ti");
      break;
    case '^':
      g_string_append (page, "\\(ha");
      break;
    default:
      g_string_append_c (page, *p);
    }
  }
}

/* With places to break a line at in a language that has no blanks. */
static void
append_word (GString *page, const char *word)
{
  gsize length;

  for (; *word != '\0'; word += length) {
    g_autofree char *piece = g_strndup (word, length = lw_args_piece_length (word));

    append (page, piece);
    if (word[length] != '\0')
      g_string_append (page, "\\:");
  }
}

/* One paragraph, broken between words. A line that begins with a point would be a command. */
static void
append_paragraph (GString *page, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  gsize begin = page->len;

  for (int i = 0; words[i] != NULL; i++) {
    g_autoptr (GString) word = g_string_new (NULL);

    append_word (word, words[i]);
    if (word->len == 0)
      continue;
    if (page->len > begin && page->len - begin + word->len >= WIDTH) {
      g_string_append_c (page, '\n');
      begin = page->len;
    }
    if (page->len > begin)
      g_string_append_c (page, ' ');
    else if (word->str[0] == '.')
      g_string_append (page, "\\&");
    g_string_append_len (page, word->str, (gssize)word->len);
  }
  g_string_append_c (page, '\n');
}

static void
append_paragraphs (GString *page, const char *text, const char *between)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);

  for (int i = 0; paragraphs[i] != NULL; i++) {
    if (i > 0)
      g_string_append (page, between);
    append_paragraph (page, paragraphs[i]);
  }
}

static void
append_macro (GString *page, const char *macro, const char *argument)
{
  g_string_append_printf (page, "%s \"", macro);
  append (page, argument);
  g_string_append (page, "\"\n");
}

void
lw_roff_title (GString *page, const char *name, const char *section, const char *date,
               const char *source)
{
  g_autofree char *capitals = g_ascii_strup (name, -1);

  g_string_append_printf (page, ".\\\" Made by \"%s --man\".\n.TH \"", name);
  append (page, capitals);
  /* Not justified: a line of Chinese may have no blank to stretch. */
  g_string_append_printf (page, "\" %s %s \"%s\"\n.ad l\n", section, date, source);
}

void
lw_roff_name (GString *page, const char *name, const char *summary)
{
  append (page, name);
  g_string_append (page, " \\- ");
  append (page, summary);
  g_string_append_c (page, '\n');
}

void
lw_roff_section (GString *page, const char *title)
{
  g_autofree char *capitals = g_utf8_strup (title, -1);

  append_macro (page, ".SH", capitals);
}

void
lw_roff_subsection (GString *page, const char *title)
{
  append_macro (page, ".SS", title);
}

void
lw_roff_heading (GString *page, const char *text)
{
  g_string_append (page, ".PP\n");
  append_macro (page, ".I", text);
}

void
lw_roff_text (GString *page, const char *text)
{
  append_paragraphs (page, text, ".PP\n");
}

void
lw_roff_words (GString *page, const char *bold, const char *rest)
{
  append_macro (page, ".B", bold);
  append_paragraph (page, rest);
}

void
lw_roff_item (GString *page, const char *term, const char *value, const char *text)
{
  g_string_append (page, ".TP\n\\fB");
  append (page, term);
  g_string_append (page, "\\fR");
  if (value != NULL) {
    g_string_append (page, " \\fI");
    append (page, value);
    g_string_append (page, "\\fR");
  }
  g_string_append_c (page, '\n');
  if (*text != '\0')
    append_paragraphs (page, text, ".IP\n");
}

void
lw_roff_example (GString *page, const char *lines)
{
  g_string_append (page, ".EX\n");
  append (page, lines);
  g_string_append (page, ".EE\n");
}

void
lw_roff_reference (GString *page, const char *name, const char *section)
{
  g_string_append (page, ".BR ");
  append (page, name);
  g_string_append_printf (page, " (%s)\n", section);
}
