/* Augmentation: each operation beside a plain formula and beside torchvision's
 * (tests/golden/augment.safetensors), how draws are spread, and that nothing but seed, epoch and
 * number decides them. */
#include "engine/data/loader.h"
#include "engine/data/resize.h"
#include "engine/formats/safetensors.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define TOLERANCE 2e-6f

/* --- torchvision ------------------------------------------------------------------------------ */

static int32_t
number (JsonObject *entry, const char *member, guint index)
{
  return (int32_t)json_array_get_int_element (json_object_get_array_member (entry, member), index);
}

static LwTransform
read_transform (JsonObject *entry)
{
  static const char *const names[] = { "brightness", "contrast", "saturation", "hue" };
  JsonArray *colours = json_object_get_array_member (entry, "colours");
  JsonArray *factors = json_object_get_array_member (entry, "factors");
  LwTransform transform = lw_transform_none (number (entry, "part", 2), number (entry, "part", 3));

  transform.flip = json_object_get_boolean_member (entry, "flip");
  transform.shift_y = number (entry, "shift", 0), transform.shift_x = number (entry, "shift", 1);
  transform.top = number (entry, "part", 0), transform.left = number (entry, "part", 1);
  for (guint i = 0; i < json_array_get_length (colours); i++)
    for (int k = 0; k < LW_N_JITTERS; k++)
      if (strcmp (json_array_get_string_element (colours, i), names[k]) == 0) {
        transform.order[i] = (uint8_t)k;
        transform.factors[k] = (float)json_array_get_double_element (factors, i);
      }
  return transform;
}

static void
check_entry (const LwTensorFile *file, JsonObject *entry)
{
  const int64_t index = json_object_get_int_member (entry, "index");
  const int32_t c = (int32_t)json_object_get_int_member (entry, "channels");
  const int32_t h = number (entry, "from", 0), w = number (entry, "from", 1);
  const int32_t height = number (entry, "to", 0), width = number (entry, "to", 1);
  const LwTransform transform = read_transform (entry);
  g_autofree char *src_name = g_strdup_printf ("augment/%d/src", (int)index);
  g_autofree char *dst_name = g_strdup_printf ("augment/%d/dst", (int)index);
  const LwFileTensor *src = lw_tensor_file_find (file, src_name);
  const LwFileTensor *dst = lw_tensor_file_find (file, dst_name);
  g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (c, h, w, height, width);
  g_autofree uint8_t *bytes = g_new (uint8_t, c * h * w);
  g_autofree float *values = g_new (float, c *height *width);

  g_assert_true (src != NULL && dst != NULL && src->size == c * h * w &&
                 dst->size == c * height * width);
  for (int64_t i = 0; i < src->size; i++)
    bytes[i] = (uint8_t)((const float *)src->data)[i];
  lw_augmenter_run (augmenter, &transform, bytes, values);
  for (int64_t i = 0; i < dst->size; i++)
    if (fabsf (values[i] - ((const float *)dst->data)[i]) > TOLERANCE)
      g_error ("case %d, value %d: %g, torchvision has %g", (int)index, (int)i, (double)values[i],
               (double)((const float *)dst->data)[i]);
}

static void
test_golden (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), "augment.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases;

  g_assert_no_error (error);
  json_parser_load_from_data (parser, lw_tensor_file_metadata (file, "cases"), -1, &error);
  g_assert_no_error (error);
  cases = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (cases), >=, 17);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_entry (file, json_array_get_object_element (cases, i));
}

/* --- formulas --------------------------------------------------------------------------------- */

static void
fill (uint8_t *bytes, int32_t n)
{
  for (int32_t i = 0; i < n; i++)
    bytes[i] = (uint8_t)((i * 7919 + i / 13 * 101) >> 2);
}

/* A part is what is left of an image when the rest is cut off, resized, and mirrored, bit for bit;
 * what is shifted in is black. */
static void
test_places (void)
{
  enum { C = 3, H = 11, W = 9, HEIGHT = 6, WIDTH = 13 };
  LwTransform transform = lw_transform_none (7, 5);
  g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (C, H, W, HEIGHT, WIDTH);
  uint8_t bytes[C * H * W], part[C * 7 * 5];
  float values[C * HEIGHT * WIDTH], expected[C * HEIGHT * WIDTH];

  fill (bytes, sizeof bytes);
  transform.top = 3, transform.left = 2, transform.flip = 1;
  transform.shift_y = 2, transform.shift_x = -4;
  for (int c = 0; c < C; c++)
    for (int y = 0; y < 7; y++)
      for (int x = 0; x < 5; x++) {
        const int from_y = y + 3 + 2, from_x = x + 2 - 4;

        part[(c * 7 + y) * 5 + x] =
            from_y < H && from_x >= 0 ? bytes[(c * H + from_y) * W + from_x] : 0;
      }
  lw_resize (part, C, 7, 5, expected, HEIGHT, WIDTH);
  lw_augmenter_run (augmenter, &transform, bytes, values);
  for (int row = 0; row < C * HEIGHT; row++)
    for (int x = 0; x < WIDTH; x++)
      g_assert_cmpfloat (values[row * WIDTH + x], ==, expected[row * WIDTH + WIDTH - 1 - x]);
  /* shifted out of sight */
  transform.shift_y = H;
  lw_augmenter_run (augmenter, &transform, bytes, values);
  for (int i = 0; i < C * HEIGHT * WIDTH; i++)
    g_assert_cmpfloat (values[i], ==, 0);
  /* and one that nothing is done to */
  transform = lw_transform_none (H, W);
  lw_resize (bytes, C, H, W, expected, HEIGHT, WIDTH);
  lw_augmenter_run (augmenter, &transform, bytes, values);
  g_assert_cmpmem (values, sizeof values, expected, sizeof expected);
}

/* Brightness after contrast, one channel: what the sentence in the header says, in doubles. */
static void
test_grey_colours (void)
{
  enum { SIDE = 9 };
  LwTransform transform = lw_transform_none (SIDE, SIDE);
  g_autoptr (LwAugmenter) augmenter = lw_augmenter_new (1, SIDE, SIDE, SIDE, SIDE);
  uint8_t bytes[SIDE * SIDE];
  float values[SIDE * SIDE];
  double mean = 0;

  fill (bytes, sizeof bytes);
  transform.order[1] = LW_JITTER_CONTRAST, transform.factors[LW_JITTER_CONTRAST] = 1.7f;
  transform.order[3] = LW_JITTER_BRIGHTNESS, transform.factors[LW_JITTER_BRIGHTNESS] = 1.2f;
  transform.order[0] = LW_JITTER_HUE, transform.factors[LW_JITTER_HUE] = 0.3f;
  lw_augmenter_run (augmenter, &transform, bytes, values);
  for (int i = 0; i < SIDE * SIDE; i++)
    mean += bytes[i] / 255.0 / (SIDE * SIDE);
  for (int i = 0; i < SIDE * SIDE; i++) {
    const double contrast = CLAMP (1.7 * bytes[i] / 255.0 - 0.7 * mean, 0, 1);

    g_assert_cmpfloat_with_epsilon (values[i], (float)MIN (1.2 * contrast, 1), TOLERANCE);
  }
}

/* --- draws ------------------------------------------------------------------------------------ */

static void
test_draws (void)
{
  enum { N = 20000, PADDING = 2 };
  const LwAugmentation augmentation = { .flip = true,
                                        .crop_padding = PADDING,
                                        .crop_area = 0.08,
                                        .brightness = 0.4,
                                        .contrast = 1.5,
                                        .saturation = 0.25,
                                        .hue = 0.1 };
  int flips = 0, shifts[2 * PADDING + 1] = { 0 }, orders[256] = { 0 }, n_orders = 0, whole = 0;
  double area = 0, brightness = 0;

  for (int32_t i = 0; i < N; i++) {
    const LwTransform t = lw_transform_draw (&augmentation, 40, 40, 7, 3, i);
    const double shape = (double)t.width / t.height, share = t.width * t.height / 1600.0;

    flips += t.flip;
    g_assert_cmpint (ABS (t.shift_x), <=, PADDING);
    shifts[t.shift_x + PADDING]++;
    g_assert_cmpint (ABS (t.shift_y), <=, PADDING);
    g_assert_true (t.top >= 0 && t.left >= 0 && t.top + t.height <= 40 && t.left + t.width <= 40);
    g_assert_true (share > 0.07 && shape > 0.68 && shape < 1.47); /* sides are rounded */
    area += share / N;
    whole += t.width == 40 && t.height == 40;
    g_assert_true (fabsf (t.factors[0] - 1) <= 0.4f && t.factors[1] >= 0 && t.factors[1] <= 2.5f);
    g_assert_true (fabsf (t.factors[2] - 1) <= 0.25f && fabsf (t.factors[3]) <= 0.1f);
    brightness += (double)t.factors[0] / N;
    n_orders += orders[t.order[0] << 6 | t.order[1] << 4 | t.order[2] << 2 | t.order[3]]++ == 0;
    g_assert_cmpint (1 << t.order[0] | 1 << t.order[1] | 1 << t.order[2] | 1 << t.order[3], ==, 15);
  }
  g_assert_cmpint (ABS (flips - N / 2), <, 300); /* four deviations of √N / 2 */
  for (int i = 0; i <= 2 * PADDING; i++)
    g_assert_cmpint (ABS (shifts[i] - N / (2 * PADDING + 1)), <, 250);
  g_assert_cmpint (n_orders, ==, 24);
  for (int i = 0; i < 256; i++)
    g_assert_true (orders[i] == 0 || ABS (orders[i] - N / 24) < 130);
  g_assert_cmpfloat (fabs (area - 0.51), <, 0.03); /* large ones fit in fewer shapes */
  g_assert_cmpfloat (fabs (brightness - 1), <, 0.01);
  g_assert_cmpint (whole, <, N / 20);
}

/* Seed, epoch and number each draw anew; what is off draws nothing; what is on does not move what
 * another draws. A part of an image that is far from square keeps to its shape. */
static void
test_independence (void)
{
  LwAugmentation augmentation = { .flip = true, .brightness = 0.4 };
  const LwTransform first = lw_transform_draw (&augmentation, 8, 8, 1, 0, 5);
  LwTransform other, narrow;
  int differs[3] = { 0 };

  for (int32_t i = 0; i < 32; i++) {
    const LwTransform a = lw_transform_draw (&augmentation, 8, 8, 1, 0, i);
    const LwTransform b[3] = { lw_transform_draw (&augmentation, 8, 8, 2, 0, i),
                               lw_transform_draw (&augmentation, 8, 8, 1, 1, i),
                               lw_transform_draw (&augmentation, 8, 8, 1, 0, i + 32) };

    for (int k = 0; k < 3; k++)
      differs[k] += a.flip != b[k].flip;
  }
  for (int k = 0; k < 3; k++)
    g_assert_true (differs[k] > 4 && differs[k] < 28);
  augmentation.crop_area = 0.5, augmentation.hue = 0.5, augmentation.crop_padding = 3;
  other = lw_transform_draw (&augmentation, 8, 8, 1, 0, 5);
  g_assert_cmpint (first.flip, ==, other.flip);
  g_assert_cmpfloat (first.factors[LW_JITTER_BRIGHTNESS], ==, other.factors[LW_JITTER_BRIGHTNESS]);
  g_assert_cmpint (first.height, ==, 8);
  narrow = lw_transform_draw (&(LwAugmentation){ .crop_area = 0.99 }, 100, 10, 1, 0, 0);
  g_assert_cmpint (narrow.width, ==, 10);
  g_assert_cmpint (narrow.height, ==, 13);
  g_assert_cmpint (narrow.top, ==, 43);
}

static void
test_names (void)
{
  LwAugmentation found = { 0 };

  g_assert_true (lw_augmentation_is_none (&found));
  g_assert_cmpstr (lw_augmentation_name (&found), ==, "none");
  for (int i = 0; lw_augmentation_names[i] != NULL; i++) {
    g_assert_true (lw_augmentation_find (lw_augmentation_names[i], &found));
    g_assert_cmpstr (lw_augmentation_name (&found), ==, lw_augmentation_names[i]);
    g_assert_cmpint (lw_augmentation_is_none (&found), ==, i == 0);
  }
  g_assert_cmpfloat (found.crop_area, ==, 0.08);
  found.hue = 0.1;
  g_assert_cmpstr (lw_augmentation_name (&found), ==, "custom");
  g_assert_false (lw_augmentation_find ("custom", &found));
}

/* --- the loader ------------------------------------------------------------------------------- */

/* At any number of threads, after a seek and in another epoch: what lw_augment_image makes of each
 * example by its number; where the device makes images, the same transforms. */
static void
test_loader (gconstpointer data)
{
  enum { SIDE = 15, N = 90, BATCH = 16 };
  g_autoptr (LwDataset) dataset = lw_dataset_new_shapes (N, 4, 3);
  LwLoaderOptions options = { .height = SIDE,
                              .width = SIDE,
                              .batch = BATCH,
                              .shuffle = true,
                              .seed = 11,
                              .threads = GPOINTER_TO_INT (data) };
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_augmentation_find ("book", &options.augmentation));
  options.augmentation.crop_padding = 2;
  for (int only = 0; only < 2; only++) {
    g_autoptr (LwLoader) loader = NULL;
    float expected[SIDE * SIDE];

    options.examples_only = only;
    loader = lw_loader_new (dataset, &options, &error);
    g_assert_no_error (error);
    lw_loader_seek (loader, 1, 3);
    for (int batch = 9; batch < 20; batch++) {
      const float *images;
      const int32_t *labels;
      const int32_t n = lw_loader_next (loader, &images, &labels);
      const int32_t *examples = lw_loader_batch_examples (loader);
      const LwTransform *transforms = lw_loader_batch_transforms (loader);

      g_assert_true ((images == NULL) == only);
      for (int32_t i = 0; i < n; i++) {
        const LwTransform drawn =
            lw_transform_draw (&options.augmentation, 28, 28, 11, batch / 6, examples[i]);

        g_assert_cmpmem (&transforms[i], sizeof drawn, &drawn, sizeof drawn);
        if (only)
          continue;
        lw_augment_image (&options.augmentation, 11, batch / 6, examples[i],
                          lw_dataset_image (dataset, LW_SPLIT_TRAIN, examples[i]), 1,
                          lw_dataset_height (dataset), lw_dataset_width (dataset), expected, SIDE,
                          SIDE);
        g_assert_cmpmem (images + i * SIDE * SIDE, sizeof expected, expected, sizeof expected);
      }
    }
  }
  options.augmentation = (LwAugmentation){ 0 };
  {
    g_autoptr (LwLoader) loader = lw_loader_new (dataset, &options, &error);
    const float *images;
    const int32_t *labels;

    lw_loader_next (loader, &images, &labels);
    g_assert_null (lw_loader_batch_transforms (loader));
  }
}

/* --- normalization ---------------------------------------------------------------------------- */

static void
test_normalization (void)
{
  static const char *const wrong[] = { "median",
                                       "0.5",
                                       "0.5,0",
                                       "0.5,-1",
                                       "a,b",
                                       "1,2,3",
                                       "0.5,0.1,",
                                       "",
                                       "nan,1",
                                       "0.1,inf",
                                       "1,2,3,4,5,6,7,8,9,10" };
  static const uint8_t bytes[] = {
    0, 255, 255, 255, 10, 10, 10, 10, 0, 0, 51, 255, 10, 10, 10, 10
  };
  LwNormalization found, again;
  g_autofree char *text = NULL;
  float values[4] = { 0, 1, 0.5f, 0.25f };
  bool data;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_normalization_parse (wrong[i], &found, &data, &error));
    g_assert_nonnull (strstr (error->message, "normalize must be none, data, imagenet"));
  }
  g_assert_true (lw_normalization_parse ("none", &found, &data, NULL));
  g_assert_true (found.n == 0 && !data);
  g_assert_true (lw_normalization_parse ("data", &found, &data, NULL));
  g_assert_true (found.n == 0 && data);
  g_assert_false (lw_normalization_parse ("data", &found, NULL, NULL));
  g_assert_true (lw_normalization_parse ("imagenet", &found, &data, NULL));
  g_assert_false (lw_normalization_check (&found, 1, NULL));
  g_assert_true (lw_normalization_check (&found, 3, NULL));
  g_assert_true (lw_normalization_parse ("0.5, 0.25", &found, &data, NULL));
  g_assert_true (lw_normalization_check (&found, 3, NULL));
  lw_normalize_images (&found, values, 1, 2, 2, values);
  g_assert_true (values[0] == -2 && values[1] == 2 && values[2] == 0 && values[3] == -1);
  /* two images of two channels of four pixels: 0 … 1 in the first, 10/255 in the second */
  found = lw_normalization_measure (bytes, 2, 2, 4);
  g_assert_cmpint (found.n, ==, 2);
  g_assert_cmpfloat_with_epsilon (found.mean[0], (4 + 0.2f) / 8, 1e-6f);
  g_assert_cmpfloat_with_epsilon (found.deviation[0],
                                  sqrtf ((4 + 0.04f) / 8 - (4.2f / 8) * (4.2f / 8)), 1e-6f);
  g_assert_cmpfloat (found.mean[1], ==, 10 / 255.0f);
  g_assert_cmpfloat (found.deviation[1], ==, 1);
  text = lw_normalization_text (&found);
  g_assert_true (lw_normalization_parse (text, &again, NULL, NULL));
  g_assert_cmpmem (&found, sizeof found, &again, sizeof again);
  /* the least deviation too, which as a float is a little less than it was written */
  g_assert_true (lw_normalization_parse ("0.5,1e-6", &found, NULL, NULL));
  g_free (text);
  text = lw_normalization_text (&found);
  g_assert_true (lw_normalization_parse (text, &again, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/torchvision", test_golden);
  g_test_add_func ("/augment/places", test_places);
  g_test_add_func ("/augment/grey-colours", test_grey_colours);
  g_test_add_func ("/augment/draws", test_draws);
  g_test_add_func ("/augment/independence", test_independence);
  g_test_add_func ("/augment/names", test_names);
  g_test_add_data_func ("/augment/loader/1", GINT_TO_POINTER (1), test_loader);
  g_test_add_data_func ("/augment/loader/4", GINT_TO_POINTER (4), test_loader);
  g_test_add_func ("/augment/normalization", test_normalization);
  return g_test_run ();
}
