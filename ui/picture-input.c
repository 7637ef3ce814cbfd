#include "ui/picture-input.h"

#include <glib/gi18n.h>

typedef struct {
  GtkWidget *widget;
  LwPictureFunc done;
} Asked;

static Asked *
asked_new (GtkWidget *widget, LwPictureFunc done)
{
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ g_object_ref (widget), done };
  return asked;
}

/* The window may have gone meanwhile. */
static void
answer (Asked *asked, LwOwnPicture *picture, const char *problem)
{
  if (gtk_widget_get_root (asked->widget) != NULL)
    asked->done (asked->widget, picture, problem);
  g_object_unref (asked->widget);
  g_free (asked);
}

static void
opened (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOwnPicture) picture = lw_own_picture_load_finish (result, &error);

  (void)file;
  answer (data, picture, picture == NULL ? error->message : NULL);
}

void
lw_picture_open (GtkWidget *widget, GFile *file, LwPictureFunc done)
{
  lw_own_picture_load_async (file, opened, asked_new (widget, done));
}

static void
file_chosen (GtkNativeDialog *dialog, int response, GtkWidget *widget)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    LwPictureFunc done = (LwPictureFunc)g_object_get_data (G_OBJECT (dialog), "done");

    if (file != NULL)
      lw_picture_open (widget, file, done);
  }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

void
lw_picture_choose_file (GtkWidget *widget, LwPictureFunc done)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Open a Picture"), GTK_WINDOW (gtk_widget_get_root (widget)),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  g_object_set_data (G_OBJECT (dialog), "done", (gpointer)done);
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
pasted (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  g_autoptr (GdkTexture) texture =
      gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (clipboard), result, NULL);
  g_autoptr (LwOwnPicture) picture =
      texture != NULL ? lw_own_picture_from_texture (texture, _ ("from the clipboard")) : NULL;

  answer (data, picture, picture == NULL ? _ ("There is no picture on the clipboard.") : NULL);
}

void
lw_picture_paste (GtkWidget *widget, LwPictureFunc done)
{
  gdk_clipboard_read_texture_async (gtk_widget_get_clipboard (widget), NULL, pasted,
                                    asked_new (widget, done));
}
