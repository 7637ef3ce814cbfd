/* What the knob panel stands on: undo, obstacles and what would help, which layer is which after a
 * change, and what a change does. */
#include "engine/analysis.h"
#include "engine/change.h"
#include "engine/knob_history.h"
#include "engine/obstacle.h"
#include "engine/same_place.h"

#include <string.h>

#define SECOND 1000000

static LwOptions *
options_of (const char *model, const char *const *assignments)
{
  LwOptions *options = lw_options_new (lw_model_find (model, NULL));

  for (int i = 0; assignments != NULL && assignments[i] != NULL; i++)
    g_assert_true (lw_options_parse (options, assignments[i], NULL));
  return options;
}

#define OPTIONS(model, ...) options_of (model, (const char *const[]){ __VA_ARGS__, NULL })

static void
add (LwKnobHistory *history, const char *assignment, const char *knob, int64_t now_us)
{
  g_autoptr (LwOptions) options = lw_options_copy (lw_knob_history_now (history));

  g_assert_true (lw_options_parse (options, assignment, NULL));
  lw_knob_history_add (history, options, knob, now_us);
}

static void
assert_now (const LwKnobHistory *history, const char *knob, const char *value)
{
  g_autofree char *text = lw_options_get (lw_knob_history_now (history), knob);

  g_assert_cmpstr (text, ==, value);
}

static void
undo_and_redo (void)
{
  g_autoptr (LwOptions) book = options_of ("alexnet", NULL);
  g_autoptr (LwKnobHistory) history = lw_knob_history_new (book);

  g_assert_false (lw_knob_history_can_undo (history));
  g_assert_null (lw_knob_history_undo (history));
  g_assert_null (lw_knob_history_redo (history));
  add (history, "width=0.5", "width", 0);
  add (history, "hidden=1024", "hidden", 1);
  g_assert_nonnull (lw_knob_history_undo (history));
  assert_now (history, "hidden", "4096");
  assert_now (history, "width", "0.5");
  g_assert_nonnull (lw_knob_history_undo (history));
  assert_now (history, "width", "1");
  g_assert_null (lw_knob_history_undo (history));
  g_assert_nonnull (lw_knob_history_redo (history));
  assert_now (history, "width", "0.5");
  add (history, "dropout=0", "dropout", 2); /* what was undone is gone */
  g_assert_false (lw_knob_history_can_redo (history));
  g_assert_nonnull (lw_knob_history_undo (history));
  assert_now (history, "dropout", "0.5");
  assert_now (history, "width", "0.5");
}

static int
count_undos (LwKnobHistory *history)
{
  int n = 0;

  while (lw_knob_history_undo (history) != NULL)
    n++;
  return n;
}

static void
steps (void)
{
  g_autoptr (LwOptions) book = options_of ("alexnet", NULL);
  g_autoptr (LwKnobHistory) drag = lw_knob_history_new (book);
  g_autoptr (LwKnobHistory) rests = lw_knob_history_new (book);
  g_autoptr (LwKnobHistory) sealed = lw_knob_history_new (book);
  g_autoptr (LwKnobHistory) others = lw_knob_history_new (book);
  g_autoptr (LwKnobHistory) back = lw_knob_history_new (book);

  /* A drag, or a number digit by digit, is one step, however long it takes. */
  for (int i = 1; i <= 20; i++) {
    g_autofree char *value = g_strdup_printf ("hidden=%d", 4096 - i);

    add (drag, value, "hidden", i * SECOND / 2);
  }
  g_assert_cmpint (count_undos (drag), ==, 1);
  assert_now (drag, "hidden", "4096");
  /* After a pause, and after the hand left, it is another. */
  add (rests, "width=0.5", "width", 0);
  add (rests, "width=0.75", "width", 3 * SECOND);
  g_assert_cmpint (count_undos (rests), ==, 2);
  add (sealed, "width=0.5", "width", 0);
  lw_knob_history_seal (sealed);
  add (sealed, "width=0.75", "width", 1);
  g_assert_cmpint (count_undos (sealed), ==, 2);
  /* What something else did is a step of its own, each time. */
  add (others, "input_size=96", NULL, 0);
  add (others, "input_size=128", NULL, 1);
  g_assert_cmpint (count_undos (others), ==, 2);
  /* Back to where it was in one drag: nothing happened. */
  add (back, "width=0.5", "width", 0);
  add (back, "width=1", "width", 1);
  g_assert_false (lw_knob_history_can_undo (back));
  add (back, "width=0.25", "width", 2);
  g_assert_cmpint (count_undos (back), ==, 1);
}

static void
limit (void)
{
  g_autoptr (LwOptions) book = options_of ("alexnet", NULL);
  g_autoptr (LwKnobHistory) history = lw_knob_history_new (book);

  for (int i = 0; i < 3 * LW_KNOB_STEPS; i++)
    add (history, i % 2 ? "width=1" : "width=0.5", NULL, i);
  g_assert_cmpint (count_undos (history), ==, LW_KNOB_STEPS);
}

static void
obstacle (void)
{
  g_autoptr (LwOptions) book = options_of ("alexnet", NULL);
  g_autoptr (LwOptions) small = OPTIONS ("alexnet", "input_size=28", "width=0.5");
  g_autoptr (LwObstacle) found = lw_obstacle_new (small);
  int nearest = 0;

  g_assert_null (lw_obstacle_new (book));
  g_assert_nonnull (found);
  g_assert_cmpstr (found->layer, ==, "5");
  g_assert_cmpstr (found->title, ==, "max pool 2");
  g_assert_cmpstr (found->giver, ==, "conv 2");
  g_assert_cmpint (found->needs, ==, 3);
  g_assert_true (lw_shape_equal (found->gets, (LwShape){ 128, 2, 2, false }));
  g_assert_nonnull (strstr (found->sentence, "3×3"));
  g_assert_true (lw_obstacle_nearest (small, "input_size", &nearest));
  g_assert_cmpint (nearest, ==, 65);
  g_assert_false (lw_obstacle_nearest (small, "width", &nearest));
  g_assert_false (lw_obstacle_nearest (small, "no_such_knob", &nearest));
  g_assert_false (lw_obstacle_nearest (small, "hidden", &nearest)); /* it would not help */
}

/* Not only the input: too many blocks for it are an obstacle too, and fewer help. */
static void
nearest (void)
{
  static const struct {
    const char *model, *input, *change, *knob;
    int least, nearest;
  } cases[] = {
    { "vgg11", "input_size=28", "blocks=5", "blocks", 32, 4 },
    { "densenet", "input_size=32", "blocks=5", "blocks", 61, 4 },
    { "nin", "input_size=40", "blocks=3", "blocks", 67, 2 },
    { "lenet", "input_size=8", "convolutions=2", "convolutions", 12, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwOptions) options = OPTIONS (cases[i].model, cases[i].input, cases[i].change);
    g_autoptr (LwObstacle) found = lw_obstacle_new (options);
    int value = 0;

    g_assert_nonnull (found);
    g_assert_cmpint (found->needs, >, 0);
    g_assert_true (lw_obstacle_nearest (options, cases[i].knob, &value));
    g_assert_cmpint (value, ==, cases[i].nearest);
    g_assert_true (lw_obstacle_nearest (options, "input_size", &value));
    g_assert_cmpint (value, ==, cases[i].least);
  }
}

static LwNodeId
titled (const LwGraph *graph, const char *place)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    g_autofree char *other = lw_place_of_node (graph, id);

    if (g_str_equal (other, place))
      return id;
  }
  return LW_NO_NODE;
}

static void
same_places (void)
{
  g_autoptr (LwOptions) book = options_of ("alexnet", NULL);
  g_autoptr (LwOptions) deeper = OPTIONS ("alexnet", "in_a_row=4", "normalization=batch");
  g_autoptr (LwGraph) a = lw_model_build (book, NULL), b = lw_model_build (deeper, NULL);
  g_autofree LwNodeId *same = lw_same_nodes (a, b);
  g_autofree LwNodeId *back = lw_same_nodes (b, a);

  /* "linear 2" stays itself although the numbers before it have shifted. */
  g_assert_cmpint (same[titled (a, "linear 2")], ==, titled (b, "linear 2"));
  g_assert_cmpstr (lw_graph_node (a, titled (a, "linear 2"))->name, !=,
                   lw_graph_node (b, titled (b, "linear 2"))->name);
  g_assert_cmpint (back[titled (b, "conv 6")], ==, LW_NO_NODE);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (a); id++)
    g_assert_cmpint (back[same[id]], ==, id);
}

/* A layer that lost its sibling lost its number too. */
static void
without_siblings (void)
{
  g_autoptr (LwOptions) book = options_of ("lenet", NULL);
  g_autoptr (LwOptions) shallow = OPTIONS ("lenet", "convolutions=1");
  g_autoptr (LwGraph) a = lw_model_build (book, NULL), b = lw_model_build (shallow, NULL);
  g_autofree LwNodeId *same = lw_same_nodes (a, b);
  const LwNodeId conv = lw_graph_find_node (a, "0");

  g_assert_cmpstr (lw_graph_node (a, conv)->title, ==, "conv 1");
  g_assert_cmpint (same[conv], ==, conv);
  g_assert_cmpstr (lw_graph_node (b, same[conv])->title, ==, "conv");
}

static void
same_blocks (void)
{
  g_autoptr (LwOptions) book = options_of ("resnet18", NULL);
  g_autoptr (LwOptions) deeper = OPTIONS ("resnet18", "residuals=3", "shortcut=false");
  g_autoptr (LwGraph) a = lw_model_build (book, NULL), b = lw_model_build (deeper, NULL);
  g_autofree LwBlockId *same = lw_same_blocks (a, b);
  int found = 0;

  g_assert_cmpint (same[LW_ROOT_BLOCK], ==, LW_ROOT_BLOCK);
  for (LwBlockId i = 0; i < lw_graph_n_blocks (a); i++) {
    g_assert_cmpint (same[i], >=, 0);
    g_assert_cmpstr (lw_graph_block (a, i)->title, ==, lw_graph_block (b, same[i])->title);
    found += same[i] != i;
  }
  g_assert_cmpint (found, >, 0); /* "Stage 2" has another number now */
}

static const LwChangeRow *
row_titled (const LwChange *change, const char *title)
{
  for (int32_t i = 0; i < change->n_rows; i++)
    if (g_str_equal (change->rows[i].title, title))
      return &change->rows[i];
  g_assert_not_reached ();
}

static LwChange *
change_of (const LwOptions *yours)
{
  g_autoptr (LwOptions) book = lw_options_new (lw_options_model (yours));
  g_autoptr (LwGraph) a = lw_model_build (book, NULL), b = lw_model_build (yours, NULL);

  return lw_change_new (a, b);
}

/* The numbers of the mock-up: half of AlexNet. */
static void
half_width (void)
{
  g_autoptr (LwOptions) half = OPTIONS ("alexnet", "width=0.5");
  g_autoptr (LwChange) change = change_of (half);
  g_autofree char *factor = lw_change_factor (change->book.parameters, change->yours.parameters);
  g_autofree char *bytes = lw_format_bytes (change->book_activations);

  g_assert_cmpstr (factor, ==, "÷ 3.99");
  g_assert_cmpstr (bytes, ==, "5.11 MiB");
  g_assert_cmpint (change->n_rows, ==, 8);
  g_assert_cmpint (row_titled (change, "conv 1")->yours, ==, 5856);
  g_assert_cmpint (row_titled (change, "linear 1")->book, ==, 26218496);
  g_assert_cmpint (row_titled (change, "linear 1")->yours, ==, 6555648);
}

static void
added_and_removed (void)
{
  g_autoptr (LwOptions) deeper = OPTIONS ("alexnet", "in_a_row=4");
  g_autoptr (LwOptions) shallower = OPTIONS ("alexnet", "in_a_row=2");
  g_autoptr (LwOptions) google = OPTIONS ("googlenet", "inceptions=1");
  g_autoptr (LwChange) more = change_of (deeper), less = change_of (shallower);
  g_autoptr (LwChange) blocks = change_of (google);
  g_autofree char *none = lw_change_factor (0, 5), *same = lw_change_factor (5, 5);
  g_autofree char *large = lw_change_factor (2252, 1);
  int64_t book = 0, yours = 0;

  g_assert_cmpint (row_titled (more, "conv 6")->book, ==, -1);
  g_assert_cmpint (row_titled (less, "conv 5")->yours, ==, -1);
  g_assert_cmpint (more->your_depth, ==, more->book_depth + 1);
  g_assert_cmpstr (more->rows[5].title, ==, "conv 6"); /* after conv 5, not at the end */
  g_assert_cmpint (row_titled (blocks, "Inception 4e")->yours, ==, -1);
  g_assert_cmpint (blocks->n_rows, <, 20); /* by block: nobody reads 57 rows */
  for (int32_t i = 0; i < blocks->n_rows; i++) {
    book += MAX (blocks->rows[i].book, 0);
    yours += MAX (blocks->rows[i].yours, 0);
  }
  g_assert_cmpint (book, ==, blocks->book.parameters);
  g_assert_cmpint (yours, ==, blocks->yours.parameters);
  {
    g_autoptr (LwOptions) dense = OPTIONS ("densenet", "growth_rate=24");
    g_autoptr (LwChange) in_order = change_of (dense);

    /* Normalization is one row, at the end; the others stand as the layers do. */
    g_assert_cmpstr (in_order->rows[0].group, ==, "Stem");
    g_assert_cmpstr (in_order->rows[1].group, ==, "Dense block 1");
    g_assert_cmpstr (in_order->rows[2].title, ==, "conv 2");
    g_assert_cmpint (in_order->rows[in_order->n_rows - 1].kind, ==, LW_KIND_NORMALIZATION);
  }
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (same, ==, "=");
  g_assert_cmpstr (large, ==, "÷ 2,252");
  g_assert_cmpint (blocks->book_depth, ==, 22); /* not 57: paths stand beside one another */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/knobs/undo-and-redo", undo_and_redo);
  g_test_add_func ("/knobs/steps", steps);
  g_test_add_func ("/knobs/limit", limit);
  g_test_add_func ("/knobs/obstacle", obstacle);
  g_test_add_func ("/knobs/nearest", nearest);
  g_test_add_func ("/knobs/same-places", same_places);
  g_test_add_func ("/knobs/same-blocks", same_blocks);
  g_test_add_func ("/knobs/without-siblings", without_siblings);
  g_test_add_func ("/knobs/half-width", half_width);
  g_test_add_func ("/knobs/added-and-removed", added_and_removed);
  return g_test_run ();
}
