/* The loader: every epoch visits every example once, in an order that depends on nothing but the
 * seed; numbers are those of lw_resize; any number of threads, seeks and early ends. */
#include "engine/data/loader.h"
#include "engine/rng.h"

#include <string.h>
#include <time.h>

#define SIDE 6

/* n images, of which number i has the value i mod 256 in its first pixel and i / 256 in its second;
 * two channels. The label is i mod 7. */
static LwDataset *
make_dataset (int32_t n_train, int32_t n_test)
{
  static const char *const classes[] = { "0", "1", "2", "3", "4", "5", "6", NULL };
  const int32_t n = MAX (n_train, n_test), pixels = 2 * SIDE * SIDE;
  g_autofree uint8_t *images = g_new (uint8_t, n * pixels + 1), *labels = g_new (uint8_t, n + 1);
  g_autoptr (GError) error = NULL;
  LwDataset *dataset;

  for (int32_t i = 0; i < n; i++) {
    labels[i] = (uint8_t)(i % 7);
    for (int32_t p = 0; p < pixels; p++)
      images[i * pixels + p] = (uint8_t)(i * 31 + p * p);
    images[i * pixels] = (uint8_t)i;
    images[i * pixels + 1] = (uint8_t)(i / 256);
  }
  dataset = lw_dataset_new_from_memory ("numbers", 2, SIDE, SIDE, classes, images, labels, n_train,
                                        images, labels, n_test, &error);
  g_assert_no_error (error);
  return dataset;
}

static LwLoader *
make_loader (LwDataset *dataset, const LwLoaderOptions *options)
{
  g_autoptr (GError) error = NULL;
  LwLoader *loader = lw_loader_new (dataset, options, &error);

  g_assert_no_error (error);
  return loader;
}

/* Which example an image of unchanged size is. */
static int32_t
which (const float *image)
{
  return (int32_t)(image[0] * 255.0f + 0.5f) + 256 * (int32_t)(image[1] * 255.0f + 0.5f);
}

/* Reads one batch and compares all of it with what the data set and lw_resize say. */
static void
assert_next (LwLoader *loader, LwDataset *dataset, const LwLoaderOptions *options,
             const int32_t *order, int32_t n)
{
  const int32_t size = 2 * options->height * options->width;
  g_autofree float *expected = g_new (float, size);
  const float *images;
  const int32_t *labels;

  g_assert_cmpint (lw_loader_next (loader, &images, &labels), ==, n);
  g_assert_cmpuint ((guintptr)images % 64, ==, 0);
  for (int32_t i = 0; i < n; i++) {
    lw_resize (lw_dataset_image (dataset, options->split, order[i]), 2, SIDE, SIDE, expected,
               options->height, options->width);
    g_assert_cmpint (labels[i], ==, order[i] % 7);
    g_assert_cmpmem (images + (int64_t)i * size, (gsize)size * 4, expected, (gsize)size * 4);
  }
}

/* --- orders ---------------------------------------------------------------------------------- */

static void
test_order (void)
{
  int32_t first[1000], second[1000], third[1000], again[1000];
  int seen[1000] = { 0 }, same = 0;

  lw_shuffled_order (1, 0, 1000, first);
  lw_shuffled_order (1, 1, 1000, second);
  lw_shuffled_order (2, 0, 1000, third);
  lw_shuffled_order (1, 0, 1000, again);
  g_assert_cmpmem (first, sizeof first, again, sizeof again);
  for (int i = 0; i < 1000; i++) {
    seen[first[i]]++;
    same += (first[i] == i) + (first[i] == second[i]) + (first[i] == third[i]);
  }
  for (int i = 0; i < 1000; i++)
    g_assert_cmpint (seen[i], ==, 1);
  g_assert_cmpint (same, <, 20); /* one each is expected */
  lw_shuffled_order (1, 0, 1, first);
  g_assert_cmpint (first[0], ==, 0);
}

/* The rule of the header, by hand. */
static void
test_order_rule (void)
{
  const LwStream stream = lw_stream (77, LW_STREAM_SHUFFLE, 3, 0);
  int32_t order[3], expected[3] = { 0, 1, 2 }, swapped;
  const int32_t a = (int32_t)((uint64_t)lw_stream_bits (&stream, 0) * 3 >> 32);
  int32_t b;

  swapped = expected[2], expected[2] = expected[a], expected[a] = swapped;
  b = (int32_t)((uint64_t)lw_stream_bits (&stream, 1) * 2 >> 32);
  swapped = expected[1], expected[1] = expected[b], expected[b] = swapped;
  lw_shuffled_order (77, 3, 3, order);
  g_assert_cmpmem (order, sizeof order, expected, sizeof expected);
}

/* Every position is equally likely for every example. */
static void
test_order_even (void)
{
  int counts[5][5] = { 0 };

  for (int64_t epoch = 0; epoch < 10000; epoch++) {
    int32_t order[5];

    lw_shuffled_order (9, epoch, 5, order);
    for (int i = 0; i < 5; i++)
      counts[order[i]][i]++;
  }
  for (int i = 0; i < 25; i++) {
    /* mean 2000, standard deviation 40 */
    g_assert_cmpint (counts[i / 5][i % 5], >, 1800);
    g_assert_cmpint (counts[i / 5][i % 5], <, 2200);
  }
}

/* --- epochs ---------------------------------------------------------------------------------- */

typedef struct {
  int32_t size, batch, limit, threads, ahead, side;
  bool shuffle;
} Case;

static const Case cases[] = {
  { 50, 8, 0, 1, 0, SIDE, true },   /* the last batch has two */
  { 50, 8, 0, 4, 2, 13, true },     /* resized */
  { 50, 10, 0, 3, 1, SIDE, false }, /* even */
  { 50, 100, 0, 2, 0, 4, true },    /* a batch larger than the set */
  { 50, 7, 20, 5, 7, SIDE, true },  /* a limit */
  { 50, 7, 100, 2, 3, SIDE, true }, /* a limit beyond the set */
  { 50, 1, 3, 2, 40, SIDE, true },  /* many epochs in flight */
  { 1, 4, 0, 8, 64, SIDE, true },   /* more threads than work */
  { 300, 256, 0, 2, 1, 64, true },  /* several chunks in a batch */
};

static void
test_epochs (void)
{
  for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
    const Case *c = &cases[k];
    g_autoptr (LwDataset) dataset = make_dataset (c->size, 1);
    const LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                                      .height = c->side,
                                      .width = c->side,
                                      .batch = c->batch,
                                      .limit = c->limit,
                                      .shuffle = c->shuffle,
                                      .seed = 11,
                                      .threads = c->threads,
                                      .ahead = c->ahead };
    g_autoptr (LwLoader) loader = make_loader (dataset, &options);
    const int32_t n = c->limit > 0 ? MIN (c->limit, c->size) : c->size;
    const int32_t batch = MIN (c->batch, n), batches = (n + batch - 1) / batch;
    g_autofree int32_t *order = g_new (int32_t, n);

    g_assert_cmpint (lw_loader_examples (loader), ==, n);
    g_assert_cmpint (lw_loader_batches (loader), ==, batches);
    for (int32_t epoch = 0; epoch < 4; epoch++) {
      if (c->shuffle)
        lw_shuffled_order (11, epoch, n, order);
      for (int32_t i = 0; i < n && !c->shuffle; i++)
        order[i] = i;
      for (int32_t b = 0; b < batches; b++)
        assert_next (loader, dataset, &options, order + b * batch, MIN (batch, n - b * batch));
    }
  }
}

static void
test_test_split (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (0, 9);
  const LwLoaderOptions options = {
    .split = LW_SPLIT_TEST, .height = SIDE, .width = SIDE, .batch = 4
  };
  g_autoptr (LwLoader) loader = make_loader (dataset, &options);
  const float *images;
  const int32_t *labels;

  for (int32_t i = 0; i < 6; i++) {
    g_assert_cmpint (lw_loader_next (loader, &images, &labels), ==, i % 3 == 2 ? 1 : 4);
    g_assert_cmpint (which (images), ==, i % 3 * 4);
  }
  g_assert_cmpfloat (lw_loader_waited_s (loader), >=, 0.0);
}

/* --- seeking --------------------------------------------------------------------------------- */

/* Batches after any seek are those that a loader from the beginning would come to. */
static void
test_seek (void)
{
  static const struct {
    int64_t epoch;
    int32_t batch, read;
  } jumps[] = { { 0, 0, 0 }, { 0, 3, 1 },   { 5, 7, 20 }, { 5, 7, 0 },         { 2, 0, 3 },
                { 0, 0, 9 }, { 100, 6, 2 }, { 0, 1, 1 },  { 3000000000, 2, 2 } };
  g_autoptr (LwDataset) dataset = make_dataset (61, 1);
  const LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                                    .height = 9,
                                    .width = 8,
                                    .batch = 8,
                                    .shuffle = true,
                                    .seed = 5,
                                    .threads = 3,
                                    .ahead = 4 };
  g_autoptr (LwLoader) loader = make_loader (dataset, &options);
  int32_t order[61];

  for (guint k = 0; k < G_N_ELEMENTS (jumps); k++) {
    lw_loader_seek (loader, jumps[k].epoch, jumps[k].batch);
    for (int32_t i = 0; i < jumps[k].read; i++) {
      const int32_t batch = (jumps[k].batch + i) % 8;

      lw_shuffled_order (5, jumps[k].epoch + (jumps[k].batch + i) / 8, 61, order);
      assert_next (loader, dataset, &options, order + 8 * batch, batch == 7 ? 5 : 8);
    }
  }
}

/* Loaders that end or jump while their workers are in the middle of large batches. */
static void
test_busy_end (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (400, 1);
  LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                              .height = 96,
                              .width = 96,
                              .batch = 64,
                              .shuffle = true,
                              .threads = 4,
                              .ahead = 3 };
  const float *images;
  const int32_t *labels;

  for (int i = 0; i < 30; i++) {
    g_autoptr (LwLoader) loader = NULL;
    const struct timespec pause = { .tv_nsec = i * 100000 };

    options.seed = (uint64_t)i;
    loader = make_loader (dataset, &options);
    if (i % 3 == 0)
      nanosleep (&pause, NULL);
    if (i % 3 == 1)
      lw_loader_next (loader, &images, &labels);
    if (i % 2 == 0)
      lw_loader_seek (loader, i, i % 7);
  }
}

/* What was returned stays as it is while the workers run ahead. */
static void
test_batch_stays (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (64, 1);
  const LwLoaderOptions options = { .split = LW_SPLIT_TRAIN,
                                    .height = SIDE,
                                    .width = SIDE,
                                    .batch = 4,
                                    .shuffle = true,
                                    .threads = 2,
                                    .ahead = 1 };
  g_autoptr (LwLoader) loader = make_loader (dataset, &options);
  const struct timespec pause = { .tv_nsec = 2000000 };
  const float *images;
  const int32_t *labels;

  for (int i = 0; i < 20; i++) {
    const int32_t n = lw_loader_next (loader, &images, &labels);
    const int32_t before = which (images + 2 * SIDE * SIDE * (n - 1));

    nanosleep (&pause, NULL);
    g_assert_cmpint (which (images + 2 * SIDE * SIDE * (n - 1)), ==, before);
    g_assert_cmpint (labels[n - 1], ==, before % 7);
  }
}

/* A reader that is slower than the workers does not wait. Other programs may take the processor
 * away at any time, so one undisturbed round of several is enough. */
static void
test_waiting (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (512, 1);
  const LwLoaderOptions options = {
    .split = LW_SPLIT_TRAIN, .height = 28, .width = 28, .batch = 64, .threads = 1
  };
  g_autoptr (LwLoader) loader = make_loader (dataset, &options);
  const struct timespec pause = { .tv_nsec = 5000000 };
  bool undisturbed = false;

  for (int round = 0; round < 40 && !undisturbed; round++) {
    const double before = lw_loader_waited_s (loader);

    for (int i = 0; i < 8; i++) {
      const float *images;
      const int32_t *labels;

      nanosleep (&pause, NULL);
      lw_loader_next (loader, &images, &labels);
    }
    undisturbed = lw_loader_waited_s (loader) == before;
  }
  g_assert_true (undisturbed);
}

/* --- what cannot be -------------------------------------------------------------------------- */

static void
test_refused (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (10, 0);
  const LwLoaderOptions good = { .split = LW_SPLIT_TRAIN, .height = 8, .width = 8, .batch = 4 };
  LwLoaderOptions bad[8];

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    bad[i] = good;
  bad[0].height = 0;
  bad[1].width = -1;
  bad[2].batch = 0;
  bad[3].limit = -1;
  bad[4].threads = 100000;
  bad[5].ahead = -2;
  bad[6].split = LW_SPLIT_TEST; /* is empty */
  bad[7].width = 1 << 20;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    LwLoader *loader = lw_loader_new (dataset, &bad[i], &error);

    g_assert_null (loader);
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
    g_assert_true (g_str_has_prefix (error->message, "No batches can be made of numbers: "));
  }
}

static void
test_too_large (void)
{
  g_autoptr (LwDataset) dataset = make_dataset (2000, 0);
  const LwLoaderOptions options = {
    .split = LW_SPLIT_TRAIN, .height = 16384, .width = 16384, .batch = 2000, .ahead = 64
  };
  g_autoptr (GError) error = NULL;
  LwLoader *loader = lw_loader_new (dataset, &options, &error);

  g_assert_null (loader);
  g_assert_error (error, LW_ERROR, LW_ERROR_MEMORY);
}

/* Parts of each batch, side by side, are the batch: 11 examples in batches of 4 for three
 * processes, so that of the last one, with 3, each has one, and of four the fourth none. */
static void
test_parts (void)
{
  enum { N = 11, BATCH = 4, MOST = 4 };
  g_autoptr (LwDataset) dataset = make_dataset (N, 1);
  const LwLoaderOptions options = {
    .height = SIDE, .width = SIDE, .batch = BATCH, .shuffle = true, .seed = 3, .threads = 2
  };
  const int32_t size = 2 * SIDE * SIDE;

  for (int32_t parts = 1; parts <= MOST; parts++) {
    g_autoptr (LwLoader) whole = make_loader (dataset, &options);
    LwLoader *loaders[MOST];

    for (int32_t i = 0; i < parts; i++) {
      LwLoaderOptions own = options;

      own.part = i;
      own.parts = parts;
      loaders[i] = make_loader (dataset, &own);
    }
    for (int batch = 0; batch < 7; batch++) {
      const float *images, *part_images;
      const int32_t *labels, *part_labels;
      const int32_t n = lw_loader_next (whole, &images, &labels);
      const int32_t *examples = lw_loader_batch_examples (whole);
      int32_t next = 0;

      for (int32_t i = 0; i < parts; i++) {
        const int32_t own = lw_loader_next (loaders[i], &part_images, &part_labels);
        const LwWholeBatch all = lw_loader_whole_batch (loaders[i]);

        g_assert_cmpint (all.n, ==, n);
        g_assert_cmpmem (all.labels, sizeof *labels * (gsize)n, labels, sizeof *labels * (gsize)n);
        g_assert_cmpmem (all.examples, sizeof *labels * (gsize)n, examples,
                         sizeof *labels * (gsize)n);
        g_assert_cmpint (all.absent, ==, next == n);
        g_assert_cmpint (all.first, ==, all.absent ? 0 : next);
        g_assert_cmpmem (part_images, sizeof *images * (gsize)(own * size),
                         images + all.first * size, sizeof *images * (gsize)(own * size));
        g_assert_cmpint (part_labels[0], ==, labels[all.first]);
        g_assert_cmpint (lw_loader_batch_examples (loaders[i])[0], ==, examples[all.first]);
        if (all.absent)
          g_assert_cmpint (own, ==, 1);
        else
          next += own;
      }
      g_assert_cmpint (next, ==, n);
    }
    for (int32_t i = 0; i < parts; i++)
      lw_loader_free (loaders[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loader/order", test_order);
  g_test_add_func ("/loader/order-rule", test_order_rule);
  g_test_add_func ("/loader/order-even", test_order_even);
  g_test_add_func ("/loader/epochs", test_epochs);
  g_test_add_func ("/loader/test-split", test_test_split);
  g_test_add_func ("/loader/seek", test_seek);
  g_test_add_func ("/loader/busy-end", test_busy_end);
  g_test_add_func ("/loader/batch-stays", test_batch_stays);
  g_test_add_func ("/loader/waiting", test_waiting);
  g_test_add_func ("/loader/refused", test_refused);
  g_test_add_func ("/loader/too-large", test_too_large);
  g_test_add_func ("/loader/parts", test_parts);
  return g_test_run ();
}
