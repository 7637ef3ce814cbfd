/* LwCommand and LwArgs: a command's options as a table, from which both the parser and --help are
 * made, and what was given on the command line. Options are --name VALUE or --name=VALUE; "--" ends
 * them. Strings belong to argv or to the tables. One thread. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct LwArgs LwArgs;

typedef struct {
  const char *name;    /* without dashes; NULL: a heading, `help` is its text */
  const char *alias;   /* another spelling, or NULL */
  const char *metavar; /* "N", not translated; NULL: a switch without value */
  const char *help;    /* N_(); NULL and name NULL: the table's end */
  bool repeated;       /* may be given several times */
} LwArgOption;

typedef struct {
  const char *name;        /* "train" */
  const char *synopsis;    /* "MODEL [OPTIONS]" */
  const char *summary;     /* one line, N_() */
  const char *description; /* paragraphs, N_() */
  const LwArgOption *options;
  const char *examples;  /* lines of "command|what it does", N_(), or NULL */
  int32_t least, most;   /* number of arguments that are no options */
  const char *arguments; /* "a MODEL": what is missing when there are too few; N_() */
  bool shared; /* several processes run it together; of others the first one runs it alone */
  /* Returns an exit status; with `error` set, its sentence is printed. */
  int (*run) (const LwArgs *args, GError **error);
} LwCommand;

/* `argv` is NULL-terminated and begins after the command's name. Fails with the nearest valid name
 * for an option that is none. --help is accepted everywhere (lw_args_flag (args, "help")). */
LwArgs *lw_args_parse (const LwCommand *command, char **argv, GError **error);
void lw_args_free (LwArgs *args);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwArgs, lw_args_free)

int32_t lw_args_n (const LwArgs *args);
const char *lw_args_get (const LwArgs *args, int32_t index); /* NULL beyond the last */
bool lw_args_flag (const LwArgs *args, const char *option);
const char *lw_args_value (const LwArgs *args, const char *option); /* the last one, or NULL */
/* All values of a repeated option in order, NULL-terminated. */
const char *const *lw_args_values (const LwArgs *args, const char *option);
/* A whole number of an option; `*ret_value` is untouched when the option is absent. */
bool lw_args_integer (const LwArgs *args, const char *option, int64_t minimum, int64_t maximum,
                      int64_t *ret_value, GError **error);

/* Fails with `"<what> "<word>" …; did you mean …?"` over a NULL-terminated list of names. */
void
lw_args_unknown (GError **error, const char *what, const char *word, const char *const *candidates);

/* The command's manual page, on standard output. */
void lw_args_print_help (const LwCommand *command);
/* Prints `text` from column `indent` on, wrapped at `width` columns; paragraphs are separated by
 * empty lines. The first line is taken to stand at column `indent` already. */
void lw_args_print_wrapped (const char *text, int indent, int width);
/* How many bytes of a word stay on one line: all of an English word; of Chinese, which has no
 * blanks, one sign, with the punctuation that may not begin or end a line. */
size_t lw_args_piece_length (const char *word);
/* Columns of the terminal, 60 to 100; 80 where there is none. */
int lw_args_help_width (void);

G_END_DECLS
