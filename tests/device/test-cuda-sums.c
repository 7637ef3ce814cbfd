/* Several processes that train one network on cards of their own, on the emulated CUDA backend:
 * what they learn is what one process learns of the whole batches, with sums by NCCL, recorded and
 * kernel by kernel (the same bits), and through host memory; and what happens where NCCL is not
 * there, where cards are shared, and where a process dies. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/nccl.h"
#include "tests/device/emulation/emulation.h"
#include "tests/device/processes.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <cuda_runtime_api.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#if __has_include(<nccl.h>)
#include <nccl.h>
_Static_assert(sizeof (ncclUniqueId) == sizeof (LwNcclId) &&
                   (int)ncclSuccess == (int)LW_NCCL_SUCCESS &&
                   (int)ncclInProgress == (int)LW_NCCL_IN_PROGRESS &&
                   (int)ncclFloat32 == (int)LW_NCCL_FLOAT32 &&
                   (int)ncclFloat64 == (int)LW_NCCL_FLOAT64 && (int)ncclSum == (int)LW_NCCL_SUM,
               "what nccl.h says by itself");
#endif

enum { STEPS = 10, LARGEST = 6 };

typedef enum { BY_NCCL, NO_LIBRARY, ONE_CARD, OTHER_VERSION } Path;
typedef enum { WATCHED, ALONE, AHEAD } How;

typedef struct {
  const char *name, *model;
  int32_t side;
  const char *options[4]; /* names and values by turns, up to NULL */
  bool synchronizes;
  int32_t batch, last; /* examples; of each fourth batch */
  int32_t processes;
  Path path;
  float rate;
  const char *algorithm; /* of convolutions; NULL: the rule's */
  bool checked;          /* small enough to look at every access */
  bool large;
  LwLinks links;
} Case;

#define LW_LENET     .side = 28, .rate = 0.01f
#define LW_LENET_BN  .model = "lenet-bn", LW_LENET, .synchronizes = true
#define LW_TWO(a, b) .processes = 2, .batch = (a), .last = (b)

static const Case cases[] = {
  { "statistics", LW_LENET_BN, LW_TWO (5, 3), .checked = true },
  { "lenet", .model = "lenet", LW_LENET, LW_TWO (6, 1) },
  { "dropout", .model = "alexnet", .side = 67, .options = { "width", "0.0625" }, .rate = 0.01f,
    LW_TWO (5, 3) },
  { "absent", LW_LENET_BN, .processes = 4, .batch = 6, .last = 3 },
  { "epilogues", LW_LENET_BN, LW_TWO (4, 3), .algorithm = "implicit GEMM" },
  { "resnet18", .model = "resnet18", .side = 64, .options = { "width", "0.0625" }, .rate = 0.001f,
    .large = true, .synchronizes = true, LW_TWO (4, 3) },
  { "host", LW_LENET_BN, LW_TWO (4, 3), .path = NO_LIBRARY, .links = LW_LINKS_NEVER },
  { "one-card", LW_LENET_BN, LW_TWO (4, 3), .path = ONE_CARD },
  { "versions", .model = "lenet", LW_LENET, LW_TWO (4, 3), .path = OTHER_VERSION },
};

/* --- one training ----------------------------------------------------------------------------- */

static LwSession *
new_session (const Case *what, LwCollective *collective)
{
  g_autoptr (LwGraph) graph = lw_test_network (what->model, what->side, what->options);
  g_autoptr (GArray) choices = lw_test_choices (graph, what->algorithm);
  const int32_t rank = lw_collective_rank (collective), size = lw_collective_size (collective);
  const LwSessionOptions options = {
    .batch = MAX (lw_collective_part (rank, size, what->batch).n, 1),
    .momentum = true,
    .links = what->links,
    .device = { .choices = (const LwAlgorithmChoice *)(void *)choices->data,
                .n_choices = (int32_t)choices->len },
    .collective = collective,
    .synchronizes = what->synchronizes,
    .bucket_bytes = 4096,
  };
  const int device = what->path == ONE_CARD ? 0 : rank;
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (graph, &lw_cuda_backend, device, &options, &error);

  g_assert_no_error (error);
  lw_session_initialize (session, 5, &error);
  g_assert_no_error (error);
  return session;
}

typedef struct {
  float *images;
  int32_t labels[LARGEST];
  LwBatch batch; /* of this process */
  LwStepSettings settings;
} Step;

static void
make_step (const Case *what, const LwCollective *collective, int number, Step *step)
{
  const int64_t size = (int64_t)what->side * what->side; /* of one channel */
  const int32_t whole = number % 4 == 3 ? what->last : what->batch;
  LwPart part =
      lw_collective_part (lw_collective_rank (collective), lw_collective_size (collective), whole);
  const bool absent = part.n == 0;

  step->images = g_new (float, LARGEST *size);
  for (int64_t i = 0; i < LARGEST * size; i++)
    step->images[i] = (float)lw_formula_uniform ((uint64_t)number + 17, i);
  for (int32_t i = 0; i < LARGEST; i++)
    step->labels[i] = (number * LARGEST + i) % 10;
  if (absent)
    part = (LwPart){ 0, 1 };
  step->batch = (LwBatch){ .images = step->images + part.first * size,
                           .labels = step->labels + part.first,
                           .n = part.n,
                           .whole = whole,
                           .first = part.first,
                           .absent = absent };
  step->settings = (LwStepSettings){ .learning_rate = what->rate / (float)(1 + number),
                                     .momentum = 0.5f,
                                     .weight_decay = 1e-4f,
                                     .seed = 3,
                                     .iteration = number };
}

typedef struct {
  double losses[STEPS];
  int32_t correct[STEPS];
  float *values;
  int64_t n;
} Result;

static bool
read_result (LwSession *session, int number, Result *result, GError **error)
{
  LwBatchResult one;

  if (!lw_session_train_result (session, &one, error))
    return false;
  result->losses[number] = one.loss_sum / one.n;
  result->correct[number] = one.correct;
  return true;
}

static bool
train_step (LwSession *session, const Case *what, const LwCollective *collective, int number,
            How how, Result *result, GError **error)
{
  LwBatchResult one = { 0 };
  Step step;
  bool works;

  make_step (what, collective, number, &step);
  if (how == AHEAD) {
    works = lw_session_train_begin (session, &step.batch, &step.settings, error) &&
            (number == 0 || read_result (session, number - 1, result, error));
  } else {
    works = lw_session_train (session, &step.batch, &step.settings,
                              how == WATCHED ? lw_test_watch : NULL, NULL, &one, error);
    result->losses[number] = one.loss_sum / one.n;
    result->correct[number] = one.correct;
  }
  g_free (step.images);
  return works;
}

static void
train (const Case *what, LwCollective *collective, How how, Result *result)
{
  g_autoptr (LwSession) session = new_session (what, collective);
  g_autoptr (GError) error = NULL;

  for (int number = 0; number < STEPS; number++) {
    train_step (session, what, collective, number, how, result, &error);
    g_assert_no_error (error);
  }
  if (how == AHEAD)
    g_assert_true (read_result (session, STEPS - 1, result, NULL));
  result->values = lw_test_read_tensors (session, &result->n);
}

/* --- as one process --------------------------------------------------------------------------- */

static void
set_path (const Case *what, const LwCollective *collective)
{
  lw_emulation_set_devices (what->path == ONE_CARD ? 1 : collective->size, CUDART_VERSION);
  if (what->path == OTHER_VERSION && collective->rank == 1)
    lw_emulation_set_nccl (22700, false);
  lw_cuda_nccl_replace (what->path == NO_LIBRARY ? NULL : lw_emulation_nccl_find);
  if (what->path == NO_LIBRARY)
    g_setenv ("LAYERWISE_NCCL", "none", TRUE);
}

static void
check_near (const Result *alone, const Result *shared)
{
  for (int i = 0; i < STEPS; i++) {
    g_assert_cmpfloat (fabs (alone->losses[i] - shared->losses[i]), <=,
                       1e-5 * fmax (1, fabs (alone->losses[i])));
    g_assert_cmpint (alone->correct[i], ==, shared->correct[i]);
  }
  g_assert_cmpint (alone->n, ==, shared->n);
  for (int64_t i = 0; i < alone->n; i++)
    g_assert_cmpfloat (fabsf (alone->values[i] - shared->values[i]), <=,
                       1e-4f * fmaxf (1, fabsf (alone->values[i])));
}

/* Of process 0 and of the first run. Running statistics are process 0's where they are local. */
static void
check_same (LwCollective *collective, const Result *first, const Result *result)
{
  const int64_t bytes = result->n * (int64_t)sizeof (float);
  g_autofree char *all = g_malloc ((gsize)(bytes * collective->size));

  g_assert_cmpmem (first->values, (size_t)bytes, result->values, (size_t)bytes);
  g_assert_cmpmem (first->losses, sizeof first->losses, result->losses, sizeof result->losses);
  g_assert_true (lw_collective_gather (collective, result->values, all, bytes, NULL));
  g_assert_cmpmem (all, (size_t)bytes, result->values, (size_t)bytes);
}

typedef struct {
  const Case *what;
  Result alone;
} Job;

/* Recorded steps call NCCL when they are recorded, not when they are replayed. */
static void
check_calls (const Case *what, How how, int64_t sums)
{
  const int64_t now = lw_emulation_calls_of ("ncclAllReduce") - sums;

  if (what->path != BY_NCCL)
    g_assert_cmpint (now, ==, 0);
  else if (how == WATCHED)
    g_assert_cmpint (now % STEPS, ==, 0);
  if (what->path == BY_NCCL)
    g_assert_cmpint (now, >, 4);
}

/* By NCCL in all of them; else, and where it takes long, kernel by kernel alone. */
static bool
skips (const Case *what, How how, bool checked)
{
  return (lw_emulation_checks_accesses () && !checked) || (how == ALONE && what->large) ||
         (how != WATCHED && (what->path != BY_NCCL || what->algorithm != NULL));
}

static void
train_shared (LwCollective *collective, const void *data)
{
  static const struct {
    How how;
    LwOrder order;
    bool checked;
  } runs[] = { { WATCHED, LW_ORDER_FORWARD, true },
               { ALONE, LW_ORDER_RANDOM, false },
               { AHEAD, LW_ORDER_REVERSE, true } };
  const Job *job = data;
  Result results[G_N_ELEMENTS (runs)];
  int64_t watched = 0;

  set_path (job->what, collective);
  for (size_t i = 0; i < G_N_ELEMENTS (runs); i++) {
    const int64_t sums = lw_emulation_calls_of ("ncclAllReduce");

    if (skips (job->what, runs[i].how, runs[i].checked))
      continue;
    lw_emulation_set_order (runs[i].order, (uint64_t)collective->rank + 1);
    train (job->what, collective, runs[i].how, &results[i]);
    check_near (&job->alone, &results[i]);
    check_same (collective, &results[0], &results[i]);
    check_calls (job->what, runs[i].how, sums);
    if (i == 0)
      watched = lw_emulation_calls_of ("ncclAllReduce") - sums;
    else if (job->what->path == BY_NCCL)
      g_assert_cmpint (5 * (lw_emulation_calls_of ("ncclAllReduce") - sums), ==, 2 * watched);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (runs); i++)
    if (!skips (job->what, runs[i].how, runs[i].checked))
      g_free (results[i].values);
}

static void
test_as_one (gconstpointer data)
{
  Job job = { .what = data };

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  train (job.what, NULL, AHEAD, &job.alone);
  lw_run_processes (job.what->processes, train_shared, &job, -1);
  g_free (job.alone.values);
}

/* --- a process that dies ---------------------------------------------------------------------- */

enum { DIES_AT = 6 };

typedef struct {
  How how;
  bool notices;
} Death;

static void
train_until_death (LwCollective *collective, const void *data)
{
  const Death *death = data;
  const Case *what = &cases[0];
  g_autoptr (LwSession) session = NULL;
  g_autoptr (GError) error = NULL;
  Result result = { 0 };
  int number = 0;

  set_path (what, collective);
  lw_emulation_set_nccl (22800, death->notices);
  session = new_session (what, collective);
  for (bool works = true; works && number < STEPS; number++) {
    if (number == DIES_AT && collective->rank == 1)
      raise (SIGKILL);
    works = train_step (session, what, collective, number, death->how, &result, &error);
  }
  g_assert_error (error, LW_ERROR, LW_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "Worker 1 has died."));
  g_assert_cmpint (number, <=, DIES_AT + 2);
}

static void
test_death (gconstpointer data)
{
  lw_run_processes (2, train_until_death, data, 1);
}

/* One that gives up, for a reason of its own, frees its session first. */
static void
train_until_giving_up (LwCollective *collective, const void *data)
{
  const Case *what = data;
  g_autoptr (GError) error = NULL;
  LwSession *session;
  Result result = { 0 };
  bool works = true;

  set_path (what, collective);
  session = new_session (what, collective);
  for (int number = 0; works && number < STEPS; number++) {
    if (number == DIES_AT && collective->rank == 1) {
      lw_collective_abort (collective, "no more batches");
      break;
    }
    works = train_step (session, what, collective, number, AHEAD, &result, &error);
  }
  lw_session_free (session);
  g_assert_true (works == (collective->rank == 1));
  if (!works)
    g_assert_nonnull (strstr (error->message, "no more batches"));
}

static void
test_giving_up (void)
{
  lw_run_processes (2, train_until_giving_up, &cases[0], -1);
}

/* One that gives up behind a step that no other begins is not held up by its sums. */
static void
give_up_within_a_step (LwCollective *collective, const void *data)
{
  const Case *what = data;
  const int steps = collective->rank == 0 ? DIES_AT + 1 : DIES_AT;
  LwSession *session;
  Result result = { 0 };

  set_path (what, collective);
  session = new_session (what, collective);
  for (int number = 0; number < steps; number++)
    g_assert_true (train_step (session, what, collective, number, AHEAD, &result, NULL));
  if (collective->rank == 0)
    lw_collective_abort (collective, "no more batches");
  while (lw_collective_finish_sums (collective, NULL)) {
    lw_emulation_run (); /* the card goes on, which the other one's waits for */
    g_usleep (1000);
  }
  lw_session_free (session);
}

static void
test_giving_up_within_a_step (void)
{
  lw_run_processes (2, give_up_within_a_step, &cases[0], -1);
}

/* --- calls that fail -------------------------------------------------------------------------- */

typedef struct {
  int64_t call;
  bool for_good;
} Failure;

/* Each in all processes. It may work, where nobody needs the call. */
static void
train_failing (LwCollective *collective, const void *data)
{
  const Failure *failure = data;
  const Case *what = &cases[0];
  g_autoptr (LwGraph) graph = lw_test_network (what->model, what->side, what->options);
  const LwSessionOptions options = { .batch = 3,
                                     .momentum = true,
                                     .collective = collective,
                                     .synchronizes = true,
                                     .bucket_bytes = 4096 };
  g_autoptr (GError) error = NULL;
  LwSession *session;
  Result result = { 0 };

  set_path (what, collective);
  lw_emulation_fail_call (lw_emulation_calls () + failure->call, failure->for_good);
  session = lw_session_new (graph, &lw_cuda_backend, collective->rank, &options, &error);
  for (int number = 0; session != NULL && error == NULL && number < 3; number++)
    train_step (session, what, collective, number, AHEAD, &result, &error);
  if (error != NULL)
    lw_collective_abort (collective, error->message);
  lw_emulation_fail_call (-1, false);
  if (session != NULL)
    lw_session_free (session);
  if (failure->for_good)
    g_assert_nonnull (error);
  g_assert_true (error == NULL || strlen (error->message) > 10);
}

static void
test_failing_calls (void)
{
  for (int64_t call = 3; call < 420; call += 23)
    lw_run_processes (2, train_failing, &(Failure){ call, call % 2 == 0 }, -1);
}

/* --- the library ------------------------------------------------------------------------------ */

static void *
find_incomplete (const char *name)
{
  return strcmp (name, "ncclAllGather") == 0 ? NULL : lw_emulation_nccl_find (name);
}

static void
test_library (void)
{
  g_autoptr (GError) missing = NULL, old = NULL, left_out = NULL;
  g_autofree char *words = NULL;

  lw_cuda_nccl_replace (find_incomplete);
  g_assert_null (lw_cuda_nccl_describe (&missing));
  g_assert_error (missing, LW_ERROR, LW_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (missing->message, "not installed"));
  lw_emulation_set_nccl (2804, false);
  lw_cuda_nccl_replace (lw_emulation_nccl_find);
  g_assert_null (lw_cuda_nccl_describe (&old));
  g_assert_error (old, LW_ERROR, LW_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (old->message, "NCCL 2.8.4 is too old, 2.9.0 is needed"));
  lw_emulation_set_nccl (22809, false);
  lw_cuda_nccl_replace (lw_emulation_nccl_find);
  words = lw_cuda_nccl_describe (NULL);
  g_assert_cmpstr (words, ==, "2.28.9");
  g_setenv ("LAYERWISE_NCCL", "none", TRUE);
  lw_cuda_nccl_replace (lw_emulation_nccl_find);
  g_assert_null (lw_cuda_nccl_describe (&left_out));
  g_assert_nonnull (strstr (left_out->message, "LAYERWISE_NCCL"));
  g_unsetenv ("LAYERWISE_NCCL");
  lw_cuda_nccl_replace (lw_emulation_nccl_find);
}

int
main (int argc, char **argv)
{
  static const Death deaths[] = { { ALONE, false }, { AHEAD, false }, { AHEAD, true } };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/sums/as-one/", cases[i].name, NULL);

    if (!lw_emulation_checks_accesses () || cases[i].checked)
      g_test_add_data_func (path, &cases[i], test_as_one);
  }
  if (!lw_emulation_checks_accesses ()) {
    g_test_add_data_func ("/sums/death", &deaths[0], test_death);
    g_test_add_data_func ("/sums/death-ahead", &deaths[1], test_death);
    g_test_add_data_func ("/sums/death-noticed", &deaths[2], test_death);
    g_test_add_func ("/sums/giving-up", test_giving_up);
    g_test_add_func ("/sums/giving-up-within-a-step", test_giving_up_within_a_step);
    g_test_add_func ("/sums/failing-calls", test_failing_calls);
  }
  g_test_add_func ("/sums/library", test_library);
  return g_test_run ();
}
