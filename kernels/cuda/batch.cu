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
 * Host twin: engine/data/resize.c. */
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

struct Source {
  const uint8_t *images, *labels;
  const int32_t *examples;
  Axis rows, columns;
  int32_t channels;
};

__device__ float
between (float a, float b, float t)
{
  return __fadd_rn (__fmul_rn (1.0f - t, a), __fmul_rn (t, b));
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

    y[i] = LwNumber<T>::of (
        between (between (scaled[upper[left]], scaled[upper[right]], columns.t[p]),
                 between (scaled[lower[left]], scaled[lower[right]], columns.t[p]), rows.t[q]));
  }
  for (int64_t i = lw_each_first (); i < examples; i += lw_each_stride ())
    labels[i] = source.labels[source.examples[i]];
}

template <class T>
cudaError_t
launch (LwDevice *device, const Source &source, int32_t n, void *y, int32_t *labels)
{
  const int64_t numbers = (int64_t)n * source.rows.size * source.columns.size * source.channels;

  return lw_launch (make<T>, lw_each_blocks (numbers), LW_EACH_THREADS, 0, device->stream, source,
                    n, (T *)y, labels);
}

struct Kept {
  Source source;
  int32_t *examples; /* [batch], the device's */
  char *memory;      /* of all this */
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
  const size_t examples = place (&bytes, sizeof (int32_t) * (size_t)batch);
  const size_t row = place (&bytes, sizeof (int32_t) * (size_t)shape.h);
  const size_t row_t = place (&bytes, sizeof (float) * (size_t)shape.h);
  const size_t column = place (&bytes, sizeof (int32_t) * (size_t)shape.w);
  const size_t column_t = place (&bytes, sizeof (float) * (size_t)shape.w);
  char *memory = (char *)lw_cuda_alloc (device, bytes, error);

  kept->memory = memory;
  kept->bytes = bytes;
  kept->examples = (int32_t *)(memory + examples);
  kept->source = { (const uint8_t *)memory + all,
                   (const uint8_t *)memory + labels,
                   kept->examples,
                   { (const int32_t *)(memory + row), (const float *)(memory + row_t),
                     images->height, shape.h },
                   { (const int32_t *)(memory + column), (const float *)(memory + column_t),
                     images->width, shape.w },
                   images->channels };
  if (memory != NULL &&
      lw_cuda_upload (device, memory + all, images->images, image * (size_t)images->n, error) &&
      lw_cuda_upload (device, memory + labels, images->labels, (size_t)images->n, error) &&
      upload_axis (device, kept->source.rows, images->row, images->row_t, error) &&
      upload_axis (device, kept->source.columns, images->column, images->column_t, error))
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

bool
lw_cuda_send_examples (LwDevice *device, const void *kept, const int32_t *examples, int32_t n,
                       GError **error)
{
  return lw_cuda_upload_soon (device, LW_CUDA_STAGE_LABELS, ((const Kept *)kept)->examples,
                              examples, sizeof *examples * (size_t)n, error);
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
