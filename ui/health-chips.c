#include "ui/health-chips.h"

#include <glib/gi18n.h>

struct _LwHealthChips {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (LwHealthChips, lw_health_chips, GTK_TYPE_WIDGET)

GtkWidget *
lw_health_chips_new (LwWorkbench *workbench)
{
  LwHealthChips *self = g_object_new (LW_TYPE_HEALTH_CHIPS, NULL);

  self->workbench = workbench;
  self->child = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_parent (self->child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_health_chips_dispose (GObject *object)
{
  g_clear_pointer (&LW_HEALTH_CHIPS (object)->child, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_health_chips_parent_class)->dispose (object);
}

static void
lw_health_chips_class_init (LwHealthChipsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_health_chips_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_health_chips_init (LwHealthChips *self)
{
  (void)self;
}
