#include "ui/memory-view.h"

#include "ui/accessible.h"
#include "ui/memory-controls.h"
#include "ui/memory-panel.h"

#include <glib/gi18n.h>

struct _LwMemoryView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwMemoryPlanner *planner;
  GtkWidget *content, *arena, *panel;
};

G_DEFINE_FINAL_TYPE (LwMemoryView, lw_memory_view, GTK_TYPE_WIDGET)

GtkWidget *
lw_memory_view_make_controls (LwMemoryView *self)
{
  return lw_memory_controls_new (self->workbench, self->planner);
}

void
lw_memory_view_show_panel (LwMemoryView *self, bool show)
{
  gtk_widget_set_visible (self->panel, show);
}

bool
lw_memory_view_export (LwMemoryView *self, const char *path, GError **error)
{
  return lw_memory_arena_export (LW_MEMORY_ARENA (self->arena), path, error);
}

GtkWidget *
lw_memory_view_new (LwWorkbench *workbench)
{
  LwMemoryView *self = g_object_new (LW_TYPE_MEMORY_VIEW, NULL);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->workbench = workbench;
  self->planner = lw_memory_planner_new (workbench);
  self->arena = lw_memory_arena_new (workbench, self->planner);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->arena);
  lw_name_widget (scroller, _ ("Memory over the steps"));
  gtk_widget_add_css_class (scroller, "lw-canvas");
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self->content), scroller);
  gtk_box_append (GTK_BOX (self->content), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  self->panel = lw_memory_panel_new (self->planner);
  gtk_box_append (GTK_BOX (self->content), self->panel);
  return GTK_WIDGET (self);
}

static void
lw_memory_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_memory_view_parent_class)->map (widget);
  lw_memory_planner_set_active (LW_MEMORY_VIEW (widget)->planner, true);
}

static void
lw_memory_view_unmap (GtkWidget *widget)
{
  if (LW_MEMORY_VIEW (widget)->planner != NULL)
    lw_memory_planner_set_active (LW_MEMORY_VIEW (widget)->planner, false);
  GTK_WIDGET_CLASS (lw_memory_view_parent_class)->unmap (widget);
}

static void
lw_memory_view_dispose (GObject *object)
{
  LwMemoryView *self = LW_MEMORY_VIEW (object);

  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_object (&self->planner);
  G_OBJECT_CLASS (lw_memory_view_parent_class)->dispose (object);
}

static void
lw_memory_view_class_init (LwMemoryViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_memory_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_memory_view_map;
  GTK_WIDGET_CLASS (klass)->unmap = lw_memory_view_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_memory_view_init (LwMemoryView *self)
{
  self->content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));
}
