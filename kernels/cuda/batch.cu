/* A batch of a data set that lies on the device as bytes: n images, chosen by their numbers,
 * resized and scaled to [0, 1], and their labels. With i, t of the rows and j, s of the columns
 * (engine/data/resize.h):
 *
 *   x[o,p] = (1 − s[p]) · b[o,j[p]] / 255 + s[p] · b[o,j[p] + 1] / 255          along a row b[o]
 *   y[q,p] = (1 − t[q]) · x[i[q],p] + t[q] · x[i[q] + 1,p]
 *
 * Shapes: bytes [images][c][h][w], y [n][height][width][c] of either type (number.cuh), labels [n].
 * Ideas:
 *  1. Bytes are a quarter of floats, and resized images need never cross to the device: a batch is
 *     its images' numbers, 4 bytes each, in the order that the epoch's shuffle gives.
 *  2. One thread a number of y, neighbours together; what they read lies in caches.
 *  3. Each byte's value / 255 stands in a table in shared memory: four divisions a number less.
 *  4. Products and sums are rounded one by one (__fmul_rn, __fadd_rn), as the host's are: the same
 *     bits, whoever makes the batch.
 *  5. Images that are augmented (engine/data/augment_pixel.h has the formulas) are a block's each:
 *     what is done to an image came with its number, so no thread waits for another kind. A
 *     contrast needs the image's mean grey value: a first walk makes the pixels up to there and
 *     adds them up, as integers, and a second one makes them again, which needs no memory between
 *     the two.
 *  6. Normalized, (x − mean) / deviation of a channel, as the last step of both kinds.
 * Host twins: engine/data/resize.c, augment_image.c, normalization.c. */
#include "engine/data/augment_pixel.h"
#include "engine/memplan.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

/* One axis of the resize. */
struct Axis {
  const int32_t *index;
  const float *t;
  int32_t n, size; /* of the input, of the output */
};

/* An image of the batch, and what is done to it. */
struct Chosen {
  int32_t example;
  LwTransform transform;
};

struct Source {
  const uint8_t *images, *labels;
  const int32_t *examples; /* or `chosen` */
  const Chosen *chosen;
  Axis rows, columns;
  int32_t channels;
  const float *normal;
};

/* `normal`: means, then deviations of the channels; NULL: not. */
__device__ float
normalized (const float *normal, int32_t channels, int32_t c, float x)
{
  return normal == NULL ? x : __fdiv_rn (x - normal[c], normal[channels + c]);
}

/* Blocks of 256 threads: as many as a byte has values. */
template <class T>
__global__ void
make (Source source, int32_t examples, T *y, int32_t *labels)
{
  LW_SHARED (float, scaled, [LW_EACH_THREADS]);
  const Axis rows = source.rows, columns = source.columns;
  const int64_t n = (int64_t)examples * rows.size * columns.size * source.channels;

  scaled[threadIdx.x] = __fdiv_rn ((float)threadIdx.x, 255.0f);
  __syncthreads ();
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    const int32_t c = (int32_t)(i % source.channels);
    const int64_t place = i / source.channels;
    const int32_t p = (int32_t)(place % columns.size);
    const int32_t q = (int32_t)(place / columns.size % rows.size);
    const int64_t example = source.examples[place / columns.size / rows.size];
    const uint8_t *plane =
        source.images + (example * source.channels + c) * ((int64_t)rows.n * columns.n);
    const int32_t left = columns.index[p], right = left + (left + 1 < columns.n);
    const int32_t top = rows.index[q], bottom = top + (top + 1 < rows.n);
    const uint8_t *upper = plane + (int64_t)top * columns.n;
    const uint8_t *lower = plane + (int64_t)bottom * columns.n;

    const float x = lw_between (
        lw_between (scaled[upper[left]], scaled[upper[right]], columns.t[p]),
        lw_between (scaled[lower[left]], scaled[lower[right]], columns.t[p]), rows.t[q]);

    y[i] = LwNumber<T>::of (normalized (source.normal, source.channels, c, x));
  }
  for (int64_t i = lw_each_first (); i < examples; i += lw_each_stride ())
    labels[i] = source.labels[source.examples[i]];
}

/* Where a pixel of the input lies in the image that it is made of. */
struct Place {
  int32_t top, bottom, left, right;
  float down, across;
};

__device__ Place
place_of (const Source &source, const LwTransform &transform, int32_t q, int32_t p)
{
  const int32_t column = transform.flip ? source.columns.size - 1 - p : p;
  Place place;

  place.top = lw_axis_at (transform.height, source.rows.size, q, &place.down);
  place.left = lw_axis_at (transform.width, source.columns.size, column, &place.across);
  place.bottom = place.top + (place.top + 1 < transform.height);
  place.right = place.left + (place.left + 1 < transform.width);
  place.top += transform.top + transform.shift_y;
  place.bottom += transform.top + transform.shift_y;
  place.left += transform.left + transform.shift_x;
  place.right += transform.left + transform.shift_x;
  return place;
}

/* A byte as a number, black outside of the image. */
__device__ float
look (const Source &source, const uint8_t *plane, const float *scaled, int32_t y, int32_t x)
{
  return y >= 0 && y < source.rows.n && x >= 0 && x < source.columns.n
             ? scaled[plane[(int64_t)y * source.columns.n + x]]
             : 0.0f;
}

__device__ float
value_at (const Source &source, const uint8_t *plane, const float *scaled, const Place &place)
{
  return lw_between (
      lw_between (look (source, plane, scaled, place.top, place.left),
                  look (source, plane, scaled, place.top, place.right), place.across),
      lw_between (look (source, plane, scaled, place.bottom, place.left),
                  look (source, plane, scaled, place.bottom, place.right), place.across),
      place.down);
}

/* The sum of the block's numbers, for all threads; whole numbers, so in any order. */
__device__ uint64_t
sum_of_block (uint64_t *sums, uint64_t own)
{
  sums[threadIdx.x] = own;
  for (int half = LW_EACH_THREADS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if ((int)threadIdx.x < half)
      sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  __syncthreads ();

  const uint64_t sum = sums[0];

  __syncthreads (); /* before they are written again */
  return sum;
}

/* Calls body (k, x) with each of this thread's values x after the first `n` operations, which is
 * number k of the image [height][width][c]. */
template <class Body>
__device__ void
walk (const Source &source, const Chosen &chosen, const float *scaled, int32_t n, float mean,
      Body body)
{
  const int64_t plane = (int64_t)source.rows.n * source.columns.n;
  const uint8_t *image = source.images + chosen.example * source.channels * plane;
  const int32_t width = source.columns.size, pixels = source.rows.size * width;

  for (int32_t i = (int32_t)threadIdx.x; i < pixels; i += LW_EACH_THREADS) {
    const Place place = place_of (source, chosen.transform, i / width, i % width);

    if (source.channels == 3) {
      float rgb[3];

      LW_UNROLL
      for (int c = 0; c < 3; c++)
        rgb[c] = value_at (source, image + c * plane, scaled, place);
      lw_colour_pixel (&chosen.transform, n, mean, rgb);
      body (i, rgb);
    } else
      for (int32_t c = 0; c < source.channels; c++) {
        const float x = lw_colour_value (&chosen.transform, n, mean,
                                         value_at (source, image + c * plane, scaled, place));

        body ((int64_t)i * source.channels + c, x);
      }
  }
}

/* Sums grey values. */
struct Add {
  uint64_t *sum;

  __device__ void operator() (int64_t, const float (&rgb)[3]) const
  {
    *sum += lw_grey_units (lw_grey (rgb));
  }
  __device__ void operator() (int64_t, float x) const
  {
    *sum += lw_grey_units (x);
  }
};

/* Writes the input. */
template <class T> struct Put {
  T *y;
  const float *normal;
  int32_t channels;

  __device__ void operator() (int64_t pixel, const float (&rgb)[3]) const
  {
    LW_UNROLL
    for (int c = 0; c < 3; c++)
      y[3 * pixel + c] = LwNumber<T>::of (normalized (normal, 3, c, rgb[c]));
  }
  __device__ void operator() (int64_t k, float x) const
  {
    y[k] = LwNumber<T>::of (normalized (normal, channels, (int32_t)(k % channels), x));
  }
};

/* An image a block, of 256 threads. */
template <class T>
__global__ void
augment (Source source, int32_t examples, T *y, int32_t *labels)
{
  LW_SHARED (float, scaled, [LW_EACH_THREADS]);
  LW_SHARED (uint64_t, sums, [LW_EACH_THREADS]);
  const int64_t pixels = (int64_t)source.rows.size * source.columns.size;

  scaled[threadIdx.x] = __fdiv_rn ((float)threadIdx.x, 255.0f);
  __syncthreads ();
  for (int32_t i = (int32_t)blockIdx.x; i < examples; i += (int32_t)gridDim.x) {
    const Chosen &chosen = source.chosen[i];
    const int32_t place = lw_contrast_place (&chosen.transform);
    float mean = 0.0f;

    if (place >= 0) { /* of the image, so all threads of the block */
      uint64_t sum = 0;

      walk (source, chosen, scaled, place, 0.0f, Add{ &sum });
      sum = sum_of_block (sums, sum);
      mean = lw_grey_mean (sum, source.channels == 3 ? pixels : source.channels * pixels);
    }
    walk (source, chosen, scaled, LW_N_JITTERS, mean,
          Put<T>{ y + i * pixels * source.channels, source.normal, source.channels });
    if (threadIdx.x == 0)
      labels[i] = source.labels[chosen.example];
  }
}

template <class T>
cudaError_t
launch (LwDevice *device, const Source &source, int32_t n, void *y, int32_t *labels)
{
  if (source.chosen != NULL)
    return lw_launch (augment<T>, dim3 ((unsigned)(n < LW_EACH_BLOCKS ? n : LW_EACH_BLOCKS)),
                      LW_EACH_THREADS, 0, device->stream, source, n, (T *)y, labels);

  const int64_t numbers = (int64_t)n * source.rows.size * source.columns.size * source.channels;

  return lw_launch (make<T>, lw_each_blocks (numbers), LW_EACH_THREADS, 0, device->stream, source,
                    n, (T *)y, labels);
}

struct Kept {
  Source source;
  void *batch;  /* its images' numbers, [batch] int32_t or Chosen, the device's */
  char *memory; /* of all this */
  size_t bytes;
};

/* A piece of the memory that is laid out. */
size_t
place (size_t *bytes, size_t more)
{
  const size_t at = *bytes;

  *bytes += (more + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
  return at;
}

bool
upload_axis (LwDevice *device, const Axis &axis, const int32_t *index, const float *t,
             GError **error)
{
  const size_t n = (size_t)axis.size;

  return lw_cuda_upload (device, (void *)axis.index, index, sizeof *index * n, error) &&
         lw_cuda_upload (device, (void *)axis.t, t, sizeof *t * n, error);
}

bool
upload_normal (LwDevice *device, const Source &source, const LwNormalization *normalization,
               GError **error)
{
  const int32_t n = source.channels;
  g_autofree float *normal = g_new (float, 2 * (gsize)n);

  for (int32_t c = 0; c < n; c++) {
    normal[c] = lw_normalization_mean (normalization, c);
    normal[n + c] = lw_normalization_deviation (normalization, c);
  }
  return source.normal == NULL || lw_cuda_upload (device, (void *)source.normal, normal,
                                                  2 * sizeof *normal * (size_t)n, error);
}

} // namespace

void *
lw_cuda_keep_images (LwDevice *device, const LwImages *images, LwShape shape, int32_t batch,
                     GError **error)
{
  const size_t image = (size_t)images->channels * (size_t)images->height * (size_t)images->width;
  Kept *kept = g_new0 (Kept, 1);
  size_t bytes = 0;
  const size_t all = place (&bytes, image * (size_t)images->n);
  const size_t labels = place (&bytes, (size_t)images->n);
  const size_t one = images->augments ? sizeof (Chosen) : sizeof (int32_t);
  const size_t examples = place (&bytes, one * (size_t)batch);
  const size_t row = place (&bytes, sizeof (int32_t) * (size_t)shape.h);
  const size_t row_t = place (&bytes, sizeof (float) * (size_t)shape.h);
  const size_t column = place (&bytes, sizeof (int32_t) * (size_t)shape.w);
  const size_t column_t = place (&bytes, sizeof (float) * (size_t)shape.w);
  const size_t normal = place (&bytes, 2 * sizeof (float) * (size_t)images->channels);
  char *memory = (char *)lw_cuda_alloc (device, bytes, error);

  kept->memory = memory;
  kept->bytes = bytes;
  kept->batch = memory + examples;
  kept->source = { (const uint8_t *)memory + all,
                   (const uint8_t *)memory + labels,
                   images->augments ? NULL : (const int32_t *)kept->batch,
                   images->augments ? (const Chosen *)kept->batch : NULL,
                   { (const int32_t *)(memory + row), (const float *)(memory + row_t),
                     images->height, shape.h },
                   { (const int32_t *)(memory + column), (const float *)(memory + column_t),
                     images->width, shape.w },
                   images->channels,
                   images->normalization->n > 0 ? (const float *)(memory + normal) : NULL };
  if (memory != NULL &&
      lw_cuda_upload (device, memory + all, images->images, image * (size_t)images->n, error) &&
      lw_cuda_upload (device, memory + labels, images->labels, (size_t)images->n, error) &&
      upload_axis (device, kept->source.rows, images->row, images->row_t, error) &&
      upload_axis (device, kept->source.columns, images->column, images->column_t, error) &&
      upload_normal (device, kept->source, images->normalization, error))
    return kept;
  lw_cuda_drop_images (device, kept);
  return NULL;
}

void
lw_cuda_drop_images (LwDevice *device, void *kept)
{
  Kept *images = (Kept *)kept;

  if (images->memory != NULL)
    lw_cuda_free (device, images->memory, images->bytes);
  g_free (images);
}

namespace {

/* Nothing is done to images that come without. */
void
put_chosen (const Source &source, const int32_t *examples, const LwTransform *transforms, int32_t n,
            Chosen *ret_chosen)
{
  LwTransform none = {};

  none.height = source.rows.n, none.width = source.columns.n;
  for (uint8_t &colour : none.order)
    colour = LW_JITTER_NONE;
  for (int32_t i = 0; i < n; i++)
    ret_chosen[i] = { examples[i], transforms != NULL ? transforms[i] : none };
}

} // namespace

bool
lw_cuda_send_examples (LwDevice *device, const void *kept, const int32_t *examples,
                       const LwTransform *transforms, int32_t n, GError **error)
{
  const Kept *images = (const Kept *)kept;
  const size_t bytes = sizeof (Chosen) * (size_t)n;

  if (images->source.chosen == NULL)
    return lw_cuda_upload_soon (device, LW_CUDA_STAGE_LABELS, images->batch, examples,
                                sizeof *examples * (size_t)n, error);

  Chosen *stage = (Chosen *)lw_cuda_stage (device, LW_CUDA_STAGE_LABELS, bytes);

  if (stage != NULL) {
    put_chosen (images->source, examples, transforms, n, stage);
    return lw_cuda_send (device, LW_CUDA_STAGE_LABELS, images->batch, bytes, error);
  }

  g_autofree Chosen *chosen = g_new (Chosen, n);

  put_chosen (images->source, examples, transforms, n, chosen);
  return lw_cuda_upload (device, images->batch, chosen, bytes, error);
}

bool
lw_cuda_make_batch (LwDevice *device, const void *kept, int32_t n, void *value, int32_t *labels,
                    GError **error)
{
  const Source source = ((const Kept *)kept)->source;

  return lw_cuda_check (device->bf16 ? launch<LwBf16> (device, source, n, value, labels)
                                     : launch<float> (device, source, n, value, labels),
                        "batch", error);
}
