/* Sentences about maps of what speaks for a class. Main thread. */
#pragma once

#include "engine/explain.h"
#include "ui/predictions-source.h"

G_BEGIN_DECLS

/* What a method computes. */
const char *lw_explain_method_words (LwExplainMethod method);
/* What a class's map [rows][columns] and score are; g_free. */
char *lw_explain_map_words (const float *map, int rows, int columns, double score);
/* Whose weights were asked, of `step` optimizer steps: only some epochs' are kept; g_free. */
char *lw_explain_weights_words (LwPredictionsSource *source, int64_t step);

G_END_DECLS
