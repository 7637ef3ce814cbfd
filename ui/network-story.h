/* The networks' stories, read from the program's resources in the user's language. Main thread. */
#pragma once

#include "engine/lesson.h"

G_BEGIN_DECLS

/* The lesson of a model, or of its family, in the first of the user's languages that has one (see
 * g_get_language_names), else in English, and in which ("zh-CN"; may be NULL). NULL: there is none.
 * Free with lw_lesson_free. */
LwLesson *lw_network_lesson (const LwModel *model, const char **ret_language);

G_END_DECLS
