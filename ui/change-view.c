#include "ui/change-view.h"

struct _LwChangeView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *content;
};

G_DEFINE_FINAL_TYPE (LwChangeView, lw_change_view, GTK_TYPE_WIDGET)

GtkWidget *
lw_change_view_new (LwWorkbench *workbench)
{
  LwChangeView *self = g_object_new (LW_TYPE_CHANGE_VIEW, NULL);

  self->workbench = workbench;
  return GTK_WIDGET (self);
}

static void
lw_change_view_dispose (GObject *object)
{
  g_clear_pointer (&LW_CHANGE_VIEW (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_change_view_parent_class)->dispose (object);
}

static void
lw_change_view_class_init (LwChangeViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_change_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_change_view_init (LwChangeView *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
