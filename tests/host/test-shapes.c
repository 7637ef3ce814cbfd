/* The built-in set: the same everywhere, balanced, and with something to learn in it. */
#include "engine/data/dataset.h"

#include <string.h>

#define PIXELS   (28 * 28)
#define EXPECTED 0xe14b76322bea7da4 /* of 500 and 100 examples with seed 1 */

static void
test_form (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDataset) dataset = lw_dataset_open ("shapes", &error);
  int counts[10] = { 0 };

  g_assert_no_error (error);
  g_assert_cmpstr (lw_dataset_name (dataset), ==, "shapes");
  g_assert_null (lw_dataset_folder (dataset));
  g_assert_cmpint (lw_dataset_channels (dataset), ==, 1);
  g_assert_cmpint (lw_dataset_height (dataset), ==, 28);
  g_assert_cmpint (lw_dataset_width (dataset), ==, 28);
  g_assert_cmpint (lw_dataset_classes (dataset), ==, 10);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TRAIN), ==, 6000);
  g_assert_cmpint (lw_dataset_size (dataset, LW_SPLIT_TEST), ==, 1000);
  for (int32_t i = 0; i < 6000; i++)
    counts[lw_dataset_label (dataset, LW_SPLIT_TRAIN, i)]++;
  for (int i = 0; i < 10; i++) {
    g_assert_cmpint (counts[i], ==, 600);
    for (int j = 0; j < i; j++)
      g_assert_cmpstr (lw_dataset_class_name (dataset, i), !=, lw_dataset_class_name (dataset, j));
  }
}

/* FNV-1a over all images and labels. */
static uint64_t
hash (const LwDataset *dataset)
{
  uint64_t value = 0xcbf29ce484222325;

  for (int split = 0; split < 2; split++)
    for (int32_t i = 0; i < lw_dataset_size (dataset, split); i++) {
      const uint8_t *image = lw_dataset_image (dataset, split, i);

      for (int p = 0; p < PIXELS; p++)
        value = (value ^ image[p]) * 0x100000001b3;
      value = (value ^ (uint64_t)lw_dataset_label (dataset, split, i)) * 0x100000001b3;
    }
  return value;
}

/* The figures are part of every result that was ever reported on them: they do not change. */
static void
test_fixed (void)
{
  g_autoptr (LwDataset) dataset = lw_dataset_new_shapes (500, 100, 1);
  g_autoptr (LwDataset) other = lw_dataset_new_shapes (500, 100, 2);

  g_assert_cmphex (hash (dataset), ==, EXPECTED);
  g_assert_cmphex (hash (other), !=, EXPECTED);
}

/* An example does not depend on how many there are, and the parts differ. */
static void
test_prefix (void)
{
  g_autoptr (LwDataset) few = lw_dataset_new_shapes (7, 3, 5);
  g_autoptr (LwDataset) many = lw_dataset_new_shapes (40, 40, 5);
  int same = 0;

  for (int32_t i = 0; i < 7; i++) {
    g_assert_cmpint (lw_dataset_label (few, LW_SPLIT_TRAIN, i), ==,
                     lw_dataset_label (many, LW_SPLIT_TRAIN, i));
    g_assert_cmpmem (lw_dataset_image (few, LW_SPLIT_TRAIN, i), PIXELS,
                     lw_dataset_image (many, LW_SPLIT_TRAIN, i), PIXELS);
  }
  for (int32_t i = 0; i < 40; i++)
    same += memcmp (lw_dataset_image (many, LW_SPLIT_TRAIN, i),
                    lw_dataset_image (many, LW_SPLIT_TEST, i), PIXELS) == 0;
  g_assert_cmpint (same, ==, 0);
}

/* The class whose mean image is nearest is right clearly more often than one time in ten, and
 * clearly less often than a network should be. */
static void
test_learnable (void)
{
  g_autoptr (LwDataset) dataset = lw_dataset_new_shapes (3000, 500, 1);
  g_autofree double *means = g_new0 (double, 10 * PIXELS);
  int right = 0;

  for (int32_t i = 0; i < 3000; i++)
    for (int p = 0; p < PIXELS; p++)
      means[lw_dataset_label (dataset, LW_SPLIT_TRAIN, i) * PIXELS + p] +=
          lw_dataset_image (dataset, LW_SPLIT_TRAIN, i)[p] / 300.0;
  for (int32_t i = 0; i < 500; i++) {
    const uint8_t *image = lw_dataset_image (dataset, LW_SPLIT_TEST, i);
    double nearest = G_MAXDOUBLE;
    int best = 0;

    for (int k = 0; k < 10; k++) {
      double distance = 0;

      for (int p = 0; p < PIXELS; p++)
        distance += (image[p] - means[k * PIXELS + p]) * (image[p] - means[k * PIXELS + p]);
      if (distance < nearest) {
        nearest = distance;
        best = k;
      }
    }
    right += best == lw_dataset_label (dataset, LW_SPLIT_TEST, i);
  }
  g_test_message ("%d of 500", right);
  g_assert_cmpint (right, >, 150);
  g_assert_cmpint (right, <, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapes/form", test_form);
  g_test_add_func ("/shapes/fixed", test_fixed);
  g_test_add_func ("/shapes/prefix", test_prefix);
  g_test_add_func ("/shapes/learnable", test_learnable);
  return g_test_run ();
}
