/* layerwise export: a run as files for other programs and for reports. */
#include "app/app.h"
#include "app/backends.h"
#include "app/weights.h"
#ifdef LW_WITH_DRAW
#include "app/picture.h"
#endif

#include <glib/gi18n.h>
#include <string.h>

#define EVERY_BLOCK 100 /* deeper than any network's tree */

static const char *const formats[] = { "safetensors", "csv", "png", "svg", "pdf", NULL };
static const char *const pictures[] = {
  "curves", "diagram", "feature-maps", "confusion", "bn", NULL
};

/* What the options ask for, all names checked. */
typedef struct {
  const char *source, *format, *output, *what;
  const char *checkpoint, *layer, *image, *device, *names;
  int64_t depth, channel;
} Request;

static bool
is_picture (const char *format)
{
  return !g_str_equal (format, "safetensors") && !g_str_equal (format, "csv");
}

/* Without --format the file's ending says it. */
static const char *
format_of (const LwArgs *args, const char *output)
{
  const char *format = lw_args_value (args, "format"), *dot = strrchr (output, '.');

  return format != NULL || dot == NULL ? format : dot + 1;
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
  if (request->format == NULL || !g_strv_contains (formats, request->format)) {
    lw_args_unknown (error, _ ("format"), request->format != NULL ? request->format : "", formats);
    return false;
  }
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
    request->what = pictures[0];
  if (!g_strv_contains (pictures, request->what)) {
    lw_args_unknown (error, _ ("picture"), request->what, pictures);
    return false;
  }
  return lw_args_integer (args, "depth", 0, EVERY_BLOCK, &request->depth, error) &&
         lw_args_integer (args, "channel", 0, G_MAXINT32, &request->channel, error);
}

static bool
export_safetensors (LwWeights *weights, const Request *request, GError **error)
{
  g_autoptr (LwSession) session =
      lw_weights_session (weights, request->device, LW_ALGORITHMS_FIXED, error);

  if (session != NULL && request->names != NULL) {
    g_autoptr (LwSession) own = g_steal_pointer (&session);

    session = lw_weights_rename (weights, own, request->names, request->device, error);
  }
  return session != NULL && lw_session_save (session, weights->settings, request->output, error);
}

#ifdef LW_WITH_DRAW

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
    lw_picture_diagram (&picture, weights->graph, (int)request->depth);
  return made && lw_picture_write (&picture, request->format, request->output, error);
}

static bool
export_diagram (LwGraph *graph, const Request *request, GError **error)
{
  g_auto (LwPicture) picture = { 0 };

  lw_picture_diagram (&picture, graph, (int)request->depth);
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
export_diagram (LwGraph *graph, const Request *request, GError **error)
{
  (void)graph, (void)request;
  return no_pictures (error);
}

#endif

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
                    "with --format png, svg or pdf"),
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
  int status;

  /* Numbers and curves need no checkpoint. */
  if (g_str_equal (request->format, "csv") ||
      (is_picture (request->format) &&
       (g_str_equal (request->what, "curves") || g_str_equal (request->what, "bn") ||
        g_str_equal (request->what, "diagram"))))
    weights = lw_weights_open_run (request->source, error);
  else
    weights = lw_weights_open (args, request->source, request->checkpoint, &status, error);
  if (weights == NULL)
    return LW_EXIT_FAILED;
  if (g_str_equal (request->format, "csv"))
    done = lw_run_export_csv (weights->run, request->output, error);
  else if (g_str_equal (request->format, "safetensors"))
    done = export_safetensors (weights, request, error);
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
  if (g_file_test (request.source, G_FILE_TEST_IS_DIR) || strchr (request.source, '/') != NULL)
    return export_run (args, &request, error);
  return export_model (args, &request, error);
}

static const LwArgOption options[] = {
  { "format", NULL, "F",
    N_ ("safetensors, csv, png, svg or pdf; without it the file's ending decides."), false },
  { "output", NULL, "FILE", N_ ("The file to write; one that is there is replaced."), false },
  { "what", NULL, "PICTURE",
    N_ ("Of png, svg and pdf: curves (default), diagram, feature-maps, confusion or bn."), false },
  { "checkpoint", NULL, "WHICH",
    N_ ("best (default; last where no epoch was finished), last, or a step."), false },
  { NULL, NULL, NULL, N_ ("Pictures"), false },
  { "layer", NULL, "NAME",
    N_ ("Of feature-maps (default: the first convolution) and bn (default: the first)."), false },
  { "image", NULL, "N|FILE",
    N_ ("Of feature-maps: a test image's number, counted from 0 (default), or a PNG file."),
    false },
  { "channel", NULL, "N", N_ ("Of bn: the channel, counted from 0 (default)."), false },
  { "depth", NULL, "N",
    N_ ("Of diagram: blocks deeper than N are folded; 0 folds all (default: none)."), false },
  { "device", NULL, "NAME", N_ ("Where feature maps and predictions are computed."), false },
  { "names", NULL, "NAMING",
    N_ ("Of the weights, and of the diagram of a MODEL: book, or torchvision, where that has the "
        "network; default: as it was trained."),
    false },
  { NULL, NULL, NULL, N_ ("Network, for the diagram of a MODEL"), false },
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_export = {
  .name = "export",
  .synopsis = "RUN|MODEL --format F --output FILE [OPTIONS]",
  .summary = N_ ("Writes a run's weights, numbers or pictures to a file."),
  .description = N_ (
      "safetensors holds the weights under PyTorch's names and shapes: the book's Python code "
      "loads them with strict=True. csv holds every number of the run in the long form "
      "(run,step,epoch,wall_time_s,split,metric,value). png, svg and pdf are pictures, drawn as "
      "the workbench draws them: curves of loss and accuracy, the architecture's diagram, a "
      "layer's feature maps for one image, the confusion matrix of the test images, or what batch "
      "normalization did to one channel over the run.\n\n"
      "The diagram of a MODEL needs no run."),
  .options = options,
  .examples = N_ ("export RUN --format safetensors --output weights.safetensors|The best weights.\n"
                  "export RUN --names torchvision --output w.safetensors|"
                  "For torchvision's code.\n"
                  "export RUN --format pdf --output curves.pdf|For a report.\n"
                  "export resnet18 --what diagram --format svg --output resnet18.svg|Without a "
                  "run."),
  .least = 1,
  .most = 1,
  .arguments = N_ ("a RUN or a MODEL"),
  .run = run,
};
