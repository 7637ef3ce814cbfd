#include "ui/experiments-view.h"

#include <glib/gi18n.h>

struct _LwExperimentsView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (LwExperimentsView, lw_experiments_view, GTK_TYPE_WIDGET)

GtkWidget *
lw_experiments_view_new (LwWorkbench *workbench)
{
  LwExperimentsView *self = g_object_new (LW_TYPE_EXPERIMENTS_VIEW, NULL);

  self->workbench = workbench;
  self->child = adw_status_page_new ();
  adw_status_page_set_title (ADW_STATUS_PAGE (self->child), _ ("Experiments"));
  gtk_widget_set_parent (self->child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_experiments_view_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPERIMENTS_VIEW (object)->child, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiments_view_parent_class)->dispose (object);
}

static void
lw_experiments_view_class_init (LwExperimentsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiments_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_experiments_view_init (LwExperimentsView *self)
{
  (void)self;
}
