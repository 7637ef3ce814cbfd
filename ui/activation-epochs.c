#include "ui/activation-epochs.h"

#include <math.h>

typedef struct {
  LwWorkbench *workbench;
  LwActivationSource *source;
} Epochs;

static const char key[] = "lw-epochs";

static Epochs *
epochs_of (LwEpochBar *bar)
{
  return g_object_get_data (G_OBJECT (bar), key);
}

static void
moments_changed (LwEpochBar *bar)
{
  const Epochs *self = epochs_of (bar);
  LwRunItem *run = lw_workbench_run (self->workbench);
  GPtrArray *moments = lw_activation_source_moments (self->source);
  const int n = run != NULL && moments != NULL ? (int)moments->len : 0;
  g_autofree double *epochs = g_new (double, MAX (n, 1));
  int best = -1;

  for (int i = 0; i < n; i++) {
    const LwWeightsMoment *moment = g_ptr_array_index (moments, i);

    epochs[i] = moment->epoch;
    if (moment->best)
      best = i;
  }
  lw_epoch_bar_set_epochs (
      bar, epochs, n, best,
      run != NULL && lw_run_item_is_live (run) ? lw_run_item_progress (run).epoch : (double)NAN,
      run != NULL ? lw_run_item_progress (run).epochs : 0, NULL);
  lw_epoch_bar_set_place (bar, lw_activation_source_moment (self->source));
  gtk_widget_set_visible (GTK_WIDGET (bar), lw_epoch_bar_has_choice (bar));
}

static void
updated (LwEpochBar *bar)
{
  lw_epoch_bar_set_place (bar, lw_activation_source_moment (epochs_of (bar)->source));
}

static void
moved (LwEpochBar *bar)
{
  lw_activation_source_set_moment (epochs_of (bar)->source, lw_epoch_bar_place (bar));
}

static bool
is_busy (gpointer source)
{
  return lw_activation_source_is_busy (source);
}

GtkWidget *
lw_activation_epochs_new (LwWorkbench *workbench, LwActivationSource *source)
{
  GtkWidget *bar = lw_epoch_bar_new ();
  Epochs *self = g_new (Epochs, 1);

  *self = (Epochs){ workbench, source };
  g_object_set_data_full (G_OBJECT (bar), key, self, g_free);
  lw_epoch_bar_wait_for (LW_EPOCH_BAR (bar), is_busy, source);
  g_signal_connect (bar, "moved", G_CALLBACK (moved), NULL);
  g_signal_connect_object (source, "moments-changed", G_CALLBACK (moments_changed), bar,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "updated", G_CALLBACK (updated), bar, G_CONNECT_SWAPPED);
  moments_changed (LW_EPOCH_BAR (bar));
  return bar;
}
