#include "ui/memory-planner.h"

#include "engine/device_choice.h"

struct _LwMemoryPlanner {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwGraph *graph;
  int backend; /* of the workbench's */
  LwMemoryDevice device;
  int32_t batch;
  bool active;
  bool due; /* the use is not of what is asked for now */

  LwMemoryUse *use;
  char *error;
  guint planning; /* the source that makes the next plan; 0: it is made */

  LwMemorySearch *search;
  guint searching;
  int64_t available;
  int32_t largest[LW_N_MODES];

  /* What the settings said last: another value there is taken over, what was tried here stays. */
  int32_t settings_batch, settings_slots;
  char *settings_device;
  LwPrecision settings_precision;
};

enum { PLANNED, LIMITS, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LwMemoryPlanner, lw_memory_planner, G_TYPE_OBJECT)

/* --- the plan ----------------------------------------------------------------------------------
 */

static gboolean
make_plan (gpointer data)
{
  LwMemoryPlanner *self = LW_MEMORY_PLANNER (data);
  LwMemoryUse *before = self->use;
  g_autoptr (GError) error = NULL;

  self->planning = 0;
  self->due = false;
  g_clear_pointer (&self->error, g_free);
  self->use = lw_memory_use_new (self->graph, &self->device, self->batch, &error);
  if (self->use == NULL)
    self->error = g_strdup (error->message);
  g_signal_emit (self, signals[PLANNED], 0);
  lw_memory_use_free (before);
  return G_SOURCE_REMOVE;
}

/* Before the frame that follows, however often it is asked for until then. */
static void
plan_soon (LwMemoryPlanner *self)
{
  self->due = true;
  if (self->active && self->planning == 0)
    self->planning = g_idle_add_full (G_PRIORITY_HIGH_IDLE, make_plan, self, NULL);
}

void
lw_memory_planner_plan_now (LwMemoryPlanner *self)
{
  if (!self->due)
    return;
  g_clear_handle_id (&self->planning, g_source_remove);
  make_plan (self);
}

/* --- the search ---------------------------------------------------------------------------------
 */

static void
stop_search (LwMemoryPlanner *self)
{
  g_clear_handle_id (&self->searching, g_source_remove);
  g_clear_pointer (&self->search, lw_memory_search_free);
}

static gboolean
search_on (gpointer data)
{
  LwMemoryPlanner *self = LW_MEMORY_PLANNER (data);

  if (lw_memory_search_step (self->search))
    return G_SOURCE_CONTINUE;
  for (int mode = 0; mode < LW_N_MODES; mode++)
    self->largest[mode] = lw_memory_search_answer (self->search, (LwMode)mode);
  self->searching = 0;
  stop_search (self);
  g_signal_emit (self, signals[LIMITS], 0);
  return G_SOURCE_REMOVE;
}

static void
search_again (LwMemoryPlanner *self)
{
  if (!self->active)
    return;
  stop_search (self);
  for (int mode = 0; mode < LW_N_MODES; mode++)
    self->largest[mode] = -1;
  self->available = lw_memory_available (&self->device);
  if (self->available >= 0)
    self->search = lw_memory_search_new (self->graph, &self->device, self->available, NULL);
  if (self->search != NULL)
    self->searching = g_idle_add_full (G_PRIORITY_LOW, search_on, self, NULL);
  else
    g_signal_emit (self, signals[LIMITS], 0);
}

static void
all_again (LwMemoryPlanner *self)
{
  plan_soon (self);
  search_again (self);
}

/* --- what is asked -----------------------------------------------------------------------------
 */

static void
use_backend (LwMemoryPlanner *self, int index, int device_index)
{
  self->backend = index;
  self->device.backend = lw_workbench_backends (self->workbench)[index];
  self->device.index = device_index;
}

/* The device of the settings; the first one where it does not work. */
static void
choose_backend (LwMemoryPlanner *self, const char *device)
{
  const LwBackend *const *backends = lw_workbench_backends (self->workbench);
  int device_index = 0;
  const LwBackend *chosen = lw_device_choose (backends, device, &device_index, NULL);

  for (int i = 0; backends[i] != NULL; i++)
    if (backends[i] == chosen) {
      use_backend (self, i, device_index);
      return;
    }
  use_backend (self, 0, 0);
}

static int32_t
slots_of (const LwSettings *settings)
{
  return settings->optimizer == LW_OPTIMIZER_ADAM ? 2 : settings->momentum > 0 ? 1 : 0;
}

/* Of the images that a run of these settings trains and tests with, where its data is loaded. */
static int64_t
data_bytes_of (LwMemoryPlanner *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const LwDataset *dataset = lw_workbench_dataset (self->workbench);
  const int32_t limits[] = { settings->limit_train, settings->limit_test };
  int64_t images = 0;

  for (int split = 0; dataset != NULL && split < 2; split++) {
    const int32_t all = lw_dataset_size (dataset, (LwSplit)split);

    images += limits[split] > 0 ? MIN (limits[split], all) : all;
  }
  return dataset == NULL
             ? 0
             : images * (1 + (int64_t)lw_dataset_channels (dataset) * lw_dataset_height (dataset) *
                                 lw_dataset_width (dataset));
}

/* Takes over what differs from what the settings said before; all of them for another network. */
static bool
follow_settings (LwMemoryPlanner *self, bool all)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  const int32_t slots = slots_of (settings);
  const int64_t data_bytes = data_bytes_of (self);
  bool other = all || data_bytes != self->device.data_bytes;

  self->device.data_bytes = data_bytes;

  if (all || settings->batch != self->settings_batch) {
    self->batch = CLAMP (settings->batch, 1, LW_LARGEST_BATCH);
    other = true;
  }
  if (all || slots != self->settings_slots) {
    self->device.optimizer_slots = slots;
    other = true;
  }
  if (all || g_strcmp0 (settings->device, self->settings_device) != 0 ||
      settings->precision != self->settings_precision ||
      settings->threads != self->device.options.threads) {
    choose_backend (self, settings->device);
    self->device.options.threads = settings->threads;
    self->device.options.precision = settings->precision;
    other = true;
  }
  self->settings_batch = settings->batch;
  self->settings_slots = slots;
  self->settings_precision = settings->precision;
  g_free (self->settings_device);
  self->settings_device = g_strdup (settings->device);
  return other;
}

static void
settings_changed (LwMemoryPlanner *self)
{
  if (follow_settings (self, false))
    all_again (self);
}

static void
selection_changed (LwMemoryPlanner *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool other =
      self->graph == NULL || g_strcmp0 (lw_graph_title (self->graph), lw_graph_title (graph)) != 0;

  if (graph == self->graph) {
    settings_changed (self);
    return;
  }
  if (self->graph != NULL)
    lw_graph_unref (self->graph);
  self->graph = lw_graph_ref (graph);
  follow_settings (self, other);
  all_again (self);
}

void
lw_memory_planner_set_active (LwMemoryPlanner *self, bool active)
{
  if (self->active == active)
    return;
  self->active = active;
  if (active) {
    all_again (self);
  } else {
    g_clear_handle_id (&self->planning, g_source_remove);
    stop_search (self);
  }
}

void
lw_memory_planner_set_batch (LwMemoryPlanner *self, int32_t batch)
{
  batch = CLAMP (batch, 1, LW_LARGEST_BATCH);
  if (self->batch == batch)
    return;
  self->batch = batch;
  plan_soon (self);
}

void
lw_memory_planner_set_slots (LwMemoryPlanner *self, int32_t slots)
{
  if (self->device.optimizer_slots == slots)
    return;
  self->device.optimizer_slots = slots;
  all_again (self);
}

void
lw_memory_planner_set_backend (LwMemoryPlanner *self, int index)
{
  if (self->backend == index)
    return;
  use_backend (self, index, 0);
  all_again (self);
}

/* --- answers -----------------------------------------------------------------------------------
 */

const LwMemoryUse *
lw_memory_planner_use (LwMemoryPlanner *self)
{
  return self->use;
}

const char *
lw_memory_planner_error (LwMemoryPlanner *self)
{
  return self->error;
}

int32_t
lw_memory_planner_batch (LwMemoryPlanner *self)
{
  return self->batch;
}

int32_t
lw_memory_planner_slots (LwMemoryPlanner *self)
{
  return self->device.optimizer_slots;
}

int
lw_memory_planner_backend (LwMemoryPlanner *self)
{
  return self->backend;
}

int64_t
lw_memory_planner_available (LwMemoryPlanner *self)
{
  return self->available;
}

int32_t
lw_memory_planner_largest (LwMemoryPlanner *self, LwMode mode)
{
  return self->largest[mode];
}

/* --- set-up ------------------------------------------------------------------------------------
 */

LwMemoryPlanner *
lw_memory_planner_new (LwWorkbench *workbench)
{
  LwMemoryPlanner *self = g_object_new (LW_TYPE_MEMORY_PLANNER, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "draft-changed", G_CALLBACK (settings_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (settings_changed), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  return self;
}

static void
lw_memory_planner_finalize (GObject *object)
{
  LwMemoryPlanner *self = LW_MEMORY_PLANNER (object);

  g_clear_handle_id (&self->planning, g_source_remove);
  stop_search (self);
  lw_memory_use_free (self->use);
  lw_graph_unref (self->graph);
  g_free (self->error);
  g_free (self->settings_device);
  G_OBJECT_CLASS (lw_memory_planner_parent_class)->finalize (object);
}

static void
lw_memory_planner_class_init (LwMemoryPlannerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_memory_planner_finalize;
  signals[PLANNED] = g_signal_new ("planned", LW_TYPE_MEMORY_PLANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[LIMITS] = g_signal_new ("limits", LW_TYPE_MEMORY_PLANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_memory_planner_init (LwMemoryPlanner *self)
{
  self->available = -1;
  for (int mode = 0; mode < LW_N_MODES; mode++)
    self->largest[mode] = -1;
}
