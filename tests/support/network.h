/* Networks of the catalogue for tests: by name, for square images of one channel, with options; and
 * what a session has learned. */
#pragma once

#include "engine/models.h"
#include "engine/session.h"

G_BEGIN_DECLS

/* `options`: names and values by turns, up to NULL; or NULL. What cannot be built fails the test.
 * Owned. */
LwGraph *lw_test_network (const char *model, int32_t side, const char *const *options);

/* For LwDeviceOptions: this algorithm for every convolution in every direction, as
 * LwAlgorithmChoice; owned. */
GArray *lw_test_choices (const LwGraph *graph, const char *algorithm);

/* All tensors of floats, one after another; g_free. */
float *lw_test_read_tensors (LwSession *session, int64_t *ret_n);

/* A hook that only looks: a step that is watched is not recorded to be replayed, so that all its
 * calls are made. */
bool
lw_test_watch (LwSession *session, const LwStep *step, bool backward, void *data, GError **error);

G_END_DECLS
