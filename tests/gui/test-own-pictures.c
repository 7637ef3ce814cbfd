/* What a network is shown of a picture of one's own is what its data set's images would be made of.
 */
#include "app/pictures/pixbuf-pictures.h"
#include "tests/gui/harness.h"
#include "ui/activation-source.h"
#include "ui/explain-own.h"

/* 60 × 30 pixels, light at one end. */
static void
save_wide (const char *path)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 60, 30);
  g_autofree char *folder = g_path_get_dirname (path);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);

  for (int y = 0; y < 30; y++)
    for (int x = 0; x < 60 * 3; x++)
      pixels[y * gdk_pixbuf_get_rowstride (pixbuf) + x] = (guint8)(x / 3 * 4);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
}

/* Two classes of five pictures; g_free. */
static char *
make_folder_of_pictures (void)
{
  static const char *const classes[] = { "cat", "dog" };

  for (int i = 0; i < 10; i++) {
    g_autofree char *name = g_strdup_printf ("pictures/%s/%d.png", classes[i / 5], i);
    g_autofree char *path = gui_scratch (name);

    save_wide (path);
  }
  return gui_scratch ("pictures");
}

static void
use_data (Gui *gui, const char *data, LwPictureFit fit)
{
  lw_workbench_use_data (gui->workbench, data);
  gui_assert_soon (lw_workbench_dataset (gui->workbench) != NULL);
  g_assert_cmpint (lw_dataset_picture_fit (lw_workbench_dataset (gui->workbench)), ==, fit);
}

static void
assert_shown (const float *input, LwOwnPicture *picture, LwShape shape, LwPictureFit fit)
{
  const gsize size = sizeof *input * (gsize)lw_shape_size (shape);
  g_autofree float *wanted = g_malloc (size), *other = g_malloc (size);

  g_assert_true (lw_own_picture_convert (picture, shape, fit, false, wanted));
  g_assert_true (lw_own_picture_convert (
      picture, shape, fit == LW_FIT_WHOLE ? LW_FIT_MIDDLE : LW_FIT_WHOLE, false, other));
  g_assert_cmpint (memcmp (wanted, other, size), !=, 0);
  g_assert_nonnull (input);
  g_assert_cmpmem (input, size, wanted, size);
}

static void
as_the_data (Gui *gui)
{
  g_autofree char *pictures = make_folder_of_pictures (), *path = gui_scratch ("wide.png");
  const struct {
    const char *data;
    LwPictureFit fit;
  } cases[] = { { pictures, LW_FIT_MIDDLE }, { "shapes", LW_FIT_WHOLE } };
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (LwActivationSource) source = lw_activation_source_new (gui->workbench);
  g_autoptr (LwPredictionsSource) predictions = lw_predictions_source_new (gui->workbench);
  GtkWidget *window = gtk_window_new (), *own = lw_explain_own_new (predictions);
  LwPictureChooser *chooser = lw_explain_own_chooser (LW_EXPLAIN_OWN (own));
  LwOwnPicture *picture;

  gtk_window_set_child (GTK_WINDOW (window), own); /* what is in no window takes no picture */
  save_wide (path);
  lw_picture_chooser_open (chooser, file);
  gui_assert_soon ((picture = lw_picture_chooser_picture (chooser)) != NULL);
  lw_activation_source_set_own (source, picture, false);
  lw_activation_source_set_active (source, true);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree float *explained = NULL;
    LwShape shape;

    use_data (gui, cases[i].data, cases[i].fit);
    shape = lw_graph_input_shape (lw_workbench_graph (gui->workbench));
    assert_shown (lw_activation_source_input (source), picture, shape, cases[i].fit);
    explained = lw_explain_own_input (LW_EXPLAIN_OWN (own), shape);
    assert_shown (explained, picture, shape, cases[i].fit);
  }
  lw_activation_source_set_active (source, false);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { .path = "/own-pictures/as the data", .body = as_the_data },
    { NULL },
  };

  lw_pixbuf_pictures_register ();
  return gui_main (argc, argv, tests);
}
