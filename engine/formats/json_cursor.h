/* LwJsonCursor: reads JSON text token by token where the shape of the document is known. Meant for
 * text that nobody vouches for: it does not recurse (a parser that does can be driven out of its
 * stack by a file full of brackets), builds no tree, takes no memory, and leaves each key to the
 * caller, who therefore sees a key that comes twice. Strings are unescaped in place.
 *
 * The first token that does not fit sticks: every later call fails. Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

typedef struct {
  char *at;         /* of the next token; the text is changed behind it only */
  const char *end;  /* of the text */
  const char *text; /* start */
  bool failed;
} LwJsonCursor;

/* `text`: valid UTF-8, writable, needs no terminator. */
void lw_json_cursor_init (LwJsonCursor *cursor, char *text, size_t length);
/* Skips blanks, then consumes `mark` if it is next. No failure if it is not. */
bool lw_json_cursor_take (LwJsonCursor *cursor, char mark);
/* The same, and it must be next. */
bool lw_json_cursor_expect (LwJsonCursor *cursor, char mark);
/* A string, NUL-terminated within the text; a \u0000 in it is refused. NULL on failure. */
char *lw_json_cursor_string (LwJsonCursor *cursor);
/* An integer from 0 to 2⁶³ − 1 without sign, fraction or exponent. */
bool lw_json_cursor_natural (LwJsonCursor *cursor, int64_t *ret_number);
/* Only blanks are left. */
bool lw_json_cursor_at_end (LwJsonCursor *cursor);
/* Where the next token, or the one that did not fit, begins: bytes from the start. */
size_t lw_json_cursor_offset (const LwJsonCursor *cursor);
