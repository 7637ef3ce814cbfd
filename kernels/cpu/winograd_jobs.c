/* The stages put together. Threads take whole groups of tiles through all stages, in memory of
 * their own, so that none waits for another but at the end of the two jobs of a call. */
#include "kernels/cpu/winograd_stages.h"

#include <immintrin.h>
#include <stdatomic.h>
#include <string.h>

/* --- items ------------------------------------------------------------------------------------
 * A thread does its own share first, which is the same part of the batch in every layer: what it
 * wrote lies in its caches, which may be far from the others'. Then it helps. */

typedef struct Job Job;

typedef struct {
  _Atomic int64_t next; /* the first item that nobody has taken */
  int64_t end;
  char line[LW_WINOGRAD_SHARE_BYTES - 2 * sizeof (int64_t)];
} Share;

struct Job {
  void (*item) (Job *job, int64_t number, char *scratch);
  int workers;
  Share *shares; /* [workers] */

  const LwWinogradPlan *plan;
  LwWinogradSource in, out;
  LwWinogradTarget target;
  const float *w;
  bool turned;
  LwNumber *points; /* the transformed weights */
  float *gradients; /* the chunks' gradients of them */
  float *sums;      /* [chunks][16 · out panels] Σ dy */
  char *scratch;    /* [threads][plan->scratch] */
  float *dw, *dbias;
};

static void
work (void *data, int index)
{
  Job *job = data;

  for (int i = 0; i < job->workers; i++) {
    Share *share = &job->shares[(index + i) % job->workers];
    int64_t item;

    while ((item = atomic_fetch_add_explicit (&share->next, 1, memory_order_relaxed)) < share->end)
      job->item (job, item, job->scratch + index * job->plan->scratch);
  }
  _mm_sfence (); /* what was written past the caches is seen by all */
}

static void
run (const LwWinogradPool *pool, Job *job, int64_t items,
     void (*item) (Job *job, int64_t number, char *scratch))
{
  job->item = item;
  job->workers = (int)(items < pool->threads ? items : pool->threads);
  job->shares = (Share *)(void *)(job->scratch + pool->threads * job->plan->scratch);
  for (int i = 0; i < job->workers; i++) {
    atomic_store_explicit (&job->shares[i].next, items * i / job->workers, memory_order_relaxed);
    job->shares[i].end = items * (i + 1) / job->workers;
  }
  pool->parallel (pool->pool, job->workers, work, job);
}

/* Output panels of a part: whole pairs, as the micro-kernels like them. */
static int
part_begin (const LwWinogradPlan *plan, int part)
{
  const int units = (plan->out_panels + LW_WIDE - 1) / LW_WIDE;
  const int panel = (int)((int64_t)units * part / plan->parts) * LW_WIDE;

  return panel < plan->out_panels ? panel : plan->out_panels;
}

static int64_t
tiles_of_group (const LwWinogradPlan *plan, int64_t group)
{
  const int64_t left = plan->tiles - group * plan->group;

  return left < plan->group ? left : plan->group;
}

/* Pixels of less than a cache line are not worth asking for. */
static int64_t
tiles_ahead (const LwWinogradPlan *plan, int64_t group, int64_t bytes)
{
  return group < plan->groups && bytes >= 64 ? tiles_of_group (plan, group) : 0;
}

/* What a group of tiles reads of the convolution's input; nothing when there is no such group. */
static LwWinogradAhead
input_ahead (const LwWinogradPlan *plan, LwWinogradSource in, int64_t group)
{
  const int64_t bytes = plan->in_c * (int64_t)sizeof (LwNumber);
  const int step = plan->in_phases > 1 ? 2 : 1;
  const int window = plan->in_phases > 1 ? plan->window : plan->kernel;

  return (LwWinogradAhead){ .pixels = in.pixels,
                            .h = plan->in_h,
                            .w = plan->in_w,
                            .padding = plan->padding,
                            .rows = step * (plan->m_y - 1) + window,
                            .columns = step * (plan->m_x - 1) + window,
                            .step = step,
                            .pixel = plan->in_stride * (int64_t)sizeof (LwNumber),
                            .bytes = bytes,
                            .first = group * plan->group,
                            .count = tiles_ahead (plan, group, bytes) };
}

/* The panels of a group's output, or of what is laid out like it, pixels `stride` apart; of phases,
 * all channels. */
static LwWinogradAhead
output_ahead (const LwWinogradPlan *plan, const void *pixels, int64_t stride, int64_t group,
              int from, int to)
{
  const int64_t size = (int64_t)sizeof (LwNumber);
  const int step = plan->out_phases > 1 ? 2 : 1;
  const int begin = step > 1 ? 0 : from * LW_PANEL;
  const int end = step > 1 || plan->out_c < to * LW_PANEL ? plan->out_c : to * LW_PANEL;
  const int64_t bytes = pixels ? (end - begin) * size : 0;

  return (LwWinogradAhead){ .pixels = pixels ? (const char *)pixels + begin * size : NULL,
                            .h = plan->out_h,
                            .w = plan->out_w,
                            .padding = plan->before,
                            .rows = step * plan->m_y,
                            .columns = step * plan->m_x,
                            .step = step,
                            .pixel = stride * size,
                            .bytes = bytes,
                            .first = group * plan->group,
                            .count = tiles_ahead (plan, group, bytes) };
}

/* --- forward and data gradient ---------------------------------------------------------------- */

static void
weights_item (Job *job, int64_t number, char *scratch)
{
  const int in_panels = job->plan->in_panels;

  (void)scratch;
  LW_CPU (winograd_weights)
  (job->plan, job->w, job->turned, (int)(number % in_panels), (int)(number / in_panels),
   job->points);
}

/* The tiles count … rows − 1 of v, which the last block multiplies as well. */
static void
clear_rest (const LwWinogradPlan *plan, LwNumber *v, int64_t count)
{
  const int64_t rows = lw_winograd_rows (count, LW_TALL, LW_SHORT);

  if (rows > count)
    for (int point = 0; point < plan->points; point++)
      for (int panel = 0; panel < plan->in_panels; panel++)
        memset (v + point * plan->in_step + (panel * plan->group + count) * LW_PANEL, 0,
                (size_t)(rows - count) * LW_PANEL * sizeof *v);
}

static void
group_item (Job *job, int64_t number, char *scratch)
{
  const LwWinogradPlan *plan = job->plan;
  const int64_t group = number / plan->parts, first = group * plan->group;
  const int64_t count = tiles_of_group (plan, group);
  const int part = (int)(number % plan->parts);
  const int from = part_begin (plan, part), to = part_begin (plan, part + 1);
  LwNumber *v = (LwNumber *)(void *)scratch;
  float *s = (float *)(void *)(scratch + plan->in_bytes);
  const LwWinogradTarget *out = &job->target;
  const LwWinogradAhead ahead[LW_AHEAD] = {
    input_ahead (plan, job->in, (number + 1) / plan->parts),
    output_ahead (plan, out->stream ? NULL : out->pixels, plan->out_stride, group, from, to),
    output_ahead (plan, out->positive, out->positive_stride, group, from, to),
  };

  LW_CPU (winograd_input) (plan, job->in, first, count, false, v);
  clear_rest (plan, v, count);
  LW_CPU (winograd_product) (plan, v, job->points, count, from, to, s, ahead);
  LW_CPU (winograd_output) (plan, s, first, count, from, to, &job->target);
}

static void
convolve (const LwWinogradPool *pool, const LwWinogradPlan *plan, LwWinogradSource in,
          const float *w, bool turned, LwWinogradTarget out, char *workspace)
{
  Job job = { .plan = plan, .in = in, .target = out, .w = w, .turned = turned };

  job.points = (LwNumber *)(void *)workspace;
  job.scratch = workspace + plan->weight_bytes;
  run (pool, &job, (int64_t)plan->in_panels * plan->out_panels, weights_item);
  run (pool, &job, plan->groups * plan->parts, group_item);
}

/* --- weight gradient -------------------------------------------------------------------------- */

#ifndef LW_BF16
/* Point 1 of both axes is the number 1, whose powers are 1: A dY Aᵀ has there the sum of the tile.
 */
static void
add_sums (const LwWinogradPlan *plan, const float *d, int64_t count, int panel, float *sums)
{
  const int alpha = plan->m_x + plan->kernel - 1;
  const float *ones = d + (alpha + 1) * plan->out_step + panel * plan->group * LW_PANEL;

  for (int64_t tile = 0; tile < count; tile++)
    for (int c = 0; c < LW_PANEL; c++)
      sums[c] += ones[tile * LW_PANEL + c];
}
#endif

static void
chunk_item (Job *job, int64_t number, char *scratch)
{
  const LwWinogradPlan *plan = job->plan;
  const int64_t chunk = number / plan->parts;
  const int64_t begin = plan->groups * chunk / plan->chunks;
  const int64_t end = plan->groups * (chunk + 1) / plan->chunks;
  const int part = (int)(number % plan->parts);
  const int from = part_begin (plan, part), to = part_begin (plan, part + 1);
  LwNumber *v = (LwNumber *)(void *)scratch, *d = (LwNumber *)(void *)(scratch + plan->in_bytes);
  float *du = job->gradients + chunk * plan->weights;
  float *sums = job->sums + chunk * plan->out_panels * LW_PANEL;

  memset (sums + from * LW_PANEL, 0, (size_t)(to - from) * LW_PANEL * sizeof (float));
  for (int64_t group = begin; group < end; group++) {
    const int64_t first = group * plan->group, count = tiles_of_group (plan, group);
    const LwWinogradAhead ahead[LW_AHEAD] = {
      input_ahead (plan, job->in, group + 1),
      output_ahead (plan, job->out.pixels, plan->out_stride, group + 1, from, to),
    };

    LW_CPU (winograd_input) (plan, job->in, first, count, true, v);
#ifdef LW_BF16
    LW_CPU (winograd_gradient)
    (plan, job->out, first, count, from, to, d, job->dbias ? sums : NULL);
#else
    LW_CPU (winograd_gradient) (plan, job->out, first, count, from, to, d, NULL);
    if (job->dbias)
      for (int panel = from; panel < to; panel++)
        add_sums (plan, d, count, panel, sums + panel * LW_PANEL);
#endif
    LW_CPU (winograd_outer_product) (plan, v, d, count, from, to, group > begin, du, ahead);
  }
}

static void
gradient_item (Job *job, int64_t number, char *scratch)
{
  const LwWinogradPlan *plan = job->plan;
  const int in = (int)(number % plan->in_panels), out = (int)(number / plan->in_panels);

  (void)scratch;
  LW_CPU (winograd_weight_gradient) (plan, job->gradients, in, out, job->dw);
  if (job->dbias && in == 0)
    for (int c = out * LW_PANEL; c < plan->out_c && c < (out + 1) * LW_PANEL; c++)
      for (int64_t chunk = 0; chunk < plan->chunks; chunk++)
        job->dbias[c] += job->sums[chunk * plan->out_panels * LW_PANEL + c];
}

static void
weight_gradient (const LwWinogradPool *pool, const LwWinogradPlan *plan, LwWinogradSource in,
                 LwWinogradSource out, float *dw, float *dbias, char *workspace)
{
  Job job = { .plan = plan, .in = in, .out = out, .dw = dw, .dbias = dbias };

  job.gradients = (float *)(void *)workspace;
  job.sums = job.gradients + plan->chunks * plan->weights;
  job.scratch = (char *)(job.sums + plan->chunks * plan->out_panels * LW_PANEL);
  run (pool, &job, plan->chunks * plan->parts, chunk_item);
  run (pool, &job, (int64_t)plan->in_panels * plan->out_panels, gradient_item);
}

const LwWinogradJobs LW_CPU (winograd_jobs) = { convolve, weight_gradient };
