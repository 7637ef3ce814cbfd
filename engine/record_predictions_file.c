/* predictions.safetensors: "steps" [moments] int64, "epochs" [moments] float32, "labels" [examples]
 * int32, "predicted" [moments][⌈examples / 2⌉] and "log_odds" [moments][⌈examples · width / 2⌉]:
 * pairs of unsigned 16-bit numbers as int32, the earlier one low, since the format's readers here
 * know no narrower type (NumPy: array.view("<u2")). Metadata: "examples", "classes", "width",
 * "left_out". */
#include "engine/record_predictions_private.h"

#include "engine/formats/safetensors.h"

#include <math.h>
#include <string.h>

#define MOST 1000000 /* examples, and moments, that a file may speak of */

typedef struct {
  const LwFileTensor *steps, *epochs, *labels, *predicted, *log_odds;
  int64_t examples, classes, width, left_out;
} Found;

static bool
number (const LwTensorFile *file, const char *key, int64_t most, int64_t *ret)
{
  const char *text = lw_tensor_file_metadata (file, key);

  return text != NULL && g_ascii_string_to_signed (text, 10, 0, most, ret, NULL);
}

static const LwFileTensor *
tensor (const LwTensorFile *file, const char *name, LwDType dtype, int32_t rank)
{
  const LwFileTensor *found = lw_tensor_file_find (file, name);

  return found != NULL && found->dtype == dtype && found->rank == rank ? found : NULL;
}

/* Whether all that is needed is there and of one size. */
static bool
look (const LwTensorFile *file, const LwPredictions *p, Found *f)
{
  f->steps = tensor (file, "steps", LW_I64, 1);
  f->epochs = tensor (file, "epochs", LW_F32, 1);
  f->labels = tensor (file, "labels", LW_I32, 1);
  f->predicted = tensor (file, "predicted", LW_I32, 2);
  f->log_odds = tensor (file, "log_odds", LW_I32, 2);
  if (f->steps == NULL || f->epochs == NULL || f->labels == NULL || f->predicted == NULL ||
      f->log_odds == NULL || !number (file, "examples", MOST, &f->examples) ||
      !number (file, "classes", UINT16_MAX, &f->classes) ||
      !number (file, "width", UINT16_MAX, &f->width) ||
      !number (file, "left_out", G_MAXINT32, &f->left_out))
    return false;
  if (f->examples < 1 || f->classes != p->classes ||
      (f->width != f->classes && f->width != MIN (f->classes, 2)) ||
      (p->n > 0 && (f->examples != p->n || f->width != p->width)))
    return false;
  /* Without a moment sizes would be mere words, not checked by the file's length. */
  return f->steps->size >= 1 && f->steps->size <= MOST && f->epochs->size == f->steps->size &&
         f->labels->size == f->examples && f->predicted->dims[0] == f->steps->size &&
         f->predicted->dims[1] == (f->examples + 1) / 2 && f->log_odds->dims[0] == f->steps->size &&
         f->log_odds->dims[1] == (f->examples * f->width + 1) / 2;
}

static bool
read_labels (LwPredictions *p, const LwFileTensor *labels)
{
  memcpy (p->labels, labels->data, sizeof *p->labels * (gsize)p->n);
  for (int32_t i = 0; i < p->n; i++)
    if (p->labels[i] < 0 || p->labels[i] >= p->classes)
      return false;
  return true;
}

/* Moment `i` of the file into the spare slot; false: it is damaged. */
static bool
read_moment (LwPredictions *p, const Found *f, int64_t i, LwPredictionMoment *ret_moment)
{
  uint16_t *slot = lw_prediction_slot (p, p->spare);
  const gsize predicted = sizeof (uint16_t) * lw_prediction_even ((gsize)p->n);
  const gsize log_odds = sizeof (uint16_t) * lw_prediction_even ((gsize)p->n * (gsize)p->width);
  float epoch;

  memcpy (&ret_moment->step, (const char *)f->steps->data + 8 * i, 8);
  memcpy (&epoch, (const char *)f->epochs->data + 4 * i, 4);
  memcpy (slot, (const char *)f->predicted->data + predicted * (gsize)i, predicted);
  memcpy ((char *)slot + predicted, (const char *)f->log_odds->data + log_odds * (gsize)i,
          log_odds);
  ret_moment->epoch = (double)epoch;
  ret_moment->correct = 0;
  if (ret_moment->step < 1 || !isfinite (epoch) || epoch < 0)
    return false;
  for (int32_t e = 0; e < p->n; e++) {
    if (slot[e] >= p->classes)
      return false;
    ret_moment->correct += slot[e] == p->labels[e];
  }
  return true;
}

static bool
read_moments (LwPredictions *p, const Found *f, int64_t last)
{
  LwPredictionMoment moment, before = { 0, -1, 0 };

  for (int64_t i = 0; i < f->steps->size; i++) {
    if (!read_moment (p, f, i, &moment) || moment.step <= before.step ||
        moment.epoch <= before.epoch)
      return false;
    if (last >= 0 && moment.step > last)
      break;
    lw_predictions_push (p, &moment);
    before = moment;
  }
  return true;
}

/* The run that goes on from an earlier checkpoint forgets what came after it. */
bool
lw_predictions_load (LwRecord *record, const char *path, int64_t step)
{
  LwPredictions *p = (LwPredictions *)record;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  Found found;
  bool whole;

  if (file == NULL || !look (file, p, &found))
    return false;
  pthread_mutex_lock (&p->lock);
  whole = p->n > 0 ||
          lw_predictions_take (p, (int32_t)found.examples, (int32_t)found.width, found.steps->size);
  if (whole) {
    p->n_moments = 0;
    p->left_out = (int32_t)found.left_out;
    whole = read_labels (p, found.labels) && read_moments (p, &found, step);
  }
  if (!whole) {
    p->n_moments = p->left_out = 0;
    if (p->labels != NULL)
      memset (p->labels, 0, sizeof *p->labels * (gsize)p->n);
  }
  pthread_mutex_unlock (&p->lock);
  atomic_fetch_add (&p->record.version, 1);
  return whole;
}

/* All moments' parts that begin at `from` in their slots, `size` numbers each, one after another.
 */
static uint16_t *
gather (const LwPredictions *p, gsize from, gsize size)
{
  uint16_t *all = g_new (uint16_t, MAX (size * (gsize)p->n_moments, 1));

  for (int32_t i = 0; i < p->n_moments; i++)
    memcpy (all + size * (gsize)i, lw_prediction_slot (p, p->moments[i].slot) + from,
            sizeof *all * size);
  return all;
}

/* Only the writer changes moments, and it is the one that saves. */
bool
lw_predictions_save (LwRecord *record, const char *path, GError **error)
{
  LwPredictions *p = (LwPredictions *)record;
  const int64_t m = p->n_moments;
  const gsize predicted = lw_prediction_even ((gsize)p->n);
  const gsize log_odds = lw_prediction_even ((gsize)p->n * (gsize)p->width);
  g_autofree int64_t *steps = g_new (int64_t, MAX (m, 1));
  g_autofree float *epochs = g_new (float, MAX (m, 1));
  g_autofree char *examples = g_strdup_printf ("%d", p->n),
                  *width = g_strdup_printf ("%d", p->width);
  g_autofree char *classes = g_strdup_printf ("%d", p->classes);
  g_autofree char *left_out = g_strdup_printf ("%d", p->left_out);
  const char *const metadata[] = { "examples", examples,   "classes", classes, "width",
                                   width,      "left_out", left_out,  NULL };
  g_autofree uint16_t *a = gather (p, 0, predicted), *b = gather (p, predicted, log_odds);
  const LwFileTensor tensors[] = {
    { "steps", LW_I64, 1, { m }, m, steps },
    { "epochs", LW_F32, 1, { m }, m, epochs },
    { "labels", LW_I32, 1, { p->n }, p->n, p->labels },
    { "predicted", LW_I32, 2, { m, (int64_t)predicted / 2 }, m * (int64_t)predicted / 2, a },
    { "log_odds", LW_I32, 2, { m, (int64_t)log_odds / 2 }, m * (int64_t)log_odds / 2, b },
  };

  for (int64_t i = 0; i < m; i++) {
    steps[i] = p->moments[i].facts.step;
    epochs[i] = (float)p->moments[i].facts.epoch;
  }
  return lw_tensor_file_write (path, tensors, G_N_ELEMENTS (tensors), metadata, error);
}
