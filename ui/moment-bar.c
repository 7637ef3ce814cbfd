#include "ui/moment-bar.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_MARKS  12
#define INTERVAL_MS 500

struct _LwMomentBar {
  GtkWidget parent;
  GtkWidget *box, *play, *scale, *words;
  double *epochs;
  char *note;
  int n, best;
  bool filling;
  guint timer;
};

G_DEFINE_FINAL_TYPE (LwMomentBar, lw_moment_bar, GTK_TYPE_WIDGET)

static guint moved_signal;

int
lw_moment_bar_place (LwMomentBar *self)
{
  return (int)lround (gtk_range_get_value (GTK_RANGE (self->scale)));
}

static char *
epoch_text (double epoch)
{
  return fabs (epoch - round (epoch)) < 1e-3 ? g_strdup_printf ("%.0f", epoch)
                                             : g_strdup_printf ("%.2f", epoch);
}

static void
show_words (LwMomentBar *self)
{
  const int place = lw_moment_bar_place (self);
  g_autofree char *now = NULL, *last = NULL, *words = NULL;

  if (place < 0 || place >= self->n)
    return;
  now = epoch_text (self->epochs[place]);
  last = epoch_text (self->epochs[self->n - 1]);
  words = g_strdup_printf (_ ("Epoch %s / %s"), now, last);
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  words, -1);
}

static void
value_changed (LwMomentBar *self)
{
  show_words (self);
  if (!self->filling)
    g_signal_emit (self, moved_signal, 0);
}

void
lw_moment_bar_set_place (LwMomentBar *self, int place)
{
  self->filling = true;
  gtk_range_set_value (GTK_RANGE (self->scale), place);
  self->filling = false;
  show_words (self);
}

/* --- playing ------------------------------------------------------------------------------------
 */

static void
show_play (LwMomentBar *self)
{
  const bool plays = self->timer != 0;

  gtk_button_set_child (
      GTK_BUTTON (self->play),
      g_object_new (ADW_TYPE_BUTTON_CONTENT, "icon-name",
                    plays ? "media-playback-pause-symbolic" : "media-playback-start-symbolic",
                    "label", plays ? _ ("Pause") : _ ("Play"), NULL));
  lw_name_by_words (self->play);
}

static void
stop (LwMomentBar *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  show_play (self);
}

static gboolean
tick (gpointer data)
{
  LwMomentBar *self = data;
  const int next = lw_moment_bar_place (self) + 1;

  if (next < self->n) {
    gtk_range_set_value (GTK_RANGE (self->scale), next);
    return G_SOURCE_CONTINUE;
  }
  self->timer = 0;
  show_play (self);
  return G_SOURCE_REMOVE;
}

static void
play_clicked (LwMomentBar *self)
{
  if (self->timer != 0) {
    stop (self);
    return;
  }
  if (self->n < 2)
    return;
  if (lw_moment_bar_place (self) == self->n - 1)
    gtk_range_set_value (GTK_RANGE (self->scale), 0);
  self->timer = g_timeout_add (INTERVAL_MS, tick, self);
  show_play (self);
}

/* --- the slider ---------------------------------------------------------------------------------
 */

static void
mark_scale (LwMomentBar *self)
{
  GtkScale *scale = GTK_SCALE (self->scale);
  const bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const int step = MAX (1, (int)ceil ((double)(self->n - 1) / MOST_MARKS));

  gtk_scale_clear_marks (scale);
  for (int i = 0; i < self->n; i += step) {
    g_autofree char *text = epoch_text (self->epochs[i]);

    gtk_scale_add_mark (scale, i, GTK_POS_BOTTOM, text);
  }
  if (self->best >= 0)
    gtk_scale_add_mark (scale, self->best, GTK_POS_TOP,
                        dark ? "<span foreground='#f6c945'>★</span>"
                             : "<span foreground='#b98000'>★</span>");
}

void
lw_moment_bar_set_epochs (LwMomentBar *self, const double *epochs, int n, int best,
                          const char *note)
{
  const bool same = n == self->n && best == self->best && g_strcmp0 (note, self->note) == 0 &&
                    (n == 0 || memcmp (epochs, self->epochs, sizeof *epochs * (gsize)n) == 0);

  if (same)
    return;
  g_free (self->epochs);
  g_free (self->note);
  self->epochs = n > 0 ? g_memdup2 (epochs, sizeof *epochs * (gsize)n) : NULL;
  self->note = g_strdup (note);
  self->n = n;
  self->best = best;
  self->filling = true;
  gtk_range_set_range (GTK_RANGE (self->scale), 0, MAX (n - 1, 1));
  self->filling = false;
  mark_scale (self);
  gtk_widget_set_sensitive (self->scale, n > 1);
  gtk_widget_set_sensitive (self->play, n > 1);
  gtk_widget_set_tooltip_text (self->words, note);
  show_words (self);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_moment_bar_unmap (GtkWidget *widget)
{
  stop (LW_MOMENT_BAR (widget));
  GTK_WIDGET_CLASS (lw_moment_bar_parent_class)->unmap (widget);
}

static void
lw_moment_bar_dispose (GObject *object)
{
  LwMomentBar *self = LW_MOMENT_BAR (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_moment_bar_parent_class)->dispose (object);
}

static void
lw_moment_bar_finalize (GObject *object)
{
  g_free (LW_MOMENT_BAR (object)->epochs);
  g_free (LW_MOMENT_BAR (object)->note);
  G_OBJECT_CLASS (lw_moment_bar_parent_class)->finalize (object);
}

static void
lw_moment_bar_class_init (LwMomentBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_moment_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_moment_bar_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = lw_moment_bar_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  moved_signal = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
lw_moment_bar_init (LwMomentBar *self)
{
  GtkWidget *caption = gtk_label_new (_ ("Epoch"));

  self->best = -1;
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  gtk_widget_add_css_class (self->box, "lw-epoch-bar");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->play = gtk_button_new ();
  gtk_widget_set_valign (self->play, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->play, "clicked", G_CALLBACK (play_clicked), self);
  gtk_widget_add_css_class (caption, "lw-caption");
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_range_set_round_digits (GTK_RANGE (self->scale), 0);
  gtk_range_set_increments (GTK_RANGE (self->scale), 1, 1);
  gtk_widget_set_hexpand (self->scale, TRUE);
  lw_name_widget (self->scale, _ ("Epoch"));
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (value_changed), self);
  self->words = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->words, "lw-strong");
  gtk_widget_add_css_class (self->words, "lw-number");
  gtk_label_set_width_chars (GTK_LABEL (self->words), 12);
  gtk_label_set_xalign (GTK_LABEL (self->words), 1);
  gtk_box_append (GTK_BOX (self->box), self->play);
  gtk_box_append (GTK_BOX (self->box), caption);
  gtk_box_append (GTK_BOX (self->box), self->scale);
  gtk_box_append (GTK_BOX (self->box), self->words);
  show_play (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (mark_scale), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_moment_bar_new (void)
{
  return g_object_new (LW_TYPE_MOMENT_BAR, NULL);
}
