#include "ui/zoom-controls.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwZoomControls {
  GtkWidget parent;
  LwZoomable *drawing;
  GtkWidget *box, *percent;
};

G_DEFINE_FINAL_TYPE (LwZoomControls, lw_zoom_controls, GTK_TYPE_WIDGET)

static void
show_zoom (LwZoomControls *self)
{
  g_autofree char *text =
      g_strdup_printf (_ ("%.0f %%"), round (100 * lw_zoomable_zoom (self->drawing)));

  gtk_button_set_label (GTK_BUTTON (self->percent), text);
}

static void
zoom_out (LwZoomControls *self)
{
  lw_zoomable_zoom_by (self->drawing, -1);
}

static void
zoom_in (LwZoomControls *self)
{
  lw_zoomable_zoom_by (self->drawing, 1);
}

static void
original_size (LwZoomControls *self)
{
  lw_zoomable_zoom_to (self->drawing, 1);
}

static void
fit (LwZoomControls *self)
{
  lw_zoomable_fit (self->drawing);
}

static GtkWidget *
add_button (LwZoomControls *self, const char *icon, const char *name, GCallback callback)
{
  GtkWidget *button =
      icon != NULL ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_label ("");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  gtk_box_append (GTK_BOX (self->box), button);
  return button;
}

GtkWidget *
lw_zoom_controls_new (LwZoomable *drawing)
{
  LwZoomControls *self = g_object_new (LW_TYPE_ZOOM_CONTROLS, NULL);

  self->drawing = drawing;
  g_signal_connect_object (drawing, "notify::zoom", G_CALLBACK (show_zoom), self,
                           G_CONNECT_SWAPPED);
  show_zoom (self);
  return GTK_WIDGET (self);
}

static void
lw_zoom_controls_dispose (GObject *object)
{
  g_clear_pointer (&LW_ZOOM_CONTROLS (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_zoom_controls_parent_class)->dispose (object);
}

static void
lw_zoom_controls_class_init (LwZoomControlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_zoom_controls_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_zoom_controls_init (LwZoomControls *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->box, "lw-zoom");
  add_button (self, "lw-zoom-out-symbolic", _ ("Zoom out"), G_CALLBACK (zoom_out));
  self->percent = add_button (self, NULL, _ ("Original size"), G_CALLBACK (original_size));
  add_button (self, "lw-zoom-in-symbolic", _ ("Zoom in"), G_CALLBACK (zoom_in));
  add_button (self, "lw-fit-symbolic", _ ("Fit"), G_CALLBACK (fit));
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_END);
}
