#include "ui/diagram-appearance.h"

struct _LwDiagramAppearance {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed: it lives longer */
  GtkWidget *content;
};

G_DEFINE_FINAL_TYPE (LwDiagramAppearance, lw_diagram_appearance, GTK_TYPE_WIDGET)

GtkWidget *
lw_diagram_appearance_new (LwDiagramView *diagram)
{
  LwDiagramAppearance *self = g_object_new (LW_TYPE_DIAGRAM_APPEARANCE, NULL);

  self->diagram = diagram;
  return GTK_WIDGET (self);
}

static void
lw_diagram_appearance_dispose (GObject *object)
{
  g_clear_pointer (&LW_DIAGRAM_APPEARANCE (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_diagram_appearance_parent_class)->dispose (object);
}

static void
lw_diagram_appearance_class_init (LwDiagramAppearanceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_diagram_appearance_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_diagram_appearance_init (LwDiagramAppearance *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
