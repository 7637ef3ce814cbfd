#include "ui/probability-chart.h"

#include "ui/draw/probabilities.h"

#include <glib/gi18n.h>
#include <math.h>

#define HEIGHT 104

struct _LwProbabilityChart {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwText *text;
  double *epochs;
  float *values;
  int n;
};

G_DEFINE_FINAL_TYPE (LwProbabilityChart, lw_probability_chart, GTK_TYPE_WIDGET)

static bool
chart_now (LwProbabilityChart *self, LwProbabilities *ret_chart)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const int32_t image = lw_predictions_source_image (self->source);
  const int moment = lw_predictions_source_moment (self->source);

  if (set == NULL || image >= set->n)
    return false;
  *ret_chart = (LwProbabilities){
    .n = self->n,
    .classes = set->classes,
    .epochs = self->epochs,
    .values = self->values,
    .label = set->labels[image],
    .predicted = set->predicted[image],
    .names = lw_predictions_source_names (self->source),
    .rule = moment >= 0 && moment < self->n ? self->epochs[moment] : NAN,
  };
  return true;
}

static cairo_rectangle_t
area_of (LwProbabilityChart *self)
{
  return (cairo_rectangle_t){ 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                              gtk_widget_get_height (GTK_WIDGET (self)) };
}

static void
changed (LwProbabilityChart *self)
{
  g_autofree char *words = NULL;
  LwProbabilities chart;

  g_clear_pointer (&self->epochs, g_free);
  g_clear_pointer (&self->values, g_free);
  self->n = lw_predictions_source_series (self->source, lw_predictions_source_image (self->source),
                                          &self->epochs, &self->values);
  if (chart_now (self, &chart)) {
    words = lw_probabilities_describe (&chart);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    words, -1);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_probability_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwProbabilityChart *self = LW_PROBABILITY_CHART (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const cairo_rectangle_t area = area_of (self);
  LwProbabilities chart;
  cairo_t *cr;

  if (!chart_now (self, &chart) || area.width < 60 || area.height < 40)
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)area.width, (float)area.height));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_probabilities_paint (cr, theme, self->text, &chart, area);
  cairo_destroy (cr);
}

static void
lw_probability_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
  (void)widget;
  (void)for_size;
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwProbabilityChart *self)
{
  LwProbabilities chart;

  (void)gesture;
  (void)n;
  (void)y;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (chart_now (self, &chart))
    lw_predictions_source_show (self->source,
                                lw_probabilities_at (&chart, self->text, area_of (self), x));
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwProbabilityChart *self = LW_PROBABILITY_CHART (widget);
  const int moment = lw_predictions_source_moment (self->source) + g_variant_get_int32 (by);

  (void)data;
  lw_predictions_source_show (self->source, MAX (moment, 0));
  return TRUE;
}

static void
lw_probability_chart_dispose (GObject *object)
{
  g_clear_object (&LW_PROBABILITY_CHART (object)->source);
  G_OBJECT_CLASS (lw_probability_chart_parent_class)->dispose (object);
}

static void
lw_probability_chart_finalize (GObject *object)
{
  LwProbabilityChart *self = LW_PROBABILITY_CHART (object);

  lw_text_free (self->text);
  g_free (self->epochs);
  g_free (self->values);
  G_OBJECT_CLASS (lw_probability_chart_parent_class)->finalize (object);
}

static void
lw_probability_chart_class_init (LwProbabilityChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_probability_chart_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_probability_chart_finalize;
  widget_class->snapshot = lw_probability_chart_snapshot;
  widget_class->measure = lw_probability_chart_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, move, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, move, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, move, "i", -1000000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, move, "i", 1000000);
}

static void
lw_probability_chart_init (LwProbabilityChart *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Probabilities of the marked image by epoch"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_probability_chart_new (LwPredictionsSource *source)
{
  LwProbabilityChart *self = g_object_new (LW_TYPE_PROBABILITY_CHART, NULL);

  self->source = g_object_ref (source);
  g_signal_connect_object (source, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "image-changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
