/* Bubbles of finished runs: areas, labels beside them, leaders that keep apart, hits, words. */
#include "tests/draw/canvas.h"
#include "ui/draw/compare-bubbles.h"

#include <math.h>

static const LwBubble bubbles[] = {
  { "ResNet-18", NULL, { 319e6, 11.2e6, 3600 }, 0.912, -1 },
  { "GoogLeNet", NULL, { 276e6, 5.98e6, 24 }, 0.901, -1 },
  { "NiN", NULL, { 762e6, 1.99e6, 3600 }, 0.886, -1 },
  { "AlexNet", NULL, { 938e6, 46.8e6, 3600 }, 0.884, -1 },
  { "LeNet + BN, lr 1", NULL, { 282e3, 44.9e3, 24 }, 0.860, 0 },
  { "LeNet, lr 0.9", NULL, { 417e3, 61.7e3, 24 }, 0.814, 1 },
  { "LeNet + BN, lr 0.1", NULL, { 282e3, 44.9e3, 24 }, 0.811, 2 },
};

static void
test_bubbles (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwBubbleChart chart = { bubbles, G_N_ELEMENTS (bubbles), LW_BUBBLE_MACS, -1 };
  LwBubblePlace places[G_N_ELEMENTS (bubbles)];
  LwBubbleScale scale;
  lw_bubbles_place (&chart, text, 456, 460, &scale, places);
  for (guint i = 0; i < G_N_ELEMENTS (bubbles); i++) {
    const LwBubblePlace *a = &places[i];
    g_assert_cmpfloat (a->x, >, scale.x0);
    g_assert_cmpfloat (a->x, <, scale.x1);
    g_assert_cmpfloat (a->y, >, scale.y0);
    g_assert_cmpfloat (a->y, <, scale.y1);
    g_assert_cmpfloat (a->radius, >=, 5);
    /* area by parameters, where they are not all at the least size */
    if (a->radius > 5)
      g_assert_cmpfloat_with_epsilon (a->radius * a->radius / bubbles[i].x[LW_BUBBLE_PARAMETERS],
                                      scale.per_root * scale.per_root, 1e-9);
    for (guint k = 0; k < G_N_ELEMENTS (bubbles); k++) {
      const LwBubblePlace *b = &places[k];
      const double x = CLAMP (b->x, a->label_x, a->label_x + a->label_width);
      const double y = CLAMP (b->y, a->label_y - 6, a->label_y + 6);
      g_assert_cmpfloat (hypot (x - b->x, y - b->y), >=, b->radius); /* no label on a bubble */
    }
  }
  g_assert_cmpfloat (places[4].x, <, places[5].x); /* 282 k before 417 k */
  g_assert_cmpfloat (places[0].y, <, places[3].y); /* better is higher */
  g_assert_true (places[2].leader);                /* NiN lies in AlexNet's bubble */
  g_assert_cmpint (lw_bubbles_hit (places, chart.n, places[2].x, places[2].y), ==, 2);
  g_assert_cmpint (lw_bubbles_hit (places, chart.n, scale.x0, scale.y0), ==, -1);

  g_autofree char *words = lw_bubbles_describe (&chart);
  g_assert_cmpstr (words, ==,
                   "7 runs; best: ResNet-18: accuracy 0.912, 319 M MACs, 11.2 M parameters");
  for (int dark = 0; dark < 2; dark++) {
    Canvas canvas = canvas_new (456, 460, lw_theme (dark)->canvas);
    lw_bubbles_paint (canvas.cr, &chart, lw_theme (dark), text, 456, 460);
    g_assert_cmpint (canvas_count_painted (&canvas, places[4].x - 4, places[4].y - 4, 8, 8,
                                           lw_theme (dark)->canvas),
                     >, 40);
    canvas_finish (&canvas, dark ? "bubbles-dark" : "bubbles-light");
  }
}

/* The end of a label's leader, as the painter has it: the nearest point of the label, roughly. */
static void
leader_of (const LwBubblePlace *place, double ends[4])
{
  ends[0] = place->x;
  ends[1] = place->y;
  ends[2] = CLAMP (place->x, place->label_x, place->label_x + place->label_width);
  ends[3] = CLAMP (place->y, place->label_y - 6, place->label_y + 6);
}

static bool
cross (const double a[4], const double b[4])
{
  const double across = (a[2] - a[0]) * (b[3] - b[1]) - (a[3] - a[1]) * (b[2] - b[0]);
  const double t = ((b[0] - a[0]) * (b[3] - b[1]) - (b[1] - a[1]) * (b[2] - b[0])) / across;
  const double u = ((b[0] - a[0]) * (a[3] - a[1]) - (b[1] - a[1]) * (a[2] - a[0])) / across;

  return across != 0 && t > 0.02 && t < 0.98 && u > 0.02 && u < 0.98;
}

/* Seeds of one network lie close together: their labels' leaders cross neither one another nor
 * another's label. */
static void
assert_leaders (double width)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwBubble seeds[] = {
    { "LeNet + BN, lr 1, seed 42", NULL, { 282e3, 44.9e3, 1 }, 0.877, 0 },
    { "LeNet + BN, lr 1, seed 43", NULL, { 282e3, 44.9e3, 1 }, 0.700, 1 },
    { "LeNet + BN, lr 0.5, seed 44", NULL, { 282e3, 44.9e3, 1 }, 0.704, 2 },
    { "LeNet + BN, lr 0.5, seed 43", NULL, { 282e3, 44.9e3, 1 }, 0.684, 3 },
    { "LeNet + BN, lr 0.5, seed 42", NULL, { 282e3, 44.9e3, 1 }, 0.620, 4 },
    { "ResNet-18", NULL, { 35e6, 11.2e6, 4 }, 0.578, 5 },
  };
  const LwBubbleChart chart = { seeds, G_N_ELEMENTS (seeds), LW_BUBBLE_MACS, -1 };
  LwBubblePlace places[G_N_ELEMENTS (seeds)];
  LwBubbleScale scale;
  int leaders = 0;

  lw_bubbles_place (&chart, text, width, 280, &scale, places);
  for (int i = 0; i < chart.n; i++) {
    double of_i[4];

    leader_of (&places[i], of_i);
    leaders += places[i].leader;
    for (int k = 0; k < chart.n && places[i].leader; k++) {
      const LwBubblePlace *b = &places[k];
      const double left = b->label_x + 2, right = b->label_x + b->label_width - 2;
      const double rising[4] = { left, b->label_y + 4, right, b->label_y - 4 };
      const double falling[4] = { left, b->label_y - 4, right, b->label_y + 4 };
      double of_k[4];

      leader_of (b, of_k);
      g_assert_false (k != i && b->leader && cross (of_i, of_k));
      g_assert_false (k != i && (cross (of_i, rising) || cross (of_i, falling)));
    }
  }
  g_assert_cmpint (leaders, >, 1);
}

static void
test_leaders (void)
{
  assert_leaders (345);
  assert_leaders (420);
}

/* By time the order is another; a bubble without a label is named by its hint and takes no room. */
static void
test_unlabelled_bubbles (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwBubble two[] = {
    { NULL, "grey one", { 1e6, 1e6, 5 }, 0.5, -1 },
    { "b", NULL, { 1e3, 1e6, 500 }, 0.5, 1 },
  };
  LwBubbleChart chart = { two, 2, LW_BUBBLE_MACS, -1 };
  LwBubblePlace places[2];
  LwBubbleScale scale;
  g_autofree char *words = lw_bubble_words (&two[0]);

  lw_bubbles_place (&chart, text, 456, 460, &scale, places);
  g_assert_cmpfloat (places[0].x, >, places[1].x);
  g_assert_cmpfloat (places[0].label_x, <, 0);
  chart.by = LW_BUBBLE_TIME;
  lw_bubbles_place (&chart, text, 456, 460, &scale, places);
  g_assert_cmpfloat (places[0].x, <, places[1].x);
  g_assert_true (g_str_has_prefix (words, "grey one: "));
}

/* None, one, equal ones, tiny views: nothing is divided by zero. */
static void
test_few_bubbles (void)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwBubble same[] = { { "a", NULL, { 1e6, 1e6, 3600 }, 0.5, 0 },
                            { "b", NULL, { 1e6, 1e6, 3600 }, 0.5, 1 } };
  for (int n = 0; n <= 2; n++)
    for (int by = 0; by < LW_N_BUBBLE_X; by++) {
      const LwBubbleChart chart = { same, n, (LwBubbleX)by, -1 };
      g_autofree char *words = lw_bubbles_describe (&chart);
      Canvas canvas = canvas_new (300, 200, lw_theme (false)->canvas);
      lw_bubbles_paint (canvas.cr, &chart, lw_theme (false), text, 300, 200);
      lw_bubbles_paint (canvas.cr, &chart, lw_theme (false), text, 20, 20);
      canvas_finish (&canvas, NULL);
      g_assert_nonnull (words);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bubbles/places", test_bubbles);
  g_test_add_func ("/bubbles/leaders", test_leaders);
  g_test_add_func ("/bubbles/unlabelled-bubbles", test_unlabelled_bubbles);
  g_test_add_func ("/bubbles/few-bubbles", test_few_bubbles);
  return g_test_run ();
}
