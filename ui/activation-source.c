#include "ui/activation-source.h"

#include "ui/activation-source-private.h"
#include "ui/devices.h"
#include "ui/workbench-viewer.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (LwActivationSource, lw_activation_source, G_TYPE_OBJECT)

enum { UPDATED, MOMENTS_CHANGED, FOUND, N_SIGNALS };
static guint signals[N_SIGNALS];

static void ask (LwActivationSource *self);

static void
emit_updated (LwActivationSource *self)
{
  g_signal_emit (self, signals[UPDATED], 0);
}

/* --- the picture ---------------------------------------------------------------------------------
 */

static bool
example_input (LwActivationSource *self, LwShape shape)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);

  if (dataset == NULL) {
    if (lw_workbench_network (self->workbench) != NULL)
      self->problem = g_strdup (_ ("Open a picture, drop one here, or choose a data set: the "
                                   "network says what it takes it for."));
    return false;
  }
  if (lw_dataset_channels (dataset) != shape.c) {
    self->problem =
        g_strdup_printf (_ ("This network reads images with %d channel(s); those of %s have %d."),
                         shape.c, lw_dataset_name (dataset), lw_dataset_channels (dataset));
    return false;
  }
  self->image = CLAMP (self->image, 0, lw_dataset_size (dataset, self->split) - 1);
  lw_resize (lw_dataset_image (dataset, self->split, self->image), shape.c,
             lw_dataset_height (dataset), lw_dataset_width (dataset), self->input, shape.h,
             shape.w);
  return true;
}

/* A file's network does not say what it was trained on, so that it is chosen. */
static LwPictureFit
fit_now (LwActivationSource *self)
{
  return lw_workbench_network (self->workbench) != NULL
             ? self->fit
             : lw_dataset_picture_fit (lw_workbench_dataset (self->workbench));
}

static bool
own_input (LwActivationSource *self, LwShape shape)
{
  if (lw_own_picture_convert (self->own, shape, fit_now (self), self->invert, self->input))
    return true;
  self->problem = lw_own_picture_problem (shape.c);
  return false;
}

/* The picture as the network reads it; without one there is a problem, or no data set yet. */
static void
make_input (LwActivationSource *self)
{
  const LwShape shape = lw_graph_input_shape (lw_workbench_graph (self->workbench));

  g_clear_pointer (&self->problem, g_free);
  if (self->input != NULL && lw_shape_equal (shape, self->input_shape))
    return;
  g_free (self->input);
  self->input = g_new (float, lw_shape_size (shape));
  self->input_shape = shape;
  self->picture++;
  if (!(self->own != NULL ? own_input (self, shape) : example_input (self, shape)))
    g_clear_pointer (&self->input, g_free);
}

static void
picture_changed (LwActivationSource *self)
{
  g_clear_pointer (&self->input, g_free);
  ask (self);
}

void
lw_activation_source_set_example (LwActivationSource *self, LwSplit split, int32_t index)
{
  if (index == self->image && split == self->split && self->own == NULL)
    return;
  self->split = split;
  self->image = index;
  g_clear_pointer (&self->own, lw_own_picture_unref);
  picture_changed (self);
}

void
lw_activation_source_set_image (LwActivationSource *self, int32_t index)
{
  lw_activation_source_set_example (self, LW_SPLIT_TEST, index);
}

int32_t
lw_activation_source_image (LwActivationSource *self)
{
  return self->image;
}

void
lw_activation_source_set_own (LwActivationSource *self, LwOwnPicture *picture, bool invert)
{
  if (picture == NULL && self->own == NULL)
    return;
  if (picture != NULL)
    lw_own_picture_ref (picture);
  g_clear_pointer (&self->own, lw_own_picture_unref);
  self->own = picture;
  self->invert = invert;
  picture_changed (self);
}

void
lw_activation_source_set_fit (LwActivationSource *self, LwPictureFit fit)
{
  if (self->fit == fit)
    return;
  self->fit = fit;
  if (self->own != NULL)
    picture_changed (self);
}

LwOwnPicture *
lw_activation_source_own (LwActivationSource *self)
{
  return self->own;
}

const float *
lw_activation_source_input (LwActivationSource *self)
{
  return self->input;
}

/* --- the moment ----------------------------------------------------------------------------------
 */

/* The chosen moment stays the same one, whatever its new index; or the best, where it is gone. */
static void
moments_changed (LwActivationSource *self)
{
  if (self->workbench == NULL)
    return;
  if (self->moment >= 0)
    self->moment = lw_run_moments_find (self->moments, self->moment_step);
  g_signal_emit (self, signals[MOMENTS_CHANGED], 0);
  if (self->probe == NULL || !lw_activation_source_is_live (self))
    ask (self);
}

LwRunMoments *
lw_activation_source_moments (LwActivationSource *self)
{
  return self->moments;
}

static int
n_moments (LwActivationSource *self)
{
  GPtrArray *moments = lw_run_moments_get (self->moments);

  return moments != NULL ? (int)moments->len : 0;
}

static const LwWeightsMoment *
moment_at (LwActivationSource *self, int index)
{
  return index >= 0 ? g_ptr_array_index (lw_run_moments_get (self->moments), index) : NULL;
}

static int
best_moment (LwActivationSource *self)
{
  const int n = n_moments (self);

  for (int i = 0; i < n; i++)
    if (moment_at (self, i)->best)
      return i;
  return n - 1; /* stopped in its first epoch: its last weights */
}

int
lw_activation_source_moment (LwActivationSource *self)
{
  return self->moment >= 0 || lw_activation_source_is_live (self) ? self->moment
                                                                  : best_moment (self);
}

void
lw_activation_source_set_moment (LwActivationSource *self, int index)
{
  if (index >= n_moments (self) || index == self->moment)
    return;
  self->moment = index;
  self->moment_step = index >= 0 ? moment_at (self, index)->step : 0;
  ask (self);
}

bool
lw_activation_source_is_live (LwActivationSource *self)
{
  return self->run != NULL && self->moment < 0 && lw_run_item_is_live (self->run);
}

/* --- asking --------------------------------------------------------------------------------------
 */

/* What the moment means as a question; for a live run's present its newest saved weights. */
static LwLookWanted
wanted_now (LwActivationSource *self)
{
  const LwWeightsMoment *moment =
      moment_at (self, self->moment >= 0 ? self->moment : best_moment (self));

  return (LwLookWanted){ .weights = moment != NULL ? moment->path : NULL,
                         .seed = lw_workbench_settings (self->workbench)->seed,
                         .picture = self->picture,
                         .input = self->input,
                         .layer = lw_activation_parameters_of (self),
                         .row = lw_activation_row (self) };
}

static void
looked (LwLooker *looker, LwActivationSource *self)
{
  if (looker == self->looker && !lw_activation_source_is_live (self))
    emit_updated (self);
}

static void
searched (LwLooker *looker, int found, LwActivationSource *self)
{
  if (looker != self->looker)
    return;
  g_signal_emit (self, signals[FOUND], 0, found);
  /* It may have taken the place of a picture that waited. */
  if (self->workbench != NULL && !lw_activation_source_is_live (self) &&
      !lw_looker_is_busy (looker) && !lw_looker_is_searching (looker))
    ask (self);
}

static void
forget_looker (LwActivationSource *self)
{
  g_autoptr (LwLooker) looker = g_steal_pointer (&self->looker);
  const bool searching = looker != NULL && lw_looker_is_searching (looker);

  if (looker != NULL)
    lw_looker_stop (looker);
  if (searching && self->workbench != NULL)
    g_signal_emit (self, signals[FOUND], 0, LW_SEARCH_GIVEN_UP);
}

static void
need_looker (LwActivationSource *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const LwBackend *backend = lw_first_backend (lw_workbench_backends (self->workbench));
  LwOnnxNetwork *network = lw_workbench_network (self->workbench);

  if (self->looker != NULL)
    return;
  self->looker = network != NULL ? lw_looker_new_onnx (graph, backend, network)
                                 : lw_looker_new (graph, backend);
  g_signal_connect_object (self->looker, "looked", G_CALLBACK (looked), self, 0);
  g_signal_connect_object (self->looker, "searched", G_CALLBACK (searched), self, 0);
}

static LwNodeId
first_layer (LwGraph *graph)
{
  LwNodeId convolution = LW_NO_NODE;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (lw_op_info (node->op)->kind == LW_KIND_ACTIVATION && !node->shape.flat)
      return id;
    if (node->op == LW_OP_CONV2D && convolution == LW_NO_NODE)
      convolution = id;
  }
  return convolution != LW_NO_NODE ? convolution : lw_graph_output (graph);
}

/* Asks for all that is shown, of the trainer or of files. */
static void
ask (LwActivationSource *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);

  lw_activation_live_end (self);
  if (self->layer == LW_NO_NODE || self->layer >= lw_graph_n_nodes (graph))
    self->layer = first_layer (graph);
  if (self->active) {
    make_input (self);
    if (self->input != NULL && lw_activation_source_is_live (self)) {
      lw_activation_live_begin (self);
    } else if (self->input != NULL &&
               (self->run == NULL || lw_run_moments_get (self->moments) != NULL)) {
      const LwLookWanted wanted = wanted_now (self);

      need_looker (self);
      lw_looker_ask (self->looker, &wanted);
    }
  }
  emit_updated (self);
}

void
lw_activation_source_find_mistake (LwActivationSource *self, int by, int32_t only_of_class)
{
  LwDataset *dataset = lw_workbench_dataset (self->workbench);
  LwLookWanted wanted;

  if (self->input == NULL || dataset == NULL ||
      (self->run != NULL && lw_run_moments_get (self->moments) == NULL) ||
      lw_dataset_channels (dataset) != self->input_shape.c)
    return;
  wanted = wanted_now (self);
  need_looker (self);
  lw_looker_search (self->looker, &wanted, dataset, self->split, self->image, by, only_of_class);
}

static void
selection_changed (LwActivationSource *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  lw_activation_live_end (self);
  g_set_object (&self->run, run);
  lw_run_moments_set_run (self->moments, run);
  forget_looker (self);
  g_clear_pointer (&self->input, g_free);
  self->moment = -1;
  self->layer = self->parameters_of = LW_NO_NODE;
  self->row = LW_ALL_ROWS;
  g_signal_emit (self, signals[MOMENTS_CHANGED], 0);
  ask (self);
}

void
lw_activation_source_set_layer (LwActivationSource *self, LwNodeId layer)
{
  if (layer == self->layer)
    return;
  self->layer = layer;
  ask (self);
}

void
lw_activation_source_set_parameters_of (LwActivationSource *self, LwNodeId node)
{
  const LwNodeId before = lw_activation_parameters_of (self);

  self->parameters_of = node;
  if (lw_activation_parameters_of (self) != before)
    ask (self);
}

void
lw_activation_source_set_row (LwActivationSource *self, int32_t row)
{
  const int32_t before = lw_activation_row (self);

  self->row = row;
  if (lw_activation_row (self) == before)
    return;
  if (self->probe != NULL && before != LW_ALL_ROWS && row != LW_ALL_ROWS)
    lw_activation_live_change_row (self);
  else
    ask (self);
}

LwNodeId
lw_activation_source_layer (LwActivationSource *self)
{
  return self->layer;
}

void
lw_activation_source_set_others (LwActivationSource *self, const LwNodeId *nodes, int n)
{
  n = MIN (n, LW_MOST_OTHERS);
  if (n == self->n_others && memcmp (nodes, self->others, sizeof *nodes * (gsize)n) == 0)
    return;
  memcpy (self->others, nodes, sizeof *nodes * (gsize)n);
  self->n_others = n;
  if (lw_activation_source_is_live (self))
    ask (self);
}

void
lw_activation_source_set_active (LwActivationSource *self, bool active)
{
  if (self->active == active)
    return;
  self->active = active;
  lw_run_moments_set_active (self->moments, active);
  ask (self);
}

/* --- set-up --------------------------------------------------------------------------------------
 */

static void
lw_activation_source_dispose (GObject *object)
{
  LwActivationSource *self = LW_ACTIVATION_SOURCE (object);

  self->active = false;
  lw_activation_live_end (self);
  g_clear_weak_pointer (&self->workbench);
  lw_run_moments_set_run (self->moments, NULL);
  forget_looker (self);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (lw_activation_source_parent_class)->dispose (object);
}

static void
lw_activation_source_finalize (GObject *object)
{
  LwActivationSource *self = LW_ACTIVATION_SOURCE (object);

  g_clear_pointer (&self->own, lw_own_picture_unref);
  g_clear_object (&self->moments);
  g_free (self->input);
  g_free (self->problem);
  G_OBJECT_CLASS (lw_activation_source_parent_class)->finalize (object);
}

static void
lw_activation_source_class_init (LwActivationSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_activation_source_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_activation_source_finalize;
  signals[UPDATED] = g_signal_new ("updated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[MOMENTS_CHANGED] = g_signal_new ("moments-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FOUND] = g_signal_new ("found", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_activation_source_init (LwActivationSource *self)
{
  self->layer = self->parameters_of = LW_NO_NODE;
  self->moment = -1;
  self->split = LW_SPLIT_TEST;
  self->moments = lw_run_moments_new ();
  g_signal_connect_object (self->moments, "changed", G_CALLBACK (moments_changed), self,
                           G_CONNECT_SWAPPED);
}

LwActivationSource *
lw_activation_source_new (LwWorkbench *workbench)
{
  LwActivationSource *self = g_object_new (LW_TYPE_ACTIVATION_SOURCE, NULL);

  g_set_weak_pointer (&self->workbench, workbench);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (picture_changed), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  return self;
}
