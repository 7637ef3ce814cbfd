/* Maximum pooling as the files that compute it share it. `state` holds each output's winner, the
 * number of its cell in the window, in one byte where the window has at most 15 × 15 cells, else in
 * four; NOBODY where the gradient belongs to none, because the input is an activation max (0, ·)
 * that is not positive there (link.h). Private to this folder. */
#pragma once

#include "kernels/cpu/pool.h"

G_BEGIN_DECLS

enum {
  LW_POOL_NOBODY = 255,
  LW_POOL_BYTE_SIDE = 15,
  LW_POOL_VECTORS = LW_LANES == 16 ? 2 : 1, /* of channels at a time: as there are registers */
};

/* Of a vector of channels, in registers. */
#if defined __AVX512F__
typedef LwBytes LwWinners;
#else
typedef LwVecBits LwWinners;
#endif

typedef struct {
  const LwStep *step;
  LwWindow window;
  LwShape from, to;
  int64_t x_pixel, y_pixel, dx_pixel, dy_pixel;
  bool wide;       /* winners of four bytes */
  bool winners;    /* to be written */
  bool positive;   /* only positive winners */
  bool accumulate; /* into dx */
  bool stream;     /* dx is written past the caches */
  int32_t bands;   /* an example's rows are divided into, backward */
  size_t scratch;  /* bytes of a thread's memory, for the walk */
} LwMaxPool;

/* 0: these windows are not walked through. */
size_t LW_CPU (max_pool_scratch) (const LwStep *step);
/* The gradient; the workspace has that scratch for every thread. */
void LW_CPU (max_pool_walk) (LwDevice *device, const LwMaxPool *pool);

G_END_DECLS
