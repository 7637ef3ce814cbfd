#include "engine/trainer_private.h"

#include "engine/device_choice.h"
#include "engine/free_memory.h"
#include "engine/i18n.h"
#include "engine/processors.h"
#include "engine/schedule.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- checks ----------------------------------------------------------------------------------- */

static bool
check_images (const LwTrainer *trainer, GError **error)
{
  const LwDataset *dataset = trainer->dataset;
  const LwShape input = lw_graph_input_shape (trainer->graph);
  const int32_t channels = lw_dataset_channels (dataset), classes = lw_dataset_classes (dataset);

  if (channels != input.c) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        LW_PLURAL ("The images of %s have %d channel, but the network takes %d; set its input "
                   "to %d×%d×%d (--input %dx%dx%d).",
                   "The images of %s have %d channels, but the network takes %d; set its "
                   "input to %d×%d×%d (--input %dx%dx%d).",
                   channels),
        lw_dataset_name (dataset), channels, input.c, channels, input.h, input.w, channels, input.h,
        input.w);
    return false;
  }
  if (classes > lw_graph_classes (trainer->graph)) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%s has %d classes, but the network tells only %d apart; set its classes to %d "
                    "(--classes %d)."),
                 lw_dataset_name (dataset), classes, lw_graph_classes (trainer->graph), classes,
                 classes);
    return false;
  }
  if (trainer->train_examples < 1 || trainer->test_examples < 1) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 trainer->train_examples < 1
                     ? _ ("%s has no images to train with; choose another data set.")
                     : _ ("%s has no images to test with; choose another data set."),
                 lw_dataset_name (dataset));
    return false;
  }
  return true;
}

static bool
takes_local_statistics (const LwTrainer *trainer)
{
  return trainer->collective != NULL && trainer->settings->batch_norm_statistics == LW_NORM_LOCAL;
}

/* The fewest images of which batch normalization takes statistics: a batch's, or where processes do
 * so by themselves, their part's. */
static int32_t
fewest_images (const LwTrainer *trainer)
{
  const int32_t batch = MIN (trainer->settings->batch, trainer->train_examples);
  const int32_t last = trainer->train_examples % batch;
  const int32_t fewest = last > 0 ? last : batch;

  return takes_local_statistics (trainer) ? fewest / trainer->collective->size : fewest;
}

/* A variance needs two values at least: a normalization over one image of one pixel has none. */
static bool
check_last_batch (const LwTrainer *trainer, GError **error)
{
  if (fewest_images (trainer) > 1)
    return true;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (trainer->graph); id++) {
    const LwNode *node = lw_graph_node (trainer->graph, id);

    if (node->op != LW_OP_BATCH_NORM || node->shape.h * node->shape.w > 1)
      continue;
    if (takes_local_statistics (trainer)) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("With %d workers one has a single image of a batch, or none, and the batch "
                      "normalization \"%s\" cannot take its variance; choose "
                      "--batch-norm-statistics synchronized, or another batch size."),
                   trainer->collective->size, node->name);
      return false;
    }
    g_set_error (
        error, LW_ERROR, LW_ERROR_INVALID,
        _ ("With %d images in batches of %d a batch of a single image is left, and the batch "
           "normalization \"%s\" cannot take its variance; choose another batch size or "
           "another number of images."),
        trainer->train_examples, trainer->settings->batch, node->name);
    return false;
  }
  return true;
}

/* The estimate of the analysis; the session checks again with the device's own sizes. Only for
 * devices that live in the machine's memory. */
static bool
check_memory (const LwTrainer *trainer, GError **error)
{
  const LwSettings *settings = trainer->settings;
  const int slots = settings->optimizer == LW_OPTIMIZER_ADAM ? 2 : settings->momentum > 0 ? 1 : 0;
  const int32_t batch =
      lw_shared_part_of_batch (trainer->collective, MIN (settings->batch, trainer->train_examples));
  const int64_t available =
      lw_backend_is_in_host_memory (trainer->backend) ? lw_free_host_memory () : -1;
  g_autofree char *what = NULL;
  LwMemory memory;
  int32_t fits = 0, too_large = batch;

  if (!lw_graph_memory (trainer->graph, batch, slots, &memory, error))
    return false;
  if (available < 0 || memory.training_total <= available)
    return true;
  while (too_large - fits > 1) {
    const int32_t middle = fits + (too_large - fits) / 2;
    LwMemory smaller;

    if (lw_graph_memory (trainer->graph, middle, slots, &smaller, NULL) &&
        smaller.training_total <= available)
      fits = middle;
    else
      too_large = middle;
  }
  what = g_strdup_printf (_ ("Training %s"), lw_graph_title (trainer->graph));
  lw_set_memory_error (error, what, batch, memory.training_total, available, fits);
  return false;
}

bool
lw_trainer_check_init (const LwTrainer *trainer, GError **error)
{
  const LwSettings *settings = trainer->settings;
  const char *init = settings->init != NULL ? settings->init : settings->init_partial;
  g_autofree char *kept =
      trainer->folder != NULL ? g_build_filename (trainer->folder, LW_INITIAL_WEIGHTS, NULL) : NULL;

  if (init == NULL || g_file_test (init, G_FILE_TEST_IS_REGULAR) ||
      (kept != NULL && g_file_test (kept, G_FILE_TEST_EXISTS)))
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("There is no file \"%s\" with initial weights."),
               init);
  return false;
}

/* --- making ----------------------------------------------------------------------------------- */

static int32_t
examples (const LwDataset *dataset, LwSplit split, int32_t limit)
{
  const int32_t all = lw_dataset_size (dataset, split);

  return limit > 0 ? MIN (limit, all) : all;
}

/* The images' mean and deviation, where that is asked for and not known; whether the numbers suit
 * the images. */
static bool
settle_normalization (LwTrainer *trainer, GError **error)
{
  const LwDataset *dataset = trainer->dataset;
  LwOptions *options = trainer->settings->options;
  const int32_t channels = lw_dataset_channels (dataset);
  LwNormalization measured;

  if (strcmp (trainer->settings->normalize, "data") != 0 ||
      lw_options_normalization (options)->n > 0 || trainer->train_examples < 1)
    return lw_normalization_check (lw_options_normalization (options), channels, error);
  measured = lw_normalization_measure (
      lw_dataset_image (dataset, LW_SPLIT_TRAIN, 0), trainer->train_examples, channels,
      (int64_t)lw_dataset_height (dataset) * lw_dataset_width (dataset));
  lw_options_set_normalization (options, &measured);
  return true;
}

static int32_t
default_threads (const LwCollective *collective)
{
  return collective != NULL ? MAX (collective->threads, 1) : lw_processors ();
}

LwTrainer *
lw_trainer_prepare (LwSettings *settings, const LwBackend *const *backends,
                    LwCollective *collective, const char *device, LwDataset *dataset,
                    GError **error)
{
  pthread_condattr_t attributes;
  LwTrainer *trainer;

  if (!lw_settings_check (settings, error)) {
    lw_settings_free (settings);
    return NULL;
  }
  trainer = g_new0 (LwTrainer, 1);
  pthread_mutex_init (&trainer->lock, NULL);
  pthread_mutex_init (&trainer->wake_lock, NULL);
  /* Not the clock on the wall, which may be set back while a training waits. */
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&trainer->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  trainer->settings = settings;
  trainer->collective = collective;
  trainer->threads = settings->threads > 0 ? settings->threads : default_threads (collective);
  trainer->dataset = lw_dataset_ref (dataset);
  trainer->lock_fd = -1;
  trainer->saved_step = trainer->saved_events = -1;
  for (int i = 0; i < LW_N_LIVE; i++)
    trainer->position.live[i] = lw_live_get (settings, (LwLiveSetting)i);
  trainer->train_examples = examples (dataset, LW_SPLIT_TRAIN, settings->limit_train);
  trainer->test_examples = examples (dataset, LW_SPLIT_TEST, settings->limit_test);
  lw_settings_steps (settings, trainer->train_examples, &trainer->total_steps,
                     &trainer->steps_per_epoch);
  if (lw_settings_check (settings, error) &&
      (trainer->backend = lw_device_choose (backends, device, &trainer->device_index, error)) !=
          NULL &&
      settle_normalization (trainer, error) &&
      (trainer->graph = lw_model_build (settings->options, error)) != NULL &&
      check_images (trainer, error) && check_last_batch (trainer, error) &&
      check_memory (trainer, error)) {
    trainer->history = lw_bn_history_new (trainer->graph);
    trainer->log = lw_run_log_new ();
    trainer->records =
        lw_records_new (&(LwRecordContext){ .graph = trainer->graph,
                                            .settings = trainer->settings,
                                            .dataset = trainer->dataset,
                                            .steps_per_epoch = trainer->steps_per_epoch,
                                            .total_steps = trainer->total_steps });
    return trainer;
  }
  lw_trainer_dispose (trainer);
  return NULL;
}

static char **
class_names (const LwDataset *dataset)
{
  const int32_t n = lw_dataset_classes (dataset);
  char **names = g_new0 (char *, n + 1);

  for (int32_t i = 0; i < n; i++)
    names[i] = g_strdup (lw_dataset_class_name (dataset, i));
  return names;
}

void
lw_trainer_fill_record (LwTrainer *trainer)
{
  LwRunRecord *record = &trainer->record;

  record->settings = lw_settings_copy (trainer->settings);
  record->device = g_strdup (trainer->backend->name);
  record->threads = trainer->threads;
  record->workers = lw_collective_size (trainer->collective);
  record->total_steps = trainer->total_steps;
  record->steps_per_epoch = trainer->steps_per_epoch;
  record->data_name = g_strdup (lw_dataset_name (trainer->dataset));
  record->train_examples = trainer->train_examples;
  record->test_examples = trainer->test_examples;
  record->classes = class_names (trainer->dataset);
}

LwTrainer *
lw_trainer_launch (LwTrainer *trainer, GError **error)
{
  lw_trainer_begin_live (trainer);
  if (pthread_create (&trainer->thread, NULL, lw_trainer_thread, trainer) == 0)
    return trainer;
  g_set_error (
      error, LW_ERROR, LW_ERROR_IO,
      _ ("The system refuses another thread, which training needs; close other programs."));
  close (trainer->lock_fd);
  trainer->lock_fd = -1;
  if (!trainer->resumed)
    lw_run_folder_discard (trainer->folder, trainer->made_folder);
  lw_trainer_dispose (trainer);
  return NULL;
}

/* The run may be resumed or repeated from another folder. */
static void
make_absolute (char **path)
{
  char *absolute = *path != NULL ? g_canonicalize_filename (*path, NULL) : NULL;

  g_free (*path);
  *path = absolute;
}

LwTrainer *
lw_trainer_begin_folder (LwTrainer *trainer, const char *output, GError **error)
{
  LwSettings *settings = trainer->settings;

  if (!lw_trainer_check_init (trainer, error))
    goto fail;
  trainer->folder = lw_run_folder_make (output, settings, &trainer->made_folder, error);
  if (trainer->folder == NULL)
    goto fail;
  trainer->lock_fd = lw_run_lock (trainer->folder, error);
  if (trainer->lock_fd < 0) {
    lw_run_folder_discard (trainer->folder, trainer->made_folder);
    goto fail;
  }
  make_absolute (&settings->init);
  make_absolute (&settings->init_partial);
  lw_run_log_spill (trainer->log, trainer->folder);
  lw_trainer_fill_record (trainer);
  trainer->record.name = lw_run_default_name (trainer->folder);
  trainer->record.started_unix = g_get_real_time () / G_USEC_PER_SEC;
  trainer->record.last_checkpoint = trainer->record.best_checkpoint = -1;
  return lw_trainer_launch (trainer, error);

fail:
  lw_trainer_dispose (trainer);
  return NULL;
}

/* The setting says how images are normalized, the network's options with which numbers. The options
 * may be others than those that the setting was made with: out of a file of weights, which brings
 * numbers, or the book's, without. A run must say the same in both. */
static void
agree_on_normalization (LwSettings *settings)
{
  const LwNormalization *numbers = lw_options_normalization (settings->options);
  LwNormalization named;
  bool data;

  if (!lw_normalization_parse (settings->normalize, &named, &data, NULL))
    return;
  if (data || numbers->n == 0) { /* another run's numbers, perhaps of other images; or none */
    lw_options_set_normalization (settings->options, &named);
  } else if (named.n == 0) {
    g_free (settings->normalize);
    settings->normalize = lw_normalization_text (numbers);
  }
}

LwTrainer *
lw_trainer_new (const LwSettings *settings, const LwBackend *const *backends, LwDataset *dataset,
                const char *output, GError **error)
{
  return lw_trainer_new_shared (settings, backends, NULL, dataset, output, error);
}

LwTrainer *
lw_trainer_new_shared (const LwSettings *settings, const LwBackend *const *backends,
                       LwCollective *collective, LwDataset *dataset, const char *output,
                       GError **error)
{
  LwSettings *own = lw_settings_copy (settings);
  LwTrainer *trainer;

  agree_on_normalization (own);
  trainer = lw_trainer_prepare (own, backends, collective, settings->device, dataset, error);
  return trainer != NULL ? lw_trainer_begin_folder (trainer, output, error) : NULL;
}
