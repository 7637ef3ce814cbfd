/* Every algorithm that applies computes the layer on scratch memory: a few images first, then more
 * and more by those that are still in the race, as long as the layer's share of SECONDS lasts. They
 * take turns, so that a disturbance meets all alike, and the least time counts: others only ever
 * make a computation slower. Time is the processor's own, so that waiting for a core that another
 * program has does not count.
 *
 * What a call does to the weights alone costs as much at a small batch b as at the whole one, B.
 * Where that can decide, it is measured too, as f, on one image of one window, and the algorithms
 * are compared by f + (t − f) B / b. */
#include "kernels/cpu/choice.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define SECONDS      2.4 /* planned for all questions */
#define MOST_SECONDS 2.8 /* after which none is measured again */
/* What a thread multiplies in a second, roughly: with it the first batch is chosen. */
#define MACS_A_SECOND 3e10
/* One that takes longer than the fastest by this is out of the race: while batches still grow, and
 * at the end; in a batch's first round, where all are cold, by COLD times as much. */
#define OUT_EARLY 2.0
#define OUT_LATE  1.2
#define COLD      1.5
/* The share of a call that is taken for work done once: near 1 only noise would be left. */
#define MOST_ONCE 0.8
/* The fixed rule's algorithm stays unless another one wins by more than clocks scatter, or by more
 * than that makes of it when times are scaled up. */
#define WINS_BY        0.97
#define WINS_SCALED_BY 0.9

enum {
  MOST_CANDIDATES = 16,
  ROUNDS = 3,
  LEAST_ROUNDS = 2, /* also where the time is over */
  MOST_ROUNDS = 8,  /* of the last batch */
  GROWTH = 4,       /* from batch to batch, at most */
  MANY_USES = 2000, /* what is done once to a weight does not matter then */
  MOST_SCRATCH_BYTES = 64 << 20,
  LINE = 64
};

typedef struct {
  LwDevice *device;
  double begin_s;
  char *memory; /* grows with the questions */
  size_t bytes;
} Bench;

typedef struct {
  const LwConvAlgorithm *algorithm;
  double best_s;
  bool out;
} Candidate;

static double
clock_s (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double
now_s (void)
{
  return clock_s (CLOCK_MONOTONIC);
}

static double
macs_of (const LwConvQuestion *question)
{
  const LwStep *step = &question->step;
  const double kernel = step->node->window.kernel;

  return (double)lw_shape_size (step->y_shape) * step->x_shape[0].c * kernel * kernel;
}

/* --- scratch memory --------------------------------------------------------------------------- */

static size_t
lines (int64_t numbers)
{
  return ((size_t)numbers * sizeof (float) + LINE - 1) / LINE * LINE;
}

/* All pages are touched before a clock runs. */
static bool
reserve (Bench *bench, size_t bytes)
{
  if (bytes <= bench->bytes)
    return true;
  if (bench->memory != NULL)
    lw_cpu_free (bench->device, bench->memory, bench->bytes);
  bench->bytes = 0;
  bench->memory = lw_cpu_alloc (bench->device, bytes, NULL);
  if (bench->memory == NULL)
    return false;
  bench->bytes = bytes;
  memset (bench->memory, 0, bytes);
  return true;
}

/* Numbers from −1 to 1 without order; after the first of them, copies. */
static void
fill (float *numbers, int64_t n)
{
  const int64_t first = MIN (n, 2039);

  for (int64_t i = 0; i < first; i++)
    numbers[i] = (float)(i * 7919 % 2039 - 1019) / 1020;
  for (int64_t done = first; done < n; done *= 2)
    memcpy (numbers + done, numbers, sizeof (float) * (size_t)MIN (done, n - done));
}

/* The memory of `step`: x and dx are one, y and dy too, since only one direction runs. */
static bool
bind (Bench *bench, LwStep *step, size_t workspace_bytes)
{
  const int64_t x = step->batch * lw_shape_size (step->x_shape[0]);
  const int64_t y = step->batch * lw_shape_size (step->y_shape);
  int64_t tensors[LW_MAX_TENSORS] = { 0 };
  size_t bytes = lines (x) + lines (y) + workspace_bytes;
  char *at;

  for (int32_t i = 0; i < step->node->n_tensors; i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (step->graph, step->node->tensors[i]);

    tensors[tensor->role] = tensor->size;
    bytes += 2 * lines (tensor->size);
  }
  if (!reserve (bench, bytes))
    return false;
  at = bench->memory;
  step->workspace = at;
  at += workspace_bytes;
  step->x[0] = step->dx[0] = at;
  fill ((float *)at, x);
  at += lines (x);
  step->y = at, step->dy = at;
  fill ((float *)at, y);
  at += lines (y);
  for (int role = 0; role < LW_MAX_TENSORS; role++) {
    if (tensors[role] == 0)
      continue;
    step->param[role] = at;
    fill ((float *)at, tensors[role]);
    at += lines (tensors[role]);
    step->dparam[role] = at;
    memset (at, 0, lines (tensors[role]));
    at += lines (tensors[role]);
  }
  return true;
}

/* --- one question ----------------------------------------------------------------------------- */

typedef struct {
  double own_s, all_s; /* of this thread, of the whole program */
} Spent;

static Spent
spent (void)
{
  return (Spent){ clock_s (CLOCK_THREAD_CPUTIME_ID), clock_s (CLOCK_PROCESS_CPUTIME_ID) };
}

/* How long it would take alone on the machine: as long as this thread, which does what cannot be
 * divided and its share of the rest, or as one of the others, if they have more to do. */
static double
run (LwDevice *device, const LwConvAlgorithm *algorithm, const LwStep *step,
     LwConvDirection direction)
{
  const Spent begin = spent ();
  Spent end;

  if (direction == LW_CONV_FORWARD)
    algorithm->forward (device, step, false);
  else if (direction == LW_CONV_DATA)
    algorithm->backward_data (device, step);
  else
    algorithm->backward_weights (device, step);
  end = spent ();
  end.own_s -= begin.own_s;
  end.all_s -= begin.all_s;
  return MAX (end.own_s, (end.all_s - end.own_s) / MAX (1, device->threads - 1));
}

static int
candidates_of (const LwConvMethods *methods, const LwStep *step, LwConvDirection direction,
               Candidate *ret)
{
  int n = 0;

  for (int i = 0; i < methods->n && n < MOST_CANDIDATES; i++)
    if (methods->algorithms[i]->applies (step, direction))
      ret[n++] = (Candidate){ methods->algorithms[i], INFINITY, false };
  return n;
}

static double
fastest_s (const Candidate *candidates, int n)
{
  double fastest = INFINITY;

  for (int i = 0; i < n; i++)
    fastest = MIN (fastest, candidates[i].best_s);
  return fastest;
}

/* How many are still in the race. */
static int
sort_out (Candidate *candidates, int n, double limit)
{
  const double fastest = fastest_s (candidates, n);
  int left = 0;

  for (int i = 0; i < n; i++) {
    candidates[i].out |= candidates[i].best_s > limit * fastest;
    left += !candidates[i].out;
  }
  return left;
}

/* Least times of the step at its own batch. False: there is no memory. */
static bool
race (Bench *bench, const LwConvQuestion *question, LwStep step, Candidate *candidates, int n,
      double limit, double until_s, int rounds)
{
  size_t workspace = 0;

  for (int i = 0; i < n; i++)
    if (!candidates[i].out)
      workspace = MAX (workspace, candidates[i].algorithm->workspace (bench->device, &step,
                                                                      question->direction));
  if (!bind (bench, &step, (workspace + LINE - 1) / LINE * LINE))
    return false;
  for (int i = 0; i < n; i++)
    candidates[i].best_s = INFINITY;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < n; i++)
      if (!candidates[i].out) {
        const double time_s =
            run (bench->device, candidates[i].algorithm, &step, question->direction);

        candidates[i].best_s = MIN (candidates[i].best_s, time_s);
      }
    if (sort_out (candidates, n, round == 0 ? COLD * limit : limit) == 1 ||
        (now_s () > until_s && round + 1 >= LEAST_ROUNDS) ||
        now_s () - bench->begin_s > MOST_SECONDS)
      break;
  }
  return true;
}

/* A power of two, so that threads share it evenly, or the whole batch. */
static int32_t
round_batch (const LwStep *step, double batch)
{
  int32_t power = 1;

  while (2 * power <= batch)
    power *= 2;
  return batch >= step->batch ? step->batch : power;
}

static double
most_images (const LwStep *step)
{
  const int64_t numbers = lw_shape_size (step->x_shape[0]) + lw_shape_size (step->y_shape);

  return MOST_SCRATCH_BYTES / (4.0 * (double)numbers);
}

/* Enough for all threads; more where one round of all takes less than half of the time, if they
 * multiply half as much as the definition, one with another. */
static int32_t
first_batch (const Bench *bench, const LwConvQuestion *question, int n, double seconds)
{
  const int threads = bench->device->threads;
  const double round_s = n * macs_of (question) / 2 / (MACS_A_SECOND * threads);

  return round_batch (&question->step, MIN (MAX (threads, seconds / 2 / round_s),
                                            MAX (1, most_images (&question->step))));
}

/* How often the time that is left holds ROUNDS of those that are in the race. */
static double
times_left (const Candidate *candidates, int n, double end_s)
{
  double round_s = 0;

  for (int i = 0; i < n; i++)
    round_s += candidates[i].out ? 0 : candidates[i].best_s;
  return (end_s - now_s ()) / (ROUNDS * round_s);
}

/* Turns the times at a batch into those of the whole one. */
static bool
scale_up (Bench *bench, const LwConvQuestion *question, int32_t batch, Candidate *candidates, int n)
{
  const LwWindow window = question->step.node->window;
  const int32_t side = MAX (1, window.kernel - 2 * window.padding);
  const double times = (double)question->step.batch / batch;
  Candidate once[MOST_CANDIDATES];
  LwStep step = question->step;

  step.batch = step.n = 1;
  step.x_shape[0].h = step.x_shape[0].w = side;
  step.y_shape.h = step.y_shape.w = (side + 2 * window.padding - window.kernel) / window.stride + 1;
  for (int i = 0; i < n; i++) {
    once[i] = candidates[i];
    once[i].out |= !candidates[i].algorithm->applies (&step, question->direction);
  }
  if (!race (bench, question, step, once, n, INFINITY, 0, ROUNDS))
    return false;
  for (int i = 0; i < n; i++) {
    const double once_s = once[i].out ? 0 : MIN (once[i].best_s, MOST_ONCE * candidates[i].best_s);

    candidates[i].best_s = once_s + (candidates[i].best_s - once_s) * times;
  }
  return true;
}

static const LwConvAlgorithm *
winner (const LwConvAlgorithm *fixed, const Candidate *candidates, int n, double wins_by)
{
  const LwConvAlgorithm *best = fixed;
  double fastest = INFINITY;

  for (int i = 0; i < n; i++)
    if (!candidates[i].out && candidates[i].best_s < fastest)
      best = candidates[i].algorithm, fastest = candidates[i].best_s;
  for (int i = 0; i < n; i++)
    if (!candidates[i].out && candidates[i].algorithm == fixed &&
        fastest > wins_by * candidates[i].best_s)
      best = fixed;
  return best;
}

static void
answer (Bench *bench, const LwConvMethods *methods, LwConvQuestion *question, double seconds)
{
  Candidate candidates[MOST_CANDIDATES];
  LwStep step = question->step;
  const int n = candidates_of (methods, &step, question->direction, candidates);
  const int64_t pixels = (int64_t)step.y_shape.h * step.y_shape.w;
  const double end_s = now_s () + seconds;
  int32_t batch = first_batch (bench, question, n, seconds), next = batch;
  bool scaled;

  do {
    step.batch = step.n = batch = next;
    if (!race (bench, question, step, candidates, n, OUT_EARLY, end_s, ROUNDS))
      return;
    next =
        round_batch (&question->step, MIN (MIN (GROWTH, times_left (candidates, n, end_s)) * batch,
                                           most_images (&step)));
  } while (next > batch && sort_out (candidates, n, OUT_EARLY) > 1);

  scaled = batch < question->step.batch && batch * pixels < MANY_USES;
  if (scaled) {
    if (sort_out (candidates, n, OUT_EARLY) > 1 &&
        !scale_up (bench, question, batch, candidates, n))
      return;
  } else if (sort_out (candidates, n, OUT_LATE) > 1) {
    race (bench, question, step, candidates, n, OUT_LATE, end_s, MOST_ROUNDS);
  }
  question->fastest = winner (methods->fixed (&question->step, question->direction), candidates, n,
                              scaled ? WINS_SCALED_BY : WINS_BY);
}

/* What is left of the time is shared out, half of it evenly, half by work. */
void
lw_conv_time (LwDevice *device, const LwConvMethods *methods, LwConvQuestion *questions, int32_t n)
{
  Bench bench = { .device = device, .begin_s = now_s () };
  double macs = 0;

  for (int32_t i = 0; i < n; i++)
    macs += macs_of (&questions[i]);
  for (int32_t i = 0; i < n; i++) {
    const double left_s = SECONDS - (now_s () - bench.begin_s), own = macs_of (&questions[i]);

    if (left_s < SECONDS / 4 / n)
      break;

    answer (&bench, methods, &questions[i], left_s / 2 * (1.0 / (n - i) + own / macs));
    macs -= own;
  }
  if (bench.memory != NULL)
    lw_cpu_free (device, bench.memory, bench.bytes);
  g_hash_table_remove_all (device->onednn); /* those for the batches measured */
}
