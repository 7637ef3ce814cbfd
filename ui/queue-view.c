#include "ui/queue-view.h"

#include "ui/accessible.h"
#include "ui/sidebar-rows.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>

#define MOST_HEIGHT 236 /* five rows and a bit of the sixth */

struct _LwQueueView {
  GtkWidget parent;
  LwRunQueue *queue; /* borrowed: the workbench owns it and lives longer */
  GtkWidget *column, *caption, *pause;
  GtkListBox *list;
  guint update_id;
};

G_DEFINE_FINAL_TYPE (LwQueueView, lw_queue_view, GTK_TYPE_WIDGET)

char *
lw_rough_time (double seconds)
{
  if (seconds < 55)
    return g_strdup_printf (_ ("%d s"), MAX (1, (int)(seconds / 5 + 0.5) * 5));
  if (seconds < 3570)
    return g_strdup_printf (_ ("%d min"), (int)(seconds / 60 + 0.5));
  return g_strdup_printf (_ ("%d h %d min"), (int)(seconds / 3600), (int)(seconds / 60) % 60);
}

/* --- rows ----------------------------------------------------------------------------------------
 */

static LwQueuedRun *
run_of (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "run");
}

static LwQueueView *
view_of (GtkWidget *widget)
{
  return LW_QUEUE_VIEW (gtk_widget_get_ancestor (widget, LW_TYPE_QUEUE_VIEW));
}

/* The row of a run, which a move makes anew, keeps the focus. */
static void
focus (LwQueueView *self, LwQueuedRun *run)
{
  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);

    if (row == NULL)
      return;
    if (run_of (GTK_WIDGET (row)) == run) {
      gtk_widget_grab_focus (GTK_WIDGET (row));
      return;
    }
  }
}

static void
move (GtkWidget *inside, int by)
{
  LwQueueView *self = view_of (inside);
  GtkWidget *row = gtk_widget_get_ancestor (inside, GTK_TYPE_LIST_BOX_ROW);
  g_autoptr (LwQueuedRun) run = g_object_ref (run_of (row));

  lw_run_queue_move (self->queue, run, by);
  focus (self, run);
}

static void
up_clicked (GtkWidget *button)
{
  move (button, -1);
}

static void
down_clicked (GtkWidget *button)
{
  move (button, 1);
}

static void
remove_clicked (GtkWidget *inside)
{
  LwQueueView *self = view_of (inside);
  GtkWidget *row = gtk_widget_get_ancestor (inside, GTK_TYPE_LIST_BOX_ROW);
  const int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
  g_autoptr (LwQueuedRun) run = g_object_ref (run_of (row));
  GtkListBoxRow *next;

  lw_run_queue_remove (self->queue, run);
  next = gtk_list_box_get_row_at_index (self->list, index);
  if (next != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (next));
}

static gboolean
row_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers,
         GtkWidget *row)
{
  const bool alt = (modifiers & GDK_ALT_MASK) != 0;

  (void)controller;
  (void)code;
  if (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete)
    remove_clicked (row);
  else if (alt && (key == GDK_KEY_Up || key == GDK_KEY_KP_Up))
    move (row, -1);
  else if (alt && (key == GDK_KEY_Down || key == GDK_KEY_KP_Down))
    move (row, 1);
  else
    return FALSE;
  return TRUE;
}

static GtkWidget *
row_button (const char *icon, const char *verb, LwQueuedRun *run, void (*clicked) (GtkWidget *))
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *name = g_strdup_printf ("%s: %s", verb, lw_queued_run_title (run));

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-queue-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, verb);
  lw_name_widget (button, name);
  g_signal_connect (button, "clicked", G_CALLBACK (clicked), NULL);
  return button;
}

static GtkWidget *
make_row (LwQueuedRun *run, guint place, guint n)
{
  const bool resumes = lw_queued_run_entry (run)->folder != NULL;
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_autofree char *number = g_strdup_printf ("%u", place);
  g_autofree char *label = g_strdup_printf (resumes ? "↻ %s" : "%s", lw_queued_run_label (run));
  g_autofree char *spoken =
      g_strdup_printf (resumes ? _ ("Waiting, place %u of %u: goes on with %s, %s")
                               : _ ("Waiting, place %u of %u: %s, %s"),
                       place, n, lw_queued_run_title (run), lw_queued_run_label (run));
  GtkWidget *buttons[3];

  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words),
                  lw_sidebar_label (lw_queued_run_title (run), "lw-row-title", true));
  gtk_box_append (GTK_BOX (words), lw_sidebar_label (label, "lw-small", true));
  gtk_box_append (GTK_BOX (box), lw_sidebar_label (number, "lw-queue-place", false));
  gtk_box_append (GTK_BOX (box), words);
  buttons[0] = row_button ("go-up-symbolic", _ ("Earlier"), run, up_clicked);
  buttons[1] = row_button ("go-down-symbolic", _ ("Later"), run, down_clicked);
  buttons[2] = row_button ("window-close-symbolic", _ ("Remove"), run, remove_clicked);
  gtk_widget_set_sensitive (buttons[0], place > 1);
  gtk_widget_set_sensitive (buttons[1], place < n);
  for (int i = 0; i < 3; i++)
    gtk_box_append (GTK_BOX (box), buttons[i]);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_tooltip_text (row, resumes ? _ ("Goes on where it was saved")
                                            : lw_queued_run_entry (run)->group.name);
  lw_name_widget (row, spoken);
  g_object_set_data_full (G_OBJECT (row), "run", g_object_ref (run), g_object_unref);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (row_key), row);
  gtk_widget_add_controller (row, keys);
  return row;
}

/* --- following the queue -------------------------------------------------------------------------
 */

static bool
shows (LwQueueView *self, const GPtrArray *waiting)
{
  for (guint i = 0; i < waiting->len; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int)i);

    if (row == NULL || run_of (GTK_WIDGET (row)) != waiting->pdata[i])
      return false;
  }
  return gtk_list_box_get_row_at_index (self->list, (int)waiting->len) == NULL;
}

static void
show_rows (LwQueueView *self)
{
  g_autoptr (GPtrArray) waiting = lw_run_queue_group (self->queue, NULL);
  GtkListBoxRow *row;

  while (waiting->len > lw_run_queue_n_waiting (self->queue))
    g_ptr_array_remove_index (waiting, 0);
  if (shows (self, waiting))
    return;
  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < waiting->len; i++)
    gtk_list_box_append (self->list, make_row (waiting->pdata[i], i + 1, waiting->len));
}

static void
show_head (LwQueueView *self)
{
  const bool paused = lw_run_queue_is_paused (self->queue);
  const LwQueueProgress progress = lw_run_queue_progress (self->queue, NULL);
  g_autofree char *left = lw_rough_time (progress.remaining_s);
  g_autofree char *about = g_strdup_printf (_ ("about %s"), left);

  gtk_label_set_text (GTK_LABEL (self->caption), paused                     ? _ ("paused")
                                                 : progress.remaining_s > 0 ? about
                                                                            : "");
  gtk_button_set_icon_name (GTK_BUTTON (self->pause), paused ? "media-playback-start-symbolic"
                                                             : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (self->pause, paused ? _ ("Let the queue go on")
                                                   : _ ("Pause the queue: the next run waits"));
  lw_name_widget (self->pause, paused ? _ ("Go On with the Queue") : _ ("Pause the Queue"));
}

static void
update (LwQueueView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), lw_run_queue_n_waiting (self->queue) > 0);
  show_rows (self);
  show_head (self);
}

static gboolean
update_time (gpointer data)
{
  LwQueueView *self = data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    show_head (self);
  return G_SOURCE_CONTINUE;
}

static void
pause_clicked (LwQueueView *self)
{
  lw_run_queue_set_paused (self->queue, !lw_run_queue_is_paused (self->queue));
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
stop_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void)action;
  (void)parameter;
  lw_run_queue_stop_all (LW_QUEUE_VIEW (widget)->queue);
}

static void
clear_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  (void)action;
  (void)parameter;
  lw_run_queue_clear (LW_QUEUE_VIEW (widget)->queue);
}

static GtkWidget *
make_head (LwQueueView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *title = gtk_label_new (_ ("Queue")), *menu = gtk_menu_button_new ();
  g_autoptr (GMenu) items = g_menu_new ();

  gtk_widget_add_css_class (title, "lw-heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  self->caption = lw_sidebar_label (NULL, "lw-caption", false);
  self->pause = gtk_button_new_from_icon_name ("media-playback-pause-symbolic");
  gtk_widget_add_css_class (self->pause, "flat");
  gtk_widget_add_css_class (self->pause, "lw-queue-button");
  g_signal_connect_swapped (self->pause, "clicked", G_CALLBACK (pause_clicked), self);
  g_menu_append (items, _ ("_Remove All That Wait"), "queue.clear");
  g_menu_append (items, _ ("_Stop All"), "queue.stop-all");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (menu), G_MENU_MODEL (items));
  gtk_widget_add_css_class (menu, "flat");
  gtk_widget_add_css_class (menu, "lw-queue-menu");
  gtk_widget_set_tooltip_text (menu, _ ("Queue menu"));
  lw_name_widget (menu, _ ("Queue menu"));
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), self->caption);
  gtk_box_append (GTK_BOX (head), self->pause);
  gtk_box_append (GTK_BOX (head), menu);
  gtk_widget_set_margin_start (head, 14);
  gtk_widget_set_margin_end (head, 8);
  gtk_widget_set_margin_top (head, 5);
  gtk_widget_set_margin_bottom (head, 1);
  return head;
}

void
lw_queue_view_set_workbench (LwQueueView *self, LwWorkbench *workbench)
{
  self->queue = lw_workbench_queue (workbench);
  g_signal_connect_object (self->queue, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  self->update_id = g_timeout_add_seconds (2, update_time, self);
  update (self);
}

static void
lw_queue_view_dispose (GObject *object)
{
  LwQueueView *self = LW_QUEUE_VIEW (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_queue_view_parent_class)->dispose (object);
}

static void
lw_queue_view_class_init (LwQueueViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_queue_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "queueview");
  gtk_widget_class_install_action (widget_class, "queue.stop-all", NULL, stop_all);
  gtk_widget_class_install_action (widget_class, "queue.clear", NULL, clear_all);
}

static void
lw_queue_view_init (LwQueueView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();

  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  lw_name_widget (list, _ ("Queue"));
  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->column), make_head (self));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), lw_tab_stop_new (list));
  gtk_box_append (GTK_BOX (self->column), scroller);
  gtk_widget_set_margin_top (self->column, 6);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
