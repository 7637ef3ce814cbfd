/* A ring of slots, one batch each. The batches of all epochs are numbered on; batch s uses slot
 * s mod n_slots and moves through four states:
 *
 *   free → opening → open → ready → (read, then free again)
 *
 * A worker that finds the next slot free opens it: writes down which examples the batch has,
 * outside the lock, because a new epoch's order takes a millisecond. An open batch is worked on in
 * chunks of examples, which any worker claims; whoever finishes the last makes it ready. Chunks,
 * not batches, go to the workers, so that the first batch after a seek comes as early as can be.
 *
 * One lock guards all of this; it is taken once a chunk, which is about a tenth of a millisecond's
 * work. Nothing is allocated after lw_loader_new. */
#include "engine/data/loader.h"
#include "engine/data/resize.h"
#include "engine/free_memory.h"
#include "engine/i18n.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_AHEAD 3
#define MAX_AHEAD     64
#define MAX_THREADS   256
#define CHUNK_BYTES   (256 * 1024) /* of images */
#define ALIGNMENT     64           /* a cache line, and the widest vector register */

typedef enum { FREE, OPENING, OPEN, READY } SlotState;

typedef struct {
  SlotState state;
  float *images;           /* of the part */
  int32_t *labels;         /* [n] */
  int32_t *examples;       /* [n]: indices into the data set */
  LwTransform *transforms; /* [n]; NULL: images stay as they are */
  int32_t n;
  LwPart part; /* what of it is delivered */
  bool absent;
  int32_t claimed, done; /* examples of the part that workers have taken, and finished */
} Slot;

struct LwLoader {
  /* Fixed after lw_loader_new */
  LwDataset *dataset;
  LwResizer *resizer;
  bool augments;
  LwLoaderOptions options;
  int32_t n, n_batches, chunk, n_slots, n_threads;
  int64_t example_floats;
  pthread_t *threads;
  float *memory; /* of all slots' images */

  /* Only the worker that opens a slot touches these, and there is one at a time. */
  int32_t *order;
  int64_t order_epoch; /* that `order` is for; −1: none yet */

  /* Under the lock */
  pthread_mutex_t lock;
  pthread_cond_t work, ready; /* something for the workers; something for the reader */
  Slot *slots;
  int64_t next;   /* the batch that lw_loader_next returns next */
  bool held;      /* the reader has batch next − 1 */
  int64_t opened; /* first batch that no worker has opened */
  int32_t busy;   /* workers between a claim and its end */
  bool paused, stopping;

  double waited_s; /* the reader's own */
};

static Slot *
slot_of (LwLoader *loader, int64_t batch)
{
  return &loader->slots[batch % loader->n_slots];
}

/* --- workers -------------------------------------------------------------------------------- */

/* Writes down the examples of batch number `batch`. */
static void
fill_examples (LwLoader *loader, Slot *slot, int64_t batch)
{
  const int64_t epoch = batch / loader->n_batches;
  const int32_t first = (int32_t)(batch % loader->n_batches) * loader->options.batch;

  if (loader->options.shuffle && loader->order_epoch != epoch) {
    lw_shuffled_order (loader->options.seed, epoch, loader->n, loader->order);
    loader->order_epoch = epoch;
  }
  slot->n = MIN (loader->options.batch, loader->n - first);
  slot->part = lw_collective_part (loader->options.part, loader->options.parts, slot->n);
  slot->absent = slot->part.n == 0;
  if (slot->absent)
    slot->part = (LwPart){ 0, 1 };
  for (int32_t i = 0; i < slot->n; i++) {
    slot->examples[i] = loader->options.shuffle ? loader->order[first + i] : first + i;
    slot->labels[i] = lw_dataset_label (loader->dataset, loader->options.split, slot->examples[i]);
  }
  for (int32_t i = 0; slot->transforms != NULL && i < slot->n; i++)
    slot->transforms[i] = lw_transform_draw (
        &loader->options.augmentation, lw_dataset_height (loader->dataset),
        lw_dataset_width (loader->dataset), loader->options.seed, epoch, slot->examples[i]);
}

/* What a worker has for itself. */
typedef struct {
  float *scratch;
  LwAugmenter *augmenter; /* NULL: not needed */
} Tools;

static void
prepare (const LwLoader *loader, const Slot *slot, int32_t first, int32_t n, const Tools *tools)
{
  const LwSplit split = loader->options.split;

  for (int32_t i = first; i < first + n; i++) {
    const int32_t example = slot->examples[slot->part.first + i];
    const uint8_t *image;

    if (slot->images == NULL)
      continue;
    image = lw_dataset_image (loader->dataset, split, example);
    if (tools->augmenter != NULL)
      lw_augmenter_run (tools->augmenter, &slot->transforms[slot->part.first + i], image,
                        slot->images + i * loader->example_floats);
    else
      lw_resizer_run (loader->resizer, image, lw_dataset_channels (loader->dataset),
                      slot->images + i * loader->example_floats, tools->scratch);
  }
}

/* Opens the next slot if it is free and no other worker is at it. Called and returns with the lock
 * held. */
static bool
open_next (LwLoader *loader)
{
  const int64_t batch = loader->opened;
  Slot *slot = slot_of (loader, batch);
  const Slot *before = slot_of (loader, batch + loader->n_slots - 1);

  if (slot->state != FREE || before->state == OPENING)
    return false;
  slot->state = OPENING;
  loader->opened++;
  pthread_mutex_unlock (&loader->lock);
  fill_examples (loader, slot, batch);
  pthread_mutex_lock (&loader->lock);
  slot->claimed = slot->done = 0;
  slot->state = OPEN;
  pthread_cond_broadcast (&loader->work);
  return true;
}

/* Works on one chunk of the earliest batch that has one left. The lock as above. */
static bool
work_on_chunk (LwLoader *loader, const Tools *tools)
{
  Slot *slot = NULL;
  int32_t first, n;

  for (int64_t batch = loader->next; batch < loader->opened; batch++) {
    Slot *candidate = slot_of (loader, batch);

    if (candidate->state == OPEN && candidate->claimed < candidate->part.n) {
      slot = candidate;
      break;
    }
  }
  if (slot == NULL)
    return false;
  first = slot->claimed;
  n = MIN (loader->chunk, slot->part.n - first);
  slot->claimed += n;
  pthread_mutex_unlock (&loader->lock);
  prepare (loader, slot, first, n, tools);
  pthread_mutex_lock (&loader->lock);
  slot->done += n;
  if (slot->done == slot->part.n) {
    slot->state = READY;
    pthread_cond_signal (&loader->ready);
  }
  return true;
}

static void *
worker (void *user_data)
{
  LwLoader *loader = user_data;
  Tools tools = { .scratch = g_new (float, lw_resizer_scratch (loader->resizer)) };

  if (loader->augments && !loader->options.examples_only)
    tools.augmenter = lw_augmenter_new (
        lw_dataset_channels (loader->dataset), lw_dataset_height (loader->dataset),
        lw_dataset_width (loader->dataset), loader->options.height, loader->options.width);
  pthread_mutex_lock (&loader->lock);
  while (!loader->stopping) {
    bool worked;

    if (!loader->paused) {
      loader->busy++;
      worked = work_on_chunk (loader, &tools) || open_next (loader);
      loader->busy--;
      if (worked)
        continue;
    }
    if (loader->paused && loader->busy == 0)
      pthread_cond_signal (&loader->ready); /* lw_loader_seek waits for that */
    pthread_cond_wait (&loader->work, &loader->lock);
  }
  pthread_mutex_unlock (&loader->lock);
  g_free (tools.scratch);
  lw_augmenter_free (tools.augmenter);
  return NULL;
}

/* --- making and freeing --------------------------------------------------------------------- */

static bool
check_options (LwDataset *dataset, const LwLoaderOptions *options, GError **error)
{
  const char *wrong = NULL;

  if (options->height < 1 || options->width < 1 || options->height > 16384 ||
      options->width > 16384)
    wrong = _ ("images have sides of 1 to 16384 pixels");
  else if (options->batch < 1)
    wrong = _ ("a batch has at least one example");
  else if (options->limit < 0)
    wrong = _ ("the number of examples cannot be negative");
  else if (options->threads < 0 || options->threads > MAX_THREADS)
    wrong = _ ("it uses 1 to 256 threads");
  else if (options->ahead < 0 || options->ahead > MAX_AHEAD)
    wrong = _ ("it prepares 1 to 64 batches ahead");
  else if (lw_dataset_size (dataset, options->split) == 0)
    wrong = options->split == LW_SPLIT_TRAIN ? _ ("the data set has no images to train with")
                                             : _ ("the data set has no images to test with");
  if (wrong != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("No batches can be made of %s: %s."),
                 lw_dataset_name (dataset), wrong);
  return wrong == NULL;
}

static int32_t
slots_for (int32_t ahead)
{
  return 1 + (ahead > 0 ? ahead : DEFAULT_AHEAD);
}

int64_t
lw_loader_bytes (LwShape shape, int32_t batch, int32_t ahead)
{
  int64_t bytes;

  if (__builtin_mul_overflow (lw_shape_size (shape) * (int64_t)sizeof (float),
                              (int64_t)batch * slots_for (ahead), &bytes))
    return G_MAXINT64 / 4;
  return bytes;
}

/* One piece of memory for all slots' images, each slot's on a boundary of its own. */
static bool
allocate_slots (LwLoader *loader, GError **error)
{
  const int64_t whole = MIN (loader->options.batch, loader->n);
  const int64_t capacity = (whole + loader->options.parts - 1) / loader->options.parts;
  const int64_t a_line = ALIGNMENT / (int64_t)sizeof (float);
  const int64_t available = lw_free_host_memory ();
  int64_t floats, bytes;
  bool fits = !__builtin_mul_overflow (capacity, loader->example_floats, &floats) &&
              !__builtin_add_overflow (floats, a_line - 1, &floats);

  floats -= floats % a_line;
  if (loader->options.examples_only)
    floats = 0;
  fits = fits && !__builtin_mul_overflow (floats, 4 * (int64_t)loader->n_slots, &bytes) &&
         (available < 0 || bytes <= available); /* malloc itself promises more than there is */
  if (fits)
    loader->memory = aligned_alloc (ALIGNMENT, MAX ((gsize)bytes, ALIGNMENT));
  if (loader->memory == NULL) {
    g_set_error (
        error, LW_ERROR, LW_ERROR_MEMORY,
        _ ("There is not enough memory for %d batches of %d images of %d×%d; choose a smaller "
           "batch."),
        loader->n_slots, (int)capacity, loader->options.height, loader->options.width);
    return false;
  }
  loader->slots = g_new0 (Slot, loader->n_slots);
  for (int32_t i = 0; i < loader->n_slots; i++) {
    loader->slots[i].images = floats > 0 ? loader->memory + i * floats : NULL;
    loader->slots[i].labels = g_new (int32_t, whole);
    loader->slots[i].examples = g_new (int32_t, whole);
    if (loader->augments)
      loader->slots[i].transforms = g_new (LwTransform, whole);
  }
  return true;
}

static bool
start_threads (LwLoader *loader, GError **error)
{
  const int32_t wanted = MAX (loader->options.threads, 1);
  sigset_t all, before;
  int failure = 0;

  loader->threads = g_new (pthread_t, wanted);
  /* Signals are for the program's own threads. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  while (failure == 0 && loader->n_threads < wanted) {
    failure = pthread_create (&loader->threads[loader->n_threads], NULL, worker, loader);
    loader->n_threads += failure == 0;
  }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (loader->n_threads == 0)
    g_set_error (error, LW_ERROR, LW_ERROR_IO,
                 _ ("No thread could be started to prepare batches: %s."), g_strerror (failure));
  return loader->n_threads > 0; /* fewer than asked for do the same work */
}

LwLoader *
lw_loader_new (LwDataset *dataset, const LwLoaderOptions *options, GError **error)
{
  g_autoptr (LwLoader) loader = NULL;
  const int32_t size = lw_dataset_size (dataset, options->split);

  if (!check_options (dataset, options, error))
    return NULL;
  loader = g_new0 (LwLoader, 1);
  pthread_mutex_init (&loader->lock, NULL);
  pthread_cond_init (&loader->work, NULL);
  pthread_cond_init (&loader->ready, NULL);
  loader->dataset = lw_dataset_ref (dataset);
  loader->options = *options;
  loader->options.parts = MAX (options->parts, 1);
  loader->augments = !lw_augmentation_is_none (&options->augmentation);
  loader->n = options->limit > 0 ? MIN (options->limit, size) : size;
  loader->options.batch = MIN (options->batch, loader->n);
  loader->n_batches = (loader->n + loader->options.batch - 1) / loader->options.batch;
  loader->n_slots = slots_for (options->ahead);
  loader->example_floats =
      (int64_t)lw_dataset_channels (dataset) * options->height * options->width;
  loader->chunk = (int32_t)MAX (CHUNK_BYTES / 4 / loader->example_floats, 1);
  loader->resizer = lw_resizer_new (lw_dataset_height (dataset), lw_dataset_width (dataset),
                                    options->height, options->width);
  loader->order = g_new (int32_t, loader->n);
  loader->order_epoch = -1;
  if (!allocate_slots (loader, error) || !start_threads (loader, error))
    return NULL;
  return g_steal_pointer (&loader);
}

void
lw_loader_free (LwLoader *loader)
{
  if (loader == NULL)
    return;
  pthread_mutex_lock (&loader->lock);
  loader->stopping = true;
  pthread_cond_broadcast (&loader->work);
  pthread_mutex_unlock (&loader->lock);
  for (int32_t i = 0; i < loader->n_threads; i++)
    pthread_join (loader->threads[i], NULL);
  for (int32_t i = 0; loader->slots != NULL && i < loader->n_slots; i++) {
    g_free (loader->slots[i].labels);
    g_free (loader->slots[i].examples);
    g_free (loader->slots[i].transforms);
  }
  g_free (loader->slots);
  free (loader->memory);
  g_free (loader->order);
  g_free (loader->threads);
  lw_resizer_free (loader->resizer);
  lw_dataset_unref (loader->dataset);
  pthread_cond_destroy (&loader->ready);
  pthread_cond_destroy (&loader->work);
  pthread_mutex_destroy (&loader->lock);
  g_free (loader);
}

/* --- reading -------------------------------------------------------------------------------- */

int32_t
lw_loader_examples (const LwLoader *loader)
{
  return loader->n;
}

int32_t
lw_loader_batches (const LwLoader *loader)
{
  return loader->n_batches;
}

void
lw_loader_seek (LwLoader *loader, int64_t epoch, int32_t batch)
{
  g_return_if_fail (epoch >= 0 && batch >= 0 && batch < loader->n_batches);

  pthread_mutex_lock (&loader->lock);
  loader->paused = true;
  while (loader->busy > 0) /* at most one chunk each */
    pthread_cond_wait (&loader->ready, &loader->lock);
  for (int32_t i = 0; i < loader->n_slots; i++)
    loader->slots[i].state = FREE;
  loader->opened = epoch * loader->n_batches + batch;
  loader->next = loader->opened;
  loader->held = false;
  loader->paused = false;
  pthread_cond_broadcast (&loader->work);
  pthread_mutex_unlock (&loader->lock);
}

static double
seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int32_t
lw_loader_next (LwLoader *loader, const float **ret_images, const int32_t **ret_labels)
{
  const Slot *slot;

  pthread_mutex_lock (&loader->lock);
  if (loader->held) {
    slot_of (loader, loader->next - 1)->state = FREE;
    pthread_cond_signal (&loader->work); /* one opens the slot, and calls the others */
  }
  slot = slot_of (loader, loader->next);
  if (slot->state != READY) {
    const double since = seconds ();

    while (slot->state != READY)
      pthread_cond_wait (&loader->ready, &loader->lock);
    loader->waited_s += seconds () - since;
  }
  loader->next++;
  loader->held = true;
  pthread_mutex_unlock (&loader->lock);
  *ret_images = slot->images;
  *ret_labels = slot->labels + slot->part.first;
  return slot->part.n;
}

bool
lw_loader_has_images (const LwLoader *loader)
{
  return !loader->options.examples_only;
}

const int32_t *
lw_loader_batch_examples (LwLoader *loader)
{
  const Slot *slot = slot_of (loader, loader->next - 1);

  return slot->examples + slot->part.first;
}

const LwTransform *
lw_loader_batch_transforms (LwLoader *loader)
{
  const Slot *slot = slot_of (loader, loader->next - 1);

  return slot->transforms != NULL ? slot->transforms + slot->part.first : NULL;
}

LwWholeBatch
lw_loader_whole_batch (LwLoader *loader)
{
  const Slot *slot = slot_of (loader, loader->next - 1);

  return (LwWholeBatch){ slot->n, slot->part.first, slot->absent, slot->labels, slot->examples };
}

double
lw_loader_waited_s (const LwLoader *loader)
{
  return loader->waited_s;
}
