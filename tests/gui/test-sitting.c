/* One sitting on Explore and Compare, from a knob to a picture: bend a network, go back and forth,
 * set it beside the book's, take both home as files. */
#include "engine/analysis.h"
#include "tests/gui/knob-steps.h"
#include "ui/compare-heads.h"
#include "ui/compare-page.h"
#include "ui/export-dialog.h"
#include "ui/export-actions.h"

#include <string.h>

static int64_t
parameters (const Knobs *k)
{
  return lw_graph_cost (graph_of (&k->e)).parameters;
}

/* The choice with this name in a column's list. */
static void
choose_network (GtkWidget *page, int column, const char *title)
{
  LwCompareHeads *heads = LW_COMPARE_HEADS (gui_find (page, LW_TYPE_COMPARE_HEADS));
  GtkDropDown *list;
  GListModel *names;

  gui_assert_soon (lw_compare_heads_list (heads, column) != NULL);
  list = GTK_DROP_DOWN (lw_compare_heads_list (heads, column));
  names = gtk_drop_down_get_model (list);
  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (names), i), title)) {
      gtk_drop_down_set_selected (list, i);
      gui_wait (0.1);
      return;
    }
  g_test_message ("\"%s\" is not in the list", title);
  g_assert_not_reached ();
}

/* Through the window with the preview. */
static void
export_diagram (Gui *gui, const char *path)
{
  g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());
  LwExportDialog *dialog = NULL;

  g_action_group_activate_action (G_ACTION_GROUP (gui->window), "export-diagram", NULL);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (LW_IS_EXPORT_DIALOG (window))
      dialog = LW_EXPORT_DIALOG (window);
  }
  g_assert_nonnull (dialog);
  gui_assert_soon (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  gui_assert_soon (g_str_has_prefix (lw_export_dialog_summary (dialog), "SVG"));
  lw_export_dialog_save (dialog, path);
}

static void
assert_holds (const char *path, const char *text, bool there)
{
  g_autofree char *content = NULL;

  gui_assert_soon (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_true ((strstr (content, text) != NULL) == there);
}

static int
count_signs (const LwComparison *comparison, LwCompareSign sign)
{
  int n = 0;

  for (int row = 0; row < lw_comparison_n_rows (comparison); row++)
    n += lw_comparison_sign (comparison, row, 0, 1) == sign;
  return n;
}

static void
sitting (Gui *gui)
{
  const Knobs k = knobs (gui, "resnet18");
  g_autofree char *diagram = gui_scratch ("plain.svg"), *pair = gui_scratch ("pair.svg");
  const int64_t book = parameters (&k);
  const LwComparison *comparison;
  const LwCompareQuantity *quantities;
  LwCompareSet *set;
  GtkWidget *page;
  int n;

  /* Without shortcuts, and deeper; back, and forth again. */
  g_assert_cmpint (lw_graph_find_node (graph_of (&k.e), "2.0.conv3"), !=, LW_NO_NODE);
  gtk_switch_set_active (GTK_SWITCH (control_of (&k, "shortcut", GTK_TYPE_SWITCH)), FALSE);
  type_number (&k, "residuals", "3");
  gui_assert_soon (parameters (&k) > book);
  press_shortcut (k.e.page, "<Control>z");
  assert_knob (&k, "residuals", "2");
  gui_assert_soon (parameters (&k) < book); /* the shortcuts' convolutions are gone */
  press_shortcut (k.e.page, "<Control>z");
  gui_assert_soon (parameters (&k) == book);
  press_shortcut (k.e.page, "<Shift><Control>z");
  assert_knob (&k, "shortcut", "false");
  g_assert_cmpint (lw_graph_find_node (graph_of (&k.e), "2.0.conv3"), ==, LW_NO_NODE);

  /* The picture is of the network that is shown. */
  gui_press (gui_button (k.e.page, "Knobs"));
  click_on (&k.e, (LwDiagramSpot){ LW_NO_NODE, block_titled (&k.e, "Stage 1") }, 2);
  click_on (&k.e, (LwDiagramSpot){ LW_NO_NODE, block_titled (&k.e, "Residual 1") }, 2);
  export_diagram (gui, diagram);
  assert_holds (diagram, ">ResNet-18", true);
  assert_holds (diagram, "identity", false);

  /* Beside the book's: the residual blocks have changed and nothing else. */
  gui_shortcut (gui, "<Control>4");
  page = lw_main_window_page (gui->window, "compare");
  set = lw_compare_page_set (LW_COMPARE_PAGE (page));
  choose_network (page, 0, "ResNet-18");
  choose_network (page, 1, "ResNet-18, no shortcut");
  comparison = lw_compare_set_comparison (set);
  quantities = lw_comparison_quantities (comparison, &n);
  g_assert_cmpstr (quantities[0].key, ==, "parameters");
  g_assert_cmpint (quantities[0].values[0], ==, book);
  g_assert_cmpint (quantities[0].values[1], ==, parameters (&k));
  g_assert_cmpint (count_signs (comparison, LW_SIGN_CHANGED), >=, 3);
  g_assert_cmpint (count_signs (comparison, LW_SIGN_ADDED), ==, 0);
  g_assert_cmpint (count_signs (comparison, LW_SIGN_REMOVED), ==, 0);
  lw_window_export (gui->window, "export-comparison", pair);
  assert_holds (pair, ">ResNet-18, no shortcut<", true);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/sitting/bend-compare-export", sitting, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
