/* Moments over a run that grow too many: every second one goes, and the next come at twice the
 * distance. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Keeps the elements at even places of `n`, of `size` bytes each, at the front. Pure; any thread.
 */
static inline void
lw_keep_even (void *elements, gsize size, int32_t n)
{
  char *bytes = elements;

  for (gsize i = 1; 2 * i < (gsize)n; i++)
    memcpy (bytes + i * size, bytes + 2 * i * size, size);
}
