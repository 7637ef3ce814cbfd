#include "ui/predictions-view.h"

#include <glib/gi18n.h>

struct _LwPredictionsView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (LwPredictionsView, lw_predictions_view, GTK_TYPE_WIDGET)

GtkWidget *
lw_predictions_view_new (LwWorkbench *workbench)
{
  LwPredictionsView *self = g_object_new (LW_TYPE_PREDICTIONS_VIEW, NULL);

  self->workbench = workbench;
  self->child = adw_status_page_new ();
  adw_status_page_set_title (ADW_STATUS_PAGE (self->child), _ ("Predictions"));
  gtk_widget_set_parent (self->child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_predictions_view_dispose (GObject *object)
{
  g_clear_pointer (&LW_PREDICTIONS_VIEW (object)->child, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_predictions_view_parent_class)->dispose (object);
}

static void
lw_predictions_view_class_init (LwPredictionsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_predictions_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_predictions_view_init (LwPredictionsView *self)
{
  (void)self;
}
