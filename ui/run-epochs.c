#include "ui/run-epochs.h"

#include "engine/snapshots.h"

struct _LwRunEpochs {
  GtkWidget parent;
  LwRunMoments *moments;
  GtkWidget *bar;
  bool chosen; /* else it is the end */
  int64_t step;
  double epoch;
};

G_DEFINE_FINAL_TYPE (LwRunEpochs, lw_run_epochs, GTK_TYPE_WIDGET)

static guint moved_signal;

static int
last_place (LwRunEpochs *self)
{
  GPtrArray *moments = lw_run_moments_get (self->moments);

  return moments != NULL ? (int)moments->len - 1 : -1;
}

/* The end of the bar is the place of now where a training is live, and of the last moment where
 * none is. */
static void
show_place (LwRunEpochs *self)
{
  const int place = self->chosen ? lw_run_moments_find (self->moments, self->step) : LW_EPOCH_NOW;

  lw_epoch_bar_set_place (LW_EPOCH_BAR (self->bar),
                          place == LW_EPOCH_NOW && !lw_epoch_bar_has_now (LW_EPOCH_BAR (self->bar))
                              ? last_place (self)
                              : place);
}

/* A moment may be gone: snapshots are thinned out. */
static void
moments_changed (LwRunEpochs *self)
{
  const bool gone = self->chosen && lw_run_moments_find (self->moments, self->step) < 0;

  if (gone)
    self->chosen = false;
  lw_run_moments_show_in (self->moments, LW_EPOCH_BAR (self->bar));
  show_place (self);
  if (gone)
    g_signal_emit (self, moved_signal, 0);
}

static void
moved (LwRunEpochs *self)
{
  const int place = lw_epoch_bar_place (LW_EPOCH_BAR (self->bar));
  const bool has_now = lw_epoch_bar_has_now (LW_EPOCH_BAR (self->bar));

  self->chosen = place >= 0 && (has_now || place < last_place (self));
  if (self->chosen) {
    const LwWeightsMoment *moment = g_ptr_array_index (lw_run_moments_get (self->moments), place);

    self->step = moment->step;
    self->epoch = moment->epoch;
  }
  g_signal_emit (self, moved_signal, 0);
}

void
lw_run_epochs_set_run (LwRunEpochs *self, LwRunItem *run)
{
  self->chosen = false;
  lw_run_moments_set_run (self->moments, run);
  moments_changed (self);
}

bool
lw_run_epochs_chosen (LwRunEpochs *self, int64_t *ret_step, double *ret_epoch)
{
  if (self->chosen) {
    *ret_step = self->step;
    *ret_epoch = self->epoch;
  }
  return self->chosen;
}

LwEpochBar *
lw_run_epochs_bar (LwRunEpochs *self)
{
  return LW_EPOCH_BAR (self->bar);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_run_epochs_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lw_run_epochs_parent_class)->map (widget);
  lw_run_moments_set_active (LW_RUN_EPOCHS (widget)->moments, true);
}

static void
lw_run_epochs_unmap (GtkWidget *widget)
{
  lw_run_moments_set_active (LW_RUN_EPOCHS (widget)->moments, false);
  GTK_WIDGET_CLASS (lw_run_epochs_parent_class)->unmap (widget);
}

static void
lw_run_epochs_dispose (GObject *object)
{
  LwRunEpochs *self = LW_RUN_EPOCHS (object);

  if (self->moments != NULL)
    lw_run_moments_set_run (self->moments, NULL);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_object (&self->moments);
  G_OBJECT_CLASS (lw_run_epochs_parent_class)->dispose (object);
}

static void
lw_run_epochs_class_init (LwRunEpochsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_run_epochs_dispose;
  GTK_WIDGET_CLASS (klass)->map = lw_run_epochs_map;
  GTK_WIDGET_CLASS (klass)->unmap = lw_run_epochs_unmap;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  moved_signal = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
lw_run_epochs_init (LwRunEpochs *self)
{
  self->moments = lw_run_moments_new ();
  self->bar = lw_epoch_bar_new ();
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  g_signal_connect_object (self->moments, "changed", G_CALLBACK (moments_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->bar, "moved", G_CALLBACK (moved), self);
  moments_changed (self);
}

GtkWidget *
lw_run_epochs_new (void)
{
  return g_object_new (LW_TYPE_RUN_EPOCHS, NULL);
}
