/* Networks of the catalogue for tests: by name, for square images of one channel, with options. */
#pragma once

#include "engine/models.h"

G_BEGIN_DECLS

/* `options`: names and values by turns, up to NULL; or NULL. What cannot be built fails the test.
 * Owned. */
LwGraph *lw_test_network (const char *model, int32_t side, const char *const *options);

G_END_DECLS
