#include "ui/compare-page.h"

struct _LwComparePage {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *content;
};

G_DEFINE_FINAL_TYPE (LwComparePage, lw_compare_page, GTK_TYPE_WIDGET)

GtkWidget *
lw_compare_page_new (LwWorkbench *workbench)
{
  LwComparePage *self = g_object_new (LW_TYPE_COMPARE_PAGE, NULL);

  self->workbench = workbench;
  return GTK_WIDGET (self);
}

static void
lw_compare_page_dispose (GObject *object)
{
  g_clear_pointer (&LW_COMPARE_PAGE (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_compare_page_parent_class)->dispose (object);
}

static void
lw_compare_page_class_init (LwComparePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_compare_page_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_compare_page_init (LwComparePage *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
