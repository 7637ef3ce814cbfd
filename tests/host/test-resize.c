/* Resizing against PyTorch's interpolate (tests/golden/misc.safetensors), and where the answer is
 * known without it. */
#include "engine/data/dataset.h"
#include "engine/formats/safetensors.h"

#include <json-glib/json-glib.h>
#include <math.h>

#define TOLERANCE 1e-6f

static int32_t
side (JsonObject *entry, const char *member, guint index)
{
  return (int32_t)json_array_get_int_element (json_object_get_array_member (entry, member), index);
}

static void
check_entry (const LwTensorFile *file, JsonObject *entry)
{
  const int64_t number = json_object_get_int_member (entry, "index");
  const int32_t c = (int32_t)json_object_get_int_member (entry, "channels");
  const int32_t h = side (entry, "from", 0), w = side (entry, "from", 1);
  const int32_t height = side (entry, "to", 0), width = side (entry, "to", 1);
  g_autofree char *src_name = g_strdup_printf ("resize/%" G_GINT64_FORMAT "/src", number);
  g_autofree char *dst_name = g_strdup_printf ("resize/%" G_GINT64_FORMAT "/dst", number);
  const LwFileTensor *src = lw_tensor_file_find (file, src_name);
  const LwFileTensor *dst = lw_tensor_file_find (file, dst_name);
  g_autofree uint8_t *bytes = g_new (uint8_t, c * h * w);
  const int32_t size = c * height * width;
  g_autofree float *resized = g_new (float, size);

  g_assert_nonnull (src);
  g_assert_nonnull (dst);
  g_assert_cmpint (src->size, ==, c * h * w);
  g_assert_cmpint (dst->size, ==, size);
  for (int64_t i = 0; i < src->size; i++)
    bytes[i] = (uint8_t)lrintf (((const float *)src->data)[i] * 255.0f);
  lw_resize (bytes, c, h, w, resized, height, width);
  for (int64_t i = 0; i < dst->size; i++)
    g_assert_cmpfloat_with_epsilon (resized[i], ((const float *)dst->data)[i], TOLERANCE);
}

static void
test_golden (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), "misc.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, &error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *resizes;

  g_assert_no_error (error);
  json_parser_load_from_data (parser, lw_tensor_file_metadata (file, "resizes"), -1, &error);
  g_assert_no_error (error);
  resizes = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (resizes), >=, 8);
  for (guint i = 0; i < json_array_get_length (resizes); i++)
    check_entry (file, json_array_get_object_element (resizes, i));
}

/* Without a change of size, every byte becomes its 255th part exactly. */
static void
test_same_size (void)
{
  uint8_t bytes[256];
  float floats[256];

  for (int i = 0; i < 256; i++)
    bytes[i] = (uint8_t)i;
  lw_resize (bytes, 1, 16, 16, floats, 16, 16);
  for (int i = 0; i < 256; i++)
    g_assert_true (floats[i] == (float)i / 255.0f);
}

/* 2 → 4: output centres lie at −¼, ¼, ¾, 1¼ of the input's; the outer ones are clamped. */
static void
test_doubling (void)
{
  static const uint8_t bytes[2] = { 0, 255 };
  static const float expected[4] = { 0.0f, 0.25f, 0.75f, 1.0f };
  float row[4], column[4];

  lw_resize (bytes, 1, 1, 2, row, 1, 4);
  lw_resize (bytes, 1, 2, 1, column, 4, 1);
  for (int i = 0; i < 4; i++) {
    g_assert_cmpfloat (row[i], ==, expected[i]);
    g_assert_cmpfloat (column[i], ==, expected[i]);
  }
}

/* A weighted mean stays between the bytes that it is made of, whatever the sizes. */
static void
test_bounds (void)
{
  static const int32_t sizes[] = { 1, 2, 3, 7, 28, 31, 96 };
  g_autofree uint8_t *bytes = g_new (uint8_t, 96 * 96);
  g_autofree float *floats = g_new (float, 96 * 96);

  for (int i = 0; i < 96 * 96; i++)
    bytes[i] = i * 37 % 11 < 5 ? 51 : 204;
  for (guint a = 0; a < G_N_ELEMENTS (sizes); a++)
    for (guint b = 0; b < G_N_ELEMENTS (sizes); b++) {
      const int32_t c = sizes[a] < 30 && sizes[b] < 30 ? 3 : 1;

      lw_resize (bytes, c, sizes[a], sizes[b], floats, sizes[b], sizes[a]);
      for (int32_t i = 0; i < c * sizes[a] * sizes[b]; i++) {
        g_assert_cmpfloat (floats[i], >=, 0.2f - TOLERANCE);
        g_assert_cmpfloat (floats[i], <=, 0.8f + TOLERANCE);
      }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resize/golden", test_golden);
  g_test_add_func ("/resize/same-size", test_same_size);
  g_test_add_func ("/resize/doubling", test_doubling);
  g_test_add_func ("/resize/bounds", test_bounds);
  return g_test_run ();
}
