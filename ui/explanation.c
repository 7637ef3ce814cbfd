#include "ui/explanation.h"

#include "engine/observe.h"
#include "engine/priority.h"

#include <string.h>

/* A question on its way to the thread and back, the loaded network with it. */
typedef struct {
  LwQuestion question;
  int32_t asked[LW_EXPLAINED_CLASSES]; /* the question's classes, before they were found */
  float *input;
  LwExplainer *explainer; /* NULL: to be loaded */
  char *loaded;           /* the file that it was loaded from */
  float *maps[LW_EXPLAINED_CLASSES];
  float *scores, *probabilities;
  int rows, columns;
} Job;

struct _LwExplanation {
  GObject parent;
  LwExplainer *explainer; /* while no thread has it */
  char *loaded;
  GCancellable *working;
  Job *next;   /* asked while a thread works */
  Job *answer; /* the last one */
  char *problem;
};

G_DEFINE_FINAL_TYPE (LwExplanation, lw_explanation, G_TYPE_OBJECT)

static guint changed_signal;

static void start (LwExplanation *self, Job *job);

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job == NULL)
    return;
  lw_run_weights_free (job->question.weights);
  g_free (job->input);
  lw_explainer_free (job->explainer);
  g_free (job->loaded);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    g_free (job->maps[i]);
  g_free (job->scores);
  g_free (job->probabilities);
  g_free (job);
}

/* Whether it asks for the same maps, of whatever weights. */
static bool
is_alike (const Job *a, const Job *b)
{
  LwGraph *graph = a->question.weights->graph;

  return graph == b->question.weights->graph && a->question.method == b->question.method &&
         a->question.layer == b->question.layer &&
         memcmp (a->asked, b->asked, sizeof a->asked) == 0 &&
         memcmp (a->input, b->input,
                 sizeof (float) * (gsize)lw_shape_size (lw_graph_input_shape (graph))) == 0;
}

/* --- on the thread ------------------------------------------------------------------------------
 */

static bool
load (Job *job, GError **error)
{
  LwRunWeights *weights = job->question.weights;
  g_autofree char *path = NULL;

  if (!lw_run_weights_find (weights, &path, error))
    return false;
  if (job->explainer != NULL && lw_explainer_graph (job->explainer) == weights->graph &&
      g_strcmp0 (path, job->loaded) == 0)
    return true;
  g_clear_pointer (&job->explainer, lw_explainer_free);
  g_free (job->loaded);
  job->loaded = g_steal_pointer (&path);
  job->explainer = lw_explainer_new (weights->graph, weights->backend, job->loaded,
                                     weights->settings->seed, error);
  return job->explainer != NULL;
}

/* The place in the order of scores, 0: the largest; −1: there are not so many classes. */
static int32_t
class_by_score (const Job *job, int place)
{
  const int32_t classes = lw_graph_classes (job->question.weights->graph);

  for (int32_t c = 0; c < classes; c++) {
    int better = 0;

    for (int32_t other = 0; other < classes; other++)
      better += job->scores[other] > job->scores[c] ||
                (other < c && !(job->scores[other] < job->scores[c]));
    if (better == place)
      return c;
  }
  return -1;
}

static void
find_classes (Job *job)
{
  const int32_t classes = lw_graph_classes (job->question.weights->graph);

  job->probabilities = g_memdup2 (job->scores, sizeof (float) * (gsize)classes);
  lw_softmax (job->probabilities, classes);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++)
    if (job->asked[i] == LW_LIKELIEST_CLASS)
      job->question.classes[i] = class_by_score (job, 0);
    else if (job->asked[i] == LW_RUNNER_UP_CLASS)
      job->question.classes[i] = class_by_score (job, 1);
}

static bool
work (Job *job, GCancellable *cancellable, GError **error)
{
  if (!load (job, error) || !lw_explainer_look (job->explainer, job->input, cancellable, error))
    return false;
  job->scores = g_new (float, lw_graph_classes (job->question.weights->graph));
  if (!lw_explainer_scores (job->explainer, job->scores, error))
    return false;
  find_classes (job);
  for (int i = 0; i < LW_EXPLAINED_CLASSES; i++) {
    if (job->question.classes[i] < 0)
      continue;
    job->maps[i] =
        lw_explainer_map (job->explainer, job->question.method, job->question.classes[i],
                          job->question.layer, &job->rows, &job->columns, cancellable, error);
    if (job->maps[i] == NULL)
      return false;
  }
  return true;
}

/* The job comes back in any case: the loaded network is in it. */
static void
thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  (void)source;
  lw_thread_give_way ();
  if (work (data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* --- on the main thread -------------------------------------------------------------------------
 */

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  LwExplanation *self = LW_EXPLANATION (source);
  g_autoptr (GError) error = NULL;
  Job *job = g_object_steal_data (G_OBJECT (result), "job");
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  const bool wanted = cancellable == self->working;
  const bool cancelled = g_cancellable_is_cancelled (cancellable); /* also when it was ready */

  (void)data;
  if (wanted) {
    g_clear_object (&self->working);
    self->explainer = g_steal_pointer (&job->explainer);
    g_free (self->loaded);
    self->loaded = g_steal_pointer (&job->loaded);
  }
  if (wanted && !cancelled && done) {
    job_free (self->answer);
    self->answer = g_steal_pointer (&job);
  } else if (wanted && !cancelled) {
    g_clear_pointer (&self->answer, job_free);
    self->problem = g_strdup (error->message);
  }
  job_free (job);
  if (wanted && self->next != NULL)
    start (self, g_steal_pointer (&self->next));
  if (wanted)
    g_signal_emit (self, changed_signal, 0);
}

static void
start (LwExplanation *self, Job *job)
{
  g_autoptr (GTask) task = NULL;

  g_clear_pointer (&self->problem, g_free);
  job->explainer = g_steal_pointer (&self->explainer);
  job->loaded = g_steal_pointer (&self->loaded);
  self->working = g_cancellable_new ();
  task = g_task_new (self, self->working, answered, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, NULL);
  g_object_set_data_full (G_OBJECT (task), "job", job, job_free);
  g_task_run_in_thread (task, thread);
}

void
lw_explanation_ask (LwExplanation *self, const LwQuestion *question, float *input)
{
  Job *job = g_new0 (Job, 1);

  job->question = *question;
  memcpy (job->asked, question->classes, sizeof job->asked);
  job->input = input;
  if (self->answer != NULL && !is_alike (self->answer, job))
    g_clear_pointer (&self->answer, job_free); /* it says nothing of this image */
  if (self->working != NULL) {
    job_free (self->next);
    self->next = job;
    g_cancellable_cancel (self->working);
  } else {
    start (self, job);
  }
  g_signal_emit (self, changed_signal, 0);
}

void
lw_explanation_cancel (LwExplanation *self)
{
  g_clear_pointer (&self->next, job_free);
  g_clear_pointer (&self->answer, job_free);
  g_clear_pointer (&self->problem, g_free);
  if (self->working != NULL)
    g_cancellable_cancel (self->working);
}

void
lw_explanation_forget (LwExplanation *self)
{
  lw_explanation_cancel (self);
  g_clear_object (&self->working); /* its job frees what it has */
  g_clear_pointer (&self->explainer, lw_explainer_free);
  g_clear_pointer (&self->loaded, g_free);
}

bool
lw_explanation_is_busy (LwExplanation *self)
{
  return self->working != NULL;
}

const char *
lw_explanation_problem (LwExplanation *self)
{
  return self->problem;
}

const float *
lw_explanation_map (LwExplanation *self, int i, int *ret_rows, int *ret_columns)
{
  if (self->answer == NULL)
    return NULL;
  *ret_rows = self->answer->rows;
  *ret_columns = self->answer->columns;
  return self->answer->maps[i];
}

double
lw_explanation_score (LwExplanation *self, int i)
{
  return (double)self->answer->scores[self->answer->question.classes[i]];
}

int32_t
lw_explanation_class (LwExplanation *self, int i)
{
  return self->answer != NULL ? self->answer->question.classes[i] : -1;
}

const float *
lw_explanation_probabilities (LwExplanation *self)
{
  return self->answer != NULL ? self->answer->probabilities : NULL;
}

int64_t
lw_explanation_step (LwExplanation *self)
{
  return self->answer != NULL ? self->answer->question.weights->step : -1;
}

static void
lw_explanation_dispose (GObject *object)
{
  lw_explanation_forget (LW_EXPLANATION (object));
  G_OBJECT_CLASS (lw_explanation_parent_class)->dispose (object);
}

static void
lw_explanation_class_init (LwExplanationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_explanation_dispose;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_explanation_init (LwExplanation *self)
{
  (void)self;
}

LwExplanation *
lw_explanation_new (void)
{
  return g_object_new (LW_TYPE_EXPLANATION, NULL);
}
