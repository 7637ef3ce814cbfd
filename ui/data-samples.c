#include "ui/data-samples.h"

#include "ui/image-tile.h"

#include <glib/gi18n.h>

/* Images of a class that are made; of many classes fewer. A page shows some of them. */
#define MOST_PER_CLASS  16
#define LEAST_PER_CLASS 4
#define ALL_TOGETHER    320
/* Augmented images are made for looking at: the set's may be larger. */
#define LARGEST_SIDE 112

struct _LwDataSamples {
  GObject parent;
  LwDataset *dataset;
  LwDataSummary *summary;
  char **names;
  LwAugmentation augmentation;
  LwSplit wanted_split;
  uint64_t draw, epoch;
  GCancellable *working; /* the newest task's; older ones are dropped */
  /* What is shown */
  LwSplit split;
  int32_t per_class, *indices;
  uint8_t *pixels; /* of augmented images; NULL: the set's own are shown */
  LwTile *tiles;
};

G_DEFINE_FINAL_TYPE (LwDataSamples, lw_data_samples, G_TYPE_OBJECT)

static guint changed_signal;

/* --- on a thread -------------------------------------------------------------------------------
 */

typedef struct {
  LwDataset *dataset;
  LwAugmentation augmentation;
  LwSplit split;
  uint64_t draw, epoch;
  bool wants_summary;
  LwDataSummary *summary;
  int32_t per_class, *indices;
  uint8_t *pixels;
  int32_t height, width; /* of these */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  lw_dataset_unref (work->dataset);
  lw_data_summary_free (work->summary);
  g_free (work->indices);
  g_free (work->pixels);
  g_free (work);
}

static void
augment (Work *work, GCancellable *cancellable)
{
  const int32_t c = lw_dataset_channels (work->dataset), h = lw_dataset_height (work->dataset),
                w = lw_dataset_width (work->dataset);
  const int32_t longer = MAX (h, w), side = MIN (longer, LARGEST_SIDE);
  const int32_t n = lw_dataset_classes (work->dataset) * work->per_class;
  gsize size;
  g_autofree float *values = NULL;

  work->height = MAX (1, (int32_t)((int64_t)h * side / longer));
  work->width = MAX (1, (int32_t)((int64_t)w * side / longer));
  size = (gsize)c * (gsize)work->height * (gsize)work->width;
  values = g_new (float, size);
  work->pixels = g_malloc (size * (gsize)n);
  for (int32_t i = 0; i < n && !g_cancellable_is_cancelled (cancellable); i++) {
    if (work->indices[i] < 0)
      continue;
    lw_augment_image (&work->augmentation, work->draw, (int64_t)work->epoch, work->indices[i],
                      lw_dataset_image (work->dataset, work->split, work->indices[i]), c, h, w,
                      values, work->height, work->width);
    for (gsize p = 0; p < size; p++)
      work->pixels[(gsize)i * size + p] = (uint8_t)(CLAMP (values[p], 0.0f, 1.0f) * 255 + 0.5f);
  }
}

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;

  (void)source;
  if (g_task_return_error_if_cancelled (task)) /* before a thread was free */
    return;
  if (work->wants_summary)
    work->summary = lw_data_summary_new (work->dataset);
  work->per_class =
      CLAMP (ALL_TOGETHER / lw_dataset_classes (work->dataset), LEAST_PER_CLASS, MOST_PER_CLASS);
  work->indices = lw_data_pick_samples (work->dataset, work->split, work->per_class, work->draw);
  if (work->split == LW_SPLIT_TRAIN && !lw_augmentation_is_none (&work->augmentation))
    augment (work, cancellable);
  g_task_return_boolean (task, TRUE);
}

/* --- what is shown -----------------------------------------------------------------------------
 */

static void
clear_shown (LwDataSamples *self)
{
  g_clear_pointer (&self->indices, g_free);
  g_clear_pointer (&self->pixels, g_free);
  g_clear_pointer (&self->tiles, g_free);
}

static LwTile
tile_of (const LwDataSamples *self, const Work *work, int32_t i)
{
  const int32_t c = lw_dataset_channels (self->dataset);

  if (self->indices[i] < 0)
    return (LwTile){ .rows = 1, .columns = 1 };
  if (self->pixels == NULL)
    return lw_example_tile (self->dataset, self->split, self->indices[i]);
  return (LwTile){ .kind = c == 3 ? LW_TILE_RGB : LW_TILE_GREY,
                   .bytes = self->pixels +
                            (gsize)i * (gsize)c * (gsize)work->height * (gsize)work->width,
                   .rows = work->height,
                   .columns = work->width };
}

static void
worked (GObject *source, GAsyncResult *result, gpointer data)
{
  LwDataSamples *self;
  Work *work = g_task_get_task_data (G_TASK (result));
  int32_t n;

  (void)source;
  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return; /* something else was asked for, or nobody is there any more */
  self = data;
  g_clear_object (&self->working);
  clear_shown (self);
  if (work->summary != NULL) {
    lw_data_summary_free (self->summary);
    self->summary = g_steal_pointer (&work->summary);
  }
  self->split = work->split;
  self->per_class = work->per_class;
  self->indices = g_steal_pointer (&work->indices);
  self->pixels = g_steal_pointer (&work->pixels);
  n = lw_dataset_classes (self->dataset) * self->per_class;
  self->tiles = g_new (LwTile, n);
  for (int32_t i = 0; i < n; i++)
    self->tiles[i] = tile_of (self, work, i);
  g_signal_emit (self, changed_signal, 0);
}

static void
cancel (LwDataSamples *self)
{
  if (self->working != NULL)
    g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
}

static void
work (LwDataSamples *self)
{
  g_autoptr (GTask) task = NULL;
  Work *wanted;

  cancel (self);
  if (self->dataset == NULL)
    return;
  wanted = g_new0 (Work, 1);
  *wanted = (Work){ .dataset = lw_dataset_ref (self->dataset),
                    .augmentation = self->augmentation,
                    .split = self->wanted_split,
                    .draw = self->draw,
                    .epoch = self->epoch,
                    .wants_summary = self->summary == NULL };
  self->working = g_cancellable_new ();
  task = g_task_new (NULL, self->working, worked, self);
  g_task_set_task_data (task, wanted, work_free);
  g_task_run_in_thread (task, work_thread);
}

void
lw_data_samples_set_dataset (LwDataSamples *self, LwDataset *dataset)
{
  const int32_t n = dataset != NULL ? lw_dataset_classes (dataset) : 0;

  if (dataset == self->dataset)
    return;
  cancel (self);
  clear_shown (self);
  g_clear_pointer (&self->summary, lw_data_summary_free);
  g_clear_pointer (&self->names, g_strfreev);
  lw_dataset_unref (self->dataset);
  self->dataset = dataset != NULL ? lw_dataset_ref (dataset) : NULL;
  self->draw = self->epoch = 0;
  self->names = g_new0 (char *, n + 1);
  for (int32_t i = 0; i < n; i++)
    self->names[i] = g_strdup (_ (lw_dataset_class_name (dataset, i)));
  g_signal_emit (self, changed_signal, 0);
  work (self);
}

void
lw_data_samples_set_split (LwDataSamples *self, LwSplit split)
{
  if (split == self->wanted_split)
    return;
  self->wanted_split = split;
  work (self);
}

void
lw_data_samples_next (LwDataSamples *self)
{
  self->draw++;
  work (self);
}

void
lw_data_samples_redraw (LwDataSamples *self)
{
  self->epoch++;
  work (self);
}

void
lw_data_samples_set_augmentation (LwDataSamples *self, const LwAugmentation *augmentation)
{
  self->augmentation = *augmentation;
  work (self);
}

LwDataset *
lw_data_samples_dataset (LwDataSamples *self)
{
  return self->dataset;
}

const LwDataSummary *
lw_data_samples_summary (LwDataSamples *self)
{
  return self->summary;
}

const char *const *
lw_data_samples_names (LwDataSamples *self)
{
  return (const char *const *)self->names;
}

LwSplit
lw_data_samples_split (LwDataSamples *self)
{
  return self->split;
}

bool
lw_data_samples_is_working (LwDataSamples *self)
{
  return self->working != NULL;
}

const LwTile *
lw_data_samples_tiles (LwDataSamples *self, int32_t *ret_per_class)
{
  *ret_per_class = self->per_class;
  return self->tiles;
}

int32_t
lw_data_samples_index (LwDataSamples *self, int32_t label, int32_t column)
{
  if (self->indices == NULL || label < 0 || column < 0 || column >= self->per_class ||
      label >= lw_dataset_classes (self->dataset))
    return -1;
  return self->indices[label * self->per_class + column];
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_data_samples_dispose (GObject *object)
{
  cancel (LW_DATA_SAMPLES (object));
  G_OBJECT_CLASS (lw_data_samples_parent_class)->dispose (object);
}

static void
lw_data_samples_finalize (GObject *object)
{
  LwDataSamples *self = LW_DATA_SAMPLES (object);

  clear_shown (self);
  lw_data_summary_free (self->summary);
  g_strfreev (self->names);
  lw_dataset_unref (self->dataset);
  G_OBJECT_CLASS (lw_data_samples_parent_class)->finalize (object);
}

static void
lw_data_samples_class_init (LwDataSamplesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_data_samples_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_data_samples_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_data_samples_init (LwDataSamples *self)
{
  (void)self;
}

LwDataSamples *
lw_data_samples_new (void)
{
  return g_object_new (LW_TYPE_DATA_SAMPLES, NULL);
}
