#include "ui/picture-drop.h"

#include <glib/gi18n.h>

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, LwPictureChooser *chooser)
{
  (void)target;
  (void)x;
  (void)y;
  if (G_VALUE_HOLDS (value, G_TYPE_FILE)) {
    lw_picture_chooser_open (chooser, g_value_get_object (value));
    return TRUE;
  }
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE)) {
    g_autoptr (LwOwnPicture) picture =
        lw_own_picture_from_texture (g_value_get_object (value), _ ("dropped picture"));

    if (picture != NULL)
      lw_picture_chooser_use (chooser, picture);
    return picture != NULL;
  }
  return FALSE;
}

void
lw_picture_drop_accept (GtkWidget *widget, LwPictureChooser *chooser)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  GType kinds[] = { G_TYPE_FILE, GDK_TYPE_TEXTURE };

  gtk_drop_target_set_gtypes (target, kinds, G_N_ELEMENTS (kinds));
  g_signal_connect (target, "drop", G_CALLBACK (dropped), chooser);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
