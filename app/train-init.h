/* What train --init-partial took from its file, and what not and why. One thread. */
#pragma once

#include "app/json-writer.h"

G_BEGIN_DECLS

/* `fates`: of lw_trainer_init_fates. For people, on standard output. */
void lw_train_init_print (const GArray *fates, const char *file);
/* One line: {"event":"init","file":…,"taken":[names],"not_taken":[{"name","reason","shape",
 * "file_shape"}],"unused":[names]}; reasons are "missing", "shape" and "dtype". False when standard
 * output takes no more. */
bool lw_train_init_json (LwJson *json, const GArray *fates, const char *file);

G_END_DECLS
