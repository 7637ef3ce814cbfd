#include "ui/workbench-private.h"

#include "engine/processors.h"
#include "engine/same_place.h"
#include "ui/devices.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (LwWorkbench, lw_workbench, G_TYPE_OBJECT)

enum {
  SELECTION_CHANGED,
  DRAFT_CHANGED,
  DATASET_CHANGED,
  RUN_STARTED,
  RUN_ENDED,
  LAYER_SELECTED,
  CLASSES_NAMED,
  COMPLAINED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
lw_workbench_finalize (GObject *object)
{
  LwWorkbench *self = LW_WORKBENCH (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  lw_workbench_forget_runs (self);
  g_ptr_array_unref (self->lists);
  g_clear_object (&self->live);
  g_clear_object (&self->run);
  g_clear_object (&self->runs);
  lw_workbench_clear_obstacle (self);
  g_clear_pointer (&self->history, lw_knob_history_free);
  g_clear_object (&self->variant);
  g_clear_object (&self->variants);
  g_clear_pointer (&self->variant_problems, g_ptr_array_unref);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  g_clear_pointer (&self->draft, lw_settings_free);
  lw_onnx_free (self->network); /* whose model the draft was of */
  g_strfreev (self->class_names);
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  g_free (self->dataset_name);
  g_free (self->dataset_error);
  g_free (self->device_text);
  g_free (self->default_device);
  G_OBJECT_CLASS (lw_workbench_parent_class)->finalize (object);
}

static void
lw_workbench_class_init (LwWorkbenchClass *klass)
{
  static const char *const names[] = { "selection-changed", "draft-changed", "dataset-changed",
                                       "run-started",       "run-ended",     "layer-selected",
                                       "classes-named",     "complained" };

  G_OBJECT_CLASS (klass)->finalize = lw_workbench_finalize;
  for (int i = 0; i < N_SIGNALS; i++) {
    const bool with_run = i == RUN_STARTED || i == RUN_ENDED;

    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, with_run || i == COMPLAINED ? 1 : 0,
                               with_run ? LW_TYPE_RUN_ITEM : G_TYPE_STRING);
  }
}

static void
lw_workbench_init (LwWorkbench *self)
{
  self->runs = g_list_store_new (LW_TYPE_RUN_ITEM);
  self->variants = g_list_store_new (LW_TYPE_VARIANT_ITEM);
  self->variant_problems = g_ptr_array_new_with_free_func (g_free);
  self->lists = g_ptr_array_new_with_free_func (lw_workbench_list_free);
  self->repeats = 1;
  self->by_folder = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&self->found);
  self->layer = LW_NO_NODE;
  self->block = -1;
  self->default_device = g_strdup ("auto");
}

void
lw_workbench_give_defaults (LwWorkbench *self, LwSettings *settings)
{
  g_free (settings->device);
  settings->device = g_strdup (self->default_device);
  settings->threads = self->default_threads;
}

void
lw_workbench_set_defaults (LwWorkbench *self, const char *device, int cores_free)
{
  const int threads = cores_free > 0 ? MAX (1, lw_processors () - cores_free) : 0;
  const bool as_before = g_str_equal (self->draft->device, self->default_device) &&
                         self->draft->threads == self->default_threads;

  if (g_str_equal (device, self->default_device) && threads == self->default_threads)
    return;
  g_free (self->default_device);
  self->default_device = g_strdup (device);
  self->default_threads = threads;
  if (!as_before)
    return;
  lw_workbench_give_defaults (self, self->draft);
  lw_workbench_draft_changed (self);
}

/* Makes a fresh draft and its graph; the book's values always build, and those of a variant. */
static void
make_draft (LwWorkbench *self, const LwOptions *options)
{
  const bool keep_data = self->draft != NULL;
  g_autofree char *data = keep_data ? g_strdup (self->draft->data) : NULL;

  g_clear_pointer (&self->draft, lw_settings_free);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  self->draft = lw_settings_new (lw_options_copy (options));
  if (data != NULL) {
    g_free (self->draft->data);
    self->draft->data = g_steal_pointer (&data);
  }
  self->quick = false;
  lw_workbench_give_defaults (self, self->draft);
  lw_workbench_forget_lists (self, NULL);
  lw_workbench_fit_to_data (self, self->draft);
  self->draft_graph = lw_model_build (self->draft->options, NULL);
  g_clear_object (&self->variant);
  lw_workbench_forget_knobs (self);
}

static void
make_book_draft (LwWorkbench *self, const LwModel *model)
{
  g_autoptr (LwOptions) book = lw_options_new (model);

  make_draft (self, book);
}

LwWorkbench *
lw_workbench_new (const LwBackend *const *backends)
{
  LwWorkbench *self = g_object_new (LW_TYPE_WORKBENCH, NULL);

  self->backends = backends;
  self->device_text = lw_device_text (lw_first_backend (backends), 0);
  make_book_draft (self, lw_model (0));
  lw_workbench_read_variants (self);
  self->queue = lw_run_queue_new (self);
  lw_workbench_watch_runs (self);
  lw_workbench_load_data (self, self->draft->data);
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

/* Takes the selection away from a run; its statistics and records can be read again. */
static void
leave_run (LwWorkbench *self)
{
  if (self->run != NULL) {
    lw_run_item_forget_bn_history (self->run);
    lw_run_item_forget_records (self->run);
  }
  g_clear_object (&self->run);
}

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
  const bool same = lw_options_model (self->draft->options) == model && self->variant == NULL;

  if (self->run == NULL && same)
    return;
  leave_run (self);
  if (!same)
    make_book_draft (self, model);
  selection_changed (self);
}

void
lw_workbench_take_options (LwWorkbench *self, const LwOptions *options, LwVariantItem *variant)
{
  leave_run (self);
  make_draft (self, options);
  g_set_object (&self->variant, variant);
  self->layer = LW_NO_NODE;
  self->block = -1;
  lw_workbench_draft_changed (self);
  selection_changed (self);
}

void
lw_workbench_select_draft (LwWorkbench *self)
{
  const LwModel *model = lw_workbench_model (self);

  if (self->run == NULL)
    return;
  leave_run (self);
  if (lw_options_model (self->draft->options) != model)
    make_book_draft (self, model);
  selection_changed (self);
}

void
lw_workbench_select_run (LwWorkbench *self, LwRunItem *run)
{
  if (self->run == run)
    return;
  leave_run (self);
  self->run = run != NULL ? g_object_ref (run) : NULL;
  selection_changed (self);
}

void
lw_workbench_emit_run (LwWorkbench *self, LwRunItem *run, bool started)
{
  g_signal_emit (self, signals[started ? RUN_STARTED : RUN_ENDED], 0, run);
}

void
lw_workbench_complain (LwWorkbench *self, const char *sentence)
{
  g_signal_emit (self, signals[COMPLAINED], 0, sentence);
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

void
lw_workbench_draft_changed (LwWorkbench *self)
{
  g_signal_emit (self, signals[DRAFT_CHANGED], 0);
}

/* The same network with other knobs has other numbers for its layers: what is marked follows. */
static void
follow_marks (LwWorkbench *self, LwGraph *before, LwGraph *after, LwNodeId *ret_layer,
              LwBlockId *ret_block)
{
  g_autofree LwNodeId *nodes = lw_same_nodes (before, after);
  g_autofree LwBlockId *blocks = lw_same_blocks (before, after);

  *ret_layer = self->layer >= 0 ? nodes[self->layer] : LW_NO_NODE;
  *ret_block = self->block >= 0 ? blocks[self->block] : -1;
}

bool
lw_workbench_adopt (LwWorkbench *self, LwSettings *settings, GError **error)
{
  LwGraph *graph = lw_model_build (settings->options, error);
  LwNodeId layer = LW_NO_NODE;
  LwBlockId block = -1;

  if (graph == NULL) {
    lw_settings_free (settings);
    return false;
  }
  if (self->run == NULL &&
      lw_options_model (settings->options) == lw_options_model (self->draft->options))
    follow_marks (self, self->draft_graph, graph, &layer, &block);
  else
    g_clear_object (&self->variant);
  g_clear_pointer (&self->draft, lw_settings_free);
  g_clear_pointer (&self->draft_graph, lw_graph_unref);
  self->draft = settings;
  self->draft_graph = graph;
  if (self->run == NULL) { /* before anybody hears of the graph */
    self->layer = layer;
    self->block = block;
  }
  lw_workbench_clear_obstacle (self);
  lw_workbench_note_knobs (self);
  if (g_strcmp0 (self->dataset_name, settings->data) != 0)
    lw_workbench_load_data (self, settings->data);
  lw_workbench_draft_changed (self);
  if (self->run == NULL)
    g_signal_emit (self, signals[SELECTION_CHANGED], 0);
  return true;
}

bool
lw_workbench_set (LwWorkbench *self, const char *field, const char *value, GError **error)
{
  if (lw_sweep_is_list (field, value))
    return lw_workbench_set_list (self, field, value, error);
  lw_workbench_forget_lists (self, field);
  return lw_workbench_set_value (self, field, value, error);
}

bool
lw_workbench_set_value (LwWorkbench *self, const char *field, const char *value, GError **error)
{
  static const char *const shape_fields[] = { "resize", "input", "classes", "set", NULL };
  g_autoptr (LwSettings) changed = lw_settings_copy (self->draft);

  if (!lw_settings_set (changed, field, value, error))
    return false;
  if (g_strv_contains (shape_fields, field) || g_str_equal (field, "data"))
    return lw_workbench_adopt (self, g_steal_pointer (&changed), error);
  lw_settings_free (self->draft);
  self->draft = g_steal_pointer (&changed);
  g_signal_emit (self, signals[DRAFT_CHANGED], 0);
  return true;
}

void
lw_workbench_use_settings (LwWorkbench *self, const LwSettings *settings)
{
  LwSettings *copy = lw_settings_copy (settings); /* they may be the run's, which goes */

  leave_run (self);
  self->quick = false;
  lw_workbench_forget_lists (self, NULL);
  self->layer = LW_NO_NODE;
  self->block = -1;
  if (self->variant != NULL &&
      !lw_options_equal (lw_variant_item_variant (self->variant)->options, copy->options))
    g_clear_object (&self->variant);
  lw_workbench_adopt (self, copy, NULL);
}
