#include "ui/onnx-accuracy.h"

#include "engine/analysis.h"
#include "engine/evaluate.h"
#include "engine/priority.h"
#include "ui/accessible.h"
#include "ui/devices.h"
#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>
#include <stdatomic.h>

#define POLL_MS 100
#define BATCH   64

/* What the thread reads and says: outlives the widget. */
typedef struct {
  gatomicrefcount references;
  LwGraph *graph;
  const LwBackend *backend;
  LwOnnxNetwork *network;
  LwDataset *dataset;
  GCancellable *cancellable;
  _Atomic int thousandths;
} Job;

struct _LwOnnxAccuracy {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkWidget *row, *button, *progress, *cancel, *words;
  Job *job; /* that is being done; NULL: none */
  guint timer;
};

G_DEFINE_FINAL_TYPE (LwOnnxAccuracy, lw_onnx_accuracy, GTK_TYPE_WIDGET)

/* --- on the thread ---------------------------------------------------------------------------- */

static void
job_unref (gpointer data)
{
  Job *job = data;

  if (!g_atomic_ref_count_dec (&job->references))
    return;
  lw_graph_unref (job->graph);
  lw_onnx_free (job->network);
  lw_dataset_unref (job->dataset);
  g_object_unref (job->cancellable);
  g_free (job);
}

static bool
tell (double share, void *data)
{
  Job *job = data;

  atomic_store (&job->thousandths, (int)(share * 1000));
  return !g_cancellable_is_cancelled (job->cancellable);
}

static void
evaluate_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  const LwSessionOptions options = { .inference_batch = BATCH };
  const LwBnProgress progress = { tell, job };
  g_autoptr (LwSession) session = NULL;
  LwEvaluation *evaluation = NULL;
  GError *error = NULL;

  (void)source;
  (void)cancellable;
  lw_thread_give_way ();
  session = lw_session_new (job->graph, job->backend, 0, &options, &error);
  if (session != NULL && lw_onnx_load (job->network, session, &error))
    evaluation =
        lw_evaluate_split (session, job->dataset, LW_SPLIT_TEST, 0, false, &progress, &error);
  if (evaluation != NULL)
    g_task_return_pointer (task, evaluation, (GDestroyNotify)lw_evaluation_free);
  else
    g_task_return_error (task, error);
}

/* --- on the main thread ----------------------------------------------------------------------- */

static void
show (LwOnnxAccuracy *self, const char *words)
{
  const bool busy = self->job != NULL;

  gtk_widget_set_visible (self->button, !busy);
  gtk_widget_set_visible (self->progress, busy);
  gtk_widget_set_visible (self->cancel, busy);
  gtk_label_set_text (GTK_LABEL (self->words), words);
}

static void
stop (LwOnnxAccuracy *self)
{
  if (self->job != NULL)
    g_cancellable_cancel (self->job->cancellable);
  g_clear_pointer (&self->job, job_unref);
  g_clear_handle_id (&self->timer, g_source_remove);
}

static void
evaluated (GObject *object, GAsyncResult *result, gpointer data)
{
  LwOnnxAccuracy *self = LW_ONNX_ACCURACY (object);
  g_autoptr (GError) error = NULL;
  LwEvaluation *evaluation = g_task_propagate_pointer (G_TASK (result), &error);

  (void)data;
  if (g_task_get_task_data (G_TASK (result)) == self->job) { /* else it was given up */
    g_autofree char *count = lw_format_exact (evaluation != NULL ? evaluation->count : 0);
    g_autofree char *words =
        evaluation != NULL ? g_strdup_printf (_ ("%.2f %% of %s test images, loss %.4f"),
                                              evaluation->accuracy * 100, count, evaluation->loss)
                           : g_strdup (error->message);

    stop (self);
    show (self, words);
  }
  g_clear_pointer (&evaluation, lw_evaluation_free);
}

static gboolean
poll (gpointer data)
{
  LwOnnxAccuracy *self = data;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 atomic_load (&self->job->thousandths) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
clicked (LwOnnxAccuracy *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  g_autoptr (GTask) task = NULL;

  if (dataset == NULL || self->job != NULL)
    return;
  self->job = g_new0 (Job, 1);
  g_atomic_ref_count_init (&self->job->references);
  self->job->graph = lw_graph_ref (lw_workbench_graph (self->workbench));
  self->job->backend = lw_first_backend (lw_workbench_backends (self->workbench));
  self->job->network = lw_onnx_ref (lw_workbench_network (self->workbench));
  self->job->dataset = lw_dataset_ref (dataset);
  self->job->cancellable = g_cancellable_new ();
  task = g_task_new (self, NULL, evaluated, NULL);
  g_atomic_ref_count_inc (&self->job->references);
  g_task_set_task_data (task, self->job, job_unref);
  g_task_run_in_thread (task, evaluate_thread);
  self->timer = g_timeout_add (POLL_MS, poll, self);
  show (self, "");
  gtk_widget_grab_focus (self->cancel);
}

static void
cancelled (LwOnnxAccuracy *self)
{
  stop (self);
  show (self, "");
  gtk_widget_grab_focus (self->button);
}

/* Another network, other data or another normalization: what was found is of the one before. */
static void
follow (LwOnnxAccuracy *self)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const LwGraph *graph = lw_workbench_graph (self->workbench);

  stop (self);
  show (self, "");
  gtk_widget_set_visible (GTK_WIDGET (self),
                          dataset != NULL &&
                              lw_dataset_channels (dataset) == lw_graph_input_shape (graph).c &&
                              lw_dataset_classes (dataset) == lw_graph_classes (graph));
}

const char *
lw_onnx_accuracy_words (LwOnnxAccuracy *self)
{
  return gtk_label_get_text (GTK_LABEL (self->words));
}

/* --- set-up ----------------------------------------------------------------------------------- */

static void
lw_onnx_accuracy_dispose (GObject *object)
{
  LwOnnxAccuracy *self = LW_ONNX_ACCURACY (object);

  stop (self);
  g_clear_pointer (&self->row, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_onnx_accuracy_parent_class)->dispose (object);
}

static void
lw_onnx_accuracy_class_init (LwOnnxAccuracyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_onnx_accuracy_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_onnx_accuracy_init (LwOnnxAccuracy *self)
{
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_parent (self->row, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->row, "lw-toolbar");
  self->button = gtk_button_new_with_label (_ ("Test on All Images"));
  lw_name_widget (self->button, _ ("Test on All Images"));
  gtk_widget_set_tooltip_text (self->button,
                               _ ("How many test images of the data set the network takes for "
                                  "what they are"));
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_size_request (self->progress, 240, -1);
  lw_name_widget (self->progress, _ ("Predictions so far"));
  self->cancel = gtk_button_new_with_label (_ ("Cancel"));
  self->words = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked), self);
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (cancelled), self);
  for (GtkWidget **child =
           (GtkWidget *[]){ self->button, self->progress, self->cancel, self->words, NULL };
       *child != NULL; child++) {
    gtk_widget_set_valign (*child, GTK_ALIGN_CENTER);
    gtk_box_append (GTK_BOX (self->row), *child);
  }
}

GtkWidget *
lw_onnx_accuracy_new (LwWorkbench *workbench)
{
  LwOnnxAccuracy *self = g_object_new (LW_TYPE_ONNX_ACCURACY, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  follow (self);
  return GTK_WIDGET (self);
}
