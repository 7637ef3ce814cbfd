#include "engine/observe.h"
#include "engine/trainer_private.h"

#include <math.h>
#include <string.h>

/* Serving all watches takes at most 1 / (1 + REST_FACTOR) of the time, but for what was never shown
 * before: a large network on a slow device must not stop learning because somebody looks at it. */
#define REST_FACTOR 14

struct LwWatchedMoment {
  LwNodeId *nodes;
  LwTensorPart *parts;
  int32_t n_nodes, n_parts;
};

/* --- from any thread -------------------------------------------------------------------------- */

static void
free_moment (struct LwWatchedMoment *moment)
{
  if (moment == NULL)
    return;
  g_free (moment->nodes);
  g_free (moment->parts);
  g_free (moment);
}

/* `image` NULL: of the gradients. Takes ownership of `moment`. */
static LwProbe *
add_watch (LwTrainer *trainer, LwNodeId node, int64_t size, const float *image, int32_t interval_ms,
           struct LwWatchedMoment *moment)
{
  const gsize pixels = (gsize)lw_shape_size (lw_graph_input_shape (trainer->graph));
  LwProbe *probe = lw_probe_new (size);
  LwWatch *watch;

  if (probe == NULL) {
    free_moment (moment);
    return NULL;
  }
  watch = g_new (LwWatch, 1);
  *watch = (LwWatch){ .probe = lw_probe_ref (probe),
                      .node = node,
                      .gradients = image == NULL,
                      .moment = moment,
                      .image = g_memdup2 (image, sizeof *image * pixels),
                      .interval_us = (gint64)MAX (interval_ms, 0) * 1000,
                      .served_step = -1 };
  pthread_mutex_lock (&trainer->lock);
  watch->next = trainer->watches;
  trainer->watches = watch;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
  return probe;
}

LwProbe *
lw_trainer_watch_activation (LwTrainer *trainer, LwNodeId node, const float *image,
                             int32_t interval_ms)
{
  g_return_val_if_fail (node >= 0 && node < lw_graph_n_nodes (trainer->graph), NULL);
  return add_watch (trainer, node, lw_shape_size (lw_graph_node (trainer->graph, node)->shape),
                    image, interval_ms, NULL);
}

LwProbe *
lw_trainer_watch_prediction (LwTrainer *trainer, const float *image, int32_t interval_ms)
{
  return add_watch (trainer, LW_NO_NODE, lw_graph_classes (trainer->graph), image, interval_ms,
                    NULL);
}

LwProbe *
lw_trainer_watch_moment (LwTrainer *trainer, const LwNodeId *nodes, int32_t n_nodes,
                         const LwTensorPart *parts, int32_t n_parts, const float *image,
                         int32_t interval_ms)
{
  struct LwWatchedMoment *moment = g_new (struct LwWatchedMoment, 1);
  int64_t size = lw_graph_classes (trainer->graph);

  *moment = (struct LwWatchedMoment){ g_memdup2 (nodes, sizeof *nodes * (gsize)n_nodes),
                                      g_memdup2 (parts, sizeof *parts * (gsize)n_parts), n_nodes,
                                      n_parts };
  for (int32_t i = 0; i < n_nodes; i++)
    size += lw_shape_size (lw_graph_node (trainer->graph, nodes[i])->shape);
  for (int32_t i = 0; i < n_parts; i++)
    size += lw_tensor_part_size (trainer->graph, parts[i]);
  return add_watch (trainer, LW_NO_NODE, size, image, interval_ms, moment);
}

LwProbe *
lw_trainer_watch_gradients (LwTrainer *trainer, int32_t interval_ms)
{
  return add_watch (trainer, LW_NO_NODE, lw_graph_n_nodes (trainer->graph), NULL, interval_ms,
                    NULL);
}

void
lw_trainer_unwatch (LwTrainer *trainer, LwProbe *probe)
{
  pthread_mutex_lock (&trainer->lock);
  for (LwWatch *watch = trainer->watches; watch != NULL; watch = watch->next)
    if (watch->probe == probe)
      watch->dead = true;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
}

static void
free_watch (LwWatch *watch)
{
  lw_probe_unref (watch->probe);
  free_moment (watch->moment);
  g_free (watch->image);
  g_free (watch);
}

void
lw_trainer_free_watches (LwTrainer *trainer)
{
  while (trainer->watches != NULL) {
    LwWatch *watch = trainer->watches;

    trainer->watches = watch->next;
    free_watch (watch);
  }
}

void
lw_trainer_visit (LwTrainer *trainer, LwTrainerVisit see, void *data)
{
  LwVisit *visit = g_new (LwVisit, 1);

  pthread_mutex_lock (&trainer->lock);
  *visit = (LwVisit){ trainer->visits, see, data };
  trainer->visits = visit;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
}

/* Serves those that wait; without a session they are told so. */
static void
serve_visits (LwTrainer *trainer, LwSession *session)
{
  LwVisit *visit;

  pthread_mutex_lock (&trainer->lock);
  visit = trainer->visits;
  trainer->visits = NULL;
  pthread_mutex_unlock (&trainer->lock);
  while (visit != NULL) {
    LwVisit *next = visit->next;

    visit->see (session, trainer->position.step, visit->data);
    g_free (visit);
    visit = next;
  }
}

void
lw_trainer_drop_visits (LwTrainer *trainer)
{
  serve_visits (trainer, NULL);
}

/* There are no gradients before the first step. */
static bool
can_serve (const LwTrainer *trainer, const LwWatch *watch, int64_t step)
{
  return watch->served_step != step && (!watch->gradients || trainer->has_gradients);
}

bool
lw_trainer_has_unserved (const LwTrainer *trainer)
{
  if (trainer->visits != NULL)
    return true;
  for (const LwWatch *watch = trainer->watches; watch != NULL; watch = watch->next)
    if (watch->dead || can_serve (trainer, watch, trainer->position.step))
      return true;
  return false;
}

/* --- on the trainer's thread ------------------------------------------------------------------ */

typedef struct {
  LwNodeId node;
  float *values;
} LwWanted;

static bool
download_wanted (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const LwWanted *wanted = data;

  return backward || step->id != wanted->node ||
         lw_session_download (session, step, 1, wanted->values, error);
}

typedef struct {
  const LwGraph *graph;
  const struct LwWatchedMoment *moment;
  float *values;
  bool *seen; /* [nodes of the moment] */
} LwWantedMoment;

static bool
download_moment (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  LwWantedMoment *wanted = data;
  float *at = wanted->values;

  for (int32_t i = 0; i < wanted->moment->n_nodes && !backward; i++) {
    const LwNodeId node = wanted->moment->nodes[i];

    if (step->node != NULL && step->id == node) {
      if (!lw_session_download (session, step, 1, at, error))
        return false;
      wanted->seen[i] = true;
    }
    at += lw_shape_size (lw_graph_node (wanted->graph, node)->shape);
  }
  return true;
}

/* Zeros where there is no memory for a copy of the largest tensor. */
static bool
sum_gradients (LwTrainer *trainer, float *sums, GError **error)
{
  const LwGraph *graph = trainer->graph;
  int64_t largest = 0;
  g_autofree float *values = NULL;

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++)
    largest = MAX (largest, lw_graph_tensor (graph, i)->size);
  memset (sums, 0, sizeof *sums * (gsize)lw_graph_n_nodes (graph));
  values = g_try_new (float, largest);
  if (values == NULL)
    return true; /* no reason to end a training */
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    double sum = 0;

    if (!tensor->trainable)
      continue;
    if (!lw_session_get_gradient (trainer->session, i, values, error))
      return false;
    for (int64_t k = 0; k < tensor->size; k++)
      sum += (double)values[k] * (double)values[k];
    sums[tensor->node] += (float)sum;
  }
  return true;
}

static bool
take_moment (LwTrainer *trainer, const LwWatch *watch, const LwBatch *batch, float *values,
             GError **error)
{
  const struct LwWatchedMoment *moment = watch->moment;
  g_autofree bool *seen = g_new0 (bool, moment->n_nodes + 1);
  LwWantedMoment wanted = { trainer->graph, moment, values, seen };
  float *at = values;

  for (int32_t i = 0; i < moment->n_nodes; i++)
    at += lw_shape_size (lw_graph_node (trainer->graph, moment->nodes[i])->shape);
  for (int32_t i = 0; i < moment->n_parts; i++) {
    if (!lw_session_get_part (trainer->session, moment->parts[i], at, error))
      return false;
    at += lw_tensor_part_size (trainer->graph, moment->parts[i]);
  }
  if (!lw_session_infer (trainer->session, batch, download_moment, &wanted, at, NULL, error))
    return false;
  at = values;
  for (int32_t i = 0; i < moment->n_nodes; i++) {
    const int64_t size = lw_shape_size (lw_graph_node (trainer->graph, moment->nodes[i])->shape);

    if (!seen[i] && lw_graph_node (trainer->graph, moment->nodes[i])->op == LW_OP_INPUT)
      memcpy (at, watch->image, sizeof *at * (gsize)size);
    at += size;
  }
  return true;
}

/* All but what publish does. */
static bool
fill (LwTrainer *trainer, const LwWatch *watch, float *values, GError **error)
{
  const LwBatch batch = { .images = watch->image, .n = 1 };
  LwWanted wanted = { watch->node, values };

  if (watch->moment != NULL)
    return take_moment (trainer, watch, &batch, values, error);
  if (watch->gradients)
    return sum_gradients (trainer, values, error);
  return watch->node == LW_NO_NODE
             ? lw_session_infer (trainer->session, &batch, NULL, NULL, values, NULL, error)
             : lw_session_infer (trainer->session, &batch, download_wanted, &wanted, NULL, NULL,
                                 error);
}

/* Scores become probabilities. `took`: of the trainer's time. */
static void
publish (LwTrainer *trainer, LwWatch *watch, LwProbeFrame *frame, int64_t step, gint64 took)
{
  const gint64 now = g_get_monotonic_time ();
  const int32_t classes = lw_graph_classes (trainer->graph);

  if (!watch->gradients && watch->node == LW_NO_NODE)
    lw_softmax (frame->values + frame->size - classes, classes);
  frame->step = step;
  lw_probe_publish (watch->probe);
  watch->due_us = now + watch->interval_us;
  trainer->serve_from_us = now + REST_FACTOR * took;
}

static bool
serve (LwTrainer *trainer, LwWatch *watch, GError **error)
{
  LwProbeFrame *frame = lw_probe_begin (watch->probe);
  const gint64 begin = g_get_monotonic_time ();

  if (!fill (trainer, watch, frame->values, error))
    return false;
  publish (trainer, watch, frame, trainer->position.step, g_get_monotonic_time () - begin);
  return true;
}

/* Takes dead watches out of the list and frees them. */
static void
sweep (LwTrainer *trainer)
{
  for (LwWatch **at = &trainer->watches; *at != NULL;) {
    LwWatch *watch = *at;

    if (!watch->dead) {
      at = &watch->next;
      continue;
    }
    *at = watch->next;
    free_watch (watch);
  }
}

static bool
is_due (const LwTrainer *trainer, const LwWatch *watch, gint64 now)
{
  return now >= watch->due_us && (watch->due_us == 0 || now >= trainer->serve_from_us);
}

/* Whether it can be looked at without waiting, while another step runs. */
static bool
is_for_later (const LwTrainer *trainer, const LwWatch *watch)
{
  return !watch->gradients && lw_session_looks_later (trainer->session);
}

bool
lw_trainer_is_watched (const LwTrainer *trainer)
{
  const gint64 now = trainer->watches != NULL ? g_get_monotonic_time () : 0;

  for (const LwWatch *watch = trainer->watches; watch != NULL; watch = watch->next)
    if (!watch->dead && !is_for_later (trainer, watch) && is_due (trainer, watch, now))
      return true;
  return trainer->visits != NULL;
}

/* The watch that waits longest of those that are wanted now. Only this thread takes watches out, so
 * one that was found stays valid without the lock. */
static LwWatch *
find_due (LwTrainer *trainer, bool at_rest, int64_t step, bool later)
{
  LwWatch *found = NULL;
  gint64 now;

  pthread_mutex_lock (&trainer->lock);
  sweep (trainer);
  if (trainer->watches != NULL) {
    now = g_get_monotonic_time ();
    for (LwWatch *watch = trainer->watches; watch != NULL; watch = watch->next)
      if (can_serve (trainer, watch, step) && (!later || is_for_later (trainer, watch)) &&
          (at_rest || is_due (trainer, watch, now)) &&
          (found == NULL || watch->due_us < found->due_us))
        found = watch;
    if (found != NULL)
      found->served_step = step;
  }
  pthread_mutex_unlock (&trainer->lock);
  return found;
}

bool
lw_trainer_serve_watches (LwTrainer *trainer, bool at_rest, GError **error)
{
  LwWatch *watch;

  serve_visits (trainer, trainer->session);
  while ((watch = find_due (trainer, at_rest, trainer->position.step, false)) != NULL)
    if (!serve (trainer, watch, error))
      return false;
  return true;
}

bool
lw_trainer_ask (LwTrainer *trainer, GError **error)
{
  LwWatch *watch = find_due (trainer, false, trainer->begun.number, true);
  const gint64 begin = g_get_monotonic_time ();
  bool done;

  if (watch == NULL)
    return true;
  if (!lw_session_begin_look (trainer->session, error))
    return false;
  trainer->asked_frame = lw_probe_begin (watch->probe);
  done = fill (trainer, watch, trainer->asked_frame->values, error);
  if (!lw_session_end_look (trainer->session, done ? error : NULL) || !done)
    return false;
  trainer->asked = watch;
  trainer->asked_us = g_get_monotonic_time () - begin;
  return true;
}

bool
lw_trainer_answer (LwTrainer *trainer, int64_t step, GError **error)
{
  LwWatch *watch = trainer->asked;
  const gint64 begin = g_get_monotonic_time ();

  trainer->asked = NULL;
  if (watch == NULL)
    return true;
  if (!lw_session_finish_look (trainer->session, error))
    return false;
  publish (trainer, watch, trainer->asked_frame, step,
           trainer->asked_us + g_get_monotonic_time () - begin);
  return true;
}
