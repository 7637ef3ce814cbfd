/* Networks as DOT and JSON: read back by a small parser of DOT's grammar and by json-glib, compared
 * with the graph; titles that could break the syntax. */
#include "engine/analysis.h"
#include "engine/formats/graph_dot.h"
#include "engine/formats/graph_json.h"
#include "engine/models.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static LwGraph *
build (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (name, &error));
  LwGraph *graph = lw_model_build (options, &error);

  g_assert_no_error (error);
  return graph;
}

/* --- DOT: graph: "digraph" ID { statements }; the rules that the writer uses --------------------
 */

typedef struct {
  const char *at;
  GString *token; /* of an ID: its value; else the sign */
  bool quoted;
  char *title;
  GHashTable *nodes; /* name → label */
  GPtrArray *edges;  /* "from to" */
  int clusters;
} Parser;

static void
next (Parser *p)
{
  g_string_truncate (p->token, 0);
  p->quoted = false;
  while (g_ascii_isspace (*p->at))
    p->at++;
  if (*p->at == '"') {
    p->quoted = true;
    for (p->at++; *p->at != '"'; p->at++) {
      g_assert_cmpint (*p->at, !=, '\0');
      g_assert_cmpint ((guchar)*p->at, >=, 0x20);
      if (*p->at == '\\') {
        g_assert_nonnull (strchr ("\"\\n", p->at[1]));
        p->at++;
        g_string_append_c (p->token, *p->at == 'n' ? '\n' : *p->at);
      } else {
        g_string_append_c (p->token, *p->at);
      }
    }
    p->at++;
  } else if (g_str_has_prefix (p->at, "->")) {
    g_string_append (p->token, "->");
    p->at += 2;
  } else if (g_ascii_isalnum (*p->at) || *p->at == '_' || *p->at == '.') {
    while (g_ascii_isalnum (*p->at) || *p->at == '_' || *p->at == '.')
      g_string_append_c (p->token, *p->at++);
  } else if (*p->at != '\0') {
    g_assert_nonnull (strchr ("{}[]=;,", *p->at));
    g_string_append_c (p->token, *p->at++);
  }
}

static bool
is (const Parser *p, const char *sign)
{
  return !p->quoted && g_str_equal (p->token->str, sign);
}

static void
expect (Parser *p, const char *sign)
{
  if (!is (p, sign))
    g_error ("“%s” instead of “%s”", p->token->str, sign);
  next (p);
}

/* An ID; steps over it. */
static char *
take (Parser *p)
{
  char *id = g_strdup (p->token->str);

  g_assert_true (p->quoted || g_ascii_isalnum (id[0]) || id[0] == '_');
  next (p);
  return id;
}

/* [a=b, c=d]; returns the label. */
static char *
attributes (Parser *p)
{
  char *label = NULL;

  expect (p, "[");
  while (!is (p, "]")) {
    g_autofree char *name = take (p), *value = NULL;

    expect (p, "=");
    value = take (p);
    if (g_str_equal (name, "label"))
      label = g_steal_pointer (&value);
    if (!is (p, "]"))
      expect (p, ",");
  }
  next (p);
  return label;
}

static void
statements (Parser *p, int depth)
{
  expect (p, "{");
  while (!is (p, "}")) {
    g_autofree char *id = take (p), *other = NULL;

    g_assert_cmpint (depth, <, 50);
    if (g_str_equal (id, "subgraph")) {
      other = take (p);
      g_assert_true (g_str_has_prefix (other, "cluster_"));
      p->clusters++;
      statements (p, depth + 1);
      continue;
    }
    if (is (p, "->")) {
      g_autofree char *label = NULL;

      next (p);
      other = take (p);
      g_assert_true (g_hash_table_contains (p->nodes, id));
      g_assert_true (g_hash_table_contains (p->nodes, other));
      g_ptr_array_add (p->edges, g_strdup_printf ("%s %s", id, other));
      label = attributes (p);
      g_assert_nonnull (label);
    } else if (is (p, "[")) {
      char *label = attributes (p);

      if (!g_str_equal (id, "node") && !g_str_equal (id, "edge")) {
        g_assert_nonnull (label);
        g_assert_false (g_hash_table_contains (p->nodes, id));
        g_hash_table_insert (p->nodes, g_strdup (id), label);
      }
    } else {
      expect (p, "=");
      other = take (p);
      if (depth == 0 && g_str_equal (id, "label"))
        p->title = g_strdup (other);
    }
    expect (p, ";");
  }
  next (p);
}

static void
parse (Parser *p, const char *dot)
{
  g_assert_true (g_utf8_validate (dot, -1, NULL));
  *p = (Parser){ .at = dot,
                 .token = g_string_new (NULL),
                 .nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                 .edges = g_ptr_array_new_with_free_func (g_free) };
  next (p);
  expect (p, "digraph");
  g_free (take (p));
  statements (p, 0);
  g_assert_cmpstr (p->token->str, ==, "");
}

static void
parser_clear (Parser *p)
{
  g_string_free (p->token, TRUE);
  g_hash_table_unref (p->nodes);
  g_ptr_array_unref (p->edges);
  g_free (p->title);
}

static int
count_edges (const LwGraph *graph)
{
  int n = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    n += lw_graph_node (graph, id)->n_inputs;
  return n;
}

static void
test_dot (gconstpointer model)
{
  g_autoptr (LwGraph) graph = build (model);
  g_autofree char *dot = lw_graph_to_dot (graph, NULL);
  Parser p;

  parse (&p, dot);
  g_assert_cmpstr (p.title, ==, lw_graph_title (graph));
  g_assert_cmpint ((int)g_hash_table_size (p.nodes), ==, lw_graph_n_nodes (graph));
  g_assert_cmpint ((int)p.edges->len, ==, count_edges (graph));
  g_assert_cmpint (p.clusters, ==, lw_graph_n_blocks (graph) - 1);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);
    g_autofree char *name = g_strdup_printf ("n%d", id);
    g_autofree char *shape = lw_shape_to_string (node->shape);
    const char *label = g_hash_table_lookup (p.nodes, name);

    g_assert_nonnull (label);
    g_assert_true (g_str_has_prefix (label, node->title));
    g_assert_nonnull (strstr (label, shape));
    if (lw_node_cost (graph, id).parameters > 0) {
      g_autofree char *parameters = lw_format_exact (lw_node_cost (graph, id).parameters);

      g_assert_nonnull (strstr (label, parameters));
    }
  }
  parser_clear (&p);
}

/* All blocks closed: one node each, and the layers outside of them. */
static void
test_dot_closed (gconstpointer model)
{
  g_autoptr (LwGraph) graph = build (model);
  g_autofree bool *open = g_new0 (bool, lw_graph_n_blocks (graph));
  const LwDotOptions options = { .title = "", .open = open };
  g_autofree char *dot = lw_graph_to_dot (graph, &options);
  int expected = 0;
  Parser p;

  for (LwBlockId id = 1; id < lw_graph_n_blocks (graph); id++)
    expected += lw_graph_block (graph, id)->parent == LW_ROOT_BLOCK;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    expected += lw_graph_node (graph, id)->block == LW_ROOT_BLOCK;
  parse (&p, dot);
  g_assert_null (p.title);
  g_assert_cmpint (p.clusters, ==, 0);
  g_assert_cmpint ((int)g_hash_table_size (p.nodes), ==, expected);
  g_assert_cmpint ((int)p.edges->len, ==, expected - 1); /* a chain */
  parser_clear (&p);
}

static const char *
translated (const char *phrase)
{
  return g_str_equal (phrase, "%s parameters") ? "%s 参数" : "词";
}

static void
test_dot_words (void)
{
  g_autoptr (LwGraph) graph = build ("lenet");
  const LwDotOptions options = { .translate = translated };
  g_autofree char *english = lw_graph_to_dot (graph, NULL);
  g_autofree char *dot = lw_graph_to_dot (graph, &options);

  g_assert_nonnull (strstr (english, "156 parameters"));
  g_assert_nonnull (strstr (dot, "156 参数"));
  g_assert_nonnull (strstr (dot, "词 · 6×28×28"));
}

static const char *const hostile[] = { "\"; rm [x] -> y;", "a\\",      "</text><b>&amp;",
                                       "two\nlines\r\tx",  "残差网络", "\x01\x7f bell\xff",
                                       "\\\"\\N\\G" };

static void
test_hostile (void)
{
  g_autoptr (LwGraph) graph = build ("lenet");

  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
    const LwDotOptions options = { .title = hostile[i] };
    g_autofree char *dot = lw_graph_to_dot (graph, &options);
    g_autofree char *text = lw_graph_to_json (graph, hostile[i]);
    g_autofree char *valid = g_utf8_make_valid (hostile[i], -1);
    g_autofree char *line = g_strdup (valid);
    g_autoptr (JsonNode) json = json_from_string (text, NULL);
    Parser p;

    for (char *c = line; *c != '\0'; c++)
      if ((guchar)*c < 0x20 || *c == 0x7f)
        *c = ' ';
    parse (&p, dot);
    g_assert_cmpstr (p.title, ==, line);
    g_assert_cmpint ((int)g_hash_table_size (p.nodes), ==, lw_graph_n_nodes (graph));
    parser_clear (&p);
    g_assert_nonnull (json);
    g_assert_cmpstr (json_object_get_string_member (json_node_get_object (json), "title"), ==,
                     valid);
  }
}

/* Graphviz itself, where it is installed. */
static void
test_graphviz (void)
{
  g_autofree char *program = g_find_program_in_path ("dot");
  g_autoptr (LwGraph) graph = build ("resnet18");

  if (program == NULL) {
    g_test_skip ("Graphviz is not installed");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++) {
    const LwDotOptions options = { .title = hostile[i], .dark = i % 2 };
    g_autofree char *dot = lw_graph_to_dot (graph, &options);
    g_autofree char *folder = g_dir_make_tmp ("layerwise-dot-XXXXXX", NULL);
    g_autofree char *path = g_build_filename (folder, "graph.dot", NULL);
    const char *const argv[] = { program, "-Tsvg", path, NULL };
    g_autofree char *out = NULL, *err = NULL;
    g_autoptr (GError) error = NULL;
    int status;

    g_assert_true (g_file_set_contents (path, dot, -1, NULL));
    g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status,
                  &error);
    g_assert_no_error (error);
    g_assert_cmpint (status, ==, 0);
    g_assert_cmpstr (err, ==, "");
    g_assert_nonnull (strstr (out, "</svg>"));
    g_remove (path);
    g_remove (folder);
  }
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void
test_json (gconstpointer model)
{
  g_autoptr (LwGraph) graph = build (model);
  g_autofree char *text = lw_graph_to_json (graph, NULL);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *object;
  JsonArray *layers, *edges, *blocks;
  gint64 parameters = 0;

  g_assert_nonnull (node);
  object = json_node_get_object (node);
  layers = json_object_get_array_member (object, "layers");
  edges = json_object_get_array_member (object, "edges");
  blocks = json_object_get_array_member (object, "blocks");
  g_assert_cmpstr (json_object_get_string_member (object, "title"), ==, lw_graph_title (graph));
  g_assert_cmpint ((int)json_array_get_length (layers), ==, lw_graph_n_nodes (graph) - 1);
  g_assert_cmpint ((int)json_array_get_length (edges), ==, count_edges (graph));
  g_assert_cmpint ((int)json_array_get_length (blocks), ==, lw_graph_n_blocks (graph));
  g_assert_cmpint ((int)json_array_get_length (json_object_get_array_member (object, "tensors")),
                   ==, lw_graph_n_tensors (graph));
  g_hash_table_add (names, (char *)"input");
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    const gint64 block = json_object_get_int_member (layer, "block_index");

    parameters += json_object_get_int_member (layer, "parameters");
    g_assert_cmpstr (json_object_get_string_member (
                         json_array_get_object_element (blocks, (guint)block), "path"),
                     ==, json_object_get_string_member (layer, "block"));
    g_hash_table_add (names, (char *)json_object_get_string_member (layer, "name"));
  }
  g_assert_cmpint (parameters, ==, lw_graph_cost (graph).parameters);
  g_assert_cmpint (json_object_get_int_member (object, "parameters"), ==, parameters);
  for (guint i = 0; i < json_array_get_length (edges); i++) {
    JsonObject *edge = json_array_get_object_element (edges, i);

    g_assert_true (g_hash_table_contains (names, json_object_get_string_member (edge, "from")));
    g_assert_true (g_hash_table_contains (names, json_object_get_string_member (edge, "to")));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const char *name = lw_model (i)->name;
    g_autofree char *dot = g_strdup_printf ("/graph-text/dot/%s", name);
    g_autofree char *closed = g_strdup_printf ("/graph-text/dot-closed/%s", name);
    g_autofree char *json = g_strdup_printf ("/graph-text/json/%s", name);

    g_test_add_data_func (dot, name, test_dot);
    g_test_add_data_func (closed, name, test_dot_closed);
    g_test_add_data_func (json, name, test_json);
  }
  g_test_add_func ("/graph-text/dot-words", test_dot_words);
  g_test_add_func ("/graph-text/hostile", test_hostile);
  g_test_add_func ("/graph-text/graphviz", test_graphviz);
  return g_test_run ();
}
