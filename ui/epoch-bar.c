#include "ui/epoch-bar.h"

#include "ui/accessible.h"
#include "ui/draw/theme.h"

#include <glib/gi18n.h>
#include <math.h>

#define PLAY_MS    500
#define MOST_MARKS 12

struct _LwEpochBar {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwActivationSource *source;
  GtkWidget *row, *play, *scale, *words;
  guint play_id;
  bool filling;
};

G_DEFINE_FINAL_TYPE (LwEpochBar, lw_epoch_bar, GTK_TYPE_WIDGET)

static const LwWeightsMoment *
moment_at (LwEpochBar *self, int index)
{
  GPtrArray *moments = lw_activation_source_moments (self->source);

  return moments != NULL && index >= 0 && index < (int)moments->len
             ? g_ptr_array_index (moments, index)
             : NULL;
}

static int
n_moments (LwEpochBar *self)
{
  GPtrArray *moments = lw_activation_source_moments (self->source);

  return moments != NULL ? (int)moments->len : 0;
}

static bool
is_training (LwEpochBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  return run != NULL && lw_run_item_is_live (run);
}

/* The right end, in epochs: now, or the last weights. */
static double
last_epoch (LwEpochBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwWeightsMoment *last = moment_at (self, n_moments (self) - 1);
  const double saved = last != NULL ? last->epoch : 0;

  return is_training (self) ? fmax (saved, lw_run_item_progress (run).epoch) : saved;
}

/* The nearest; −1: now. */
static int
nearest (LwEpochBar *self, double epoch)
{
  double best = is_training (self) ? fabs (last_epoch (self) - epoch) : INFINITY;
  int found = -1;

  for (int i = 0; i < n_moments (self); i++) {
    const double far = fabs (moment_at (self, i)->epoch - epoch);

    if (far < best) {
      best = far;
      found = i;
    }
  }
  return found;
}

/* --- showing -------------------------------------------------------------------------------------
 */

static void
show_words (LwEpochBar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  const LwWeightsMoment *moment = moment_at (self, lw_activation_source_moment (self->source));
  g_autofree char *words = NULL, *now = NULL;
  char number[32];

  if (run == NULL)
    return;
  if (lw_activation_source_is_live (self->source))
    words = g_strdup (_ ("Now"));
  else if (moment != NULL) {
    g_snprintf (number, sizeof number, moment->epoch == floor (moment->epoch) ? "%.0f" : "%.2f",
                moment->epoch);
    words = g_strdup_printf (_ ("Epoch %s / %d"), number, lw_run_item_progress (run).epochs);
  } else
    words = g_strdup ("");
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  words, -1);
}

static void
show_place (LwEpochBar *self)
{
  const LwWeightsMoment *moment = moment_at (self, lw_activation_source_moment (self->source));

  self->filling = true;
  gtk_range_set_value (GTK_RANGE (self->scale), moment != NULL ? moment->epoch : last_epoch (self));
  self->filling = false;
  show_words (self);
}

/* Numbers below, of so many moments as have room; the star above. */
static void
show_marks (LwEpochBar *self)
{
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const LwColour star = theme->star;
  const int last = (int)ceil (last_epoch (self));
  const int step = MAX (1, (last + MOST_MARKS - 2) / (MOST_MARKS - 1));
  g_autofree char *sign =
      g_strdup_printf ("<span foreground=\"#%02x%02x%02x\">★</span>", (int)lround (star.r * 255),
                       (int)lround (star.g * 255), (int)lround (star.b * 255));

  gtk_scale_clear_marks (GTK_SCALE (self->scale));
  for (int epoch = 0; epoch <= last; epoch += step) {
    g_autofree char *number = g_strdup_printf ("<small>%d</small>", epoch);

    gtk_scale_add_mark (GTK_SCALE (self->scale), epoch, GTK_POS_BOTTOM, number);
  }
  for (int i = 0; i < n_moments (self); i++)
    if (moment_at (self, i)->best)
      gtk_scale_add_mark (GTK_SCALE (self->scale), moment_at (self, i)->epoch, GTK_POS_TOP, sign);
}

static void
stop_playing (LwEpochBar *self)
{
  g_clear_handle_id (&self->play_id, g_source_remove);
  gtk_button_set_icon_name (GTK_BUTTON (self->play), "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (self->play, _ ("Play the epochs (P)"));
  lw_name_widget (self->play, _ ("Play the epochs"));
}

static void
moments_changed (LwEpochBar *self)
{
  const double last = last_epoch (self);
  const bool any = lw_workbench_run (self->workbench) != NULL && last > 0 && n_moments (self) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self), any);
  if (!any) {
    stop_playing (self);
    return;
  }
  self->filling = true;
  gtk_range_set_round_digits (GTK_RANGE (self->scale), last == floor (last) ? 0 : -1);
  gtk_range_set_range (GTK_RANGE (self->scale), 0, last);
  self->filling = false;
  show_marks (self);
  show_place (self);
}

/* --- moving --------------------------------------------------------------------------------------
 */

static void
go_to (LwEpochBar *self, int index)
{
  lw_activation_source_set_moment (self->source, index);
  show_words (self);
}

static void
slid (LwEpochBar *self)
{
  const double epoch = gtk_range_get_value (GTK_RANGE (self->scale));
  GtkAdjustment *range = gtk_range_get_adjustment (GTK_RANGE (self->scale));
  /* Training has gone on since the end was drawn: it still means now. */
  const bool at_end = is_training (self) && epoch >= gtk_adjustment_get_upper (range);

  if (self->filling)
    return;
  stop_playing (self);
  go_to (self, at_end ? -1 : nearest (self, epoch));
}

/* A key goes to the next moment, wherever that is; let go, the slider stands on one. */
static gboolean
scrolled (GtkRange *range, GtkScrollType type, double value, LwEpochBar *self)
{
  const int n = n_moments (self);
  int index = lw_activation_source_moment (self->source);

  (void)range;
  (void)value;
  if (type == GTK_SCROLL_JUMP)
    return FALSE;
  if (index < 0)
    index = n;
  switch (type) {
  case GTK_SCROLL_STEP_BACKWARD:
  case GTK_SCROLL_STEP_LEFT:
  case GTK_SCROLL_STEP_UP:
  case GTK_SCROLL_PAGE_BACKWARD:
  case GTK_SCROLL_PAGE_LEFT:
  case GTK_SCROLL_PAGE_UP:
    index--;
    break;
  case GTK_SCROLL_START:
    index = 0;
    break;
  case GTK_SCROLL_END:
    index = n;
    break;
  default:
    index++;
  }
  stop_playing (self);
  go_to (self, index >= n ? (is_training (self) ? -1 : n - 1) : MAX (index, 0));
  show_place (self);
  return TRUE;
}

/* Waits for the last one to be shown: a slow network plays slower and leaves none out. */
static gboolean
play_on (gpointer data)
{
  LwEpochBar *self = data;
  const int next = lw_activation_source_moment (self->source) + 1;

  if (lw_activation_source_is_busy (self->source))
    return G_SOURCE_CONTINUE;
  if (next <= 0 || next >= n_moments (self)) {
    self->play_id = 0;
    stop_playing (self);
    return G_SOURCE_REMOVE;
  }
  go_to (self, next);
  show_place (self);
  return G_SOURCE_CONTINUE;
}

void
lw_epoch_bar_toggle_play (LwEpochBar *self)
{
  const int at = lw_activation_source_moment (self->source);

  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (self->play_id != 0) {
    stop_playing (self);
    return;
  }
  if (at < 0 || at >= n_moments (self) - 1) { /* from the end: again from the beginning */
    go_to (self, 0);
    show_place (self);
  }
  self->play_id = g_timeout_add (PLAY_MS, play_on, self);
  gtk_button_set_icon_name (GTK_BUTTON (self->play), "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (self->play, _ ("Stop playing (P)"));
  lw_name_widget (self->play, _ ("Stop playing"));
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

GtkWidget *
lw_epoch_bar_new (LwWorkbench *workbench, LwActivationSource *source)
{
  LwEpochBar *self = g_object_new (LW_TYPE_EPOCH_BAR, NULL);

  self->workbench = workbench;
  self->source = source;
  g_signal_connect_object (source, "moments-changed", G_CALLBACK (moments_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "updated", G_CALLBACK (show_words), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (moments_changed), self, G_CONNECT_SWAPPED);
  moments_changed (self);
  return GTK_WIDGET (self);
}

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
lw_epoch_bar_class_init (LwEpochBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_epoch_bar_dispose;
  GTK_WIDGET_CLASS (klass)->unmap = lw_epoch_bar_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_epoch_bar_init (LwEpochBar *self)
{
  GtkWidget *caption = gtk_label_new (_ ("Epoch"));

  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->row, "lw-epoch-bar");
  self->play = gtk_button_new ();
  gtk_widget_set_valign (self->play, GTK_ALIGN_CENTER);
  stop_playing (self);
  g_signal_connect_swapped (self->play, "clicked", G_CALLBACK (lw_epoch_bar_toggle_play), self);
  gtk_widget_add_css_class (caption, "lw-caption");
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
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
}
