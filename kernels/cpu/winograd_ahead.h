/* Pixels that will be transformed soon: the products ask for those of the next group a few at a
 * time, so that they lie in the second cache when it is their turn. Private to this folder. */
#pragma once

#include "kernels/cpu/winograd_stages.h"

LW_INLINE void
ask_run (const char *at, int64_t bytes)
{
  for (const char *end = at + bytes; at < end; at += 64)
    __builtin_prefetch (at, 0, 2);
}

/* Asks for share number `share` of `shares` of what the tiles read. */
LW_INLINE void
lw_winograd_ask (const LwWinogradPlan *plan, const LwWinogradAhead *ahead, int64_t share,
                 int64_t shares)
{
  const int64_t rows = ahead->count * ahead->rows;
  const int64_t end = rows * (share + 1) / shares;

  for (int64_t i = rows * share / shares; i < end; i++) {
    const LwWinogradTile tile = lw_winograd_tile (plan, ahead->first + i / ahead->rows);
    const int y = ahead->step * tile.y - ahead->padding + (int)(i % ahead->rows);
    const int left = ahead->step * tile.x - ahead->padding;
    /* Columns that the tile before has read are there. */
    const int from = left > 0 ? left + ahead->columns - ahead->step * plan->m_x : 0;
    const int to = left + ahead->columns < ahead->w ? left + ahead->columns : ahead->w;
    const char *row = ahead->pixels + (tile.n * ahead->h + y) * ahead->w * ahead->pixel;

    if (y < 0 || y >= ahead->h)
      continue;
    if (ahead->pixel == ahead->bytes)
      ask_run (row + from * ahead->pixel, (to - from) * ahead->bytes);
    else
      for (int x = from; x < to; x++)
        ask_run (row + x * ahead->pixel, ahead->bytes);
  }
}
