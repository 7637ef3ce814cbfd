#include "ui/experiment-table.h"

#include "ui/accessible.h"

#include <glib/gi18n.h>

struct _LwExperimentTable {
  GtkWidget parent;
  GtkWidget *grid;
  const LwExperiment *experiment;
  GtkWidget *cells[LW_EXPERIMENT_ROWS][LW_EXPERIMENT_RUNS];
};

G_DEFINE_FINAL_TYPE (LwExperimentTable, lw_experiment_table, GTK_TYPE_WIDGET)

const char *
lw_translate_phrase (const char *phrase)
{
  return gettext (phrase);
}

static GtkWidget *
cell (const char *text, double xalign, const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), (float)xalign);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static void
separate (LwExperimentTable *self, int row)
{
  gtk_grid_attach (GTK_GRID (self->grid), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL), 0, row,
                   1 + self->experiment->n_runs, 1);
}

static void
build (LwExperimentTable *self, const LwExperiment *experiment)
{
  GtkWidget *child;

  self->experiment = experiment;
  while ((child = gtk_widget_get_first_child (self->grid)) != NULL)
    gtk_grid_remove (GTK_GRID (self->grid), child);
  gtk_grid_attach (GTK_GRID (self->grid), cell (_ ("Measured"), 0, "lw-heading"), 0, 0, 1, 1);
  for (int i = 0; i < experiment->n_runs; i++) {
    GtkWidget *head = cell (_ (experiment->runs[i].label), 1, "lw-heading");

    gtk_label_set_wrap (GTK_LABEL (head), TRUE);
    gtk_label_set_max_width_chars (GTK_LABEL (head), experiment->n_runs > 2 ? 9 : 18);
    gtk_label_set_justify (GTK_LABEL (head), GTK_JUSTIFY_RIGHT);
    gtk_grid_attach (GTK_GRID (self->grid), head, 1 + i, 0, 1, 1);
  }
  for (int row = 0; experiment->rows[row] != LW_MEASURE_NONE; row++) {
    g_autofree char *title =
        lw_measure_title (experiment, experiment->rows[row], lw_translate_phrase);
    GtkWidget *label = cell (title, 0, NULL);

    gtk_widget_set_hexpand (label, TRUE);
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_width_chars (GTK_LABEL (label), 20);
    separate (self, 2 * row + 1);
    gtk_grid_attach (GTK_GRID (self->grid), label, 0, 2 * row + 2, 1, 1);
    for (int i = 0; i < experiment->n_runs; i++) {
      self->cells[row][i] = cell (NULL, 1, "lw-number");
      gtk_grid_attach (GTK_GRID (self->grid), self->cells[row][i], 1 + i, 2 * row + 2, 1, 1);
    }
  }
}

void
lw_experiment_table_show (LwExperimentTable *self, const LwExperiment *experiment,
                          const LwNumbers *numbers)
{
  if (experiment != self->experiment)
    build (self, experiment);
  for (int row = 0; experiment->rows[row] != LW_MEASURE_NONE; row++) {
    const LwMeasure measure = experiment->rows[row];
    const int better = lw_measure_better (numbers, experiment->n_runs, measure);

    for (int i = 0; i < experiment->n_runs; i++) {
      GtkWidget *label = self->cells[row][i];
      g_autofree char *text = lw_measure_text (&numbers[i], measure, lw_translate_phrase);

      gtk_label_set_text (GTK_LABEL (label), text);
      if (i == better)
        gtk_widget_add_css_class (label, "lw-better");
      else
        gtk_widget_remove_css_class (label, "lw-better");
    }
  }
}

GtkWidget *
lw_experiment_table_new (void)
{
  return g_object_new (LW_TYPE_EXPERIMENT_TABLE, NULL);
}

static void
lw_experiment_table_dispose (GObject *object)
{
  g_clear_pointer (&LW_EXPERIMENT_TABLE (object)->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_experiment_table_parent_class)->dispose (object);
}

static void
lw_experiment_table_class_init (LwExperimentTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiment_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_experiment_table_init (LwExperimentTable *self)
{
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 18);
  gtk_widget_add_css_class (self->grid, "lw-compare-table");
  gtk_widget_set_parent (self->grid, GTK_WIDGET (self));
}
