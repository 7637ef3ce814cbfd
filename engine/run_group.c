#include "engine/run_group.h"

#include "engine/formats/json_writer.h"
#include "engine/json_read.h"

#include <string.h>

#define LONGEST 200

char *
lw_run_group_new_id (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%d-%H%M%S");

  return g_strdup_printf ("%s-%08x", when, g_random_int ());
}

LwRunGroup
lw_run_group_copy (const LwRunGroup *group)
{
  return (LwRunGroup){ g_strdup (group->id), g_strdup (group->name), g_strdup (group->label) };
}

void
lw_run_group_clear (LwRunGroup *group)
{
  g_free (group->id);
  g_free (group->name);
  g_free (group->label);
  *group = (LwRunGroup){ NULL };
}

void
lw_run_group_write (const LwRunGroup *group, GString *json)
{
  if (group->id == NULL) {
    g_string_append (json, "null");
    return;
  }
  g_string_append (json, "{\"id\": ");
  lw_json_append_text (json, group->id);
  g_string_append (json, ", \"name\": ");
  lw_json_append_text (json, group->name != NULL ? group->name : "");
  g_string_append (json, ", \"label\": ");
  lw_json_append_text (json, group->label != NULL ? group->label : "");
  g_string_append_c (json, '}');
}

/* A line of text for people: no control characters, not too long; NULL for nothing. */
static char *
line_of (const char *text)
{
  char *line;

  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL))
    return NULL;
  line = g_utf8_strlen (text, -1) > LONGEST ? g_utf8_substring (text, 0, LONGEST) : g_strdup (text);
  for (char *c = line; *c != '\0'; c++)
    if ((guchar)*c < 0x20 || *c == 0x7f)
      *c = ' ';
  return line;
}

LwRunGroup
lw_run_group_read (JsonObject *object, const char *member)
{
  JsonObject *stored = lw_json_get_object (object, member);
  LwRunGroup group = { NULL };

  if (stored == NULL)
    return group;
  group.id = line_of (lw_json_get_string (stored, "id"));
  if (group.id == NULL)
    return group;
  group.name = line_of (lw_json_get_string (stored, "name"));
  if (group.name == NULL)
    group.name = g_strdup (group.id);
  group.label = line_of (lw_json_get_string (stored, "label"));
  return group;
}
