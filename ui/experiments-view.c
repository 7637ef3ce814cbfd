#include "ui/experiments-view.h"

#include "ui/experiment-list.h"
#include "ui/experiment-page.h"

#include <glib/gi18n.h>

#define LIST_WIDTH 339
#define LIST_LEAST 250
#define NARROW     860

struct _LwExperimentsView {
  GtkWidget parent;
  LwExperimentSet *set;
  GtkWidget *box, *list, *page;
  LwExperimentSize *sizes; /* [experiments]: the one that is shown */
  bool narrow;
  guint arrange_id;
};

G_DEFINE_FINAL_TYPE (LwExperimentsView, lw_experiments_view, GTK_TYPE_WIDGET)

static void
chosen (LwExperimentsView *self, int index)
{
  lw_experiment_page_show (LW_EXPERIMENT_PAGE (self->page), lw_experiment (index),
                           self->sizes[index]);
}

static void
size_changed (LwExperimentsView *self)
{
  const LwExperiment *experiment = lw_experiment_page_experiment (LW_EXPERIMENT_PAGE (self->page));
  const LwExperimentSize size = lw_experiment_page_size (LW_EXPERIMENT_PAGE (self->page));

  self->sizes[experiment - lw_experiment (0)] = size;
  lw_experiment_list_set_size (LW_EXPERIMENT_LIST (self->list), experiment, size);
}

static void
open_other (LwExperimentsView *self, int index)
{
  lw_experiment_list_choose (LW_EXPERIMENT_LIST (self->list), lw_experiment (index));
}

LwExperimentSet *
lw_experiments_view_set (LwExperimentsView *self)
{
  return self->set;
}

GtkWidget *
lw_experiments_view_export_dialog (LwExperimentsView *self)
{
  return lw_experiment_page_export_dialog (LW_EXPERIMENT_PAGE (self->page));
}

GtkWidget *
lw_experiments_view_new (LwWorkbench *workbench)
{
  LwExperimentsView *self = g_object_new (LW_TYPE_EXPERIMENTS_VIEW, NULL);

  self->set = lw_experiment_set_new (workbench);
  self->list = lw_experiment_list_new (self->set);
  self->page = lw_experiment_page_new (self->set);
  gtk_widget_set_size_request (self->list, LIST_WIDTH, -1);
  gtk_widget_set_hexpand (self->list, FALSE);
  gtk_widget_set_hexpand (self->page, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->list);
  gtk_box_append (GTK_BOX (self->box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (self->box), self->page);
  g_signal_connect_object (self->list, "chosen", G_CALLBACK (chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->page, "open", G_CALLBACK (open_other), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->page, "size-changed", G_CALLBACK (size_changed), self,
                           G_CONNECT_SWAPPED);
  lw_experiment_list_choose (LW_EXPERIMENT_LIST (self->list), lw_experiment (0));
  return GTK_WIDGET (self);
}

static gboolean
arrange (gpointer data)
{
  LwExperimentsView *self = data;

  self->arrange_id = 0;
  gtk_widget_set_size_request (self->list, self->narrow ? LIST_LEAST : LIST_WIDTH, -1);
  return G_SOURCE_REMOVE;
}

/* No least width may change in the midst of an allocation. */
static void
lw_experiments_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LwExperimentsView *self = LW_EXPERIMENTS_VIEW (widget);

  gtk_widget_allocate (self->box, width, height, baseline, NULL);
  if ((width < NARROW) == self->narrow)
    return;
  self->narrow = width < NARROW;
  if (self->arrange_id == 0)
    self->arrange_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 1, arrange, self, NULL);
}

static void
lw_experiments_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                             int *minimum, int *natural, int *minimum_baseline,
                             int *natural_baseline)
{
  LwExperimentsView *self = LW_EXPERIMENTS_VIEW (widget);

  gtk_widget_measure (self->box, orientation, for_size, minimum, natural, minimum_baseline,
                      natural_baseline);
  if (orientation == GTK_ORIENTATION_HORIZONTAL && !self->narrow)
    *minimum -= LIST_WIDTH - LIST_LEAST; /* what the list gives up */
}

static void
lw_experiments_view_dispose (GObject *object)
{
  LwExperimentsView *self = LW_EXPERIMENTS_VIEW (object);

  g_clear_handle_id (&self->arrange_id, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->set);
  G_OBJECT_CLASS (lw_experiments_view_parent_class)->dispose (object);
}

static void
lw_experiments_view_finalize (GObject *object)
{
  g_free (LW_EXPERIMENTS_VIEW (object)->sizes);
  G_OBJECT_CLASS (lw_experiments_view_parent_class)->finalize (object);
}

static void
lw_experiments_view_class_init (LwExperimentsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_experiments_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_experiments_view_finalize;
  GTK_WIDGET_CLASS (klass)->size_allocate = lw_experiments_view_size_allocate;
  GTK_WIDGET_CLASS (klass)->measure = lw_experiments_view_measure;
}

static void
lw_experiments_view_init (LwExperimentsView *self)
{
  self->sizes = g_new0 (LwExperimentSize, lw_n_experiments ());
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
