#include "engine/same_place.h"

#include <string.h>

/* A layer without a sibling is "conv", with one it is "conv 1". */
static char *
base_title (const char *title)
{
  return g_str_has_suffix (title, " 1") ? g_strndup (title, strlen (title) - 2) : g_strdup (title);
}

static char **
block_places (const LwGraph *graph)
{
  const LwBlockId n = lw_graph_n_blocks (graph);
  char **places = g_new0 (char *, (size_t)n + 1);

  places[0] = g_strdup ("");
  for (LwBlockId i = 1; i < n; i++) /* a parent's number is less */
    places[i] = g_strconcat (places[lw_graph_block (graph, i)->parent],
                             lw_graph_block (graph, i)->title, "/", NULL);
  return places;
}

static char *
node_place (const LwGraph *graph, char **places, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  g_autofree char *title = base_title (node->title);

  return g_strconcat (places[node->block], title, NULL);
}

char *
lw_place_of_node (const LwGraph *graph, LwNodeId id)
{
  g_auto (GStrv) places = block_places (graph);

  return node_place (graph, places, id);
}

static int32_t
look_up (GHashTable *table, const char *place)
{
  gpointer found;

  return g_hash_table_lookup_extended (table, place, NULL, &found) ? GPOINTER_TO_INT (found) : -1;
}

LwBlockId *
lw_same_blocks (const LwGraph *from, const LwGraph *to)
{
  g_auto (GStrv) places = block_places (from), others = block_places (to);
  g_autoptr (GHashTable) table = g_hash_table_new (g_str_hash, g_str_equal);
  LwBlockId *same = g_new (LwBlockId, (size_t)lw_graph_n_blocks (from));

  for (LwBlockId i = lw_graph_n_blocks (to) - 1; i >= 0; i--) /* the first of equals stays */
    g_hash_table_replace (table, others[i], GINT_TO_POINTER (i));
  for (LwBlockId i = 0; i < lw_graph_n_blocks (from); i++)
    same[i] = look_up (table, places[i]);
  return same;
}

LwNodeId *
lw_same_nodes (const LwGraph *from, const LwGraph *to)
{
  g_auto (GStrv) places = block_places (from), others = block_places (to);
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  LwNodeId *same = g_new (LwNodeId, (size_t)lw_graph_n_nodes (from));

  for (LwNodeId i = lw_graph_n_nodes (to) - 1; i >= 0; i--)
    g_hash_table_replace (table, node_place (to, others, i), GINT_TO_POINTER (i));
  for (LwNodeId i = 0; i < lw_graph_n_nodes (from); i++) {
    g_autofree char *place = node_place (from, places, i);

    same[i] = look_up (table, place);
  }
  return same;
}
