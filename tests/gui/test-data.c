/* The data page: which sets are found, what is shown of one, other images and other draws, and what
 * is said of one that cannot be opened. */
#include "tests/gui/harness.h"
#include "tests/support/data_files.h"
#include "tests/support/npz_files.h"
#include "ui/class-rows-view.h"
#include "ui/data-page.h"
#include "ui/data-sets.h"

#include <string.h>

static LwDataSamples *
samples_of (Gui *gui)
{
  return lw_data_page_samples (LW_DATA_PAGE (lw_main_window_page (gui->window, "data")));
}

static bool
is_shown (Gui *gui)
{
  int32_t n;

  return !lw_data_samples_is_working (samples_of (gui)) &&
         lw_data_samples_tiles (samples_of (gui), &n) != NULL;
}

static GtkListBox *
list_of (Gui *gui)
{
  GtkWidget *sets = gui_find (GTK_WIDGET (gui->window), LW_TYPE_DATA_SETS);

  return GTK_LIST_BOX (gui_find (sets, GTK_TYPE_LIST_BOX));
}

static GtkListBoxRow *
row_named (Gui *gui, const char *name)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list_of (gui), i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "name"), name) == 0)
      return row;
  return NULL;
}

static void
choose (Gui *gui, int drop_down, guint which)
{
  GtkWidget *page = lw_main_window_page (gui->window, "data"), *bar;

  bar = gtk_widget_get_parent (gui_button (page, "Other Images"));
  for (GtkWidget *child = gtk_widget_get_first_child (bar); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_DROP_DOWN (child) && drop_down-- == 0)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (child), which);
}

static void
shapes (Gui *gui)
{
  GtkWidget *rows;
  guint before;
  int32_t index;

  gui_shortcut (gui, "<Control>d");
  g_assert_cmpstr (lw_main_window_shown_page (gui->window), ==, "data");
  gui_assert_soon (is_shown (gui));
  gui_assert_soon (row_named (gui, "shapes") != NULL);
  gui_assert_soon (gtk_list_box_get_selected_row (list_of (gui)) == row_named (gui, "shapes"));
  g_assert_nonnull (gui_label (gui->window, "Built-in shapes"));
  g_assert_nonnull (gui_label (gui->window, "6,000 training and 1,000 test images, 28 × 28 pixels, "
                                            "1 channel, 10 classes"));
  g_assert_nonnull (gui_label (gui->window, "Values of the training images from 0 to 1: mean 0."));
  g_assert_nonnull (gui_label (gui->window, "numpy's .npz"));
  rows = gui_find (GTK_WIDGET (gui->window), LW_TYPE_CLASS_ROWS_VIEW);

  /* Other images, then the same ones in other draws. */
  index = lw_data_samples_index (samples_of (gui), 3, 0);
  g_assert_cmpint (lw_dataset_label (lw_workbench_dataset (gui->workbench), LW_SPLIT_TRAIN, index),
                   ==, 3);
  gui_press (gui_button (gui->window, "Other Images"));
  gui_assert_soon (is_shown (gui) && lw_data_samples_index (samples_of (gui), 3, 0) != index);
  index = lw_data_samples_index (samples_of (gui), 3, 0);
  g_assert_false (gtk_widget_is_sensitive (gui_button (gui->window, "Another Draw")));
  before = gui_picture (rows);
  choose (gui, 1, 1); /* as the settings say: no change yet */
  gui_assert_soon (is_shown (gui));
  g_assert_cmpuint (gui_picture (rows), ==, before);
  g_assert_true (lw_workbench_set (gui->workbench, "augment", "crop", NULL));
  gui_assert_soon (is_shown (gui) && gui_picture (rows) != before);
  before = gui_picture (rows);
  gui_press (gui_button (gui->window, "Another Draw"));
  gui_assert_soon (is_shown (gui) && gui_picture (rows) != before);
  g_assert_cmpint (lw_data_samples_index (samples_of (gui), 3, 0), ==, index);

  /* Test images are never changed. */
  choose (gui, 0, 1);
  gui_assert_soon (is_shown (gui) && lw_data_samples_split (samples_of (gui)) == LW_SPLIT_TEST);
  g_assert_false (gtk_widget_is_sensitive (gui_button (gui->window, "Another Draw")));

  gtk_widget_grab_focus (rows);
  g_signal_emit_by_name (gui_controller (rows, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", 5.0,
                         60.0);
  g_assert_cmpstr (lw_class_rows_view_words (LW_CLASS_ROWS_VIEW (rows)), ==,
                   "circle: 600 training and 100 test images");
}

/* An archive of a student's own, opened by its path: its row, and channels and classes of the
 * network; then one that is damaged. */
static void
own (Gui *gui)
{
  const LwZipFile files[] = { { "x_train.npy", lw_npy_bytes ("(12, 20, 30, 3)", 12 * 1800) },
                              { "y_train.npy", lw_npy_labels (12, 4) },
                              { "x_test.npy", lw_npy_bytes ("(4, 20, 30, 3)", 4 * 1800) },
                              { "y_test.npy", lw_npy_labels (4, 4) } };
  g_autoptr (GByteArray) bytes = lw_zip (files, 4, true);
  g_autofree char *path = gui_scratch ("mine.npz"), *bad = gui_scratch ("bad.npz");
  const LwOptions *options;

  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, bytes->len, NULL));
  g_assert_true (g_file_set_contents (bad, "PK", 2, NULL));
  gui_shortcut (gui, "<Control>d");
  gui_assert_soon (is_shown (gui));
  lw_workbench_use_data (gui->workbench, path);
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL && is_shown (gui));
  gui_assert_soon (row_named (gui, path) != NULL);
  g_assert_true (gtk_list_box_get_selected_row (list_of (gui)) == row_named (gui, path));
  g_assert_nonnull (gui_label (gui->window, "12 training and 4 test images, 30 × 20 pixels, "
                                            "3 channels, 4 classes"));
  options = lw_workbench_settings (gui->workbench)->options;
  g_assert_cmpint (lw_options_input (options).c, ==, 3);
  g_assert_cmpint (lw_options_integer (options, "classes"), ==, 4);

  lw_workbench_use_data (gui->workbench, bad);
  gui_assert_soon (lw_workbench_dataset_error (gui->workbench) != NULL);
  gui_assert_soon (gui_label (gui->window, "This Data Set Cannot Be Opened") != NULL);
  gui_press (gui_button (gui->window, "Use Built-in Shapes"));
  gui_assert_soon (is_shown (gui) && gui_label (gui->window, "Built-in shapes") != NULL);
  gtk_list_box_select_row (list_of (gui), row_named (gui, path));
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL && is_shown (gui));
  g_assert_cmpint (lw_dataset_classes (lw_data_samples_dataset (samples_of (gui))), ==, 4);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/data/shapes", shapes, NULL },
    { "/data/own", own, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
