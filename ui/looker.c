#include "ui/looker.h"

#include "engine/priority.h"

#include <string.h>

#define CACHE_BYTES (160 * 1024 * 1024)
#define CACHE_LOOKS 96

/* A question with copies of its own, and what it asks about: a look, or a search. */
typedef struct {
  char *weights;
  uint64_t seed;
  guint picture;
  float *input;
  LwNodeId layer;
  int32_t row;
  LwObservation *known; /* of the same picture and weights, for another layer; or NULL */

  LwDataset *dataset; /* of a search; NULL: a look */
  LwSplit split;
  int32_t index, only;
  int by;
} Question;

struct _LwLooker {
  GObject parent;
  LwGraph *graph;
  const LwBackend *backend;
  LwOnnxNetwork *network; /* whose weights are meant; NULL: those of the question */
  LwObserver *observer;   /* of the thread that works */
  bool filled;            /* with the network's weights */
  GQueue answers;         /* LwLook, newest first */
  LwLook *last;           /* one of them */
  Question *waiting;      /* NULL: nothing waits */
  GCancellable *working;
  bool searching; /* what works is a search */
  bool answered;  /* the last look: `last` is the answer, whatever is still worked on */
  char *problem;
};

G_DEFINE_FINAL_TYPE (LwLooker, lw_looker, G_TYPE_OBJECT)

enum { LOOKED, SEARCHED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void work (LwLooker *self, Question *question);

static void
question_free (gpointer data)
{
  Question *question = data;

  if (question == NULL)
    return;
  g_free (question->weights);
  g_free (question->input);
  lw_observation_free (question->known);
  if (question->dataset != NULL)
    lw_dataset_unref (question->dataset);
  g_free (question);
}

static void
answer_free (gpointer data)
{
  LwLook *answer = data;

  if (answer == NULL)
    return;
  lw_observation_free (answer->observation);
  for (int i = 0; i < LW_MAX_TENSORS; i++)
    g_free (answer->tensors[i]);
  g_free (answer->weights);
  g_free (answer);
}

/* --- what is known
 * --------------------------------------------------------------------------------
 */

static bool
same_weights (const LwLook *answer, const LwLookWanted *wanted)
{
  return g_strcmp0 (answer->weights, wanted->weights) == 0 &&
         (wanted->weights != NULL || answer->seed == wanted->seed);
}

/* `layer` LW_NO_NODE: of any layer. */
static GList *
find_answer (LwLooker *self, const LwLookWanted *wanted, LwNodeId layer)
{
  for (GList *at = self->answers.head; at != NULL; at = at->next) {
    const LwLook *answer = at->data;

    if (answer->picture == wanted->picture && same_weights (answer, wanted) &&
        (layer == LW_NO_NODE || (answer->layer == layer && answer->row == wanted->row)))
      return at;
  }
  return NULL;
}

/* Of memory, nearly: the tensors of one linear layer can be larger than all values. */
static int64_t
bytes_of (const LwLooker *self, const LwLook *look)
{
  int64_t bytes = lw_observation_bytes (look->observation);

  for (int role = 0; role < LW_MAX_TENSORS; role++)
    bytes += lw_tensor_part_size (self->graph, look->parts[role]) * (int64_t)sizeof (float);
  return bytes;
}

static void
keep_answer (LwLooker *self, LwLook *answer)
{
  int64_t bytes = 0;
  guint n = 0;

  if (self->answered) { /* `last` is the first and stays */
    g_queue_push_nth (&self->answers, answer, 1);
  } else {
    g_queue_push_head (&self->answers, answer);
    self->last = answer;
  }
  for (GList *at = self->answers.head; at != NULL;) {
    LwLook *one = at->data;
    GList *next = at->next;

    bytes += bytes_of (self, one);
    if (n++ > 0 && (bytes > CACHE_BYTES || n > CACHE_LOOKS)) {
      g_queue_delete_link (&self->answers, at);
      answer_free (one);
    }
    at = next;
  }
}

/* --- on the thread
 * --------------------------------------------------------------------------------
 */

static bool
read_tensors (LwLooker *self, LwLook *look, GError **error)
{
  lw_layer_parts (self->graph, look->layer, look->row, look->parts);
  for (int role = 0; role < LW_MAX_TENSORS; role++) {
    const LwTensorPart part = look->parts[role];

    if (part.tensor < 0)
      continue;
    look->tensors[role] = g_try_new (float, lw_tensor_part_size (self->graph, part));
    if (look->tensors[role] != NULL &&
        !lw_observer_part (self->observer, part, look->tensors[role], error))
      return false;
  }
  return true;
}

static bool
put_network (LwSession *session, gconstpointer network, GError **error)
{
  return lw_onnx_load (network, session, error);
}

static bool
ready (LwLooker *self, const Question *question, GError **error)
{
  if (self->observer == NULL)
    self->observer = lw_observer_new (self->graph, self->backend, error);
  if (self->observer != NULL && self->network != NULL) {
    self->filled =
        self->filled || lw_observer_fill (self->observer, put_network, self->network, error);
    return self->filled;
  }
  return self->observer != NULL &&
         lw_observer_load (self->observer, question->weights, question->seed, error);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwLooker *self = LW_LOOKER (source);
  Question *question = data;
  LwLook *answer = g_new0 (LwLook, 1);
  GError *error = NULL;

  (void)cancellable;
  lw_thread_give_way ();
  answer->layer = question->layer;
  answer->row = question->row;
  answer->weights = g_strdup (question->weights);
  answer->seed = question->seed;
  answer->picture = question->picture;
  if (ready (self, question, &error)) {
    answer->observation = question->known != NULL
                              ? lw_observation_ref (question->known)
                              : lw_observer_look (self->observer, question->input, &error);
    if (answer->observation != NULL && read_tensors (self, answer, &error)) {
      g_task_return_pointer (task, answer, answer_free);
      return;
    }
  }
  answer_free (answer);
  g_task_return_error (task, error);
}

static void
search_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwLooker *self = LW_LOOKER (source);
  const Question *question = data;
  LwDataset *dataset = question->dataset;
  const LwShape input = lw_graph_input_shape (self->graph);
  const int32_t n = lw_dataset_size (dataset, question->split);
  g_autofree float *image = g_new (float, lw_shape_size (input));
  GError *error = NULL;
  int32_t found = -1;

  lw_thread_give_way ();
  if (!ready (self, question, &error)) {
    g_task_return_error (task, error);
    return;
  }
  for (int32_t i = 1; i <= n && found < 0 && !g_cancellable_is_cancelled (cancellable); i++) {
    const int32_t index = (int32_t)((question->index + (int64_t)question->by * i + (int64_t)n) % n);
    const int32_t label = lw_dataset_label (dataset, question->split, index);
    int32_t guess;

    if (question->only >= 0 && label != question->only)
      continue;
    lw_resize (lw_dataset_image (dataset, question->split, index), input.c,
               lw_dataset_height (dataset), lw_dataset_width (dataset), image, input.h, input.w);
    guess = lw_observer_classify (self->observer, image, &error);
    if (guess < 0) {
      g_task_return_error (task, error);
      return;
    }
    if (guess != label)
      found = index;
  }
  g_task_return_int (task, found);
}

/* --- on the main thread
 * ---------------------------------------------------------------------------
 */

static void
set_problem (LwLooker *self, const char *problem)
{
  g_free (self->problem);
  self->problem = g_strdup (problem);
}

static void
go_on (LwLooker *self)
{
  g_clear_object (&self->working);
  self->searching = false;
  if (self->waiting != NULL)
    work (self, g_steal_pointer (&self->waiting));
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  LwLooker *self = LW_LOOKER (source);
  g_autoptr (GError) error = NULL;
  LwLook *answer = g_task_propagate_pointer (G_TASK (result), &error);
  const bool answered = self->answered;
  const bool newest = self->waiting == NULL || self->waiting->dataset != NULL;

  (void)data;
  if (answer != NULL)
    keep_answer (self, answer); /* also when it comes too late: it may be asked for again */
  if (!answered)
    set_problem (self, answer == NULL && newest ? error->message : NULL);
  go_on (self);
  if (!answered &&
      (newest || answer != NULL)) /* on the way there: what is seen moves while it is dragged */
    g_signal_emit (self, signals[LOOKED], 0);
}

static void
searched (GObject *source, GAsyncResult *result, gpointer data)
{
  LwLooker *self = LW_LOOKER (source);
  g_autoptr (GError) error = NULL;
  int found = (int)g_task_propagate_int (G_TASK (result), &error);

  (void)data;
  if (g_cancellable_is_cancelled (self->working))
    found = LW_SEARCH_GIVEN_UP;
  else if (error != NULL) {
    found = LW_SEARCH_GIVEN_UP;
    set_problem (self, error->message);
  }
  go_on (self);
  g_signal_emit (self, signals[SEARCHED], 0, found);
}

static void
work (LwLooker *self, Question *question)
{
  const bool search = question->dataset != NULL;
  g_autoptr (GTask) task = NULL;

  self->working = g_cancellable_new ();
  self->searching = search;
  task = g_task_new (self, self->working, search ? searched : looked, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, search ? search_thread : look_thread);
}

/* Takes the place of whatever was asked before; NULL: nothing more is to be done. */
static void
put (LwLooker *self, Question *question)
{
  const bool gives_up = self->waiting != NULL && self->waiting->dataset != NULL;

  if (self->searching)
    g_cancellable_cancel (self->working);
  g_clear_pointer (&self->waiting, question_free);
  set_problem (self, NULL);
  if (question != NULL && self->working == NULL)
    work (self, question);
  else
    self->waiting = question;
  if (gives_up) /* last, since who hears it may ask again */
    g_signal_emit (self, signals[SEARCHED], 0, LW_SEARCH_GIVEN_UP);
}

static Question *
question_of (LwLooker *self, const LwLookWanted *wanted)
{
  const gsize pixels = (gsize)lw_shape_size (lw_graph_input_shape (self->graph));
  GList *near = find_answer (self, wanted, LW_NO_NODE);
  Question *question = g_new0 (Question, 1);

  question->weights = g_strdup (wanted->weights);
  question->seed = wanted->seed;
  question->picture = wanted->picture;
  question->input = g_memdup2 (wanted->input, sizeof (float) * pixels);
  question->layer = wanted->layer;
  question->row = wanted->row;
  if (near != NULL)
    question->known = lw_observation_ref (((LwLook *)near->data)->observation);
  return question;
}

const LwLook *
lw_looker_ask (LwLooker *self, const LwLookWanted *wanted)
{
  GList *at = find_answer (self, wanted, wanted->layer);

  if (at == NULL) {
    self->answered = false;
    put (self, question_of (self, wanted));
    return NULL;
  }
  g_queue_unlink (&self->answers, at);
  g_queue_push_head_link (&self->answers, at);
  self->last = at->data;
  self->answered = true;
  put (self, NULL);
  return self->last;
}

const LwLook *
lw_looker_last (LwLooker *self)
{
  return self->last;
}

bool
lw_looker_is_busy (LwLooker *self)
{
  return !self->answered && (self->waiting != NULL || (self->working != NULL && !self->searching));
}

bool
lw_looker_is_searching (LwLooker *self)
{
  return self->waiting != NULL ? self->waiting->dataset != NULL
                               : self->searching && !g_cancellable_is_cancelled (self->working);
}

void
lw_looker_stop (LwLooker *self)
{
  put (self, NULL);
}

const char *
lw_looker_problem (LwLooker *self)
{
  return self->problem;
}

void
lw_looker_search (LwLooker *self, const LwLookWanted *wanted, LwDataset *dataset, LwSplit split,
                  int32_t index, int by, int32_t only)
{
  Question *question = question_of (self, wanted);

  question->dataset = lw_dataset_ref (dataset);
  question->split = split;
  question->index = index;
  question->by = by < 0 ? -1 : 1;
  question->only = only;
  put (self, question);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_looker_finalize (GObject *object)
{
  LwLooker *self = LW_LOOKER (object);

  g_queue_clear_full (&self->answers, answer_free);
  g_clear_pointer (&self->waiting, question_free);
  g_clear_object (&self->working);
  lw_observer_free (self->observer);
  lw_graph_unref (self->graph);
  lw_onnx_free (self->network);
  g_free (self->problem);
  G_OBJECT_CLASS (lw_looker_parent_class)->finalize (object);
}

static void
lw_looker_class_init (LwLookerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_looker_finalize;
  signals[LOOKED] = g_signal_new ("looked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[SEARCHED] = g_signal_new ("searched", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_looker_init (LwLooker *self)
{
  g_queue_init (&self->answers);
}

LwLooker *
lw_looker_new (LwGraph *graph, const LwBackend *backend)
{
  LwLooker *self = g_object_new (LW_TYPE_LOOKER, NULL);

  self->graph = lw_graph_ref (graph);
  self->backend = backend;
  return self;
}

LwLooker *
lw_looker_new_onnx (LwGraph *graph, const LwBackend *backend, LwOnnxNetwork *network)
{
  LwLooker *self = lw_looker_new (graph, backend);

  self->network = lw_onnx_ref (network);
  return self;
}
