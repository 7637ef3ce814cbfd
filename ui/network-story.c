#include "ui/network-story.h"

#include "ui/layer-lesson.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define FOLDER "/org/layerwise/Workbench/lessons/"

static LwLesson *
read_lesson (const char *path)
{
  g_autofree char *resource = g_strconcat (FOLDER, path, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, &length), g_bytes_get_size (bytes));
  return lw_lesson_parse (text, lw_lesson_path_model (path), NULL);
}

LwLesson *
lw_network_lesson (const LwModel *model, const char **ret_language)
{
  g_auto (GStrv) paths = lw_lesson_paths (g_get_language_names (), model);
  LwLesson *lesson = NULL;

  for (char **path = paths; lesson == NULL && *path != NULL; path++) {
    lesson = read_lesson (*path);
    if (ret_language != NULL)
      *ret_language = lw_lesson_path_language (*path);
  }
  return lesson;
}

char *
lw_network_story (const LwModel *model)
{
  g_autoptr (LwLesson) lesson = lw_network_lesson (model, NULL);
  const char *lead = lesson != NULL ? lw_lesson_lead (lesson, "idea") : NULL;

  return lead != NULL ? lw_lesson_plain (lead) : g_strdup (_ (model->idea));
}
