#include "ui/compare-training.h"

#include <glib/gi18n.h>

struct _LwCompareTraining {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwOptions *options[LW_COMPARE_MOST];
  int n, at;      /* options[at] is being trained; at = n: none */
  LwRunItem *run; /* its run */
  guint next_id;  /* the next one is about to be started */
};

G_DEFINE_FINAL_TYPE (LwCompareTraining, lw_compare_training, G_TYPE_OBJECT)

static guint changed_signal;

static void
clear (LwCompareTraining *self)
{
  for (int i = 0; i < LW_COMPARE_MOST; i++)
    g_clear_pointer (&self->options[i], lw_options_free);
  self->n = self->at = 0;
  g_clear_object (&self->run);
  g_clear_handle_id (&self->next_id, g_source_remove);
}

/* The draft becomes the network with its Quick settings, whatever knobs it had before. Sizes of the
 * input, channels and classes are left to Quick and to the data. */
static void
prepare (LwCompareTraining *self, const LwOptions *options)
{
  g_autoptr (LwSettings) settings = lw_settings_new (lw_options_copy (options));

  lw_workbench_select_model (self->workbench, lw_options_model (options));
  g_free (settings->data);
  settings->data = g_strdup (lw_workbench_settings (self->workbench)->data); /* the draft's */
  lw_workbench_use_settings (self->workbench, settings);
  lw_workbench_use_quick (self->workbench);
}

static bool
train (LwCompareTraining *self, GError **error)
{
  LwRunItem *run;

  prepare (self, self->options[self->at]);
  run = lw_workbench_train (self->workbench, error);
  if (run == NULL) {
    clear (self);
    return false;
  }
  g_set_object (&self->run, run);
  return true;
}

static gboolean
train_next (gpointer data)
{
  LwCompareTraining *self = data;
  g_autoptr (GError) error = NULL;

  self->next_id = 0;
  if (!train (self, &error))
    g_signal_emit_by_name (self->workbench, "complained", error->message);
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
run_ended (LwCompareTraining *self, LwRunItem *run)
{
  if (run != self->run)
    return;
  g_clear_object (&self->run);
  if (lw_run_item_state (run) == LW_RUN_STOPPED || ++self->at >= self->n)
    clear (self);
  else /* when all others have seen the end */
    self->next_id = g_idle_add (train_next, self);
  g_signal_emit (self, changed_signal, 0);
}

bool
lw_compare_training_start (LwCompareTraining *self, LwCompareSet *set, GError **error)
{
  if (lw_workbench_live_run (self->workbench) != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Another run is still training; stop it before starting this one."));
    return false;
  }
  clear (self);
  self->n = lw_compare_set_n (set);
  for (int i = 0; i < self->n; i++)
    self->options[i] = lw_options_copy (lw_compare_set_options (set, i));
  if (!train (self, error))
    return false;
  g_signal_emit (self, changed_signal, 0);
  return true;
}

bool
lw_compare_training_is_busy (LwCompareTraining *self)
{
  return self->n > 0;
}

char *
lw_compare_training_status (LwCompareTraining *self)
{
  GString *out;

  if (self->n == 0)
    return NULL;
  out = g_string_new (NULL);
  for (int i = self->at; i < self->n; i++) {
    g_autofree char *title = lw_compare_title (self->options[i]);

    g_string_append_printf (out, i == self->at ? _ ("Training %s") : _ (", then %s"), title);
  }
  return g_string_free (out, FALSE);
}

LwCompareTraining *
lw_compare_training_new (LwWorkbench *workbench)
{
  LwCompareTraining *self = g_object_new (LW_TYPE_COMPARE_TRAINING, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "run-ended", G_CALLBACK (run_ended), self, G_CONNECT_SWAPPED);
  return self;
}

static void
lw_compare_training_finalize (GObject *object)
{
  clear (LW_COMPARE_TRAINING (object));
  G_OBJECT_CLASS (lw_compare_training_parent_class)->finalize (object);
}

static void
lw_compare_training_class_init (LwCompareTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_compare_training_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_compare_training_init (LwCompareTraining *self)
{
  (void)self;
}
