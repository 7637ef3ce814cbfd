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
/* The share of a call that can be work done once: near 1 only noise would be left. */
#define MOST_ONCE 0.8
/* From this share on, a call says too little to put an algorithm out of the race. */
#define MUCH_ONCE 0.5
/* A relative that multiplies more than this times as much as another one does not start. */
#define MANY_PRODUCTS 1.4
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
  double best_s; /* of the last race */
  double once_s; /* of it, done once in a call; 0 where that does not matter */
  bool out;
} Candidate;

/* Algorithms on their way from small batches to the whole one. */
typedef struct {
  Candidate candidates[MOST_CANDIDATES];
  int n;
  double times; /* the whole batch is so many of the one that was measured */
} Race;

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
run (LwDevice *device, const LwConvAlgorithm *algorithm, const LwStep *step, LwDirection direction)
{
  const Spent begin = spent ();
  Spent end;

  if (direction == LW_FORWARD)
    algorithm->forward (device, step, (LwConvEnd){ 0 });
  else if (direction == LW_BACKWARD_DATA)
    algorithm->backward_data (device, step);
  else
    algorithm->backward_weights (device, step);
  end = spent ();
  end.own_s -= begin.own_s;
  end.all_s -= begin.all_s;
  return MAX (end.own_s, (end.all_s - end.own_s) / MAX (1, device->threads - 1));
}

static bool
applies (const LwConvAlgorithm *algorithm, const LwConvQuestion *question)
{
  return algorithm->applies (&question->step, question->direction);
}

/* Of the relatives of one kind, the fewest products. */
static double
least_products (const LwConvMethods *methods, const LwConvQuestion *question)
{
  double least = INFINITY;

  for (int i = 0; i < methods->n; i++)
    if (methods->algorithms[i]->products && applies (methods->algorithms[i], question))
      least = MIN (least, methods->algorithms[i]->products (&question->step, question->direction));
  return least;
}

static Race
begin_race (const LwConvMethods *methods, const LwConvQuestion *question)
{
  const double most = MANY_PRODUCTS * least_products (methods, question);
  Race race = { .n = 0, .times = 1 };

  for (int i = 0; i < methods->n && race.n < MOST_CANDIDATES; i++) {
    const LwConvAlgorithm *algorithm = methods->algorithms[i];

    if (applies (algorithm, question) &&
        (!algorithm->products ||
         algorithm->products (&question->step, question->direction) <= most))
      race.candidates[race.n++] = (Candidate){ algorithm, INFINITY, 0, false };
  }
  return race;
}

/* Of the whole batch. `most_once`: the share of the time that can be work done once. */
static double
cost_s (const Race *race, int index, double most_once)
{
  const Candidate *c = &race->candidates[index];
  const double once_s = MIN (c->once_s, most_once * c->best_s);

  return c->out ? INFINITY : once_s + (c->best_s - once_s) * race->times;
}

static int
cheapest (const Race *race)
{
  int best = 0;

  for (int i = 1; i < race->n; i++)
    if (cost_s (race, i, MOST_ONCE) < cost_s (race, best, MOST_ONCE))
      best = i;
  return best;
}

/* How many are still in the race. */
static int
sort_out (Race *race, double limit)
{
  const double least_s = cost_s (race, cheapest (race), MOST_ONCE);
  int left = 0;

  for (int i = 0; i < race->n; i++) {
    Candidate *c = &race->candidates[i];

    c->out |= c->once_s < MUCH_ONCE * c->best_s && cost_s (race, i, MOST_ONCE) > limit * least_s;
    left += !c->out;
  }
  return left;
}

/* Least times of the step at its own batch. False: there is no memory. */
static bool
run_round (Bench *bench, LwDirection direction, const LwStep *given, Race *race, double limit,
           double until_s, int rounds)
{
  LwStep step = *given;
  size_t workspace = 0;

  for (int i = 0; i < race->n; i++)
    if (!race->candidates[i].out)
      workspace = MAX (workspace,
                       race->candidates[i].algorithm->workspace (bench->device, &step, direction));
  if (!bind (bench, &step, (workspace + LINE - 1) / LINE * LINE))
    return false;
  for (int i = 0; i < race->n; i++)
    race->candidates[i].best_s = INFINITY;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < race->n; i++) {
      Candidate *c = &race->candidates[i];

      if (!c->out)
        c->best_s = MIN (c->best_s, run (bench->device, c->algorithm, &step, direction));
    }
    if (sort_out (race, round == 0 ? COLD * limit : limit) == 1 ||
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
  const int64_t numbers = lw_shape_size (step->x_shape[0]) + lw_shape_size (step->y_shape);
  const double most = MIN (batch, MOST_SCRATCH_BYTES / (4.0 * (double)numbers));
  int32_t power = 1;

  while (2 * power <= most)
    power *= 2;
  return most >= step->batch ? step->batch : MIN (power, step->batch);
}

/* Enough for all threads; more where one round of all takes less than half of the time, if they
 * multiply half as much as the definition, one with another. */
static int32_t
first_batch (const Bench *bench, const LwConvQuestion *question, int n, double seconds)
{
  const int threads = bench->device->threads;
  const double round_s = n * lw_conv_question_macs (question) / 2 / (MACS_A_SECOND * threads);

  return round_batch (&question->step, MAX (threads, seconds / 2 / round_s));
}

/* How often the time that is left holds ROUNDS of those that are in the race. */
static double
times_left (const Race *race, double end_s)
{
  double round_s = 0;

  for (int i = 0; i < race->n; i++)
    round_s += race->candidates[i].out ? 0 : race->candidates[i].best_s;
  return (end_s - now_s ()) / (ROUNDS * round_s);
}

/* What each does once in a call: one image of one window. */
static bool
measure_once (Bench *bench, const LwConvQuestion *question, Race *race)
{
  const LwWindow window = question->step.node->window;
  const int32_t side = MAX (1, window.kernel - 2 * window.padding);
  LwStep step = question->step;
  Race once = *race;

  step.batch = step.n = 1;
  step.x_shape[0].h = step.x_shape[0].w = side;
  step.y_shape.h = step.y_shape.w = (side + 2 * window.padding - window.kernel) / window.stride + 1;
  for (int i = 0; i < once.n; i++)
    once.candidates[i].out = !once.candidates[i].algorithm->applies (&step, question->direction);
  if (!run_round (bench, question->direction, &step, &once, INFINITY, 0, LEAST_ROUNDS))
    return false;
  for (int i = 0; i < once.n; i++)
    race->candidates[i].once_s = once.candidates[i].out ? 0 : once.candidates[i].best_s;
  return true;
}

/* The fixed rule's own algorithm is believed to do as much once as was measured. */
static const LwConvAlgorithm *
winner (const Race *race, const LwConvAlgorithm *fixed)
{
  const int best = cheapest (race);
  bool scaled = false;

  for (int i = 0; i < race->n; i++)
    scaled |= race->times > 1 && race->candidates[i].once_s > 0;
  for (int i = 0; i < race->n; i++)
    if (race->candidates[i].algorithm == fixed &&
        cost_s (race, best, MOST_ONCE) > (scaled ? WINS_SCALED_BY : WINS_BY) * cost_s (race, i, 1))
      return fixed;
  return race->candidates[best].algorithm;
}

static void
answer (Bench *bench, const LwConvMethods *methods, LwConvQuestion *question, double seconds)
{
  Race race = begin_race (methods, question);
  LwStep step = question->step;
  const int64_t pixels = (int64_t)step.y_shape.h * step.y_shape.w;
  const double end_s = now_s () + seconds;
  int32_t next = first_batch (bench, question, race.n, seconds);

  if (next < question->step.batch && next * pixels < MANY_USES &&
      !measure_once (bench, question, &race))
    return;
  do {
    step.batch = step.n = next;
    race.times = (double)question->step.batch / next;
    if (!run_round (bench, question->direction, &step, &race, OUT_EARLY, end_s, ROUNDS))
      return;
    next = round_batch (&question->step, MIN (GROWTH, times_left (&race, end_s)) * step.batch);
  } while (next > step.batch && sort_out (&race, OUT_EARLY) > 1);

  if (sort_out (&race, OUT_LATE) > 1 &&
      !run_round (bench, question->direction, &step, &race, OUT_LATE, end_s, MOST_ROUNDS))
    return;
  question->fastest = winner (&race, methods->fixed (&question->step, question->direction))->name;
}

/* What is left of the time is shared out, half of it evenly, half by work. */
void
lw_conv_time (LwDevice *device, const LwConvMethods *methods, LwConvQuestion *questions, int32_t n)
{
  Bench bench = { .device = device, .begin_s = now_s () };
  double macs = 0;

  for (int32_t i = 0; i < n; i++)
    macs += lw_conv_question_macs (&questions[i]);
  for (int32_t i = 0; i < n; i++) {
    const double left_s = SECONDS - (now_s () - bench.begin_s),
                 own = lw_conv_question_macs (&questions[i]);

    if (left_s < SECONDS / 4 / n)
      break;

    answer (&bench, methods, &questions[i], left_s / 2 * (1.0 / (n - i) + own / macs));
    macs -= own;
  }
  if (bench.memory != NULL)
    lw_cpu_free (device, bench.memory, bench.bytes);
  g_hash_table_remove_all (device->onednn); /* those for the batches measured */
}
