#include "ui/draw/diagram-search.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>
#include <string.h>

/* What can be found, in the order of the graph. */
typedef struct {
  LwDiagramSpot spot;
  char *words; /* in lines; NULL until the first search */
} Entry;

struct LwDiagramMatches {
  LwGraph *graph;
  GArray *entries;       /* Entry */
  int32_t *node_entry;   /* [n_nodes] */
  int32_t *block_entry;  /* [n_blocks]; −1: cannot be found */
  int32_t *block_end;    /* [n_blocks]: after its last inner block */
  GArray *found;         /* int32_t: entries that match */
  int32_t *nodes_before; /* [n_nodes + 1]: matches among the nodes before */
  int32_t *blocks_before;
  GStringChunk *strings; /* badges */
};

/* --- what can be found ------------------------------------------------------------------------ */

static void
add_entry (LwDiagramMatches *matches, LwNodeId node, LwBlockId block)
{
  const Entry entry = { { node, block }, NULL };

  if (block >= 0)
    matches->block_entry[block] = (int32_t)matches->entries->len;
  else
    matches->node_entry[node] = (int32_t)matches->entries->len;
  g_array_append_val (matches->entries, entry);
}

static void
clear_entry (gpointer entry)
{
  g_free (((Entry *)entry)->words);
}

LwDiagramMatches *
lw_diagram_matches_new (LwGraph *graph)
{
  LwDiagramMatches *matches = g_new0 (LwDiagramMatches, 1);
  const int32_t n_nodes = lw_graph_n_nodes (graph), n_blocks = lw_graph_n_blocks (graph);
  LwBlockId block = LW_ROOT_BLOCK + 1;

  matches->graph = lw_graph_ref (graph);
  matches->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (matches->entries, clear_entry);
  matches->found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  matches->node_entry = g_new (int32_t, n_nodes);
  matches->block_entry = g_new (int32_t, n_blocks);
  matches->block_end = g_new (int32_t, n_blocks);
  matches->nodes_before = g_new0 (int32_t, n_nodes + 1);
  matches->blocks_before = g_new0 (int32_t, n_blocks + 1);
  matches->strings = g_string_chunk_new (256);
  for (LwBlockId i = 0; i < n_blocks; i++) {
    matches->block_entry[i] = -1;
    matches->block_end[i] = i + 1;
  }
  for (LwBlockId i = n_blocks - 1; i > LW_ROOT_BLOCK; i--) { /* inner ones have larger numbers */
    const LwBlockId parent = lw_graph_block (graph, i)->parent;

    matches->block_end[parent] = MAX (matches->block_end[parent], matches->block_end[i]);
  }
  for (LwNodeId i = 0; i < n_nodes; i++) {
    for (; block < n_blocks && lw_graph_block (graph, block)->first <= i; block++)
      if (lw_diagram_block_folds (graph, block))
        add_entry (matches, LW_NO_NODE, block);
    add_entry (matches, i, -1);
  }
  return matches;
}

void
lw_diagram_matches_free (LwDiagramMatches *matches)
{
  if (matches == NULL)
    return;
  g_array_unref (matches->entries);
  g_array_unref (matches->found);
  g_free (matches->node_entry);
  g_free (matches->block_entry);
  g_free (matches->block_end);
  g_free (matches->nodes_before);
  g_free (matches->blocks_before);
  g_string_chunk_free (matches->strings);
  lw_graph_unref (matches->graph);
  g_free (matches);
}

/* --- their words ------------------------------------------------------------------------------ */

static const char *
skip_spaces (const char *p)
{
  while (*p == ' ')
    p++;
  return p;
}

#define TIMES        "×"
#define TIMES_LENGTH (sizeof TIMES - 1)

static bool
starts_times (const char *p)
{
  return memcmp (p, TIMES, 1) == 0 && g_str_has_prefix (p, TIMES);
}

/* Small letters, "x" for "×", and "3 × 3" closed up. */
static char *
normalize (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + 1);

  for (const char *p = text; *p != '\0';) {
    const bool after_digit = out->len > 0 && g_ascii_isdigit (out->str[out->len - 1]);
    const char *sign = skip_spaces (p);
    const gsize length = starts_times (sign) ? TIMES_LENGTH : *sign == 'x' || *sign == 'X';

    if (after_digit && length > 0 && g_ascii_isdigit (*skip_spaces (sign + length))) {
      g_string_append_c (out, 'x');
      p = skip_spaces (sign + length);
    } else if (starts_times (p)) {
      g_string_append_c (out, 'x');
      p += TIMES_LENGTH;
    } else if ((guchar)*p < 0x80) {
      g_string_append_c (out, g_ascii_tolower (*p++));
    } else {
      g_string_append_unichar (out, g_unichar_tolower (g_utf8_get_char (p)));
      p = g_utf8_next_char (p);
    }
  }
  return g_string_free (out, FALSE);
}

static const char *
kind_words (LwKind kind)
{
  switch (kind) {
  case LW_KIND_NORMALIZATION:
    return _ ("normalization");
  case LW_KIND_ACTIVATION:
    return _ ("activation");
  case LW_KIND_POOLING:
    return _ ("pooling");
  default:
    return "";
  }
}

static char *
layer_words (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwOpInfo *op = lw_op_info (node->op);
  g_autofree char *shape = lw_shape_to_string (node->shape);
  g_autofree char *window = lw_diagram_window_words (graph, id, true);
  GString *words = g_string_new (NULL);
  g_autofree char *all = NULL;

  g_string_append_printf (words, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s", node->name, node->title,
                          op->title, _ (op->title), op->label, lw_node_torch_type (graph, id),
                          kind_words (op->kind), shape);
  if (*window != '\0')
    g_string_append_printf (words, "\n%s", window);
  for (int32_t i = 0; i < node->n_tensors; i++)
    g_string_append_printf (words, "\n%s", lw_graph_tensor (graph, node->tensors[i])->name);
  all = g_string_free (words, FALSE);
  return normalize (all);
}

static const char *
words_of (LwDiagramMatches *matches, Entry *entry)
{
  g_autofree char *words = NULL;

  if (entry->words != NULL)
    return entry->words;
  if (entry->spot.block >= 0) {
    const LwBlock *block = lw_graph_block (matches->graph, entry->spot.block);

    words = g_strdup_printf ("%s\n%s", block->title, block->path);
    entry->words = normalize (words);
  } else {
    entry->words = layer_words (matches->graph, entry->spot.node);
  }
  return entry->words;
}

/* --- matching --------------------------------------------------------------------------------- */

/* "5x5" within "15x5" or "32x5x5": the number goes on beyond the match. */
static bool
goes_on (const char *words, const char *begin, const char *end, bool is_product)
{
  if (g_ascii_isdigit (*begin) && begin > words) {
    if (g_ascii_isdigit (begin[-1]))
      return true;
    if (is_product && begin[-1] == 'x' && begin - 1 > words && g_ascii_isdigit (begin[-2]))
      return true;
  }
  if (g_ascii_isdigit (end[-1])) {
    if (g_ascii_isdigit (*end))
      return true;
    if (is_product && *end == 'x' && g_ascii_isdigit (end[1]))
      return true;
  }
  return false;
}

static bool
has_product (const char *query)
{
  for (const char *p = query; *p != '\0'; p++)
    if (*p == 'x' && p > query && g_ascii_isdigit (p[-1]) && g_ascii_isdigit (p[1]))
      return true;
  return false;
}

static bool
contains (const char *words, const char *query, bool is_product)
{
  const gsize length = strlen (query);

  for (const char *p = words; (p = strstr (p, query)) != NULL; p++)
    if (!goes_on (words, p, p + length, is_product))
      return true;
  return false;
}

/* Only what GRegex says after the pattern and the place: "missing closing parenthesis". */
static void
say_why (GError **error, const GError *reason)
{
  const char *why = strrchr (reason->message, ':');

  g_set_error (error, reason->domain, reason->code,
               _ ("This is no regular expression yet: %s. Switch .* off to search for the text "
                  "itself."),
               why != NULL ? skip_spaces (why + 1) : reason->message);
}

static GRegex *
read_pattern (const char *query, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GString *pattern = g_string_new (query);
  GRegex *regex;

  g_string_replace (pattern, "×", "x", 0);
  regex = g_regex_new (pattern->str, G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_OPTIMIZE, 0,
                       &reason);
  g_string_free (pattern, TRUE);
  if (regex == NULL)
    say_why (error, reason);
  return regex;
}

static void
count_found (LwDiagramMatches *matches)
{
  const int32_t n_nodes = lw_graph_n_nodes (matches->graph);
  const int32_t n_blocks = lw_graph_n_blocks (matches->graph);

  memset (matches->nodes_before, 0, sizeof (int32_t) * (gsize)(n_nodes + 1));
  memset (matches->blocks_before, 0, sizeof (int32_t) * (gsize)(n_blocks + 1));
  for (guint i = 0; i < matches->found->len; i++) {
    const LwDiagramSpot spot = lw_diagram_matches_spot (matches, (int32_t)i);

    if (spot.block >= 0)
      matches->blocks_before[spot.block + 1] = 1;
    else
      matches->nodes_before[spot.node + 1] = 1;
  }
  for (int32_t i = 0; i < n_nodes; i++)
    matches->nodes_before[i + 1] += matches->nodes_before[i];
  for (int32_t i = 0; i < n_blocks; i++)
    matches->blocks_before[i + 1] += matches->blocks_before[i];
}

bool
lw_diagram_matches_find (LwDiagramMatches *matches, const char *query, bool regex, GError **error)
{
  g_autofree char *plain = normalize (query);
  const bool is_product = has_product (plain);
  g_autoptr (GRegex) pattern = NULL;
  g_autoptr (GError) reason = NULL;

  g_array_set_size (matches->found, 0);
  g_strstrip (plain);
  if (regex && *query != '\0' && (pattern = read_pattern (query, error)) == NULL) {
    count_found (matches);
    return false;
  }
  for (guint i = 0; (pattern != NULL || *plain != '\0') && i < matches->entries->len; i++) {
    const char *words = words_of (matches, &g_array_index (matches->entries, Entry, i));
    const int32_t number = (int32_t)i;
    const bool fits = pattern != NULL ? g_regex_match_full (pattern, words, -1, 0, 0, NULL, &reason)
                                      : contains (words, plain, is_product);

    if (reason != NULL)
      break;
    if (fits)
      g_array_append_val (matches->found, number);
  }
  if (reason != NULL) {
    g_array_set_size (matches->found, 0);
    g_set_error (error, reason->domain, reason->code,
                 _ ("This regular expression takes too long; nest fewer + and *."));
  }
  count_found (matches);
  return reason == NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

int32_t
lw_diagram_matches_n (const LwDiagramMatches *matches)
{
  return (int32_t)matches->found->len;
}

bool
lw_diagram_matches_with_blocks (const LwDiagramMatches *matches)
{
  return matches->blocks_before[lw_graph_n_blocks (matches->graph)] > 0;
}

LwDiagramSpot
lw_diagram_matches_spot (const LwDiagramMatches *matches, int32_t index)
{
  if (index < 0 || (guint)index >= matches->found->len)
    return LW_NO_SPOT;
  return g_array_index (matches->entries, Entry, g_array_index (matches->found, int32_t, index))
      .spot;
}

static int32_t
entry_of (const LwDiagramMatches *matches, LwDiagramSpot spot)
{
  if (spot.block >= 0)
    return spot.block < lw_graph_n_blocks (matches->graph) ? matches->block_entry[spot.block] : -1;
  return spot.node >= 0 && spot.node < lw_graph_n_nodes (matches->graph)
             ? matches->node_entry[spot.node]
             : -1;
}

/* The first match that is not before an entry. */
static int32_t
first_from (const LwDiagramMatches *matches, int32_t entry)
{
  int32_t low = 0, high = (int32_t)matches->found->len;

  while (low < high) {
    const int32_t middle = low + (high - low) / 2;

    if (g_array_index (matches->found, int32_t, middle) < entry)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

int32_t
lw_diagram_matches_index (const LwDiagramMatches *matches, LwDiagramSpot spot)
{
  const int32_t entry = entry_of (matches, spot), index = first_from (matches, entry);

  return entry >= 0 && (guint)index < matches->found->len &&
                 g_array_index (matches->found, int32_t, index) == entry
             ? index
             : -1;
}

int32_t
lw_diagram_matches_beside (const LwDiagramMatches *matches, LwDiagramSpot from, int direction)
{
  const int32_t n = (int32_t)matches->found->len, entry = entry_of (matches, from);

  if (n == 0)
    return -1;
  if (direction > 0)
    return first_from (matches, entry + 1) % n;
  return (first_from (matches, entry < 0 ? G_MAXINT32 : entry) + n - 1) % n;
}

int32_t
lw_diagram_matches_inside (const LwDiagramMatches *matches, LwBlockId first, LwBlockId last)
{
  const int32_t n_blocks = lw_graph_n_blocks (matches->graph);

  if (first < 0 || last < first || last >= n_blocks)
    return 0;
  return matches->nodes_before[lw_graph_block (matches->graph, last)->last + 1] -
         matches->nodes_before[lw_graph_block (matches->graph, first)->first] +
         matches->blocks_before[matches->block_end[last]] - matches->blocks_before[first + 1];
}

const char *
lw_diagram_matches_badge (LwDiagramMatches *matches, LwBlockId first, LwBlockId last)
{
  const int32_t n = lw_diagram_matches_inside (matches, first, last);
  g_autofree char *words = NULL;

  if (n == 0)
    return NULL;
  words = g_strdup_printf ("%d", n);
  return g_string_chunk_insert_const (matches->strings, words);
}
