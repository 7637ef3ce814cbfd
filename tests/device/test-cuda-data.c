/* A data set that lies on the emulated CUDA device: batches made there of its bytes are the same
 * bits as those that the host resizes, augments, normalizes and uploads, at all sizes; so is a
 * training on them. */
#include "engine/data/loader.h"
#include "engine/data/resize.h"
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"

#include <string.h>

enum { BATCH = 5, IMAGES = 12, MOST_CHANNELS = 3 };

typedef struct {
  const char *name;
  int32_t channels, height, width; /* of the data */
  int32_t to_height, to_width;     /* of the network's input */
} Sizes;

static const Sizes all_sizes[] = {
  { "same", 1, 28, 28, 28, 28 },  { "larger", 1, 28, 28, 67, 45 }, { "smaller", 3, 32, 17, 9, 16 },
  { "mixed", 3, 11, 40, 23, 20 }, { "one-pixel", 1, 1, 1, 4, 3 },  { "double", 2, 6, 6, 12, 12 },
};

static LwDataset *
make_data (const Sizes *sizes)
{
  static const char *const classes[] = { "a", "b", "c", NULL };
  const int64_t size = (int64_t)sizes->channels * sizes->height * sizes->width;
  g_autofree uint8_t *images = g_new (uint8_t, IMAGES * size);
  uint8_t labels[IMAGES];
  g_autoptr (GError) error = NULL;
  LwDataset *dataset;

  for (int64_t i = 0; i < IMAGES * size; i++)
    images[i] = (uint8_t)((i * 7919 + i / 256 * 31) >> 3);
  for (int i = 0; i < IMAGES; i++)
    labels[i] = (uint8_t)(i % 3);
  dataset =
      lw_dataset_new_from_memory ("made", sizes->channels, sizes->height, sizes->width, classes,
                                  images, labels, IMAGES, images, labels, IMAGES, &error);
  g_assert_no_error (error);
  return dataset;
}

/* A normalization of one's own for each channel. */
static const LwNormalization *
normalization_of (const Sizes *sizes)
{
  static const LwNormalization all[] = { { 1, { 0.3f }, { 0.35f } },
                                         { 2, { 0.3f, 0.6f }, { 0.35f, 0.2f } },
                                         { 3, { 0.3f, 0.6f, 0.1f }, { 0.35f, 0.2f, 0.9f } } };

  return &all[sizes->channels - 1];
}

static LwSession *
new_session (const Sizes *sizes, int32_t batch, LwPrecision precision, bool normalizes)
{
  const LwSessionOptions options = { .batch = batch, .device.precision = precision };
  g_autoptr (LwGraph) graph = lw_graph_new ("linear");
  LwNodeId x = lw_graph_input (
      graph, (LwShape){ sizes->channels, sizes->to_height, sizes->to_width, false });
  g_autoptr (GError) error = NULL;
  LwSession *session;

  lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 3);
  if (normalizes)
    lw_graph_set_normalization (graph, normalization_of (sizes));
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);
  g_assert_no_error (error);
  lw_session_initialize (session, 3, &error);
  g_assert_no_error (error);
  return session;
}

typedef struct {
  const float *expected;
  int64_t size;
} Wanted;

static bool
compare_input (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const Wanted *wanted = data;
  const gsize bytes = sizeof (float) * (gsize)(wanted->size * step->n);
  g_autofree float *values = g_malloc (bytes);

  if (backward || step->op != LW_OP_INPUT)
    return true;
  if (!lw_session_download (session, step, step->n, values, error))
    return false;
  g_assert_cmpmem (values, bytes, wanted->expected, bytes);
  return true;
}

/* Every image, twice in a batch too, through an inference pass that is looked into. */
static void
test_images (gconstpointer data)
{
  static const int32_t examples[] = { 3, 11, 0, 3, 7, 1, 2, 4, 5, 6, 8, 9, 10 };
  const Sizes *sizes = data;
  const int64_t size = (int64_t)sizes->channels * sizes->to_height * sizes->to_width;
  g_autoptr (LwDataset) dataset = make_data (sizes);
  g_autoptr (LwSession) session = new_session (sizes, BATCH, LW_PRECISION_FP32, false);
  g_autofree float *expected = g_new (float, BATCH *size);

  g_assert_true (lw_session_keep_data (session, dataset, LW_SPLIT_TEST, IMAGES, false));
  for (int order = 0; order < LW_N_ORDERS; order++)
    for (int first = 0; first < (int)G_N_ELEMENTS (examples); first += BATCH) {
      const LwBatch batch = { .examples = examples + first,
                              .split = LW_SPLIT_TEST,
                              .n = MIN (BATCH, (int32_t)G_N_ELEMENTS (examples) - first) };
      Wanted wanted = { expected, size };
      g_autoptr (GError) error = NULL;

      lw_emulation_set_order ((LwOrder)order, 1);
      for (int i = 0; i < batch.n; i++)
        lw_resize (lw_dataset_image (dataset, LW_SPLIT_TEST, batch.examples[i]), sizes->channels,
                   sizes->height, sizes->width, expected + i * size, sizes->to_height,
                   sizes->to_width);
      lw_session_infer (session, &batch, compare_input, &wanted, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

/* The same of images that are augmented and normalized, some of them by all there is, some not. */
static void
test_augmented (gconstpointer data)
{
  static const int32_t examples[BATCH] = { 3, 11, 0, 3, 7 };
  const Sizes *sizes = data;
  const LwShape shape = { sizes->channels, sizes->to_height, sizes->to_width, false };
  const int64_t size = lw_shape_size (shape);
  g_autoptr (LwDataset) dataset = make_data (sizes);
  g_autoptr (LwSession) session = new_session (sizes, BATCH, LW_PRECISION_FP32, true);
  g_autofree float *expected = g_new (float, BATCH *size);
  LwAugmentation augmentation;

  g_assert_true (lw_augmentation_find ("book", &augmentation));
  augmentation.crop_padding = 2, augmentation.hue = 0.5;
  g_assert_true (lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, IMAGES, true));
  for (int round = 0; round < 2 * LW_N_ORDERS; round++) {
    LwTransform transforms[BATCH];
    const bool plain = round == 1; /* without: nothing is done */
    const LwBatch batch = { .examples = examples,
                            .split = LW_SPLIT_TRAIN,
                            .transforms = plain ? NULL : transforms,
                            .n = BATCH };
    Wanted wanted = { expected, size };
    g_autoptr (GError) error = NULL;

    lw_emulation_set_order ((LwOrder)(round % LW_N_ORDERS), 1);
    for (int i = 0; i < BATCH; i++) {
      const uint8_t *image = lw_dataset_image (dataset, LW_SPLIT_TRAIN, examples[i]);
      g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (
          sizes->channels, sizes->height, sizes->width, sizes->to_height, sizes->to_width);

      transforms[i] = plain || i == 4 ? lw_transform_none (sizes->height, sizes->width)
                                      : lw_transform_draw (&augmentation, sizes->height,
                                                           sizes->width, 5, round, i);
      lw_augmenter_run (augmenter, &transforms[i], image, expected + i * size);
    }
    lw_normalize_images (normalization_of (sizes), expected, BATCH, shape.c,
                         (int64_t)shape.h * shape.w, expected);
    lw_session_infer (session, &batch, compare_input, &wanted, NULL, NULL, &error);
    g_assert_no_error (error);
  }
}

/* More images than there are blocks (LW_EACH_BLOCKS in kernels/cuda/each.cuh): the last ones are
 * the second ones of their blocks. Those that share a block have contrasts, for which its threads
 * add up in shared memory; to the others nothing is done, as that takes long under emulation. */
static void
test_second_images (void)
{
  enum { BLOCKS = 4096, MANY = BLOCKS + BATCH };
  const Sizes *sizes = &all_sizes[4];
  const int64_t size = (int64_t)sizes->channels * sizes->to_height * sizes->to_width;
  g_autoptr (LwDataset) dataset = make_data (sizes);
  g_autoptr (LwSession) session = new_session (sizes, MANY, LW_PRECISION_FP32, false);
  g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (
      sizes->channels, sizes->height, sizes->width, sizes->to_height, sizes->to_width);
  g_autofree int32_t *examples = g_new (int32_t, MANY);
  g_autofree LwTransform *transforms = g_new (LwTransform, MANY);
  g_autofree float *expected = g_new (float, MANY *size);
  const LwAugmentation contrasts = { .contrast = 0.9 };
  const LwBatch batch = {
    .examples = examples, .split = LW_SPLIT_TRAIN, .transforms = transforms, .n = MANY
  };
  Wanted wanted = { expected, size };
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, IMAGES, true));
  for (int i = 0; i < MANY; i++) {
    examples[i] = i % IMAGES;
    transforms[i] = i % BLOCKS < BATCH
                        ? lw_transform_draw (&contrasts, sizes->height, sizes->width, 5, i, i)
                        : lw_transform_none (sizes->height, sizes->width);
    lw_augmenter_run (augmenter, &transforms[i],
                      lw_dataset_image (dataset, LW_SPLIT_TRAIN, examples[i]), expected + i * size);
  }
  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  lw_session_infer (session, &batch, compare_input, &wanted, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Three epochs from a loader, each step begun before the last one's result was read. */
static float *
train (const Sizes *sizes, LwPrecision precision, bool keeps, const char *augment, double *ret_loss)
{
  LwAugmentation augmentation = { 0 };
  const bool augments =
      lw_augmentation_find (augment, &augmentation) && !lw_augmentation_is_none (&augmentation);
  g_autoptr (LwDataset) dataset = make_data (sizes);
  g_autoptr (LwSession) session = new_session (sizes, BATCH, precision, augments);
  const bool kept =
      keeps && lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, IMAGES, augments);
  const LwLoaderOptions options = { .augmentation = augmentation,
                                    .height = sizes->to_height,
                                    .width = sizes->to_width,
                                    .batch = BATCH,
                                    .shuffle = true,
                                    .seed = 9,
                                    .examples_only = kept };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwLoader) loader = lw_loader_new (dataset, &options, &error);
  float *weights = g_new (float, lw_graph_tensor (lw_session_graph (session), 0)->size);
  const int32_t steps = 3 * lw_loader_batches (loader);

  g_assert_no_error (error);
  g_assert_true (kept == keeps);
  *ret_loss = 0;
  for (int32_t i = 0; i <= steps; i++) {
    const LwStepSettings settings = { .learning_rate = 0.1f, .iteration = i };
    LwBatch batch = { .split = LW_SPLIT_TRAIN };
    LwBatchResult result = { 0 };
    const int64_t calls = lw_emulation_calls ();
    const int64_t copies = lw_emulation_calls_of ("cudaMemcpyAsync");
    const int64_t graphs = lw_emulation_calls_of ("cudaGraphLaunch");

    if (i < steps) {
      batch.n = lw_loader_next (loader, &batch.images, &batch.labels);
      batch.examples = kept ? lw_loader_batch_examples (loader) : NULL;
      batch.transforms = lw_loader_batch_transforms (loader);
      g_assert_true ((batch.images == NULL) == kept);
      lw_session_train_begin (session, &batch, &settings, &error);
      g_assert_no_error (error);
    }
    if (i > 0) {
      lw_session_train_result (session, &result, &error);
      g_assert_no_error (error);
    }
    *ret_loss += result.loss_sum;
    /* Both sizes are recorded: numbers of images, of the step, and the loss; an event recorded and
     * waited for; the device chosen once. */
    if (kept && i > 6 && i < steps) {
      g_assert_cmpint (lw_emulation_calls_of ("cudaGraphLaunch") - graphs, ==, 1);
      g_assert_cmpint (lw_emulation_calls_of ("cudaMemcpyAsync") - copies, ==, 3);
      g_assert_cmpint (lw_emulation_calls () - calls, ==, 1 + 3 + 2 + 1);
    }
  }
  lw_session_get_tensor (session, 0, weights, &error);
  g_assert_no_error (error);
  return weights;
}

static void
test_training (gconstpointer data)
{
  const char *augment = data;
  const Sizes *sizes = &all_sizes[2];
  const gsize bytes = sizeof (float) * 3 * (gsize)(3 * 9 * 16);

  lw_emulation_set_order (LW_ORDER_REVERSE, 1);
  for (int precision = LW_PRECISION_FP32; precision <= LW_PRECISION_BF16; precision++) {
    double loss, expected_loss;
    g_autofree float *expected =
        train (sizes, (LwPrecision)precision, false, augment, &expected_loss);
    g_autofree float *weights = train (sizes, (LwPrecision)precision, true, augment, &loss);

    g_assert_cmpfloat (loss, ==, expected_loss);
    g_assert_cmpmem (weights, bytes, expected, bytes);
  }
}

/* What is not kept is not there, and what does not fit is not kept. */
static void
test_refusals (void)
{
  const Sizes *sizes = &all_sizes[0], *other = &all_sizes[2];
  g_autoptr (LwDataset) dataset = make_data (sizes), colours = make_data (other);
  g_autoptr (LwSession) session = new_session (sizes, BATCH, LW_PRECISION_FP32, false);
  static const int32_t examples[] = { 2, 4 };
  const LwBatch batch = { .examples = examples, .split = LW_SPLIT_TRAIN, .n = 2 };
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_session_keep_data (session, colours, LW_SPLIT_TRAIN, IMAGES, false));
  g_assert_false (lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, IMAGES + 1, false));
  g_assert_false (lw_session_infer (session, &batch, NULL, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "keeps 0 images; there is no number 2."));
  g_clear_error (&error);
  /* One call after another that fails: none of it is left, and images come by the host. */
  for (int64_t call = 0; call < 40; call++) {
    const LwEmulationLive before = lw_emulation_live ();
    LwEmulationLive after;
    bool kept;

    lw_emulation_fail_call (lw_emulation_calls () + call, false);
    kept = lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, 4, false);
    lw_emulation_fail_call (-1, false);
    after = lw_emulation_live ();
    g_assert_cmpint (after.buffers, ==, before.buffers + kept);
    g_assert_false (lw_emulation_error_is_left ());
    if (kept)
      break;
    g_assert_cmpint (call, <, 39);
  }
  g_assert_false (lw_session_infer (session, &batch, NULL, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "keeps 4 images; there is no number 4."));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (all_sizes); i++) {
    g_autofree char *path = g_strconcat ("/cuda-data/images/", all_sizes[i].name, NULL);
    g_autofree char *augmented = g_strconcat ("/cuda-data/augmented/", all_sizes[i].name, NULL);

    g_test_add_data_func (path, &all_sizes[i], test_images);
    g_test_add_data_func (augmented, &all_sizes[i], test_augmented);
  }
  g_test_add_func ("/cuda-data/augmented/second-images", test_second_images);
  g_test_add_data_func ("/cuda-data/training/plain", "none", test_training);
  g_test_add_data_func ("/cuda-data/training/augmented", "book", test_training);
  g_test_add_func ("/cuda-data/refusals", test_refusals);
  return g_test_run ();
}
