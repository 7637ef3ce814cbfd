#include "ui/diagram-search.h"

struct _LwDiagramSearch {
  GtkWidget parent;
  LwDiagramView *diagram; /* borrowed: it lives longer */
  GtkWidget *content;
};

G_DEFINE_FINAL_TYPE (LwDiagramSearch, lw_diagram_search, GTK_TYPE_WIDGET)

GtkWidget *
lw_diagram_search_new (LwDiagramView *diagram)
{
  LwDiagramSearch *self = g_object_new (LW_TYPE_DIAGRAM_SEARCH, NULL);

  self->diagram = diagram;
  return GTK_WIDGET (self);
}

static void
lw_diagram_search_dispose (GObject *object)
{
  g_clear_pointer (&LW_DIAGRAM_SEARCH (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_diagram_search_parent_class)->dispose (object);
}

static void
lw_diagram_search_class_init (LwDiagramSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_diagram_search_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_diagram_search_init (LwDiagramSearch *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
