#include "ui/trouble-bar.h"

#include "ui/paragraph.h"

#include <glib/gi18n.h>

struct _LwTroubleBar {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *revealer, *title, *text, *button;
};

G_DEFINE_FINAL_TYPE (LwTroubleBar, lw_trouble_bar, GTK_TYPE_WIDGET)

void
lw_trouble_bar_update (LwTroubleBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwRunState state = run != NULL ? lw_run_item_state (run) : LW_RUN_READY;
  const bool diverged = state == LW_RUN_DIVERGED, failed = state == LW_RUN_FAILED;

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), diverged || failed);
  if (diverged) {
    g_autofree char *title = g_strdup_printf (
        _ ("Diverged: the loss is no finite number in iteration %" G_GINT64_FORMAT),
        lw_run_item_progress (run).step);
    g_autofree char *label = g_strdup_printf (_ ("Try Learning Rate %g"),
                                              lw_run_item_settings (run)->learning_rate / 10);

    gtk_label_set_text (GTK_LABEL (self->title), title);
    gtk_button_set_label (GTK_BUTTON (self->button), label);
  } else if (failed) {
    gtk_label_set_text (GTK_LABEL (self->title), _ ("The training failed"));
  }
  gtk_widget_set_visible (self->button, diverged);
  if (diverged || failed)
    gtk_label_set_text (GTK_LABEL (self->text),
                        lw_run_item_message (run) != NULL ? lw_run_item_message (run) : "");
}

static void
try_smaller_rate (LwTroubleBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  g_autofree char *rate = NULL;

  if (run == NULL)
    return;
  rate = g_strdup_printf ("%g", lw_run_item_settings (run)->learning_rate / 10);
  lw_workbench_use_settings (self->workbench, lw_run_item_settings (run));
  lw_workbench_set (self->workbench, "learning-rate", rate, NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.train", NULL);
}

static void
make (LwTroubleBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-error-symbolic");

  self->revealer = gtk_revealer_new ();
  self->title = gtk_label_new (NULL);
  self->text = gtk_label_new (NULL);
  self->button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (icon, "lw-error-text");
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_widget_add_css_class (self->text, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->button, "suggested-action");
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (try_smaller_rate), self);
  gtk_box_append (GTK_BOX (words), self->title);
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->text, 200));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), self->button);
  gtk_widget_add_css_class (box, "lw-bar");
  gtk_widget_add_css_class (box, "error");
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
}

GtkWidget *
lw_trouble_bar_new (LwWorkbench *workbench)
{
  LwTroubleBar *self = g_object_new (LW_TYPE_TROUBLE_BAR, NULL);

  self->workbench = workbench;
  make (self);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

static void
lw_trouble_bar_dispose (GObject *object)
{
  g_clear_pointer (&LW_TROUBLE_BAR (object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_trouble_bar_parent_class)->dispose (object);
}

static void
lw_trouble_bar_class_init (LwTroubleBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_trouble_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_trouble_bar_init (LwTroubleBar *self)
{
  (void)self;
}
