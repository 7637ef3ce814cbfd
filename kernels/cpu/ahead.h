/* Memory that will be read soon, a line at a time: kernels ask for one every few multiplications,
 * so that the next block lies in the second cache when it is packed. Runs of `run` bytes, from one
 * to the next `stride` bytes. Private to this folder. */
#pragma once

#include "kernels/cpu/simd.h"

#include <stddef.h>

typedef struct {
  const char *at, *end; /* in the present run */
  int64_t runs;         /* after this one */
  int64_t run, stride;
} LwAhead;

enum { LW_LINE_BYTES = 64 };

LW_INLINE LwAhead
lw_ahead_bytes (const void *from, int64_t runs, int64_t run, int64_t stride)
{
  const char *at = from;

  if (runs <= 0 || run <= 0)
    return (LwAhead){ NULL, NULL, 0, 0, 0 };
  return (LwAhead){ at, at + run, runs - 1, run, stride };
}

/* The same in numbers. */
LW_INLINE LwAhead
lw_ahead (const LwNumber *from, int64_t runs, int64_t numbers, int64_t stride)
{
  const int64_t size = (int64_t)sizeof (LwNumber);

  return lw_ahead_bytes (from, runs, size * numbers, size * stride);
}

LW_INLINE void
lw_ahead_step (LwAhead *ahead)
{
  __builtin_prefetch (ahead->at, 0, 2);
  ahead->at += LW_LINE_BYTES;
  if (__builtin_expect (ahead->at >= ahead->end, 0)) {
    if (ahead->runs > 0) {
      ahead->runs--;
      ahead->end += ahead->stride;
      ahead->at = ahead->end - ahead->run;
    } else {
      ahead->at -= LW_LINE_BYTES; /* the last line, again and again */
    }
  }
}
