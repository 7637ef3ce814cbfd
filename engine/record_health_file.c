/* "steps" [n] int64; "epochs" [n] float32; for each field one tensor "update" … [n][layers]; after
 * a divergence "divergence.steps" [k] int64, "divergence.outputs" and "divergence.weights"
 * [rows][k], rows being the convolutions and linear layers. Metadata: "stride", "learning_rate" of
 * the divergence, "images". Layers have no names in it: they are those of the run's graph, and a
 * file of another number of them is not this network's. */
#include "engine/record_health_private.h"

#include "engine/formats/safetensors.h"

#include <math.h>
#include <string.h>

static const char *const field_names[LW_HEALTH_N_FIELDS] = { "update", "gradient",  "weight",
                                                             "mean",   "deviation", "variation",
                                                             "dead",   "saturated", "largest" };

enum { N_TENSORS = 2 + LW_HEALTH_N_FIELDS + 3 };

bool
lw_health_record_save (LwRecord *base, const char *path, GError **error)
{
  LwHealthRecord *record = (LwHealthRecord *)base;
  const int64_t n = record->n, layers = record->n_layers;
  const LwDivergence *d = record->divergence;
  LwFileTensor tensors[N_TENSORS];
  g_autofree float *epochs = g_new (float, n + 1);
  g_autofree float *columns = g_new (float, (int64_t)LW_HEALTH_N_FIELDS *n *layers + 1);
  g_autofree char *stride = g_strdup_printf ("%" G_GINT64_FORMAT, record->stride);
  g_autofree char *images = g_strdup_printf ("%d", record->n_images);
  char rate[G_ASCII_DTOSTR_BUF_SIZE] = "0";
  const char *const metadata[] = {
    "stride", stride, "images", images, "learning_rate", rate, NULL
  };
  int32_t t = 0;

  for (int64_t i = 0; i < n; i++)
    epochs[i] = (float)record->epochs[i];
  tensors[t++] = (LwFileTensor){ "steps", LW_I64, 1, { n }, n, record->steps };
  tensors[t++] = (LwFileTensor){ "epochs", LW_F32, 1, { n }, n, epochs };
  for (int f = 0; f < LW_HEALTH_N_FIELDS; f++) {
    float *values = columns + f * n * layers;

    for (int64_t i = 0; i < n; i++)
      memcpy (values + i * layers,
              record->rows + (gsize)i * lw_health_row_size (record) + f * layers,
              sizeof (float) * (gsize)layers);
    tensors[t++] = (LwFileTensor){ field_names[f], LW_F32, 2, { n, layers }, n * layers, values };
  }
  if (d != NULL) {
    const int64_t rows = d->n_layers, k = d->n_steps;

    g_ascii_dtostr (rate, sizeof rate, d->learning_rate);
    tensors[t++] = (LwFileTensor){ "divergence.steps", LW_I64, 1, { k }, k, d->steps };
    tensors[t++] =
        (LwFileTensor){ "divergence.outputs", LW_F32, 2, { rows, k }, rows * k, d->outputs };
    tensors[t++] =
        (LwFileTensor){ "divergence.weights", LW_F32, 2, { rows, k }, rows * k, d->weights };
  }
  return lw_tensor_file_write (path, tensors, t, metadata, error);
}

/* --- reading: a hostile file -------------------------------------------------------------------
 */

/* float32 of this shape, or NULL. */
static const LwFileTensor *
find_table (const LwTensorFile *file, const char *name, int64_t rows, int64_t columns)
{
  const LwFileTensor *tensor = lw_tensor_file_find (file, name);

  return tensor != NULL && tensor->dtype == LW_F32 && tensor->rank == 2 &&
                 tensor->dims[0] == rows && tensor->dims[1] == columns
             ? tensor
             : NULL;
}

/* Steps from 1 on, ascending, at most `most`; their number, −1 when they are not. */
static int32_t
read_steps (const LwTensorFile *file, const char *name, int32_t most, int64_t *ret_steps)
{
  const LwFileTensor *tensor = lw_tensor_file_find (file, name);

  if (tensor == NULL || tensor->dtype != LW_I64 || tensor->rank != 1 || tensor->size > most)
    return -1;
  memcpy (ret_steps, tensor->data, sizeof *ret_steps * (gsize)tensor->size);
  for (int64_t i = 0; i < tensor->size; i++)
    if (ret_steps[i] < 1 || (i > 0 && ret_steps[i] <= ret_steps[i - 1]))
      return -1;
  return (int32_t)tensor->size;
}

static int32_t
n_weighted (const LwHealthRecord *record)
{
  int32_t n = 0;

  for (int32_t l = 0; l < record->n_layers; l++) {
    const LwOp op = lw_graph_node (record->graph, record->layers[l])->op;

    n += op == LW_OP_CONV2D || op == LW_OP_LINEAR;
  }
  return n;
}

/* NULL: there is none, or it does not fit. */
static LwDivergence *
read_divergence (const LwHealthRecord *record, const LwTensorFile *file)
{
  const int32_t rows = n_weighted (record);
  int64_t steps[LW_DIVERGENCE_STEPS];
  const int32_t k = read_steps (file, "divergence.steps", LW_DIVERGENCE_STEPS, steps);
  const LwFileTensor *outputs, *weights;
  const char *rate = lw_tensor_file_metadata (file, "learning_rate");
  LwDivergence *d;
  int32_t row = 0;

  if (k < 1 || (outputs = find_table (file, "divergence.outputs", rows, k)) == NULL ||
      (weights = find_table (file, "divergence.weights", rows, k)) == NULL)
    return NULL;
  d = lw_divergence_new (rows, k);
  memcpy (d->steps, steps, sizeof *steps * (gsize)k);
  memcpy (d->outputs, outputs->data, sizeof (float) * (gsize)outputs->size);
  memcpy (d->weights, weights->data, sizeof (float) * (gsize)weights->size);
  d->learning_rate = rate != NULL ? g_ascii_strtod (rate, NULL) : 0;
  if (!isfinite (d->learning_rate))
    d->learning_rate = 0;
  for (int32_t l = 0; l < record->n_layers; l++) {
    const LwOp op = lw_graph_node (record->graph, record->layers[l])->op;

    if (op == LW_OP_CONV2D || op == LW_OP_LINEAR)
      d->layers[row++] = record->layers[l];
  }
  return d;
}

static bool
read_moments (LwHealthRecord *record, const LwTensorFile *file)
{
  const LwFileTensor *epochs = lw_tensor_file_find (file, "epochs");
  const char *stride = lw_tensor_file_metadata (file, "stride");
  const char *images = lw_tensor_file_metadata (file, "images");
  const gsize bytes = sizeof (float) * (gsize)record->n_layers;
  const int32_t n = read_steps (file, "steps", LW_HEALTH_MOMENTS, record->steps);
  int64_t number;

  if (n < 0 || epochs == NULL || epochs->dtype != LW_F32 || epochs->rank != 1 ||
      epochs->size != n || stride == NULL ||
      !g_ascii_string_to_signed (stride, 10, 1, G_MAXINT64 / 4, &record->stride, NULL))
    return false;
  for (int f = 0; f < LW_HEALTH_N_FIELDS; f++) {
    const LwFileTensor *table = find_table (file, field_names[f], n, record->n_layers);

    if (table == NULL)
      return false;
    for (int32_t i = 0; i < n; i++)
      memcpy (record->rows + (gsize)i * lw_health_row_size (record) +
                  (gsize)f * (gsize)record->n_layers,
              (const char *)table->data + bytes * (gsize)i, bytes);
  }
  for (int32_t i = 0; i < n; i++) {
    float epoch;

    memcpy (&epoch, (const char *)epochs->data + sizeof epoch * (gsize)i, sizeof epoch);
    if (!isfinite (epoch))
      return false;
    record->epochs[i] = (double)epoch;
  }
  if (record->images == NULL && images != NULL &&
      g_ascii_string_to_signed (images, 10, 0, LW_HEALTH_IMAGES, &number, NULL))
    record->n_images = (int32_t)number;
  record->n = n;
  return true;
}

bool
lw_health_record_load (LwRecord *base, const char *path, int64_t step)
{
  LwHealthRecord *record = (LwHealthRecord *)base;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  const int64_t stride = record->stride;
  bool done;

  if (file == NULL)
    return false;
  pthread_mutex_lock (&record->lock);
  done = read_moments (record, file);
  g_clear_pointer (&record->divergence, lw_divergence_free);
  if (done) {
    record->divergence = read_divergence (record, file);
    while (step >= 0 && record->n > 0 && record->steps[record->n - 1] > step)
      record->n--;
    if (step >= 0 && record->divergence != NULL && lw_divergence_step (record->divergence) > step)
      g_clear_pointer (&record->divergence, lw_divergence_free);
  } else {
    record->n = 0;
    record->stride = stride;
  }
  pthread_mutex_unlock (&record->lock);
  if (done)
    atomic_fetch_add (&record->record.version, 1);
  return done;
}
