#include "engine/memplan.h"
#include "engine/i18n.h"

#include <inttypes.h>

#define LARGEST_SUM ((int64_t)1 << 62)

static int64_t
round_up (int64_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

static bool
check (const LwLifetime *items, int32_t n, int64_t *ret_sum, GError **error)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < n; i++) {
    if (items[i].bytes < 0 || items[i].first > items[i].last) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("buffer %d has %" PRId64 " bytes from step %d to step %d"), i, items[i].bytes,
                   items[i].first, items[i].last);
      return false;
    }
    if (items[i].bytes > LARGEST_SUM - LW_ALIGNMENT ||
        round_up (items[i].bytes) > LARGEST_SUM - sum) {
      g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                   _ ("the buffers together need more than 2⁶² bytes; make the batch smaller"));
      return false;
    }
    sum += round_up (items[i].bytes);
  }
  *ret_sum = sum;
  return true;
}

/* The largest sum alive at one step, by walking the starts and ends in order of time. */
typedef struct {
  int64_t step; /* of an end: the step after the last */
  int64_t bytes;
} Change;

static int
compare_changes (const void *a, const void *b)
{
  const Change *x = a, *y = b;
  if (x->step != y->step)
    return x->step < y->step ? -1 : 1;
  return (x->bytes > y->bytes) - (x->bytes < y->bytes); /* ends before starts */
}

static int64_t
largest_alive (const LwLifetime *items, int32_t n)
{
  g_autofree Change *changes = g_new (Change, 2 * (size_t)n + 1);
  for (int32_t i = 0; i < n; i++) {
    changes[2 * i] = (Change){ items[i].first, round_up (items[i].bytes) };
    changes[2 * i + 1] = (Change){ (int64_t)items[i].last + 1, -round_up (items[i].bytes) };
  }
  qsort (changes, 2 * (size_t)n, sizeof *changes, compare_changes);
  int64_t alive = 0, most = 0;
  for (int32_t i = 0; i < 2 * n; i++) {
    alive += changes[i].bytes;
    most = MAX (most, alive);
  }
  return most;
}

typedef struct {
  LwLifetime life;
  int32_t index;
} Item;

static int
compare_items (const void *a, const void *b)
{
  const Item *x = a, *y = b;
  if (x->life.bytes != y->life.bytes)
    return x->life.bytes > y->life.bytes ? -1 : 1;
  if (x->life.first != y->life.first)
    return x->life.first < y->life.first ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

/* Where a placed item lies. `placed` is kept sorted by offset, so one walk finds the gaps. */
typedef struct {
  int64_t begin, end;
  LwLifetime life;
} Place;

static int64_t
lowest_free (const GArray *placed, LwLifetime life)
{
  int64_t offset = 0;
  for (guint i = 0; i < placed->len; i++) {
    const Place *other = &g_array_index (placed, Place, i);
    if (other->life.first > life.last || other->life.last < life.first)
      continue; /* never alive together */
    if (other->begin - offset >= round_up (life.bytes))
      break;
    offset = MAX (offset, other->end);
  }
  return offset;
}

static void
put_in_order (GArray *placed, Place place)
{
  guint low = 0, high = placed->len;
  while (low < high) {
    guint middle = (low + high) / 2;
    if (g_array_index (placed, Place, middle).begin < place.begin)
      low = middle + 1;
    else
      high = middle;
  }
  g_array_insert_val (placed, low, place);
}

bool
lw_memplan_solve (const LwLifetime *items, int32_t n, int64_t *ret_offsets, LwArenaSize *ret_size,
                  GError **error)
{
  g_return_val_if_fail (n >= 0, false);
  LwArenaSize size = { 0 };
  if (!check (items, n, &size.naive_bytes, error))
    return false;
  size.bound_bytes = largest_alive (items, n);

  g_autofree Item *order = g_new (Item, (size_t)n + 1);
  for (int32_t i = 0; i < n; i++)
    order[i] = (Item){ items[i], i };
  qsort (order, (size_t)n, sizeof *order, compare_items);

  g_autoptr (GArray) placed = g_array_new (FALSE, FALSE, sizeof (Place));
  for (int32_t k = 0; k < n; k++) {
    LwLifetime life = order[k].life;
    int64_t offset = lowest_free (placed, life);
    ret_offsets[order[k].index] = offset;
    if (life.bytes > 0)
      put_in_order (placed, (Place){ offset, offset + round_up (life.bytes), life });
    size.arena_bytes = MAX (size.arena_bytes, offset + round_up (life.bytes));
  }
  if (ret_size != NULL)
    *ret_size = size;
  return true;
}
