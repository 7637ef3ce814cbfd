#include "ui/experiment-charts.h"

#include "ui/run-swatch.h"

#include <glib/gi18n.h>

#define SMOOTHING 0.9
#define HEIGHT    190

struct _LwExperimentCharts {
  GtkWidget parent;
  GtkWidget *column, *legend, *charts, *views[LW_N_RUN_CHARTS];
  const LwExperiment *experiment;
  LwExperimentSize size;
  LwRunItem *shown[LW_EXPERIMENT_RUNS]; /* not owned: compared only */
  bool narrow;
};

G_DEFINE_FINAL_TYPE (LwExperimentCharts, lw_experiment_charts, GTK_TYPE_WIDGET)

static void
fill_legend (LwExperimentCharts *self)
{
  const int columns = self->narrow ? 2 : 4;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->legend)) != NULL)
    gtk_grid_remove (GTK_GRID (self->legend), child);
  for (int i = 0; i < self->experiment->n_runs; i++) {
    GtkWidget *entry = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
    GtkWidget *name = gtk_label_new (_ (self->experiment->runs[i].label));
    GtkWidget *swatch = lw_run_swatch_new ();

    gtk_widget_add_css_class (name, "lw-small");
    lw_run_swatch_show (swatch, i, i);
    gtk_box_append (GTK_BOX (entry), swatch);
    gtk_box_append (GTK_BOX (entry), name);
    gtk_grid_attach (GTK_GRID (self->legend), entry, i % columns, i / columns, 1, 1);
  }
}

void
lw_experiment_charts_show (LwExperimentCharts *self, LwExperimentSet *set,
                           const LwExperiment *experiment, LwExperimentSize size)
{
  LwChartRun runs[LW_EXPERIMENT_RUNS];
  bool same = experiment == self->experiment && size == self->size;
  int n = 0;

  if (experiment != self->experiment) {
    self->experiment = experiment;
    fill_legend (self);
  }
  self->size = size;
  for (int i = 0; i < LW_EXPERIMENT_RUNS; i++) {
    LwRunItem *run =
        i < experiment->n_runs ? lw_experiment_set_run (set, experiment, size, i) : NULL;

    same = same && run == self->shown[i];
    self->shown[i] = run;
    if (run != NULL)
      runs[n++] = (LwChartRun){ run, _ (experiment->runs[i].label), i };
  }
  for (int c = 0; c < LW_N_RUN_CHARTS; c++)
    if (same)
      gtk_widget_queue_draw (self->views[c]);
    else
      lw_chart_view_set_runs (LW_CHART_VIEW (self->views[c]), runs, n,
                              c == LW_RUN_CHART_LOSS ? LW_CURVES_TRAIN : LW_CURVES_TEST);
}

LwChartView *
lw_experiment_charts_view (LwExperimentCharts *self, LwRunChart chart)
{
  return LW_CHART_VIEW (self->views[chart]);
}

void
lw_experiment_charts_set_narrow (LwExperimentCharts *self, bool narrow)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->charts),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  self->narrow = narrow;
  if (self->experiment != NULL)
    fill_legend (self);
}

GtkWidget *
lw_experiment_charts_new (void)
{
  return g_object_new (LW_TYPE_EXPERIMENT_CHARTS, NULL);
}

static void
lw_experiment_charts_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPERIMENT_CHARTS (object)->column, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiment_charts_parent_class)->dispose (object);
}

static void
lw_experiment_charts_class_init (LwExperimentChartsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiment_charts_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_experiment_charts_init (LwExperimentCharts *self)
{
  static const char *const names[LW_N_RUN_CHARTS] = {
    N_ ("Train loss of the experiment's runs"), N_ ("Test accuracy of the experiment's runs")
  };

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->legend = gtk_grid_new ();
  self->charts = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_grid_set_column_spacing (GTK_GRID (self->legend), 20);
  gtk_box_set_homogeneous (GTK_BOX (self->charts), TRUE);
  gtk_widget_add_css_class (self->column, "lw-experiment-charts");
  for (int c = 0; c < LW_N_RUN_CHARTS; c++) {
    self->views[c] = lw_chart_view_new ();
    lw_chart_view_set_only (LW_CHART_VIEW (self->views[c]), (LwRunChart)c);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->views[c]), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ (names[c]), -1);
    gtk_widget_set_size_request (self->views[c], 200, HEIGHT);
    gtk_box_append (GTK_BOX (self->charts), self->views[c]);
  }
  lw_chart_view_set_smoothing (LW_CHART_VIEW (self->views[LW_RUN_CHART_LOSS]), SMOOTHING);
  gtk_box_append (GTK_BOX (self->column), self->legend);
  gtk_box_append (GTK_BOX (self->column), self->charts);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
}
