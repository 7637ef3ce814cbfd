#include "ui/follow-actions.h"

#include "ui/follow-dialog.h"

#include <glib/gi18n.h>

static void
show_run (LwMainWindow *window)
{
  lw_main_window_show_page (window, "train");
}

void
lw_follow_actions_open (LwMainWindow *window, const char *address)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwRunItem *known = address != NULL ? lw_workbench_followed_at (workbench, address) : NULL;
  GtkWidget *dialog;

  if (known != NULL) {
    lw_workbench_select_run (workbench, known);
    show_run (window);
    return;
  }
  dialog = lw_follow_dialog_new (workbench, address);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window));
  g_signal_connect_object (dialog, "following", G_CALLBACK (show_run), window, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
lw_follow_actions_end (LwMainWindow *window, LwRunItem *run)
{
  g_autoptr (LwFollowedRun) followed = g_object_ref (lw_run_item_followed (run));
  g_autofree char *words =
      g_strdup_printf (_ ("“%s” is followed no more; on %s nothing changed"),
                       lw_run_item_title (run), lw_followed_run_host (followed));

  lw_workbench_unfollow (lw_main_window_workbench (window), followed);
  lw_main_window_say (window, words);
}

static void
follow_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_follow_actions_open (LW_MAIN_WINDOW (data), NULL);
}

static void
unfollow_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (LW_MAIN_WINDOW (data)));

  (void)action;
  (void)parameter;
  if (run != NULL && lw_run_item_followed (run) != NULL)
    lw_follow_actions_end (LW_MAIN_WINDOW (data), run);
}

void
lw_follow_actions_update (LwMainWindow *window)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (window));
  GAction *end = g_action_map_lookup_action (G_ACTION_MAP (window), "unfollow-run");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (end),
                               run != NULL && lw_run_item_followed (run) != NULL);
}

void
lw_follow_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "follow-run", .activate = follow_run },
    { .name = "unfollow-run", .activate = unfollow_run },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
