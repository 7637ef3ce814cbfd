/* Networks beside each other: alignments of known pairs, every pair of the library, and the numbers
 * of the whole networks against PyTorch's. */
#include "engine/compare_ready.h"
#include "engine/error.h"
#include "tests/null/reference.h"

#include <string.h>

static const char *const book[] = { "lenet", "lenet-bn",  "alexnet",  "vgg11",   "vgg11-small",
                                    "nin",   "googlenet", "resnet18", "densenet" };

static LwGraph *
build (const char *spec)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_compare_options (spec, &error);
  g_assert_no_error (error);
  LwGraph *graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

/* Specs up to NULL. */
static LwComparison *
compare (const char *first, ...)
{
  LwGraph *graphs[LW_COMPARE_MOST];
  int n = 0;
  va_list more;
  g_autoptr (GError) error = NULL;
  va_start (more, first);
  for (const char *spec = first; spec != NULL; spec = va_arg (more, const char *))
    graphs[n++] = build (spec);
  va_end (more);
  LwComparison *comparison = lw_comparison_new (graphs, n, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    lw_graph_unref (graphs[i]);
  return comparison;
}

static const char *
aspect (const LwComparison *comparison, int row, const char *key, int network)
{
  int n;
  const LwCompareAspect *aspects = lw_comparison_aspects (comparison, row, &n);
  for (int i = 0; i < n; i++)
    if (g_str_equal (aspects[i].key, key))
      return aspects[i].values[network];
  return NULL;
}

/* The comparison as people draw it: one line a row, "conv 1 ≠ NiN block 1". */
static char *
rows_as_text (const LwComparison *comparison)
{
  GString *out = g_string_new (NULL);
  for (int i = 0; i < lw_comparison_n_rows (comparison); i++) {
    const LwCompareRow *row = lw_comparison_row (comparison, i);
    for (int k = 0; k < lw_comparison_n_graphs (comparison); k++) {
      if (k > 0)
        g_string_append_printf (
            out, " %s ", lw_compare_sign_text (lw_comparison_sign (comparison, i, k - 1, k)));
      g_string_append (out, row->cells[k].title != NULL ? row->cells[k].title : "");
    }
    g_string_append_c (out, '\n');
  }
  return g_string_free (out, FALSE);
}

static void
test_alexnet_nin (void)
{
  g_autoptr (LwComparison) comparison = compare ("alexnet", "nin", NULL);
  g_autofree char *text = rows_as_text (comparison);
  g_assert_cmpstr (text, ==,
                   "input = input\n"
                   "conv 1 ≠ NiN block 1\n"
                   "max pool = max pool\n"
                   "conv 2 ≠ NiN block 2\n"
                   "max pool = max pool\n"
                   "conv 3 ≠ NiN block 3\n"
                   "conv 4 and conv 5 − \n"
                   "max pool ≠ max pool, dropout\n"
                   " + NiN block 4\n"
                   "linear 1, dropout − \n"
                   "linear 2, dropout − \n"
                   "linear 3 ≠ global average pool\n");
  g_assert_cmpint (lw_comparison_hidden_activation (comparison), ==, LW_OP_RELU);
  g_assert_cmpstr (lw_comparison_row (comparison, 1)->cells[1].detail, ==,
                   "11×11, stride 4 + two 1×1");
  g_assert_cmpstr (lw_comparison_row (comparison, 6)->cells[0].detail, ==, "3×3, 3×3");
  g_assert_cmpstr (lw_comparison_row (comparison, 9)->cells[0].detail, ==, "6400 → 4096");
  g_assert_cmpstr (lw_comparison_row (comparison, 11)->cells[1].detail, ==, "10 × 5 × 5 → 10");
  g_assert_cmpint (lw_comparison_row (comparison, 6)->cells[0].cost.parameters, ==, 2212480);
  g_assert_cmpstr (aspect (comparison, 7, "dropout", 0), ==, "–");
  g_assert_cmpstr (aspect (comparison, 7, "dropout", 1), ==, "0.5");
  g_assert_cmpstr (aspect (comparison, 1, "window", 0), ==, "11×11, stride 4, padding 1");
  g_assert_null (aspect (comparison, 6, "window", 1));
}

/* Of equal shapes one pooling rounds up: it is another one, and says so. */
static void
test_rounded_up (void)
{
  LwGraph *graphs[2];
  g_autoptr (LwComparison) comparison = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++) {
    LwNodeId x;

    graphs[i] = lw_graph_new (i == 0 ? "down" : "up");
    x = lw_graph_input (graphs[i], (LwShape){ 1, 9, 9, false });
    x = lw_activation (graphs[i], lw_conv2d (graphs[i], x, NULL, 2, (LwWindow){ 3, 1, 1 }), NULL,
                       LW_OP_RELU);
    x = i == 0 ? lw_max_pool (graphs[i], x, NULL, (LwWindow){ 3, 2, 0 })
               : lw_max_pool_ceil (graphs[i], x, NULL, (LwWindow){ 3, 2, 0 });
    lw_linear (graphs[i], lw_flatten (graphs[i], x, NULL), NULL, 10);
    g_assert_true (lw_graph_finish (graphs[i], &error));
  }
  comparison = lw_comparison_new (graphs, 2, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lw_comparison_sign (comparison, 1, 0, 1), ==, LW_SIGN_SAME);
  g_assert_cmpint (lw_comparison_sign (comparison, 2, 0, 1), ==, LW_SIGN_CHANGED);
  g_assert_cmpstr (lw_comparison_row (comparison, 2)->cells[0].detail, ==, "3×3, stride 2");
  g_assert_cmpstr (lw_comparison_row (comparison, 2)->cells[1].detail, ==,
                   "3×3, stride 2, rounded up");
  lw_graph_unref (graphs[0]);
  lw_graph_unref (graphs[1]);
}

static void
test_lenet_alexnet (void)
{
  g_autoptr (LwComparison) comparison = compare ("lenet", "alexnet", NULL);
  g_assert_cmpint (lw_comparison_hidden_activation (comparison), ==, LW_N_OPS);
  g_assert_cmpint (lw_comparison_sign (comparison, 0, 0, 1), ==, LW_SIGN_CHANGED); /* 28, 224 */
  g_assert_cmpstr (lw_comparison_row (comparison, 1)->cells[0].title, ==, "conv 1, sigmoid");
  g_assert_cmpstr (aspect (comparison, 1, "activation", 0), ==, "sigmoid");
  g_assert_cmpstr (aspect (comparison, 1, "activation", 1), ==, "ReLU");
  g_assert_cmpstr (aspect (comparison, 2, "kind", 1), ==, "max pooling");
}

/* The twin differs in its blocks and nowhere else; parameters by the 1×1 shortcuts alone. */
static void
test_plain_twin (void)
{
  g_autoptr (LwComparison) comparison = compare ("resnet18", "resnet18:shortcut=false", NULL);
  int64_t missing = 0;
  for (int i = 0; i < lw_comparison_n_rows (comparison); i++) {
    const LwCompareRow *row = lw_comparison_row (comparison, i);
    g_assert_cmpint (lw_comparison_sign (comparison, i, 0, 1), ==,
                     row->cells[0].block >= 0 ? LW_SIGN_CHANGED : LW_SIGN_SAME);
    missing += row->cells[0].cost.parameters - row->cells[1].cost.parameters;
  }
  /* 1×1 convolutions with bias where the channels double */
  g_assert_cmpint (missing, ==, 128 * 64 + 128 + 256 * 128 + 256 + 512 * 256 + 512);
  g_assert_cmpstr (lw_comparison_row (comparison, 3)->cells[0].title, ==, "Stage 1, Residual 1");
  g_assert_cmpstr (aspect (comparison, 3, "shortcut", 0), ==, "identity shortcut");
  g_assert_cmpstr (aspect (comparison, 5, "shortcut", 0), ==, "1×1 shortcut");
  g_assert_cmpstr (aspect (comparison, 5, "shortcut", 1), ==, "no shortcut");
}

static void
test_identical (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (book); i++) {
    g_autoptr (LwComparison) comparison = compare (book[i], book[i], book[i], NULL);
    int n;
    for (int row = 0; row < lw_comparison_n_rows (comparison); row++) {
      g_assert_cmpint (lw_comparison_row_sign (comparison, row), ==, LW_SIGN_SAME);
      const LwCompareAspect *aspects = lw_comparison_aspects (comparison, row, &n);
      for (int a = 0; a < n; a++)
        g_assert_false (aspects[a].differs);
    }
    const LwCompareQuantity *quantities = lw_comparison_quantities (comparison, &n);
    for (int q = 0; q < n; q++) {
      g_autofree char *change =
          lw_compare_change_text (&quantities[q], quantities[q].values[0], quantities[q].values[2]);
      g_assert_cmpstr (change, ==, "=");
    }
  }
}

/* Every node of every network stands in exactly one row, in its own order. */
static void
assert_complete (const LwComparison *comparison)
{
  for (int k = 0; k < lw_comparison_n_graphs (comparison); k++) {
    LwNodeId next = 0;
    for (int i = 0; i < lw_comparison_n_rows (comparison); i++) {
      const LwCompareCell *cell = &lw_comparison_row (comparison, i)->cells[k];
      if (cell->title == NULL)
        continue;
      g_assert_cmpint (cell->first, ==, next);
      g_assert_cmpint (cell->last, >=, cell->first);
      next = cell->last + 1;
    }
    g_assert_cmpint (next, ==, lw_graph_n_nodes (lw_comparison_graph (comparison, k)));
  }
}

static LwCompareSign
swapped (LwCompareSign sign)
{
  return sign == LW_SIGN_ADDED ? LW_SIGN_REMOVED : sign == LW_SIGN_REMOVED ? LW_SIGN_ADDED : sign;
}

/* All pairs: nothing is lost, and the other way round the same rows have the opposite signs. */
static void
test_symmetry (void)
{
  for (guint a = 0; a < G_N_ELEMENTS (book); a++)
    for (guint b = a + 1; b < G_N_ELEMENTS (book); b++) {
      g_autoptr (LwComparison) there = compare (book[a], book[b], NULL);
      g_autoptr (LwComparison) back = compare (book[b], book[a], NULL);
      assert_complete (there);
      g_assert_cmpint (lw_comparison_n_rows (there), ==, lw_comparison_n_rows (back));
      for (int i = 0; i < lw_comparison_n_rows (there); i++) {
        const LwCompareRow *x = lw_comparison_row (there, i), *y = lw_comparison_row (back, i);
        g_assert_cmpint (lw_comparison_sign (there, i, 0, 1), ==,
                         swapped (lw_comparison_sign (back, i, 0, 1)));
        g_assert_cmpstr (x->cells[0].title, ==, y->cells[1].title);
        g_assert_cmpstr (x->cells[1].title, ==, y->cells[0].title);
      }
    }
}

static void
test_four (void)
{
  g_autoptr (LwComparison) comparison = compare ("lenet", "alexnet", "nin", "resnet18", NULL);
  assert_complete (comparison);
  for (int i = 0; i < lw_comparison_n_rows (comparison); i++) {
    const LwCompareRow *row = lw_comparison_row (comparison, i);
    const LwCompareSign sign = lw_comparison_row_sign (comparison, i);
    int present = 0;
    for (int k = 0; k < 4; k++)
      present += row->cells[k].title != NULL;
    g_assert_cmpint (present, >, 0);
    g_assert_true ((present == 4) == (sign == LW_SIGN_SAME || sign == LW_SIGN_CHANGED));
    g_assert_true ((row->cells[0].title == NULL) == (sign == LW_SIGN_ADDED));
  }
}

/* Parameters and MACs are PyTorch's; depths are the numbers in the networks' names, or the papers'
 * counts. */
static void
test_quantities (void)
{
  static const int64_t depths[] = { 5, 5, 8, 11, 11, 12, 22, 18, 21 };
  for (guint i = 0; i < G_N_ELEMENTS (book); i++) {
    g_autoptr (JsonParser) parser = NULL;
    JsonObject *reference = reference_load (book[i], &parser);
    g_autoptr (LwComparison) comparison = compare ("lenet", book[i], NULL);
    const int64_t parameters = json_object_get_int_member (reference, "params");
    const int64_t macs = json_object_get_int_member (reference, "macs");
    int64_t by_kind[LW_N_KINDS], sum = 0;
    int n;
    const LwCompareQuantity *q = lw_comparison_quantities (comparison, &n);
    g_assert_cmpint (n, ==, 7);
    g_assert_cmpint (q[0].values[1], ==, parameters);
    g_assert_cmpint (q[1].values[1], ==, macs);
    g_assert_cmpint (q[2].values[1], ==, 2 * macs);
    g_assert_cmpint (q[3].values[1], ==, depths[i]);
    g_assert_cmpint (q[4].values[1], ==, 4 * parameters);
    lw_compare_parameters_by_kind (lw_comparison_graph (comparison, 1), by_kind);
    for (int k = 0; k < LW_N_KINDS; k++)
      sum += by_kind[k];
    g_assert_cmpint (sum, ==, parameters);
  }
}

static void
assert_change (const LwCompareQuantity *q, const char *value, const char *change)
{
  g_autofree char *a = lw_compare_value_text (q, q->values[1]);
  g_autofree char *b = lw_compare_change_text (q, q->values[0], q->values[1]);
  g_assert_cmpstr (a, ==, value);
  g_assert_cmpstr (b, ==, change);
}

/* AlexNet and NiN, as the papers' readers know them. */
static void
test_differences (void)
{
  g_autoptr (LwComparison) comparison = compare ("alexnet", "nin", NULL);
  int n;
  const LwCompareQuantity *q = lw_comparison_quantities (comparison, &n);
  assert_change (&q[0], "1.99 M", "÷ 23.5");
  assert_change (&q[1], "762 M", "÷ 1.23");
  assert_change (&q[2], "1.52 G", "÷ 1.23");
  assert_change (&q[3], "12", "+ 4");
  assert_change (&q[4], "7.6 MiB", "÷ 23.5");
  assert_change (&q[5], "12.1 MiB", "× 2.37");
  /* 11 + 2·4 … by hand: windows 11/4, 3/2, 5, 3/2, 3, 3/2, 3 with jumps 1, 4, 8, 8, 16, 16, 32 */
  g_assert_cmpint (q[6].values[1], ==, 11 + 2 * 4 + 4 * 8 + 2 * 8 + 2 * 16 + 2 * 16 + 2 * 32);
  /* AlexNet ends with its third 3×3 at jump 16 */
  g_assert_cmpint (q[6].values[0], ==, 11 + 2 * 4 + 4 * 8 + 2 * 8 + 3 * 2 * 16);
  assert_change (&q[6], "195 px", "+ 32");
}

static void
test_errors (void)
{
  static const struct {
    const char *spec, *sentence;
  } wrong[] = {
    { "resnet19", "unknown model \"resnet19\"; did you mean resnet18?" },
    { "nin:mixer=1", "did you mean mixers?" },
    { "nin:mixers", "nin:mixers" },
    { "nin:mixers=99", "mixers must be from 0 to 4" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (lw_compare_options (wrong[i].spec, &error));
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, wrong[i].sentence));
  }
  g_autoptr (LwGraph) graph = build ("lenet");
  LwGraph *five[] = { graph, graph, graph, graph, graph };
  for (int n = 0; n <= 5; n++) {
    g_autoptr (GError) error = NULL;
    LwComparison *comparison = lw_comparison_new (five, n, NULL, &error);
    g_assert_true ((comparison != NULL) == (n >= 2 && n <= 4));
    g_assert_true ((error != NULL) == (comparison == NULL));
    g_clear_pointer (&comparison, lw_comparison_free);
  }
}

/* A chain of thousands of layers is refused in a sentence instead of taking all memory. */
static void
test_large (void)
{
  LwGraph *graphs[2];
  for (int k = 0; k < 2; k++) {
    graphs[k] = lw_graph_new ("long");
    LwNodeId x = lw_graph_input (graphs[k], (LwShape){ 1, 1, 1 });
    for (int i = 0; i < 5000; i++)
      x = lw_conv2d (graphs[k], x, NULL, 1, (LwWindow){ 1, 1, 0 });
    lw_flatten (graphs[k], x, NULL);
    g_assert_true (lw_graph_finish (graphs[k], NULL));
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (lw_comparison_new (graphs, 2, NULL, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  lw_graph_unref (graphs[0]);
  lw_graph_unref (graphs[1]);
}

static void
test_ready (void)
{
  g_assert_cmpint (lw_n_ready_comparisons (), >=, 4);
  for (int i = 0; i < lw_n_ready_comparisons (); i++) {
    const LwReadyComparison *ready = lw_ready_comparison (i);
    LwOptions *options[LW_COMPARE_MOST] = { NULL };
    int n = 0, differing = 0;
    for (; n < LW_COMPARE_MOST && ready->specs[n] != NULL; n++)
      options[n] = lw_compare_options (ready->specs[n], NULL);
    g_assert_cmpint (n, ==, 2);
    g_assert_true (lw_ready_comparison_of (options, n) == ready);
    g_autoptr (LwComparison) comparison = compare (ready->specs[0], ready->specs[1], NULL);
    for (int row = 0; row < lw_comparison_n_rows (comparison); row++)
      differing += lw_comparison_row_sign (comparison, row) != LW_SIGN_SAME;
    g_assert_cmpint (differing, >, 2);
    g_assert_cmpuint (strlen (ready->look), >, 40);
    g_assert_cmpuint (strlen (ready->answer), >, 80);
    lw_options_set (options[1], "classes", "7", NULL);
    g_assert_null (lw_ready_comparison_of (options, n));
    for (int k = 0; k < n; k++)
      lw_options_free (options[k]);
  }
  g_autoptr (LwOptions) twin = lw_compare_options ("resnet18:shortcut=false,width=0.5", NULL);
  g_autofree char *title = lw_compare_title (twin);
  g_assert_cmpstr (title, ==, "ResNet-18, width 0.5, no shortcut");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compare/rounded-up", test_rounded_up);
  g_test_add_func ("/compare/alexnet-nin", test_alexnet_nin);
  g_test_add_func ("/compare/lenet-alexnet", test_lenet_alexnet);
  g_test_add_func ("/compare/plain-twin", test_plain_twin);
  g_test_add_func ("/compare/identical", test_identical);
  g_test_add_func ("/compare/symmetry", test_symmetry);
  g_test_add_func ("/compare/four", test_four);
  g_test_add_func ("/compare/quantities", test_quantities);
  g_test_add_func ("/compare/differences", test_differences);
  g_test_add_func ("/compare/errors", test_errors);
  g_test_add_func ("/compare/large", test_large);
  g_test_add_func ("/compare/ready", test_ready);
  return g_test_run ();
}
