#include "ui/activation-epochs.h"

static const char key[] = "lw-source";

static LwActivationSource *
source_of (LwEpochBar *bar)
{
  return g_object_get_data (G_OBJECT (bar), key);
}

static void
updated (LwEpochBar *bar)
{
  lw_epoch_bar_set_place (bar, lw_activation_source_moment (source_of (bar)));
}

static void
moments_changed (LwEpochBar *bar)
{
  lw_run_moments_show_in (lw_activation_source_moments (source_of (bar)), bar);
  updated (bar);
}

static void
moved (LwEpochBar *bar)
{
  lw_activation_source_set_moment (source_of (bar), lw_epoch_bar_place (bar));
}

static bool
is_busy (gpointer source)
{
  return lw_activation_source_is_busy (source);
}

GtkWidget *
lw_activation_epochs_new (LwActivationSource *source)
{
  GtkWidget *bar = lw_epoch_bar_new ();

  g_object_set_data (G_OBJECT (bar), key, source);
  lw_epoch_bar_wait_for (LW_EPOCH_BAR (bar), is_busy, source);
  g_signal_connect (bar, "moved", G_CALLBACK (moved), NULL);
  g_signal_connect_object (source, "moments-changed", G_CALLBACK (moments_changed), bar,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "updated", G_CALLBACK (updated), bar, G_CONNECT_SWAPPED);
  moments_changed (LW_EPOCH_BAR (bar));
  return bar;
}
