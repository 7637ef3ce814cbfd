#include "ui/bn-chart.h"

#include "ui/draw/bn-bands.h"
#include "ui/pointer.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwBnChart {
  GtkWidget parent;
  LwText *text;
  bool parameters;
  int n, n_recent;
  double until, epochs[LW_BN_MOMENTS];
  int64_t steps[LW_BN_RECENT];
  float fields[LW_BN_N_KEPT][LW_BN_MOMENTS];
  float recent[LW_BN_N_FIELDS][LW_BN_RECENT];
  LwPointer pointer;
};

G_DEFINE_FINAL_TYPE (LwBnChart, lw_bn_chart, GTK_TYPE_WIDGET)

static LwBnBand
statistics_row (LwBnChart *self, const char *title, LwBnField batch, LwBnField running,
                LwBnField low, LwBnField high)
{
  return (LwBnBand){ .title = title,
                     .low = self->fields[low],
                     .high = self->fields[high],
                     .batch = self->fields[batch],
                     .running = self->fields[running],
                     .recent = isnan (self->until) ? self->recent[batch] : NULL,
                     .recent_running = isnan (self->until) ? self->recent[running] : NULL,
                     .never_negative = batch == LW_BN_BATCH_VAR,
                     .start = NAN };
}

static LwBnBands
picture (LwBnChart *self, const char *recent_name)
{
  LwBnBands bands = { .n_rows = 2,
                      .n = self->n,
                      .n_recent = self->n_recent,
                      .epochs = self->epochs,
                      .until = self->until,
                      .steps = self->steps,
                      .names = { _ ("batch (band: lowest to highest)"), _ ("running"),
                                 recent_name },
                      .rule_x = self->pointer.x,
                      .rule_y = self->pointer.y };

  if (self->parameters) {
    bands.rows[0] =
        (LwBnBand){ .title = _ ("Scale γ"), .batch = self->fields[LW_BN_GAMMA], .start = 1 };
    bands.rows[1] =
        (LwBnBand){ .title = _ ("Shift β"), .batch = self->fields[LW_BN_BETA], .start = 0 };
    return bands;
  }
  bands.rows[0] = statistics_row (self, _ ("Mean"), LW_BN_BATCH_MEAN, LW_BN_RUNNING_MEAN,
                                  LW_BN_BATCH_MEAN_LOW, LW_BN_BATCH_MEAN_HIGH);
  bands.rows[1] = statistics_row (self, _ ("Variance"), LW_BN_BATCH_VAR, LW_BN_RUNNING_VAR,
                                  LW_BN_BATCH_VAR_LOW, LW_BN_BATCH_VAR_HIGH);
  return bands;
}

static char *
recent_name (LwBnChart *self)
{
  return g_strdup_printf (ngettext ("last %d batch", "last %d batches", (gulong)self->n_recent),
                          self->n_recent);
}

static void
lw_bn_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwBnChart *self = LW_BN_CHART (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autofree char *name = recent_name (self);
  const LwBnBands bands = picture (self, name);
  LwBnBandsLayout layout;
  cairo_t *cr;

  if (width < 1 || height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_bn_bands_layout (&bands, (cairo_rectangle_t){ 0, 0, width, height }, &layout);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_bn_bands_paint (cr, lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ())),
                     self->text, &bands, &layout);
  cairo_destroy (cr);
}

static void
describe (LwBnChart *self)
{
  g_autofree char *name = recent_name (self);
  const LwBnBands bands = picture (self, name);
  g_autofree char *first = lw_bn_bands_describe (&bands, 0);
  g_autofree char *second = lw_bn_bands_describe (&bands, 1);
  g_autofree char *words = g_strdup_printf ("%s; %s", first, second);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words,
                                  -1);
}

void
lw_bn_chart_show (LwBnChart *self, LwBnHistory *history, LwNodeId layer, int channel, double until)
{
  self->until = until;
  self->n = self->n_recent = 0;
  for (int field = 0; history != NULL && field < LW_BN_N_KEPT; field++) {
    const int n = lw_bn_history_series (history, layer, (LwBnField)field, channel, NULL,
                                        self->epochs, self->fields[field]);

    /* A training may add a moment between two fields. */
    self->n = field == 0 ? n : MIN (self->n, n);
  }
  for (int field = LW_BN_BATCH_MEAN; history != NULL && field < LW_BN_N_FIELDS; field++)
    self->n_recent = lw_bn_history_recent (history, layer, (LwBnField)field, channel, self->steps,
                                           self->recent[field]);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_bn_chart_set_parameters (LwBnChart *self, bool parameters)
{
  self->parameters = parameters;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_bn_chart_finalize (GObject *object)
{
  lw_text_free (LW_BN_CHART (object)->text);
  G_OBJECT_CLASS (lw_bn_chart_parent_class)->finalize (object);
}

static void
lw_bn_chart_class_init (LwBnChartClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_bn_chart_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_bn_chart_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_bn_chart_init (LwBnChart *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->until = NAN;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Batch statistics and running statistics over the run"), -1);
  lw_follow_pointer (GTK_WIDGET (self), &self->pointer);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_bn_chart_new (void)
{
  return g_object_new (LW_TYPE_BN_CHART, NULL);
}
