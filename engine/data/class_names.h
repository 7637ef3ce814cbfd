/* What a network's classes are called, where no data set says it: from a text file, or from the
 * metadata of an ONNX file. Files are not trusted: each name is one of plain text (lw_plain_text),
 * none is empty. Functions are reentrant. */
#pragma once

#include "engine/error.h"

#include <stdint.h>

G_BEGIN_DECLS

/* A text file with a name a line, in the order of the classes, as torchvision's lists of
 * ImageNet's classes have them. Empty lines do not count. Fails with a sentence where it is no
 * UTF-8 text or does not have `classes` names. g_strfreev. */
char **lw_class_names_read (const char *path, int32_t classes, GError **error);
/* A JSON array of strings; NULL: it is none, or not of so many, or one is empty. g_strfreev. */
char **lw_class_names_parse (const char *json, int32_t classes);

G_END_DECLS
