/* Dropout; the formulas are in ../reference/dropout.c. The random numbers are those of the same
 * places in channels-first order, whatever the layout here, so that every backend drops the same.
 * They cost more than all else, so the forward pass keeps them as a byte for each number, 1: kept,
 * in `state`. One generator block gives four numbers; the loop over blocks becomes vectors. */
#include "kernels/cpu/dropout.h"

#include <string.h>

enum { BLOCKS = LW_DROPOUT_DRAWN / 4 }; /* generator blocks at a time */

typedef struct {
  const LwStep *step;
  uint32_t threshold; /* kept: 24 random bits are at least this */
  float scale;
} Job;

#ifdef __AVX2__
/* Philox4x32-10, as engine/rng.h has it, with each of a block's words in the lower half of a lane
 * of 64 bits: a multiplication gives both halves of its product where they are wanted, and what is
 * left above a word harms nothing. */
#ifdef __AVX512F__
typedef __m512i Words;
#define MULTIPLY _mm512_mul_epu32
#else
typedef __m256i Words;
#define MULTIPLY _mm256_mul_epu32
#endif
typedef uint64_t Lanes __attribute__ ((vector_size (sizeof (Words))));
typedef uint32_t Bytes4 __attribute__ ((vector_size (sizeof (Words) / 2)));
typedef uint32_t Bytes4Any
    __attribute__ ((vector_size (sizeof (Words) / 2), aligned (1), may_alias));

enum { LANES = sizeof (Words) / 8, SIDE = 4 }; /* vectors side by side */

/* A byte for each of a block's numbers, in a lane's lower half. */
LW_INLINE Lanes
kept_bytes (const Lanes c[4], uint32_t threshold)
{
  Lanes bytes = { 0 };

  for (int i = 0; i < 4; i++)
    bytes |= (Lanes)((c[i] & 0xffffffffU) >> 8 >= threshold) & ((uint64_t)1 << 8 * i);
  return bytes;
}

void
LW_CPU (dropout_draw) (const LwStream *stream, uint64_t first, uint32_t threshold, uint8_t *keep)
{
  for (int block = 0; block < BLOCKS; block += SIDE * LANES) {
    const Lanes zero = { 0 };
#ifdef __AVX512F__
    const Lanes places = { 0, 1, 2, 3, 4, 5, 6, 7 };
#else
    const Lanes places = { 0, 1, 2, 3 };
#endif
    Lanes c[SIDE][4];
    uint32_t k0 = stream->key[0], k1 = stream->key[1];

#pragma GCC unroll 4
    for (int i = 0; i < SIDE; i++) {
      c[i][0] = places + ((first >> 2) + (uint64_t)(block + i * LANES));
      c[i][1] = zero + stream->b, c[i][2] = zero + stream->a, c[i][3] = zero + stream->purpose;
    }
    for (int round = 0; round < 10; round++) {
      const Lanes m0 = zero + 0xD2511F53u, m1 = zero + 0xCD9E8D57u;

#pragma GCC unroll 4
      for (int i = 0; i < SIDE; i++) {
        const Lanes p0 = (Lanes)MULTIPLY ((Words)c[i][0], (Words)m0);
        const Lanes p1 = (Lanes)MULTIPLY ((Words)c[i][2], (Words)m1);

        c[i][0] = (p1 >> 32) ^ c[i][1] ^ (zero + k0);
        c[i][2] = (p0 >> 32) ^ c[i][3] ^ (zero + k1);
        c[i][1] = p1;
        c[i][3] = p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
#pragma GCC unroll 4
    for (int i = 0; i < SIDE; i++)
      *(Bytes4Any *)(keep + 4 * (block + i * LANES)) =
          __builtin_convertvector(kept_bytes (c[i], threshold), Bytes4);
  }
}
#else
void
LW_CPU (dropout_draw) (const LwStream *stream, uint64_t first, uint32_t threshold, uint8_t *keep)
{
  uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];
  uint32_t k0 = stream->key[0], k1 = stream->key[1];

  for (int i = 0; i < BLOCKS; i++) {
    c0[i] = (uint32_t)(first >> 2) + (uint32_t)i;
    c1[i] = stream->b, c2[i] = stream->a, c3[i] = stream->purpose;
  }
  /* Philox4x32-10, as engine/rng.h has it, for all blocks at once. */
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < BLOCKS; i++) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];

      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
      c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c1[i] = (uint32_t)p1;
      c3[i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < BLOCKS; i++) {
    keep[4 * i] = c0[i] >> 8 >= threshold;
    keep[4 * i + 1] = c1[i] >> 8 >= threshold;
    keep[4 * i + 2] = c2[i] >> 8 >= threshold;
    keep[4 * i + 3] = c3[i] >> 8 >= threshold;
  }
}
#endif

LW_INLINE void
apply_some (const uint8_t *keep, const LwNumber *from, LwNumber *to, float scale, bool accumulate,
            int64_t count)
{
  const LwVecBits kept = __builtin_convertvector(lw_bytes_load_some (keep, count), LwVecBits) != 0;
  const LwVec value = (LwVec)((LwVecBits)(lw_load_some (from, count) * scale) & kept);

  lw_store_some (to, accumulate ? lw_load_some (to, count) + value : value, count);
}

static void
apply (const uint8_t *keep, const LwNumber *from, LwNumber *to, int64_t n, float scale,
       bool accumulate)
{
  int64_t i = 0;

  for (; i + LW_LANES <= n; i += LW_LANES)
    apply_some (keep + i, from + i, to + i, scale, accumulate, LW_LANES);
  if (i < n)
    apply_some (keep + i, from + i, to + i, scale, accumulate, n - i);
}

/* The position of the first number. */
static int64_t
first_position (const LwStep *step)
{
  return step->first * lw_shape_size (step->y_shape);
}

/* Items are 1024 positions, the first of which is a multiple of four, so that the first item may
 * have fewer; of vectors, what is drawn is applied as well. */
static int64_t
count_items (const LwStep *step)
{
  return (first_position (step) % 4 + lw_step_size (step) + 4 * BLOCKS - 1) / (4 * BLOCKS);
}

static void
draw_items (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const LwStream stream = lw_dropout_stream (step);
  const int64_t channels = step->y_shape.c, pixels = lw_pixels (step->y_shape);
  const int64_t size = channels * pixels;
  const int64_t before = first_position (step);
  uint8_t *state = step->state;
  uint8_t drawn[4 * BLOCKS];

  (void)thread;
  for (; item < last; item++) {
    const int64_t start = before / 4 * 4 + item * 4 * BLOCKS; /* in the whole batch */
    const int64_t first = MAX (start, before) - before;
    const int64_t n = MIN (start + 4 * BLOCKS - before, lw_step_size (step)) - first;
    const uint8_t *keep = drawn + (before + first - start);

    LW_CPU (dropout_draw) (&stream, (uint64_t)start, job->threshold, drawn);
    if (pixels == 1) {
      memcpy (state + first, keep, (size_t)n);
      apply (keep, (const LwNumber *)step->x[0] + first, (LwNumber *)step->y + first, n, job->scale,
             false);
      continue;
    }
    /* Position (example, channel, pixel) lies at (example, pixel, channel). */
    int64_t example = first / size, c = first % size / pixels, pixel = first % pixels;

    for (int64_t i = 0; i < n; i++) {
      state[example * size + pixel * channels + c] = keep[i];
      if (++pixel == pixels)
        pixel = 0, c++;
      if (c == channels)
        c = 0, example++;
    }
  }
}

static void
forward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const int64_t start = first * LW_BLOCK;

  (void)thread;
  apply ((const uint8_t *)step->state + start, (const LwNumber *)step->x[0] + start,
         (LwNumber *)step->y + start, lw_blocks_size (lw_step_size (step), first, last), job->scale,
         false);
}

static void
backward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const int64_t start = first * LW_BLOCK;

  (void)thread;
  apply ((const uint8_t *)step->state + start, (const LwNumber *)step->dy + start,
         (LwNumber *)step->dx[0] + start, lw_blocks_size (lw_step_size (step), first, last),
         job->scale, step->accumulate & 1);
}

static void
copy_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwTransposition *copy = data;
  const int64_t start = first * LW_BLOCK, n = lw_blocks_size (copy->n, first, last);
  const LwNumber *from = copy->from;
  LwNumber *to = copy->to;

  (void)thread;
  for (int64_t i = start; i < start + n; i++)
    to[i] = lw_number_of (lw_number (from[i]) + (copy->accumulate ? lw_number (to[i]) : 0));
}

/* Nothing is dropped. */
static void
pass (LwDevice *device, const LwStep *step, const void *from, void *to, bool accumulate)
{
  const LwTransposition copy = {
    .from = from, .to = to, .n = lw_step_size (step), .accumulate = accumulate
  };

  if (from != to)
    lw_pool_run (device->pool, lw_blocks (copy.n), copy_blocks, &copy);
}

static Job
job_new (const LwStep *step)
{
  return (Job){ step, lw_dropout_threshold (step), 1 / (1 - step->node->dropout) };
}

size_t
LW_CPU (dropout_state_bytes) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return lw_dropout_drops (step) ? (size_t)(step->batch * lw_shape_size (step->y_shape)) : 0;
}

bool
LW_CPU (dropout_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (lw_dropout_drops (step)) {
    const Job job = job_new (step);

    lw_pool_run (device->pool, count_items (step), draw_items, &job);
    if (lw_pixels (step->y_shape) > 1)
      lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), forward_blocks, &job);
  } else
    pass (device, step, step->x[0], step->y, false);
  return true;
}

bool
LW_CPU (dropout_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (!step->dx[0])
    return true;
  if (lw_dropout_drops (step)) {
    const Job job = job_new (step);

    lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), backward_blocks, &job);
  } else
    pass (device, step, step->dy, step->dx[0], step->accumulate & 1);
  return true;
}
