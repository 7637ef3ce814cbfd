#include "ui/workbench.h"

#include "ui/devices.h"

#include <glib/gi18n.h>

struct _LwWorkbench {
  GObject parent;
  const LwBackend *const *backends;
  char *device_text;
  GListStore *runs;

  LwSettings *draft; /* of the selected architecture */
  LwGraph *draft_graph;
  bool quick;
  LwRunItem *run; /* the selected run, or NULL */
  LwNodeId layer;
  LwBlockId block;

  LwDataset *dataset;
  char *dataset_name; /* what `dataset` was opened as, or is being opened as */
  char *dataset_error;
  GCancellable *loading;
};

G_DEFINE_FINAL_TYPE (LwWorkbench, lw_workbench, G_TYPE_OBJECT)

enum { SELECTION_CHANGED, DRAFT_CHANGED, DATASET_CHANGED, RUN_STARTED, LAYER_SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void load_dataset (LwWorkbench *self, const char *name);

static void
lw_workbench_finalize (GObject *object)
{
  LwWorkbench *self = LW_WORKBENCH (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->run);
  g_clear_object (&self->runs);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  g_clear_pointer (&self->draft, lw_settings_free);
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  g_free (self->dataset_name);
  g_free (self->dataset_error);
  g_free (self->device_text);
  G_OBJECT_CLASS (lw_workbench_parent_class)->finalize (object);
}

static void
lw_workbench_class_init (LwWorkbenchClass *klass)
{
  static const char *const names[] = { "selection-changed", "draft-changed", "dataset-changed",
                                       "run-started", "layer-selected" };

  G_OBJECT_CLASS (klass)->finalize = lw_workbench_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, i == RUN_STARTED ? 1 : 0, LW_TYPE_RUN_ITEM);
}

static void
lw_workbench_init (LwWorkbench *self)
{
  self->runs = g_list_store_new (LW_TYPE_RUN_ITEM);
  self->layer = LW_NO_NODE;
  self->block = -1;
}

/* Makes a fresh draft and its graph; the book's values always build. */
static void
make_draft (LwWorkbench *self, const LwModel *model)
{
  const bool keep_data = self->draft != NULL;
  g_autofree char *data = keep_data ? g_strdup (self->draft->data) : NULL;

  g_clear_pointer (&self->draft, lw_settings_free);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  self->draft = lw_settings_new (lw_options_new (model));
  if (data != NULL) {
    g_free (self->draft->data);
    self->draft->data = g_steal_pointer (&data);
  }
  self->quick = false;
  self->draft_graph = lw_model_build (self->draft->options, NULL);
}

static void
free_runs (gpointer runs)
{
  g_ptr_array_unref (runs);
}

static void
read_runs (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *folder = lw_runs_folder ();
  g_auto (GStrv) folders = lw_runs_list (folder);
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_run_free);

  (void)source;
  (void)task_data;
  (void)cancellable;
  for (int i = 0; folders[i] != NULL; i++) {
    LwRun *run = lw_run_open (folders[i], NULL);

    if (run != NULL)
      g_ptr_array_add (runs, run);
  }
  g_task_return_pointer (task, runs, free_runs);
}

static void
runs_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LwWorkbench *self = LW_WORKBENCH (source);
  g_autoptr (GPtrArray) runs = g_task_propagate_pointer (G_TASK (result), NULL);

  (void)data;
  g_ptr_array_set_free_func (runs, NULL); /* the items take them over */
  for (guint i = 0; i < runs->len; i++) {
    g_autoptr (LwRunItem) item = lw_run_item_new_saved (runs->pdata[i]);

    g_list_store_append (self->runs, item);
  }
}

LwWorkbench *
lw_workbench_new (const LwBackend *const *backends)
{
  LwWorkbench *self = g_object_new (LW_TYPE_WORKBENCH, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, runs_read, NULL);

  self->backends = backends;
  self->device_text = lw_device_text (lw_first_backend (backends));
  make_draft (self, lw_model (0));
  g_task_run_in_thread (task, read_runs);
  load_dataset (self, self->draft->data);
  return self;
}

const LwBackend *const *
lw_workbench_backends (LwWorkbench *self)
{
  return self->backends;
}

const char *
lw_workbench_device_text (LwWorkbench *self)
{
  return self->device_text;
}

GListModel *
lw_workbench_runs (LwWorkbench *self)
{
  return G_LIST_MODEL (self->runs);
}

/* --- selection
 * ------------------------------------------------------------------------------------- */

static void
selection_changed (LwWorkbench *self)
{
  self->layer = LW_NO_NODE;
  self->block = -1;
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

void
lw_workbench_select_model (LwWorkbench *self, const LwModel *model)
{
  if (self->run == NULL && lw_options_model (self->draft->options) == model)
    return;
  g_clear_object (&self->run);
  if (lw_options_model (self->draft->options) != model)
    make_draft (self, model);
  selection_changed (self);
}

void
lw_workbench_select_run (LwWorkbench *self, LwRunItem *run)
{
  if (g_set_object (&self->run, run))
    selection_changed (self);
}

const LwModel *
lw_workbench_model (LwWorkbench *self)
{
  return lw_options_model (lw_workbench_settings (self)->options);
}

LwRunItem *
lw_workbench_run (LwWorkbench *self)
{
  return self->run;
}

LwGraph *
lw_workbench_graph (LwWorkbench *self)
{
  return self->run != NULL ? lw_run_item_graph (self->run) : self->draft_graph;
}

const LwSettings *
lw_workbench_settings (LwWorkbench *self)
{
  return self->run != NULL ? lw_run_item_settings (self->run) : self->draft;
}

LwNodeId
lw_workbench_layer (LwWorkbench *self)
{
  return self->layer;
}

LwBlockId
lw_workbench_block (LwWorkbench *self)
{
  return self->block;
}

void
lw_workbench_select_layer (LwWorkbench *self, LwNodeId node)
{
  if (self->layer == node && self->block == -1)
    return;
  self->layer = node;
  self->block = -1;
  g_signal_emit (self, signals[LAYER_SELECTED], 0);
}

void
lw_workbench_select_block (LwWorkbench *self, LwBlockId block)
{
  if (self->block == block)
    return;
  self->layer = LW_NO_NODE;
  self->block = block;
  g_signal_emit (self, signals[LAYER_SELECTED], 0);
}

/* --- draft
 * ----------------------------------------------------------------------------------------- */

/* Takes `settings` for the draft when its graph builds. */
static bool
adopt_draft (LwWorkbench *self, LwSettings *settings, GError **error)
{
  LwGraph *graph = lw_model_build (settings->options, error);

  if (graph == NULL) {
    lw_settings_free (settings);
    return false;
  }
  g_clear_pointer (&self->draft, lw_settings_free);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  self->draft = settings;
  self->draft_graph = graph;
  if (g_strcmp0 (self->dataset_name, settings->data) != 0)
    load_dataset (self, settings->data);
  g_signal_emit (self, signals[DRAFT_CHANGED], 0);
  if (self->run == NULL)
    selection_changed (self);
  return true;
}

bool
lw_workbench_set (LwWorkbench *self, const char *field, const char *value, GError **error)
{
  static const char *const shape_fields[] = { "resize", "input", "classes", "set", NULL };
  g_autoptr (LwSettings) changed = lw_settings_copy (self->draft);

  if (!lw_settings_set (changed, field, value, error))
    return false;
  if (g_strv_contains (shape_fields, field) || g_str_equal (field, "data"))
    return adopt_draft (self, g_steal_pointer (&changed), error);
  lw_settings_free (self->draft);
  self->draft = g_steal_pointer (&changed);
  g_signal_emit (self, signals[DRAFT_CHANGED], 0);
  return true;
}

static void
use_recipe (LwWorkbench *self, bool quick)
{
  LwSettings *settings = lw_settings_new (lw_options_new (lw_workbench_model (self)));

  g_free (settings->data);
  settings->data = g_strdup (self->draft->data);
  if (quick)
    lw_settings_make_quick (settings);
  self->quick = quick;
  adopt_draft (self, settings, NULL);
}

void
lw_workbench_use_book (LwWorkbench *self)
{
  use_recipe (self, false);
}

void
lw_workbench_use_quick (LwWorkbench *self)
{
  use_recipe (self, true);
}

bool
lw_workbench_is_quick (LwWorkbench *self)
{
  return self->quick;
}

void
lw_workbench_use_settings (LwWorkbench *self, const LwSettings *settings)
{
  g_clear_object (&self->run);
  self->quick = false;
  adopt_draft (self, lw_settings_copy (settings), NULL);
}

/* --- data
 * ------------------------------------------------------------------------------------------ */

static void
open_dataset (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  LwDataset *dataset = lw_dataset_open (task_data, &error);

  (void)source;
  (void)cancellable;
  if (dataset != NULL)
    g_task_return_pointer (task, dataset, (GDestroyNotify)lw_dataset_unref);
  else
    g_task_return_error (task, error);
}

static void
dataset_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDataset) dataset = g_task_propagate_pointer (G_TASK (result), &error);
  LwWorkbench *self;

  (void)source;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* another set was asked for, or the workbench is gone */
  self = data;
  g_clear_object (&self->loading);
  self->dataset = g_steal_pointer (&dataset);
  if (error != NULL)
    self->dataset_error = g_strdup (error->message);
  g_signal_emit (self, signals[DATASET_CHANGED], 0);
}

static void
load_dataset (LwWorkbench *self, const char *name)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *copy = g_strdup (name);

  if (self->loading != NULL) {
    g_cancellable_cancel (self->loading);
    g_clear_object (&self->loading);
  }
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  g_clear_pointer (&self->dataset_error, g_free);
  g_free (self->dataset_name);
  self->dataset_name = g_strdup (copy);
  self->loading = g_cancellable_new ();
  task = g_task_new (NULL, self->loading, dataset_opened, self);
  g_task_set_task_data (task, g_steal_pointer (&copy), g_free);
  g_task_run_in_thread (task, open_dataset);
  g_signal_emit (self, signals[DATASET_CHANGED], 0);
}

LwDataset *
lw_workbench_dataset (LwWorkbench *self)
{
  return self->dataset;
}

const char *
lw_workbench_dataset_error (LwWorkbench *self)
{
  return self->dataset_error;
}

void
lw_workbench_use_data (LwWorkbench *self, const char *name_or_folder)
{
  g_autofree char *copy = g_strdup (name_or_folder);

  g_free (self->draft->data);
  self->draft->data = g_steal_pointer (&copy);
  load_dataset (self, self->draft->data);
  g_signal_emit (self, signals[DRAFT_CHANGED], 0);
}

/* --- runs
 * ------------------------------------------------------------------------------------------ */

LwRunItem *
lw_workbench_live_run (LwWorkbench *self)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));

  for (guint i = 0; i < n; i++) {
    g_autoptr (LwRunItem) item = g_list_model_get_item (G_LIST_MODEL (self->runs), i);

    if (lw_run_item_is_live (item))
      return item; /* the list keeps it */
  }
  return NULL;
}

static bool
may_start (LwWorkbench *self, GError **error)
{
  if (lw_workbench_live_run (self) != NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Another run is still training; stop it before starting this one."));
    return false;
  }
  if (self->dataset == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s",
                 self->dataset_error != NULL
                     ? self->dataset_error
                     : _ ("The data set is still being read; try again in a moment."));
    return false;
  }
  return true;
}

static LwRunItem *
start (LwWorkbench *self, LwTrainer *trainer, guint position)
{
  g_autoptr (LwRunItem) item = lw_run_item_new_live (trainer);

  g_list_store_insert (self->runs, position, item);
  lw_trainer_start (trainer);
  lw_workbench_select_run (self, item);
  g_signal_emit (self, signals[RUN_STARTED], 0, item);
  return item; /* the list keeps it */
}

LwRunItem *
lw_workbench_train (LwWorkbench *self, GError **error)
{
  LwTrainer *trainer;

  if (!may_start (self, error))
    return NULL;
  trainer = lw_trainer_new (self->draft, self->backends, self->dataset, NULL, error);
  return trainer != NULL ? start (self, trainer, 0) : NULL;
}

LwRunItem *
lw_workbench_continue (LwWorkbench *self, LwRunItem *run, int more_epochs, GError **error)
{
  const int epochs = lw_run_item_settings (run)->epochs + more_epochs;
  g_autofree char *folder = g_strdup (lw_run_item_folder (run));
  LwTrainer *trainer;
  guint position;

  if (!may_start (self, error))
    return NULL;
  lw_run_item_close (run); /* its trainer holds the folder */
  trainer = lw_trainer_resume (folder, self->backends, self->dataset, epochs, 0, error);
  if (trainer == NULL)
    return NULL;
  if (g_list_store_find (self->runs, run, &position))
    g_list_store_remove (self->runs, position);
  else
    position = 0;
  return start (self, trainer, position);
}

void
lw_workbench_tick (LwWorkbench *self)
{
  LwRunItem *live = lw_workbench_live_run (self);

  if (live != NULL)
    lw_run_item_sync (live);
}
