#include "app/bench-report.h"

#include "app/app.h"
#include "app/table.h"
#include <glib/gi18n.h>
#include <math.h>

static const char *
precision_name (LwPrecision precision)
{
  static const char *const names[] = { "fp32", "bf16", "tf32" };

  return names[precision];
}

static char *
device_name (const LwBenchOptions *options)
{
  return options->device_index == 0
             ? g_strdup (options->backend->name)
             : g_strdup_printf ("%s:%d", options->backend->name, options->device_index);
}

/* The peaks of a device with memory of its own, else of this processor; 0: not known, as those of
 * TF32 there. */
static LwPeaks
peaks_of (const LwBenchReport *report)
{
  const LwMachine *machine = report->machine;
  const LwPrecision precision = report->options->device.precision;
  const double gflops =
      precision == LW_PRECISION_BF16 ? machine->peak_bf16_gflops : machine->peak_gflops;

  if (report->result->own_memory)
    return report->result->peaks;
  if (precision == LW_PRECISION_TF32 || !isfinite (gflops) || !isfinite (machine->copy_gb_s))
    return (LwPeaks){ 0 };
  return (LwPeaks){ 1e9 * gflops, 1e9 * machine->copy_gb_s };
}

/* The shortest time that the roofline allows over the measured one, of one or two passes together.
 * NaN where the roofline says nothing: peaks that are not known, a pass too short for the clock or
 * computed along with another layer's. */
static double
roofline_share (const LwBenchReport *report, const LwBenchPass *a, const LwBenchPass *b)
{
  const LwBenchPass *const passes[] = { a, b };
  const LwPeaks peaks = peaks_of (report);
  double best_ms = 0, ms = 0;

  for (guint i = 0; i < G_N_ELEMENTS (passes); i++) {
    if (passes[i] == NULL)
      continue;

    const LwRoofline roofline = lw_roofline (passes[i]->work, peaks, 1e-3 * passes[i]->ms);

    if (roofline.together || (passes[i]->work.flops > 0 && peaks.flops <= 0) ||
        (passes[i]->work.bytes > 0 && peaks.bytes_s <= 0))
      return NAN;
    best_ms += 1e3 * MAX (roofline.arithmetic_s, roofline.memory_s);
    ms += passes[i]->ms;
  }
  return best_ms > 0 && ms >= 1e-3 ? best_ms / ms : NAN;
}

static double
layer_gflops (const LwBenchLayer *layer)
{
  return lw_bench_gflops (layer->forward.work.flops + layer->backward.work.flops,
                          layer->forward.ms + layer->backward.ms);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

/* Of the weights' gradient, or where there are none, of the input's. */
static const char *
backward_algorithm (const LwBenchLayer *layer)
{
  const char *weights = layer->algorithms[LW_BACKWARD_WEIGHTS];

  return weights != NULL ? weights : layer->algorithms[LW_BACKWARD_DATA];
}

static void
describe_layer (const LwBenchReport *report, const LwBenchLayer *layer, LwJson *json)
{
  lw_json_begin_object (json, NULL);
  lw_json_string (json, "name", lw_graph_node (report->graph, layer->id)->name);
  lw_json_string (json, "type", lw_node_torch_type (report->graph, layer->id));
  lw_json_double (json, "forward_ms", layer->forward.ms);
  lw_json_double (json, "backward_ms", layer->backward.ms);
  lw_json_string (json, "algorithm", layer->algorithms[LW_FORWARD]);
  lw_json_string (json, "backward_algorithm", backward_algorithm (layer));
  lw_json_string (json, "data_algorithm", layer->algorithms[LW_BACKWARD_DATA]);
  lw_json_string (json, "weights_algorithm", layer->algorithms[LW_BACKWARD_WEIGHTS]);
  lw_json_double (json, "gflops", layer_gflops (layer));
  lw_json_double (json, "forward_gflops",
                  lw_bench_gflops (layer->forward.work.flops, layer->forward.ms));
  lw_json_double (json, "backward_gflops",
                  lw_bench_gflops (layer->backward.work.flops, layer->backward.ms));
  lw_json_double (json, "forward_roofline", roofline_share (report, &layer->forward, NULL));
  lw_json_double (json, "backward_roofline", roofline_share (report, &layer->backward, NULL));
  lw_json_end_object (json);
}

/* Of a device with memory of its own. */
static void
describe_peaks (LwPeaks peaks, LwJson *json)
{
  lw_json_begin_object (json, "device_peaks");
  lw_json_double (json, "gflops", peaks.flops > 0 ? 1e-9 * peaks.flops : NAN);
  lw_json_double (json, "gb_s", peaks.bytes_s > 0 ? 1e-9 * peaks.bytes_s : NAN);
  lw_json_end_object (json);
}

bool
lw_bench_report_json (const LwBenchReport *report, LwJson *json)
{
  const LwBenchResult *result = report->result;
  const LwShape input = lw_graph_input_shape (report->graph);
  g_autofree char *device = device_name (report->options);

  lw_json_begin_object (json, NULL);
  lw_json_begin_object (json, "machine");
  lw_json_integer (json, "threads", report->machine->threads);
  lw_json_double (json, "peak_gflops", report->machine->peak_gflops);
  lw_json_double (json, "peak_bf16_gflops", report->machine->peak_bf16_gflops);
  lw_json_double (json, "copy_gb_s", report->machine->copy_gb_s);
  lw_json_end_object (json);
  if (result->own_memory)
    describe_peaks (result->peaks, json);
  lw_json_string (json, "model", report->model);
  lw_json_string (json, "mode", report->options->inference ? "inference" : "training");
  lw_json_string (json, "device", device);
  lw_json_string (json, "precision", precision_name (report->options->device.precision));
  lw_json_integer (json, "batch", report->options->batch);
  lw_json_begin_array (json, "input");
  lw_json_integer (json, NULL, input.c);
  lw_json_integer (json, NULL, input.h);
  lw_json_integer (json, NULL, input.w);
  lw_json_end_array (json);
  lw_json_boolean (json, "images_on_device", result->keeps_images);
  lw_json_integer (json, "steps", result->steps);
  lw_json_double (json, "examples_per_second", result->examples_per_second);
  lw_json_double (json, "step_ms_median", result->step_ms_median);
  lw_json_double (json, "step_ms_min", result->step_ms_min);
  if (result->peak_memory_bytes > 0)
    lw_json_integer (json, "peak_memory_bytes", result->peak_memory_bytes);
  else
    lw_json_null (json, "peak_memory_bytes");
  lw_json_integer (json, "planned_memory_bytes", result->planned_memory_bytes);
  lw_json_double (json, "loss_ms", result->loss_ms);
  lw_json_double (json, "other_ms", result->other_ms);
  lw_json_begin_array (json, "layers");
  for (int32_t i = 0; i < result->n_layers; i++)
    describe_layer (report, &result->layers[i], json);
  lw_json_end_array (json);
  lw_json_end_object (json);
  return lw_json_print (json);
}

/* --- tables -------------------------------------------------------------------------------------
 */

/* A number, or a dash where it is not known. */
static char *
optional (const char *format, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value) || value <= 0)
    return g_strdup ("–");
  return g_strdup (g_ascii_formatd (digits, sizeof digits, format, value));
}

void
lw_bench_report_machine (const LwMachine *machine)
{
  g_autofree char *peak = optional ("%.0f", machine->peak_gflops);
  g_autofree char *copy = optional ("%.1f", machine->copy_gb_s);
  g_autofree char *bf16 = optional ("%.0f", machine->peak_bf16_gflops);
  g_autofree char *also = isfinite (machine->peak_bf16_gflops)
                              ? g_strdup_printf (_ (", %s with bfloat16"), bf16)
                              : g_strdup ("");

  lw_app_print (
      _ ("Processor (threads: %d): %s GFLOP/s (float32 multiply-adds%s), %s GB/s (copying "
         "memory)\n"),
      machine->threads, peak, also, copy);
}

static void
print_peaks (LwPeaks peaks)
{
  g_autofree char *gflops = optional ("%.0f", 1e-9 * peaks.flops);
  g_autofree char *bandwidth = optional ("%.1f", 1e-9 * peaks.bytes_s);

  lw_app_print (_ ("  device at most: %s GFLOP/s, %s GB/s, by its units and clocks\n"), gflops,
                bandwidth);
}

static void
print_header (const LwBenchReport *report)
{
  const LwBenchOptions *options = report->options;
  const LwBenchResult *result = report->result;
  const LwShape shape = lw_graph_input_shape (report->graph);
  g_autofree char *device = device_name (options), *input = lw_shape_to_string (shape);
  g_autofree char *rate = lw_format_exact (llround (result->examples_per_second));
  g_autofree char *peak =
      result->peak_memory_bytes > 0 ? lw_format_bytes (result->peak_memory_bytes) : g_strdup ("–");
  g_autofree char *planned = lw_format_bytes (result->planned_memory_bytes);

  lw_app_print ("\n%s: %s, %s, %s, %s\n", report->model, input, device,
                precision_name (options->device.precision),
                options->inference ? _ ("inference") : _ ("training"));
  lw_app_print (_ ("  batch %d: %s examples/s; a step takes %.2f ms (median of %d; least %.2f)\n"),
                options->batch, rate, result->step_ms_median, (int)result->steps,
                result->step_ms_min);
  if (result->own_memory)
    print_peaks (result->peaks);
  lw_app_print (_ ("  memory: %s at most, %s planned\n\n"), peak, planned);
}

/* Forward / data / weights, or one word where all are the same; a dash: not in this direction. */
static char *
words_of (const LwBenchLayer *layer)
{
  const char *words[LW_N_DIRECTIONS + 1] = { NULL };
  bool differ = false;

  for (int d = 0; d < LW_N_DIRECTIONS; d++) {
    words[d] = layer->algorithms[d] != NULL ? layer->algorithms[d] : "–";
    differ |= layer->algorithms[d] != NULL && !g_str_equal (words[d], words[0]);
  }
  return differ ? g_strjoinv (" / ", (char **)words) : g_strdup (words[0]);
}

static void
add_layer (LwTable *table, const LwBenchReport *report, const LwBenchLayer *layer)
{
  const LwBenchPass *forward = &layer->forward, *backward = &layer->backward;
  const double gflops = layer_gflops (layer), share = roofline_share (report, forward, backward);

  lw_table_cell (table, "%s", lw_graph_node (report->graph, layer->id)->name);
  lw_table_cell (table, "%s", lw_node_torch_type (report->graph, layer->id));
  lw_table_take (table, optional ("%.3f", forward->ms));
  lw_table_take (table, optional ("%.3f", backward->ms));
  lw_table_take (table, optional ("%.1f", gflops));
  lw_table_take (table,
                 isfinite (share) ? g_strdup_printf ("%.0f %%", 100 * share) : g_strdup ("–"));
  lw_table_take (table, words_of (layer));
}

/* A row without a layer. */
static void
add_rest (LwTable *table, const char *what, double ms)
{
  lw_table_cell (table, "%s", what);
  lw_table_cell (table, "%s", "");
  lw_table_take (table, optional ("%.3f", ms));
  for (int i = 0; i < 4; i++)
    lw_table_cell (table, "%s", "");
}

void
lw_bench_report_table (const LwBenchReport *report)
{
  const LwBenchResult *result = report->result;
  g_autoptr (LwTable) table = lw_table_new ("llrrrrl");

  print_header (report);
  lw_table_cell (table, "%s", _ ("layer"));
  lw_table_cell (table, "%s", _ ("type"));
  lw_table_cell (table, "%s", _ ("forward ms"));
  lw_table_cell (table, "%s", _ ("backward ms"));
  lw_table_cell (table, "%s", _ ("GFLOP/s"));
  lw_table_cell (table, "%s", _ ("of roofline"));
  lw_table_cell (table, "%s", _ ("algorithm"));
  for (int32_t i = 0; i < result->n_layers; i++)
    add_layer (table, report, &result->layers[i]);
  if (result->loss_ms > 0)
    add_rest (table, _ ("loss, both ways"), result->loss_ms);
  add_rest (table,
            report->options->inference ? _ ("images in, logits out")
                                       : _ ("images in, zeroing, update"),
            result->other_ms);
  lw_table_print (table, 2);
}
