#include "ui/bn-chart.h"

#include "ui/draw/chart.h"

#include <glib/gi18n.h>
#include <math.h>

enum { MEAN, VARIANCE, SCALE_SHIFT, N_CHARTS };

struct _LwBnChart {
  GtkWidget parent;
  LwText *text;
  LwSeries *series[LW_BN_N_FIELDS];
  double rule_x, pointer_y;
};

G_DEFINE_FINAL_TYPE (LwBnChart, lw_bn_chart, GTK_TYPE_WIDGET)

typedef struct {
  LwChartLine lines[N_CHARTS][2];
  LwChartSpec charts[N_CHARTS];
  LwChartStack stack;
  LwChartLayout layout;
} Picture;

static LwChartLine
line (LwBnChart *self, const LwTheme *theme, LwBnField field, int colour, const char *name,
      const char *readout_name)
{
  return (LwChartLine){ .form = LW_LINE_CURVE,
                        .series = self->series[field],
                        .name = name,
                        .readout_name = readout_name,
                        .colour = theme->series[colour],
                        .dash = colour == 3 ? 1 : 0,
                        .at = LW_AT_NEAREST };
}

static void
layout (LwBnChart *self, const LwTheme *theme, Picture *picture)
{
  static const char *const titles[N_CHARTS] = { N_ ("Mean"), N_ ("Variance"),
                                                N_ ("Scale and shift") };
  const cairo_rectangle_t area = { 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                   gtk_widget_get_height (GTK_WIDGET (self)) };

  lw_chart_stack_init (&picture->stack);
  picture->lines[MEAN][0] = line (self, theme, LW_BN_BATCH_MEAN, 0, _ ("batch"), _ ("Batch mean"));
  picture->lines[MEAN][1] =
      line (self, theme, LW_BN_RUNNING_MEAN, 1, _ ("running"), _ ("Running mean"));
  picture->lines[VARIANCE][0] =
      line (self, theme, LW_BN_BATCH_VAR, 0, _ ("batch"), _ ("Batch variance"));
  picture->lines[VARIANCE][1] =
      line (self, theme, LW_BN_RUNNING_VAR, 1, _ ("running"), _ ("Running variance"));
  picture->lines[SCALE_SHIFT][0] = line (self, theme, LW_BN_GAMMA, 2, _ ("scale γ"), _ ("Scale γ"));
  picture->lines[SCALE_SHIFT][1] = line (self, theme, LW_BN_BETA, 3, _ ("shift β"), _ ("Shift β"));
  for (int i = 0; i < N_CHARTS; i++)
    picture->charts[i] = (LwChartSpec){ .title = _ (titles[i]),
                                        .lines = picture->lines[i],
                                        .n_lines = 2,
                                        .y = { NAN, NAN, false },
                                        .empty_text = i == 0 ? _ ("Nothing recorded yet") : NULL };
  picture->stack.charts = picture->charts;
  picture->stack.n_charts = N_CHARTS;
  picture->stack.x = (LwChartAxis){ 0, NAN, false };
  picture->stack.x_name = _ ("epoch");
  picture->stack.rule_x = self->rule_x;
  picture->stack.pointer_y = self->pointer_y;
  picture->stack.bounds = area;
  lw_charts_layout (&picture->stack, self->text, area, &picture->layout);
}

static void
lw_bn_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwBnChart *self = LW_BN_CHART (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  Picture picture = { 0 };
  cairo_t *cr;

  if (width < 1 || height < 1)
    return;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  layout (self, theme, &picture);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_charts_paint (cr, theme, self->text, &picture.stack, &picture.layout, theme->canvas);
  cairo_destroy (cr);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwBnChart *self)
{
  Picture picture = { 0 };

  (void)controller;
  layout (self, lw_theme (false), &picture);
  self->rule_x = lw_chart_data_x (&picture.layout, x);
  self->pointer_y = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (GtkEventControllerMotion *controller, LwBnChart *self)
{
  (void)controller;
  self->rule_x = self->pointer_y = NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_bn_chart_show (LwBnChart *self, LwBnHistory *history, LwNodeId layer, int channel)
{
  double epochs[LW_BN_MOMENTS];
  float values[LW_BN_MOMENTS];

  for (int field = 0; field < LW_BN_N_FIELDS; field++) {
    const int32_t n = history == NULL ? 0
                                      : lw_bn_history_series (history, layer, (LwBnField)field,
                                                              channel, NULL, epochs, values);

    lw_series_clear (self->series[field]);
    for (int32_t i = 0; i < n; i++)
      lw_series_append (self->series[field], epochs[i], values[i]);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lw_bn_chart_finalize (GObject *object)
{
  LwBnChart *self = LW_BN_CHART (object);

  for (int i = 0; i < LW_BN_N_FIELDS; i++)
    lw_series_free (self->series[i]);
  lw_text_free (self->text);
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
  GtkEventController *pointer = gtk_event_controller_motion_new ();

  self->text = lw_text_new (NULL, NULL);
  for (int i = 0; i < LW_BN_N_FIELDS; i++)
    self->series[i] = lw_series_new ();
  self->rule_x = self->pointer_y = NAN;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Batch statistics and running statistics over the run"), -1);
  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), pointer);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_bn_chart_new (void)
{
  return g_object_new (LW_TYPE_BN_CHART, NULL);
}
