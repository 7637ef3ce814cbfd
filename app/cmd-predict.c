/* layerwise predict: what a trained network says about images. */
#include "app/app.h"
#include "app/image-file.h"
#include "app/predict-report.h"
#include "app/weights.h"
#include "engine/data/class_names.h"

#include <glib/gi18n.h>

/* Batches of training images over which running values are measured afresh. */
#define FRESH_BATCHES 32

/* What batch normalizations use. */
typedef enum { BY_RUNNING, BY_BATCH, BY_FRESH, N_BYS } By;
static const char *const by_names[N_BYS + 1] = { "running", "batch", "fresh", NULL };

/* Nobody knows which data it was trained on, nor whether those at hand have its classes. */
static bool
is_foreign (const LwWeights *weights)
{
  return weights->onnx != NULL && lw_onnx_settings (weights->onnx) == NULL;
}

/* The image file of the command line: a second argument, or --data with a file. */
static const char *
image_argument (const LwArgs *args)
{
  const char *data = lw_args_value (args, "data");

  if (lw_args_get (args, 1) != NULL)
    return lw_args_get (args, 1);
  return data != NULL && g_file_test (data, G_FILE_TEST_IS_REGULAR) &&
                 !g_str_has_suffix (data, ".npz")
             ? data
             : NULL;
}

static bool
parse_split (const LwArgs *args, LwSplit *ret_split, GError **error)
{
  static const char *const names[] = { "test", "train", NULL };
  const char *text = lw_args_value (args, "split");

  *ret_split = LW_SPLIT_TEST;
  if (text == NULL || g_str_equal (text, names[0]))
    return true;
  *ret_split = LW_SPLIT_TRAIN;
  if (g_str_equal (text, names[1]))
    return true;
  lw_args_unknown (error, _ ("split"), text, names);
  return false;
}

/* −1: not given. */
static bool
parse_algorithms (const LwArgs *args, int *ret_algorithms, GError **error)
{
  static const char *const names[] = { "fixed", "timed", NULL };
  const char *text = lw_args_value (args, "algorithms");

  *ret_algorithms = -1;
  for (int i = 0; text != NULL && names[i] != NULL; i++)
    if (g_str_equal (text, names[i]))
      *ret_algorithms = i;
  if (text == NULL || *ret_algorithms >= 0)
    return true;
  lw_args_unknown (error, _ ("choice of algorithms"), text, names);
  return false;
}

/* Those of --class-names, else the file's own; NULL where neither names any. */
static bool
read_class_names (const LwArgs *args, const LwWeights *weights, char ***ret_names, GError **error)
{
  const char *path = lw_args_value (args, "class-names");

  if (path != NULL)
    *ret_names = lw_class_names_read (path, lw_graph_classes (weights->graph), error);
  else if (weights->onnx != NULL)
    *ret_names = lw_onnx_classes (weights->onnx);
  return path == NULL || *ret_names != NULL;
}

/* Usage: whether --normalize says how. */
static bool
check_normalization (const LwArgs *args, GError **error)
{
  const char *text = lw_args_value (args, "normalize");
  LwNormalization unused;
  bool data;

  return text == NULL || lw_normalization_parse (text, &unused, &data, error);
}

static bool
is_normalization_known (const LwWeights *weights, GError **error)
{
  const char *words = weights->onnx != NULL ? lw_onnx_unread_normalization (weights->onnx) : NULL;

  if (words == NULL)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("%s says of its images' normalization \"%s\", which Layerwise does not know; say "
                  "it: --normalize HOW"),
               weights->path, words);
  return false;
}

/* What --normalize says instead of what the weights were trained with. `dataset`: may be NULL, if
 * it is not asked for its own. */
static bool
change_normalization (const LwArgs *args, LwWeights *weights, const LwDataset *dataset,
                      GError **error)
{
  const char *text = lw_args_value (args, "normalize");
  LwNormalization normalization;
  bool data;

  if (text == NULL)
    return is_normalization_known (weights, error);
  if (!lw_normalization_parse (text, &normalization, &data, error))
    return false;
  if (data && dataset != NULL)
    normalization = lw_normalization_measure (
        lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0), lw_dataset_size (dataset, LW_SPLIT_TRAIN),
        lw_dataset_channels (dataset),
        (int64_t)lw_dataset_height (dataset) * lw_dataset_width (dataset));
  if (!lw_normalization_check (&normalization, lw_graph_input_shape (weights->graph).c, error))
    return false;
  lw_graph_set_normalization (weights->graph, &normalization);
  return true;
}

static bool
parse_batch_norm (const LwArgs *args, By *ret_by, GError **error)
{
  const char *text = lw_args_value (args, "batch-norm");

  *ret_by = BY_RUNNING;
  for (int i = 0; i < N_BYS; i++)
    if (text != NULL && g_str_equal (text, by_names[i]))
      *ret_by = (By)i;
  if (text != NULL && !g_strv_contains (by_names, text)) {
    lw_args_unknown (error, _ ("statistics"), text, by_names);
    return false;
  }
  if (*ret_by != BY_BATCH || image_argument (args) == NULL)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("--batch-norm batch needs a batch of images; a single one has no statistics of "
                  "its own: use running or fresh"));
  return false;
}

/* For an image the data set only gives names to the classes and says what of a picture is read, so
 * that it may be missing. */
static LwEvaluation *
predict_image (LwSession *session, const char *path, LwPictureFit fit, GError **error)
{
  const LwShape input = lw_graph_input_shape (lw_session_graph (session));
  g_autofree float *image = lw_image_file_read (path, input, fit, error);

  return image != NULL ? lw_evaluate_image (session, image, error) : NULL;
}

/* A data set's images with what --batch-norm says; NULL `image`: of the split. */
static LwEvaluation *
predict (const LwWeights *weights, LwSession *session, LwDataset *dataset, const char *image,
         LwSplit split, int32_t count, By by, GError **error)
{
  g_autoptr (LwBnPass) pass = by != BY_RUNNING ? lw_bn_pass_new (session, error) : NULL;

  if (by != BY_RUNNING && pass == NULL)
    return NULL;
  if (by == BY_FRESH &&
      lw_bn_pass_refresh (pass, dataset, weights->settings, FRESH_BATCHES, NULL, error) == 0)
    return NULL;
  if (by == BY_BATCH)
    return lw_evaluate_pass (pass, session, dataset, split, count, weights->settings->seed,
                             LW_BN_BATCH, NULL, error);
  return image != NULL
             ? predict_image (session, image, lw_weights_picture_fit (weights, dataset), error)
             : lw_evaluate_split (session, dataset, split, count, true, NULL, error);
}

static int
run (const LwArgs *args, GError **error)
{
  const char *image = image_argument (args), *device = lw_args_value (args, "device");
  const char *data =
      image == NULL || image != lw_args_value (args, "data") ? lw_args_value (args, "data") : NULL;
  g_autoptr (LwWeights) weights = NULL;
  g_autoptr (LwDataset) dataset = NULL;
  g_autoptr (LwSession) session = NULL;
  g_autoptr (LwEvaluation) evaluation = NULL;
  g_auto (GStrv) given = NULL;
  LwClassNames names;
  int64_t count = 0;
  LwSplit split;
  int status, algorithms;
  bool needs_data;
  By by;

  if (!parse_batch_norm (args, &by, error) || !check_normalization (args, error) ||
      !parse_split (args, &split, error) || !parse_algorithms (args, &algorithms, error) ||
      !lw_args_integer (args, "count", 1, G_MAXINT32, &count, error))
    return LW_EXIT_USAGE;
  weights = lw_weights_open (args, lw_args_get (args, 0), lw_args_value (args, "checkpoint"),
                             &status, error);
  if (weights == NULL)
    return status;
  if (weights->run != NULL && lw_args_flag (args, "names")) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("a run knows the names of its weights; --names describes a safetensors file"));
    return LW_EXIT_USAGE;
  }
  if (!read_class_names (args, weights, &given, error))
    return LW_EXIT_FAILED;
  names.given = (const char *const *)given;
  if (algorithms < 0)
    algorithms = (int)weights->settings->algorithms;
  needs_data = image == NULL || by != BY_RUNNING ||
               g_strcmp0 (lw_args_value (args, "normalize"), "data") == 0;
  if (needs_data || data != NULL || !is_foreign (weights))
    dataset =
        lw_dataset_open (data != NULL ? data : weights->settings->data, needs_data ? error : NULL);
  if (dataset == NULL && needs_data)
    return data != NULL && g_error_matches (*error, LW_ERROR, LW_ERROR_UNKNOWN) ? LW_EXIT_USAGE
                                                                                : LW_EXIT_FAILED;
  if (!change_normalization (args, weights, dataset, error))
    return LW_EXIT_USAGE;
  session = lw_weights_session (weights, device != NULL ? device : "auto", (LwAlgorithms)algorithms,
                                by == BY_RUNNING ? 0 : weights->settings->batch, error);
  if (session == NULL)
    return g_error_matches (*error, LW_ERROR, LW_ERROR_UNKNOWN) ? LW_EXIT_USAGE : LW_EXIT_FAILED;
  evaluation = predict (weights, session, dataset, image, split, (int32_t)count, by, error);
  if (evaluation == NULL)
    return LW_EXIT_FAILED;
  if (image == NULL && is_foreign (weights) && lw_dataset_classes (dataset) != evaluation->classes)
    lw_predict_report_forget_labels (evaluation);
  /* What another number of classes is called has nothing to do with these. */
  names.dataset =
      dataset != NULL && (weights->run != NULL || (data != NULL && !is_foreign (weights)) ||
                          lw_dataset_classes (dataset) == evaluation->classes)
          ? dataset
          : NULL;
  if (lw_args_flag (args, "json"))
    lw_predict_report_json (evaluation, &names, by != BY_RUNNING ? by_names[by] : NULL);
  else if (image != NULL)
    lw_predict_report_image (evaluation, &names);
  else
    lw_predict_report_split (evaluation, &names);
  return LW_EXIT_DONE;
}

static const LwArgOption options[] = {
  { NULL, NULL, NULL, N_ ("Images"), false },
  { "data", NULL, "NAME|PATH",
    N_ ("The data set (default: the run's own, or fashion-mnist), named as \"layerwise train\" "
        "takes "
        "it, or a PNG or JPEG file."),
    false },
  { "split", NULL, "NAME", N_ ("test (default) or train."), false },
  { "count", NULL, "N", N_ ("The first N images only."), false },
  { "normalize", NULL, "HOW",
    N_ ("none (images from 0 to 1), data (by the data's training images), imagenet (as "
        "torchvision's weights want it), or MEAN,STD; default: as the weights were trained."),
    false },
  { "class-names", NULL, "FILE",
    N_ ("A text file with a class's name a line, in the order of the network's classes; default: "
        "the file's own, or the data's."),
    false },
  { NULL, NULL, NULL, N_ ("Network"), false },
  { "checkpoint", NULL, "WHICH",
    N_ ("Of a run: best (default; last where no epoch was finished), last, or a step."), false },
  { "model", NULL, "MODEL",
    N_ ("The network of a safetensors file, where it does not say it itself; what is given here "
        "wins."),
    false },
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { "names", NULL, "NAMING", LW_HELP_NAMES, false },
  { "resize", NULL, "N", N_ ("Makes the network's input N × N; images are resized to it."), false },
  { "device", NULL, "NAME",
    N_ ("auto (default, the best that works) or a name that \"layerwise doctor\" lists."), false },
  { "algorithms", NULL, "NAME",
    N_ ("How each convolution's algorithm is chosen: timed (the fastest here) or fixed (a rule); "
        "default: as the run was trained, timed for a file."),
    false },
  { "batch-norm", NULL, "NAME",
    N_ ("What batch normalizations use: running (default, the statistics that training kept), "
        "batch (each batch's own, as in training), or fresh (running ones measured afresh on "
        "training images)."),
    false },
  { "json", NULL, NULL,
    N_ ("Prints one JSON object: count, accuracy, loss, classes, confusion, predictions."), false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_predict = {
  .name = "predict",
  .synopsis = "RUN|FILE.safetensors|FILE.onnx [IMAGE] [OPTIONS]",
  .summary = N_ ("Lets a trained network classify a data set or an image file."),
  .description = N_ (
      "Loads the weights of a run (its best checkpoint unless --checkpoint says otherwise), of a "
      "safetensors file with PyTorch's names, or the whole network of an ONNX file, and classifies "
      "images in file order and in "
      "evaluation mode: the test images of the run's own data, or one PNG or JPEG file, which is "
      "made grey for networks with one input channel and resized to the network's input: whole, "
      "with "
      "black beside it, or its middle alone where the data is a folder of pictures, which are cut "
      "for training too, and of an ONNX file. "
      "Fashion-MNIST is light on black: a dark shape on white paper wants to be inverted.\n\n"
      "A file that Layerwise exported says of which network it is and which data it was trained "
      "on; "
      "of another, --model says it. Weights that torchvision published want its names, input and "
      "classes, and its normalization "
      "of images: --names torchvision --input 3x224x224 --classes 1000 --normalize imagenet\n\n"
      "Data with another number of classes than an ONNX file of another program have no accuracy: "
      "the table then says how often each class was predicted."),
  .options = options,
  .examples =
      N_ ("predict RUN|Accuracy, and which classes are taken for which.\n"
          "predict RUN shoe.png|What is on this picture?\n"
          "predict RUN --batch-norm fresh|Do lagging statistics spoil its accuracy?\n"
          "predict weights.safetensors|Weights that export wrote.\n"
          "predict resnet.safetensors --model resnet18 --json|Weights that PyTorch wrote.\n"
          "predict network.onnx cat.png --normalize imagenet|A network of another program."),
  .least = 1,
  .most = 2,
  .arguments = N_ ("a RUN, a FILE.safetensors or a FILE.onnx"),
  .run = run,
};
