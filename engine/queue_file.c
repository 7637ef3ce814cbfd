#include "engine/queue_file.h"

#include "engine/formats/file.h"
#include "engine/formats/safetensors.h"
#include "engine/i18n.h"
#include "engine/json_read.h"
#include "engine/settings_fields.h"

#include <errno.h>
#include <string.h>

#define FORMAT    1
#define MAX_BYTES (16 * 1024 * 1024)

static const char *const states[LW_N_QUEUED_STATES] = { "waiting", "running", "done", "failed",
                                                        "cancelled" };

void
lw_queue_entry_free (LwQueueEntry *entry)
{
  if (entry == NULL)
    return;
  lw_settings_free (entry->settings);
  lw_run_group_clear (&entry->group);
  g_free (entry->folder);
  g_free (entry->message);
  g_free (entry);
}

char *
lw_queue_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "layerwise", "queue.json", NULL);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
append_entry (GString *json, const LwQueueEntry *entry)
{
  g_autofree char *settings = lw_settings_to_json (entry->settings);
  /* A folder's name may be no UTF-8, which JSON has to be. */
  g_autofree char *folder =
      entry->folder != NULL ? g_filename_to_uri (entry->folder, NULL, NULL) : NULL;

  g_string_append_printf (json, "{\"state\": \"%s\"", states[entry->state]);
  lw_json_append_member (json, "folder", folder);
  lw_json_append_member (json, "message", entry->message);
  if (entry->epochs > 0)
    g_string_append_printf (json, ", \"epochs\": %d", entry->epochs);
  g_string_append (json, ",\n \"group\": ");
  lw_run_group_write (&entry->group, json);
  g_string_append_printf (json, ",\n \"settings\": %s}", settings);
}

char *
lw_queue_to_json (const GPtrArray *entries)
{
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "{\n\"format\": %d,\n\"entries\": [", FORMAT);
  for (guint i = 0; i < entries->len; i++) {
    g_string_append (json, i > 0 ? ",\n" : "\n");
    append_entry (json, g_ptr_array_index (entries, i));
  }
  g_string_append (json, "\n]\n}\n");
  return g_string_free (json, FALSE);
}

bool
lw_queue_write (const char *path, const char *json, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0777) != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("The queue of runs cannot be kept: the folder \"%s\" cannot be made (%s)."),
                 folder, g_strerror (errno));
    return lw_error_make_plain (error);
  }
  return lw_file_replace (path, json, strlen (json), error);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
parse_state (const char *word, LwQueuedState *ret_state)
{
  for (int i = 0; i < LW_N_QUEUED_STATES; i++)
    if (word != NULL && strcmp (word, states[i]) == 0) {
      *ret_state = (LwQueuedState)i;
      return true;
    }
  return false;
}

/* How far a run goes on; one that has no folder has nothing to go on from. */
static bool
read_epochs (JsonObject *object, LwQueueEntry *entry)
{
  const int64_t epochs = lw_json_get_integer (object, "epochs", 0);

  if (epochs < 0 || epochs > LW_QUEUE_MOST_EPOCHS)
    return false;
  entry->epochs = entry->folder != NULL ? (int32_t)epochs : 0;
  return true;
}

/* NULL: it cannot be. */
static LwQueueEntry *
read_entry (JsonNode *node)
{
  g_autoptr (LwQueueEntry) entry = g_new0 (LwQueueEntry, 1);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *settings;
  g_autofree char *text = NULL;
  const char *folder;

  if (object == NULL || !parse_state (lw_json_get_string (object, "state"), &entry->state))
    return NULL;
  settings = json_object_get_member (object, "settings");
  if (settings == NULL || !JSON_NODE_HOLDS_OBJECT (settings))
    return NULL;
  text = json_to_string (settings, FALSE);
  entry->settings = lw_settings_from_json (text, -1, NULL);
  if (entry->settings == NULL)
    return NULL;
  entry->group = lw_run_group_read (object, "group");
  entry->message = g_strdup (lw_json_get_string (object, "message"));
  folder = lw_json_get_string (object, "folder");
  entry->folder = folder != NULL ? g_filename_from_uri (folder, NULL, NULL) : NULL;
  if (!read_epochs (object, entry))
    return NULL;
  if (entry->folder == NULL && entry->state == LW_QUEUED_RUNNING)
    entry->state = LW_QUEUED_WAITING; /* it had not begun */
  return g_steal_pointer (&entry);
}

GPtrArray *
lw_queue_read (const char *path, int *ret_skipped, GError **error)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lw_queue_entry_free);
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object;
  JsonArray *array;
  int skipped = 0;

  if (ret_skipped != NULL)
    *ret_skipped = 0;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&entries);
  bytes = lw_file_read (path, MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;
  object = lw_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                                 "queue.json", error);
  if (object == NULL)
    return NULL;
  array = lw_json_get_array (object, "entries");
  if (array == NULL || lw_json_get_integer (object, "format", 0) != FORMAT) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT,
                 _ ("\"%s\" is no queue of runs that this version can read."), path);
    lw_error_make_plain (error);
    json_object_unref (object);
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (array); i++) {
    LwQueueEntry *entry =
        entries->len < LW_QUEUE_MOST ? read_entry (json_array_get_element (array, i)) : NULL;

    if (entry != NULL)
      g_ptr_array_add (entries, entry);
    else
      skipped++;
  }
  json_object_unref (object);
  if (ret_skipped != NULL)
    *ret_skipped = skipped;
  return g_steal_pointer (&entries);
}
