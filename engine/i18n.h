/* Marks what people read for translation, with GLib alone. Sentences are translated where they are
 * made, `_ ("…")`, with a count `LW_PLURAL ("%d image", "%d images", n)`; entries of tables, which
 * are made before any language is known, are marked N_ ("…") and translated where they are shown.
 * The language is the program's: one that never calls setlocale, or binds no "layerwise", gets
 * English, and so do names of fields and files, keys and everything that programs read, which are
 * never marked.
 *
 * Formats are one literal for xgettext: 64-bit numbers are PRId64 and PRIu64 (<inttypes.h>), which
 * it knows, and never G_GINT64_FORMAT. For .c files only: GLib's gi18n.h says `_` and N_ too. */
#pragma once

#include <glib.h>

#define LW_TEXT_DOMAIN "layerwise"

#define _(String)               g_dgettext (LW_TEXT_DOMAIN, String)
#define N_(String)              (String)
#define LW_PLURAL(One, Many, n) g_dngettext (LW_TEXT_DOMAIN, One, Many, (gulong)(n))
