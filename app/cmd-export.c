/* layerwise export: a run as files for other programs and for reports. */
#include "app/app.h"
#include "app/export-report.h"
#include "app/export.h"
#include "onnx/onnx.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST_RUNS 100 /* of a report */

static bool
needs_weights (const LwExport *export)
{
  return export->format->kind == LW_EXPORT_WEIGHTS ||
         (export->format->kind == LW_EXPORT_PICTURE &&
          (g_str_equal (export->what, "feature-maps") || g_str_equal (export->what, "confusion")));
}

/* What is made of the description of a network alone. */
static bool
needs_network_only (const LwExport *export)
{
  return export->format->kind == LW_EXPORT_CODE || lw_export_is_diagram (export);
}

/* The network under the names that were asked for. */
static bool
take_network (LwExport *export, GError **error)
{
  export->options = lw_options_copy (export->weights->settings->options);
  if (export->names != NULL && !lw_app_set_names (export->options, export->names, error))
    return false;
  export->graph = lw_model_build (export->options, error);
  if (export->graph == NULL)
    return false;
  if (lw_graph_n_tensors (export->graph) == lw_graph_n_tensors (export->weights->graph))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("this %s is of the book's form, which torchvision has no names for; one that is "
                  "trained with --set form=torchvision has"),
               lw_graph_title (export->graph));
  return false;
}

/* Without a run. */
static int
open_model (LwExport *export, GError **error)
{
  export->options = lw_app_options (export->args, export->source, error);
  if (export->options == NULL)
    return LW_EXIT_USAGE;
  if (!needs_network_only (export)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s is a model; without a run only its diagram can be exported (--what diagram "
                    "with --format png, svg, pdf, dot or json), or its code (--format pytorch)"),
                 export->source);
    return LW_EXIT_USAGE;
  }
  export->graph = lw_model_build (export->options, error);
  return export->graph != NULL ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

/* A run's folder, or a safetensors file that says of which network it is. Numbers and curves need
 * no checkpoint. */
static int
open_stored (LwExport *export, GError **error)
{
  const bool file = g_file_test (export->source, G_FILE_TEST_IS_REGULAR);
  const bool onnx = file && lw_onnx_is_name (export->source);
  int status = LW_EXIT_FAILED;

  if (file && !onnx && !lw_args_flag (export->args, "model"))
    export->weights = lw_weights_open_file (export->args, export->source, &status, error);
  else if (file || needs_weights (export))
    export->weights =
        lw_weights_open (export->args, export->source, export->checkpoint, &status, error);
  else
    export->weights = lw_weights_open_run (export->args, export->source, &status, error);
  if (export->weights == NULL)
    return status;
  if (file && !needs_weights (export) && !needs_network_only (export)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s holds weights and no curves; this export is made of a run's folder"),
                 export->source);
    return LW_EXIT_USAGE;
  }
  if (onnx && lw_onnx_settings (export->weights->onnx) == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s is a network of another program; only what Layerwise wrote is exported "
                    "again"),
                 export->source);
    return LW_EXIT_FAILED;
  }
  return take_network (export, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static int
run (const LwArgs *args, GError **error)
{
  g_auto (LwExport) export = { 0 };
  int status;

  if (!lw_export_parse (args, &export, error))
    return LW_EXIT_USAGE;
  if (lw_export_is_report (&export))
    return lw_export_report (args, export.format->name, export.device, export.output, error);
  if (g_file_test (export.source, G_FILE_TEST_IS_DIR) || strchr (export.source, '/') != NULL ||
      g_str_has_suffix (export.source, ".safetensors") || lw_onnx_is_name (export.source))
    status = open_stored (&export, error);
  else
    status = open_model (&export, error);
  if (status != LW_EXIT_DONE)
    return status;
  return export.format->write (&export, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static const LwArgOption options[] = {
  { "format", NULL, "F",
    N_ ("safetensors, npz, onnx, pytorch, csv, tensorboard, png, svg, pdf, html, dot or json; "
        "without it the file's ending decides (pytorch's is .py)."),
    false },
  { "output", NULL, "FILE",
    N_ ("The file to write, of tensorboard the folder; what is there is replaced."), false },
  { "what", NULL, "PICTURE",
    N_ ("Of png, svg and pdf: curves (default), diagram, feature-maps, confusion or bn. Of html "
        "and pdf: report, of one or several runs. dot and json are the diagram's."),
    false },
  { "checkpoint", NULL, "WHICH",
    N_ ("best (default; last where no epoch was finished), last, or a step."), false },
  { NULL, NULL, NULL, N_ ("Pictures"), false },
  { "scale", NULL, "N",
    N_ ("How much larger, 0.1 to 16: pixels of png (default 2), the size of svg and pdf (1)."),
    false },
  { "layer", NULL, "NAME",
    N_ ("Of feature-maps (default: the first convolution) and bn (default: the first)."), false },
  { "image", NULL, "N|FILE",
    N_ ("Of feature-maps: a test image's number, counted from 0 (default), or a PNG or JPEG "
        "file."),
    false },
  { "channel", NULL, "N", N_ ("Of bn: the channel, counted from 0 (default)."), false },
  { "device", NULL, "NAME", N_ ("Where feature maps and predictions are computed."), false },
  { "names", NULL, "NAMING",
    N_ ("Of weights, code and diagram: book, or torchvision, where that has the network; default: "
        "as "
        "it was trained."),
    false },
  { NULL, NULL, NULL, N_ ("The diagram"), false },
  { "style", NULL, "STYLE",
    N_ ("blocks (default): layers as boxes, top to bottom; volumes: each layer as large as what "
        "leaves it, left to right."),
    false },
  { "depth", NULL, "N", N_ ("Blocks deeper than N are folded; 0 folds all (default: none)."),
    false },
  { "theme", NULL, "THEME", N_ ("light (default) or dark."), false },
  { "transparent", NULL, NULL, N_ ("Leaves the ground out."), false },
  { "title", NULL, "TEXT",
    N_ ("Over the diagram (default: the network's name; \"\": none) "
        "or the report (default: the run's name)."),
    false },
  { "no-legend", NULL, NULL, N_ ("Leaves the legend out."), false },
  { NULL, NULL, NULL, N_ ("The report"), false },
  { "author", NULL, "TEXT", N_ ("Who made it (default: nobody is named)."), false },
  { NULL, NULL, NULL,
    N_ ("Network, for the diagram and the code of a MODEL or for a FILE of weights"), false },
  { "model", NULL, "MODEL", N_ ("The network of a safetensors file that does not say it."), false },
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_export = {
  .name = "export",
  .synopsis = "RUN|FILE|MODEL [RUN…] --format F --output FILE [OPTIONS]",
  .summary = N_ ("Writes a run's weights, numbers or pictures to a file."),
  .description = N_ (
      "safetensors holds the weights under PyTorch's names and shapes: the book's Python code "
      "loads them with strict=True; its metadata says of which network and run they are. npz holds "
      "the same for numpy. onnx holds the network with its weights for other programs (opset 17, "
      "any batch), a node a layer. pytorch writes the network as a Python module that takes "
      "safetensors or npz. csv holds every number of the run in the long form "
      "(run,step,epoch,wall_time_s,split,metric,value); tensorboard makes a folder that "
      "TensorBoard opens: its curves, the distributions of its layers, and their shapes as text. "
      "png, svg and pdf are pictures, drawn as "
      "the workbench draws them: curves of loss and accuracy, the architecture's diagram, a "
      "layer's feature maps for one image, the confusion matrix of the test images, or what batch "
      "normalization did to one channel over the run. Words in svg and pdf are text.\n\n"
      "dot is the diagram for Graphviz, json all that show says of the network, with its edges and "
      "blocks. The diagram of a MODEL needs no run.\n\n"
      "A report is one file with all of it: networks, settings, curves, epochs, confusion matrix, "
      "feature maps, health, and the commands that repeat the run; html needs nothing beside it. "
      "Given several runs it compares them first."),
  .options = options,
  .examples = N_ ("export RUN --format safetensors --output weights.safetensors|The best weights.\n"
                  "export RUN --output network.onnx|For ONNX Runtime and other programs.\n"
                  "export RUN --names torchvision --output w.safetensors|"
                  "For torchvision's code.\n"
                  "export resnet18 --format pytorch --output net.py|The network as Python code.\n"
                  "export RUN --format tensorboard --output logs/a|tensorboard --logdir logs\n"
                  "export RUN --format pdf --output curves.pdf|For a report.\n"
                  "export RUN RUN --what report --output report.html|To hand in or to print.\n"
                  "export resnet18 --what diagram --format svg --output resnet18.svg|Without a "
                  "run.\n"
                  "export alexnet --what diagram --style volumes --output alexnet.pdf|As papers "
                  "draw it.\n"
                  "export googlenet --depth 1 --output googlenet.dot|For Graphviz."),
  .least = 1,
  .most = MOST_RUNS,
  .arguments = N_ ("a RUN or a MODEL"),
  .run = run,
};
