#include "ui/confusion-export.h"

#include "ui/accessible.h"
#include "ui/draw/export.h"

#include <glib/gi18n.h>

#define MARGIN 24.0

typedef struct {
  LwConfusion matrix;
  LwConfusionLayout layout;
  LwText *text;
} Picture;

static void
paint (cairo_t *cr, gpointer data)
{
  const Picture *picture = data;
  const LwTheme *theme = lw_theme (false);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  cairo_translate (cr, MARGIN, MARGIN);
  lw_confusion_paint (cr, theme, picture->text, &picture->matrix, &picture->layout);
}

bool
lw_confusion_view_save (LwConfusionView *self, const char *path, GError **error)
{
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  Picture picture = { .text = text };
  LwPictureFormat format;

  if (!lw_picture_format (path, &format, error))
    return false;
  if (!lw_confusion_view_matrix (self, &picture.matrix)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s", _ ("There is no matrix to save yet."));
    return false;
  }
  picture.matrix.row = picture.matrix.column = -1;
  lw_confusion_layout (&picture.matrix, text, 0, &picture.layout);
  return lw_export_picture (path, picture.layout.width + 2 * MARGIN,
                            picture.layout.height + 2 * MARGIN, format == LW_PICTURE_PNG ? 2 : 1,
                            paint, &picture, error);
}

static void
chosen (GtkNativeDialog *chooser, int response, LwConfusionView *view)
{
  GtkLabel *said = g_object_get_data (G_OBJECT (chooser), "said");

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
    g_autofree char *path = g_file_get_path (file);
    g_autoptr (GError) error = NULL;

    if (path != NULL && lw_confusion_view_save (view, path, &error))
      gtk_label_set_text (said, _ ("The matrix is saved."));
    else if (error != NULL)
      gtk_label_set_text (said, error->message);
  }
  gtk_native_dialog_destroy (chooser);
  g_object_unref (chooser);
}

static void
clicked (GtkButton *button, LwConfusionView *view)
{
  static const char *const endings[] = { "png", "svg", "pdf" };
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Save the Confusion Matrix"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button))),
      GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("PNG, SVG or PDF"));
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    gtk_file_filter_add_suffix (filter, endings[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), "confusion.png");
  g_object_set_data_full (G_OBJECT (chooser), "said",
                          g_object_ref (g_object_get_data (G_OBJECT (button), "said")),
                          g_object_unref);
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen), view, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

GtkWidget *
lw_confusion_export_new (LwConfusionView *view, GtkLabel *said)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("document-save-symbolic");
  const char *name = _ ("Save the matrix as a picture");

  gtk_widget_set_tooltip_text (button, name);
  lw_name_widget (button, name);
  g_object_set_data_full (G_OBJECT (button), "said", g_object_ref (said), g_object_unref);
  g_signal_connect_object (button, "clicked", G_CALLBACK (clicked), view, 0);
  return button;
}
