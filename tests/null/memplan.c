/* Packing: whatever the lifetimes, nothing overlaps in time and space. */
#include "engine/memplan.h"

static void
assert_valid (const LwLifetime *items, const int64_t *offsets, int32_t n, LwArenaSize size)
{
  for (int32_t i = 0; i < n; i++) {
    g_assert_cmpint (offsets[i], >=, 0);
    g_assert_cmpint (offsets[i] % LW_ALIGNMENT, ==, 0);
    g_assert_cmpint (offsets[i] + items[i].bytes, <=, size.arena_bytes);
    for (int32_t k = 0; k < i; k++) {
      bool in_time = items[i].first <= items[k].last && items[k].first <= items[i].last;
      bool in_space =
          offsets[i] < offsets[k] + items[k].bytes && offsets[k] < offsets[i] + items[i].bytes;
      g_assert_false (in_time && in_space);
    }
  }
  g_assert_cmpint (size.bound_bytes, <=, size.arena_bytes);
  g_assert_cmpint (size.arena_bytes, <=, size.naive_bytes);
}

/* The largest sum alive at one step, the slow way. */
static int64_t
largest_alive (const LwLifetime *items, int32_t n, int32_t n_steps)
{
  int64_t most = 0;
  for (int32_t step = 0; step < n_steps; step++) {
    int64_t alive = 0;
    for (int32_t i = 0; i < n; i++)
      if (items[i].first <= step && step <= items[i].last)
        alive += (items[i].bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
    most = MAX (most, alive);
  }
  return most;
}

static void
test_random (void)
{
  enum { MOST = 120, STEPS = 80 };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  for (int trial = 0; trial < 300; trial++) {
    LwLifetime items[MOST];
    int64_t offsets[MOST], again[MOST];
    LwArenaSize size, same;
    int32_t n = g_rand_int_range (random, 0, MOST + 1);
    for (int32_t i = 0; i < n; i++) {
      items[i].bytes = g_rand_int_range (random, 0, 100) < 5
                           ? 0
                           : g_rand_int_range (random, 1, 1 << g_rand_int_range (random, 1, 20));
      items[i].first = g_rand_int_range (random, 0, STEPS);
      items[i].last = g_rand_int_range (random, items[i].first, STEPS);
    }
    g_assert_true (lw_memplan_solve (items, n, offsets, &size, NULL));
    assert_valid (items, offsets, n, size);
    g_assert_cmpint (size.bound_bytes, ==, largest_alive (items, n, STEPS));
    g_assert_true (lw_memplan_solve (items, n, again, &same, NULL));
    g_assert_cmpmem (offsets, sizeof *offsets * (size_t)n, again, sizeof *again * (size_t)n);
  }
}

/* Worked by hand: the largest lies at 0; the second may lie over it in time, so it goes on top; the
 * third starts when the first is gone and fits below. */
static void
test_example (void)
{
  const LwLifetime items[] = { { 256, 3, 4 }, { 1024, 0, 2 }, { 512, 1, 3 } };
  int64_t offsets[3];
  LwArenaSize size;
  g_assert_true (lw_memplan_solve (items, 3, offsets, &size, NULL));
  g_assert_cmpint (offsets[1], ==, 0);
  g_assert_cmpint (offsets[2], ==, 1024);
  g_assert_cmpint (offsets[0], ==, 0);
  g_assert_cmpint (size.arena_bytes, ==, 1536);
  g_assert_cmpint (size.bound_bytes, ==, 1536);
  g_assert_cmpint (size.naive_bytes, ==, 1792);
}

/* Equal sizes: the earlier first use is placed first, then the lower index. */
static void
test_ties (void)
{
  const LwLifetime items[] = { { 256, 5, 9 }, { 256, 0, 9 }, { 256, 5, 9 } };
  int64_t offsets[3];
  g_assert_true (lw_memplan_solve (items, 3, offsets, NULL, NULL));
  g_assert_cmpint (offsets[1], ==, 0);
  g_assert_cmpint (offsets[0], ==, 256);
  g_assert_cmpint (offsets[2], ==, 512);
}

static void
test_refused (void)
{
  static const struct {
    LwLifetime items[2];
    LwError code;
  } cases[] = {
    { { { -1, 0, 0 }, { 1, 0, 0 } }, LW_ERROR_INVALID },
    { { { 1, 0, 0 }, { 1, 3, 2 } }, LW_ERROR_INVALID },
    { { { (int64_t)1 << 61, 0, 0 }, { ((int64_t)1 << 61) + 1, 1, 1 } }, LW_ERROR_MEMORY },
    { { { G_MAXINT64, 0, 0 }, { 1, 1, 1 } }, LW_ERROR_MEMORY },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    int64_t offsets[2];
    LwArenaSize size;
    g_autoptr (GError) error = NULL;
    g_assert_false (lw_memplan_solve (cases[i].items, 2, offsets, &size, &error));
    g_assert_error (error, LW_ERROR, (int)cases[i].code);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memplan/random", test_random);
  g_test_add_func ("/memplan/example", test_example);
  g_test_add_func ("/memplan/ties", test_ties);
  g_test_add_func ("/memplan/refused", test_refused);
  return g_test_run ();
}
