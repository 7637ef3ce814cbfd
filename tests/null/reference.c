#include "tests/null/reference.h"

JsonObject *
reference_load (const char *model, JsonParser **ret_parser)
{
  const char *folder = g_getenv ("LAYERWISE_GOLDEN");
  g_assert_nonnull (folder);
  g_autofree char *file = g_strconcat (model, ".json", NULL);
  g_autofree char *path = g_build_filename (folder, "reference", file, NULL);
  g_autoptr (GError) error = NULL;
  *ret_parser = json_parser_new ();
  json_parser_load_from_file (*ret_parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (*ret_parser));
}

LwShape
reference_shape (JsonArray *array)
{
  guint rank = json_array_get_length (array);
  g_assert_true (rank == 1 || rank == 3);
  LwShape shape = { (int32_t)json_array_get_int_element (array, 0), 1, 1, rank == 1 };
  if (rank == 3) {
    shape.h = (int32_t)json_array_get_int_element (array, 1);
    shape.w = (int32_t)json_array_get_int_element (array, 2);
  }
  return shape;
}
