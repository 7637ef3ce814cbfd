/* "steps" [n] int64; "epochs" [n] float32; and for each layer and field one tensor
 * "LAYER/batch_mean" of shape [n][channels]. "recent_steps" [r] int64 and "LAYER/recent_batch_mean"
 * [r][channels]: the last steps one by one. Metadata: "stride". Files of earlier versions have
 * neither the recent steps nor the extremes. The writer saves, so nobody else changes the moments
 * meanwhile; readers only read. */
#include "engine/bn_history_private.h"

#include "engine/formats/safetensors.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

static const char *const field_names[LW_BN_N_KEPT] = {
  "gamma",       "beta",           "batch_mean",      "batch_var",     "running_mean",
  "running_var", "batch_mean_low", "batch_mean_high", "batch_var_low", "batch_var_high"
};

typedef struct {
  GArray *tensors; /* LwFileTensor */
  GPtrArray *names, *memory;
} List;

/* A column of a block of rows as a tensor [n][channels] of its own. */
static void
add_column (List *list, char *name, const LwBnLayer *layer, const float *rows, int64_t row,
            int64_t start, int64_t n)
{
  float *values = g_new (float, MAX (n * layer->channels, 1));
  const LwFileTensor tensor = {
    name, LW_F32, 2, { n, layer->channels }, n * layer->channels, values
  };

  for (int64_t i = 0; i < n; i++)
    memcpy (values + i * layer->channels, rows + i * row + start,
            sizeof (float) * (gsize)layer->channels);
  g_ptr_array_add (list->names, name);
  g_ptr_array_add (list->memory, values);
  g_array_append_val (list->tensors, tensor);
}

/* The ring from its oldest row on. */
static float *
unrolled (const LwBnHistory *history, int64_t *ret_steps)
{
  float *rows = g_new (float, MAX (history->n_recent * history->recent_row, 1));

  for (int32_t i = 0; i < history->n_recent; i++) {
    const int32_t slot = lw_bn_recent_slot (history, i);

    ret_steps[i] = history->recent_steps[slot];
    memcpy (rows + i * history->recent_row, history->recent + slot * history->recent_row,
            sizeof (float) * (gsize)history->recent_row);
  }
  return rows;
}

bool
lw_bn_history_save (LwBnHistory *history, const char *path, GError **error)
{
  const int64_t n = history->n;
  int64_t recent_steps[LW_BN_RECENT];
  float epochs[LW_BN_MOMENTS];
  g_autofree float *recent = unrolled (history, recent_steps);
  g_autofree char *stride = g_strdup_printf ("%" G_GINT64_FORMAT, history->stride);
  const char *const metadata[] = { "stride", stride, NULL };
  const LwFileTensor first[] = {
    { "steps", LW_I64, 1, { n }, n, history->steps },
    { "epochs", LW_F32, 1, { n }, n, epochs },
    { "recent_steps", LW_I64, 1, { history->n_recent }, history->n_recent, recent_steps }
  };
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (LwFileTensor));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) memory = g_ptr_array_new_with_free_func (g_free);
  List list = { tensors, names, memory };

  for (int64_t i = 0; i < n; i++)
    epochs[i] = (float)history->epochs[i];
  g_array_append_vals (tensors, first, G_N_ELEMENTS (first));
  for (int32_t l = 0; l < history->n_layers; l++) {
    const LwBnLayer *layer = &history->layers[l];

    for (int f = 0; f < LW_BN_N_KEPT; f++)
      add_column (&list, g_strdup_printf ("%s/%s", layer->name, field_names[f]), layer,
                  history->rows, history->row, lw_bn_field_start (layer, f), n);
    for (int f = LW_BN_BATCH_MEAN; f < LW_BN_N_FIELDS; f++)
      add_column (&list, g_strdup_printf ("%s/recent_%s", layer->name, field_names[f]), layer,
                  recent, history->recent_row, lw_bn_recent_start (layer, f), history->n_recent);
  }
  return lw_tensor_file_write (path, (const LwFileTensor *)(const void *)tensors->data,
                               (int32_t)tensors->len, metadata, error);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
fail_file (const char *path, const char *name, GError **error)
{
  g_set_error (
      error, LW_ERROR, LW_ERROR_FORMAT,
      _ ("\"%s\" is not a batch-normalization history of this network: its entry \"%s\" is "
         "missing or does not fit."),
      path, name);
  return lw_error_make_plain (error);
}

/* Ascending numbers from 1 on. */
static bool
read_steps (const LwFileTensor *tensor, int64_t most, int64_t *ret_steps, int32_t *ret_n)
{
  if (tensor == NULL || tensor->dtype != LW_I64 || tensor->rank != 1 || tensor->size > most)
    return false;
  *ret_n = (int32_t)tensor->size;
  for (int32_t i = 0; i < *ret_n; i++) {
    memcpy (&ret_steps[i], (const char *)tensor->data + 8 * i, sizeof *ret_steps);
    if (ret_steps[i] < 1 || (i > 0 && ret_steps[i] <= ret_steps[i - 1]))
      return false;
  }
  return true;
}

static bool
read_moments (LwBnHistory *history, const LwTensorFile *file, const char *path, GError **error)
{
  const LwFileTensor *epochs = lw_tensor_file_find (file, "epochs");
  const LwFileTensor *recent = lw_tensor_file_find (file, "recent_steps");
  const char *stride = lw_tensor_file_metadata (file, "stride");

  if (stride == NULL ||
      !g_ascii_string_to_signed (stride, 10, 1, G_MAXINT64 / 4, &history->stride, NULL))
    return fail_file (path, "stride", error);
  if (!read_steps (lw_tensor_file_find (file, "steps"), LW_BN_MOMENTS, history->steps, &history->n))
    return fail_file (path, "steps", error);
  if (epochs == NULL || epochs->dtype != LW_F32 || epochs->rank != 1 || epochs->size != history->n)
    return fail_file (path, "epochs", error);
  for (int32_t i = 0; i < history->n; i++) {
    float epoch;

    memcpy (&epoch, (const char *)epochs->data + 4 * i, sizeof epoch);
    history->epochs[i] = epoch;
  }
  if (recent != NULL &&
      !read_steps (recent, LW_BN_RECENT, history->recent_steps, &history->n_recent))
    return fail_file (path, "recent_steps", error);
  history->recent_at = history->n_recent % LW_BN_RECENT;
  return true;
}

/* A tensor [n][channels] into a column of rows; false: it is missing or does not fit. */
static bool
read_column (const LwTensorFile *file, const char *name, const LwBnLayer *layer, int32_t n,
             float *rows, int64_t row, int64_t start)
{
  const LwFileTensor *tensor = lw_tensor_file_find (file, name);
  const gsize bytes = sizeof (float) * (gsize)layer->channels;

  if (tensor == NULL || tensor->dtype != LW_F32 || tensor->rank != 2 || tensor->dims[0] != n ||
      tensor->dims[1] != layer->channels)
    return false;
  for (int32_t i = 0; i < n; i++)
    memcpy (rows + i * row + start, (const char *)tensor->data + bytes * (gsize)i, bytes);
  return true;
}

/* Without extremes a moment stands for itself alone. */
static void
copy_column (LwBnHistory *history, const LwBnLayer *layer, int from, int to)
{
  for (int32_t i = 0; i < history->n; i++)
    memcpy (history->rows + i * history->row + lw_bn_field_start (layer, to),
            history->rows + i * history->row + lw_bn_field_start (layer, from),
            sizeof (float) * (gsize)layer->channels);
}

static bool
read_layer (LwBnHistory *history, const LwTensorFile *file, const LwBnLayer *layer,
            const char *path, GError **error)
{
  for (int f = 0; f < LW_BN_N_KEPT; f++) {
    g_autofree char *name = g_strdup_printf ("%s/%s", layer->name, field_names[f]);

    if (f >= LW_BN_N_FIELDS && lw_tensor_file_find (file, name) == NULL)
      copy_column (history, layer, f < LW_BN_BATCH_VAR_LOW ? LW_BN_BATCH_MEAN : LW_BN_BATCH_VAR, f);
    else if (!read_column (file, name, layer, history->n, history->rows, history->row,
                           lw_bn_field_start (layer, f)))
      return fail_file (path, name, error);
  }
  for (int f = LW_BN_BATCH_MEAN; history->n_recent > 0 && f < LW_BN_N_FIELDS; f++) {
    g_autofree char *name = g_strdup_printf ("%s/recent_%s", layer->name, field_names[f]);

    if (!read_column (file, name, layer, history->n_recent, history->recent, history->recent_row,
                      lw_bn_recent_start (layer, f)))
      return fail_file (path, name, error);
  }
  return true;
}

LwBnHistory *
lw_bn_history_load (const LwGraph *graph, const char *path, GError **error)
{
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, error);
  LwBnHistory *history = file != NULL ? lw_bn_history_new (graph) : NULL;
  bool sane;

  if (file == NULL)
    return NULL;
  if (history == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s has no batch normalization."),
                 lw_graph_title (graph));
    return NULL;
  }
  sane = read_moments (history, file, path, error);
  for (int32_t l = 0; sane && l < history->n_layers; l++)
    sane = read_layer (history, file, &history->layers[l], path, error);
  if (!sane) {
    lw_bn_history_free (history);
    return NULL;
  }
  history->version = history->n + history->n_recent;
  return history;
}
