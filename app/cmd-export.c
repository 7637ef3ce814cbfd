/* layerwise export: a run as files for other programs and for reports. */
#include "app/app.h"
#include "app/backends.h"
#include "app/export-onnx.h"
#include "app/export-report.h"
#include "app/weights.h"
#include "engine/formats/graph_dot.h"
#include "engine/formats/graph_json.h"
#include "engine/formats/safetensors.h"
#include "engine/number.h"
#ifdef LW_WITH_DRAW
#include "app/picture.h"
#endif

#include <glib/gi18n.h>
#include <string.h>

#define MOST_RUNS   100 /* of a report */
#define EVERY_BLOCK 100 /* deeper than any network's tree */

static const char *const formats[] = { "safetensors", "onnx", "csv", "png",  "svg",
                                       "pdf",         "html", "dot", "json", NULL };
static const char *const pictures[] = { "curves", "diagram", "feature-maps", "confusion", "bn",
                                        "report", NULL };

static const char *const styles[] = { "blocks", "volumes", NULL };
static const char *const themes[] = { "light", "dark", NULL };

/* What the options ask for, all names checked. */
typedef struct {
  const char *source, *format, *output, *what;
  const char *checkpoint, *layer, *image, *device, *names;
  const char *style, *theme, *title; /* of diagrams */
  bool transparent, no_legend;
  double scale;
  int64_t depth, channel;
} Request;

static bool
is_weights (const char *format)
{
  return g_str_equal (format, "safetensors") || g_str_equal (format, "onnx");
}

static bool
is_picture (const char *format)
{
  return !is_weights (format) && !g_str_equal (format, "csv");
}

/* The graph for other programs: a diagram that is no picture. */
static bool
is_text (const char *format)
{
  return g_str_equal (format, "dot") || g_str_equal (format, "json");
}

/* Without --format the file's ending says it. */
static const char *
format_of (const LwArgs *args, const char *output)
{
  const char *format = lw_args_value (args, "format"), *dot = strrchr (output, '.');

  return format != NULL || dot == NULL ? format : dot + 1;
}

static bool
one_of (const char *what, const char *word, const char *const *words, GError **error)
{
  if (g_strv_contains (words, word))
    return true;
  lw_args_unknown (error, what, word, words);
  return false;
}

/* Of the diagram's looks Graphviz's text has the ground, JSON none: it draws nothing. */
static bool
check_text_look (const LwArgs *args, const char *format, GError **error)
{
  static const char *const drawn[] = { "style", "no-legend", NULL };
  static const char *const coloured[] = { "theme", "transparent", NULL };
  const char *wrong = NULL;

  if (!is_text (format))
    return true;
  for (int i = 0; drawn[i] != NULL && wrong == NULL; i++)
    wrong = lw_args_flag (args, drawn[i]) ? drawn[i] : NULL;
  for (int i = 0; coloured[i] != NULL && wrong == NULL && g_str_equal (format, "json"); i++)
    wrong = lw_args_flag (args, coloured[i]) ? coloured[i] : NULL;
  if (wrong != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--%s is about how a picture looks; --format %s has no use for it"), wrong,
                 format);
  return wrong == NULL;
}

/* How the picture looks. Options that would change nothing are refused rather than ignored. */
static bool
parse_look (const LwArgs *args, Request *request, GError **error)
{
  static const char *const only[] = { "style", "theme", "transparent", "title", "no-legend", NULL };
  const char *scale = lw_args_value (args, "scale");

  request->style = lw_args_flag (args, "style") ? lw_args_value (args, "style") : styles[0];
  request->theme = lw_args_flag (args, "theme") ? lw_args_value (args, "theme") : themes[0];
  request->title = lw_args_value (args, "title");
  request->transparent = lw_args_flag (args, "transparent");
  request->no_legend = lw_args_flag (args, "no-legend");
  for (int i = 0; only[i] != NULL && !g_str_equal (request->what, "diagram"); i++)
    if (lw_args_flag (args, only[i])) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("--%s belongs to --what diagram, not to %s"), only[i], request->what);
      return false;
    }
  if (!check_text_look (args, request->format, error))
    return false;
  if (scale != NULL && (is_text (request->format) || !is_picture (request->format))) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--scale enlarges pictures; --format %s is none"), request->format);
    return false;
  }
  if (scale != NULL && (!lw_number_parse_real (scale, &request->scale) || request->scale < 0.1 ||
                        request->scale > 16)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--scale takes a number from 0.1 to 16, not \"%s\""), scale);
    return false;
  }
  return one_of (_ ("style"), request->style, styles, error) &&
         one_of (_ ("theme"), request->theme, themes, error);
}

static bool
is_report (const Request *request)
{
  return g_str_equal (request->what, "report");
}

/* What goes with a report only, and what does not go with one. */
static bool
check_report (const LwArgs *args, const Request *request, GError **error)
{
  if (is_report (request))
    return lw_export_report_check (args, request->format, error);
  if (g_str_equal (request->format, "html") || lw_args_flag (args, "author")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("%s belongs to --what report, not to %s"),
                 lw_args_flag (args, "author") ? "--author" : "--format html", request->what);
    return false;
  }
  if (lw_args_n (args) > 1) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("\"%s\" is one RUN or MODEL too many; --what report takes several"),
                 lw_args_get (args, 1));
    return false;
  }
  return true;
}

static bool
parse_request (const LwArgs *args, Request *request, GError **error)
{
  *request = (Request){
    .source = lw_args_get (args, 0),
    .output = lw_args_value (args, "output"),
    .what = lw_args_value (args, "what"),
    .checkpoint = lw_args_value (args, "checkpoint"),
    .layer = lw_args_value (args, "layer"),
    .image = lw_args_value (args, "image"),
    .names = lw_args_value (args, "names"),
    .device = lw_args_flag (args, "device") ? lw_args_value (args, "device") : "auto",
    .depth = EVERY_BLOCK,
  };
  if (request->output == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("--output FILE says where to write"));
    return false;
  }
  request->format = format_of (args, request->output);
  if (!one_of (_ ("format"), request->format != NULL ? request->format : "", formats, error))
    return false;
  if (request->names != NULL && g_str_equal (request->format, "csv")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--names is about weights; --format csv has none"));
    return false;
  }
  if (!is_picture (request->format) && request->what != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--what chooses a picture; --format %s has no choice"), request->format);
    return false;
  }
  if (request->what == NULL)
    request->what = is_text (request->format)               ? "diagram"
                    : g_str_equal (request->format, "html") ? "report"
                                                            : pictures[0];
  if (!one_of (_ ("picture"), request->what, pictures, error))
    return false;
  if (is_text (request->format) && !g_str_equal (request->what, "diagram")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("--format %s describes a network: it goes with --what diagram"),
                 request->format);
    return false;
  }
  return check_report (args, request, error) &&
         (is_report (request) || parse_look (args, request, error)) &&
         lw_args_integer (args, "depth", 0, EVERY_BLOCK, &request->depth, error) &&
         lw_args_integer (args, "channel", 0, G_MAXINT32, &request->channel, error);
}

static bool
export_safetensors (LwWeights *weights, const Request *request, GError **error)
{
  g_autoptr (LwSession) session =
      lw_weights_session (weights, request->device, LW_ALGORITHMS_FIXED, 0, error);

  if (session != NULL && request->names != NULL) {
    g_autoptr (LwSession) own = g_steal_pointer (&session);

    session = lw_weights_rename (weights, own, request->names, request->device, error);
  }
  return session != NULL && lw_session_save (session, weights->settings, request->output, error);
}

/* No picture: builds without Cairo make them too. */
static bool
export_graph (LwGraph *graph, const Request *request, GError **error)
{
  const int n = lw_graph_n_blocks (graph);
  g_autofree bool *open = g_new (bool, n);
  const LwDotOptions look = { request->title, g_str_equal (request->theme, "dark"),
                              request->transparent, open, lw_app_translate };
  g_autofree char *text = NULL;

  for (LwBlockId id = 0; id < n; id++)
    open[id] = lw_graph_block (graph, id)->depth <= request->depth;
  if (g_str_equal (request->format, "dot"))
    text = lw_graph_to_dot (graph, &look);
  else
    text = lw_graph_to_json (graph, request->title);
  return lw_file_replace (request->output, text, strlen (text), error);
}

#ifdef LW_WITH_DRAW

static void
make_diagram (LwPicture *picture, LwGraph *graph, const Request *request)
{
  const LwFigureLook look = {
    .title = request->title,
    .dark = g_str_equal (request->theme, "dark"),
    .transparent = request->transparent,
    .no_legend = request->no_legend,
    .paint.selected = LW_NO_SPOT,
  };

  lw_picture_diagram (
      picture, graph, (int)request->depth,
      g_str_equal (request->style, "volumes") ? LW_FIGURE_VOLUMES : LW_FIGURE_BLOCKS, &look);
}

static bool
export_run_picture (const LwWeights *weights, const Request *request, GError **error)
{
  g_auto (LwPicture) picture = { 0 };
  bool made = true;

  if (g_str_equal (request->what, "curves"))
    made = lw_picture_curves (&picture, weights->run, error);
  else if (g_str_equal (request->what, "bn"))
    made = lw_picture_bn (&picture, weights->run, request->layer, (int32_t)request->channel, error);
  else if (g_str_equal (request->what, "feature-maps"))
    made =
        lw_picture_maps (&picture, weights, request->layer, request->image, request->device, error);
  else if (g_str_equal (request->what, "confusion"))
    made = lw_picture_confusion (&picture, weights, request->device, error);
  else
    make_diagram (&picture, weights->graph, request);
  picture.scale = request->scale;
  return made && lw_picture_write (&picture, request->format, request->output, error);
}

static bool
export_picture (LwGraph *graph, const Request *request, GError **error)
{
  g_auto (LwPicture) picture = { 0 };

  make_diagram (&picture, graph, request);
  picture.scale = request->scale;
  return lw_picture_write (&picture, request->format, request->output, error);
}

#else

static bool
no_pictures (GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
               _ ("this build makes no pictures: install libcairo2-dev and libpango1.0-dev, then "
                  "./run --build"));
  return false;
}

static bool
export_run_picture (const LwWeights *weights, const Request *request, GError **error)
{
  (void)weights, (void)request;
  return no_pictures (error);
}

static bool
export_picture (LwGraph *graph, const Request *request, GError **error)
{
  (void)graph, (void)request;
  return no_pictures (error);
}

#endif

static bool
export_diagram (LwGraph *graph, const Request *request, GError **error)
{
  if (is_text (request->format))
    return export_graph (graph, request, error);
  return export_picture (graph, request, error);
}

/* The diagram of a network that was never trained. */
static int
export_model (const LwArgs *args, const Request *request, GError **error)
{
  g_autoptr (LwOptions) options = lw_app_options (args, request->source, error);
  g_autoptr (LwGraph) graph = NULL;

  if (options == NULL)
    return LW_EXIT_USAGE;
  if (!is_picture (request->format) || !g_str_equal (request->what, "diagram")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s is a model; without a run only its diagram can be exported: --what diagram "
                    "with --format png, svg, pdf, dot or json"),
                 request->source);
    return LW_EXIT_USAGE;
  }
  graph = lw_model_build (options, error);
  return graph != NULL && export_diagram (graph, request, error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static int
export_run (const LwArgs *args, const Request *request, GError **error)
{
  g_autoptr (LwWeights) weights = NULL;
  bool done;
  int status = LW_EXIT_FAILED;

  if (g_file_test (request->source, G_FILE_TEST_IS_REGULAR) && !is_weights (request->format)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("a file holds weights only: --format safetensors or onnx writes them; a run's "
                    "folder has the rest"));
    return LW_EXIT_USAGE;
  }
  /* Numbers and curves need no checkpoint. */
  if (g_str_equal (request->format, "csv") ||
      (is_picture (request->format) &&
       (g_str_equal (request->what, "curves") || g_str_equal (request->what, "bn") ||
        g_str_equal (request->what, "diagram"))))
    weights = lw_weights_open_run (request->source, error);
  else
    weights = lw_weights_open (args, request->source, request->checkpoint, &status, error);
  if (weights == NULL)
    return status;
  if (weights->onnx != NULL && lw_onnx_settings (weights->onnx) == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s is a network of another program; only what Layerwise wrote is exported "
                    "again"),
                 request->source);
    return LW_EXIT_FAILED;
  }
  if (g_str_equal (request->format, "csv"))
    done = lw_run_export_csv (weights->run, request->output, error);
  else if (g_str_equal (request->format, "safetensors"))
    done = export_safetensors (weights, request, error);
  else if (g_str_equal (request->format, "onnx"))
    done = lw_export_onnx (weights, request->names, request->device, request->output, error);
  else if (is_text (request->format))
    done = export_graph (weights->graph, request, error);
  else
    done = export_run_picture (weights, request, error);
  return done ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

static int
run (const LwArgs *args, GError **error)
{
  Request request;

  if (!parse_request (args, &request, error))
    return LW_EXIT_USAGE;
  if (is_report (&request))
    return lw_export_report (args, request.format, request.device, request.output, error);
  if (g_file_test (request.source, G_FILE_TEST_EXISTS) || strchr (request.source, '/') != NULL)
    return export_run (args, &request, error);
  return export_model (args, &request, error);
}

static const LwArgOption options[] = {
  { "format", NULL, "F",
    N_ ("safetensors, onnx, csv, png, svg, pdf, html, dot or json; without it the file's ending "
        "decides."),
    false },
  { "output", NULL, "FILE", N_ ("The file to write; one that is there is replaced."), false },
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
    N_ ("Of feature-maps: a test image's number, counted from 0 (default), or a PNG file."),
    false },
  { "channel", NULL, "N", N_ ("Of bn: the channel, counted from 0 (default)."), false },
  { "device", NULL, "NAME", N_ ("Where feature maps and predictions are computed."), false },
  { "names", NULL, "NAMING",
    N_ ("Of the weights, and of the diagram of a MODEL: book, or torchvision, where that has the "
        "network; default: as it was trained."),
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
  { NULL, NULL, NULL, N_ ("Network, for the diagram of a MODEL or for a FILE of weights"), false },
  { "model", NULL, "MODEL", N_ ("The network of a safetensors file."), false },
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
      "loads them with strict=True. onnx holds the network with its weights for other programs "
      "(opset 17, any batch), a node a layer. csv holds every number of the run in the long form "
      "(run,step,epoch,wall_time_s,split,metric,value). png, svg and pdf are pictures, drawn as "
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
