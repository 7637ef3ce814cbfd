#include "ui/epoch-bar.h"

#include "ui/accessible.h"
#include "ui/draw/theme.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define PLAY_MS    500
#define MOST_MARKS 12

struct _LwEpochBar {
  GtkWidget parent;
  GtkWidget *row, *play, *scale, *words;
  double *epochs;
  int n, best, place, planned;
  double now; /* NAN: there is none */
  bool (*busy) (gpointer data);
  gpointer busy_data;
  guint play_id;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwEpochBar, lw_epoch_bar, GTK_TYPE_WIDGET)

static guint moved_signal;

static double
first_epoch (LwEpochBar *self)
{
  return self->n > 0 ? self->epochs[0] : 0;
}

/* The right end: now, or the last one. */
static double
last_epoch (LwEpochBar *self)
{
  return fmax (self->n > 0 ? self->epochs[self->n - 1] : 0, self->now); /* not NAN, if one is */
}

static int
last_place (LwEpochBar *self)
{
  return isnan (self->now) ? self->n - 1 : LW_EPOCH_NOW;
}

static int
nearest (LwEpochBar *self, double epoch)
{
  double best = isnan (self->now) ? INFINITY : fabs (last_epoch (self) - epoch);
  int found = LW_EPOCH_NOW;

  for (int i = 0; i < self->n; i++)
    if (fabs (self->epochs[i] - epoch) < best) {
      best = fabs (self->epochs[i] - epoch);
      found = i;
    }
  return found;
}

/* --- showing -------------------------------------------------------------------------------------
 */

static char *
words_now (LwEpochBar *self)
{
  char number[32];

  if (self->place == LW_EPOCH_NOW)
    return g_strdup (isnan (self->now) ? "" : _ ("Now"));
  g_snprintf (number, sizeof number,
              self->epochs[self->place] == floor (self->epochs[self->place]) ? "%.0f" : "%.2f",
              self->epochs[self->place]);
  return g_strdup_printf (_ ("Epoch %s / %d"), number, self->planned);
}

static void
show_place (LwEpochBar *self)
{
  g_autofree char *words = words_now (self);

  self->filling = true;
  gtk_range_set_value (GTK_RANGE (self->scale),
                       self->place != LW_EPOCH_NOW ? self->epochs[self->place] : last_epoch (self));
  self->filling = false;
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  words, -1);
}

/* Numbers below, of so many epochs as have room, all within the slider: a mark beyond one of its
 * ends would stand at that end, over another's number. The star above. */
static void
show_marks (LwEpochBar *self)
{
  const LwColour star =
      lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()))->star;
  const int first = (int)ceil (first_epoch (self)), last = (int)floor (last_epoch (self));
  const int step = MAX (1, (last - first + MOST_MARKS - 2) / (MOST_MARKS - 1));

  gtk_scale_clear_marks (GTK_SCALE (self->scale));
  for (int epoch = (first + step - 1) / step * step; epoch <= last; epoch += step) {
    g_autofree char *number = g_strdup_printf ("<small>%d</small>", epoch);

    gtk_scale_add_mark (GTK_SCALE (self->scale), epoch, GTK_POS_BOTTOM, number);
  }
  if (self->best >= 0) {
    g_autofree char *sign =
        g_strdup_printf ("<span foreground=\"#%02x%02x%02x\">★</span>", (int)lround (star.r * 255),
                         (int)lround (star.g * 255), (int)lround (star.b * 255));

    gtk_scale_add_mark (GTK_SCALE (self->scale), self->epochs[self->best], GTK_POS_TOP, sign);
  }
}

static void
show_play (LwEpochBar *self)
{
  const bool plays = self->play_id != 0;

  gtk_button_set_icon_name (GTK_BUTTON (self->play), plays ? "media-playback-pause-symbolic"
                                                           : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (self->play,
                               plays ? _ ("Stop playing (P)") : _ ("Play the epochs (P)"));
  lw_name_widget (self->play, plays ? _ ("Stop playing") : _ ("Play the epochs"));
}

static void
stop_playing (LwEpochBar *self)
{
  g_clear_handle_id (&self->play_id, g_source_remove);
  show_play (self);
}

bool
lw_epoch_bar_has_choice (LwEpochBar *self)
{
  return self->n > 0 && last_epoch (self) > first_epoch (self);
}

bool
lw_epoch_bar_has_now (LwEpochBar *self)
{
  return !isnan (self->now);
}

static bool
are_same (LwEpochBar *self, const double *epochs, int n, int best, double now)
{
  return n == self->n && best == self->best &&
         (now == self->now || (isnan (now) && isnan (self->now))) &&
         (n == 0 || memcmp (epochs, self->epochs, sizeof *epochs * (gsize)n) == 0);
}

void
lw_epoch_bar_set_epochs (LwEpochBar *self, const double *epochs, int n, int best, double now,
                         int planned, const char *note)
{
  double last;

  self->planned = planned;
  gtk_widget_set_tooltip_text (self->words, note);
  if (are_same (self, epochs, n, best, now)) {
    show_place (self);
    return;
  }
  g_free (self->epochs);
  self->epochs = n > 0 ? g_memdup2 (epochs, sizeof *epochs * (gsize)n) : NULL;
  self->n = n;
  self->best = best;
  self->now = now;
  if (self->place >= n || (self->place == LW_EPOCH_NOW && isnan (now)))
    self->place = n - 1;
  last = last_epoch (self);
  self->filling = true;
  gtk_range_set_range (GTK_RANGE (self->scale), first_epoch (self),
                       MAX (last, first_epoch (self) + 1));
  self->filling = false;
  gtk_widget_set_sensitive (self->scale, lw_epoch_bar_has_choice (self));
  gtk_widget_set_sensitive (self->play, lw_epoch_bar_has_choice (self));
  if (!lw_epoch_bar_has_choice (self))
    stop_playing (self);
  show_marks (self);
  show_place (self);
}

/* --- moving --------------------------------------------------------------------------------------
 */

void
lw_epoch_bar_set_place (LwEpochBar *self, int place)
{
  self->place = CLAMP (place, LW_EPOCH_NOW, self->n - 1);
  show_place (self);
}

int
lw_epoch_bar_place (LwEpochBar *self)
{
  return self->place;
}

static void
go_to (LwEpochBar *self, int place)
{
  const int before = self->place;

  lw_epoch_bar_set_place (self, place);
  if (self->place != before)
    g_signal_emit (self, moved_signal, 0);
}

/* The slider stands on one that is there, also while it is dragged. */
static void
slid (LwEpochBar *self)
{
  const double epoch = gtk_range_get_value (GTK_RANGE (self->scale));
  GtkAdjustment *range = gtk_range_get_adjustment (GTK_RANGE (self->scale));

  if (self->filling)
    return;
  stop_playing (self);
  /* Training has gone on since the end was drawn: it still means now. */
  go_to (self,
         epoch >= gtk_adjustment_get_upper (range) ? last_place (self) : nearest (self, epoch));
}

/* A key goes to the next one, wherever that is. */
static gboolean
scrolled (GtkRange *range, GtkScrollType type, double value, LwEpochBar *self)
{
  int place = self->place == LW_EPOCH_NOW ? self->n : self->place;

  (void)range;
  (void)value;
  if (type == GTK_SCROLL_JUMP)
    return FALSE;
  switch (type) {
  case GTK_SCROLL_STEP_BACKWARD:
  case GTK_SCROLL_STEP_LEFT:
  case GTK_SCROLL_STEP_UP:
  case GTK_SCROLL_PAGE_BACKWARD:
  case GTK_SCROLL_PAGE_LEFT:
  case GTK_SCROLL_PAGE_UP:
    place--;
    break;
  case GTK_SCROLL_START:
    place = 0;
    break;
  case GTK_SCROLL_END:
    place = self->n;
    break;
  default:
    place++;
  }
  stop_playing (self);
  go_to (self, place >= self->n ? last_place (self) : MAX (place, 0));
  return TRUE;
}

static gboolean
play_on (gpointer data)
{
  LwEpochBar *self = data;

  if (self->busy != NULL && self->busy (self->busy_data))
    return G_SOURCE_CONTINUE;
  if (self->place == LW_EPOCH_NOW || self->place + 1 >= self->n) {
    self->play_id = 0;
    show_play (self);
    return G_SOURCE_REMOVE;
  }
  go_to (self, self->place + 1);
  return G_SOURCE_CONTINUE;
}

void
lw_epoch_bar_wait_for (LwEpochBar *self, bool (*busy) (gpointer data), gpointer data)
{
  self->busy = busy;
  self->busy_data = data;
}

void
lw_epoch_bar_toggle_play (LwEpochBar *self)
{
  if (self->play_id != 0) {
    stop_playing (self);
    return;
  }
  if (!lw_epoch_bar_has_choice (self) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  /* From the end: again from the beginning. */
  if (self->place == LW_EPOCH_NOW || self->place >= self->n - 1)
    go_to (self, 0);
  self->play_id = g_timeout_add (PLAY_MS, play_on, self);
  show_play (self);
}

bool
lw_epoch_bar_is_playing (LwEpochBar *self)
{
  return self->play_id != 0;
}

GtkRange *
lw_epoch_bar_range (LwEpochBar *self)
{
  return GTK_RANGE (self->scale);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_epoch_bar_unmap (GtkWidget *widget)
{
  stop_playing (LW_EPOCH_BAR (widget));
  GTK_WIDGET_CLASS (lw_epoch_bar_parent_class)->unmap (widget);
}

static void
lw_epoch_bar_dispose (GObject *object)
{
  LwEpochBar *self = LW_EPOCH_BAR (object);

  g_clear_handle_id (&self->play_id, g_source_remove);
  g_clear_pointer (&self->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_epoch_bar_parent_class)->dispose (object);
}

static void
lw_epoch_bar_finalize (GObject *object)
{
  g_free (LW_EPOCH_BAR (object)->epochs);
  G_OBJECT_CLASS (lw_epoch_bar_parent_class)->finalize (object);
}

static void
lw_epoch_bar_class_init (LwEpochBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_epoch_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_epoch_bar_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = lw_epoch_bar_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  moved_signal = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
lw_epoch_bar_init (LwEpochBar *self)
{
  GtkWidget *caption = gtk_label_new (_ ("Epoch"));

  self->best = self->place = -1;
  self->now = NAN;
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->row, "lw-epoch-bar");
  self->play = gtk_button_new ();
  gtk_widget_set_valign (self->play, GTK_ALIGN_CENTER);
  show_play (self);
  g_signal_connect_swapped (self->play, "clicked", G_CALLBACK (lw_epoch_bar_toggle_play), self);
  gtk_widget_add_css_class (caption, "lw-caption");
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
  gtk_range_set_round_digits (GTK_RANGE (self->scale), -1);
  gtk_widget_set_hexpand (self->scale, TRUE);
  gtk_widget_set_valign (self->scale, GTK_ALIGN_CENTER);
  lw_name_widget (self->scale, _ ("Epoch"));
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (slid), self);
  g_signal_connect (self->scale, "change-value", G_CALLBACK (scrolled), self);
  self->words = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->words, "lw-strong");
  gtk_widget_add_css_class (self->words, "lw-number");
  gtk_label_set_xalign (GTK_LABEL (self->words), 1);
  gtk_label_set_width_chars (GTK_LABEL (self->words), 13);
  gtk_box_append (GTK_BOX (self->row), self->play);
  gtk_box_append (GTK_BOX (self->row), caption);
  gtk_box_append (GTK_BOX (self->row), self->scale);
  gtk_box_append (GTK_BOX (self->row), self->words);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (show_marks), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_epoch_bar_new (void)
{
  return g_object_new (LW_TYPE_EPOCH_BAR, NULL);
}
