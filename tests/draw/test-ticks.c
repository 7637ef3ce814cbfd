/* Ticks and numbers of axes. */
#include "ui/draw/ticks.h"

#include <math.h>
#include <string.h>

static char *
joined (const LwTicks *ticks)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (int i = 0; i < ticks->n; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? " " : "", ticks->tick[i].text);
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
test_linear (void)
{
  static const struct {
    double min, max;
    int most;
    bool whole, trim;
    const char *wanted;
  } cases[] = {
    { 0, 2.5, 8, false, false, "0.0 0.5 1.0 1.5 2.0 2.5" },
    { 0, 1, 8, false, false, "0.0 0.2 0.4 0.6 0.8 1.0" },
    { 0, 1, 5, false, false, "0.00 0.25 0.50 0.75 1.00" },
    { 0, 3, 8, false, true, "0 0.5 1 1.5 2 2.5 3" },
    { 0, 10, 8, false, true, "0 2 4 6 8 10" },
    { 1, 10, 10, true, true, "1 2 3 4 5 6 7 8 9 10" },
    { 0, 2350, 8, true, true, "0 500 1,000 1,500 2,000" },
    { 0, 3, 8, true, true, "0 1 2 3" },
    { 0, 0.4, 8, true, true, "0" },
    { -3, 0, 8, false, true, "−3 −2.5 −2 −1.5 −1 −0.5 0" },
    { 0.125, 0.25, 6, false, false, "0.125 0.150 0.175 0.200 0.225 0.250" },
    { -1, 1, 5, false, false, "−1.0 −0.5 0.0 0.5 1.0" },
    { 0, 40000, 8, false, false, "0 10,000 20,000 30,000 40,000" },
    { 0, 4e6, 5, false, false, "0 10⁶ 2·10⁶ 3·10⁶ 4·10⁶" },
    { 0, 3e-5, 4, false, false, "0 10⁻⁵ 2·10⁻⁵ 3·10⁻⁵" },
    { 999990, 999999, 5, false, false, "999,990 999,992 999,994 999,996 999,998" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *got = NULL;
    LwTicks ticks;

    lw_ticks_linear (cases[i].min, cases[i].max, cases[i].most, cases[i].whole, cases[i].trim,
                     &ticks);
    got = joined (&ticks);
    g_assert_cmpstr (got, ==, cases[i].wanted);
  }
}

static int
decimals_in (const char *text)
{
  const char *point = strchr (text, '.');

  return point != NULL ? (int)strlen (point + 1) : 0;
}

/* Over random ranges: 4 to 8 ticks, the step is a nice one, all inside, decimals equal and enough
 * to tell the numbers apart. */
static void
test_linear_properties (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (int i = 0; i < 20000; i++) {
    double scale = pow (10.0, g_rand_double_range (random, -8.0, 9.0));
    double min = g_rand_double_range (random, -5.0, 5.0) * scale;
    double max = min + g_rand_double_range (random, 0.1, 3.0) * scale;
    double mantissa;
    LwTicks ticks;

    lw_ticks_linear (min, max, 8, false, false, &ticks);
    g_assert_cmpint (ticks.n, >=, 3);
    g_assert_cmpint (ticks.n, <=, 8);
    /* A range that starts on a tick has four at least. */
    if (fabs (min / ticks.step - round (min / ticks.step)) < 1e-9)
      g_assert_cmpint (ticks.n, >=, 4);
    mantissa = ticks.step / pow (10.0, floor (log10 (ticks.step) + 1e-9));
    g_assert_true (fabs (mantissa - 1.0) < 1e-6 || fabs (mantissa - 2.0) < 1e-6 ||
                   fabs (mantissa - 2.5) < 1e-6 || fabs (mantissa - 5.0) < 1e-6);
    for (int k = 0; k < ticks.n; k++) {
      g_assert_cmpfloat (ticks.tick[k].value, >=, min - ticks.step * 1e-6);
      g_assert_cmpfloat (ticks.tick[k].value, <=, max + ticks.step * 1e-6);
      if (k > 0)
        g_assert_cmpstr (ticks.tick[k].text, !=, ticks.tick[k - 1].text);
    }
    for (int k = 1; k < ticks.n; k++) {
      if (strstr (ticks.tick[k].text, "10") == NULL && strstr (ticks.tick[0].text, "10") == NULL)
        g_assert_cmpint (decimals_in (ticks.tick[k].text), ==, decimals_in (ticks.tick[0].text));
    }
  }
}

static void
test_extreme_ranges (void)
{
  static const double ranges[][2] = {
    { 1e-100, 2e-100 }, { -1e100, 1e100 }, { 1e15, 1e15 + 1.0 }, { 0.0, 1e-9 }, { 1.0, 1.0 + 1e-12 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++) {
    double min = ranges[i][0], max = ranges[i][1];
    LwTicks ticks;

    lw_ticks_linear (min, max, 8, false, false, &ticks);
    g_assert_cmpint (ticks.n, >=, 1);
    g_assert_cmpint (ticks.n, <=, LW_MAX_TICKS);
    for (int k = 0; k < ticks.n; k++)
      g_assert_true (g_utf8_validate (ticks.tick[k].text, -1, NULL));
    lw_ticks_round_linear (&min, &max, 8);
    g_assert_cmpfloat (min, <=, ranges[i][0] + 1e-6 * (ranges[i][1] - ranges[i][0]));
    g_assert_cmpfloat (max, >=, ranges[i][1] - 1e-6 * (ranges[i][1] - ranges[i][0]));
  }
}

static void
test_log (void)
{
  static const struct {
    double min, max;
    int most;
    const char *wanted;
  } cases[] = {
    { 1, 1e20, 6, "1 10⁵ 10¹⁰ 10¹⁵ 10²⁰" },
    { 0.01, 10, 6, "0.01   0.1   1   10" },
    { 0.2, 5, 8, "0.2 0.5 1 2 5" },
    { 1e-4, 1, 3, "10⁻⁴ 10⁻² 1" },
    { 0.31, 0.44, 6, "0.325 0.350 0.375 0.400 0.425" },
    { 1e-7, 1e-5, 6, "10⁻⁷   10⁻⁶   10⁻⁵" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *got = NULL;
    LwTicks ticks;

    lw_ticks_log (cases[i].min, cases[i].max, cases[i].most, &ticks);
    got = joined (&ticks);
    g_assert_cmpstr (got, ==, cases[i].wanted);
  }
}

static void
test_rounding (void)
{
  double min = 0.0, max = 2.41;

  lw_ticks_round_linear (&min, &max, 8);
  g_assert_cmpfloat (min, ==, 0.0);
  g_assert_cmpfloat (max, ==, 2.5);
  min = -2.83;
  max = -0.04;
  lw_ticks_round_linear (&min, &max, 8);
  g_assert_cmpfloat (min, ==, -3.0);
  g_assert_cmpfloat (max, ==, 0.0);

  min = 0.27;
  max = 3.1;
  lw_ticks_round_log (&min, &max);
  g_assert_cmpfloat_with_epsilon (min, 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (max, 5.0, 1e-12);
  min = 2.3;
  max = 1e20;
  lw_ticks_round_log (&min, &max);
  g_assert_cmpfloat_with_epsilon (min, 1.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (max / 1e20, 1.0, 1e-12);
}

static void
test_room (void)
{
  g_assert_cmpint (lw_ticks_room (186.0, 20.0), ==, 8);
  g_assert_cmpint (lw_ticks_room (94.0, 20.0), ==, 5);
  g_assert_cmpint (lw_ticks_room (0.0, 20.0), ==, 2);
  g_assert_cmpint (lw_ticks_room (-5.0, 20.0), ==, 2);
  g_assert_cmpint (lw_ticks_room (NAN, 20.0), ==, 2);
}

static void
test_value_texts (void)
{
  static const struct {
    double value;
    const char *wanted;
  } cases[] = {
    { 0.5023, "0.502" },
    { -0.5, "−0.500" },
    { 0, "0" },
    { 12.345, "12.35" },
    { 123.45, "123.5" },
    { 2350.4, "2,350" },
    { 123456, "1.2·10⁵" },
    { 5.3e6, "5.3·10⁶" },
    { 4.2e-5, "4.2·10⁻⁵" },
    { 1e-6, "10⁻⁶" },
    { NAN, "NaN" },
    { INFINITY, "∞" },
    { -INFINITY, "−∞" },
    { 2.9e38, "2.9·10³⁸" },
    { 9.97e9, "10¹⁰" },
    { -3e-9, "−3·10⁻⁹" },
    { 1.79e308, "1.8·10³⁰⁸" },
  };
  char text[LW_TICK_TEXT];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    lw_value_text (cases[i].value, text);
    g_assert_cmpstr (text, ==, cases[i].wanted);
  }
  lw_value_text_fixed (-0.146, 2, text);
  g_assert_cmpstr (text, ==, "−0.15");
  lw_value_text_fixed (-0.001, 2, text);
  g_assert_cmpstr (text, ==, "0.00");
  lw_value_text_fixed (NAN, 2, text);
  g_assert_cmpstr (text, ==, "NaN");
  lw_position_text (1.4, text);
  g_assert_cmpstr (text, ==, "1.40");
  lw_position_text (2350.0, text);
  g_assert_cmpstr (text, ==, "2,350");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ticks/linear", test_linear);
  g_test_add_func ("/ticks/linear-properties", test_linear_properties);
  g_test_add_func ("/ticks/extreme-ranges", test_extreme_ranges);
  g_test_add_func ("/ticks/log", test_log);
  g_test_add_func ("/ticks/rounding", test_rounding);
  g_test_add_func ("/ticks/room", test_room);
  g_test_add_func ("/ticks/value-texts", test_value_texts);
  return g_test_run ();
}
