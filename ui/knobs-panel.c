#include "ui/knobs-panel.h"

struct _LwKnobsPanel {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *content;
};

G_DEFINE_FINAL_TYPE (LwKnobsPanel, lw_knobs_panel, GTK_TYPE_WIDGET)

GtkWidget *
lw_knobs_panel_new (LwWorkbench *workbench)
{
  LwKnobsPanel *self = g_object_new (LW_TYPE_KNOBS_PANEL, NULL);

  self->workbench = workbench;
  return GTK_WIDGET (self);
}

static void
lw_knobs_panel_dispose (GObject *object)
{
  g_clear_pointer (&LW_KNOBS_PANEL (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_knobs_panel_parent_class)->dispose (object);
}

static void
lw_knobs_panel_class_init (LwKnobsPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_knobs_panel_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_knobs_panel_init (LwKnobsPanel *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
