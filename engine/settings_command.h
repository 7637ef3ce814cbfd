/* Settings as what a person types: the command line that repeats a run. Pure functions, any thread.
 */
#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

/* The arguments of `layerwise train` that make these settings from the book's, the model first and
 * then only what differs: { "lenet-bn", "--data", "shapes", … }. A folder of images decides
 * channels and classes where nothing else does, so with one they are always said. NULL-terminated,
 * g_strfreev. */
char **lw_settings_arguments (const LwSettings *settings);

/* A word as a POSIX shell reads it back: as it is where nothing in it is special, else quoted.
 * g_free. */
char *lw_shell_word (const char *word);
/* `program` and words as one command, an option a line where it is longer than `width`, continued
 * by backslashes; 0: one line. g_free. */
char *lw_shell_command (const char *program, const char *const *words, int width);

G_END_DECLS
