#include "ui/queue-bar.h"

#include "ui/paragraph.h"

#include <glib/gi18n.h>

struct _LwQueueBar {
  GtkWidget parent;
  LwRunQueue *queue; /* borrowed: the workbench owns it and lives longer */
  GtkWidget *revealer, *title, *text;
};

G_DEFINE_FINAL_TYPE (LwQueueBar, lw_queue_bar, GTK_TYPE_WIDGET)

static void
update (LwQueueBar *self)
{
  const guint n = lw_run_queue_n_waiting (self->queue);
  const bool shown = lw_run_queue_is_restored (self->queue) && n > 0;

  if (shown) {
    g_autoptr (GPtrArray) runs = lw_run_queue_group (self->queue, NULL);
    const bool goes_on = lw_queued_run_entry (runs->pdata[runs->len - n])->folder != NULL;
    g_autofree char *title =
        g_strdup_printf (ngettext ("%u run is waiting", "%u runs are waiting", n), n);

    gtk_label_set_text (GTK_LABEL (self->title), title);
    gtk_label_set_text (
        GTK_LABEL (self->text),
        goes_on ? _ ("The program ended while it trained; the first goes on where it was saved.")
                : _ ("They were queued when the program ended."));
  }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), shown);
  gtk_widget_set_visible (GTK_WIDGET (self), shown); /* what is folded away could be tabbed to */
}

static void
go_on (LwQueueBar *self)
{
  lw_run_queue_set_paused (self->queue, false);
}

static void
forget (LwQueueBar *self)
{
  lw_run_queue_clear (self->queue);
}

GtkWidget *
lw_queue_bar_new (LwWorkbench *workbench)
{
  LwQueueBar *self = g_object_new (LW_TYPE_QUEUE_BAR, NULL);

  self->queue = lw_workbench_queue (workbench);
  g_signal_connect_object (self->queue, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
lw_queue_bar_dispose (GObject *object)
{
  g_clear_pointer (&LW_QUEUE_BAR (object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_queue_bar_parent_class)->dispose (object);
}

static void
lw_queue_bar_class_init (LwQueueBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_queue_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_queue_bar_init (LwQueueBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name ("media-playback-pause-symbolic");
  GtkWidget *on = gtk_button_new_with_label (_ ("Go On with the Queue"));
  GtkWidget *away = gtk_button_new_with_label (_ ("Forget"));

  self->revealer = gtk_revealer_new ();
  self->title = gtk_label_new (NULL);
  self->text = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_widget_add_css_class (self->text, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (on, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (away, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (away, _ ("Empty the queue; what was trained so far stays"));
  g_signal_connect_swapped (on, "clicked", G_CALLBACK (go_on), self);
  g_signal_connect_swapped (away, "clicked", G_CALLBACK (forget), self);
  gtk_box_append (GTK_BOX (words), self->title);
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->text, 200));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), away);
  gtk_box_append (GTK_BOX (box), on);
  gtk_widget_add_css_class (box, "lw-bar");
  gtk_widget_add_css_class (box, "lw-queue-bar");
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
}
