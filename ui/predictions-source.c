#include "ui/predictions-source.h"

#include <glib/gi18n.h>

struct _LwPredictionsSource {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it lives longer */
  LwRunItem *run;
  gulong synced_id;
  bool active;
  LwRecords *records; /* keeps `predictions` alive */
  LwPredictions *predictions;
  int64_t version; /* of the record that was read last */
  GArray *moments; /* of LwPredictionMoment */
  int moment, left_out;
  bool follows;
  LwPredictionSet *set;
  int32_t *counts;
  GStrv names;
  int32_t label, predicted, image;
};

G_DEFINE_FINAL_TYPE (LwPredictionsSource, lw_predictions_source, G_TYPE_OBJECT)

enum { MOMENTS_CHANGED, CHANGED, CELL_CHANGED, IMAGE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
forget_set (LwPredictionsSource *self)
{
  g_clear_pointer (&self->set, lw_prediction_set_free);
  g_clear_pointer (&self->counts, g_free);
}

static const LwPredictionMoment *
moment_at (LwPredictionsSource *self, int index)
{
  return &g_array_index (self->moments, LwPredictionMoment, (guint)index);
}

int
lw_predictions_source_best (LwPredictionsSource *self)
{
  int best = self->moments->len > 0 ? 0 : -1;

  for (guint i = 1; i < self->moments->len; i++)
    if (moment_at (self, (int)i)->correct > moment_at (self, best)->correct)
      best = (int)i;
  return best;
}

static void
name_classes (LwPredictionsSource *self)
{
  LwDataset *dataset = lw_predictions_source_dataset (self);
  const int32_t n = self->predictions != NULL ? lw_predictions_classes (self->predictions) : 0;

  g_strfreev (self->names);
  self->names = g_new0 (char *, n + 1);
  for (int32_t c = 0; c < n; c++)
    self->names[c] = dataset != NULL && c < lw_dataset_classes (dataset)
                         ? g_strdup (_ (lw_dataset_class_name (dataset, c)))
                         : g_strdup_printf ("%d", c);
}

/* The most frequent mistake is marked first: it is what a reader looks for. */
static void
mark_first_cell (LwPredictionsSource *self)
{
  const int32_t n = self->set->classes;
  int32_t most = 0;

  for (int32_t r = 0; r < n; r++)
    for (int32_t c = 0; c < n; c++) {
      const int32_t count = self->counts[(gsize)r * (gsize)n + (gsize)c];

      if (r != c && count > most) {
        most = count;
        self->label = r;
        self->predicted = c;
      }
    }
  if (self->label < 0)
    self->label = self->predicted = 0;
}

static void
read_set (LwPredictionsSource *self)
{
  forget_set (self);
  if (self->moment >= 0 && self->predictions != NULL)
    self->set = lw_predictions_get (self->predictions, moment_at (self, self->moment)->step);
  if (self->set != NULL) {
    self->counts = lw_prediction_set_confusion (self->set);
    if (self->label < 0 || self->label >= self->set->classes) {
      g_autofree int32_t *cell = NULL;
      int32_t n;

      mark_first_cell (self);
      cell = lw_prediction_set_cell (self->set, self->label, self->predicted, &n);
      self->image = n > 0 ? cell[0] : 0;
    }
    self->image = MIN (self->image, self->set->n - 1);
  }
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The moment of the same step as before, or the newest, or the best. */
static void
read_moments (LwPredictionsSource *self)
{
  const int64_t before = self->moment >= 0 ? moment_at (self, self->moment)->step : -1;
  const bool live = self->run != NULL && lw_run_item_is_live (self->run);

  g_array_unref (self->moments);
  self->moments = self->predictions != NULL
                      ? lw_predictions_moments (self->predictions)
                      : g_array_new (FALSE, FALSE, sizeof (LwPredictionMoment));
  self->left_out = self->predictions != NULL ? lw_predictions_left_out (self->predictions) : 0;
  self->moment = -1;
  for (guint i = 0; i < self->moments->len && !self->follows; i++)
    if (moment_at (self, (int)i)->step == before)
      self->moment = (int)i;
  if (self->moment < 0)
    self->moment = live ? (int)self->moments->len - 1 : lw_predictions_source_best (self);
  g_signal_emit (self, signals[MOMENTS_CHANGED], 0);
  read_set (self);
}

static void
sync_record (LwPredictionsSource *self)
{
  LwRecords *records;
  int64_t version;

  if (!self->active || self->run == NULL)
    return;
  records = lw_run_item_records (self->run);
  if (records != self->records) {
    g_clear_pointer (&self->records, lw_records_unref);
    self->records = records != NULL ? lw_records_ref (records) : NULL;
    self->predictions = records != NULL ? lw_records_predictions (records) : NULL;
    self->version = -1;
    name_classes (self);
  }
  version = lw_record_version ((LwRecord *)self->predictions);
  if (version != self->version) {
    self->version = version;
    read_moments (self);
  }
}

static void
let_go (LwPredictionsSource *self)
{
  if (self->run != NULL)
    g_clear_signal_handler (&self->synced_id, self->run);
  g_clear_object (&self->run);
  g_clear_pointer (&self->records, lw_records_unref);
  self->predictions = NULL;
  self->version = -1;
}

static void
selection_changed (LwPredictionsSource *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);

  if (run == self->run && run != NULL)
    return;
  let_go (self);
  self->label = self->predicted = -1;
  self->image = 0;
  self->moment = -1;
  self->follows = true;
  if (run != NULL) {
    self->run = g_object_ref (run);
    self->synced_id = g_signal_connect_swapped (run, "synced", G_CALLBACK (sync_record), self);
  }
  name_classes (self);
  read_moments (self);
  sync_record (self);
}

static void
dataset_changed (LwPredictionsSource *self)
{
  name_classes (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
lw_predictions_source_set_active (LwPredictionsSource *self, bool active)
{
  self->active = active;
  sync_record (self);
}

void
lw_predictions_source_reload (LwPredictionsSource *self)
{
  if (self->run == NULL)
    return;
  lw_run_item_forget_records (self->run);
  sync_record (self);
}

LwPredictionsState
lw_predictions_source_state (LwPredictionsSource *self)
{
  if (self->run == NULL)
    return LW_PREDICTIONS_NO_RUN;
  if (self->set != NULL)
    return LW_PREDICTIONS_THERE;
  if (self->records == NULL)
    return LW_PREDICTIONS_READING;
  return lw_run_item_is_live (self->run) ? LW_PREDICTIONS_NOT_YET : LW_PREDICTIONS_NOT_KEPT;
}

LwWorkbench *
lw_predictions_source_workbench (LwPredictionsSource *self)
{
  return self->workbench;
}

LwRunItem *
lw_predictions_source_run (LwPredictionsSource *self)
{
  return self->run;
}

const LwPredictionMoment *
lw_predictions_source_moments (LwPredictionsSource *self, int *ret_n)
{
  *ret_n = (int)self->moments->len;
  return self->moments->len > 0 ? moment_at (self, 0) : NULL;
}

int
lw_predictions_source_left_out (LwPredictionsSource *self)
{
  return self->left_out;
}

int
lw_predictions_source_moment (LwPredictionsSource *self)
{
  return self->moment;
}

void
lw_predictions_source_show (LwPredictionsSource *self, int moment)
{
  const int last = (int)self->moments->len - 1;

  moment = CLAMP (moment, -1, last);
  if (moment == self->moment || moment < 0)
    return;
  self->moment = moment;
  self->follows = moment == last;
  read_set (self);
}

const LwPredictionSet *
lw_predictions_source_set (LwPredictionsSource *self)
{
  return self->set;
}

const int32_t *
lw_predictions_source_counts (LwPredictionsSource *self)
{
  return self->counts;
}

const char *const *
lw_predictions_source_names (LwPredictionsSource *self)
{
  return (const char *const *)self->names;
}

LwDataset *
lw_predictions_source_dataset (LwPredictionsSource *self)
{
  LwDataset *dataset =
      self->run != NULL ? lw_workbench_dataset_of (self->workbench, self->run) : NULL;
  const int32_t n = self->predictions != NULL ? lw_predictions_examples (self->predictions) : 0;

  return dataset != NULL && lw_dataset_size (dataset, LW_SPLIT_TEST) >= n ? dataset : NULL;
}

int
lw_predictions_source_series (LwPredictionsSource *self, int32_t example, double **ret_epochs,
                              float **ret_probabilities)
{
  *ret_epochs = NULL;
  *ret_probabilities = NULL;
  return self->predictions != NULL
             ? lw_predictions_series (self->predictions, example, ret_epochs, ret_probabilities)
             : 0;
}

bool
lw_predictions_source_cell (LwPredictionsSource *self, int32_t *ret_label, int32_t *ret_predicted)
{
  *ret_label = self->label;
  *ret_predicted = self->predicted;
  return self->set != NULL && self->label >= 0;
}

void
lw_predictions_source_mark_cell (LwPredictionsSource *self, int32_t label, int32_t predicted)
{
  g_autofree int32_t *cell = NULL;
  int32_t n;

  if (self->set == NULL || (label == self->label && predicted == self->predicted))
    return;
  self->label = label;
  self->predicted = predicted;
  g_signal_emit (self, signals[CELL_CHANGED], 0);
  cell = lw_prediction_set_cell (self->set, label, predicted, &n);
  if (n > 0)
    lw_predictions_source_mark_image (self, cell[0]);
}

int32_t
lw_predictions_source_image (LwPredictionsSource *self)
{
  return self->image;
}

void
lw_predictions_source_mark_image (LwPredictionsSource *self, int32_t example)
{
  if (self->set == NULL || example == self->image || example < 0 || example >= self->set->n)
    return;
  self->image = example;
  g_signal_emit (self, signals[IMAGE_CHANGED], 0);
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_predictions_source_dispose (GObject *object)
{
  let_go (LW_PREDICTIONS_SOURCE (object));
  G_OBJECT_CLASS (lw_predictions_source_parent_class)->dispose (object);
}

static void
lw_predictions_source_finalize (GObject *object)
{
  LwPredictionsSource *self = LW_PREDICTIONS_SOURCE (object);

  forget_set (self);
  g_array_unref (self->moments);
  g_strfreev (self->names);
  G_OBJECT_CLASS (lw_predictions_source_parent_class)->finalize (object);
}

static void
lw_predictions_source_class_init (LwPredictionsSourceClass *klass)
{
  static const char *const names[N_SIGNALS] = { "moments-changed", "changed", "cell-changed",
                                                "image-changed" };

  G_OBJECT_CLASS (klass)->dispose = lw_predictions_source_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_predictions_source_finalize;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_predictions_source_init (LwPredictionsSource *self)
{
  self->moments = g_array_new (FALSE, FALSE, sizeof (LwPredictionMoment));
  self->moment = self->label = self->predicted = -1;
  self->follows = true;
  self->version = -1;
}

LwPredictionsSource *
lw_predictions_source_new (LwWorkbench *workbench)
{
  LwPredictionsSource *self = g_object_new (LW_TYPE_PREDICTIONS_SOURCE, NULL);

  self->workbench = workbench;
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "dataset-changed", G_CALLBACK (dataset_changed), self,
                           G_CONNECT_SWAPPED);
  selection_changed (self);
  return self;
}
