#include "ui/follow-bar.h"

#include "ui/accessible.h"
#include "ui/paragraph.h"

#include <glib/gi18n.h>

struct _LwFollowBar {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  GtkWidget *revealer, *box, *icon, *title, *text, *again;
  guint clock_id; /* counts down to the next try */
};

G_DEFINE_FINAL_TYPE (LwFollowBar, lw_follow_bar, GTK_TYPE_WIDGET)

static LwFollowedRun *
followed (LwFollowBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  return run != NULL ? lw_run_item_followed (run) : NULL;
}

static gboolean
second_passed (gpointer data)
{
  lw_follow_bar_update (data);
  return G_SOURCE_CONTINUE;
}

static void
set_clock (LwFollowBar *self, bool runs)
{
  if (runs && self->clock_id == 0)
    self->clock_id = g_timeout_add_seconds (1, second_passed, self);
  else if (!runs)
    g_clear_handle_id (&self->clock_id, g_source_remove);
}

static void
show_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

void
lw_follow_bar_update (LwFollowBar *self)
{
  LwFollowedRun *run = followed (self);
  const LwFollowState *state = run != NULL ? lw_followed_run_state (run) : NULL;
  const bool lost = run != NULL && state->phase == LW_FOLLOW_LOST;
  const bool trouble = run != NULL && (lost || state->phase == LW_FOLLOW_GONE);

  set_clock (self, lost && state->retry_us != 0);
  if (run != NULL) {
    g_autofree char *detail = NULL;
    g_autofree char *title = lw_followed_run_words (run, &detail);

    show_text (self->title, title);
    show_text (self->text, detail != NULL ? detail : lw_followed_run_address (run));
    gtk_image_set_from_icon_name (GTK_IMAGE (self->icon),
                                  trouble ? "network-offline-symbolic" : "network-server-symbolic");
  }
  if (trouble)
    gtk_widget_add_css_class (self->box, "warning");
  else
    gtk_widget_remove_css_class (self->box, "warning");
  /* Not hidden while it connects: the focus would be gone. */
  gtk_widget_set_visible (self->again, lost);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), run != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), run != NULL);
}

static void
try_again (LwFollowBar *self)
{
  if (followed (self) != NULL)
    lw_followed_run_try_now (followed (self));
}

GtkWidget *
lw_follow_bar_new (LwWorkbench *workbench)
{
  LwFollowBar *self = g_object_new (LW_TYPE_FOLLOW_BAR, NULL);

  self->workbench = workbench;
  lw_follow_bar_update (self);
  return GTK_WIDGET (self);
}

static void
lw_follow_bar_dispose (GObject *object)
{
  LwFollowBar *self = LW_FOLLOW_BAR (object);

  set_clock (self, false);
  g_clear_pointer (&self->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_follow_bar_parent_class)->dispose (object);
}

static void
lw_follow_bar_class_init (LwFollowBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_follow_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_words (LwFollowBar *self)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->title = gtk_label_new (NULL);
  self->text = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->title, "lw-strong");
  gtk_widget_add_css_class (self->text, "lw-caption");
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (self->text), FALSE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), self->title);
  gtk_box_append (GTK_BOX (words), lw_paragraph_new (self->text, 200));
  return words;
}

static void
lw_follow_bar_init (LwFollowBar *self)
{
  GtkWidget *end = gtk_button_new_with_label (_ ("Stop Following"));

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->icon = gtk_image_new_from_icon_name ("network-server-symbolic");
  self->again = gtk_button_new_with_label (_ ("Connect Now"));
  self->revealer = gtk_revealer_new ();
  gtk_widget_set_valign (self->again, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (end, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->again, _ ("Connect again at once, without waiting"));
  gtk_widget_set_tooltip_text (
      end, _ ("Take the run off the list; on the other machine nothing changes"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (end), "win.unfollow-run");
  g_signal_connect_swapped (self->again, "clicked", G_CALLBACK (try_again), self);
  gtk_box_append (GTK_BOX (self->box), self->icon);
  gtk_box_append (GTK_BOX (self->box), make_words (self));
  gtk_box_append (GTK_BOX (self->box), self->again);
  gtk_box_append (GTK_BOX (self->box), end);
  gtk_widget_add_css_class (self->box, "lw-bar");
  gtk_widget_add_css_class (self->box, "lw-queue-bar");
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), self->box);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
}
