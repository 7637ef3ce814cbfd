#include "ui/following.h"

typedef struct {
  GtkWidget *widget;
  LwFollow follow;
  guint idle_id; /* while it is due */
} Follower;

static const char key[] = "lw-follower";

static Follower *
follower_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), key);
}

static void
follower_free (gpointer data)
{
  Follower *follower = data;

  g_clear_handle_id (&follower->idle_id, g_source_remove);
  g_free (follower);
}

static gboolean
follow_now (gpointer data)
{
  Follower *follower = data;

  follower->idle_id = 0;
  follower->follow (follower->widget);
  return G_SOURCE_REMOVE;
}

static void
mapped (GtkWidget *widget)
{
  Follower *follower = follower_of (widget);

  if (follower == NULL || follower->idle_id == 0)
    return;
  g_clear_handle_id (&follower->idle_id, g_source_remove);
  follow_now (follower);
}

static void
selection_changed (GtkWidget *widget)
{
  Follower *follower = follower_of (widget);

  if (follower == NULL)
    return;
  if (gtk_widget_get_mapped (widget)) {
    g_clear_handle_id (&follower->idle_id, g_source_remove);
    follow_now (follower);
  } else if (follower->idle_id == 0) {
    follower->idle_id = g_idle_add_full (G_PRIORITY_LOW, follow_now, follower, NULL);
  }
}

void
lw_follow_selection (GtkWidget *widget, LwWorkbench *workbench, LwFollow follow)
{
  Follower *follower = g_new0 (Follower, 1);

  *follower = (Follower){ .widget = widget, .follow = follow };
  g_object_set_data_full (G_OBJECT (widget), key, follower, follower_free);
  g_signal_connect (widget, "map", G_CALLBACK (mapped), NULL);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), widget,
                           G_CONNECT_SWAPPED);
}

bool
lw_follow_is_due (GtkWidget *widget)
{
  const Follower *follower = follower_of (widget);

  return follower != NULL && follower->idle_id != 0;
}
