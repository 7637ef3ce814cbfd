#include "app/bench-common.h"

#include "engine/rng.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <time.h>

double
lw_bench_now_s (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

double
lw_bench_median (GArray *values)
{
  const double *sorted = (const double *)values->data;
  const guint n = values->len;

  if (n == 0)
    return 0;
  qsort (values->data, n, sizeof (double), compare_doubles);
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

bool
lw_bench_make_images (const LwGraph *graph, int32_t first, int32_t n, float **ret_images,
                      int32_t **ret_labels, GError **error)
{
  const int64_t size = lw_shape_size (lw_graph_input_shape (graph));
  g_autofree float *images = g_try_malloc_n ((gsize)n, sizeof (float) * (gsize)size);
  g_autofree int32_t *labels = g_try_new0 (int32_t, n);

  if (images == NULL || labels == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left for %d images: choose a smaller batch."), n);
    return false;
  }
  for (int32_t i = 0; i < n; i++) {
    const uint32_t number = (uint32_t)(first + i);
    const LwStream pixels =
        lw_stream (LW_BENCH_SEED, LW_STREAM_DATA, LW_BENCH_STREAM_IMAGES, number);
    const LwStream label =
        lw_stream (LW_BENCH_SEED, LW_STREAM_DATA, LW_BENCH_STREAM_LABELS, number);

    for (int64_t j = 0; j < size; j++)
      images[i * size + j] = lw_stream_uniform (&pixels, (uint64_t)j);
    labels[i] = (int32_t)(lw_stream_bits (&label, 0) % (uint32_t)lw_graph_classes (graph));
  }
  *ret_images = g_steal_pointer (&images);
  *ret_labels = g_steal_pointer (&labels);
  return true;
}
