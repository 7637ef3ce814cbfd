/* LwSettings: all that decides a training run. The command line's options, the workbench's settings
 * panel and run.json are three forms of it. A plain value object of one thread. */
#pragma once

#include "engine/backend.h"
#include "engine/data/augment.h"
#include "engine/models.h"

G_BEGIN_DECLS

/* Where several processes share a batch, what batch normalization takes its statistics of: the
 * whole batch, as one process would; or each process of its part, and the running ones are process
 * 0's. */
typedef enum { LW_NORM_SYNCHRONIZED, LW_NORM_LOCAL } LwNormStatistics;

typedef enum { LW_SCHEDULE_CONSTANT, LW_SCHEDULE_COSINE, LW_SCHEDULE_STEP } LwScheduleKind;

typedef struct {
  LwOptions *options;              /* model, knobs, input, classes; owned */
  char *data;                      /* "fashion-mnist", "shapes" or a folder */
  int32_t limit_train, limit_test; /* 0: all */
  int32_t epochs;
  int64_t steps; /* stop after so many optimizer steps; 0: by epochs alone */
  int32_t batch;
  double learning_rate;
  uint64_t seed; /* 42 */
  bool shuffle;
  LwAugmentation augmentation; /* of training images; none */
  /* "none" (images from 0 to 1), "data" (by the training images' mean and deviation), "imagenet" or
   * "MEAN,STD" (data/normalization.h). The options hold the numbers, once they are known: "data" is
   * measured when a run begins. */
  char *normalize;
  LwOptimizer optimizer;
  double momentum, weight_decay;
  bool nesterov;
  LwScheduleKind schedule; /* cosine: η/2 (1 + cos πt/T); step: ÷ 10 at 50 % and 75 % of the run */
  double warmup_epochs;    /* linear from 0 to η */
  /* Early stopping: ends the run when its test accuracy has not risen above its best for so many
   * epochs; 0: never. Stopping by patience: Goodfellow, Bengio and Courville, "Deep Learning" (MIT
   * Press 2016), algorithm 7.1. The accuracy decides, not the loss, because the best checkpoint and
   * the charts' star are of the best accuracy, and because the loss of a classifier rises while its
   * accuracy still does (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section
   * 3). Images that choose the end flatter it: Prechelt, "Early Stopping - But When?" (1998), takes
   * others than those it reports on. */
  int32_t patience;
  char *init;         /* safetensors with the first weights, or NULL */
  char *init_partial; /* the same, of which is taken what fits (partial_load.h), or NULL */
  char *device;       /* "auto", "reference", "cpu", "cuda:1" */
  LwPrecision precision;
  int32_t threads;                        /* 0: all cores */
  LwAlgorithms algorithms;                /* timed */
  int32_t checkpoint_every;               /* steps; 0: after each epoch only */
  LwNormStatistics batch_norm_statistics; /* synchronized */
  int32_t snapshots; /* MiB for weights kept of epochs (snapshots.h); 0: none; 256 */
} LwSettings;

/* The book's recipe for the model on Fashion-MNIST. Takes ownership of `options`. */
LwSettings *lw_settings_new (LwOptions *options);
/* A smaller input, fewer images and one or two epochs, so that this network trains in about a
 * minute on a laptop's CPU. Changes input, limits, epochs and batch only. */
void lw_settings_make_quick (LwSettings *settings);
LwSettings *lw_settings_copy (const LwSettings *settings);
void lw_settings_free (LwSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSettings, lw_settings_free)

/* Sets one field by its command-line name without dashes ("learning-rate", "batch", "resize",
 * "schedule", …) from text; "augment" sets all of augmentation. Fails with a sentence naming the
 * range, or the nearest name. */
bool lw_settings_set (LwSettings *settings, const char *field, const char *value, GError **error);
/* What lw_settings_set would make the same; of text fields "" for none, of "resize" the height;
 * NULL for a name it does not know. g_free. */
char *lw_settings_get (const LwSettings *settings, const char *field);
/* Whether the whole makes sense (batch against examples, steps against epochs, nesterov without
 * momentum…). */
bool lw_settings_check (const LwSettings *settings, GError **error);
/* The same without an error: the sentence, and the field to put right in `ret_field` (may be NULL);
 * NULL: all is well. Both are constant. */
const char *lw_settings_problem (const LwSettings *settings, const char **ret_field);

/* The learning rate of step `step` (from 0) of a run of `total` steps with `steps_per_epoch`. */
double lw_settings_learning_rate (const LwSettings *settings, int64_t step, int64_t total,
                                  int64_t steps_per_epoch);

char *lw_settings_to_json (const LwSettings *settings); /* one object, stable order; g_free */
LwSettings *lw_settings_from_json (const char *json, gssize length, GError **error);

G_END_DECLS
