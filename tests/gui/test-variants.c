/* Saved variants: under a name, in the sidebar, on disk, trained, renamed, deleted and back. */
#include "engine/variant.h"
#include "tests/gui/knob-steps.h"

#include <glib/gstdio.h>
#include <string.h>

static GtkWidget *
dialog_of (Gui *gui)
{
  g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_mapped (window) &&
        gtk_window_get_transient_for (GTK_WINDOW (window)) == GTK_WINDOW (gui->window))
      return window;
  }
  return NULL;
}

static void
answer_name (Gui *gui, const char *name, const char *answer)
{
  GtkWidget *dialog, *entry;

  gui_assert_soon ((dialog = dialog_of (gui)) != NULL);
  entry = gui_find (dialog, GTK_TYPE_ENTRY);
  g_assert_nonnull (entry);
  if (name != NULL)
    gtk_editable_set_text (GTK_EDITABLE (entry), name);
  gui_press (gui_button (dialog, answer));
  gui_assert_soon (dialog_of (gui) == NULL);
  gui_wait (0.1);
}

static bool
is_variant_row (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "variant") != NULL;
}

static GtkWidget *
first_variant_row (GtkWidget *root)
{
  if (GTK_IS_LIST_BOX_ROW (root) && is_variant_row (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = first_variant_row (child);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static guint
n_variants (Gui *gui)
{
  return g_list_model_get_n_items (lw_workbench_variants (gui->workbench));
}

static void
variants (Gui *gui)
{
  Knobs k = knobs (gui, "lenet");
  LwRunItem *run;
  GtkWidget *row;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (n_variants (gui), ==, 0);
  gtk_range_set_value (GTK_RANGE (control_of (&k, "width", GTK_TYPE_SCALE)), 0.5);
  gui_press (gui_button (k.panel, "Keep this network under a name"));
  answer_name (gui, NULL, "Save");
  g_assert_cmpuint (n_variants (gui), ==, 1);
  g_assert_cmpstr (gui_toast (gui), ==, "Saved “LeNet, width 0.5”");
  row = first_variant_row (GTK_WIDGET (gui->window));
  g_assert_nonnull (row);
  g_assert_nonnull (gui_label (row, "LeNet, width 0.5"));
  g_assert_true (gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (row)));

  /* The book's network is the book's again, and the variant is found where it was left. */
  gui_press (gui_row (gui, 0, 0));
  gtk_list_box_select_row (GTK_LIST_BOX (gtk_widget_get_parent (gui_row (gui, 0, 0))),
                           GTK_LIST_BOX_ROW (gui_row (gui, 0, 0)));
  gui_wait (0.05);
  assert_knob (&k, "width", "1");
  gtk_list_box_select_row (GTK_LIST_BOX (gtk_widget_get_parent (row)), GTK_LIST_BOX_ROW (row));
  gui_wait (0.05);
  assert_knob (&k, "width", "0.5");

  /* It trains. */
  lw_workbench_set (gui->workbench, "limit-train", "64", NULL);
  lw_workbench_set (gui->workbench, "limit-test", "32", NULL);
  lw_workbench_set (gui->workbench, "batch", "32", NULL);
  gui_assert_soon (can (gui, "step"));
  run = lw_workbench_train_one_step (gui->workbench, &error);
  g_assert_no_error (error);
  gui_assert_soon (gui_steps (run) == 1);
  g_assert_cmpfloat (lw_options_real (lw_run_item_settings (run)->options, "width"), ==, 0.5);
  /* Its knobs are shown and cannot be turned: a run stays what it was. */
  g_assert_false (gtk_widget_is_sensitive (row_of (&k, "width")));
  g_assert_nonnull (gui_label (k.panel, "These are the knobs of the selected run."));
  lw_trainer_stop (lw_run_item_trainer (run));
  gui_assert_soon (gui_live (gui) == NULL);
  gui_press (gui_button (k.panel, "Start From These"));
  g_assert_true (gtk_widget_is_sensitive (row_of (&k, "width")));
  assert_knob (&k, "width", "0.5");
}

static void
rename_and_delete (Gui *gui)
{
  const Knobs k = knobs (gui, "lenet");
  g_autoptr (LwVariantItem) item = NULL;
  g_autoptr (LwVariant) back = NULL;
  g_autofree char *path = NULL;
  GtkWidget *toast;

  gui_press (gui_button (k.panel, "tanh"));
  gui_press (gui_button (k.panel, "Keep this network under a name"));
  answer_name (gui, "Mine", "Save");
  item = g_list_model_get_item (lw_workbench_variants (gui->workbench), 0);
  path = g_strdup (lw_variant_item_variant (item)->path);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.rename-variant", "s", "Mine");
  answer_name (gui, "Yours", "Rename");
  g_assert_nonnull (gui_label (first_variant_row (GTK_WIDGET (gui->window)), "Yours"));
  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.delete-variant", "s", "Yours");
  gui_wait (0.4);
  g_assert_cmpuint (n_variants (gui), ==, 0);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_knob (&k, "activation", "tanh"); /* what it was is not lost */
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Deleted “Yours”") == 0 || gui_toast (gui) != NULL);
  for (int i = 0; i < 3 && n_variants (gui) == 0; i++) { /* older toasts are shown first */
    toast = gui_find (GTK_WIDGET (gui->window), g_type_from_name ("AdwToastWidget"));
    if (toast != NULL && gui_button (toast, "Undo") != NULL)
      gui_press (gui_button (toast, "Undo"));
    else
      gui_wait (6);
  }
  g_assert_cmpuint (n_variants (gui), ==, 1);
  back = lw_variant_find ("Yours", NULL);
  g_assert_nonnull (back);
  g_assert_cmpstr (lw_options_choice (back->options, "activation"), ==, "tanh");
}

/* Files that somebody else deleted, and a name that was given again before a deletion was undone.
 */
static void
vanished (Gui *gui)
{
  LwWorkbench *w = gui->workbench;
  LwVariantItem *item;
  g_autoptr (LwVariantItem) deleted = NULL;
  g_autoptr (LwVariant) kept = NULL;
  g_autoptr (GError) error = NULL;

  lw_workbench_select_model (w, lw_model_find ("lenet", NULL));
  item = lw_workbench_save_variant (w, "Mine", NULL);
  g_assert_nonnull (item);
  g_assert_cmpint (g_remove (lw_variant_item_variant (item)->path), ==, 0);
  g_assert_true (lw_workbench_turn (w, "pooling", "max", NULL));
  item = lw_workbench_save_variant (w, "Mine", NULL); /* takes the place of what is gone */
  g_assert_nonnull (item);
  g_assert_cmpuint (n_variants (gui), ==, 1);
  g_assert_true (lw_workbench_variant (w) == item);

  deleted = g_object_ref (item);
  g_assert_true (lw_workbench_delete_variant (w, deleted, NULL));
  g_assert_true (lw_workbench_turn (w, "pooling", "average", NULL));
  g_assert_nonnull (lw_workbench_save_variant (w, "Mine", NULL));
  g_assert_false (lw_workbench_restore_variant (w, deleted, &error));
  g_assert_nonnull (strstr (error->message, "already"));
  g_assert_cmpuint (n_variants (gui), ==, 1);
  kept = lw_variant_find ("Mine", NULL);
  g_assert_cmpstr (lw_options_choice (kept->options, "pooling"), ==, "average");
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/variants/save-and-train", variants, NULL },
    { "/variants/rename-and-delete", rename_and_delete, NULL },
    { "/variants/vanished", vanished, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
