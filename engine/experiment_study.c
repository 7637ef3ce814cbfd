#include "engine/experiment_study.h"

#include "engine/bn_accuracy.h"
#include "engine/device_choice.h"
#include "engine/evaluate.h"
#include "engine/formats/file.h"
#include "engine/formats/json_writer.h"
#include "engine/formats/safetensors.h"
#include "engine/json_read.h"
#include "engine/run.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

#define PATHS         4
#define MAX_BYTES     (64 * 1024)
#define FRESH_BATCHES 32
#define BATCH         64

/* --- filters ------------------------------------------------------------------------------------
 */

/* Adds the part of frequency (u, v) to `smooth` and returns its power. */
static double
take_frequency (const float *values, int side, int u, int v, double *smooth)
{
  const double unit = 2 * G_PI / side, scale = 1.0 / ((double)side * side);
  double re = 0, im = 0;

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      re += (double)values[y * side + x] * cos (unit * (u * x + v * y));
      im -= (double)values[y * side + x] * sin (unit * (u * x + v * y));
    }
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      smooth[y * side + x] +=
          scale * (re * cos (unit * (u * x + v * y)) - im * sin (unit * (u * x + v * y)));
  return re * re + im * im;
}

LwFilterKind
lw_filter_kind (const float *values, int side)
{
  const int most = MAX (side / 5, 1);
  const double share = (2.0 * most + 1) * (2.0 * most + 1) / ((double)side * side);
  double all = 0, low = 0, sum = 0, size = 0;
  g_autofree double *smooth = NULL;

  if (side < 2)
    return LW_FILTER_UNCLEAR;
  for (int i = 0; i < side * side; i++)
    all += (double)values[i] * (double)values[i];
  all *= (double)side * side; /* Parseval */
  if (!(all > 0) || !isfinite (all))
    return LW_FILTER_UNCLEAR;
  smooth = g_new0 (double, side *side);
  for (int v = -most; v <= most; v++)
    for (int u = -most; u <= most; u++)
      low += take_frequency (values, side, u, v, smooth);
  if (low < fmin (2 * share, 0.6) * all)
    return LW_FILTER_UNCLEAR;
  for (int i = 0; i < side * side; i++) {
    sum += smooth[i];
    size += fabs (smooth[i]);
  }
  return fabs (sum) >= 0.6 * size ? LW_FILTER_BLOB : LW_FILTER_EDGE;
}

void
lw_filters_free (LwFilters *filters)
{
  if (filters == NULL)
    return;
  g_free (filters->values);
  g_free (filters->kinds);
  g_free (filters);
}

static const LwTensorInfo *
first_weight (const LwGraph *graph)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_CONV2D)
      return lw_graph_tensor (graph, lw_graph_node (graph, id)->tensors[0]);
  return NULL;
}

static LwFilters *
take_filters (const LwTensorInfo *info, const float *weight)
{
  LwFilters *filters = g_new0 (LwFilters, 1);
  const int64_t inputs = info->dims[1], cells = info->dims[2] * info->dims[3];

  filters->n = (int)info->dims[0];
  filters->side = (int)info->dims[2];
  filters->values = g_new0 (float, filters->n *cells);
  filters->kinds = g_new0 (LwFilterKind, filters->n);
  for (int i = 0; i < filters->n; i++) {
    float *filter = filters->values + i * cells;

    for (int64_t c = 0; c < inputs; c++)
      for (int64_t k = 0; k < cells; k++)
        filter[k] += weight[(i * inputs + c) * cells + k] / (float)inputs;
    filters->kinds[i] = lw_filter_kind (filter, filters->side);
  }
  return filters;
}

LwFilters *
lw_filters_read (const char *run_folder, GError **error)
{
  g_autoptr (LwRun) run = lw_run_open (run_folder, error);
  g_autofree char *path = run != NULL ? lw_run_checkpoint (run, "last", error) : NULL;
  g_autoptr (LwTensorFile) file = path != NULL ? lw_tensor_file_open (path, error) : NULL;
  const LwTensorInfo *info = file != NULL ? first_weight (run->graph) : NULL;
  const LwFileTensor *weight = info != NULL ? lw_tensor_file_find (file, info->name) : NULL;

  if (file == NULL)
    return NULL;
  if (weight == NULL || weight->dtype != LW_F32 || weight->size != info->size) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" does not hold a first convolution as this network has it."), path);
    return NULL;
  }
  return take_filters (info, weight->data);
}

static bool
study_filters (const char *run_folder, LwNumbers *numbers, GError **error)
{
  static const LwMeasure of_kind[] = { LW_MEASURE_UNCLEAR, LW_MEASURE_EDGES, LW_MEASURE_BLOBS };
  g_autoptr (LwFilters) filters = lw_filters_read (run_folder, error);

  if (filters == NULL)
    return false;
  numbers->values[LW_MEASURE_FILTERS] = filters->n;
  for (guint k = 0; k < G_N_ELEMENTS (of_kind); k++)
    numbers->values[of_kind[k]] = 0;
  for (int i = 0; i < filters->n; i++)
    numbers->values[of_kind[filters->kinds[i]]]++;
  return true;
}

/* --- a trained network to test ------------------------------------------------------------------
 */

typedef struct {
  LwRun *run;
  LwDataset *dataset;
  LwSession *session;
  int64_t step;
} Trained;

static void
close_trained (Trained *trained)
{
  g_clear_pointer (&trained->session, lw_session_free);
  g_clear_pointer (&trained->dataset, lw_dataset_unref);
  g_clear_pointer (&trained->run, lw_run_free);
}

static bool
open_trained (const char *run_folder, const LwBackend *const *backends, int32_t batch,
              Trained *trained, GError **error)
{
  const LwBackend *backend;
  g_autofree char *path = NULL;
  int index = 0;

  trained->run = lw_run_open (run_folder, error);
  if (trained->run == NULL)
    return false;
  path = lw_run_checkpoint (trained->run, "last", error);
  backend = lw_device_choose (backends, "auto", &index, error);
  if (path == NULL || backend == NULL)
    return false;
  trained->dataset = lw_dataset_open (trained->run->settings->data, error);
  if (trained->dataset == NULL)
    return false;
  trained->session = lw_bn_session_new (trained->run->graph, backend, index,
                                        batch > 0 ? batch : trained->run->settings->batch,
                                        LW_PRECISION_FP32, error);
  for (int64_t i = lw_run_log_length (trained->run->log); i > 0 && trained->step == 0; i--)
    trained->step = lw_run_log_get (trained->run->log, i - 1)->step;
  return trained->session != NULL && lw_session_load (trained->session, path, error);
}

static void
take_bn (const LwBnAccuracies *accuracies, LwNumbers *numbers)
{
  for (int way = 0; way < LW_N_BN_WAYS; way++)
    numbers->values[LW_MEASURE_BN_BATCH + way] = accuracies->accuracy[way];
}

static bool
study_bn (const char *run_folder, const LwBackend *const *backends, const LwBnProgress *progress,
          LwNumbers *numbers, GError **error)
{
  Trained trained = { NULL };
  LwBnAccuracies accuracies;
  const bool done =
      open_trained (run_folder, backends, 0, &trained, error) &&
      lw_bn_accuracies (trained.session, trained.dataset, trained.run->settings, trained.step, 0,
                        FRESH_BATCHES, progress, &accuracies, error) &&
      lw_bn_accuracies_save (&accuracies, run_folder, error);

  if (done)
    take_bn (&accuracies, numbers);
  close_trained (&trained);
  return done;
}

/* --- paths --------------------------------------------------------------------------------------
 */

/* The last layer with weights of path `path` of a concat. */
static LwNodeId
last_layer (const LwGraph *graph, const LwNode *concat, int path)
{
  LwNodeId id = concat->inputs[path];

  while (lw_graph_node (graph, id)->n_tensors == 0 && lw_graph_node (graph, id)->n_inputs == 1)
    id = lw_graph_node (graph, id)->inputs[0];
  return lw_graph_node (graph, id)->n_tensors > 0 ? id : LW_NO_NODE;
}

/* Weight and bias 0: the ReLU after them gives 0, as if the path were not there. Or back again. */
static bool
switch_path (LwSession *session, int path, bool off, GPtrArray *kept, GError **error)
{
  LwGraph *graph = lw_session_graph (session);
  guint at = 0;

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwNode *concat = lw_graph_node (graph, i);
    const LwNodeId id = concat->op == LW_OP_CONCAT && concat->n_inputs == PATHS
                            ? last_layer (graph, concat, path)
                            : LW_NO_NODE;

    for (int t = 0; id != LW_NO_NODE && t < MIN (lw_graph_node (graph, id)->n_tensors, 2); t++) {
      const int32_t tensor = lw_graph_node (graph, id)->tensors[t];
      const gsize size = (gsize)lw_graph_tensor (graph, tensor)->size;

      if (off) {
        float *values = g_new (float, size);
        g_autofree float *zeros = g_new0 (float, size);

        g_ptr_array_add (kept, values);
        if (!lw_session_get_tensor (session, tensor, values, error) ||
            !lw_session_set_tensor (session, tensor, zeros, error))
          return false;
      } else if (!lw_session_set_tensor (session, tensor, kept->pdata[at++], error)) {
        return false;
      }
    }
  }
  if (off && kept->len == 0)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("This network has no blocks of four paths to switch off."));
  return !off || kept->len > 0;
}

static char *
paths_file (const char *run_folder)
{
  return g_build_filename (run_folder, "paths-study.json", NULL);
}

static bool
save_paths (const char *run_folder, const LwNumbers *numbers, GError **error)
{
  g_autofree char *path = paths_file (run_folder);
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_integer (json, "format", 1);
  for (int i = 0; i < PATHS; i++) {
    g_autofree char *name = g_strdup_printf ("without_path_%d", i + 1);

    lw_json_double (json, name, numbers->values[LW_MEASURE_PATH_1 + i]);
  }
  lw_json_end_object (json);
  return lw_file_replace (path, lw_json_text (json), strlen (lw_json_text (json)), error);
}

static bool
load_paths (const char *run_folder, LwNumbers *numbers)
{
  g_autofree char *path = paths_file (run_folder);
  g_autoptr (GBytes) bytes = lw_file_read (path, MAX_BYTES, NULL);
  JsonObject *object = bytes != NULL ? lw_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                             (gssize)g_bytes_get_size (bytes),
                                                             "paths-study.json", NULL)
                                     : NULL;
  double read[PATHS];
  bool sane = object != NULL && lw_json_get_integer (object, "format", 0) == 1;

  for (int i = 0; i < PATHS && sane; i++) {
    g_autofree char *name = g_strdup_printf ("without_path_%d", i + 1);

    read[i] = lw_json_get_real (object, name, NAN);
    sane = read[i] >= 0 && read[i] <= 1;
  }
  g_clear_pointer (&object, json_object_unref);
  if (sane)
    memcpy (&numbers->values[LW_MEASURE_PATH_1], read, sizeof read);
  return sane;
}

/* A part of the whole progress: that of path `path`. */
typedef struct {
  const LwBnProgress *progress;
  int path;
} PathPart;

static bool
tell_part (double share, void *data)
{
  const PathPart *part = data;

  return lw_bn_progress_tell (part->progress, (part->path + share) / PATHS, NULL);
}

static bool
test_without (Trained *trained, int path, const LwBnProgress *progress, double *ret_accuracy,
              GError **error)
{
  PathPart part = { progress, path };
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (LwEvaluation) evaluation = NULL;

  if (!switch_path (trained->session, path, true, kept, error))
    return false;
  evaluation = lw_evaluate_split (trained->session, trained->dataset, LW_SPLIT_TEST,
                                  trained->run->settings->limit_test, false,
                                  &(LwBnProgress){ tell_part, &part }, error);
  if (evaluation == NULL)
    return false;
  *ret_accuracy = evaluation->accuracy;
  return switch_path (trained->session, path, false, kept, error);
}

static bool
study_paths (const char *run_folder, const LwBackend *const *backends, const LwBnProgress *progress,
             LwNumbers *numbers, GError **error)
{
  Trained trained = { NULL };
  double accuracy[PATHS];
  bool good = open_trained (run_folder, backends, BATCH, &trained, error);

  for (int i = 0; i < PATHS && good; i++)
    good = test_without (&trained, i, progress, &accuracy[i], error);
  close_trained (&trained);
  if (good)
    memcpy (&numbers->values[LW_MEASURE_PATH_1], accuracy, sizeof accuracy);
  return good && save_paths (run_folder, numbers, error);
}

/* --- gradients ----------------------------------------------------------------------------------
 */

bool
lw_gradients_by_depth (LwHealthRecord *health, const LwGraph *graph, LwNodeId **ret_layers,
                       double **ret_norms, int *ret_n)
{
  const LwNodeId *layers;
  g_autofree float *values = NULL;
  int32_t rows;
  int n = 0;

  if (lw_health_record_moments (health) == 0)
    return false;
  layers = lw_health_record_layers (health, &rows);
  values = g_new (float, MAX (rows, 1));
  lw_health_record_recent (health, LW_HEALTH_GRADIENT, LW_HEALTH_MOMENTS, values);
  *ret_layers = g_new (LwNodeId, MAX (rows, 1));
  *ret_norms = g_new (double, MAX (rows, 1));
  for (int i = 0; i < rows; i++) {
    const LwOp op = lw_graph_node (graph, layers[i])->op;

    if (!isfinite (values[i]) || (op != LW_OP_CONV2D && op != LW_OP_LINEAR))
      continue;
    (*ret_layers)[n] = layers[i];
    (*ret_norms)[n++] = (double)values[i];
  }
  *ret_n = n;
  return true;
}

double
lw_gradient_ratio (LwHealthRecord *health, const LwGraph *graph)
{
  g_autofree LwNodeId *layers = NULL;
  g_autofree double *norms = NULL;
  int n = 0;

  if (health == NULL || !lw_gradients_by_depth (health, graph, &layers, &norms, &n) || n < 2 ||
      !(norms[n - 1] > 0))
    return NAN;
  return norms[0] / norms[n - 1];
}

/* --- all ----------------------------------------------------------------------------------------
 */

bool
lw_study_run (LwStudy study, const char *run_folder, const LwBackend *const *backends,
              const LwBnProgress *progress, LwNumbers *numbers, GError **error)
{
  switch (study) {
  case LW_STUDY_BN:
    return study_bn (run_folder, backends, progress, numbers, error);
  case LW_STUDY_FILTERS:
    return study_filters (run_folder, numbers, error);
  case LW_STUDY_PATHS:
    return study_paths (run_folder, backends, progress, numbers, error);
  case LW_STUDY_NONE:
    break;
  }
  return true;
}

bool
lw_study_load (LwStudy study, const char *run_folder, LwNumbers *numbers)
{
  LwBnAccuracies accuracies;

  if (study == LW_STUDY_BN && lw_bn_accuracies_load (run_folder, &accuracies)) {
    take_bn (&accuracies, numbers);
    return true;
  }
  if (study == LW_STUDY_FILTERS)
    return study_filters (run_folder, numbers, NULL);
  return study == LW_STUDY_PATHS && load_paths (run_folder, numbers);
}
