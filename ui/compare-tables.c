#include "ui/compare-tables.h"

#include "engine/analysis.h"
#include "ui/draw/compare.h"

#include <glib/gi18n.h>
#include <string.h>

#define NAME_CHARS 9 /* of a network above its column */

static GtkWidget *
cell (const char *text, const char *css, double align)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), (float)align);
  gtk_widget_set_halign (label, align > 0 ? GTK_ALIGN_FILL : GTK_ALIGN_START);
  gtk_widget_add_css_class (label, "lw-number");
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

static void
add_line (GtkWidget *grid, int row, int columns)
{
  GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

  gtk_grid_attach (GTK_GRID (grid), line, 0, row, columns, 1);
}

/* The network's name; of a variant beside its own book's form only what is different. */
static GtkWidget *
head (LwCompareSet *set, int index)
{
  const char *text = lw_compare_set_titles (set)[index], *shown = text;
  const LwModel *model = lw_options_model (lw_compare_set_options (set, index));
  const gsize length = strlen (model->title);
  GtkWidget *label;

  for (int k = 0; k < lw_compare_set_n (set); k++)
    if (k != index && lw_options_model (lw_compare_set_options (set, k)) == model &&
        g_str_has_prefix (text + length, ", "))
      shown = text + length + 2;
  label = cell (shown, "lw-heading", 1);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (
      GTK_LABEL (label), lw_compare_set_n (set) == 2 ? (int)MIN (strlen (shown), NAME_CHARS) : 4);
  gtk_label_set_max_width_chars (GTK_LABEL (label), NAME_CHARS);
  gtk_widget_set_tooltip_text (label, text);
  return label;
}

static GtkWidget *
new_grid (void)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 10);
  gtk_widget_add_css_class (grid, "lw-compare-table");
  return grid;
}

/* --- whole networks ------------------------------------------------------------------------------
 */

static GtkWidget *
value_cell (const LwCompareQuantity *quantity, int index, bool pair)
{
  g_autofree char *value = lw_compare_value_text (quantity, quantity->values[index]);
  g_autofree char *change =
      lw_compare_change_text (quantity, quantity->values[0], quantity->values[index]);
  g_autofree char *exact = lw_format_exact (quantity->values[index]);
  g_autofree char *both = g_strdup_printf ("%s\n%s", value, change);
  GtkWidget *label = cell (pair || index == 0 ? value : both, NULL, 1);

  if (!pair)
    gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_RIGHT);
  gtk_widget_set_tooltip_text (label, exact);
  return label;
}

/* Four networks leave no room beside their values: the title has a line of its own. */
static void
add_quantity (GtkWidget *grid, const LwCompareQuantity *quantity, int n, int row)
{
  const bool pair = n == 2, above = n > 3;
  GtkWidget *title = cell (quantity->title, "lw-dim", 0);

  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_set_tooltip_text (title, quantity->help);
  if (!pair)
    gtk_widget_set_valign (title, GTK_ALIGN_START);
  gtk_grid_attach (GTK_GRID (grid), title, 0, row, above ? n : 1, 1);
  for (int k = 0; k < n; k++)
    gtk_grid_attach (GTK_GRID (grid), value_cell (quantity, k, pair), k + !above, row + above, 1,
                     1);
  if (pair) {
    g_autofree char *change =
        lw_compare_change_text (quantity, quantity->values[0], quantity->values[1]);

    gtk_grid_attach (GTK_GRID (grid), cell (change, "lw-total", 1), n + 1, row, 1, 1);
  }
}

GtkWidget *
lw_compare_difference_table (LwCompareSet *set)
{
  const int n = lw_compare_set_n (set);
  const bool pair = n == 2, above = n > 3;
  GtkWidget *grid = new_grid ();
  int n_quantities;
  const LwCompareQuantity *q =
      lw_comparison_quantities (lw_compare_set_comparison (set), &n_quantities);

  gtk_grid_set_column_homogeneous (GTK_GRID (grid), above);
  if (!above)
    gtk_grid_attach (GTK_GRID (grid), cell (_ ("Difference"), "lw-heading", 0), 0, 0, 1, 1);
  for (int k = 0; k < n; k++)
    gtk_grid_attach (GTK_GRID (grid), head (set, k), k + !above, 0, 1, 1);
  if (pair)
    gtk_grid_attach (GTK_GRID (grid), cell (_ ("change"), "lw-heading", 1), n + 1, 0, 1, 1);
  for (int i = 0; i < n_quantities; i++) {
    add_line (grid, 3 * i + 1, n + !above + pair);
    add_quantity (grid, &q[i], n, 3 * i + 2);
  }
  return grid;
}

/* --- one row -------------------------------------------------------------------------------------
 */

char *
lw_compare_row_heading (LwCompareSet *set)
{
  const LwComparison *comparison = lw_compare_set_comparison (set);
  const int row = lw_compare_set_row (set);
  const LwCompareRow *info = lw_comparison_row (comparison, row);
  const char *const *titles = lw_compare_set_titles (set);
  GString *names = g_string_new (NULL), *owners = g_string_new (NULL);
  const char *last = NULL;
  int present = 0;

  for (int k = 0; k < lw_compare_set_n (set); k++) {
    const char *title = info->cells[k].title;

    if (title == NULL)
      continue;
    present++;
    if (g_strcmp0 (title, last) != 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", title);
    g_string_append_printf (owners, "%s%s", owners->len > 0 ? ", " : "", titles[k]);
    last = title;
  }
  if (present < lw_compare_set_n (set)) {
    g_string_append (names, ": ");
    g_string_append_printf (names, _ ("only in %s"), owners->str);
  } else {
    g_autofree char *sign =
        lw_compare_sign_words (lw_comparison_row_sign (comparison, row), titles[0], titles[1]);

    g_string_append_printf (names, ": %s", sign);
  }
  g_string_free (owners, TRUE);
  return g_string_free (names, FALSE);
}

GtkWidget *
lw_compare_row_table (LwCompareSet *set)
{
  const int n = lw_compare_set_n (set);
  GtkWidget *grid = new_grid ();
  int n_aspects;
  const LwCompareAspect *aspects =
      lw_comparison_aspects (lw_compare_set_comparison (set), lw_compare_set_row (set), &n_aspects);

  for (int k = 0; k < n; k++)
    gtk_grid_attach (GTK_GRID (grid), head (set, k), k + 1, 0, 1, 1);
  for (int i = 0; i < n_aspects; i++) {
    GtkWidget *title = cell (aspects[i].title, "lw-dim", 0);

    add_line (grid, 2 * i + 1, n + 1);
    gtk_widget_set_hexpand (title, TRUE);
    gtk_widget_set_valign (title, GTK_ALIGN_START);
    gtk_grid_attach (GTK_GRID (grid), title, 0, 2 * i + 2, 1, 1);
    for (int k = 0; k < n; k++) {
      GtkWidget *value = cell (aspects[i].values[k] != NULL ? aspects[i].values[k] : "",
                               aspects[i].differs ? "lw-total" : NULL, 1);

      gtk_label_set_wrap (GTK_LABEL (value), TRUE);
      gtk_label_set_justify (GTK_LABEL (value), GTK_JUSTIFY_RIGHT);
      gtk_label_set_width_chars (GTK_LABEL (value), n > 2 ? 5 : 8);
      gtk_label_set_max_width_chars (GTK_LABEL (value), n > 2 ? 8 : 14);
      gtk_widget_set_valign (value, GTK_ALIGN_START);
      gtk_grid_attach (GTK_GRID (grid), value, k + 1, 2 * i + 2, 1, 1);
    }
  }
  return grid;
}

/* --- the answer ----------------------------------------------------------------------------------
 */

static int64_t
of_node (const LwGraph *graph, LwNodeId id, bool by_macs)
{
  const LwCost cost = lw_node_cost (graph, id);

  return by_macs ? cost.macs : cost.parameters;
}

/* "AlexNet keeps 92 % of its parameters in 3 linear layers." */
static char *
largest_share (const LwGraph *graph, const char *title, bool by_macs)
{
  int64_t values[LW_N_KINDS] = { 0 }, total = 0;
  int layers[LW_N_KINDS] = { 0 }, most = LW_KIND_CONVOLUTION;
  g_autofree char *name = g_markup_escape_text (title, -1);
  g_autofree char *where = NULL;
  double percent;

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwKind kind = lw_op_info (lw_graph_node (graph, i)->op)->kind;
    const int64_t value = of_node (graph, i, by_macs);

    values[kind] += value;
    layers[kind] += value > 0;
    total += value;
  }
  if (values[LW_KIND_LINEAR] > values[most])
    most = LW_KIND_LINEAR;
  percent = total > 0 ? 100 * (double)values[most] / (double)total : 0;
  where =
      most == LW_KIND_LINEAR
          ? g_strdup_printf (ngettext ("%d linear layer", "%d linear layers", (gulong)layers[most]),
                             layers[most])
          : g_strdup_printf (ngettext ("%d convolution", "%d convolutions", (gulong)layers[most]),
                             layers[most]);
  return g_strdup_printf (by_macs ? _ ("%s spends <b>%.*f %%</b> of its MACs in %s.")
                                  : _ ("%s keeps <b>%.*f %%</b> of its parameters in %s."),
                          name, percent > 99 && percent < 100 ? 1 : 0, percent, where);
}

char *
lw_compare_answer (LwCompareSet *set)
{
  const LwReadyComparison *ready = lw_compare_set_ready (set);
  const LwComparison *comparison = lw_compare_set_comparison (set);
  const bool by_macs = ready != NULL && ready->by_macs;
  const int n = ready == NULL ? lw_compare_set_n (set) : ready->shares ? 1 : 0;
  GString *out = g_string_new (NULL);

  for (int k = 0; k < n; k++) {
    g_autofree char *share = largest_share (lw_comparison_graph (comparison, k),
                                            lw_compare_set_titles (set)[k], by_macs);

    g_string_append_printf (out, "%s%s", k > 0 ? " " : "", share);
  }
  if (ready != NULL) {
    g_autofree char *answer = g_markup_escape_text (_ (ready->answer), -1);

    g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", answer);
  }
  return g_string_free (out, FALSE);
}
