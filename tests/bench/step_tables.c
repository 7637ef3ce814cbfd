#include "tests/bench/step_model.h"

#include "engine/models.h"

#include <string.h>

/* Dense products. NVIDIA's datasheets and whitepapers print tensor cores' figures with sparsity,
 * twice these. */
const LwDatasheet lw_peaks[LW_N_PEAKS] = {
  { "h100",
    "H100 SXM 80 GB",
    "NVIDIA H100 Tensor Core GPU Architecture (whitepaper); datasheet: 3.35 TB/s",
    { [LW_PRECISION_FP32] = 66.9e12,
      [LW_PRECISION_TF32] = 494.7e12,
      [LW_PRECISION_BF16] = 989.4e12 },
    3.35e12,
    0.45 },
  { "a100",
    "A100 SXM 80 GB",
    "NVIDIA A100 Tensor Core GPU datasheet (2021)",
    { [LW_PRECISION_FP32] = 19.5e12, [LW_PRECISION_TF32] = 156e12, [LW_PRECISION_BF16] = 312e12 },
    2.039e12,
    0.6 },
  { "rtx4060",
    "GeForce RTX 4060 8 GB",
    "NVIDIA's product page: 3072 lanes, 2.46 GHz, 272 GB/s; per multiprocessor and clock 256 FLOPs "
    "(fp32), 256 (TF32), 512 (bfloat16, float32 sums) as the Ada whitepaper's table of the "
    "RTX 4090 has them",
    { [LW_PRECISION_FP32] = 15.1e12, [LW_PRECISION_TF32] = 15.1e12, [LW_PRECISION_BF16] = 30.2e12 },
    0.272e12,
    0.6 },
};

LwAssumptions
lw_assumptions_of (const LwDatasheet *peaks)
{
  return (LwAssumptions){ .products = { [LW_PRECISION_FP32] = 0.7,
                                        [LW_PRECISION_TF32] = peaks->tensor,
                                        [LW_PRECISION_BF16] = peaks->tensor },
                          .memory = 0.85,
                          .launch_s = 2.5e-6 };
}

/* On an H100: 60 and 400 TFLOP/s assumed, 798 TFLOP/s (8192³) and 3.0 TB/s (a copy) measured. */
const LwAssumptions lw_best_measured = {
  .products = { [LW_PRECISION_FP32] = 60 / 66.9,
                [LW_PRECISION_TF32] = 400 / 494.7,
                [LW_PRECISION_BF16] = 798 / 989.4 },
  .memory = 3.0 / 3.35,
};

const LwBenchNetwork lw_bench_networks[LW_N_BENCH_NETWORKS] = {
  { "lenet-bn", 28, 256 }, { "alexnet", 224, 128 },  { "vgg11-small", 224, 128 },
  { "nin", 224, 128 },     { "googlenet", 96, 128 }, { "resnet18", 96, 128 },
  { "densenet", 96, 128 },
};

LwGraph *
lw_bench_network (const LwBenchNetwork *network, GError **error)
{
  const LwModel *model = lw_model_find (network->model, error);
  g_autoptr (LwOptions) options = model != NULL ? lw_options_new (model) : NULL;

  if (model == NULL ||
      !lw_options_set_input (options, (LwShape){ 1, network->side, network->side, false }, error))
    return NULL;
  return lw_model_build (options, error);
}

/* Three digits that matter. */
static char *
short_number (double value)
{
  const double scale = value >= 1e6 ? 1e6 : value >= 1e4 ? 1e3 : 1, shown = value / scale;
  const int digits = shown >= 100 ? 0 : shown >= 10 ? 1 : 2;

  return g_strdup_printf ("%.*f%s", digits, shown, value >= 1e6 ? " M" : value >= 1e4 ? " k" : "");
}

static const char *
limit_of (const LwStepTime *time)
{
  return time->arithmetic >= time->memory && time->arithmetic >= time->launching ? "arithmetic"
         : time->memory >= time->launching                                       ? "memory"
                                                                                 : "launches";
}

/* milliseconds | examples/s | of the floor | most of it */
static void
append_cell (GString *text, const LwGraph *graph, int32_t batch, LwPrecision precision,
             const LwDatasheet *peaks)
{
  const LwAssumptions assumptions = lw_assumptions_of (peaks);
  const LwStepTime time =
      lw_step_time (graph, batch, precision, LW_COUNT_KERNELS, peaks, &assumptions);
  const LwStepTime least =
      lw_step_time (graph, batch, precision, LW_COUNT_FLOOR, peaks, &lw_best_measured);
  g_autofree char *ms = short_number (1e3 * time.seconds);
  g_autofree char *rate = short_number (batch / time.seconds);
  g_autofree char *roof = short_number (batch / least.seconds);

  g_string_append_printf (text, " %s | %s | %s | %s |", ms, rate, roof, limit_of (&time));
}

static void
append_device (GString *text, const LwDatasheet *peaks)
{
  g_string_append_printf (
      text,
      "\n### %s\n\n%.3g (fp32), %.3g (TF32), %.3g (bfloat16) TFLOP/s, %.0f GB/s. Source: %s.\n\n"
      "| network | fp32: ms a step | examples/s | roofline | mostly "
      "| TF32: ms | examples/s | roofline | mostly | bf16: ms | examples/s | roofline | mostly |\n"
      "|---|---:|---:|---:|---|---:|---:|---:|---|---:|---:|---:|---|\n",
      peaks->title, peaks->flops[LW_PRECISION_FP32] / 1e12, peaks->flops[LW_PRECISION_TF32] / 1e12,
      peaks->flops[LW_PRECISION_BF16] / 1e12, peaks->bytes / 1e9, peaks->source);
  for (int i = 0; i < LW_N_BENCH_NETWORKS; i++) {
    const LwBenchNetwork *network = &lw_bench_networks[i];
    g_autoptr (LwGraph) graph = lw_bench_network (network, NULL);

    if (graph == NULL)
      continue;
    g_string_append_printf (text, "| %s |", network->model);
    append_cell (text, graph, network->batch, LW_PRECISION_FP32, peaks);
    append_cell (text, graph, network->batch, LW_PRECISION_TF32, peaks);
    append_cell (text, graph, network->batch, LW_PRECISION_BF16, peaks);
    g_string_append_c (text, '\n');
  }
}

/* What does not depend on the device. */
static void
append_work (GString *text)
{
  g_string_append (text,
                   "| network | input | batch | GFLOP a step | MB a step, fp32 | bf16 | kernels |\n"
                   "|---|---|---:|---:|---:|---:|---:|\n");
  for (int i = 0; i < LW_N_BENCH_NETWORKS; i++) {
    const LwBenchNetwork *network = &lw_bench_networks[i];
    g_autoptr (LwGraph) graph = lw_bench_network (network, NULL);

    if (graph == NULL)
      continue;

    const LwStepTime wide = lw_step_time (graph, network->batch, LW_PRECISION_FP32,
                                          LW_COUNT_KERNELS, &lw_peaks[0], &lw_best_measured);
    const LwStepTime narrow = lw_step_time (graph, network->batch, LW_PRECISION_BF16,
                                            LW_COUNT_KERNELS, &lw_peaks[0], &lw_best_measured);
    g_autofree char *flops = short_number (wide.flops / 1e9);
    g_autofree char *bytes = short_number (wide.bytes / 1e6);
    g_autofree char *half = short_number (narrow.bytes / 1e6);

    g_string_append_printf (text, "| %s | %d×%d | %d | %s | %s | %s | %d |\n", network->model,
                            network->side, network->side, network->batch, flops, bytes, half,
                            wide.launches);
  }
}

char *
lw_step_tables (void)
{
  GString *text = g_string_new (NULL);

  append_work (text);
  for (int i = 0; i < LW_N_PEAKS; i++)
    append_device (text, &lw_peaks[i]);
  return g_string_free (text, FALSE);
}

char *
lw_step_document (const char *document, const char *tables)
{
  static const char begin[] = "<!-- written by bench-expected --write -->\n",
                    end[] = "<!-- end -->";
  const char *from = strstr (document, begin);
  const char *to = from != NULL ? strstr (from, end) : NULL;
  g_autofree char *head = NULL;

  if (to == NULL)
    return NULL;
  head = g_strndup (document, (gsize)(from - document) + strlen (begin));
  return g_strconcat (head, tables, to, NULL);
}
