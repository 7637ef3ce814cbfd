/* How much memory can still be had, and the sentence for when it does not suffice. Functions are
 * reentrant. */
#pragma once

#include "engine/error.h"
#include <stdint.h>

G_BEGIN_DECLS

/* Bytes that the machine could still give without swapping, the control group's limit included;
 * −1: unknown. */
int64_t lw_free_host_memory (void);
/* The sentence for memory that does not suffice. `fitting_batch`: 0: none. */
void lw_set_memory_error (GError **error, const char *what, int32_t batch, int64_t needed,
                          int64_t available, int32_t fitting_batch);

G_END_DECLS
