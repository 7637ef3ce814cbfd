/* Series: extremes against brute force, smoothing against the formula, places, gaps. */
#include "tests/draw/canvas.h"
#include "ui/draw/series.h"

#include <float.h>
#include <math.h>

static LwExtremes
by_hand (const double *values, size_t begin, size_t end)
{
  LwExtremes sum = { NAN, NAN, 0.0, 0 };

  for (size_t i = begin; i < end; i++) {
    if (!isfinite (values[i]))
      continue;
    sum.min = sum.n == 0 || values[i] < sum.min ? values[i] : sum.min;
    sum.max = sum.n == 0 || values[i] > sum.max ? values[i] : sum.max;
    sum.sum += values[i];
    sum.n++;
  }
  return sum;
}

static void
assert_same_number (double a, double b)
{
  if (!(isnan (a) && isnan (b)))
    g_assert_cmpfloat (a, ==, b);
}

/* Values with gaps, infinities and rare spikes, which sampling would miss. */
static double
wild_value (GRand *random)
{
  double dice = g_rand_double (random);

  if (dice < 0.05)
    return NAN;
  if (dice < 0.06)
    return g_rand_boolean (random) ? INFINITY : -INFINITY;
  if (dice < 0.061)
    return g_rand_double_range (random, -1e9, 1e9);
  return g_rand_double_range (random, -1.0, 1.0);
}

static void
test_extremes (void)
{
  /* Around powers of the fan-out, where levels begin. */
  static const size_t sizes[] = { 0, 1, 15, 16, 17, 255, 256, 257, 4095, 4096, 4113, 70000 };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    g_autoptr (LwSeries) series = lw_series_new ();
    const double *ys;

    for (size_t i = 0; i < sizes[s]; i++)
      g_assert_true (lw_series_append (series, i, wild_value (random)));
    ys = lw_series_y (series);
    for (int q = 0; q < 2000; q++) {
      size_t begin = g_rand_int_range (random, 0, (int)sizes[s] + 1);
      size_t end = g_rand_int_range (random, 0, (int)sizes[s] + 1);
      LwExtremes wanted = by_hand (ys, begin, end), got = lw_series_extremes (series, begin, end);
      double low = g_rand_double_range (random, -1.1, 0.5);
      double high = low + g_rand_double (random), lowest = NAN;
      size_t n_outside = 0;

      g_assert_cmpuint (got.n, ==, wanted.n);
      assert_same_number (got.min, wanted.min);
      assert_same_number (got.max, wanted.max);
      g_assert_cmpfloat_with_epsilon (got.sum, wanted.sum, 1e-3);
      if (begin >= end)
        continue;
      for (size_t i = begin; i < end; i++) {
        n_outside += isfinite (ys[i]) && (ys[i] < low || ys[i] > high);
        if (isfinite (ys[i]) && ys[i] > low)
          lowest = fmin (lowest, ys[i]);
      }
      g_assert_cmpuint (lw_series_count_outside (series, begin, end - 1, low, high), ==, n_outside);
      assert_same_number (lw_series_lowest_above (series, begin, end - 1, low), lowest);
    }
  }
}

/* The same values whether taken in one by one or at once, also after a clear. */
static void
test_growth (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (LwPyramid) slow = lw_pyramid_new (), fast = lw_pyramid_new ();
  g_autofree double *values = g_new (double, 10000);

  for (int i = 0; i < 10000; i++)
    values[i] = wild_value (random);
  lw_pyramid_grow (fast, values, 5000);
  lw_pyramid_clear (fast);
  lw_pyramid_grow (fast, values, 10000);
  for (int i = 1; i <= 10000; i++) {
    LwExtremes a, b;
    size_t begin = g_rand_int_range (random, 0, i);

    lw_pyramid_grow (slow, values, i);
    a = lw_pyramid_query (slow, values, begin, i);
    b = lw_pyramid_query (fast, values, begin, i);
    g_assert_cmpuint (a.n, ==, b.n);
    assert_same_number (a.min, b.min);
    assert_same_number (a.max, b.max);
  }
}

static void
test_append (void)
{
  g_autoptr (LwSeries) series = lw_series_new ();
  guint generation = lw_series_generation (series);

  g_assert_true (lw_series_append (series, 1.0, 5.0));
  g_assert_true (lw_series_append (series, 1.0, NAN));
  g_assert_false (lw_series_append (series, 0.5, 5.0));
  g_assert_false (lw_series_append (series, NAN, 5.0));
  g_assert_false (lw_series_append (series, INFINITY, 5.0));
  g_assert_cmpuint (lw_series_length (series), ==, 2);
  lw_series_clear (series);
  g_assert_cmpuint (lw_series_length (series), ==, 0);
  g_assert_cmpuint (lw_series_generation (series), !=, generation);
  g_assert_true (lw_series_append (series, 0.5, 5.0));
}

static void
test_places (void)
{
  static const double xs[] = { 1, 2, 2, 2, 4, 8 };
  g_autoptr (LwSeries) series = lw_series_new ();
  size_t at;

  g_assert_false (lw_series_at_x (series, 1.0, LW_AT_NEAREST, &at));
  for (guint i = 0; i < G_N_ELEMENTS (xs); i++)
    lw_series_append (series, xs[i], i);
  g_assert_cmpuint (lw_series_lower_bound (series, 2.0), ==, 1);
  g_assert_cmpuint (lw_series_upper_bound (series, 2.0), ==, 4);
  g_assert_cmpuint (lw_series_lower_bound (series, 9.0), ==, 6);
  g_assert_cmpuint (lw_series_lower_bound (series, -9.0), ==, 0);

  g_assert_true (lw_series_at_x (series, 2.9, LW_AT_NEAREST, &at));
  g_assert_cmpuint (at, ==, 1);
  g_assert_true (lw_series_at_x (series, 3.0, LW_AT_NEAREST, &at));
  g_assert_cmpuint (at, ==, 1);
  g_assert_true (lw_series_at_x (series, 3.1, LW_AT_NEAREST, &at));
  g_assert_cmpuint (at, ==, 4);
  g_assert_true (lw_series_at_x (series, 100.0, LW_AT_NEAREST, &at));
  g_assert_cmpuint (at, ==, 5);
  g_assert_true (lw_series_at_x (series, -100.0, LW_AT_NEAREST, &at));
  g_assert_cmpuint (at, ==, 0);
  g_assert_false (lw_series_at_x (series, NAN, LW_AT_NEAREST, &at));

  /* A test result holds until the next one. */
  g_assert_true (lw_series_at_x (series, 7.99, LW_AT_LAST_BEFORE, &at));
  g_assert_cmpuint (at, ==, 4);
  g_assert_true (lw_series_at_x (series, 8.0, LW_AT_LAST_BEFORE, &at));
  g_assert_cmpuint (at, ==, 5);
  g_assert_false (lw_series_at_x (series, 0.99, LW_AT_LAST_BEFORE, &at));
}

/* The weighted mean that the debiased average is, written out: Σ w^(t−i) y(i) / Σ w^(t−i). */
static double
smoothed_by_hand (const double *ys, size_t at, double weight)
{
  double sum = 0.0, mass = 0.0, power = 1.0;

  for (size_t i = at + 1; i-- > 0;) {
    if (!isfinite (ys[i]))
      continue;
    sum += power * ys[i];
    mass += power;
    power *= weight;
  }
  return sum / mass;
}

static void
test_smoothing (void)
{
  static const double weights[] = { 0.3, 0.9, 0.99, 0.999 };
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (LwSeries) raw = lw_series_new ();

  for (int i = 0; i < 700; i++)
    lw_series_append (raw, i, i % 37 == 5 ? NAN : i == 300 ? INFINITY : 2.0 + normal (random));
  for (guint w = 0; w < G_N_ELEMENTS (weights); w++) {
    g_autoptr (LwSmoothing) smoothing = lw_smoothing_new (weights[w]);
    const LwSeries *smoothed = lw_smoothing_update (smoothing, raw);

    g_assert_cmpuint (lw_series_length (smoothed), ==, lw_series_length (raw));
    for (size_t i = 0; i < lw_series_length (raw); i++) {
      double y = lw_series_y (raw)[i], got = lw_series_y (smoothed)[i];

      g_assert_cmpfloat (lw_series_x (smoothed)[i], ==, lw_series_x (raw)[i]);
      if (isfinite (y))
        g_assert_cmpfloat_with_epsilon (got, smoothed_by_hand (lw_series_y (raw), i, weights[w]),
                                        1e-9);
      else
        assert_same_number (got, y);
    }
    /* Debiased: the first value is itself, not (1 − w) of it. */
    g_assert_cmpfloat_with_epsilon (lw_series_y (smoothed)[0], lw_series_y (raw)[0], 1e-12);
  }
}

/* Taken in piece by piece, with changed weights and a cleared series, it is as if done anew. */
static void
test_smoothing_follows (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  g_autoptr (LwSeries) raw = lw_series_new ();
  g_autoptr (LwSmoothing) follows = lw_smoothing_new (0.9);

  for (int turn = 0; turn < 3; turn++) {
    for (int i = 0; i < 400; i++) {
      g_autoptr (LwSmoothing) anew = NULL;
      const LwSeries *a, *b;

      lw_series_append (raw, i, normal (random));
      if (i % 50 == 17)
        lw_smoothing_set_weight (follows, g_rand_double (random));
      if (i % 7 != 0)
        continue;
      anew = lw_smoothing_new (lw_smoothing_weight (follows));
      a = lw_smoothing_update (follows, raw);
      b = lw_smoothing_update (anew, raw);
      g_assert_cmpuint (lw_series_length (a), ==, lw_series_length (b));
      for (size_t k = 0; k < lw_series_length (a); k++)
        g_assert_cmpfloat (lw_series_y (a)[k], ==, lw_series_y (b)[k]);
    }
    lw_series_clear (raw);
  }
}

/* A new series may get the address of one that is gone; it is not taken for it. */
static void
test_smoothing_another (void)
{
  g_autoptr (LwSmoothing) smoothing = lw_smoothing_new (0.5);

  for (int turn = 0; turn < 20; turn++) {
    g_autoptr (LwSeries) raw = lw_series_new ();
    const LwSeries *smoothed;

    for (int i = 0; i < 10; i++)
      lw_series_append (raw, i, turn);
    smoothed = lw_smoothing_update (smoothing, raw);
    g_assert_cmpuint (lw_series_length (smoothed), ==, 10);
    g_assert_cmpfloat_with_epsilon (lw_series_y (smoothed)[9], turn, 1e-12);
  }
}

static void
test_smoothing_off (void)
{
  g_autoptr (LwSeries) raw = lw_series_new ();
  g_autoptr (LwSmoothing) smoothing = lw_smoothing_new (0.0);

  g_assert_true (lw_smoothing_update (smoothing, raw) == raw);
  lw_smoothing_set_weight (smoothing, 7.0);
  g_assert_cmpfloat (lw_smoothing_weight (smoothing), ==, 0.999);
  lw_smoothing_set_weight (smoothing, NAN);
  g_assert_cmpfloat (lw_smoothing_weight (smoothing), ==, 0.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/extremes", test_extremes);
  g_test_add_func ("/series/growth", test_growth);
  g_test_add_func ("/series/append", test_append);
  g_test_add_func ("/series/places", test_places);
  g_test_add_func ("/series/smoothing", test_smoothing);
  g_test_add_func ("/series/smoothing-follows", test_smoothing_follows);
  g_test_add_func ("/series/smoothing-another", test_smoothing_another);
  g_test_add_func ("/series/smoothing-off", test_smoothing_off);
  return g_test_run ();
}
