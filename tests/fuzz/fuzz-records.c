/* The safetensors files of a run's folder: each input is read as each of them, for one small
 * network: what a training recorded, a checkpoint, a snapshot, weights whose network is looked for,
 * and first weights that fit in part. */
#include "engine/bn_history.h"
#include "engine/checkpoint.h"
#include "engine/health.h"
#include "engine/partial_load.h"
#include "engine/record_distributions.h"
#include "engine/record_health.h"
#include "engine/record_predictions.h"
#include "engine/snapshots.h"
#include "engine/state_dict.h"
#include "engine/run.h"
#include "engine/weights_metadata.h"
#include "engine/weights_network.h"
#include "kernels/reference/reference.h"
#include "tests/fuzz/folder.h"

#include <math.h>

/* The network of corpus/records; make_runs.sh trains it. */
static const char *const knobs[] = { "width=0.0625", "convolutions=1", "hidden_layers=1" };

typedef struct {
  LwSettings *settings;
  LwGraph *graph;
  LwSession *session; /* with a copy for momentum */
} Network;

static const Network *
get_network (void)
{
  static Network network;

  if (network.graph == NULL) {
    LwOptions *options = lw_options_new (lw_model_find ("lenet-bn", NULL));
    const LwSessionOptions session = { .batch = 2, .momentum = true, .device.threads = 1 };

    for (guint i = 0; i < G_N_ELEMENTS (knobs); i++)
      g_assert_true (lw_options_parse (options, knobs[i], NULL));
    g_assert_true (lw_options_set_input (options, (LwShape){ 1, 8, 8, false }, NULL));
    network.settings = lw_settings_new (options);
    network.graph = lw_model_build (options, NULL);
    network.session = lw_session_new (network.graph, &lw_reference_backend, 0, &session, NULL);
    g_assert_nonnull (network.session);
    g_assert_true (lw_session_initialize (network.session, 1, NULL));
  }
  return &network;
}

/* --- what was recorded ------------------------------------------------------------------------ */

static void
read_health (LwHealthRecord *record)
{
  int64_t steps[LW_HEALTH_MOMENTS];
  double epochs[LW_HEALTH_MOMENTS];
  float values[LW_HEALTH_MOMENTS], recent[64];
  LwDivergence *divergence;
  int32_t layers;

  lw_health_record_layers (record, &layers);
  g_assert_cmpint (layers, <=, (int)G_N_ELEMENTS (recent));
  for (int32_t l = 0; l < layers; l++)
    for (int f = 0; f < LW_HEALTH_N_FIELDS; f++) {
      const int32_t n =
          lw_health_record_series (record, l, (LwHealthField)f, steps, epochs, values);

      for (int32_t i = 1; i < n; i++)
        g_assert_cmpint (steps[i], >, steps[i - 1]);
      lw_fuzz_read (values, sizeof *values * (size_t)n);
    }
  lw_health_record_recent (record, LW_HEALTH_UPDATE, 5, recent);
  divergence = lw_health_record_divergence (record);
  if (divergence != NULL) {
    g_assert_cmpint (divergence->n_steps, <=, LW_DIVERGENCE_STEPS);
    lw_divergence_free (divergence);
  }
}

static void
read_distributions (LwRecord *record, const LwGraph *graph)
{
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  LwDistribution distributions[LW_DISTRIBUTION_MOMENTS];

  for (int of = 0; of < LW_N_DISTRIBUTIONS; of++)
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      const int32_t n =
          lw_distributions_read (record, (LwDistributionOf)of, id, moments, distributions);

      for (int32_t i = 0; i < n; i++)
        g_assert_true (lw_distribution_is_sound (&distributions[i]));
    }
}

static void
read_predictions (LwPredictions *predictions)
{
  g_autoptr (GArray) moments = lw_predictions_moments (predictions);
  const int32_t classes = lw_predictions_classes (predictions);

  for (guint i = 0; i < moments->len; i++) {
    const LwPredictionMoment *moment = &g_array_index (moments, LwPredictionMoment, i);
    LwPredictionSet *set = lw_predictions_get (predictions, moment->step);

    g_assert_cmpint (moment->correct, <=, lw_predictions_examples (predictions));
    g_assert_nonnull (set);
    lw_prediction_set_free (set);
  }
  for (int32_t e = 0; e < MIN (lw_predictions_examples (predictions), 4); e++) {
    g_autofree double *epochs = NULL;
    g_autofree float *probabilities = NULL;
    const int32_t n = lw_predictions_series (predictions, e, &epochs, &probabilities);

    for (int32_t i = 0; i < n * classes; i++)
      g_assert_true (isnan (probabilities[i]) || (probabilities[i] >= 0 && probabilities[i] <= 1));
  }
}

static void
read_records (const Network *network)
{
  g_autoptr (LwRecords) records =
      lw_records_load (network->graph, network->settings, lw_fuzz_folder ());
  LwRecord *distributions = lw_records_get (records, LW_RECORD_DISTRIBUTIONS);

  if (lw_records_health (records) != NULL)
    read_health (lw_records_health (records));
  if (distributions != NULL)
    read_distributions (distributions, network->graph);
  if (lw_records_predictions (records) != NULL)
    read_predictions (lw_records_predictions (records));
}

static void
read_bn_history (const Network *network, const char *path)
{
  GError *error = NULL;
  LwBnHistory *history = lw_bn_history_load (network->graph, path, &error);

  lw_fuzz_check_error (history == NULL, error);
  if (history == NULL)
    return;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (network->graph); id++) {
    float values[LW_BN_MOMENTS];

    if (lw_graph_node (network->graph, id)->op == LW_OP_BATCH_NORM)
      lw_bn_history_series (history, id, LW_BN_BATCH_VAR_HIGH, 0, NULL, NULL, values);
  }
  lw_bn_history_free (history);
}

/* --- weights ---------------------------------------------------------------------------------- */

static void
read_checkpoint (const Network *network, const char *path)
{
  GError *error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);
  LwPosition position;
  bool good;

  lw_fuzz_check_error (file == NULL, error);
  if (file == NULL)
    return;
  error = NULL;
  good = lw_checkpoint_position (file, "input", &position, &error);
  lw_fuzz_check_error (!good, error);
  if (good) {
    g_assert_cmpint (position.step, >=, 0);
    g_assert_cmpint (position.best_epoch, >=, 0);
  }
  error = NULL;
  good = lw_checkpoint_load (network->session, file, "input", &error);
  lw_fuzz_check_error (!good, error);
}

static void
read_weights (const Network *network, const char *path)
{
  GError *error = NULL;
  g_autoptr (GArray) fates = NULL;
  g_autoptr (LwStateDict) dict = NULL;
  g_autoptr (LwSettings) settings = NULL;
  g_autoptr (LwOptions) options = NULL;
  bool fits = lw_weights_fit (network->graph, path, &error);

  lw_fuzz_check_error (!fits, error);
  error = NULL;
  fates = lw_session_load_partial (network->session, path, &error);
  lw_fuzz_check_error (fates == NULL, error);
  error = NULL;
  dict = lw_state_dict_open (path, network->graph, NULL, &error);
  lw_fuzz_check_error (dict == NULL, error);
  if (dict != NULL) {
    int32_t n;
    const LwFileTensor *tensors = lw_state_dict_tensors (dict, &n);

    for (int32_t i = 0; i < n; i++)
      lw_fuzz_read (tensors[i].data,
                    (size_t)tensors[i].size * (tensors[i].dtype == LW_I64 ? 8 : 4));
  }
  error = NULL;
  settings = lw_weights_settings (path, &error);
  lw_fuzz_check_error (settings == NULL, error);
  if (settings == NULL)
    return; /* without a name all networks are tried, which takes long */
  error = NULL;
  options = lw_weights_network (path, &error);
  lw_fuzz_check_error (options == NULL, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Network *network = get_network ();
  const char *path = lw_fuzz_put ("health.safetensors", data, size);

  lw_fuzz_put ("distributions.safetensors", data, size);
  lw_fuzz_put (LW_PREDICTIONS_FILE, data, size);
  read_records (network);
  read_bn_history (network, path);
  read_checkpoint (network, path);
  read_weights (network, path);
  return 0;
}
