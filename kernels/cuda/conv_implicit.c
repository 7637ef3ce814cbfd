/* Implicit GEMM as one of the algorithms of a convolution: which tile and how many stretches a step
 * takes, by its shapes alone, so that sums have the same order on all devices. */
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/conv_implicit.h"
#include "kernels/cuda/link.h"

/* So many blocks keep a large device busy (an H100 has 132 multiprocessors, with room for two
 * blocks each). */
enum { ENOUGH_BLOCKS = 264 };
/* Pixels that are worth a stretch of their own, and the most stretches and bytes for their sums. */
enum { FEWEST_PIXELS = 256, MOST_SPLITS = 64, PARTIAL_BYTES = 64 << 20 };
/* In a map, some tiles away from what 32 bits can count; and of pixels of a wider map. */
enum { MOST_NUMBERS = INT32_MAX - (1 << 16), WIDEST = 1 << 13 };
/* Multiplications of a product that fills tiles. */
enum { LARGE = 1 << 22 };

static int64_t
blocks_of (int64_t rows, int64_t columns, int32_t tile_rows, int32_t tile_columns)
{
  return ((rows + tile_rows - 1) / tile_rows) * ((columns + tile_columns - 1) / tile_columns);
}

/* The largest tile of which there are enough and that columns do not leave half empty. */
static LwCudaTile
choose_tile (int64_t rows, int64_t columns)
{
  if (columns <= 32)
    return LW_CUDA_TILE_128_32;
  if ((columns - 1) % 128 >= 64 && blocks_of (rows, columns, 128, 128) >= ENOUGH_BLOCKS)
    return LW_CUDA_TILE_128_128;
  return blocks_of (rows, columns, 128, 64) >= ENOUGH_BLOCKS ? LW_CUDA_TILE_128_64
                                                             : LW_CUDA_TILE_64_64;
}

static int64_t
taps_of (const LwStep *step)
{
  return (int64_t)step->node->window.kernel * step->node->window.kernel * step->x_shape[0].c;
}

static int64_t
pixels_of (const LwStep *step, LwShape shape)
{
  return (int64_t)step->batch * shape.h * shape.w;
}

/* Of the gradient of weights, whose blocks are multiplied by stretches: rows are outputs. */
static LwCudaTile
weights_tile (const LwStep *step)
{
  const int32_t outputs = step->y_shape.c;

  if (outputs <= 32)
    return LW_CUDA_TILE_128_32;
  return (outputs - 1) % 128 >= 64 && taps_of (step) > 64 ? LW_CUDA_TILE_128_128
                                                          : LW_CUDA_TILE_64_64;
}

static int32_t
splits_of (const LwStep *step)
{
  static const int32_t tile_rows[] = { 128, 128, 64, 32 }, tile_columns[] = { 128, 64, 64, 128 };
  const LwCudaTile tile = weights_tile (step);
  const int64_t taps = taps_of (step), outputs = step->y_shape.c;
  const int64_t blocks = blocks_of (outputs, taps, tile_rows[tile], tile_columns[tile]);
  const int64_t most = PARTIAL_BYTES / ((int64_t)sizeof (float) * outputs * (taps + 1));
  int64_t splits = (ENOUGH_BLOCKS + blocks - 1) / blocks;

  splits = MIN (splits, MIN (MOST_SPLITS, most));
  splits = MIN (splits, pixels_of (step, step->y_shape) / FEWEST_PIXELS);
  return (int32_t)MAX (splits, 1);
}

static LwCudaTile
tile_of (const LwStep *step, LwDirection direction)
{
  const int64_t s = step->node->window.stride;

  switch (direction) {
  case LW_FORWARD:
    return choose_tile (pixels_of (step, step->y_shape), step->y_shape.c);
  case LW_BACKWARD_DATA:
    return choose_tile (pixels_of (step, step->x_shape[0]) / (s * s), step->x_shape[0].c);
  default:
    return weights_tile (step);
  }
}

/* Numbers from a pixel to the next one. */
static int32_t
pixel_of (int64_t wider, LwShape shape)
{
  return wider > 0 ? (int32_t)wider : shape.c;
}

/* Places in an example's map and in weights are counted in 32 bits. How wide the map is of which
 * this one is some channels is not yet known when this is asked first. */
static bool
fits (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwShape x = step->x_shape[0], y = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t sides = MAX (MAX (x.h, x.w), MAX (y.h, y.w));
  const int64_t pixels = MAX ((int64_t)x.h * x.w, (int64_t)y.h * y.w);

  (void)device;
  return sides + window.padding + window.kernel < LW_CUDA_MAX_SIDE &&
         pixels <= MOST_NUMBERS / MAX (WIDEST, MAX (x.c, y.c)) &&
         taps_of (step) <= MOST_NUMBERS / y.c &&
         (direction != LW_BACKWARD_DATA || window.stride <= LW_CUDA_MAX_STRIDE);
}

/* Room for moments of the smallest tiles. */
static size_t
moment_bytes (const LwStep *step)
{
  const size_t tiles = (size_t)((pixels_of (step, step->y_shape) + 63) / 64);

  return step->training && lw_cuda_conv_before (step) == LW_CONV_BEFORE_NORM
             ? 2 * sizeof (float) * tiles * (size_t)step->y_shape.c
             : 0;
}

static size_t
workspace_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const size_t splits = direction == LW_BACKWARD_WEIGHTS ? (size_t)splits_of (step) : 1;

  (void)device;
  if (direction == LW_FORWARD)
    return moment_bytes (step);
  return splits > 1
             ? sizeof (float) * splits * (size_t)step->y_shape.c * (size_t)(taps_of (step) + 1)
             : 0;
}

static bool
run_part (LwDevice *device, const LwCudaImplicit *job, LwDirection direction, GError **error)
{
  switch (direction) {
  case LW_FORWARD:
    return lw_cuda_implicit_forward (device, job, error);
  case LW_BACKWARD_DATA:
    return lw_cuda_implicit_data (device, job, error);
  default:
    return lw_cuda_implicit_weights (device, job, error);
  }
}

/* `n` numbers further, if there is something. */
static void *
past (const LwCudaImplicit *job, const void *at, int64_t n)
{
  return at != NULL ? (char *)at + n * (job->numbers == LW_CUDA_BF16 ? 2 : 4) : NULL;
}

bool
lw_cuda_implicit_run (LwDevice *device, const LwCudaImplicit *job, LwDirection direction,
                      int64_t most, GError **error)
{
  const int64_t x = (int64_t)job->x_shape.h * job->x_shape.w * job->x_pixel;
  const int64_t y = (int64_t)job->y_shape.h * job->y_shape.w * job->y_pixel;
  const int32_t at_once = (int32_t)CLAMP (most / MAX (x, y), 1, job->n);

  for (int32_t first = 0; first < job->n; first += at_once) {
    LwCudaImplicit part = *job;

    part.n = MIN (at_once, job->n - first);
    part.x = past (job, job->x, first * x);
    part.dx = past (job, job->dx, first * x);
    part.y = past (job, job->y, first * y);
    part.dy = past (job, job->dy, first * y);
    part.residual = past (job, job->residual, first * y);
    if (!run_part (device, &part, direction, error))
      return false;
  }
  return true;
}

static LwCudaImplicit
job_of (const LwDevice *device, const LwStep *step, LwDirection direction, const void *w)
{
  const bool forward = direction == LW_FORWARD, data = direction == LW_BACKWARD_DATA;

  return (LwCudaImplicit){
    .numbers = device->bf16                             ? LW_CUDA_BF16
               : device->precision == LW_PRECISION_TF32 ? LW_CUDA_TF32
                                                        : LW_CUDA_EXACT,
    .tile = tile_of (step, direction),
    .window = step->node->window,
    .n = step->n,
    .x_shape = step->x_shape[0],
    .y_shape = step->y_shape,
    .x_pixel = pixel_of (data ? step->dx_pixel[0] : step->x_pixel[0], step->x_shape[0]),
    .y_pixel = pixel_of (forward ? step->y_pixel : step->dy_pixel, step->y_shape),
    .x = step->x[0],
    .w = w,
    .dy = step->dy,
    .y = step->y,
    .dx = step->dx[0],
    .accumulate = step->accumulate & 1,
    .bias = step->param[LW_ROLE_BIAS],
    .relu = lw_cuda_link_relu (step),
    .dw = step->dparam[LW_ROLE_WEIGHT],
    .db = step->dparam[LW_ROLE_BIAS],
    .splits = splits_of (step),
    .partial = step->workspace,
  };
}

/* The sum behind it: its other input is added, or what a batch normalization makes of that one's
 * input, and the result is the sum's (link_residual.c). */
static void
take_sum (LwCudaImplicit *job, const LwStep *step, const LwStep *sum)
{
  const LwStep *norm = lw_cuda_link_norm (sum);
  const int other = sum->node->inputs[0] == step->id ? 1 : 0;

  job->y = sum->y;
  job->y_pixel = pixel_of (sum->y_pixel, sum->y_shape);
  job->residual = norm != NULL ? norm->x[0] : sum->x[other];
  job->norm = norm;
  job->relu = lw_cuda_link_relu (sum);
}

/* Of maps that are computed in parts nothing is left: tiles would begin anew in each. */
static int32_t
tile (LwDevice *device, const LwStep *step)
{
  const LwCudaImplicit job =
      job_of (device, step, LW_FORWARD, lw_cuda_weights (device, step, NULL));
  const int64_t x = (int64_t)job.x_shape.h * job.x_shape.w * job.x_pixel;
  const int64_t y = (int64_t)job.y_shape.h * job.y_shape.w * job.y_pixel;

  return step->batch <= MOST_NUMBERS / MAX (x, y) ? lw_cuda_implicit_row_tile (&job) : 0;
}

static bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const bool forward = direction == LW_FORWARD;
  const void *w = direction != LW_BACKWARD_WEIGHTS ? lw_cuda_weights (device, step, error) : NULL;
  LwCudaImplicit job = job_of (device, step, direction, w);

  if (w == NULL && direction != LW_BACKWARD_WEIGHTS)
    return false;
  if (forward && lw_cuda_link_sum (step) != NULL)
    take_sum (&job, step, lw_cuda_link_sum (step));
  if (forward && moment_bytes (step) > 0 && tile (device, step) > 0)
    job.moments = step->workspace;
  return lw_cuda_implicit_run (device, &job, direction, MOST_NUMBERS, error);
}

/* A 1 × 1 window's columns are x itself: nothing is to be gained beside cuBLAS. Of small products,
 * which take as long as their launches, tiles would be empty for the greater part. */
static bool
preferred (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const int64_t products = pixels_of (step, step->y_shape) * step->y_shape.c * taps_of (step);

  (void)device;
  (void)direction;
  return step->node->window.kernel > 1 && products >= LARGE;
}

const LwCudaConv lw_cuda_conv_implicit = { .name = "implicit GEMM",
                                           .fits = fits,
                                           .workspace_bytes = workspace_bytes,
                                           .run = run,
                                           .preferred = preferred,
                                           .version = 2,
                                           .relu = true,
                                           .adds = true,
                                           .tile = tile };
