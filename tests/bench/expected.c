/* Prints what a training step should take on a graphics card (step_model.h): no card is needed.
 * Without options the tables of docs/cuda.md; with --layers every kernel of one network. */
#include "tests/bench/step_model.h"

#include <locale.h>
#include <string.h>

static char *layers, *device, *precision, *target;
static double products, memory, launch_us = -1;
static int batch;

static const GOptionEntry options[] = {
  { "layers", 0, 0, G_OPTION_ARG_STRING, &layers, "Every kernel of this network", "NETWORK" },
  { "device", 0, 0, G_OPTION_ARG_STRING, &device, "h100, a100 or rtx4060; h100", "NAME" },
  { "precision", 0, 0, G_OPTION_ARG_STRING, &precision, "fp32, tf32 or bf16; bf16", "P" },
  { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Examples; the comparison's", "N" },
  { "products", 0, 0, G_OPTION_ARG_DOUBLE, &products, "Share of the peak, instead of the assumed",
    "X" },
  { "memory", 0, 0, G_OPTION_ARG_DOUBLE, &memory, "Share of the bandwidth", "X" },
  { "launch-us", 0, 0, G_OPTION_ARG_DOUBLE, &launch_us, "Microseconds a kernel of a graph", "X" },
  { "write", 0, 0, G_OPTION_ARG_FILENAME, &target, "Put the tables into this document", "FILE" },
  { NULL },
};

static const LwDatasheet *
find_peaks (const char *name)
{
  for (int i = 0; i < LW_N_PEAKS; i++)
    if (strcmp (lw_peaks[i].name, name) == 0)
      return &lw_peaks[i];
  g_printerr ("There is no device \"%s\" here; there are h100, a100, rtx4060.\n", name);
  return NULL;
}

static bool
find_precision (const char *name, LwPrecision *ret_precision)
{
  static const char *const names[] = {
    [LW_PRECISION_FP32] = "fp32", [LW_PRECISION_BF16] = "bf16", [LW_PRECISION_TF32] = "tf32"
  };

  for (int i = 0; i < (int)G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0) {
      *ret_precision = (LwPrecision)i;
      return true;
    }
  g_printerr ("There is no precision \"%s\"; there are fp32, tf32, bf16.\n", name);
  return false;
}

static const LwBenchNetwork *
find_network (const char *name)
{
  for (int i = 0; i < LW_N_BENCH_NETWORKS; i++)
    if (strcmp (lw_bench_networks[i].model, name) == 0)
      return &lw_bench_networks[i];
  g_printerr ("\"%s\" is not among the networks of the comparison.\n", name);
  return NULL;
}

static void
print_kernels (const LwGraph *graph, int32_t examples, LwPrecision numbers,
               const LwDatasheet *peaks, const LwAssumptions *assumptions)
{
  int n;
  g_autofree LwKernelWork *kernels =
      lw_step_kernels (graph, examples, numbers, LW_COUNT_KERNELS, &n);
  const LwStepTime time =
      lw_step_time (graph, examples, numbers, LW_COUNT_KERNELS, peaks, assumptions);

  g_print ("%-34s %-17s %9s %9s %10s %8s %9s\n", "layer", "kernel", "MFLOP", "MB", "FLOP/byte",
           "launches", "us");
  for (int i = 0; i < n; i++) {
    const LwKernelWork *kernel = &kernels[i];

    g_print ("%-34s %-17s %9.1f %9.2f %10.1f %8d %9.1f\n",
             kernel->node == LW_NO_NODE ? "-" : lw_graph_node (graph, kernel->node)->name,
             kernel->what, kernel->flops / 1e6, kernel->bytes / 1e6,
             kernel->bytes > 0 ? kernel->flops / kernel->bytes : 0, kernel->launches,
             1e6 * lw_kernel_seconds (kernel, peaks, assumptions, numbers));
  }
  g_print ("%s: %.3f ms a step, %.0f examples/s; arithmetic %.3f ms, memory %.3f ms, %d launches "
           "%.3f ms\n",
           peaks->title, 1e3 * time.seconds, examples / time.seconds, 1e3 * time.arithmetic,
           1e3 * time.memory, time.launches, 1e3 * time.launching);
}

static int
show_network (void)
{
  const LwBenchNetwork *network = find_network (layers);
  const LwDatasheet *peaks = find_peaks (device != NULL ? device : "h100");
  LwAssumptions assumptions;
  LwPrecision numbers;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = NULL;

  if (network == NULL || peaks == NULL ||
      !find_precision (precision != NULL ? precision : "bf16", &numbers))
    return 2;
  graph = lw_bench_network (network, &error);
  if (graph == NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  assumptions = lw_assumptions_of (peaks);
  if (products > 0)
    assumptions.products[numbers] = products;
  if (memory > 0)
    assumptions.memory = memory;
  if (launch_us >= 0)
    assumptions.launch_s = 1e-6 * launch_us;
  print_kernels (graph, batch > 0 ? batch : network->batch, numbers, peaks, &assumptions);
  return 0;
}

static int
write_document (const char *tables)
{
  g_autofree char *text = NULL, *changed = NULL;
  g_autoptr (GError) error = NULL;

  if (g_file_get_contents (target, &text, NULL, &error)) {
    changed = lw_step_document (text, tables);
    if (changed == NULL) {
      g_printerr ("%s has not the two marks between which the tables stand.\n", target);
      return 1;
    }
    if (g_file_set_contents (target, changed, -1, &error))
      return 0;
  }
  g_printerr ("%s\n", error->message);
  return 1;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *tables = NULL;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C"); /* the document's numbers */
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  if (layers != NULL)
    return show_network ();
  tables = lw_step_tables ();
  if (target != NULL)
    return write_document (tables);
  g_print ("%s", tables);
  return 0;
}
