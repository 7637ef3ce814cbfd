#include "ui/draw/pyramid.h"

#include <math.h>

enum { FAN = 16, MAX_LEVELS = 15 /* 16^15 numbers: no memory holds them */ };

struct LwPyramid {
  GArray *levels[MAX_LEVELS]; /* of LwExtremes */
  int n_levels;
};

static const LwExtremes nothing = { NAN, NAN, 0.0, 0 };

static void
take_value (LwExtremes *sum, double value)
{
  if (!isfinite (value))
    return;
  if (sum->n == 0) {
    sum->min = sum->max = value;
  } else {
    sum->min = MIN (sum->min, value);
    sum->max = MAX (sum->max, value);
  }
  sum->sum += value;
  sum->n++;
}

static void
take_node (LwExtremes *sum, const LwExtremes *node)
{
  if (node->n == 0)
    return;
  if (sum->n == 0) {
    *sum = *node;
    return;
  }
  sum->min = MIN (sum->min, node->min);
  sum->max = MAX (sum->max, node->max);
  sum->sum += node->sum;
  sum->n += node->n;
}

LwPyramid *
lw_pyramid_new (void)
{
  return g_new0 (LwPyramid, 1);
}

void
lw_pyramid_free (LwPyramid *pyramid)
{
  if (pyramid == NULL)
    return;
  lw_pyramid_clear (pyramid);
  g_free (pyramid);
}

void
lw_pyramid_clear (LwPyramid *pyramid)
{
  for (int k = 0; k < pyramid->n_levels; k++)
    g_clear_pointer (&pyramid->levels[k], g_array_unref);
  pyramid->n_levels = 0;
}

static const LwExtremes *
node_at (const LwPyramid *pyramid, int level, size_t index)
{
  return &g_array_index (pyramid->levels[level], LwExtremes, index);
}

/* Appends a complete node and, where it completes its parent, the parent. */
static void
push_node (LwPyramid *pyramid, LwExtremes node)
{
  for (int level = 0; level < MAX_LEVELS; level++) {
    GArray *nodes;

    if (level == pyramid->n_levels) {
      pyramid->levels[level] = g_array_new (FALSE, FALSE, sizeof (LwExtremes));
      pyramid->n_levels++;
    }
    nodes = pyramid->levels[level];
    g_array_append_val (nodes, node);
    if (nodes->len % FAN != 0)
      return;
    node = nothing;
    for (guint i = nodes->len - FAN; i < nodes->len; i++)
      take_node (&node, node_at (pyramid, level, i));
  }
}

void
lw_pyramid_grow (LwPyramid *pyramid, const double *values, size_t n)
{
  size_t done = pyramid->n_levels > 0 ? (size_t)pyramid->levels[0]->len * FAN : 0;

  for (; done + FAN <= n; done += FAN) {
    LwExtremes node = nothing;

    for (size_t i = done; i < done + FAN; i++)
      take_value (&node, values[i]);
    push_node (pyramid, node);
  }
}

/* The widest stored node that starts at `begin` and ends by `end`: its level, or −1 for a single
 * number. `*size`: how many numbers it covers; both are carried from one step to the next, so that
 * walking a stretch climbs and descends once. */
static int
widest_node (const LwPyramid *pyramid, size_t begin, size_t end, int level, size_t *size)
{
  while (level >= 0 && (begin + *size > end || begin / *size >= pyramid->levels[level]->len)) {
    level--;
    *size /= FAN;
  }
  while (level + 1 < pyramid->n_levels) {
    size_t wider = *size * FAN;

    if (begin % wider != 0 || begin + wider > end ||
        begin / wider >= pyramid->levels[level + 1]->len)
      break;
    level++;
    *size = wider;
  }
  return level;
}

LwExtremes
lw_pyramid_query (const LwPyramid *pyramid, const double *values, size_t begin, size_t end)
{
  LwExtremes sum = nothing;
  size_t size = 1;
  int level = -1;

  while (begin < end) {
    level = widest_node (pyramid, begin, end, level, &size);
    if (level < 0)
      take_value (&sum, values[begin]);
    else
      take_node (&sum, node_at (pyramid, level, begin / size));
    begin += size;
  }
  return sum;
}

static bool
outside (double value, double low, double high)
{
  return isfinite (value) && (value < low || value > high);
}

static size_t
count_in_node (const LwPyramid *pyramid, const double *values, int level, size_t index, double low,
               double high)
{
  const LwExtremes *node = node_at (pyramid, level, index);
  size_t n = 0;

  if (node->n == 0 || (node->min >= low && node->max <= high))
    return 0;
  if (node->min > high || node->max < low)
    return node->n;
  for (size_t i = index * FAN; i < (index + 1) * FAN; i++) {
    if (level == 0)
      n += outside (values[i], low, high);
    else
      n += count_in_node (pyramid, values, level - 1, i, low, high);
  }
  return n;
}

size_t
lw_pyramid_count_outside (const LwPyramid *pyramid, const double *values, size_t begin, size_t end,
                          double low, double high)
{
  size_t n = 0, size = 1;
  int level = -1;

  while (begin < end) {
    level = widest_node (pyramid, begin, end, level, &size);
    if (level < 0)
      n += outside (values[begin], low, high);
    else
      n += count_in_node (pyramid, values, level, begin / size, low, high);
    begin += size;
  }
  return n;
}

/* Whether a number may still improve on `best`: NaN is no number yet. */
static bool
improves (double value, double bound, double best)
{
  return isfinite (value) && value > bound && !(value >= best);
}

static double
lowest_in_node (const LwPyramid *pyramid, const double *values, int level, size_t index,
                double bound, double best)
{
  const LwExtremes *node = node_at (pyramid, level, index);

  if (node->n == 0 || node->max <= bound || node->min >= best)
    return best;
  if (node->min > bound)
    return node->min;
  for (size_t i = index * FAN; i < (index + 1) * FAN; i++) {
    if (level > 0)
      best = lowest_in_node (pyramid, values, level - 1, i, bound, best);
    else if (improves (values[i], bound, best))
      best = values[i];
  }
  return best;
}

double
lw_pyramid_lowest_above (const LwPyramid *pyramid, const double *values, size_t begin, size_t end,
                         double bound)
{
  double best = NAN;
  size_t size = 1;
  int level = -1;

  while (begin < end) {
    level = widest_node (pyramid, begin, end, level, &size);
    if (level >= 0)
      best = lowest_in_node (pyramid, values, level, begin / size, bound, best);
    else if (improves (values[begin], bound, best))
      best = values[begin];
    begin += size;
  }
  return best;
}
