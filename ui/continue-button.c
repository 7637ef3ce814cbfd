#include "ui/continue-button.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

#define USUAL 5
#define MOST  1000

struct _LwContinueButton {
  GtkWidget parent;
  GtkWidget *button, *popover, *epochs, *go_on, *again;
  AdwButtonContent *content;
  LwRunItem *run; /* the one that is shown */
  int more;       /* epochs, that the buttons ask for */
  bool queues;
};

G_DEFINE_FINAL_TYPE (LwContinueButton, lw_continue_button, GTK_TYPE_WIDGET)

static void
update (LwContinueButton *self)
{
  const int more = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->epochs));
  const int end = self->run != NULL ? lw_run_item_end_after (self->run, more) : 0;
  const int done = self->run != NULL ? (int)(lw_run_item_progress (self->run).epoch + 1e-6) : 0;
  g_autofree char *label =
      end > done + more
          ? g_strdup_printf (_ ("Go On to Epoch %d"), end)
          : g_strdup_printf (ngettext ("Continue %d Epoch", "Continue %d Epochs", (gulong)more),
                             more);

  if (more != self->more) {
    self->more = more;
    gtk_actionable_set_action_target (GTK_ACTIONABLE (self->button), "i", more);
    gtk_actionable_set_action_target (GTK_ACTIONABLE (self->go_on), "i", more);
  }
  if (g_strcmp0 (label, adw_button_content_get_label (self->content)) == 0)
    return;
  adw_button_content_set_label (self->content, label);
  gtk_button_set_label (GTK_BUTTON (self->go_on), label);
}

/* Why one on another machine cannot be gone on with here; a new one with its settings can be. */
static void
show_reason (LwContinueButton *self)
{
  LwFollowedRun *followed = self->run != NULL ? lw_run_item_followed (self->run) : NULL;
  g_autofree char *reason = followed != NULL ? lw_followed_run_reason (followed) : NULL;
  const char *tooltip = reason != NULL ? reason
                        : self->queues ? _ ("Queue it: this run trains longer, from where it "
                                            "stands, when its turn comes")
                                       : _ ("Train this run longer, from where it stands");

  if (g_strcmp0 (gtk_widget_get_tooltip_text (self->button), tooltip) != 0)
    gtk_widget_set_tooltip_text (self->button, tooltip);
}

void
lw_continue_button_show (LwContinueButton *self, LwRunItem *run, bool queues)
{
  if (self->queues != queues) {
    self->queues = queues;
    adw_button_content_set_icon_name (self->content, queues ? "list-add-symbolic"
                                                            : "media-playback-start-symbolic");
    gtk_widget_set_visible (self->again, !queues);
    gtk_widget_set_visible (gtk_widget_get_prev_sibling (self->again), !queues);
    if (queues)
      gtk_widget_remove_css_class (self->button, "suggested-action");
    else
      gtk_widget_add_css_class (self->button, "suggested-action");
  }
  g_set_object (&self->run, run);
  show_reason (self);
  update (self);
}

static GtkWidget *
make_menu (LwContinueButton *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (_ ("More epochs"));

  self->again = gtk_button_new_with_label (_ ("Train Again"));
  self->epochs = gtk_spin_button_new_with_range (1, MOST, 1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->epochs), USUAL);
  lw_name_widget (self->epochs, _ ("More epochs"));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row), self->epochs);
  self->go_on = gtk_button_new ();
  gtk_widget_add_css_class (self->go_on, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->go_on), "win.continue");
  gtk_widget_set_tooltip_text (self->again,
                               _ ("A new run with the settings of this one (Ctrl+Space)"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->again), "win.train");
  g_signal_connect_swapped (self->epochs, "value-changed", G_CALLBACK (update), self);
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), self->go_on);
  gtk_box_append (GTK_BOX (column), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (column), self->again);
  self->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->popover), column);
  g_signal_connect_swapped (self->go_on, "clicked", G_CALLBACK (gtk_popover_popdown),
                            self->popover);
  g_signal_connect_swapped (self->again, "clicked", G_CALLBACK (gtk_popover_popdown),
                            self->popover);
  return self->popover;
}

GtkWidget *
lw_continue_button_new (void)
{
  return g_object_new (LW_TYPE_CONTINUE_BUTTON, NULL);
}

static void
lw_continue_button_dispose (GObject *object)
{
  LwContinueButton *self = LW_CONTINUE_BUTTON (object);

  g_clear_object (&self->run);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_continue_button_parent_class)->dispose (object);
}

static void
lw_continue_button_class_init (LwContinueButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_continue_button_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

/* A split button gives its arrow a tooltip, which is no name. */
static void
name_arrow (GtkWidget *split, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (split); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      lw_name_widget (child, name);
}

static void
lw_continue_button_init (LwContinueButton *self)
{
  GtkWidget *content = adw_button_content_new ();

  self->content = ADW_BUTTON_CONTENT (content);
  adw_button_content_set_icon_name (self->content, "media-playback-start-symbolic");
  self->button = adw_split_button_new ();
  adw_split_button_set_child (ADW_SPLIT_BUTTON (self->button), content);
  adw_split_button_set_popover (ADW_SPLIT_BUTTON (self->button), GTK_POPOVER (make_menu (self)));
  adw_split_button_set_dropdown_tooltip (ADW_SPLIT_BUTTON (self->button),
                                         _ ("How many epochs, or train again"));
  gtk_widget_set_tooltip_text (self->button, _ ("Train this run longer, from where it stands"));
  name_arrow (self->button, _ ("How many epochs, or train again"));
  gtk_widget_add_css_class (self->button, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), "win.continue");
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  update (self);
}
