#include "engine/algorithms.h"

#include "engine/formats/json_writer.h"
#include "engine/json_read.h"

#include <string.h>

/* More than any network has: a file cannot make us take memory without end. */
enum { MOST_LAYERS = 100000 };

struct LwAlgorithmList {
  GArray *choices; /* LwAlgorithmChoice */
};

const char *
lw_direction_name (LwDirection direction)
{
  static const char *const names[] = { "forward", "data", "weights" };

  return names[direction];
}

static void
clear_choice (void *data)
{
  LwAlgorithmChoice *choice = data;

  g_free ((char *)choice->layer);
  for (int d = 0; d < LW_N_DIRECTIONS; d++)
    g_free ((char *)choice->names[d]);
}

LwAlgorithmList *
lw_algorithm_list_new (void)
{
  LwAlgorithmList *list = g_new (LwAlgorithmList, 1);

  list->choices = g_array_new (FALSE, FALSE, sizeof (LwAlgorithmChoice));
  g_array_set_clear_func (list->choices, clear_choice);
  return list;
}

void
lw_algorithm_list_free (LwAlgorithmList *list)
{
  if (list == NULL)
    return;
  g_array_unref (list->choices);
  g_free (list);
}

void
lw_algorithm_list_add (LwAlgorithmList *list, const char *layer,
                       const char *const names[LW_N_DIRECTIONS])
{
  LwAlgorithmChoice choice = { .layer = g_strdup (layer) };

  for (int d = 0; d < LW_N_DIRECTIONS; d++)
    choice.names[d] = g_strdup (names[d]);
  g_array_append_val (list->choices, choice);
}

const LwAlgorithmChoice *
lw_algorithm_list_choices (const LwAlgorithmList *list, int32_t *ret_n)
{
  *ret_n = (int32_t)list->choices->len;
  return (const LwAlgorithmChoice *)list->choices->data;
}

const LwAlgorithmChoice *
lw_algorithm_list_find (const LwAlgorithmList *list, const char *layer)
{
  for (guint i = 0; i < list->choices->len; i++) {
    const LwAlgorithmChoice *choice = &g_array_index (list->choices, LwAlgorithmChoice, i);

    if (strcmp (choice->layer, layer) == 0)
      return choice;
  }
  return NULL;
}

void
lw_algorithm_list_write (const LwAlgorithmList *list, GString *json)
{
  g_string_append_c (json, '{');
  for (guint i = 0; i < list->choices->len; i++) {
    const LwAlgorithmChoice *choice = &g_array_index (list->choices, LwAlgorithmChoice, i);

    g_string_append (json, i > 0 ? ",\n  " : "\n  ");
    lw_json_append_text (json, choice->layer);
    for (int d = 0; d < LW_N_DIRECTIONS; d++) {
      g_string_append_printf (json, "%s\"%s\": ", d > 0 ? ", " : ": {",
                              lw_direction_name ((LwDirection)d));
      if (choice->names[d] != NULL)
        lw_json_append_text (json, choice->names[d]);
      else
        g_string_append (json, "null");
    }
    g_string_append_c (json, '}');
  }
  g_string_append_c (json, '}');
}

LwAlgorithmList *
lw_algorithm_list_read (JsonObject *object)
{
  LwAlgorithmList *list = lw_algorithm_list_new ();
  JsonObjectIter iter;
  const char *layer;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (list->choices->len < MOST_LAYERS && json_object_iter_next_ordered (&iter, &layer, &node)) {
    const char *names[LW_N_DIRECTIONS];

    if (!JSON_NODE_HOLDS_OBJECT (node))
      continue;
    for (int d = 0; d < LW_N_DIRECTIONS; d++)
      names[d] =
          lw_json_get_string (json_node_get_object (node), lw_direction_name ((LwDirection)d));
    lw_algorithm_list_add (list, layer, names);
  }
  return list;
}

char *
lw_algorithms_cache_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "layerwise", NULL);
}
