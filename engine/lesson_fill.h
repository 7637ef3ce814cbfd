/* Placeholders of a lesson: "alexnet parameters linear share" → "94 %". See engine/lesson.h. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

/* The number for what stands between braces; g_free. NULL and a sentence when nothing is known by
 * that name. */
char *lw_lesson_fill (const char *words, const LwModel *model, GError **error);

G_END_DECLS
