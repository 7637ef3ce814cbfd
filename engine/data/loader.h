/* LwLoader: prepares batches ahead on worker threads: picks the epoch's examples (shuffled by
 * LW_STREAM_SHUFFLE), resizes, scales to [0, 1], augments if it shall. The order and the numbers do
 * not depend on the number of threads. Resized images are not kept from epoch to epoch:
 * interpolating one from bytes that lie in the cache takes as long as copying its floats from
 * memory would.
 *
 * Threads: made, read and freed by one thread; workers are its own (pthread). */
#pragma once

#include "engine/collective.h"
#include "engine/data/augment.h"
#include "engine/data/dataset.h"
#include "engine/graph.h"

G_BEGIN_DECLS

typedef struct LwLoader LwLoader;

typedef struct {
  LwSplit split;
  int32_t height, width; /* the network's input */
  int32_t batch;
  int32_t limit; /* use the first `limit` examples only; 0: all */
  bool shuffle;
  uint64_t seed;
  int32_t threads;             /* 0: one */
  bool examples_only;          /* no images: the device makes them (lw_session_keep_data) */
  LwAugmentation augmentation; /* all zero: none */
  int32_t ahead;               /* batches prepared beside the one that is being read; 0: 3 */
  /* Of each batch one part of `parts` (collective.h): images, and what lw_loader_next returns. 0:
   * all of it. An empty part has the batch's first example instead, to go along with. */
  int32_t part, parts;
} LwLoaderOptions;

/* The batch that a part is of. */
typedef struct {
  int32_t n;                        /* examples */
  int32_t first;                    /* the part's first one among them */
  bool absent;                      /* the part is empty */
  const int32_t *labels, *examples; /* [n], all of the batch's; valid as long as the part */
} LwWholeBatch;

LwLoader *lw_loader_new (LwDataset *dataset, const LwLoaderOptions *options, GError **error);
void lw_loader_free (LwLoader *loader); /* stops and joins the workers */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLoader, lw_loader_free)

/* What a loader takes for images of this shape: of the batch that is read and those beside it
 * (`ahead` as above), in bytes. */
int64_t lw_loader_bytes (LwShape shape, int32_t batch, int32_t ahead);

int32_t lw_loader_examples (const LwLoader *loader); /* in one epoch */
int32_t lw_loader_batches (const LwLoader *loader);  /* the last may be smaller */

/* Goes to batch `batch` of `epoch` (both from 0); drops what was prepared, and what lw_loader_next
 * returned last. */
void lw_loader_seek (LwLoader *loader, int64_t epoch, int32_t batch);
/* The next batch, in order, epoch after epoch; blocks until it is ready. Pointers are valid until
 * the next call. `ret_images` [n][C][height][width] (NULL: examples only), `ret_labels` [n];
 * returns n. */
int32_t lw_loader_next (LwLoader *loader, const float **ret_images, const int32_t **ret_labels);
/* What was, or is to be, done to each of them, [n]; NULL: nothing. */
const LwTransform *lw_loader_batch_transforms (LwLoader *loader);
bool lw_loader_has_images (const LwLoader *loader); /* else examples only */
/* The numbers in the data set of what lw_loader_next returned last, [n]; valid as long. */
const int32_t *lw_loader_batch_examples (LwLoader *loader);
/* Of what lw_loader_next returned last. */
LwWholeBatch lw_loader_whole_batch (LwLoader *loader);
/* Seconds that lw_loader_next has spent waiting since the loader was made. */
double lw_loader_waited_s (const LwLoader *loader);

/* The order in which an epoch visits its n examples: Fisher–Yates over lw_stream (seed,
 * LW_STREAM_SHUFFLE, epoch, 0). `ret_order`: [n]. */
void lw_shuffled_order (uint64_t seed, int64_t epoch, int32_t n, int32_t *ret_order);

G_END_DECLS
