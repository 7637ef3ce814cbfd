/* Every algorithm that fits computes the layer, at the session's batch, on scratch memory that is
 * taken before the session's own and given back. They take turns, so that a disturbance meets all
 * alike; a turn is several runs back to back between two events, so that the queue is never empty
 * and what is measured is the card's work, not the host's launches; the median counts.
 *
 * Behind a convolution the statistics of a batch normalization, or a sum of two, are measured with
 * it: an algorithm that does them while it writes y saves a pass over y, and it is the two together
 * that a step waits for. Whether memory allows the sum to be done so is not known yet; that it does
 * is the rule (link_residual.c).
 *
 * The convolution with the most work is measured first: where the time is over, what is given up is
 * what matters least, and follows the rule until the next start. What there is no memory for
 * follows the rule too. An algorithm that fails alone is out; if the device has failed, so has the
 * session.
 *
 * Only a card can show how near this comes to the time within a step: runs that follow each other
 * find in the second-level cache what a step would fetch from memory, and kernels of a few
 * microseconds are measured with the gaps between launches, which a recorded step has smaller. */
#include "engine/memplan.h"
#include "kernels/cuda/choice.h"
#include "kernels/cuda/link.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS 2.0 /* for all questions; the run that is under way then is finished */
/* A turn: as many runs as fit in this, by the fastest one's first time. */
#define TURN_MS 0.5
/* One that takes longer than the fastest by this in its first run is out of the race. */
#define OUT 2.0
/* The rule's algorithm stays unless another one wins by more than clocks scatter. */
#define WINS_BY 0.97

enum { MOST_CANDIDATES = 16, MOST_RUNS = 4, TURNS = 5 };

/* Of the block of numbers of which scratch memory is filled with copies. */
enum { FILL = 1 << 16 };

typedef struct {
  LwDevice *device;
  double end_s;
  char *memory; /* of the question that is being answered */
  size_t bytes;
  cudaEvent_t begin, end;
} Bench;

/* A convolution with what is behind it, if that counts. */
typedef struct {
  LwStep conv, after;
  LwConvBefore before;
  LwDirection direction;
} Job;

typedef struct {
  const LwCudaConv *conv;
  double ms[TURNS]; /* of a run */
  bool out;
} Candidate;

static double
now_s (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- candidates ------------------------------------------------------------------------------- */

static int
candidates_of (const LwDevice *device, const LwConvQuestion *question,
               Candidate ret_candidates[MOST_CANDIDATES])
{
  int n = 0;

  for (const LwCudaConv *const *conv = lw_cuda_convs; *conv != NULL && n < MOST_CANDIDATES; conv++)
    if ((*conv)->fits (device, &question->step, question->direction))
      ret_candidates[n++] = (Candidate){ .conv = *conv };
  return n;
}

/* --- scratch memory --------------------------------------------------------------------------- */

static size_t
padded (size_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

/* Memory, or with NULL in `at` a count of its bytes. */
typedef struct {
  char *at;
  size_t used;
} Room;

static void *
take (Room *room, size_t bytes)
{
  void *memory = room->at != NULL && bytes > 0 ? room->at + room->used : NULL;

  room->used += padded (bytes);
  return memory;
}

static void
take_parameters (LwDevice *device, LwStep *step, Room *room)
{
  const LwNode *node = step->node;

  for (int32_t i = 0; i < node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (step->graph, node->tensors[i]);
    const size_t bytes = lw_cuda_tensor_bytes (device, tensor);

    step->param[tensor->role] = take (room, bytes);
    step->dparam[tensor->role] = take (room, bytes);
  }
}

/* The layer behind, of which a sum adds its result to what it has already. */
static void
lay_out_after (LwDevice *device, Job *job, Room *room)
{
  LwStep *after = &job->after;

  *after = (LwStep){ .graph = job->conv.graph,
                     .id = job->conv.id + 1,
                     .node = lw_graph_node (job->conv.graph, job->conv.id + 1),
                     .batch = job->conv.batch,
                     .n = job->conv.n,
                     .training = true,
                     .y_shape = job->conv.y_shape,
                     .x_shape = { job->conv.y_shape, job->conv.y_shape } };
  after->op = after->node->op;
  after->n_x = after->node->n_inputs;
  after->x[0] = after->x[1] = job->conv.y;
  if (job->before == LW_CONV_BEFORE_SUM)
    after->y = take (room, lw_cuda_value_bytes (device, after->y_shape, after->batch));
  else
    after->state = take (room, lw_cuda_batch_norm_state_bytes (device, after));
  if (job->before == LW_CONV_BEFORE_SUM)
    after->x[after->node->inputs[0] == job->conv.id ? 1 : 0] = after->y;
  take_parameters (device, after, room);
}

/* The input's gradient lies where the input does, as no direction has both; so with the output's.
 */
static size_t
lay_out (LwDevice *device, const LwConvQuestion *question, Job *job, char *at)
{
  LwStep *step = &job->conv;
  Room room = { at, 0 };
  size_t workspace = 0;
  Candidate candidates[MOST_CANDIDATES];
  const int n = candidates_of (device, question, candidates);

  *job = (Job){ .conv = question->step,
                .before = lw_cuda_conv_counts (device, &question->step, question->direction),
                .direction = question->direction };
  step->x[0] = step->dx[0] =
      take (&room, lw_cuda_value_bytes (device, step->x_shape[0], step->batch));
  step->dy = step->y = take (&room, lw_cuda_value_bytes (device, step->y_shape, step->batch));
  take_parameters (device, step, &room);
  if (job->before != LW_CONV_BEFORE_NOTHING)
    lay_out_after (device, job, &room);
  for (int i = 0; i < n; i++)
    if (candidates[i].conv->workspace_bytes != NULL)
      workspace =
          MAX (workspace, candidates[i].conv->workspace_bytes (device, step, question->direction));
  if (job->before == LW_CONV_BEFORE_NORM)
    workspace = MAX (workspace, lw_cuda_batch_norm_workspace_bytes (device, &job->after));
  step->workspace = job->after.workspace = take (&room, workspace);
  return room.used;
}

/* Numbers from −1 to 1 without order, whose two halves are the same: as float32 and as bfloat16
 * they are numbers. A card takes less power, and so is faster, where all are zero. */
static bool
fill (Bench *bench, GError **error)
{
  g_autofree uint32_t *block = g_new (uint32_t, FILL);
  const size_t block_bytes = MIN (sizeof *block * FILL, bench->bytes);
  uint32_t state = 1;

  for (int i = 0; i < FILL; i++) {
    float number;
    uint32_t bits;

    state = state * 1664525u + 1013904223u;
    number = (float)(int32_t)state / 2147483648.0f;
    memcpy (&bits, &number, sizeof bits);
    block[i] = bits >> 16 | (bits & 0xffff0000u);
  }
  if (!lw_cuda_upload (bench->device, bench->memory, block, block_bytes, error))
    return false;
  for (size_t done = block_bytes; done < bench->bytes; done += MIN (done, bench->bytes - done))
    if (!lw_cuda_check (cudaMemcpyAsync (bench->memory + done, bench->memory,
                                         MIN (done, bench->bytes - done), cudaMemcpyDeviceToDevice,
                                         bench->device->stream),
                        "cudaMemcpy on the device", error))
      return false;
  return true;
}

/* --- one question ----------------------------------------------------------------------------- */

/* The convolution, and what of the layer behind is left to do. */
static bool
run_once (Bench *bench, const LwCudaConv *conv, const Job *job, GError **error)
{
  LwDevice *device = bench->device;
  LwCudaLink link = { .sum = &job->after };
  LwStep step = job->conv;

  switch (job->before) {
  case LW_CONV_BEFORE_NORM:
    return conv->run (device, &step, job->direction, error) &&
           lw_cuda_batch_norm_measure (device, &job->after,
                                       conv->tile != NULL ? conv->tile (device, &step) : 0, error);
  case LW_CONV_BEFORE_SUM:
    step.link = conv->adds ? &link : NULL;
    return conv->run (device, &step, job->direction, error) &&
           (conv->adds || lw_cuda_add_forward (device, &job->after, error));
  default:
    return conv->run (device, &step, job->direction, error);
  }
}

/* Milliseconds of a run. False: something failed. */
static bool
run (Bench *bench, const LwCudaConv *conv, const Job *job, int runs, double *ret_ms, GError **error)
{
  const cudaStream_t stream = bench->device->stream;
  float ms;

  if (!lw_cuda_check (cudaEventRecord (bench->begin, stream), "cudaEventRecord", error))
    return false;
  for (int i = 0; i < runs; i++)
    if (!run_once (bench, conv, job, error))
      return false;
  if (!lw_cuda_check (cudaEventRecord (bench->end, stream), "cudaEventRecord", error) ||
      !lw_cuda_check (cudaEventSynchronize (bench->end), "cudaEventSynchronize", error) ||
      !lw_cuda_check (cudaEventElapsedTime (&ms, bench->begin, bench->end), "cudaEventElapsedTime",
                      error))
    return false;
  *ret_ms = (double)ms / runs;
  return true;
}

/* As `run`; a candidate that fails while the device works is out. */
static bool
try_run (Bench *bench, Candidate *candidate, const Job *job, int runs, double *ret_ms,
         GError **error)
{
  g_autoptr (GError) own_error = NULL;

  if (run (bench, candidate->conv, job, runs, ret_ms, &own_error))
    return true;
  candidate->out = true;
  if (lw_cuda_synchronize (bench->device, NULL))
    return true;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return false;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double *values, int n)
{
  qsort (values, (size_t)n, sizeof *values, compare_doubles);
  return values[n / 2];
}

/* The first run loads code and lets cuBLAS choose; the second one sorts out. Leaves how many are
 * still in the race. */
static bool
warm_up (Bench *bench, Candidate *candidates, int n, const Job *job, double *ret_least_ms,
         int *ret_left, GError **error)
{
  double ms = 0, least_ms = 0;
  int first = -1;

  *ret_left = 0;
  for (int i = 0; i < n; i++) {
    if (!try_run (bench, &candidates[i], job, 1, &ms, error))
      return false;
    if (!candidates[i].out && !try_run (bench, &candidates[i], job, 1, &ms, error))
      return false;
    candidates[i].ms[0] = ms;
    if (!candidates[i].out && (first < 0 || ms < least_ms)) {
      least_ms = ms;
      first = i;
    }
  }
  for (int i = 0; i < n; i++) {
    candidates[i].out |= candidates[i].ms[0] > OUT * least_ms;
    *ret_left += !candidates[i].out;
  }
  *ret_least_ms = least_ms;
  return true;
}

static const char *
fastest (Candidate *candidates, int n, int turns, const LwCudaConv *rule)
{
  const Candidate *best = NULL;
  double best_ms = 0, rule_ms = 0;

  for (int i = 0; i < n; i++) {
    Candidate *candidate = &candidates[i];
    double ms;

    if (candidate->out)
      continue;
    ms = median (candidate->ms, turns);
    if (candidate->conv == rule)
      rule_ms = ms;
    if (best == NULL || ms < best_ms) {
      best = candidate;
      best_ms = ms;
    }
  }
  if (best == NULL)
    return NULL;
  return rule_ms > 0 && best_ms > WINS_BY * rule_ms ? rule->name : best->conv->name;
}

/* Without an answer where the time is over before each has had a turn. */
static bool
race (Bench *bench, LwConvQuestion *question, const Job *job, GError **error)
{
  Candidate candidates[MOST_CANDIDATES];
  const int n = candidates_of (bench->device, question, candidates);
  const LwCudaConv *rule = lw_cuda_conv_rule (bench->device, &question->step, question->direction);
  double least_ms;
  int turns = 0, runs, left;

  if (!warm_up (bench, candidates, n, job, &least_ms, &left, error))
    return false;
  if (left == 1)
    turns = 1; /* its warm-up's time stands for it */
  runs = least_ms > 0 ? (int)CLAMP (TURN_MS / least_ms, 1, MOST_RUNS) : MOST_RUNS;
  for (; left > 1 && turns < TURNS && now_s () < bench->end_s; turns++)
    for (int i = 0; i < n; i++)
      if (!candidates[i].out &&
          !try_run (bench, &candidates[i], job, runs, &candidates[i].ms[turns], error))
        return false;
  if (turns > 0)
    question->fastest = fastest (candidates, n, turns, rule);
  return true;
}

/* With memory of its own: what the device keeps about an address, as copies of weights in another
 * precision, is forgotten with it. Where there is none, no answer. */
static bool
answer (Bench *bench, LwConvQuestion *question, GError **error)
{
  Job job;
  bool done;

  bench->bytes = lay_out (bench->device, question, &job, NULL);
  bench->memory = lw_cuda_alloc (bench->device, bench->bytes, NULL);
  if (bench->memory == NULL)
    return true;
  lay_out (bench->device, question, &job, bench->memory);
  /* What is too large for the device is told when the session comes to it. */
  done = fill (bench, error) && (!lw_cuda_conv2d_prepare (bench->device, &job.conv, NULL) ||
                                 race (bench, question, &job, error));
  /* What failed half-way may still run. */
  lw_cuda_synchronize (bench->device, NULL);
  lw_cuda_free (bench->device, bench->memory, bench->bytes);
  return done;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int
compare_work (const void *a, const void *b)
{
  const LwConvQuestion *const *one = a, *const *other = b;
  const double first = lw_conv_question_macs (*one), second = lw_conv_question_macs (*other);

  /* Equal ones in the order of the graph, the same on every machine. */
  return first != second ? (first < second) - (first > second) : (*one > *other) - (*one < *other);
}

static bool
begin (Bench *bench, GError **error)
{
  return lw_cuda_check (cudaEventCreateWithFlags (&bench->begin, cudaEventDefault),
                        "cudaEventCreate", error) &&
         lw_cuda_check (cudaEventCreateWithFlags (&bench->end, cudaEventDefault), "cudaEventCreate",
                        error);
}

static void
end (Bench *bench)
{
  if (bench->begin != NULL)
    lw_cuda_ignore (cudaEventDestroy (bench->begin));
  if (bench->end != NULL)
    lw_cuda_ignore (cudaEventDestroy (bench->end));
}

bool
lw_cuda_conv_time (LwDevice *device, LwConvQuestion *questions, int32_t n, GError **error)
{
  Bench bench = { .device = device, .end_s = now_s () + SECONDS };
  g_autofree LwConvQuestion **open = g_new (LwConvQuestion *, n);
  int32_t n_open = 0;
  bool done;

  for (int32_t i = 0; i < n; i++) {
    Candidate candidates[MOST_CANDIDATES];

    if (candidates_of (device, &questions[i], candidates) == 1)
      questions[i].fastest = candidates[0].conv->name;
    else
      open[n_open++] = &questions[i];
  }
  if (n_open == 0)
    return true;
  qsort (open, (size_t)n_open, sizeof *open, compare_work);
  done = begin (&bench, error);
  for (int32_t i = 0; done && i < n_open && now_s () < bench.end_s; i++)
    done = answer (&bench, open[i], error);
  end (&bench);
  return done;
}
