#include "ui/health-chart.h"

#include "ui/draw/chart.h"

#include <glib/gi18n.h>
#include <math.h>

#define WIDTH  340
#define HEIGHT 132

struct _LwHealthChart {
  GtkWidget parent;
  LwText *text;
  LwSeries *values, *bounds[2];
  char *title, *x_name;
  bool log;
};

G_DEFINE_FINAL_TYPE (LwHealthChart, lw_health_chart, GTK_TYPE_WIDGET)

static void
lw_health_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwHealthChart *self = LW_HEALTH_CHART (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const cairo_rectangle_t area = { 0, 0, width, height };
  LwChartLine lines[3] = { { .form = LW_LINE_CURVE,
                             .series = self->values,
                             .colour = theme->series[0],
                             .at = LW_AT_NEAREST } };
  LwChartSpec chart = { .title = self->title,
                        .lines = lines,
                        .n_lines = 1,
                        .y = { self->log ? NAN : 0, NAN, self->log },
                        .empty_text = _ ("Nothing recorded yet") };
  LwChartStack stack;
  LwChartLayout layout;
  cairo_t *cr;

  if (width < 1 || height < 1)
    return;
  if (lw_series_length (self->values) == 1)
    lines[0].marker = LW_MARKER_DOT;
  for (int i = 0; i < 2; i++)
    if (self->bounds[i] != NULL)
      lines[chart.n_lines++] =
          (LwChartLine){ .form = LW_LINE_CURVE,
                         .series = self->bounds[i],
                         .name = i == 0 || self->bounds[0] == NULL ? _ ("healthy range") : NULL,
                         .colour = theme->good,
                         .dash = LW_DASH_TEST };
  lw_chart_stack_init (&stack);
  stack.charts = &chart;
  stack.n_charts = 1;
  stack.x_name = self->x_name;
  stack.bounds = area;
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_charts_layout (&stack, self->text, area, &layout);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  lw_charts_paint (cr, theme, self->text, &stack, &layout, theme->card);
  cairo_destroy (cr);
}

static void
describe (LwHealthChart *self)
{
  const size_t n = lw_series_length (self->values);
  g_autofree char *words =
      n == 0 ? g_strdup (_ ("Nothing recorded yet"))
             : g_strdup_printf (_ ("%s, now %.3g"), self->title, lw_series_y (self->values)[n - 1]);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static LwSeries *
make_bound (const double *x, int n, double y)
{
  LwSeries *series;

  if (isnan (y) || n < 2)
    return NULL;
  series = lw_series_new ();
  lw_series_append (series, x[0], y);
  lw_series_append (series, x[n - 1], y);
  return series;
}

GtkWidget *
lw_health_chart_new (const char *title, const char *x_name, const double *x, const float *y, int n,
                     double low, double high, bool log)
{
  LwHealthChart *self = g_object_new (LW_TYPE_HEALTH_CHART, NULL);

  self->title = g_strdup (title);
  self->x_name = g_strdup (x_name);
  self->log = log;
  for (int i = 0; i < n; i++)
    if (!isinf (y[i]) && (!log || y[i] > 0))
      lw_series_append (self->values, x[i], (double)y[i]);
  self->bounds[0] = make_bound (x, n, low);
  self->bounds[1] = make_bound (x, n, high);
  describe (self);
  return GTK_WIDGET (self);
}

static void
lw_health_chart_finalize (GObject *object)
{
  LwHealthChart *self = LW_HEALTH_CHART (object);

  lw_series_free (self->values);
  for (int i = 0; i < 2; i++)
    if (self->bounds[i] != NULL)
      lw_series_free (self->bounds[i]);
  lw_text_free (self->text);
  g_free (self->title);
  g_free (self->x_name);
  G_OBJECT_CLASS (lw_health_chart_parent_class)->finalize (object);
}

static void
lw_health_chart_class_init (LwHealthChartClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_health_chart_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = lw_health_chart_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lw_health_chart_init (LwHealthChart *self)
{
  self->text = lw_text_new (NULL, NULL);
  self->values = lw_series_new ();
  gtk_widget_set_size_request (GTK_WIDGET (self), WIDTH, HEIGHT);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}
