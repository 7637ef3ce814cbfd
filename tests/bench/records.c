/* What a training pays for being watched: the processor time of the whole process for a step with
 * nothing kept beside the curves, with each record by itself, with all, and with all while every
 * live view looks. All trainings are alive at once and take turns, so that a slow minute of the
 * machine does not fall on one of them; ratios are of turns that follow each other. Judges nothing.
 * The first look of a turn waits for none (trainer_watch.c), so turns have to be long beside the
 * rest between two looks: fifteen times what one takes.
 *
 *   bench-records MODEL SIZE BATCH [SECONDS [ROUNDS]]      bench-records resnet18 32 32 8 5 */
#include "engine/bn_history.h"
#include "engine/record_private.h"
#include "engine/trainer_private.h"
#include "kernels/cpu/cpu.h"

#include <stdlib.h>
#include <time.h>

#define STEPS_PER_EPOCH 150
#define VIEW_MS         120 /* as the views ask */
#define GRADIENTS_MS    400
#define MOST_ROUNDS     99
#define SETTLE_US       600000 /* a training that pauses shows its views where it stands */

enum { STATISTICS = 1 << LW_N_RECORDS, ALL = (1 << (LW_N_RECORDS + 1)) - 1 };

typedef struct {
  const char *name;
  unsigned kept;
  bool watched;
} Variant;

static const Variant variants[] = {
  { "nothing kept", 0, false },
  { "health", 1 << LW_RECORD_HEALTH, false },
  { "distributions", 1 << LW_RECORD_DISTRIBUTIONS, false },
  { "predictions", 1 << LW_RECORD_PREDICTIONS, false },
  { "batch-norm statistics", STATISTICS, false },
  { "all records", ALL, false },
  { "all, and every view open", ALL, true },
};

typedef struct {
  LwTrainer *trainer;
  LwProbe *probes[3];
  double ms[MOST_ROUNDS]; /* a step */
} Side;

/* A record that is never asked for anything. It is freed by its own kind. */
static const LwRecordKind silent = { .file = "silent" };

static double
process_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static LwSettings *
make_settings (char **argv)
{
  const char *const fields[][2] = { { "data", "shapes" }, { "device", "cpu" },
                                    { "threads", "1" },   { "resize", argv[2] },
                                    { "batch", argv[3] }, { "epochs", "100" },
                                    { "lr", "0.01" } };
  const LwModel *model = lw_model_find (argv[1], NULL);
  LwSettings *settings = model != NULL ? lw_settings_new (lw_options_new (model)) : NULL;

  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (fields); i++) {
    g_autoptr (GError) error = NULL;

    if (!lw_settings_set (settings, fields[i][0], fields[i][1], &error))
      g_error ("%s: %s", fields[i][0], error->message);
  }
  return settings;
}

/* What the Inspect page asks of a layer in the middle, the strip of the Train page of all that it
 * shows, and the inspector. */
static void
watch (Side *side)
{
  LwGraph *graph = lw_trainer_graph (side->trainer);
  const int32_t n = lw_graph_n_nodes (graph);
  g_autofree float *image = g_new0 (float, lw_shape_size (lw_graph_input_shape (graph)));
  LwNodeId strip[6], middle = n / 2;
  LwTensorPart weights = { -1, LW_ALL_ROWS };

  for (int32_t i = 0; i < 6; i++)
    strip[i] = 1 + i * (n - 2) / 6;
  while (middle > 0 && lw_graph_node (graph, middle)->op != LW_OP_CONV2D)
    middle--;
  weights.tensor = lw_graph_node (graph, middle)->tensors[LW_ROLE_WEIGHT];
  side->probes[0] =
      lw_trainer_watch_moment (side->trainer, &middle, 1, &weights, 1, image, VIEW_MS);
  side->probes[1] = lw_trainer_watch_moment (side->trainer, strip, 6, NULL, 0, image, VIEW_MS);
  side->probes[2] = lw_trainer_watch_gradients (side->trainer, GRADIENTS_MS);
}

static void
prepare (Side *side, const Variant *variant, const LwSettings *settings, LwDataset *dataset)
{
  const LwBackend *const backends[] = { lw_cpu_backend (), NULL };
  g_autoptr (GError) error = NULL;

  side->trainer = lw_trainer_new (settings, backends, dataset, NULL, &error);
  if (side->trainer == NULL)
    g_error ("%s", error->message);
  for (int i = 0; i < LW_N_RECORDS; i++) {
    LwRecord *record = lw_records_get (lw_trainer_records (side->trainer), (LwRecordId)i);

    if (record != NULL && (variant->kept & 1U << i) == 0)
      record->kind = &silent;
  }
  if ((variant->kept & STATISTICS) == 0)
    g_clear_pointer (&side->trainer->history, lw_bn_history_free);
  if (variant->watched)
    watch (side);
}

static int64_t
steps (LwTrainer *trainer)
{
  LwRunLog *log = lw_trainer_log (trainer);

  return lw_run_log_get (log, lw_run_log_length (log) - 1)->step;
}

/* A turn of so many seconds of processor time; returns milliseconds of it a step. */
static double
take_turn (LwTrainer *trainer, double seconds)
{
  const int64_t first = lw_run_log_length (lw_trainer_log (trainer)) > 0 ? steps (trainer) : 0;
  const double begin = process_ms ();
  double took;

  lw_trainer_start (trainer);
  while (process_ms () - begin < 1e3 * seconds)
    g_usleep (5000);
  lw_trainer_pause (trainer);
  while (lw_trainer_state (trainer) != LW_RUN_PAUSED)
    g_usleep (500);
  took = process_ms () - begin;
  g_usleep (SETTLE_US); /* is no other's */
  return took / (double)MAX (steps (trainer) - first, 1);
}

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (const double *values, int n, const double *by)
{
  double copy[MOST_ROUNDS];

  for (int i = 0; i < n; i++)
    copy[i] = values[i] / (by != NULL ? by[i] : 1);
  qsort (copy, (size_t)n, sizeof *copy, compare);
  return (copy[(n - 1) / 2] + copy[n / 2]) / 2;
}

int
main (int argc, char **argv)
{
  const double seconds = argc > 4 ? atof (argv[4]) : 8;
  const int rounds = argc > 5 ? CLAMP (atoi (argv[5]), 1, MOST_ROUNDS) : 5;
  g_autoptr (LwSettings) settings = argc > 3 ? make_settings (argv) : NULL;
  g_autoptr (LwDataset) dataset = NULL;
  Side sides[G_N_ELEMENTS (variants)] = { { NULL } };

  if (settings == NULL) {
    g_printerr ("usage: bench-records MODEL SIZE BATCH [SECONDS [ROUNDS]]\n");
    return 2;
  }
  dataset = lw_dataset_new_shapes (STEPS_PER_EPOCH * settings->batch, 256, 1);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    prepare (&sides[i], &variants[i], settings, dataset);
  for (int round = -1; round < rounds; round++)
    for (guint k = 0; k < G_N_ELEMENTS (variants); k++) {
      Side *side = &sides[(k + (guint)MAX (round, 0)) % G_N_ELEMENTS (variants)];

      side->ms[MAX (round, 0)] = take_turn (side->trainer, seconds);
    }
  g_print ("%-26s %12s %10s\n", argv[1], "ms a step", "slower");
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    g_print ("%-26s %12.3f %9.1f%%\n", variants[i].name, median (sides[i].ms, rounds, NULL),
             100 * (median (sides[i].ms, rounds, sides[0].ms) - 1));
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++) {
    for (int p = 0; p < 3; p++)
      if (sides[i].probes[p] != NULL) {
        lw_trainer_unwatch (sides[i].trainer, sides[i].probes[p]);
        lw_probe_unref (sides[i].probes[p]);
      }
    lw_trainer_free (sides[i].trainer);
  }
  return 0;
}
