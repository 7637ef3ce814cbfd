#include "ui/predict-now.h"

#include "engine/priority.h"
#include "ui/accessible.h"
#include "ui/run-weights.h"

#include <glib/gi18n.h>
#include <stdatomic.h>

#define POLL_MS 100

/* What the thread reads and says: outlives the widget. */
typedef struct {
  gatomicrefcount references;
  LwRunWeights *weights;
  _Atomic int thousandths;
} Job;

struct _LwPredictNow {
  GtkWidget parent;
  LwPredictionsSource *source;
  GtkWidget *box, *button, *progress, *cancel, *problem;
  GCancellable *working;
  LwRunItem *run; /* that is being asked */
  Job *job;
  guint timer;
};

G_DEFINE_FINAL_TYPE (LwPredictNow, lw_predict_now, GTK_TYPE_WIDGET)

static void
job_unref (gpointer data)
{
  Job *job = data;

  if (!g_atomic_ref_count_dec (&job->references))
    return;
  lw_run_weights_free (job->weights);
  g_free (job);
}

static void
say_progress (double done, void *data)
{
  atomic_store (&((Job *)data)->thousandths, (int)(done * 1000));
}

static void
thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  LwRunWeights *run = job->weights;
  GError *error = NULL;

  (void)source;
  lw_thread_give_way ();
  if (lw_run_weights_dataset (run, &error) != NULL &&
      lw_predictions_compute (run->folder, run->graph, run->settings, run->backend, run->dataset,
                              say_progress, job, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
show (LwPredictNow *self, const char *problem)
{
  const bool busy = self->working != NULL;

  gtk_widget_set_visible (self->button, !busy);
  gtk_widget_set_visible (self->progress, busy);
  gtk_widget_set_visible (self->cancel, busy);
  gtk_widget_set_visible (self->problem, problem != NULL);
  if (problem != NULL)
    gtk_label_set_text (GTK_LABEL (self->problem), problem);
}

static void
stop (LwPredictNow *self)
{
  if (self->working != NULL)
    g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
  g_clear_object (&self->run);
  g_clear_pointer (&self->job, job_unref);
  g_clear_handle_id (&self->timer, g_source_remove);
}

static void
computed (GObject *object, GAsyncResult *result, gpointer data)
{
  LwPredictNow *self = LW_PREDICT_NOW (object);
  g_autoptr (GError) error = NULL;
  const bool done = g_task_propagate_boolean (G_TASK (result), &error);

  (void)data;
  if (g_task_get_cancellable (G_TASK (result)) != self->working)
    return;
  if (done && self->run == lw_predictions_source_run (self->source))
    lw_predictions_source_reload (self->source);
  stop (self);
  show (self, done ? NULL : error->message);
}

static gboolean
poll (gpointer data)
{
  LwPredictNow *self = data;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 atomic_load (&self->job->thousandths) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
clicked (LwPredictNow *self)
{
  LwRunItem *run = lw_predictions_source_run (self->source);
  g_autoptr (GTask) task = NULL;

  if (run == NULL || self->working != NULL)
    return;
  self->job = g_new0 (Job, 1);
  g_atomic_ref_count_init (&self->job->references);
  self->job->weights =
      lw_run_weights_new (lw_predictions_source_workbench (self->source), run, LW_NEWEST_STEP);
  self->run = g_object_ref (run);
  self->working = g_cancellable_new ();
  task = g_task_new (self, self->working, computed, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_atomic_ref_count_inc (&self->job->references);
  g_task_set_task_data (task, self->job, job_unref);
  g_task_run_in_thread (task, thread);
  self->timer = g_timeout_add (POLL_MS, poll, self);
  show (self, NULL);
  gtk_widget_grab_focus (self->cancel);
}

static void
cancelled (LwPredictNow *self)
{
  stop (self);
  show (self, NULL);
}

/* Another run: what was asked of the one before is of no use any more. */
static void
moments_changed (LwPredictNow *self)
{
  if (self->run != NULL && self->run != lw_predictions_source_run (self->source))
    cancelled (self);
  else if (self->working == NULL)
    show (self, NULL);
}

static void
lw_predict_now_dispose (GObject *object)
{
  LwPredictNow *self = LW_PREDICT_NOW (object);

  stop (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->source);
  G_OBJECT_CLASS (lw_predict_now_parent_class)->dispose (object);
}

static void
lw_predict_now_class_init (LwPredictNowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_predict_now_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
lw_predict_now_init (LwPredictNow *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->button = gtk_button_new_with_mnemonic (_ ("_Predict Now"));
  lw_name_by_words (self->button);
  gtk_widget_add_css_class (self->button, "suggested-action");
  gtk_widget_add_css_class (self->button, "pill");
  gtk_widget_set_halign (self->button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked), self);
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_size_request (self->progress, 240, -1);
  lw_name_widget (self->progress, _ ("Predictions so far"));
  self->cancel = gtk_button_new_with_label (_ ("Cancel"));
  gtk_widget_set_halign (self->cancel, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (cancelled), self);
  self->problem = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->problem), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->problem), 50);
  gtk_label_set_justify (GTK_LABEL (self->problem), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->problem, "lw-error-text");
  for (GtkWidget **child =
           (GtkWidget *[]){ self->button, self->progress, self->cancel, self->problem, NULL };
       *child != NULL; child++)
    gtk_box_append (GTK_BOX (self->box), *child);
  show (self, NULL);
}

GtkWidget *
lw_predict_now_new (LwPredictionsSource *source)
{
  LwPredictNow *self = g_object_new (LW_TYPE_PREDICT_NOW, NULL);

  self->source = g_object_ref (source);
  g_signal_connect_object (source, "moments-changed", G_CALLBACK (moments_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
