#include "engine/lesson_fill.h"

#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

typedef enum { EXACT, SHORT, SHARE, TIMES } Form;

/* What a placeholder asks for. */
typedef struct {
  const LwModel *model;
  const char *quantity;
  const char *layer; /* a node's name; NULL: all */
  LwKind kind;       /* LW_N_KINDS: all */
  Form form;
} Request;

static const struct {
  const char *word;
  LwKind kind;
} kinds[] = {
  { "convolution", LW_KIND_CONVOLUTION },
  { "linear", LW_KIND_LINEAR },
  { "normalization", LW_KIND_NORMALIZATION },
};

static const char *const counts[] = { "parameters", "macs", "flops", NULL };
static const char *const others[] = { "input", "classes", "rate", "epochs", "batch", NULL };

static bool
understand_form (Request *request, const char *word)
{
  if (g_str_equal (word, "short"))
    request->form = SHORT;
  else if (g_str_equal (word, "share"))
    request->form = SHARE;
  else if (g_str_equal (word, "times"))
    request->form = TIMES;
  else
    return false;
  return true;
}

static bool
understand (Request *request, const char *word)
{
  const LwModel *model;

  if (g_strv_contains (counts, word) || g_strv_contains (others, word)) {
    request->quantity = word;
    return true;
  }
  if (*word == '@') {
    request->layer = word + 1;
    return true;
  }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (word, kinds[i].word)) {
      request->kind = kinds[i].kind;
      return true;
    }
  if (understand_form (request, word))
    return true;
  model = lw_model_find (word, NULL);
  if (model == NULL)
    return false;
  request->model = model;
  return true;
}

static int64_t
count_of (LwCost cost, const char *quantity)
{
  if (g_str_equal (quantity, "parameters"))
    return cost.parameters;
  return g_str_equal (quantity, "macs") ? cost.macs : 2 * cost.macs;
}

/* The sum over the layers that are meant. Fails when there is none. */
static bool
sum (const Request *request, const LwGraph *graph, int64_t *ret_sum, GError **error)
{
  bool found = false;

  *ret_sum = 0;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if ((request->layer != NULL && !g_str_equal (request->layer, node->name)) ||
        (request->kind != LW_N_KINDS && request->kind != lw_op_info (node->op)->kind))
      continue;
    *ret_sum += count_of (lw_node_cost (graph, id), request->quantity);
    found = true;
  }
  if (!found)
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("%s has no such layer"),
                 request->model->name);
  return found;
}

static LwGraph *
book_graph (const LwModel *model, GError **error)
{
  g_autoptr (LwOptions) options = lw_options_new (model);

  return lw_model_build (options, error);
}

/* "96 %", "2.1 %", "0.05 %": as many digits as tell something. */
static char *
share_words (double share)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof digits,
                   share < 0.00095  ? "%.2f"
                   : share < 0.0995 ? "%.1f"
                                    : "%.0f",
                   100 * share);
  return g_strdup_printf ("%s\u00a0%%", digits);
}

/* "46.8 M" on one line. */
static char *
short_words (int64_t value)
{
  g_autofree char *words = lw_format_short ((double)value);
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);

  return g_strjoinv ("\u00a0", parts);
}

static char *
times_words (double ratio)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof digits, ratio < 9.95 ? "%.1f" : "%.0f", ratio);
  return g_strdup (digits);
}

static char *
fill_count (const Request *request, const LwModel *own, GError **error)
{
  g_autoptr (LwGraph) graph = book_graph (request->model, error);
  int64_t value, whole;

  if (graph == NULL || !sum (request, graph, &value, error))
    return NULL;
  switch (request->form) {
  case EXACT:
    return lw_format_exact (value);
  case SHORT:
    return short_words (value);
  case SHARE:
    whole = count_of (lw_graph_cost (graph), request->quantity);
    return share_words (whole > 0 ? (double)value / (double)whole : 0);
  case TIMES: {
    g_autoptr (LwGraph) mine = book_graph (own, error);

    if (mine == NULL)
      return NULL;
    whole = count_of (lw_graph_cost (mine), request->quantity);
    return times_words (whole > 0 ? (double)value / (double)whole : 0);
  }
  }
  return NULL;
}

static char *
fill_other (const Request *request)
{
  const LwModel *model = request->model;
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (g_str_equal (request->quantity, "input"))
    return lw_shape_to_string (model->input);
  if (g_str_equal (request->quantity, "classes"))
    return g_strdup_printf ("%d", model->classes);
  if (g_str_equal (request->quantity, "epochs"))
    return g_strdup_printf ("%d", model->recipe.epochs);
  if (g_str_equal (request->quantity, "batch"))
    return g_strdup_printf ("%d", model->recipe.batch_size);
  g_ascii_formatd (digits, sizeof digits, "%g", model->recipe.learning_rate);
  return g_strdup (digits);
}

char *
lw_lesson_fill (const char *words, const LwModel *model, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  Request request = { .model = model, .kind = LW_N_KINDS };

  for (char **word = parts; *word != NULL; word++)
    if (**word != '\0' && !understand (&request, *word)) {
      g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("{%s}: \"%s\" names nothing known"), words,
                   *word);
      return NULL;
    }
  if (request.quantity == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_FORMAT, _ ("{%s} names no quantity"), words);
    return NULL;
  }
  return g_strv_contains (counts, request.quantity) ? fill_count (&request, model, error)
                                                    : fill_other (&request);
}
