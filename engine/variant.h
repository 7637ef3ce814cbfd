/* LwVariant: a network of one's own: a model of the library with changed knobs, under a name, as a
 * small JSON file in $XDG_DATA_HOME/layerwise/variants. The name is what people and the command
 * line say; the file's name only follows it. Files are treated as hostile: one that is broken, or
 * whose network cannot be built, is skipped with a sentence. A plain value object of one thread. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

typedef struct {
  char *name; /* "AlexNet, width 0.5": 1 to 80 characters, no control characters, no model's name */
  char *path; /* its file */
  LwOptions *options;
} LwVariant;

/* $XDG_DATA_HOME/layerwise/variants; g_free. */
char *lw_variants_folder (void);
/* All that can be read, by name; elements are LwVariant, the array frees them. `problems` (may be
 * NULL) gets a sentence for each file that was skipped (char *). Never fails: a missing folder is
 * an empty array. */
GPtrArray *lw_variants_read (const char *folder, GPtrArray *problems);
/* One file. Fails with a sentence that names it. */
LwVariant *lw_variant_open (const char *path, GError **error);
LwVariant *lw_variant_copy (const LwVariant *variant);
void lw_variant_free (LwVariant *variant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwVariant, lw_variant_free)

/* Whether a name can be given: its form, and that neither a model nor another variant in the folder
 * has it (upper and lower case are the same). `except`: a variant whose own name does not count, or
 * NULL. */
bool lw_variant_check_name (const char *folder, const char *name, const LwVariant *except,
                            GError **error);
/* Writes a new file into the folder, which is made if need be. Fails for a name that cannot be
 * given and for options that build no network. */
LwVariant *
lw_variant_save (const char *folder, const char *name, const LwOptions *options, GError **error);
/* Writes the file again, which may be gone. */
bool lw_variant_rename (LwVariant *variant, const char *name, GError **error);
bool lw_variant_delete (const LwVariant *variant, GError **error);
/* By name, in the variants' folder. Fails with LW_ERROR_UNKNOWN and the nearest name. */
LwVariant *lw_variant_find (const char *name, GError **error);

/* The changed knobs as assignments: "width=0.5", "input_size=96"; NULL-terminated, g_strfreev. An
 * input that is not square is not among them: `ret_input` (may be NULL) is "1x96x64" then, else
 * NULL; g_free. */
char **lw_options_changes (const LwOptions *options, char **ret_input);
/* "AlexNet, width 0.5, input size 96"; "AlexNet" when nothing is changed; g_free. */
char *lw_variant_suggest_name (const LwOptions *options);
/* "layerwise train alexnet --set width=0.5"; g_free. */
char *lw_options_command (const LwOptions *options, const char *verb);

G_END_DECLS
