#include "engine/run_record.h"

#include "engine/formats/file.h"
#include "engine/formats/json_writer.h"
#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/live_setting.h"
#include "engine/metrics.h"
#include "engine/number.h"
#include "engine/op.h"
#include "engine/settings_fields.h"

#include <string.h>

#define FORMAT    1
#define MAX_BYTES (16 * 1024 * 1024)

#define EARLY_STOP "early-stop"

void
lw_run_record_clear (LwRunRecord *record)
{
  g_free (record->name);
  lw_settings_free (record->settings);
  g_free (record->device);
  lw_algorithm_list_free (record->algorithms);
  lw_run_group_clear (&record->group);
  g_free (record->message);
  g_free (record->data_name);
  g_strfreev (record->classes);
  g_clear_pointer (&record->changes, g_array_unref);
  *record = (LwRunRecord){ .last_checkpoint = -1, .best_checkpoint = -1 };
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
member_integer (GString *json, const char *member, int64_t value)
{
  g_string_append_printf (json, ",\n\"%s\": %" G_GINT64_FORMAT, member, value);
}

static void
member_real (GString *json, const char *member, double value)
{
  char buffer[LW_NUMBER_SIZE];

  g_string_append_printf (json, ",\n\"%s\": %s", member, lw_number_format (value, buffer));
}

static void
append_node (GString *json, const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwShape shape = node->shape;

  g_string_append (json, id > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ");
  lw_json_append_text (json, node->name);
  g_string_append (json, ", \"type\": ");
  lw_json_append_text (json, lw_op_info (node->op)->name);
  if (shape.flat)
    g_string_append_printf (json, ", \"shape\": [%d]", shape.c);
  else
    g_string_append_printf (json, ", \"shape\": [%d, %d, %d]", shape.c, shape.h, shape.w);
  g_string_append (json, ", \"inputs\": [");
  for (int32_t i = 0; i < node->n_inputs; i++) {
    g_string_append (json, i > 0 ? ", " : "");
    lw_json_append_text (json, lw_graph_node (graph, node->inputs[i])->name);
  }
  g_string_append (json, "], \"tensors\": [");
  for (int32_t i = 0; i < node->n_tensors; i++) {
    g_string_append (json, i > 0 ? ", " : "");
    lw_json_append_text (json, lw_graph_tensor (graph, node->tensors[i])->name);
  }
  g_string_append_printf (json, "], \"kernel\": %d, \"stride\": %d, \"padding\": %d",
                          node->window.kernel, node->window.stride, node->window.padding);
  g_string_append (json, node->ceil_mode ? ", \"ceil_mode\": true}" : "}");
}

static void
append_tensor (GString *json, const LwGraph *graph, int32_t index)
{
  const LwTensorInfo *tensor = lw_graph_tensor (graph, index);

  g_string_append (json, index > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ");
  lw_json_append_text (json, tensor->name);
  g_string_append (json, ", \"shape\": [");
  for (int32_t i = 0; i < tensor->rank; i++)
    g_string_append_printf (json, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", tensor->dims[i]);
  g_string_append_printf (json, "], \"dtype\": \"%s\", \"trainable\": %s}",
                          tensor->dtype == LW_I64 ? "I64" : "F32",
                          tensor->trainable ? "true" : "false");
}

static void
append_graph (GString *json, const LwGraph *graph)
{
  g_string_append (json, ",\n\"graph\": {\"title\": ");
  lw_json_append_text (json, lw_graph_title (graph));
  g_string_append (json, ", \"nodes\": [");
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    append_node (json, graph, id);
  g_string_append (json, "],\n\"tensors\": [");
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    append_tensor (json, graph, i);
  g_string_append (json, "]}");
}

/* Values as text, with all their digits. */
static void
append_changes (GString *json, const GArray *changes)
{
  g_string_append (json, ",\n\"changes\": [");
  for (guint i = 0; i < changes->len; i++) {
    const LwEvent *event = &g_array_index (changes, LwEvent, i);
    g_autofree char *value = lw_live_text (event->setting, event->value, 17);

    g_string_append_printf (
        json, "%s{\"step\": %" G_GINT64_FORMAT ", \"setting\": ", i > 0 ? ", " : "", event->step);
    lw_json_append_text (json, lw_live_name (event->setting));
    lw_json_append_member (json, "value", value);
    g_string_append_c (json, '}');
  }
  g_string_append_c (json, ']');
}

bool
lw_run_record_write (const LwRunRecord *record, const LwGraph *graph, const char *folder,
                     GError **error)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  g_autofree char *settings = lw_settings_to_json (record->settings);
  g_autoptr (GDateTime) started = g_date_time_new_from_unix_utc (record->started_unix);
  g_autofree char *when =
      started != NULL ? g_date_time_format (started, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
  g_autoptr (GString) json = g_string_new (NULL);

  g_string_append_printf (json, "{\n\"format\": %d", FORMAT);
  lw_json_append_member (json, "version", LW_VERSION);
  lw_json_append_member (json, "name", record->name);
  lw_json_append_member (json, "model", lw_options_model (record->settings->options)->name);
  lw_json_append_member (json, "state", lw_run_state_name (record->state));
  lw_json_append_member (json, "message", record->message);
  lw_json_append_member (json, "device", record->device);
  member_integer (json, "threads", record->threads);
  if (record->workers > 1)
    member_integer (json, "workers", record->workers);
  g_string_append (json, ",\n\"group\": ");
  lw_run_group_write (&record->group, json);
  lw_json_append_member (json, "started", when);
  member_integer (json, "step", record->step);
  member_integer (json, "total_steps", record->total_steps);
  member_integer (json, "steps_per_epoch", record->steps_per_epoch);
  member_integer (json, "last_checkpoint", record->last_checkpoint);
  member_integer (json, "best_checkpoint", record->best_checkpoint);
  member_integer (json, "best_epoch", record->best_epoch);
  member_real (json, "best_test_accuracy", (double)record->best_test_accuracy);
  lw_json_append_member (json, "reason",
                         record->state == LW_RUN_FINISHED && record->stopped_early ? EARLY_STOP
                                                                                   : NULL);
  member_integer (json, "patience_from", record->patience_from);
  member_integer (json, "peak_memory", record->peak_memory);
  g_string_append (json, ",\n\"data\": {\"name\": ");
  lw_json_append_text (json, record->data_name != NULL ? record->data_name : "");
  g_string_append_printf (json, ", \"train_examples\": %d, \"test_examples\": %d, \"classes\": [",
                          record->train_examples, record->test_examples);
  for (int i = 0; record->classes != NULL && record->classes[i] != NULL; i++) {
    g_string_append (json, i > 0 ? ", " : "");
    lw_json_append_text (json, record->classes[i]);
  }
  g_string_append_printf (json, "]},\n\"settings\": %s", settings);
  if (record->changes != NULL)
    append_changes (json, record->changes);
  if (record->algorithms != NULL) {
    g_string_append (json, ",\n\"algorithms\": ");
    lw_algorithm_list_write (record->algorithms, json);
  }
  append_graph (json, graph);
  g_string_append (json, "\n}\n");
  return lw_file_replace (path, json->str, json->len, error);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
parse_state (const char *word, LwRunState *ret_state)
{
  for (int i = LW_RUN_READY; i <= LW_RUN_FAILED; i++)
    if (word != NULL && strcmp (word, lw_run_state_name ((LwRunState)i)) == 0) {
      *ret_state = (LwRunState)i;
      return true;
    }
  return false;
}

static char **
read_classes (JsonObject *data)
{
  JsonArray *array = data != NULL ? lw_json_get_array (data, "classes") : NULL;
  const guint n = array != NULL ? json_array_get_length (array) : 0;
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < MIN (n, 65536); i++) {
    char *name = lw_json_scalar_text (json_array_get_element (array, i));

    g_ptr_array_add (names, name != NULL ? name : g_strdup (""));
  }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* Those that can be read; settings of a newer version are none. */
static GArray *
read_changes (JsonArray *array)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (LwEvent));
  const guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < MIN (n, 65536); i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *name = object != NULL ? lw_json_get_string (object, "setting") : NULL;
    const char *value = object != NULL ? lw_json_get_string (object, "value") : NULL;
    LwEvent event = { .kind = LW_EVENT_SETTING };

    if (name == NULL || value == NULL || !lw_live_find (name, &event.setting) ||
        !lw_live_parse (event.setting, value, &event.value))
      continue;
    event.step = MAX (0, lw_json_get_integer (object, "step", 0));
    g_array_append_val (changes, event);
  }
  return changes;
}

static bool
read_record (JsonObject *object, LwRunRecord *record, GError **error)
{
  JsonObject *data = lw_json_get_object (object, "data");
  JsonObject *algorithms = lw_json_get_object (object, "algorithms");
  JsonNode *settings = json_object_get_member (object, "settings");
  g_autoptr (GDateTime) started = NULL;
  g_autofree char *text = NULL;
  const char *when = lw_json_get_string (object, "started");
  const int64_t format = lw_json_get_integer (object, "format", 0);
  double accuracy;

  if (format < 1 || format > FORMAT) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 format > FORMAT ? _ ("It was written by a newer version of Layerwise.")
                                 : _ ("It is not a run's description."));
    return false;
  }
  if (!parse_state (lw_json_get_string (object, "state"), &record->state) || settings == NULL ||
      !JSON_NODE_HOLDS_OBJECT (settings)) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("Its state or its settings are missing."));
    return false;
  }
  text = json_to_string (settings, FALSE);
  record->settings = lw_settings_from_json (text, -1, error);
  if (record->settings == NULL)
    return false;

  started = when != NULL ? g_date_time_new_from_iso8601 (when, NULL) : NULL;
  record->started_unix = started != NULL ? g_date_time_to_unix (started) : 0;
  record->name = g_strdup (lw_json_get_string (object, "name"));
  record->device = g_strdup (lw_json_get_string (object, "device"));
  record->threads = (int32_t)CLAMP (lw_json_get_integer (object, "threads", 0), 0, 1024);
  record->workers = (int32_t)CLAMP (lw_json_get_integer (object, "workers", 1), 1, 65536);
  record->group = lw_run_group_read (object, "group");
  record->message = g_strdup (lw_json_get_string (object, "message"));
  if (algorithms != NULL)
    record->algorithms = lw_algorithm_list_read (algorithms);
  record->step = MAX (0, lw_json_get_integer (object, "step", 0));
  record->total_steps = MAX (0, lw_json_get_integer (object, "total_steps", 0));
  record->steps_per_epoch = /* times epochs it stays a number */
      CLAMP (lw_json_get_integer (object, "steps_per_epoch", 0), 0, G_MAXINT32);
  record->last_checkpoint = MAX (-1, lw_json_get_integer (object, "last_checkpoint", -1));
  record->best_checkpoint = MAX (-1, lw_json_get_integer (object, "best_checkpoint", -1));
  record->best_epoch =
      (int32_t)CLAMP (lw_json_get_integer (object, "best_epoch", 0), 0, G_MAXINT32);
  accuracy = lw_json_get_real (object, "best_test_accuracy", 0);
  record->best_test_accuracy = accuracy >= 0 && accuracy <= 1 ? (float)accuracy : 0;
  record->stopped_early = g_strcmp0 (lw_json_get_string (object, "reason"), EARLY_STOP) == 0;
  record->patience_from =
      (int32_t)CLAMP (lw_json_get_integer (object, "patience_from", 0), 0, G_MAXINT32);
  record->peak_memory = MAX (0, lw_json_get_integer (object, "peak_memory", 0));
  if (lw_json_get_array (object, "changes") != NULL)
    record->changes = read_changes (lw_json_get_array (object, "changes"));
  record->classes = read_classes (data);
  if (data != NULL) {
    record->data_name = g_strdup (lw_json_get_string (data, "name"));
    record->train_examples =
        (int32_t)CLAMP (lw_json_get_integer (data, "train_examples", 0), 0, G_MAXINT32);
    record->test_examples =
        (int32_t)CLAMP (lw_json_get_integer (data, "test_examples", 0), 0, G_MAXINT32);
  }
  return true;
}

bool
lw_run_record_read (const char *folder, LwRunRecord *ret_record, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "run.json", NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object;
  bool done;

  *ret_record = (LwRunRecord){ .last_checkpoint = -1, .best_checkpoint = -1 };
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_autofree char *shown = g_filename_display_name (folder);

    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("\"%s\" is not a run's folder: it has no file run.json."), shown);
    return false;
  }
  bytes = lw_file_read (path, MAX_BYTES, error);
  if (bytes == NULL)
    return false;
  object = lw_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                                 name, error);
  if (object == NULL)
    return false;
  done = read_record (object, ret_record, error);
  json_object_unref (object);
  if (!done) {
    g_prefix_error (error, _ ("Cannot read \"%s\". "), name);
    lw_error_make_plain (error);
    lw_run_record_clear (ret_record);
  }
  return done;
}
