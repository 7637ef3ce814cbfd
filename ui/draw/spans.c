#include "ui/draw/spans.h"

#include <math.h>
#include <stdlib.h>

#define FIRST_BUCKET 256.0
#define MAX_LEVELS   40 /* up to 10¹⁴: longer ones share the last */

typedef struct {
  double low, high;
  int32_t number;
  int32_t level;
  int64_t bucket; /* in which `low` lies */
} Span;

struct LwSpans {
  GArray *spans;                  /* Span; sorted by level, bucket, number once sealed */
  guint first[MAX_LEVELS + 1];    /* of each level */
  double bucket_size[MAX_LEVELS]; /* of each level */
  int32_t n_levels;
};

LwSpans *
lw_spans_new (void)
{
  LwSpans *spans = g_new0 (LwSpans, 1);

  spans->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  for (int i = 0; i < MAX_LEVELS; i++)
    spans->bucket_size[i] = ldexp (FIRST_BUCKET, i);
  return spans;
}

void
lw_spans_free (LwSpans *spans)
{
  if (spans == NULL)
    return;
  g_array_unref (spans->spans);
  g_free (spans);
}

void
lw_spans_add (LwSpans *spans, double low, double high)
{
  Span span = { low, high, (int32_t)spans->spans->len, 0, 0 };

  while (span.level < MAX_LEVELS - 1 && high - low > spans->bucket_size[span.level])
    span.level++;
  span.bucket = (int64_t)floor (low / spans->bucket_size[span.level]);
  spans->n_levels = MAX (spans->n_levels, span.level + 1);
  g_array_append_val (spans->spans, span);
}

static int
compare_spans (gconstpointer a, gconstpointer b)
{
  const Span *x = a, *y = b;

  if (x->level != y->level)
    return x->level < y->level ? -1 : 1;
  if (x->bucket != y->bucket)
    return x->bucket < y->bucket ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

void
lw_spans_seal (LwSpans *spans)
{
  guint at = 0;

  g_array_sort (spans->spans, compare_spans);
  for (int level = 0; level <= MAX_LEVELS; level++) {
    while (at < spans->spans->len && g_array_index (spans->spans, Span, at).level < level)
      at++;
    spans->first[level] = at;
  }
}

/* The first span of a level whose bucket is not before `bucket`. */
static guint
search_bucket (const LwSpans *spans, int level, double bucket)
{
  guint low = spans->first[level], high = spans->first[level + 1];

  while (low < high) {
    const guint middle = low + (high - low) / 2;

    if ((double)g_array_index (spans->spans, Span, middle).bucket < bucket)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

  return x < y ? -1 : x > y;
}

void
lw_spans_find (const LwSpans *spans, double low, double high, GArray *found)
{
  g_array_set_size (found, 0);
  for (int level = 0; level < spans->n_levels; level++) {
    const double size = spans->bucket_size[level];
    const double last = floor (high / size);

    /* what begins one bucket earlier can still reach in */
    for (guint i = search_bucket (spans, level, floor (low / size) - 1);
         i < spans->first[level + 1]; i++) {
      const Span *span = &g_array_index (spans->spans, Span, i);

      if ((double)span->bucket > last)
        break;
      if (span->low <= high && span->high >= low)
        g_array_append_val (found, span->number);
    }
  }
  g_array_sort (found, compare_numbers);
}
