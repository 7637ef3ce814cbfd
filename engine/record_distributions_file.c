/* The file: "steps" [n] int64, "epochs" and "rates" [n] float32, and of all entries, the outputs of
 * the layers in their order, then the weights, then the gradients: "bins" [n][entries][64] int32,
 * "counts" [n][entries][5] int64 and "values" [n][entries][6] float32, in the order of
 * LwDistribution's fields. Metadata: "stride", "images". */
#include "engine/record_distributions_private.h"

#include "engine/formats/safetensors.h"

#include <math.h>
#include <string.h>

enum { N_COUNTS = 5, N_VALUES = 6 };

static void
pack (const LwDistribution *d, int32_t *bins, int64_t *counts, float *values)
{
  memcpy (bins, d->bins, sizeof d->bins);
  memcpy (counts, (const int64_t[N_COUNTS]){ d->count, d->not_finite, d->flat, d->units, d->dead },
          sizeof *counts * N_COUNTS);
  memcpy (values, (const float[N_VALUES]){ d->low, d->high, d->min, d->max, d->mean, d->deviation },
          sizeof *values * N_VALUES);
}

/* The writer saves, so nobody else changes the moments meanwhile. */
bool
lw_distributions_save (LwRecord *record, const char *path, GError **error)
{
  const LwDistributions *self = (const LwDistributions *)record;
  const int64_t n = self->n, entries = self->n_entries, all = n * entries;
  g_autofree int32_t *bins = g_new (int32_t, MAX (all * LW_DISTRIBUTION_BINS, 1));
  g_autofree int64_t *counts = g_new (int64_t, MAX (all * N_COUNTS, 1));
  g_autofree float *values = g_new (float, MAX (all * N_VALUES, 1));
  int64_t steps[LW_DISTRIBUTION_MOMENTS];
  float epochs[LW_DISTRIBUTION_MOMENTS], rates[LW_DISTRIBUTION_MOMENTS];
  g_autofree char *stride = g_strdup_printf ("%" G_GINT64_FORMAT, self->stride);
  g_autofree char *images = g_strdup_printf ("%d", self->images);
  const char *const metadata[] = { "stride", stride, "images", images, NULL };
  const LwFileTensor tensors[] = {
    { "steps", LW_I64, 1, { n }, n, steps },
    { "epochs", LW_F32, 1, { n }, n, epochs },
    { "rates", LW_F32, 1, { n }, n, rates },
    { "bins", LW_I32, 3, { n, entries, LW_DISTRIBUTION_BINS }, all * LW_DISTRIBUTION_BINS, bins },
    { "counts", LW_I64, 3, { n, entries, N_COUNTS }, all * N_COUNTS, counts },
    { "values", LW_F32, 3, { n, entries, N_VALUES }, all * N_VALUES, values },
  };

  for (int64_t i = 0; i < n; i++) {
    steps[i] = self->moments[i].step;
    epochs[i] = (float)self->moments[i].epoch;
    rates[i] = (float)self->moments[i].learning_rate;
  }
  for (int64_t i = 0; i < all; i++)
    pack (&self->rows[i], bins + i * LW_DISTRIBUTION_BINS, counts + i * N_COUNTS,
          values + i * N_VALUES);
  return lw_tensor_file_write (path, tensors, G_N_ELEMENTS (tensors), metadata, error);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* NULL: missing, or of another type or shape. */
static const char *
find (const LwTensorFile *file, const char *name, LwDType dtype, int64_t n, int64_t entries,
      int64_t numbers)
{
  const LwFileTensor *tensor = lw_tensor_file_find (file, name);
  const int64_t dims[3] = { n, entries, numbers };
  const int rank = entries > 0 ? 3 : 1;

  if (tensor == NULL || tensor->dtype != dtype || tensor->rank != rank)
    return NULL;
  for (int i = 0; i < rank; i++)
    if (tensor->dims[i] != dims[i])
      return NULL;
  return tensor->data;
}

static bool
unpack (LwDistribution *d, const char *bins, const char *counts, const char *values)
{
  int64_t integers[N_COUNTS];
  float reals[N_VALUES];

  memcpy (d->bins, bins, sizeof d->bins);
  memcpy (integers, counts, sizeof integers);
  memcpy (reals, values, sizeof reals);
  for (int i = 0; i < LW_DISTRIBUTION_BINS; i++)
    if (d->bins[i] > G_MAXINT32)
      return false;
  if (integers[3] < 0 || integers[3] > G_MAXINT32 || integers[4] < 0 || integers[4] > G_MAXINT32)
    return false;
  d->count = integers[0];
  d->not_finite = integers[1];
  d->flat = integers[2];
  d->units = (int32_t)integers[3];
  d->dead = (int32_t)integers[4];
  d->low = reals[0];
  d->high = reals[1];
  d->min = reals[2];
  d->max = reals[3];
  d->mean = reals[4];
  d->deviation = reals[5];
  return lw_distribution_is_sound (d);
}

static bool
read_moments (LwDistributions *self, const LwTensorFile *file, int64_t n)
{
  const char *steps = find (file, "steps", LW_I64, n, 0, 0);
  const char *epochs = find (file, "epochs", LW_F32, n, 0, 0);
  const char *rates = find (file, "rates", LW_F32, n, 0, 0);

  if (steps == NULL || epochs == NULL || rates == NULL)
    return false;
  for (int64_t i = 0; i < n; i++) {
    LwDistributionMoment *moment = &self->moments[i];
    float epoch, rate;

    memcpy (&moment->step, steps + 8 * i, sizeof moment->step);
    memcpy (&epoch, epochs + 4 * i, sizeof epoch);
    memcpy (&rate, rates + 4 * i, sizeof rate);
    if (moment->step < 0 || (i > 0 && moment->step <= self->moments[i - 1].step) ||
        !isfinite (epoch) || epoch < 0 || !isfinite (rate))
      return false;
    moment->epoch = (double)epoch;
    moment->learning_rate = (double)rate;
  }
  return true;
}

static bool
read_number (const LwTensorFile *file, const char *key, int64_t least, int64_t most,
             int64_t *ret_number)
{
  const char *text = lw_tensor_file_metadata (file, key);

  return text != NULL && g_ascii_string_to_signed (text, 10, least, most, ret_number, NULL);
}

static bool
read_file (LwDistributions *self, const LwTensorFile *file)
{
  const LwFileTensor *steps = lw_tensor_file_find (file, "steps");
  const int64_t n = steps != NULL ? steps->size : -1, entries = self->n_entries;
  const char *bins, *counts, *values;
  int64_t stride, images;

  if (n < 1 || n > LW_DISTRIBUTION_MOMENTS || entries < 1 || !read_moments (self, file, n) ||
      !read_number (file, "stride", 1, G_MAXINT64 / 4, &stride) ||
      !read_number (file, "images", 1, G_MAXINT32, &images))
    return false;
  bins = find (file, "bins", LW_I32, n, entries, LW_DISTRIBUTION_BINS);
  counts = find (file, "counts", LW_I64, n, entries, N_COUNTS);
  values = find (file, "values", LW_F32, n, entries, N_VALUES);
  if (bins == NULL || counts == NULL || values == NULL)
    return false;
  for (int64_t i = 0; i < n * entries; i++)
    if (!unpack (&self->rows[i], bins + 4 * LW_DISTRIBUTION_BINS * i, counts + 8 * N_COUNTS * i,
                 values + 4 * N_VALUES * i))
      return false;
  self->stride = stride;
  if (self->images == 0) /* of a saved run: what its trainer looked at */
    self->images = (int32_t)images;
  self->n = (int32_t)n;
  return true;
}

bool
lw_distributions_load (LwRecord *record, const char *path, int64_t step)
{
  LwDistributions *self = (LwDistributions *)record;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  bool done;

  pthread_mutex_lock (&self->lock);
  done = file != NULL && read_file (self, file);
  if (!done)
    self->n = 0;
  while (done && step >= 0 && self->n > 0 && self->moments[self->n - 1].step > step)
    self->n--;
  pthread_mutex_unlock (&self->lock);
  if (done)
    atomic_fetch_add (&self->base.version, 1);
  return done;
}
