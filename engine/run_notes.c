#include "engine/run_notes.h"

#include "engine/formats/file.h"
#include "engine/formats/safetensors.h"
#include "engine/json_read.h"
#include "engine/run_record.h"
#include "engine/settings_fields.h"
#include "engine/i18n.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "notes.json"
#define FORMAT    1
#define MAX_BYTES (256 * 1024)

void
lw_run_notes_init (LwRunNotes *notes)
{
  *notes = (LwRunNotes){ .colour = -1, .dash = -1, .test_colour = -1 };
}

LwRunNotes
lw_run_notes_copy (const LwRunNotes *notes)
{
  LwRunNotes copy = *notes;

  copy.name = g_strdup (notes->name);
  copy.note = g_strdup (notes->note);
  return copy;
}

void
lw_run_notes_clear (LwRunNotes *notes)
{
  g_free (notes->name);
  g_free (notes->note);
  lw_run_notes_init (notes);
}

bool
lw_run_notes_equal (const LwRunNotes *a, const LwRunNotes *b)
{
  return g_strcmp0 (a->name, b->name) == 0 && g_strcmp0 (a->note, b->note) == 0 &&
         a->star == b->star && a->colour == b->colour && a->dash == b->dash &&
         a->chosen == b->chosen && a->test_colour == b->test_colour;
}

/* Control characters become spaces, but for the ends of lines where these may be. */
static char *
tidy (const char *typed, glong length, bool lines)
{
  g_autofree char *valid = typed != NULL ? g_utf8_make_valid (typed, -1) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *c = valid;

  for (glong n = 0; c != NULL && *c != '\0' && n < length; n++, c = g_utf8_next_char (c)) {
    const gunichar one = g_utf8_get_char (c);

    if (one == '\r' && lines && c[1] == '\n')
      continue;
    g_string_append_unichar (text, one == '\n' && lines      ? one
                                   : g_unichar_iscntrl (one) ? ' '
                                                             : one);
  }
  g_strstrip (text->str);
  return text->str[0] != '\0' ? g_strdup (text->str) : NULL;
}

void
lw_run_notes_set_name (LwRunNotes *notes, const char *name)
{
  char *text = tidy (name, LW_RUN_NAME_LENGTH, false);

  g_free (notes->name);
  notes->name = text;
}

void
lw_run_notes_set_note (LwRunNotes *notes, const char *note)
{
  char *text = tidy (note, LW_RUN_NOTE_LENGTH, true);

  g_free (notes->note);
  notes->note = text;
}

static int
index_in (JsonObject *object, const char *member)
{
  const int64_t value = lw_json_get_integer (object, member, -1);

  return value >= 0 && value < LW_RUN_COLOURS ? (int)value : -1;
}

static bool
truth_in (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

bool
lw_run_notes_read (const char *folder, LwRunNotes *ret_notes, GError **error)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object;

  lw_run_notes_init (ret_notes);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  bytes = lw_file_read (path, MAX_BYTES, error);
  if (bytes == NULL)
    return false;
  object = lw_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                                 shown, error);
  if (object == NULL)
    return false;
  lw_run_notes_set_name (ret_notes, lw_json_get_string (object, "name"));
  lw_run_notes_set_note (ret_notes, lw_json_get_string (object, "note"));
  ret_notes->star = truth_in (object, "star");
  ret_notes->colour = index_in (object, "colour");
  ret_notes->dash = index_in (object, "dash");
  ret_notes->test_colour = index_in (object, "test_colour");
  /* Both are given alike; a file of an earlier version says no more. */
  ret_notes->chosen =
      ret_notes->colour >= 0 && (truth_in (object, "chosen") ||
                                 (ret_notes->dash >= 0 && ret_notes->colour != ret_notes->dash));
  json_object_unref (object);
  return true;
}

bool
lw_run_notes_write (const LwRunNotes *notes, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr (GString) json = g_string_new (NULL);

  if (access (folder, W_OK | X_OK) != 0) {
    const int number = errno;
    g_autofree char *shown = g_filename_display_name (folder);

    g_set_error (
        error, LW_ERROR, LW_ERROR_IO,
        number == EACCES || number == EROFS
            ? _ ("The folder \"%s\" may only be read, so nothing can be kept with this run; "
                 "copy it into a folder of your own.")
            : _ ("The folder \"%s\" of this run cannot be written; is it still there?"),
        shown);
    return false;
  }
  if (!lw_run_may_write (folder, error))
    return false;
  g_string_append_printf (json, "{\n\"format\": %d", FORMAT);
  lw_json_append_member (json, "name", notes->name);
  lw_json_append_member (json, "note", notes->note);
  g_string_append_printf (json,
                          ",\n\"star\": %s,\n\"colour\": %d,\n\"dash\": %d,\n\"chosen\": %s,\n"
                          "\"test_colour\": %d\n}\n",
                          notes->star ? "true" : "false", notes->colour, notes->dash,
                          notes->chosen ? "true" : "false", notes->test_colour);
  return lw_file_replace (path, json->str, json->len, error);
}
