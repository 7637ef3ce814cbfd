/* "shapes": figures drawn from signed distances. For a pixel at (x, y), measured from the figure's
 * centre in its turned and stretched axes, distance() is negative inside the figure and counts
 * pixels; ½ − distance, cut to [0, 1], is then the share of the pixel that is covered, which
 * smooths the edges. Place, size, turn, stretch, thickness, brightness, a stray line and noise are
 * random, so that a network has to learn what makes a ring a ring.
 *
 * All arithmetic is addition, multiplication, division and square root, which IEEE 754 defines to
 * the last bit, and the numbers come from lw_stream: the set is the same everywhere. */
#include "engine/data/dataset_private.h"
#include "engine/i18n.h"
#include "engine/rng.h"
#include <math.h>

#define SIDE LW_SHAPES_SIDE

enum { CIRCLE, RING, SQUARE, FRAME, TRIANGLE, PLUS, CROSS, ROWS, COLUMNS, DOTS };

const char *const lw_shapes_classes[LW_SHAPES_CLASSES + 1] = {
  [CIRCLE] = N_ ("circle"),         [RING] = N_ ("ring"),
  [SQUARE] = N_ ("square"),         [FRAME] = N_ ("frame"),
  [TRIANGLE] = N_ ("triangle"),     [PLUS] = N_ ("plus"),
  [CROSS] = N_ ("cross"),           [ROWS] = N_ ("horizontal bars"),
  [COLUMNS] = N_ ("vertical bars"), [DOTS] = N_ ("dots"),
};

/* The most that a figure of the class is turned by, as the tangent of half the angle: 1 is 90°
 * either way. A plus that may turn far would be a cross. */
static const float most_turn[LW_SHAPES_CLASSES] = {
  [CIRCLE] = 1.0f, [RING] = 1.0f,   [SQUARE] = 0.18f, [FRAME] = 0.18f,   [TRIANGLE] = 0.2f,
  [PLUS] = 0.13f,  [CROSS] = 0.13f, [ROWS] = 0.13f,   [COLUMNS] = 0.13f, [DOTS] = 0.4f,
};

typedef struct {
  int32_t figure;
  float x, y;         /* centre, pixels */
  float cosine, sine; /* of the turn */
  float stretch;      /* of the figure's x axis */
  float radius;       /* half its extent, pixels */
  float thickness;    /* half a stroke, pixels */
  float period;       /* of bars and dots, pixels */
} Figure;

typedef struct {
  const LwStream stream;
  uint64_t position;
} Random;

static float
uniform (Random *random, float low, float high)
{
  return low + (high - low) * lw_stream_uniform (&random->stream, random->position++);
}

/* Each ten examples in a row hold each class once, in a random order. */
static int32_t
pick_class (uint64_t seed, LwSplit split, int32_t index)
{
  const uint32_t block = (uint32_t)index / LW_SHAPES_CLASSES;
  /* the upper half of the numbers of examples, so that no example draws the same bits */
  const LwStream stream = lw_stream (seed, LW_STREAM_DATA, split, 0x80000000u | block);
  int32_t order[LW_SHAPES_CLASSES];

  for (uint32_t i = 0; i < LW_SHAPES_CLASSES; i++) {
    const uint32_t j = (uint32_t)(((uint64_t)lw_stream_bits (&stream, i) * (i + 1)) >> 32);

    order[i] = order[j];
    order[j] = (int32_t)i;
  }
  return order[index % LW_SHAPES_CLASSES];
}

static Figure
pick_figure (Random *random, int32_t class)
{
  Figure figure = { .figure = class };
  /* With t = tan (angle / 2): cos = (1 − t²) / (1 + t²), sin = 2 t / (1 + t²). */
  const float t = uniform (random, -most_turn[class], most_turn[class]);
  float room;

  figure.cosine = (1.0f - t * t) / (1.0f + t * t);
  figure.sine = 2.0f * t / (1.0f + t * t);
  if (class == CROSS) { /* a plus turned by 45° more */
    const float cosine = figure.cosine, diagonal = 0.70710678f;

    figure.cosine = diagonal * (cosine - figure.sine);
    figure.sine = diagonal * (cosine + figure.sine);
  }
  figure.radius = uniform (random, 8.0f, 12.0f);
  figure.stretch = uniform (random, 0.8f, 1.2f);
  figure.thickness = uniform (random, 1.0f, 0.2f * figure.radius);
  figure.period = uniform (random, 3.6f, 0.62f * figure.radius + 1.0f);
  room = fminf (13.5f - figure.radius, 2.5f);
  figure.x = 0.5f * SIDE + uniform (random, -room, room);
  figure.y = 0.5f * SIDE + uniform (random, -room, room);
  return figure;
}

/* From the middle of the nearest repeat, −period / 2 to period / 2. */
static float
repeat (float x, float period)
{
  return x - period * floorf (x / period + 0.5f);
}

static float
distance (const Figure *figure, float x, float y)
{
  const float r = figure->radius, half = figure->thickness, period = figure->period;
  const float ax = fabsf (x), ay = fabsf (y), box = fmaxf (ax, ay);

  switch (figure->figure) {
  case CIRCLE:
    return sqrtf (x * x + y * y) - r;
  case RING:
    return fabsf (sqrtf (x * x + y * y) - (r - half)) - half;
  case SQUARE:
    return box - 0.85f * r;
  case FRAME:
    return fabsf (box - (0.85f * r - half)) - half;
  case TRIANGLE: /* three sides, at half the radius from the centre */
    return fmaxf (y, 0.8660254f * ax - 0.5f * y) - 0.55f * r;
  case PLUS:
  case CROSS: /* the nearer of two strokes */
    return fminf (fmaxf (ax - r, ay - half), fmaxf (ax - half, ay - r));
  case ROWS:
    return fmaxf (box - r, fabsf (repeat (y, period)) - 0.25f * period);
  case COLUMNS:
    return fmaxf (box - r, fabsf (repeat (x, period)) - 0.25f * period);
  default: { /* dots, as many whole ones as fit */
    const float dx = repeat (x, period), dy = repeat (y, period);

    return fmaxf (fmaxf (fabsf (x - dx), fabsf (y - dy)) - (r - 0.3f * period),
                  sqrtf (dx * dx + dy * dy) - 0.32f * period);
  }
  }
}

static float
covered (const Figure *figure, float x, float y)
{
  const float dx = x - figure->x, dy = y - figure->y;
  const float u = (figure->cosine * dx + figure->sine * dy) / figure->stretch;
  const float v = figure->cosine * dy - figure->sine * dx;

  return fminf (fmaxf (0.5f - distance (figure, u, v), 0.0f), 1.0f);
}

/* What lies under the figure: an even slope of grey, and a stray line across. */
typedef struct {
  float level, slope_x, slope_y;
  float nx, ny, offset, half, line; /* line: |nx·x + ny·y − offset| ≤ half; its brightness */
} Ground;

static Ground
pick_ground (Random *random)
{
  Ground ground;
  const float t = uniform (random, -1.0f, 1.0f);
  float x, y;

  ground.level = uniform (random, 0.0f, 0.12f);
  ground.slope_x = uniform (random, -0.008f, 0.008f);
  ground.slope_y = uniform (random, -0.008f, 0.008f);
  ground.nx = (1.0f - t * t) / (1.0f + t * t);
  ground.ny = 2.0f * t / (1.0f + t * t);
  x = uniform (random, 2.0f, SIDE - 2.0f);
  y = uniform (random, 2.0f, SIDE - 2.0f);
  ground.offset = ground.nx * x + ground.ny * y;
  ground.half = uniform (random, 0.3f, 0.8f);
  ground.line = uniform (random, -0.2f, 0.2f);
  return ground;
}

static float
ground_at (const Ground *ground, float x, float y)
{
  const float line = fabsf (ground->nx * x + ground->ny * y - ground->offset) - ground->half;

  return ground->level + ground->slope_x * (x - 0.5f * SIDE) + ground->slope_y * (y - 0.5f * SIDE) +
         ground->line * fminf (fmaxf (0.5f - line, 0.0f), 1.0f);
}

/* The sum of a word's four bytes is nearly normal (Irwin–Hall): mean 510, deviation 147.8. */
static float
noise (uint32_t word)
{
  const uint32_t sum = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24);

  return ((float)sum - 510.0f) / 147.8f;
}

int32_t
lw_shapes_draw (uint64_t seed, LwSplit split, int32_t index, uint8_t *ret_image)
{
  Random random = { .stream = lw_stream (seed, LW_STREAM_DATA, split, (uint32_t)index) };
  const int32_t class = pick_class (seed, split, index);
  const Figure figure = pick_figure (&random, class);
  const Ground ground = pick_ground (&random);
  const float contrast = uniform (&random, 0.6f, 0.9f), grain = uniform (&random, 0.02f, 0.06f);

  for (int32_t y = 0; y < SIDE; y++)
    for (int32_t x = 0; x < SIDE; x += 4) {
      /* Four pixels share a block of the stream, behind those that the figure took. */
      const uint32_t counter[4] = { 64u + (uint32_t)(y * SIDE + x) / 4, random.stream.b,
                                    random.stream.a, random.stream.purpose };
      uint32_t words[4];

      lw_philox (counter, random.stream.key, words);
      for (int32_t i = 0; i < 4; i++) {
        const float px = (float)(x + i) + 0.5f, py = (float)y + 0.5f;
        const float under = ground_at (&ground, px, py), cover = covered (&figure, px, py);
        const float over = ground.level + contrast;
        const float value = under + (over - under) * cover + grain * noise (words[i]);

        ret_image[y * SIDE + x + i] = (uint8_t)(255.0f * CLAMP (value, 0.0f, 1.0f) + 0.5f);
      }
    }
  return class;
}

static void
draw_split (uint64_t seed, LwSplit split, int32_t n, LwExamples *ret_examples)
{
  ret_examples->images = g_malloc ((gsize)n * SIDE * SIDE + 1);
  ret_examples->labels = g_malloc ((gsize)n + 1);
  ret_examples->n = n;
  for (int32_t i = 0; i < n; i++)
    ret_examples->labels[i] =
        (uint8_t)lw_shapes_draw (seed, split, i, ret_examples->images + (int64_t)i * SIDE * SIDE);
}

LwDataset *
lw_dataset_new_shapes (int32_t n_train, int32_t n_test, uint64_t seed)
{
  LwRawData raw = { .channels = 1, .height = SIDE, .width = SIDE };

  draw_split (seed, LW_SPLIT_TRAIN, MAX (n_train, 0), &raw.splits[LW_SPLIT_TRAIN]);
  draw_split (seed, LW_SPLIT_TEST, MAX (n_test, 0), &raw.splits[LW_SPLIT_TEST]);
  return lw_dataset_take ("shapes", NULL, &raw, lw_shapes_classes, LW_SHAPES_CLASSES);
}
