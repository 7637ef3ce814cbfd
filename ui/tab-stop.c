#include "ui/tab-stop.h"

struct _LwTabStop {
  AdwBin parent;
  bool entered;
};

G_DEFINE_FINAL_TYPE (LwTabStop, lw_tab_stop, ADW_TYPE_BIN)

static bool
has_focus_inside (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, widget);
}

static gboolean
lw_tab_stop_focus (GtkWidget *widget, GtkDirectionType direction)
{
  LwTabStop *self = LW_TAB_STOP (widget);
  GtkWidget *list = adw_bin_get_child (ADW_BIN (self));
  const bool tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;
  gboolean moved;

  if (list == NULL || (tab && has_focus_inside (widget)))
    return FALSE;
  self->entered = tab;
  moved = gtk_widget_child_focus (list, direction);
  self->entered = false;
  return moved;
}

bool
lw_tab_stop_is_entered (LwTabStop *self)
{
  return self->entered;
}

static void
lw_tab_stop_class_init (LwTabStopClass *klass)
{
  GTK_WIDGET_CLASS (klass)->focus = lw_tab_stop_focus;
}

static void
lw_tab_stop_init (LwTabStop *self)
{
  (void)self;
}

GtkWidget *
lw_tab_stop_new (GtkWidget *list)
{
  return g_object_new (LW_TYPE_TAB_STOP, "child", list, NULL);
}
