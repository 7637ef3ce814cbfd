#include "engine/formats/json_cursor.h"
#include <glib.h>

void
lw_json_cursor_init (LwJsonCursor *cursor, char *text, size_t length)
{
  *cursor = (LwJsonCursor){ .at = text, .end = text + length, .text = text };
}

static void
skip_blanks (LwJsonCursor *cursor)
{
  while (cursor->at < cursor->end &&
         (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\n' || *cursor->at == '\r'))
    cursor->at++;
}

bool
lw_json_cursor_take (LwJsonCursor *cursor, char mark)
{
  skip_blanks (cursor);
  if (cursor->failed || cursor->at == cursor->end || *cursor->at != mark)
    return false;
  cursor->at++;
  return true;
}

bool
lw_json_cursor_expect (LwJsonCursor *cursor, char mark)
{
  if (!lw_json_cursor_take (cursor, mark))
    cursor->failed = true;
  return !cursor->failed;
}

/* The number of four hexadecimal digits, or −1. */
static int32_t
hex4 (const char *at, const char *end)
{
  int32_t value = 0;

  if (end - at < 4)
    return -1;
  for (int i = 0; i < 4; i++) {
    if (!g_ascii_isxdigit (at[i]))
      return -1;
    value = value * 16 + g_ascii_xdigit_value (at[i]);
  }
  return value;
}

/* The character of \uXXXX or of a surrogate pair \uD8xx\uDCxx whose first digits stand at `at`.
 * Returns the length read, or 0. */
static int
read_code (const char *at, const char *end, gunichar *ret_code)
{
  const int32_t high = hex4 (at, end);
  int32_t low;

  if (high <= 0 || (high >= 0xDC00 && high < 0xE000))
    return 0;
  *ret_code = (gunichar)high;
  if (high < 0xD800 || high >= 0xE000)
    return 4;
  if (end - at < 10 || at[4] != '\\' || at[5] != 'u')
    return 0;
  low = hex4 (at + 6, end);
  if (low < 0xDC00 || low >= 0xE000)
    return 0;
  *ret_code = 0x10000 + (((gunichar)high - 0xD800) << 10) + ((gunichar)low - 0xDC00);
  return 10;
}

/* One escape; `*from` stands behind the backslash. What is written is never longer than what was
 * read: 6 bytes become at most 3, 12 become 4. */
static bool
unescape (const char **from, const char *end, char **to)
{
  static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
  gunichar code;
  int length;

  if (*from == end)
    return false;
  for (int i = 0; letters[i] != '\0'; i++)
    if (**from == letters[i]) {
      (*from)++;
      *(*to)++ = means[i];
      return true;
    }
  if (**from != 'u' || (length = read_code (*from + 1, end, &code)) == 0)
    return false;
  *from += 1 + length;
  *to += g_unichar_to_utf8 (code, *to);
  return true;
}

char *
lw_json_cursor_string (LwJsonCursor *cursor)
{
  char *string, *to;
  const char *from;

  if (!lw_json_cursor_expect (cursor, '"'))
    return NULL;
  string = to = cursor->at;
  from = cursor->at;
  while (from < cursor->end && *from != '"' && (unsigned char)*from >= ' ') {
    if (*from != '\\')
      *to++ = *from++;
    else if (from++, !unescape (&from, cursor->end, &to))
      break;
  }
  if (from == cursor->end || *from != '"') {
    cursor->failed = true;
    return NULL;
  }
  *to = '\0'; /* at the closing quote or before it */
  cursor->at += from + 1 - cursor->at;
  return string;
}

bool
lw_json_cursor_natural (LwJsonCursor *cursor, int64_t *ret_number)
{
  const char *start;
  int64_t number = 0;
  bool fits = true;

  skip_blanks (cursor);
  start = cursor->at;
  while (cursor->at < cursor->end && g_ascii_isdigit (*cursor->at)) {
    fits = fits && !__builtin_mul_overflow (number, 10, &number) &&
           !__builtin_add_overflow (number, *cursor->at - '0', &number);
    cursor->at++;
  }
  if (cursor->failed || !fits || cursor->at == start || (*start == '0' && cursor->at - start > 1)) {
    cursor->at += start - cursor->at;
    cursor->failed = true;
    return false;
  }
  *ret_number = number;
  return true;
}

bool
lw_json_cursor_at_end (LwJsonCursor *cursor)
{
  skip_blanks (cursor);
  return !cursor->failed && cursor->at == cursor->end;
}

size_t
lw_json_cursor_offset (const LwJsonCursor *cursor)
{
  return (size_t)(cursor->at - cursor->text);
}
