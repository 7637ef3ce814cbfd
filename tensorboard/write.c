#include "engine/analysis.h"
#include "engine/i18n.h"
#include "engine/live_setting.h"
#include "engine/op.h"
#include "engine/record_distributions.h"
#include "tensorboard/event.pb-c.h"
#include "tensorboard/record_file.h"
#include "tensorboard/tensorboard.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define VERSION   "brain.Event:2"
#define DT_STRING 7

typedef struct {
  const LwRun *run;
  LwRecordFile *file;
  GByteArray *packed; /* of the last message */
  GError **error;
} Writer;

/* --- messages ----------------------------------------------------------------------------------
 */

static bool
add_event (Writer *writer, Tb__Event *event, int64_t step, double time_s)
{
  event->step = step;
  event->wall_time = (double)writer->run->started_unix + time_s;
  g_byte_array_set_size (writer->packed, (guint)tb__event__get_packed_size (event));
  tb__event__pack (event, writer->packed->data);
  return lw_record_file_add (writer->file, writer->packed->data, writer->packed->len,
                             writer->error);
}

static bool
add_version (Writer *writer)
{
  Tb__Event event = TB__EVENT__INIT;

  event.what_case = TB__EVENT__WHAT_FILE_VERSION;
  event.file_version = (char *)VERSION;
  return add_event (writer, &event, 0, 0);
}

static bool
add_values (Writer *writer, Tb__Value **values, size_t n, int64_t step, double time_s)
{
  Tb__Event event = TB__EVENT__INIT;
  Tb__Summary summary = TB__SUMMARY__INIT;

  summary.n_value = n;
  summary.value = values;
  event.what_case = TB__EVENT__WHAT_SUMMARY;
  event.summary = &summary;
  return add_event (writer, &event, step, time_s);
}

/* --- scalars -----------------------------------------------------------------------------------
 */

typedef struct {
  const char *tag;
  float value;
} Scalar;

static bool
add_scalars (Writer *writer, const LwEvent *event, const Scalar *scalars, size_t n)
{
  Tb__Value values[4], *pointers[4];

  for (size_t i = 0; i < n; i++) {
    tb__value__init (&values[i]);
    values[i].tag = (char *)scalars[i].tag;
    values[i].value_case = TB__VALUE__VALUE_SIMPLE_VALUE;
    values[i].simple_value = scalars[i].value;
    pointers[i] = &values[i];
  }
  return add_values (writer, pointers, n, event->step, event->time_s);
}

static bool
add_run_event (Writer *writer, const LwEvent *event)
{
  switch (event->kind) {
  case LW_EVENT_STEP: {
    const Scalar scalars[] = { { "train/loss", event->loss },
                               { "train/accuracy", event->accuracy },
                               { "train/learning_rate", event->learning_rate },
                               { "train/examples_per_second", event->examples_per_second } };

    return add_scalars (writer, event, scalars, G_N_ELEMENTS (scalars));
  }
  case LW_EVENT_EPOCH: {
    const Scalar scalars[] = { { "epoch/train_loss", event->loss },
                               { "epoch/train_accuracy", event->accuracy },
                               { "test/loss", event->test_loss },
                               { "test/accuracy", event->test_accuracy } };

    return add_scalars (writer, event, scalars, G_N_ELEMENTS (scalars));
  }
  case LW_EVENT_SETTING: {
    g_autofree char *name = g_strdelimit (g_strdup (lw_live_name (event->setting)), "-", '_');
    g_autofree char *tag = g_strconcat ("setting/", name, NULL);

    return add_scalars (writer, event, &(Scalar){ tag, (float)event->value }, 1);
  }
  case LW_EVENT_START:
  case LW_EVENT_END:
    break;
  }
  return true;
}

/* --- histograms --------------------------------------------------------------------------------
 */

/* Seconds of training until a step. */
static double
time_of_step (const LwRun *run, int64_t step)
{
  int64_t low = 0, high = lw_run_log_length (run->log);

  while (low < high) {
    const int64_t middle = low + (high - low) / 2;

    if (lw_run_log_get (run->log, middle)->step < step)
      low = middle + 1;
    else
      high = middle;
  }
  return low < lw_run_log_length (run->log) ? lw_run_log_get (run->log, low)->time_s : 0;
}

/* From the first bin that holds something to the last: TensorBoard takes the least value for the
 * first one's lower end, and the largest for the last one's upper. */
static size_t
fill_bins (const LwDistribution *d, double *limits, double *counts)
{
  const double width = ((double)d->high - (double)d->low) / LW_DISTRIBUTION_BINS;
  int first = 0, last = LW_DISTRIBUTION_BINS - 1;

  while (first < last && d->bins[first] == 0)
    first++;
  while (last > first && d->bins[last] == 0)
    last--;
  for (int i = first; i <= last; i++) {
    limits[i - first] = (double)d->low + (i + 1) * width;
    counts[i - first] = (double)d->bins[i];
  }
  return (size_t)(last - first + 1);
}

static bool
add_histogram (Writer *writer, const char *tag, const LwDistributionMoment *moment,
               const LwDistribution *d)
{
  const double n = (double)(d->count - d->not_finite), mean = (double)d->mean;
  double limits[LW_DISTRIBUTION_BINS], counts[LW_DISTRIBUTION_BINS];
  Tb__Histogram histogram = TB__HISTOGRAM__INIT;
  Tb__Value value = TB__VALUE__INIT, *values = &value;

  if (n <= 0)
    return true;
  histogram.min = (double)d->min;
  histogram.max = (double)d->max;
  histogram.num = n;
  histogram.sum = n * mean;
  histogram.sum_squares = n * ((double)d->deviation * (double)d->deviation + mean * mean);
  histogram.n_bucket = histogram.n_bucket_limit = fill_bins (d, limits, counts);
  histogram.bucket_limit = limits;
  histogram.bucket = counts;
  value.tag = (char *)tag;
  value.value_case = TB__VALUE__VALUE_HISTO;
  value.histo = &histogram;
  return add_values (writer, &values, 1, moment->step, time_of_step (writer->run, moment->step));
}

static bool
add_histograms (Writer *writer, LwRecord *record, LwDistributionOf of, LwNodeId node)
{
  static const char *const groups[] = { "outputs", "weights", "gradients" };
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  g_autofree LwDistribution *distributions = g_new (LwDistribution, LW_DISTRIBUTION_MOMENTS);
  const int32_t n = lw_distributions_read (record, of, node, moments, distributions);
  g_autofree char *tag =
      g_strconcat (groups[of], "/", lw_graph_node (writer->run->graph, node)->name, NULL);

  for (int32_t i = 0; i < n; i++)
    if (!add_histogram (writer, tag, &moments[i], &distributions[i]))
      return false;
  return true;
}

/* --- text --------------------------------------------------------------------------------------
 */

/* Markdown, which TensorBoard shows as such. */
static bool
add_text (Writer *writer, const char *tag, const char *text)
{
  Tb__Value value = TB__VALUE__INIT, *values = &value;
  Tb__Metadata metadata = TB__METADATA__INIT;
  Tb__PluginData plugin = TB__PLUGIN_DATA__INIT;
  Tb__Tensor tensor = TB__TENSOR__INIT;
  Tb__Shape shape = TB__SHAPE__INIT;
  Tb__Dim dim = TB__DIM__INIT, *dims = &dim;
  ProtobufCBinaryData data = { strlen (text), (uint8_t *)text };

  plugin.plugin_name = (char *)"text";
  metadata.plugin_data = &plugin;
  dim.size = 1;
  shape.n_dim = 1;
  shape.dim = &dims;
  tensor.dtype = DT_STRING;
  tensor.tensor_shape = &shape;
  tensor.n_string_val = 1;
  tensor.string_val = &data;
  value.tag = (char *)tag;
  value.metadata = &metadata;
  value.value_case = TB__VALUE__VALUE_TENSOR;
  value.tensor = &tensor;
  return add_values (writer, &values, 1, 0, 0);
}

static char *
layers_text (const LwGraph *graph)
{
  GString *text = g_string_new ("| layer | type | output | parameters | MACs |\n"
                                "|---|---|---|--:|--:|\n");

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwCost cost = lw_node_cost (graph, id);
    g_autofree char *shape = lw_shape_to_string (node->shape);
    g_autofree char *parameters = lw_format_exact (cost.parameters);
    g_autofree char *macs = lw_format_exact (cost.macs);

    g_string_append_printf (text, "| %s | %s | %s | %s | %s |\n", node->name,
                            lw_node_torch_type (graph, id), shape, parameters, macs);
  }
  return g_string_free (text, FALSE);
}

static bool
add_texts (Writer *writer)
{
  g_autofree char *layers = layers_text (writer->run->graph);
  g_autofree char *settings = lw_settings_to_json (writer->run->settings);
  g_autofree char *quoted = g_strconcat ("```json\n", settings, "\n```\n", NULL);

  return add_text (writer, "network/layers", layers) &&
         add_text (writer, "network/settings", quoted);
}

/* --- the file ----------------------------------------------------------------------------------
 */

static bool
add_all (Writer *writer)
{
  const LwRun *run = writer->run;
  g_autoptr (LwRecords) records = lw_records_load (run->graph, run->settings, run->folder);
  LwRecord *record = lw_records_get (records, LW_RECORD_DISTRIBUTIONS);

  if (!add_version (writer) || !add_texts (writer))
    return false;
  for (int64_t i = 0; i < lw_run_log_length (run->log); i++)
    if (!add_run_event (writer, lw_run_log_get (run->log, i)))
      return false;
  for (int of = 0; record != NULL && of < LW_N_DISTRIBUTIONS; of++)
    for (LwNodeId id = 0; id < lw_graph_n_nodes (run->graph); id++)
      if (!add_histograms (writer, record, (LwDistributionOf)of, id))
        return false;
  return true;
}

static bool
make_folder (const char *folder, const char *name, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (GDir) dir = NULL;
  const char *other;

  if (g_mkdir_with_parents (folder, 0777) != 0 || (dir = g_dir_open (folder, 0, NULL)) == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot make the folder \"%s\": %s."), shown,
                 g_strerror (errno));
    return false;
  }
  while ((other = g_dir_read_name (dir)) != NULL)
    if (other[0] != '.' && strstr (other, "tfevents") != NULL && strcmp (other, name) != 0) {
      g_set_error (error, LW_ERROR, LW_ERROR_IO,
                   _ ("The folder \"%s\" holds the events of another run (%s), and TensorBoard "
                      "would draw both as one; choose a folder for each run."),
                   shown, other);
      return false;
    }
  return true;
}

bool
lw_tensorboard_write (const LwRun *run, const char *folder, GError **error)
{
  g_autofree char *name =
      g_strdup_printf ("events.out.tfevents.%010" G_GINT64_FORMAT ".layerwise", run->started_unix);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GByteArray) packed = g_byte_array_new ();
  g_autoptr (LwRecordFile) file =
      make_folder (folder, name, error) ? lw_record_file_new (path, error) : NULL;
  Writer writer = { .run = run, .file = file, .packed = packed, .error = error };

  return file != NULL && add_all (&writer) && lw_record_file_commit (file, error);
}
