#include "ui/draw/memory-private.h"

#include <math.h>

#define LEFT         58.0 /* of the plots: numbers of the axis */
#define RIGHT        12.0
#define MARGIN       12.0
#define HEAD         54.0 /* title and braces above the training */
#define LOWER_HEAD   36.0 /* above the inference */
#define LOWER_SHARE  0.27
#define LOWER_LEAST  128.0
#define LOWER_MOST   216.0
#define PEAK_ROOM    20.0 /* above the peak: its words */
#define LABEL_ROOM   12.0 /* from label to label */
#define REASON_LEAST 190.0
#define REASON_MOST  420.0
#define NEAR         2.0 /* a pointer this far beside a thin bar still means it */

/* --- places ----------------------------------------------------------------------------------- */

const char *
lw_memory_unit_name (int64_t unit)
{
  return unit >= (int64_t)1 << 30 ? "GiB" : unit >= 1 << 20 ? "MiB" : unit >= 1 << 10 ? "KiB" : "B";
}

/* The unit in which lw_format_bytes writes the total. */
static int64_t
unit_for (int64_t bytes)
{
  int64_t unit = 1;

  while (unit < (int64_t)1 << 30 && bytes / unit >= 1024)
    unit *= 1024;
  return unit;
}

static void
scale_plot (LwMemoryPlot *plot, int64_t total)
{
  const double height = MAX (plot->place.height, 1.0);
  const int most = lw_ticks_room (height, 30.0);
  double least = 0;

  plot->unit = unit_for (total);
  plot->top = (double)MAX (total, 1) / (double)plot->unit;
  plot->top *= height / MAX (height - PEAK_ROOM, height / 2);
  lw_ticks_round_linear (&least, &plot->top, MAX (most, 2));
  lw_ticks_linear (0, plot->top, MAX (most, 2), false, true, &plot->ticks);
}

static void
place_plots (LwMemoryPicture *p)
{
  const double wide = MAX (p->width - LEFT - RIGHT, 1.0);
  const double lower = CLAMP (LOWER_SHARE * p->height, LOWER_LEAST, LOWER_MOST);
  LwMemoryPlot *training = &p->plots[LW_MODE_TRAINING], *inference = &p->plots[LW_MODE_INFERENCE];

  p->step = wide / lw_memory_steps_count (&p->steps, LW_MODE_TRAINING);
  p->split = floor (p->height - lower - LOWER_HEAD - MARGIN) + 0.5;
  training->place =
      (cairo_rectangle_t){ LEFT, HEAD, wide, MAX (p->split - HEAD - LW_MEMORY_LABELS - 14, 20) };
  inference->place =
      (cairo_rectangle_t){ LEFT, p->split + LOWER_HEAD,
                           p->step * lw_memory_steps_count (&p->steps, LW_MODE_INFERENCE), lower };
  p->reason.x = LEFT + inference->place.width + 24;
  p->reason.y = p->split + 30;
  p->reason.width = MIN (p->width - MARGIN - p->reason.x, REASON_MOST);
  p->reason.height = p->height - p->reason.y;
  for (int mode = 0; mode < LW_N_MODES; mode++) {
    LwMemoryPlot *plot = &p->plots[mode];
    const LwMemoryPass *pass = &p->use->pass[mode];
    double begin, end;

    plot->n_steps = lw_memory_steps_count (&p->steps, (LwMode)mode);
    plot->peak_step = 1 + lw_memory_steps_at (&p->steps, pass->peak_step, &begin, &end);
    plot->labels = lw_memory_steps_labels (&p->steps, p->graph, (LwMode)mode, p->step, LABEL_ROOM);
    scale_plot (plot, pass->total);
  }
}

double
lw_memory_picture_y (const LwMemoryPicture *p, LwMode mode, double bytes)
{
  const LwMemoryPlot *plot = &p->plots[mode];

  return plot->place.y + plot->place.height * (1 - bytes / (double)plot->unit / plot->top);
}

/* --- bars ------------------------------------------------------------------------------------- */

static void
place_bar (const LwMemoryPicture *p, LwMemoryBar *bar, double x0, double x1)
{
  const double left = p->plots[bar->mode].place.x;
  const double above = lw_memory_picture_y (p, bar->mode, (double)(bar->begin + bar->bytes));
  const double below = lw_memory_picture_y (p, bar->mode, (double)bar->begin);

  bar->place =
      (cairo_rectangle_t){ left + x0 * p->step, above, (x1 - x0) * p->step, below - above };
}

static void
add_bands (LwMemoryPicture *p, LwMode mode)
{
  const LwMemoryPass *pass = &p->use->pass[mode];
  const int64_t bytes[] = { pass->parameters, pass->gradients, pass->optimizer };
  int64_t at = 0;

  for (int i = 0; i < 3; i++) {
    LwMemoryBar bar = { .kind = (LwMemoryBarKind)(LW_MEMORY_PARAMETERS + i),
                        .mode = mode,
                        .buffer = -1,
                        .node = LW_NO_NODE,
                        .first = 1,
                        .last = p->plots[mode].n_steps,
                        .begin = at,
                        .bytes = bytes[i] };

    at += bytes[i];
    if (bytes[i] == 0)
      continue;
    place_bar (p, &bar, 0, p->plots[mode].n_steps);
    g_array_append_val (p->bars, bar);
  }
}

static int
compare_bars (const void *a, const void *b)
{
  const LwMemoryBar *x = a, *y = b;

  if (x->place.x != y->place.x)
    return x->place.x < y->place.x ? -1 : 1;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->buffer > y->buffer) - (x->buffer < y->buffer);
}

/* Whose a buffer is, for people: where a concat's inputs are written in place, the concat's. */
static LwNodeId
owner_of (const LwPlan *plan, int32_t index)
{
  const LwGraph *graph = lw_plan_graph (plan);
  const LwBuffer *buffer = lw_plan_buffer (plan, index);
  LwNodeId owner = buffer->node;

  if (buffer->kind == LW_BUFFER_WORKSPACE && buffer->node == lw_graph_n_nodes (graph))
    return LW_NO_NODE;
  if (buffer->kind != LW_BUFFER_VALUE && buffer->kind != LW_BUFFER_GRADIENT)
    return owner;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const int32_t of =
        buffer->kind == LW_BUFFER_VALUE ? lw_plan_value (plan, id) : lw_plan_gradient (plan, id);

    if (of == index && lw_graph_node (graph, id)->op == LW_OP_CONCAT)
      owner = id;
  }
  return owner;
}

static void
add_bars (LwMemoryPicture *p, LwMode mode)
{
  const LwMemoryPass *pass = &p->use->pass[mode];
  const int32_t n = lw_plan_n_buffers (pass->plan);
  const guint before = p->bars->len;

  add_bands (p, mode);
  for (int32_t i = 0; i < n; i++) {
    const LwBuffer *buffer = lw_plan_buffer (pass->plan, i);
    LwMemoryBar bar = { .kind = LW_MEMORY_BUFFER,
                        .mode = mode,
                        .buffer = i,
                        .begin = pass->fixed + buffer->offset,
                        .bytes = buffer->life.bytes };
    double from, to, ignored;

    if (buffer->life.bytes == 0)
      continue;
    bar.node = owner_of (pass->plan, i);
    bar.first = lw_memory_steps_at (&p->steps, buffer->life.first, &from, &ignored);
    bar.last = lw_memory_steps_at (&p->steps, buffer->life.last, &ignored, &to);
    place_bar (p, &bar, bar.first + from, bar.last + to);
    bar.first++;
    bar.last++;
    g_array_append_val (p->bars, bar);
  }
  qsort (&g_array_index (p->bars, LwMemoryBar, before), p->bars->len - before, sizeof (LwMemoryBar),
         compare_bars);
}

LwMemoryPicture *
lw_memory_picture_new (const LwMemoryUse *use, double width, double height)
{
  LwMemoryPicture *p = g_new0 (LwMemoryPicture, 1);

  p->use = use;
  p->graph = lw_plan_graph (use->pass[LW_MODE_TRAINING].plan);
  p->width = width;
  p->height = MAX (height, LW_MEMORY_LEAST_HEIGHT);
  p->steps = lw_memory_steps_new (use->pass[LW_MODE_TRAINING].plan);
  p->bars = g_array_new (FALSE, FALSE, sizeof (LwMemoryBar));
  place_plots (p);
  for (int mode = 0; mode < LW_N_MODES; mode++)
    add_bars (p, (LwMode)mode);
  return p;
}

void
lw_memory_picture_free (LwMemoryPicture *p)
{
  if (p == NULL)
    return;
  for (int mode = 0; mode < LW_N_MODES; mode++)
    g_array_unref (p->plots[mode].labels);
  lw_memory_steps_clear (&p->steps);
  g_array_unref (p->bars);
  g_free (p);
}

/* --- reading ---------------------------------------------------------------------------------- */

int32_t
lw_memory_picture_n_bars (const LwMemoryPicture *p)
{
  return (int32_t)p->bars->len;
}

const LwMemoryBar *
lw_memory_picture_bar (const LwMemoryPicture *p, int32_t index)
{
  g_return_val_if_fail (index >= 0 && index < lw_memory_picture_n_bars (p), NULL);
  return &g_array_index (p->bars, LwMemoryBar, index);
}

cairo_rectangle_t
lw_memory_picture_plot (const LwMemoryPicture *p, LwMode mode)
{
  return p->plots[mode].place;
}

int32_t
lw_memory_picture_n_steps (const LwMemoryPicture *p, LwMode mode)
{
  return p->plots[mode].n_steps;
}

int32_t
lw_memory_picture_peak_step (const LwMemoryPicture *p, LwMode mode)
{
  return p->plots[mode].peak_step;
}

/* How far a point is from a bar; 0 within. */
static double
distance (cairo_rectangle_t place, double x, double y)
{
  const double dx = MAX (MAX (place.x - x, x - place.x - place.width), 0);
  const double dy = MAX (MAX (place.y - y, y - place.y - place.height), 0);

  return hypot (dx, dy);
}

int32_t
lw_memory_picture_hit (const LwMemoryPicture *p, double x, double y)
{
  double least = NEAR;
  int32_t found = -1;

  for (int32_t i = 0; i < lw_memory_picture_n_bars (p); i++) {
    const LwMemoryBar *bar = lw_memory_picture_bar (p, i);
    const double far = distance (bar->place, x, y);

    /* A thin bar is meant by those beside it only where they are thick enough themselves. */
    if (far == 0 && bar->place.height >= 2 * NEAR && least > 0) {
      least = MIN (least, NEAR / 2);
      found = i;
    }
    if (far < least && bar->place.height < 2 * NEAR) {
      least = far;
      found = i;
    }
  }
  return found;
}

/* Up and down: the nearest address among bars of the same time. Left and right: the order of the
 * array, which is that of time. */
int32_t
lw_memory_picture_walk (const LwMemoryPicture *p, int32_t from, int dx, int dy)
{
  const int32_t n = lw_memory_picture_n_bars (p);
  const LwMemoryBar *start;
  int32_t best = from;

  if (n == 0)
    return -1;
  if (from < 0 || from >= n)
    return 0;
  if (dx != 0)
    return CLAMP (from + dx, 0, n - 1);
  start = lw_memory_picture_bar (p, from);
  for (int32_t i = 0; i < n; i++) {
    const LwMemoryBar *bar = lw_memory_picture_bar (p, i);
    const int64_t away = dy < 0 ? bar->begin - start->begin : start->begin - bar->begin;
    const int64_t nearest = dy < 0 ? lw_memory_picture_bar (p, best)->begin - start->begin
                                   : start->begin - lw_memory_picture_bar (p, best)->begin;

    if (bar->mode == start->mode && away > 0 && bar->last >= start->first &&
        bar->first <= start->last && (best == from || away < nearest))
      best = i;
  }
  return best;
}

int32_t
lw_memory_bar_nodes (const LwMemoryPicture *p, const LwMemoryBar *bar, LwNodeId *ret, int32_t most)
{
  const LwPlan *plan = p->use->pass[bar->mode].plan;
  int32_t n = 0;

  if (bar->buffer < 0)
    return 0;
  for (LwNodeId id = 0; id <= p->steps.n_nodes; id++) {
    const bool gradient = id < p->steps.n_nodes && lw_plan_gradient (plan, id) == bar->buffer;
    const bool scratch = bar->node != LW_NO_NODE && lw_plan_workspace (plan, id) == bar->buffer;

    if (!gradient && !scratch && lw_plan_value (plan, id) != bar->buffer &&
        lw_plan_state (plan, id) != bar->buffer)
      continue;
    if (n < most)
      ret[n] = id;
    n++;
  }
  return n;
}

bool
lw_memory_picture_belongs (const LwMemoryPicture *p, int32_t index, LwNodeId node)
{
  const LwMemoryBar *bar = lw_memory_picture_bar (p, index);
  const LwPlan *plan = p->use->pass[bar->mode].plan;

  if (bar->buffer < 0 || node < 0 || node >= p->steps.n_nodes)
    return false;
  return lw_plan_value (plan, node) == bar->buffer || lw_plan_state (plan, node) == bar->buffer ||
         lw_plan_gradient (plan, node) == bar->buffer ||
         (bar->node != LW_NO_NODE && lw_plan_workspace (plan, node) == bar->buffer);
}

int32_t
lw_memory_picture_find (const LwMemoryPicture *p, LwNodeId node)
{
  const LwPlan *plan = p->use->pass[LW_MODE_TRAINING].plan;

  if (node < 0 || node >= p->steps.n_nodes)
    return -1;
  for (int32_t i = 0; i < lw_memory_picture_n_bars (p); i++) {
    const LwMemoryBar *bar = lw_memory_picture_bar (p, i);

    if (bar->mode == LW_MODE_TRAINING && bar->buffer >= 0 &&
        bar->buffer == lw_plan_value (plan, node))
      return i;
  }
  return -1;
}
