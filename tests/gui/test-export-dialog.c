/* The window from which drawings are exported: of the blocks, the volumes and the memory. */
#include "tests/gui/explore-steps.h"
#include "ui/export-dialog.h"
#include "ui/volumes-view.h"

#include <string.h>

static LwVolumesView *
show_volumes (const Explore *e)
{
  GtkWidget *volumes;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e->page, "Volumes")), TRUE);
  gui_assert_soon ((volumes = gui_find (e->page, LW_TYPE_VOLUMES_VIEW)) != NULL);
  gui_assert_soon (gtk_widget_get_width (volumes) > 500);
  gui_wait (0.1);
  return LW_VOLUMES_VIEW (volumes);
}

static LwExportDialog *
open_dialog (Gui *gui)
{
  LwExportDialog *dialog = NULL;
  GListModel *windows = gtk_window_get_toplevels ();

  g_action_group_activate_action (G_ACTION_GROUP (gui->window), "export-diagram", NULL);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (LW_IS_EXPORT_DIALOG (window))
      dialog = LW_EXPORT_DIALOG (window);
  }
  g_assert_nonnull (dialog);
  gui_assert_soon (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  gui_wait (0.1);
  return dialog;
}

static GtkWidget *
row_titled_so (GtkWidget *root, const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (root) &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = row_titled_so (child, title);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
choose (LwExportDialog *dialog, const char *row, guint choice)
{
  GtkWidget *found = row_titled_so (GTK_WIDGET (dialog), row);

  g_assert_nonnull (found);
  adw_combo_row_set_selected (ADW_COMBO_ROW (found), choice);
  gui_wait (0.05);
}

static guint
choice_of (LwExportDialog *dialog, const char *row)
{
  return adw_combo_row_get_selected (ADW_COMBO_ROW (row_titled_so (GTK_WIDGET (dialog), row)));
}

static void
assert_saved (Gui *gui, const char *path, const char *beginning, const char *inside)
{
  g_autofree char *content = NULL;
  gsize length;

  gui_assert_soon (gui_toast (gui) != NULL);
  g_assert_true (g_str_has_prefix (gui_toast (gui), "Saved "));
  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_cmpuint (length, >, 500);
  g_assert_cmpint (memcmp (content, beginning, strlen (beginning)), ==, 0);
  g_assert_nonnull (memmem (content, length, inside, strlen (inside)));
}

static void
export_formats (Gui *gui)
{
  static const struct {
    const char *name, *beginning, *inside, *summary;
  } files[] = {
    { "a.svg", "<?xml", "A &quot;title&quot; &lt;&amp;&gt;</text>", "SVG, " },
    { "a.pdf", "%PDF-", "/ToUnicode", "PDF, " },
    { "a.png", "\x89PNG", "IDAT", "PNG, " },
    { "a.dot", "digraph \"ResNet-18\"", "label=\"A \\\"title\\\" <&>\"", "DOT, " },
    { "a.json", "{\"title\":\"A \\\"title\\\" <&>\"", "\"edges\":[", "JSON, " },
    { "a.py", "\"\"\"ResNet-18: ", "class ResNet18(nn.Sequential):", "PY, " },
  };
  const Explore e = explore (gui, "resnet18");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    LwExportDialog *dialog = open_dialog (gui);
    g_autofree char *path = gui_scratch (files[i].name);
    GtkWidget *title = row_titled_so (GTK_WIDGET (dialog), "Title");

    g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (title)), ==, "ResNet-18");
    if (i > 0) /* what was chosen last */
      g_assert_cmpuint (choice_of (dialog, "Format"), ==, i - 1);
    gtk_editable_set_text (GTK_EDITABLE (title), "A \"title\" <&>");
    choose (dialog, "Format", i);
    g_assert_true (g_str_has_prefix (lw_export_dialog_summary (dialog), files[i].summary));
    g_assert_cmpint (gtk_widget_get_sensitive (row_titled_so (GTK_WIDGET (dialog), "Style")), ==,
                     i < 3);
    lw_export_dialog_save (dialog, path);
    assert_saved (gui, path, files[i].beginning, files[i].inside);
    gui_wait (0.1);
  }
  (void)e;
}

static void
export_choices (Gui *gui)
{
  const Explore e = explore (gui, "alexnet");
  LwVolumesView *volumes = show_volumes (&e);
  LwExportDialog *dialog = open_dialog (gui);
  g_autofree char *path = gui_scratch ("volumes.svg");
  g_autofree char *whole = g_strdup (lw_export_dialog_summary (dialog));
  GtkWidget *toggle, *preview;
  guint picture;

  g_assert_cmpuint (choice_of (dialog, "Style"), ==, 1); /* what is shown is proposed */
  preview = gui_find (GTK_WIDGET (dialog), GTK_TYPE_DRAWING_AREA);
  picture = gui_picture (preview);
  choose (dialog, "Colours", 1);
  g_assert_cmpuint (gui_picture (preview), !=, picture);
  choose (dialog, "Part", 1);
  g_assert_cmpstr (lw_export_dialog_summary (dialog), !=, whole);
  choose (dialog, "Part", 0);
  g_assert_cmpstr (lw_export_dialog_summary (dialog), ==, whole);
  toggle = row_titled_so (GTK_WIDGET (dialog), "Transparent ground");
  gtk_widget_activate (toggle);
  choose (dialog, "Format", 2);
  choose (dialog, "Size", 2);
  g_assert_nonnull (strstr (lw_export_dialog_summary (dialog), "pixels"));
  choose (dialog, "Format", 0);
  /* what goes wrong is said here, and the window stays */
  lw_export_dialog_save (dialog, "/nowhere/at/all.svg");
  gui_wait (0.1);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  g_assert_nonnull (gui_label (dialog, "Cannot write"));
  lw_export_dialog_save (dialog, path);
  assert_saved (gui, path, "<?xml", ">max pool 3</text>");
  (void)volumes;
}

static bool
write_memory (gpointer memory, const char *path, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 40, 30);
  const bool written = cairo_surface_write_to_png (surface, path) == CAIRO_STATUS_SUCCESS;

  (void)error;
  cairo_surface_destroy (surface);
  g_free (*(char **)memory);
  *(char **)memory = g_strdup (path);
  return written;
}

/* A third style, drawn by another view. */
static void
export_memory (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  LwVolumesView *volumes = show_volumes (&e);
  g_autofree char *asked = NULL, *path = gui_scratch ("memory.png");
  const LwExportSource source = { LW_DIAGRAM_VIEW (e.diagram), volumes, write_memory, &asked };
  LwExportChoices choices = { .format = LW_EXPORT_PNG };
  GtkWidget *dialog = lw_export_dialog_new (&source, &choices, "lenet");

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (gui->window));
  gtk_window_present (GTK_WINDOW (dialog));
  gui_assert_soon (gtk_widget_get_mapped (dialog));
  choose (LW_EXPORT_DIALOG (dialog), "Style", 2);
  g_assert_nonnull (asked);
  g_assert_false (g_file_test (asked, G_FILE_TEST_EXISTS)); /* the preview's */
  g_assert_false (gtk_widget_get_sensitive (row_titled_so (dialog, "Part")));
  lw_export_dialog_save (LW_EXPORT_DIALOG (dialog), path);
  g_assert_cmpstr (asked, ==, path);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  gui_wait (0.1);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/export-dialog/formats", export_formats, NULL },
    { "/export-dialog/choices", export_choices, NULL },
    { "/export-dialog/memory", export_memory, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
