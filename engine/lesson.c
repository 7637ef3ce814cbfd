#include "engine/lesson.h"

#include "engine/error.h"
#include "engine/i18n.h"
#include "engine/lesson_fill.h"

#include <string.h>

struct LwLesson {
  GArray *parts;      /* LwLessonPart */
  GPtrArray *strings; /* that the parts point to */
};

/* --- reading --------------------------------------------------------------------------------- */

typedef struct {
  LwLesson *lesson;
  const LwModel *model;
  const char *section;
  GString *text; /* of the part that is being read */
  LwLessonKind kind;
  bool open; /* a part is being read */
  int number;
} Reader;

static const char *
keep (LwLesson *lesson, char *string)
{
  g_ptr_array_add (lesson->strings, string);
  return string;
}

/* Puts numbers in for all placeholders. */
static char *
fill (const char *text, const LwModel *model, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *open; (open = strchr (text, '{')) != NULL;) {
    const char *close = strchr (open, '}');
    g_autofree char *words = close != NULL ? g_strndup (open + 1, (gsize)(close - open - 1)) : NULL;
    g_autofree char *value = NULL;

    if (words == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("a brace is not closed"));
      return NULL;
    }
    value = lw_lesson_fill (words, model, error);
    if (value == NULL)
      return NULL;
    g_string_append_len (out, text, open - text);
    g_string_append (out, value);
    text = close + 1;
  }
  g_string_append (out, text);
  return g_strdup (out->str);
}

/* Numbers and their signs stay on one line. */
static void
bind_signs (GString *text)
{
  g_string_replace (text, " %", "\u00a0%", 0);
  g_string_replace (text, " × ", "\u00a0×\u00a0", 0);
}

static bool
end_part (Reader *reader, GError **error)
{
  LwLessonPart part = { .kind = reader->kind, .section = reader->section };
  char *text;

  if (!reader->open)
    return true;
  reader->open = false;
  bind_signs (reader->text);
  text = fill (g_strstrip (reader->text->str), reader->model, error);
  if (text == NULL)
    return false;
  part.text = keep (reader->lesson, text);
  part.number = reader->kind == LW_LESSON_NUMBERED ? reader->number : 0;
  g_array_append_val (reader->lesson->parts, part);
  return true;
}

static void
begin_part (Reader *reader, LwLessonKind kind, const char *text)
{
  reader->kind = kind;
  reader->open = true;
  g_string_assign (reader->text, text);
  if (kind == LW_LESSON_NUMBERED)
    reader->number++;
  else
    reader->number = 0;
}

/* Chinese is written without spaces: none is put where two such lines meet. */
static void
go_on (Reader *reader, const char *text)
{
  const char *last =
      g_utf8_find_prev_char (reader->text->str, reader->text->str + reader->text->len);
  const bool wide = last != NULL && g_unichar_iswide (g_utf8_get_char (last)) &&
                    g_unichar_iswide (g_utf8_get_char (text));

  if (!wide)
    g_string_append_c (reader->text, ' ');
  g_string_append (reader->text, text);
}

/* "## The idea {#idea}" */
static bool
read_heading (Reader *reader, const char *line, GError **error)
{
  const char *mark = strstr (line, "{#");
  const char *end = mark != NULL ? strchr (mark, '}') : NULL;
  g_autofree char *title = NULL;

  if (end == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("the heading lacks its {#section}"));
    return false;
  }
  reader->section = keep (reader->lesson, g_strndup (mark + 2, (gsize)(end - mark - 2)));
  title = g_strndup (line, (gsize)(mark - line));
  begin_part (reader, LW_LESSON_HEADING, title);
  return end_part (reader, error);
}

/* What follows "12. ", or NULL. */
static const char *
after_number (const char *line)
{
  const char *c = line;

  while (g_ascii_isdigit (*c))
    c++;
  return c > line && c[0] == '.' && c[1] == ' ' ? c + 2 : NULL;
}

static bool
read_line (Reader *reader, char *line, GError **error)
{
  const char *item = after_number (line);
  const bool indented = g_str_has_prefix (line, "  ");

  g_strchomp (line);
  if (*line == '\0')
    return end_part (reader, error);
  if (reader->open && (indented || (item == NULL && *line != '#' && *line != '-'))) {
    go_on (reader, g_strchug (line));
    return true;
  }
  if (reader->open && reader->kind == LW_LESSON_NUMBERED && item != NULL) {
    const int number = reader->number;

    if (!end_part (reader, error))
      return false;
    reader->number = number;
  } else if (!end_part (reader, error)) {
    return false;
  }
  if (g_str_has_prefix (line, "## "))
    return read_heading (reader, line + 3, error);
  if (g_str_has_prefix (line, "# ")) {
    begin_part (reader, LW_LESSON_TITLE, line + 2);
    return end_part (reader, error);
  }
  if (g_str_has_prefix (line, "- "))
    begin_part (reader, LW_LESSON_BULLET, line + 2);
  else if (item != NULL)
    begin_part (reader, LW_LESSON_NUMBERED, item);
  else
    begin_part (reader, LW_LESSON_PARAGRAPH, line);
  return true;
}

LwLesson *
lw_lesson_parse (const char *text, const LwModel *model, GError **error)
{
  g_autoptr (LwLesson) lesson = g_new0 (LwLesson, 1);
  g_autoptr (GString) part = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  Reader reader = { .lesson = lesson, .model = model, .section = "", .text = part };

  lesson->parts = g_array_new (FALSE, TRUE, sizeof (LwLessonPart));
  lesson->strings = g_ptr_array_new_with_free_func (g_free);
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("the lesson is not UTF-8"));
    return NULL;
  }
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (!read_line (&reader, lines[i], error)) {
      g_prefix_error (error, _ ("line %d: "), i + 1);
      return NULL;
    }
  if (!end_part (&reader, error))
    return NULL;
  return g_steal_pointer (&lesson);
}

void
lw_lesson_free (LwLesson *lesson)
{
  if (lesson == NULL)
    return;
  g_array_unref (lesson->parts);
  g_ptr_array_unref (lesson->strings);
  g_free (lesson);
}

int
lw_lesson_n_parts (const LwLesson *lesson)
{
  return (int)lesson->parts->len;
}

const LwLessonPart *
lw_lesson_part (const LwLesson *lesson, int index)
{
  return &g_array_index (lesson->parts, LwLessonPart, index);
}

const char *
lw_lesson_lead (const LwLesson *lesson, const char *section)
{
  for (int i = 0; i < lw_lesson_n_parts (lesson); i++) {
    const LwLessonPart *part = lw_lesson_part (lesson, i);

    if (part->kind == LW_LESSON_PARAGRAPH && g_str_equal (part->section, section))
      return part->text;
  }
  return NULL;
}

/* --- marks within a line ---------------------------------------------------------------------- */

static const struct {
  const char *mark, *tag;
} marks[] = { { "**", "b" }, { "*", "i" }, { "`", "tt" } };

static void
append_escaped (GString *out, const char *text, gsize length, bool markup)
{
  g_autofree char *escaped = markup ? g_markup_escape_text (text, (gssize)length) : NULL;

  if (markup)
    g_string_append (out, escaped);
  else
    g_string_append_len (out, text, (gssize)length);
}

/* [words](target) at `text`; 0: there is none, else its length. */
static gsize
append_link (GString *out, const char *text, bool markup)
{
  const char *middle = *text == '[' ? strstr (text, "](") : NULL;
  const char *end = middle != NULL ? strchr (middle, ')') : NULL;

  if (end == NULL)
    return 0;
  if (markup) {
    g_string_append (out, "<a href=\"");
    append_escaped (out, middle + 2, (gsize)(end - middle - 2), true);
    g_string_append (out, "\">");
  }
  append_escaped (out, text + 1, (gsize)(middle - text - 1), markup);
  if (markup)
    g_string_append (out, "</a>");
  return (gsize)(end - text + 1);
}

/* *words* and its like at `text`; a mark that is not closed stands for itself. */
static gsize
append_marked (GString *out, const char *text, bool markup)
{
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++) {
    const gsize length = strlen (marks[i].mark);
    const char *end;

    if (!g_str_has_prefix (text, marks[i].mark))
      continue;
    end = strstr (text + length, marks[i].mark);
    if (end == NULL || end == text + length)
      return 0;
    if (markup)
      g_string_append_printf (out, "<%s>", marks[i].tag);
    append_escaped (out, text + length, (gsize)(end - text) - length, markup);
    if (markup)
      g_string_append_printf (out, "</%s>", marks[i].tag);
    return (gsize)(end - text) + length;
  }
  return 0;
}

static char *
convert (const char *text, bool markup)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0') {
    gsize length = append_link (out, text, markup);

    if (length == 0)
      length = append_marked (out, text, markup);
    if (length == 0) {
      length = strcspn (text + 1, "[*`") + 1;
      append_escaped (out, text, length, markup);
    }
    text += length;
  }
  return g_string_free (out, FALSE);
}

char *
lw_lesson_markup (const char *text)
{
  return convert (text, true);
}

char *
lw_lesson_plain (const char *text)
{
  return convert (text, false);
}
