/* What follows a convolution or linear layer, in one pass over its numbers: batch normalization
 * (with the batch's or the running statistics), activation, pooling of 2 × 2 windows. Backward the
 * last two, since normalization has to wait for sums over the batch. Each part may be missing, so
 * the kernels of single steps are these, too. */
#include "kernels/cpu/lanes_math.h"

bool
LW_CPU (lanes_pool_is_plain) (const LwStep *step)
{
  const LwWindow window = step->node->window;

  return window.kernel == 2 && window.stride == 2 && window.padding == 0 && !step->node->ceil_mode;
}

/* --- forward ---------------------------------------------------------------------------------- */

typedef struct {
  LwVec mean, factor, offset;
} Channel;

LW_INLINE LwVec
value (bool norm, LwOp op, const Channel *channel, const float *x)
{
  LwVec number = lw_vec_load (x);

  if (norm)
    number = (number - channel->mean) * channel->factor + channel->offset;
  return lw_vec_activation (op, number);
}

/* The cells of a window, in the order in which they are compared or added. */
LW_INLINE LwVec
largest (const LwVec cells[4], LwVecInt *ret_winner)
{
  LwVec best = cells[0];
  LwVecInt winner = { 0 };

#pragma GCC unroll 3
  for (int k = 1; k < 4; k++) {
    const LwVecInt better = (cells[k] > best) | (cells[k] != cells[k]);

    best = lw_vec_choose (better, cells[k], best);
    winner = (better & k) | (~better & winner);
  }
  *ret_winner = winner;
  return best;
}

/* One channel. `winner`: NULL where not wanted, or not a maximum. */
LW_INLINE void
forward_pooled (bool norm, LwOp op, bool maximum, const Channel *channel, LwShape map,
                const float *x, float *y, float *p, int32_t *winner)
{
  const int64_t line = map.w * LW_LANES;

  for (int32_t i = 0; i + 2 <= map.h; i += 2, x += 2 * line)
    for (int32_t j = 0; j + 2 <= map.w; j += 2, p += LW_LANES) {
      LwVec cells[4];

#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const int64_t at = k / 2 * line + (j + k % 2) * LW_LANES;

        cells[k] = value (norm, op, channel, x + at);
        if (y)
          lw_vec_store (y + i * line + at, cells[k]);
      }
      if (!maximum) {
        lw_vec_store (p, (((cells[0] + cells[1]) + cells[2]) + cells[3]) * 0.25f);
        continue;
      }

      LwVecInt won;

      lw_vec_store (p, largest (cells, &won));
      if (winner) {
        lw_vec_store ((float *)winner, (LwVec)won);
        winner += LW_LANES;
      }
    }
}

LW_INLINE void
forward_plain (bool norm, LwOp op, const Channel *channel, int64_t pixels, const float *x, float *y)
{
  for (int64_t i = 0; i < pixels * LW_LANES; i += LW_LANES)
    lw_vec_store (y + i, value (norm, op, channel, x + i));
}

typedef struct {
  const float *coefficients; /* mean, factor, offset [c]; NULL: no normalization */
  LwShape map;               /* of x */
  bool pools, maximum;
  const float *x;
  float *y, *p;
  int32_t *winner;
} Forward;

LW_INLINE void
forward_channels (bool norm, LwOp op, const Forward *f)
{
  const int64_t plane = lw_pixels (f->map) * LW_LANES;
  const int64_t pooled = (int64_t)(f->map.h / 2) * (f->map.w / 2) * LW_LANES;

  for (int64_t c = 0; c < f->map.c; c++) {
    const float *x = f->x + c * plane;
    float *y = f->y ? f->y + c * plane : NULL;
    int32_t *winner = f->winner ? f->winner + c * pooled : NULL;
    Channel channel;

    if (norm)
      channel =
          (Channel){ lw_vec_all (f->coefficients[c]), lw_vec_all (f->coefficients[f->map.c + c]),
                     lw_vec_all (f->coefficients[2 * f->map.c + c]) };
    if (!f->pools)
      forward_plain (norm, op, &channel, lw_pixels (f->map), x, y);
    else if (f->maximum)
      forward_pooled (norm, op, true, &channel, f->map, x, y, f->p + c * pooled, winner);
    else
      forward_pooled (norm, op, false, &channel, f->map, x, y, f->p + c * pooled, NULL);
  }
}

LW_INLINE void
forward_any (bool norm, LwOp op, const Forward *f)
{
  switch (op) {
  case LW_OP_RELU:
    forward_channels (norm, LW_OP_RELU, f);
    break;
  case LW_OP_SIGMOID:
    forward_channels (norm, LW_OP_SIGMOID, f);
    break;
  case LW_OP_TANH:
    forward_channels (norm, LW_OP_TANH, f);
    break;
  default:
    forward_channels (norm, LW_OP_INPUT, f);
  }
}

void
LW_CPU (lanes_tail_forward) (const LwLanesTail *tail, const char *kept, int64_t group,
                             const float *x, float *y, float *p)
{
  const LwStep *pool = tail->pool;
  const LwStep *first = tail->norm ? tail->norm : tail->activation ? tail->activation : pool;
  const LwOp op = tail->activation ? tail->activation->op : LW_OP_INPUT;
  Forward f = { .coefficients = (const float *)kept,
                .map = first->x_shape[0],
                .pools = pool != NULL,
                .x = x,
                .y = y,
                .p = p };

  if (pool) {
    f.maximum = pool->op == LW_OP_MAX_POOL;
    if (f.maximum && pool->training)
      f.winner = (int32_t *)pool->state + group * lw_group_size (pool->y_shape);
  }
  if (tail->norm)
    forward_any (true, op, &f);
  else
    forward_any (false, op, &f);
}

/* --- backward --------------------------------------------------------------------------------- */

typedef struct {
  LwShape map; /* of y */
  bool pools, maximum;
  const float *y, *d;
  const int32_t *winner;
  float *dz;
} Backward;

/* A line of dz under windows, or beside them. */
LW_INLINE void
backward_line (LwOp op, bool maximum, int row, const Backward *b, const float *y, const float *d,
               const int32_t *winner, float *dz)
{
  for (int32_t j = 0; j + 2 <= b->map.w; j += 2, d += LW_LANES)
#pragma GCC unroll 2
    for (int k = 0; k < 2; k++, y += LW_LANES, dz += LW_LANES) {
      LwVec share = lw_vec_load (d);

      if (maximum)
        share = (LwVec)(((LwVecInt)lw_vec_load ((const float *)winner + j / 2 * LW_LANES) ==
                         2 * row + k) &
                        (LwVecInt)share);
      else
        share = lw_vec_rounded (share * 0.25f);
      lw_vec_store (dz, lw_vec_activation_gradient (op, lw_vec_load (y), share));
    }
  if (b->map.w % 2)
    lw_vec_store (dz, (LwVec){ 0 });
}

LW_INLINE void
backward_pooled (LwOp op, bool maximum, const Backward *b)
{
  const int64_t line = b->map.w * LW_LANES, pooled = b->map.w / 2 * LW_LANES;
  const float *y = b->y, *d = b->d;
  const int32_t *winner = b->winner;
  float *dz = b->dz;

  for (int32_t c = 0; c < b->map.c; c++) {
    for (int32_t i = 0; i + 2 <= b->map.h; i += 2) {
      backward_line (op, maximum, 0, b, y, d, winner, dz);
      backward_line (op, maximum, 1, b, y + line, d, winner, dz + line);
      y += 2 * line;
      dz += 2 * line;
      d += pooled;
      winner += maximum ? pooled : 0;
    }
    if (b->map.h % 2) {
      memset (dz, 0, sizeof (float) * (size_t)line);
      y += line;
      dz += line;
    }
  }
}

LW_INLINE void
backward_any (LwOp op, const Backward *b)
{
  if (b->pools && b->maximum)
    backward_pooled (op, true, b);
  else if (b->pools)
    backward_pooled (op, false, b);
  else
    for (int64_t i = 0; i < lw_group_size (b->map); i += LW_LANES)
      lw_vec_store (b->dz + i, lw_vec_activation_gradient (op, lw_vec_load (b->y + i),
                                                           lw_vec_load (b->d + i)));
}

void
LW_CPU (lanes_tail_backward) (const LwLanesTail *tail, int64_t group, const float *y,
                              const float *d, float *dz)
{
  const LwStep *pool = tail->pool;
  Backward b = {
    .map = tail->activation->y_shape, .pools = pool != NULL, .y = y, .d = d, .dz = dz
  };

  if (pool) {
    b.maximum = pool->op == LW_OP_MAX_POOL;
    if (b.maximum)
      b.winner = (const int32_t *)pool->state + group * lw_group_size (pool->y_shape);
  }
  switch (tail->activation->op) {
  case LW_OP_RELU:
    backward_any (LW_OP_RELU, &b);
    break;
  case LW_OP_SIGMOID:
    backward_any (LW_OP_SIGMOID, &b);
    break;
  default:
    backward_any (LW_OP_TANH, &b);
  }
}
