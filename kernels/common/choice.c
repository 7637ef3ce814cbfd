#include "kernels/common/choice.h"

#include <string.h>

/* --- keys ------------------------------------------------------------------------------------- */

LwConvKey
lw_conv_key (const LwStep *step, LwDirection direction)
{
  const LwShape from = step->x_shape[0];
  const LwWindow window = step->node->window;

  return (LwConvKey){ .batch = step->batch,
                      .in = from.c,
                      .h = from.h,
                      .w = from.w,
                      .out = step->y_shape.c,
                      .kernel = window.kernel,
                      .stride = window.stride,
                      .padding = window.padding,
                      .direction = direction };
}

char *
lw_conv_key_name (const LwConvKey *key)
{
  static const char *const directions[] = { "forward", "data", "weights" };
  static const char *const before[] = { "", " + statistics", " + sum" };

  return g_strdup_printf ("n%d c%d h%d w%d o%d k%d s%d p%d %s%s", key->batch, key->in, key->h,
                          key->w, key->out, key->kernel, key->stride, key->padding,
                          directions[key->direction], before[key->before]);
}

/* FNV-1a over the numbers. */
static guint
hash_key (const void *data)
{
  const uint32_t *numbers = data;
  guint hash = 2166136261u;

  for (gsize i = 0; i < sizeof (LwConvKey) / sizeof *numbers; i++)
    hash = (hash ^ numbers[i]) * 16777619u;
  return hash;
}

static gboolean
equal_keys (const void *a, const void *b)
{
  return memcmp (a, b, sizeof (LwConvKey)) == 0;
}

GHashTable *
lw_conv_table_new (GDestroyNotify free_value)
{
  return g_hash_table_new_full (hash_key, equal_keys, g_free, free_value);
}

/* --- choices ---------------------------------------------------------------------------------- */

const void *
lw_conv_chosen (GHashTable *choices, const LwStep *step, LwDirection direction)
{
  const LwConvKey key = lw_conv_key (step, direction);

  return g_hash_table_lookup (choices, &key);
}

static LwConvKey
key_of (const LwConvChooser *chooser, const LwConvQuestion *question)
{
  LwConvKey key = lw_conv_key (&question->step, question->direction);

  if (chooser->before != NULL)
    key.before = chooser->before (chooser, &question->step, question->direction);
  return key;
}

/* Nothing where the device has no such algorithm. */
static void
keep (const LwConvChooser *chooser, const LwConvQuestion *question, const char *name)
{
  const LwConvKey key = key_of (chooser, question);
  const void *algorithm =
      name != NULL ? chooser->find (chooser, name, &question->step, question->direction) : NULL;

  if (algorithm != NULL)
    g_hash_table_insert (chooser->choices, g_memdup2 (&key, sizeof key), (void *)algorithm);
}

/* What a run did before; NULL: it does not say. */
static const char *
name_before (const LwDeviceOptions *options, const LwConvQuestion *question)
{
  for (int32_t i = 0; i < options->n_choices; i++)
    if (strcmp (options->choices[i].layer, question->step.node->name) == 0)
      return options->choices[i].names[question->direction];
  return NULL;
}

/* --- the walk --------------------------------------------------------------------------------- */

/* Every convolution and direction of the graph. */
static GArray *
questions_of (const LwGraph *graph, int32_t batch, bool training)
{
  GArray *questions = g_array_new (FALSE, FALSE, sizeof (LwConvQuestion));

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (node->op != LW_OP_CONV2D)
      continue;
    for (int d = 0; d < (training ? LW_N_DIRECTIONS : 1); d++) {
      const LwNode *from = lw_graph_node (graph, node->inputs[0]);
      const LwConvQuestion question = { .step = { .op = LW_OP_CONV2D,
                                                  .graph = graph,
                                                  .node = node,
                                                  .id = id,
                                                  .batch = batch,
                                                  .n = batch,
                                                  .training = training,
                                                  .n_x = 1,
                                                  .x_shape = { from->shape },
                                                  .y_shape = node->shape },
                                        .direction = (LwDirection)d };

      g_array_append_val (questions, question);
    }
  }
  return questions;
}

/* Nobody wants the images' own gradient. */
static bool
is_wanted (const LwConvQuestion *question)
{
  const LwStep *step = &question->step;

  return question->direction != LW_BACKWARD_DATA ||
         lw_graph_node (step->graph, step->node->inputs[0])->op != LW_OP_INPUT;
}

/* Answers what an earlier run or program knows; left are those that are to be measured. */
static void
answer_known (const LwConvChooser *chooser, GArray *questions, GHashTable *cached)
{
  g_autoptr (GHashTable) asked = lw_conv_table_new (NULL);
  guint left = 0;

  for (guint i = 0; i < questions->len; i++) {
    const LwConvQuestion *question = &g_array_index (questions, LwConvQuestion, i);
    const LwConvKey key = key_of (chooser, question);
    g_autofree char *name = lw_conv_key_name (&key);
    const char *known = name_before (chooser->options, question);

    if (!g_hash_table_add (asked, g_memdup2 (&key, sizeof key)))
      continue;
    if (known == NULL && cached != NULL)
      known = g_hash_table_lookup (cached, name);
    keep (chooser, question, known);
    if (is_wanted (question) && !g_hash_table_contains (chooser->choices, &key))
      g_array_index (questions, LwConvQuestion, left++) = *question;
  }
  g_array_set_size (questions, left);
}

static bool
measure (const LwConvChooser *chooser, GArray *questions, GHashTable *cached, GError **error)
{
  if (!chooser->time (chooser, (LwConvQuestion *)questions->data, (int32_t)questions->len, error))
    return false;
  for (guint i = 0; i < questions->len; i++) {
    const LwConvQuestion *question = &g_array_index (questions, LwConvQuestion, i);
    const LwConvKey key = key_of (chooser, question);

    keep (chooser, question, question->fastest);
    if (question->fastest != NULL)
      g_hash_table_insert (cached, lw_conv_key_name (&key), g_strdup (question->fastest));
  }
  return true;
}

bool
lw_conv_choose (const LwConvChooser *chooser, const LwGraph *graph, int32_t batch, bool training,
                GError **error)
{
  const bool timed = chooser->options->algorithms == LW_ALGORITHMS_TIMED;
  g_auto (GStrv) circumstances = timed ? chooser->circumstances (chooser) : NULL;
  g_autofree char *path = circumstances != NULL
                              ? lw_conv_cache_path (chooser->options->cache_folder, circumstances)
                              : NULL;
  g_autoptr (GHashTable) cached = timed ? lw_conv_cache_read (path, circumstances) : NULL;
  g_autoptr (GArray) questions = questions_of (graph, batch, training);

  answer_known (chooser, questions, cached);
  if (!timed || questions->len == 0)
    return true;
  if (!measure (chooser, questions, cached, error))
    return false;
  if (path != NULL)
    lw_conv_cache_write (path, circumstances, cached);
  return true;
}
