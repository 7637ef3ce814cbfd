#include "engine/experiment_file.h"

#include "engine/formats/file.h"
#include "engine/formats/json_writer.h"
#include "engine/formats/safetensors.h"
#include "engine/json_read.h"
#include "engine/i18n.h"

#include <errno.h>
#include <string.h>

#define FORMAT    1
#define MAX_BYTES (1024 * 1024)

void
lw_experiment_result_free (LwExperimentResult *result)
{
  if (result == NULL)
    return;
  for (int i = 0; i < LW_EXPERIMENT_RUNS; i++) {
    g_free (result->labels[i]);
    g_free (result->folders[i]);
  }
  g_free (result->group);
  g_free (result);
}

char *
lw_experiment_results_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "layerwise", "experiments.json", NULL);
}

char *
lw_experiment_results_to_json (const GPtrArray *results)
{
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "{\n\"format\": %d,\n\"results\": [", FORMAT);
  for (guint i = 0; i < results->len; i++) {
    const LwExperimentResult *result = g_ptr_array_index (results, i);

    g_string_append_printf (
        json, "%s\n{\"experiment\": \"%s\", \"size\": \"%s\", \"group\": ", i > 0 ? "," : "",
        result->experiment->name, lw_experiment_size_name (result->size));
    lw_json_append_text (json, result->group != NULL ? result->group : "");
    g_string_append (json, ",\n \"runs\": [");
    for (int k = 0; k < result->experiment->n_runs; k++) {
      /* A folder's name may be no UTF-8, which JSON has to be. */
      g_autofree char *uri =
          result->folders[k] != NULL ? g_filename_to_uri (result->folders[k], NULL, NULL) : NULL;

      g_string_append (json, k > 0 ? ", " : "");
      if (uri != NULL)
        lw_json_append_text (json, uri);
      else
        g_string_append (json, "null");
    }
    g_string_append (json, "],\n \"labels\": [");
    for (int k = 0; k < result->experiment->n_runs; k++) {
      g_string_append (json, k > 0 ? ", " : "");
      lw_json_append_text (json, result->labels[k] != NULL ? result->labels[k] : "");
    }
    g_string_append (json, "]}");
  }
  g_string_append (json, "\n]\n}\n");
  return g_string_free (json, FALSE);
}

bool
lw_experiment_results_write (const char *path, const char *json, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0777) != 0) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_IO,
        _ ("Results of experiments cannot be kept: the folder \"%s\" cannot be made (%s)."), folder,
        g_strerror (errno));
    return lw_error_make_plain (error);
  }
  return lw_file_replace (path, json, strlen (json), error);
}

/* NULL: it is none. */
static const char *
string_at (JsonArray *array, int i)
{
  JsonNode *node =
      (guint)i < json_array_get_length (array) ? json_array_get_element (array, i) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                 json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* NULL: it cannot be. */
static LwExperimentResult *
read_result (JsonNode *node)
{
  g_autoptr (LwExperimentResult) result = g_new0 (LwExperimentResult, 1);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = object != NULL ? lw_json_get_string (object, "experiment") : NULL;
  const char *size = object != NULL ? lw_json_get_string (object, "size") : NULL;
  JsonArray *runs = object != NULL ? lw_json_get_array (object, "runs") : NULL;
  JsonArray *labels = object != NULL ? lw_json_get_array (object, "labels") : NULL;

  if (name == NULL || size == NULL || runs == NULL ||
      (result->experiment = lw_experiment_by_name (name)) == NULL)
    return NULL;
  if (strcmp (size, "book") == 0)
    result->size = LW_SIZE_BOOK;
  else if (strcmp (size, "quick") != 0)
    return NULL;
  if ((int)json_array_get_length (runs) != result->experiment->n_runs)
    return NULL; /* of a version with other runs */
  result->group = g_strdup (lw_json_get_string (object, "group"));
  for (int i = 0; i < result->experiment->n_runs; i++) {
    const char *uri = string_at (runs, i);
    const char *label = labels != NULL ? string_at (labels, i) : NULL;

    if (uri != NULL)
      result->folders[i] = g_filename_from_uri (uri, NULL, NULL);
    if (label != NULL && *label != '\0')
      result->labels[i] = g_strdup (label);
  }
  return g_steal_pointer (&result);
}

static bool
has_one (const GPtrArray *results, const LwExperimentResult *result)
{
  for (guint i = 0; i < results->len; i++) {
    const LwExperimentResult *other = g_ptr_array_index (results, i);

    if (other->experiment == result->experiment && other->size == result->size)
      return true;
  }
  return false;
}

GPtrArray *
lw_experiment_results_read (const char *path, GError **error)
{
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lw_experiment_result_free);
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object;
  JsonArray *array;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&results);
  bytes = lw_file_read (path, MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;
  object = lw_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                                 "experiments.json", error);
  if (object == NULL)
    return NULL;
  array = lw_json_get_array (object, "results");
  if (array == NULL || lw_json_get_integer (object, "format", 0) != FORMAT) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" holds no results of experiments that this version can read."), path);
    lw_error_make_plain (error);
    json_object_unref (object);
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (array); i++) {
    LwExperimentResult *result = read_result (json_array_get_element (array, i));

    if (result != NULL && !has_one (results, result))
      g_ptr_array_add (results, result);
    else
      lw_experiment_result_free (result);
  }
  json_object_unref (object);
  return g_steal_pointer (&results);
}
