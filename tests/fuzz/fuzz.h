/* What a harness is: one function from bytes to nothing, under libFuzzer's name, so that the same
 * file serves libFuzzer and driver.c. Whatever the bytes are, it returns; a crash, a sanitizer's
 * report or a failed g_assert is the finding. */
#pragma once

#include "engine/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* That a refusal carries a sentence that can be shown, if `refused`, and none otherwise; frees it.
 */
void lw_fuzz_check_error (bool refused, GError *error);
/* Reads all of the memory, so that AddressSanitizer sees whether it is there. */
void lw_fuzz_read (const void *memory, size_t size);

G_END_DECLS
