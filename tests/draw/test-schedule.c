/* The learning rate over a run: its numbers, and its picture. */
#include "engine/live_setting.h"
#include "tests/draw/canvas.h"
#include "ui/draw/schedule-plot.h"
#include "ui/draw/setting-words.h"

#include <math.h>
#include <string.h>

#define WIDTH  420
#define HEIGHT 220

static LwSettings *
make_settings (const char *schedule, const char *warmup)
{
  LwSettings *settings = lw_settings_new (lw_options_new (lw_model (0)));

  g_assert_true (lw_settings_set (settings, "learning-rate", "0.8", NULL));
  g_assert_true (lw_settings_set (settings, "epochs", "10", NULL));
  g_assert_true (lw_settings_set (settings, "schedule", schedule, NULL));
  g_assert_true (lw_settings_set (settings, "warmup-epochs", warmup, NULL));
  return settings;
}

static LwSchedulePlot
plot_of (GArray *points)
{
  return (LwSchedulePlot){ .points = (const LwRatePoint *)(void *)points->data,
                           .n_points = (int)points->len,
                           .now = -1 };
}

/* Every point has the rate that the trainer uses at that step, whatever was changed. */
static void
numbers (gconstpointer data)
{
  g_autoptr (LwSettings) settings = make_settings (data, "0.5");
  const LwEvent changes[] = {
    { .kind = LW_EVENT_SETTING, .setting = LW_LIVE_LEARNING_RATE, .value = 0.2, .step = 333 },
    { .kind = LW_EVENT_SETTING, .setting = LW_LIVE_MOMENTUM, .value = 0.9, .step = 400 },
    { .kind = LW_EVENT_SETTING, .setting = LW_LIVE_SCHEDULE, .value = 1, .step = 600 },
  };
  const LwSchedule schedule = { settings, changes, G_N_ELEMENTS (changes), 1000, 100 };
  g_autoptr (GArray) points = lw_schedule_points (&schedule, 50);
  double last = -1;
  bool jump = false;

  g_assert_cmpint (points->len, >=, 50);
  g_assert_cmpint (points->len, <=, 65);
  for (guint i = 0; i < points->len; i++) {
    const LwRatePoint point = g_array_index (points, LwRatePoint, i);
    const int64_t step = MIN ((int64_t)lround (point.epoch * 100), 999);
    g_autoptr (LwSettings) then = lw_settings_copy (settings);

    g_assert_cmpfloat (point.epoch, >, last);
    last = point.epoch;
    if (step >= 333)
      then->learning_rate = 0.2;
    if (step >= 600)
      then->schedule = LW_SCHEDULE_COSINE;
    g_assert_cmpfloat (point.rate, ==, lw_settings_learning_rate (then, step, 1000, 100));
    jump |= step == 332;
  }
  g_assert_true (jump); /* the step before the change is there, so it is drawn as a jump */
  g_assert_cmpfloat (last, ==, 10);
  g_assert_cmpfloat (g_array_index (points, LwRatePoint, 0).rate, ==, 0.8 / 50);
}

static void
steps (void)
{
  g_autoptr (LwSettings) settings = make_settings ("constant", "0");
  int64_t total, per_epoch;

  settings->batch = 64;
  lw_settings_steps (settings, 1000, &total, &per_epoch);
  g_assert_cmpint (per_epoch, ==, 16);
  g_assert_cmpint (total, ==, 160);
  settings->limit_train = 100;
  settings->steps = 7;
  lw_settings_steps (settings, 1000, &total, &per_epoch);
  g_assert_cmpint (per_epoch, ==, 2);
  g_assert_cmpint (total, ==, 7);
}

/* The line is where the numbers are, the mark where the run stands; nothing is outside. */
static void
picture (gconstpointer data)
{
  const bool dark = GPOINTER_TO_INT (data);
  const LwTheme *theme = lw_theme (dark);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwSettings) settings = make_settings ("step", "0");
  const LwEvent change = { .kind = LW_EVENT_SETTING,
                           .setting = LW_LIVE_LEARNING_RATE,
                           .value = 0.4,
                           .previous = 0.8,
                           .step = 200,
                           .epoch = 2 };
  const LwSchedule schedule = { settings, &change, 1, 1000, 100 };
  g_autoptr (GArray) points = lw_schedule_points (&schedule, 200);
  LwSchedulePlot plot = plot_of (points);
  Canvas canvas = canvas_new (WIDTH + 20, HEIGHT + 20, theme->canvas);
  LwScheduleArea area;
  g_autofree char *words = NULL;

  plot.now = 3;
  plot.events = &change;
  plot.n_events = 1;
  g_assert_true (lw_schedule_plot_wants_log (&plot)); /* 0.8 → 0.004 */
  area = lw_schedule_plot_area (&plot, WIDTH, HEIGHT);
  g_assert_cmpfloat (area.epochs, ==, 10);
  g_assert_cmpfloat (area.low, ==, 0);
  g_assert_cmpfloat (area.high, >=, 0.8);
  lw_schedule_plot_paint (canvas.cr, text, theme, &plot, WIDTH, HEIGHT);
  for (int epoch = 1; epoch < 10; epoch++) {
    const double x = area.x + area.width * (epoch + 0.5) / 10;
    const double rate = lw_schedule_plot_rate (&plot, epoch + 0.5);
    const double y = area.y + area.height * (1 - rate / area.high);

    g_assert_cmpint (canvas_count_colour (&canvas, x, y - 3, 4, 6, theme->series[0]), >=, 4);
  }
  g_assert_cmpint (canvas_count_colour (&canvas, area.x + area.width * 0.3 - 1, area.y, 3,
                                        area.height, theme->accent),
                   >, area.height * 0.8);
  g_assert_cmpint (canvas_count_painted (&canvas, WIDTH, 0, 20, HEIGHT, theme->canvas), ==, 0);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, HEIGHT, WIDTH, 20, theme->canvas), ==, 0);
  words = lw_schedule_plot_describe (&plot);
  g_assert_cmpstr (words, ==,
                   "From 0.8 to 0.004 after 10 epochs. Now, at epoch 3: 0.4. Epoch 2: "
                   "learning rate 0.8 → 0.4.");
  canvas_finish (&canvas, dark ? "schedule-dark" : "schedule");
}

static void
axes (void)
{
  static const struct {
    const char *schedule, *warmup;
    bool log;
  } cases[] = { { "constant", "0", false },
                { "cosine", "0", false },
                { "cosine", "1", false },
                { "step", "0", true } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwSettings) settings = make_settings (cases[i].schedule, cases[i].warmup);
    const LwSchedule schedule = { settings, NULL, 0, 1000, 100 };
    g_autoptr (GArray) points = lw_schedule_points (&schedule, 200);
    LwSchedulePlot plot = plot_of (points);

    g_assert_cmpint (lw_schedule_plot_wants_log (&plot), ==, cases[i].log);
    for (int log = 0; log < 2; log++) {
      const LwTheme *theme = lw_theme (false);
      g_autoptr (LwText) text = lw_text_new_fixed ();
      Canvas canvas = canvas_new (WIDTH, HEIGHT, theme->canvas);
      g_autofree char *name = g_strdup_printf ("schedule-%u-%d", i, log);

      plot.log = log;
      lw_schedule_plot_paint (canvas.cr, text, theme, &plot, WIDTH, HEIGHT);
      g_assert_cmpint (canvas_count_colour (&canvas, 0, 0, WIDTH, HEIGHT, theme->series[0]), >,
                       300);
      canvas_finish (&canvas, name);
    }
  }
}

/* A rate of 0, a run of one step, none at all. */
static void
edges (void)
{
  g_autoptr (LwSettings) settings = make_settings ("cosine", "0");
  const LwSchedule one = { settings, NULL, 0, 1, 1 };
  g_autoptr (GArray) point = lw_schedule_points (&one, 200);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwSchedulePlot plots[3] = { plot_of (point) };

  g_assert_cmpint (point->len, ==, 2);
  settings->learning_rate = 0;
  {
    const LwSchedule nothing = { settings, NULL, 0, 100, 10 };
    g_autoptr (GArray) zeros = lw_schedule_points (&nothing, 20);

    plots[1] = plot_of (zeros);
    for (int i = 0; i < 3; i++)
      for (int log = 0; log < 2; log++) {
        Canvas canvas = canvas_new (WIDTH, HEIGHT, lw_theme (false)->canvas);

        plots[i].log = log;
        plots[i].now = 0.5;
        g_assert_false (lw_schedule_plot_wants_log (&plots[i]));
        lw_schedule_plot_paint (canvas.cr, text, lw_theme (false), &plots[i], WIDTH, HEIGHT);
        lw_schedule_plot_paint (canvas.cr, text, lw_theme (false), &plots[i], 10, 10);
        canvas_finish (&canvas, "schedule-edge");
        g_free (lw_schedule_plot_describe (&plots[i]));
      }
  }
}

static void
words (void)
{
  const LwEvent events[] = {
    { .setting = LW_LIVE_LEARNING_RATE, .value = 0.01, .previous = 0.1 },
    { .setting = LW_LIVE_SCHEDULE, .value = 1, .previous = 0 },
    { .setting = LW_LIVE_LEARNING_RATE, .value = 0.125, .previous = NAN },
  };
  static const char *const expected[] = { "learning rate 0.1 → 0.01", "schedule constant → cosine",
                                          "learning rate 0.125" };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++) {
    g_autofree char *text = lw_setting_change_text (&events[i]);

    g_assert_cmpstr (text, ==, expected[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/schedule/numbers/constant", "constant", numbers);
  g_test_add_data_func ("/schedule/numbers/cosine", "cosine", numbers);
  g_test_add_data_func ("/schedule/numbers/step", "step", numbers);
  g_test_add_func ("/schedule/steps", steps);
  g_test_add_data_func ("/schedule/picture/light", GINT_TO_POINTER (false), picture);
  g_test_add_data_func ("/schedule/picture/dark", GINT_TO_POINTER (true), picture);
  g_test_add_func ("/schedule/axes", axes);
  g_test_add_func ("/schedule/edges", edges);
  g_test_add_func ("/schedule/words", words);
  return g_test_run ();
}
