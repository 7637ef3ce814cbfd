/* layerwise train: from options to a run. What it prints while the run goes on is train-report.c.
 */
#include "app/app.h"
#include "app/backends.h"
#include "app/train-again.h"
#include "app/train-data.h"
#include "app/together.h"
#include "app/train-report.h"
#include "engine/run_record.h"
#include "engine/sweep.h"
#include "engine/trainer.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS   10
#define INSIST_US (2 * G_USEC_PER_SEC) /* a second Ctrl-C after this ends the program at once */

/* A run that is going on, perhaps one of several. */
typedef struct {
  LwCollective *collective; /* with whom; NULL: alone */
  LwTrainer *trainer;       /* NULL: none just now */
  LwTrainReport *report;
  GMainLoop *loop;
  guint poll_id;
  gint64 interrupted_us; /* 0: not interrupted */
} Running;

/* Options whose text is a list are the sweep's, all others its base's. Elements are LwSweepRun. */
static GPtrArray *
runs_of (const LwArgs *args, GError **error)
{
  LwOptions *options = lw_app_options_of_sweep (args, lw_args_get (args, 0), error);
  g_autoptr (LwSettings) settings = NULL;
  g_autoptr (GArray) lists = g_array_new (FALSE, FALSE, sizeof (LwSweepField));

  if (options == NULL)
    return NULL;
  settings = lw_settings_new (options);
  for (guint i = 0; lw_train_settings[i].option != NULL; i++) {
    const char *field = lw_train_settings[i].field;
    const char *value = lw_args_value (args, lw_train_settings[i].option);
    const LwSweepField list = { field, value };

    if (value == NULL)
      continue;
    if (lw_train_settings[i].value != NULL)
      value = lw_train_settings[i].value;
    else if (lw_sweep_takes_list (field) && strpbrk (value, ",;") != NULL) {
      g_array_append_val (lists, list);
      continue;
    }
    if (!lw_settings_set (settings, field, value, error))
      return NULL;
  }
  for (const char *const *set = lw_args_values (args, "set"); *set != NULL; set++) {
    const LwSweepField list = { "set", *set };

    if (lw_app_is_list (*set))
      g_array_append_val (lists, list);
  }
  if (lists->len == 0 && !lw_settings_check (settings, error))
    return NULL;
  return lw_sweep_expand (settings, (const LwSweepField *)lists->data, (int)lists->len, error);
}

/* `group`: of a run that is one of several; NULL for one alone. */
static LwTrainer *
new_run (const LwArgs *args, LwCollective *collective, const LwSweepRun *run,
         const LwRunGroup *group, LwDataset **ret_dataset, GError **error)
{
  const char *output = lw_args_value (args, "output");
  g_autofree char *folder = output != NULL && group != NULL
                                ? g_build_filename (output, run->name, NULL)
                                : g_strdup (output);
  LwTrainer *trainer;

  *ret_dataset = lw_dataset_open (run->settings->data, error);
  if (*ret_dataset == NULL || !lw_train_follow_data (args, run->settings, *ret_dataset, error))
    return NULL;
  if (lw_dataset_note (*ret_dataset) != NULL)
    lw_app_note ("%s", lw_dataset_note (*ret_dataset));
  trainer = lw_trainer_new_shared (run->settings, lw_app_backends (), collective, *ret_dataset,
                                   folder, error);
  if (trainer != NULL && group != NULL)
    lw_trainer_set_group (trainer, group);
  return trainer;
}

static gboolean
on_interrupt (void *data)
{
  Running *running = data;
  const gint64 now_us = g_get_monotonic_time ();

  if (running->interrupted_us == 0) {
    running->interrupted_us = now_us;
    if (running->trainer != NULL)
      lw_trainer_stop (running->trainer);
  } else if (running->trainer != NULL && lw_trainer_state (running->trainer) == LW_RUN_PAUSED) {
    lw_trainer_stop (running->trainer); /* it waits for room to save, and gives that up now */
  } else if (now_us - running->interrupted_us > INSIST_US) {
    _exit (LW_EXIT_INTERRUPTED);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_poll (void *data)
{
  Running *running = data;
  /* The state first: what was logged before it became final is then seen below. */
  const LwRunState state = lw_trainer_state (running->trainer);

  if (!lw_train_report_update (running->report))
    lw_trainer_stop (running->trainer);
  if (state >= LW_RUN_FINISHED)
    g_main_loop_quit (running->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_wake_idle (void *data)
{
  on_poll (data);
  return G_SOURCE_REMOVE;
}

static void
on_wake (void *data)
{
  g_idle_add (on_wake_idle, data);
}

static void
run_to_the_end (Running *running)
{
  if (running->interrupted_us != 0) /* while it was made */
    lw_trainer_stop (running->trainer);
  running->loop = g_main_loop_new (NULL, FALSE);
  running->poll_id = g_timeout_add (POLL_MS, on_poll, running);
  lw_trainer_set_wake (running->trainer, on_wake, running);
  lw_trainer_start (running->trainer);
  g_main_loop_run (running->loop);
  lw_trainer_join (running->trainer);
  lw_trainer_set_wake (running->trainer, NULL, NULL);
  g_source_remove (running->poll_id);
  while (g_idle_remove_by_data (running))
    ; /* of the last change of state */
  g_main_loop_unref (running->loop);
}

/* One run, from its trainer, which is taken, to its last line. */
static int
train (Running *running, LwTrainer *trainer, LwDataset *dataset, bool json, GError **error)
{
  int status;

  running->trainer = trainer;
  running->report = lw_train_report_new (trainer, dataset, json);
  run_to_the_end (running);
  status = lw_train_report_finish (running->report, running->interrupted_us != 0, error);
  lw_train_report_free (running->report);
  running->trainer = NULL;
  lw_trainer_free (trainer);
  return status;
}

/* Whether there is nobody left to train with. */
static bool
is_left_alone (const Running *running)
{
  return running->collective != NULL && running->collective->failed;
}

/* One after the other; what fails or diverges does not keep the others from their turn. */
static int
train_all (Running *running, const LwArgs *args, const GPtrArray *runs, bool json, GError **error)
{
  g_autofree char *id = lw_run_group_new_id ();
  g_autofree char *name = g_strdup_printf (
      ngettext ("%s, a sweep of %u run", "%s, a sweep of %u runs", runs->len),
      lw_options_model (((LwSweepRun *)runs->pdata[0])->settings->options)->title, runs->len);
  int worst = LW_EXIT_DONE;
  guint i;

  for (i = 0; i < runs->len && running->interrupted_us == 0 && !is_left_alone (running); i++) {
    const LwSweepRun *run = runs->pdata[i];
    const LwRunGroup group = { id, name, run->label };
    g_autoptr (LwDataset) dataset = NULL;
    g_autoptr (GError) own_error = NULL;
    LwTrainer *trainer;
    int status;

    if (!json && runs->len > 1)
      lw_app_print (_ ("%sRun %u of %u: %s\n"), i > 0 ? "\n" : "", i + 1, runs->len, run->label);
    trainer = new_run (args, running->collective, run, runs->len > 1 ? &group : NULL, &dataset,
                       &own_error);
    if (trainer == NULL) {
      status =
          g_error_matches (own_error, LW_ERROR, LW_ERROR_UNKNOWN) ? LW_EXIT_USAGE : LW_EXIT_FAILED;
      if (json)
        lw_train_report_error (own_error->message);
    } else
      status = train (running, trainer, dataset, json, &own_error);
    if (status == LW_EXIT_INTERRUPTED)
      return status;
    if (status != LW_EXIT_DONE)
      worst = status;
    if (own_error != NULL && i + 1 < runs->len && !is_left_alone (running))
      lw_app_note ("%s", own_error->message);
    else if (own_error != NULL)
      g_propagate_error (error, g_steal_pointer (&own_error));
  }
  /* Not where what was interrupted could not be saved, or came to its end. */
  return i < runs->len && worst == LW_EXIT_DONE ? LW_EXIT_INTERRUPTED : worst;
}

static int
resume (Running *running, const LwArgs *args, bool json, GError **error)
{
  g_autoptr (LwDataset) dataset = NULL;
  int status;
  LwTrainer *trainer = lw_train_resumed (args, running->collective, &dataset, &status, error);

  if (trainer != NULL)
    return train (running, trainer, dataset, json, error);
  if (json && status == LW_EXIT_FAILED)
    lw_train_report_error ((*error)->message);
  return status;
}

static bool
has_diverged (const char *folder)
{
  LwRunRecord record;
  bool diverged;

  if (!lw_run_record_read (folder, &record, NULL))
    return false;
  diverged = record.state == LW_RUN_DIVERGED;
  lw_run_record_clear (&record);
  return diverged;
}

/* What differs is said by the exit status too, unless other numbers were asked for. */
static int
repeat (Running *running, const LwArgs *args, bool json, GError **error)
{
  bool differs;
  g_autoptr (LwDataset) dataset = NULL;
  g_autofree char *folder = NULL;
  int status;
  LwTrainer *trainer =
      lw_train_repeated (args, running->collective, &dataset, &differs, &status, error);

  if (trainer == NULL) {
    if (json && status == LW_EXIT_FAILED)
      lw_train_report_error ((*error)->message);
    return status;
  }
  folder = g_strdup (lw_trainer_folder (trainer));
  status = train (running, trainer, dataset, json, error);
  if (running->interrupted_us != 0 || (status != LW_EXIT_DONE && !has_diverged (folder)))
    return status;
  g_clear_error (error); /* one that diverged again is the same */
  status = lw_train_report_same (lw_args_value (args, "repeat"), folder, json, differs, error);
  if (json && status == LW_EXIT_FAILED)
    lw_train_report_error ((*error)->message);
  return status;
}

/* All that is trained, alone or as process 0. */
static int
train_what_is_asked (LwCollective *collective, const LwArgs *args, GError **error)
{
  /* Ctrl-C; the end of a session or a job; what a cluster is told to send before time is up. */
  static const int stopping[] = { SIGINT, SIGTERM, SIGUSR1 };
  const bool json = lw_args_flag (args, "json");
  g_autoptr (GPtrArray) runs = NULL;
  Running running = { .collective = collective };
  guint signals[G_N_ELEMENTS (stopping)];
  int status = LW_EXIT_USAGE;

  /* A reader that goes away is an error to report after saving the run, no reason to die. */
  signal (SIGPIPE, SIG_IGN);
  /* From now on, so that an early Ctrl-C is not lost: it is served when the main loop begins. */
  for (guint i = 0; i < G_N_ELEMENTS (stopping); i++)
    signals[i] = g_unix_signal_add (stopping[i], on_interrupt, &running);
  if (lw_args_flag (args, "resume"))
    status = resume (&running, args, json, error);
  else if (lw_args_flag (args, "repeat"))
    status = repeat (&running, args, json, error);
  else if (lw_args_n (args) == 0)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("layerwise train needs a MODEL, --resume RUN or --repeat RUN; \"layerwise "
                    "list\" shows the "
                    "models"));
  else if ((runs = runs_of (args, error)) != NULL)
    status = train_all (&running, args, runs, json, error);
  for (guint i = 0; i < G_N_ELEMENTS (stopping); i++)
    g_source_remove (signals[i]);
  return status;
}

static int
run (const LwArgs *args, GError **error)
{
  LwCollective *collective;
  int status;

  if (!lw_together_join (&collective, &status, error)) {
    if (error != NULL && *error != NULL && lw_args_flag (args, "json"))
      lw_train_report_error ((*error)->message);
    return status;
  }
  if (lw_collective_rank (collective) > 0)
    status = lw_together_work (collective, args, error);
  else {
    status = train_what_is_asked (collective, args, error);
    lw_together_dismiss (collective);
  }
  lw_together_leave (collective);
  return status;
}

static const LwArgOption options[] = {
  { NULL, NULL, NULL, N_ ("Data"), false },
  { "data", NULL, "NAME|PATH", LW_HELP_DATA, false },
  { "resize", NULL, "N", N_ ("Makes the network's input N × N; images are resized to it."), false },
  { "limit-train", NULL, "N", N_ ("Uses the first N training images only."), false },
  { "limit-test", NULL, "N", N_ ("Uses the first N test images only."), false },
  { "no-shuffle", NULL, NULL, N_ ("Takes the training images in the file's order."), false },
  { "normalize", NULL, "HOW",
    N_ ("none (default: images from 0 to 1), data (by the training images' mean and deviation), "
        "imagenet, or MEAN,STD (of channels: means, then deviations). The run keeps it."),
    false },
  { NULL, NULL, NULL, N_ ("Augmentation of training images"), false },
  { "augment", NULL, "NAME",
    N_ ("none (default), flip, crop (--crop-padding 4 --flip), or book (--crop-area 0.08 --flip "
        "--brightness 0.4 --contrast 0.4 --saturation 0.4); the same on every device."),
    false },
  { "flip", NULL, NULL, N_ ("Mirrors half of the images, left for right."), false },
  { "crop-padding", NULL, "N", N_ ("Crops out of the image with N black pixels around."), false },
  { "crop-area", NULL, "X", N_ ("Parts of X to 1 of the area, stretched to the input."), false },
  { "brightness", NULL, "X", N_ ("By a factor from 1 - X to 1 + X (default 0)."), false },
  { "contrast", NULL, "X", N_ ("The same of the contrast."), false },
  { "saturation", NULL, "X", N_ ("The same of the colours' saturation."), false },
  { "hue", NULL, "X", N_ ("Turns hues by up to X of the circle (at most 0.5)."), false },
  { NULL, NULL, NULL, N_ ("Network"), false },
  { "set", NULL, "KEY=VALUE", LW_HELP_SET, true },
  { "input", NULL, "CxHxW", LW_HELP_INPUT, false },
  { "classes", NULL, "N", LW_HELP_CLASSES, false },
  { "names", NULL, "NAMING", LW_HELP_NAMES, false },
  { "init", NULL, "FILE",
    N_ ("Starts from the weights of a safetensors file, which must be all of this network's."),
    false },
  { "init-partial", NULL, "FILE",
    N_ ("Takes of such a file what has the same name and shape, and lists what was taken and what "
        "was not, and why."),
    false },
  { NULL, NULL, NULL, N_ ("Training"), false },
  { "epochs", NULL, "N", N_ ("Passes over the training images."), false },
  { "steps", NULL, "N", N_ ("Stops after N optimizer steps, whatever --epochs says."), false },
  { "batch", NULL, "N", N_ ("Images in one step."), false },
  { "learning-rate", "lr", "X", N_ ("Learning rate."), false },
  { "optimizer", NULL, "NAME", N_ ("sgd (default) or adam."), false },
  { "momentum", NULL, "X", N_ ("Momentum of SGD (default 0)."), false },
  { "nesterov", NULL, NULL, N_ ("Nesterov's momentum."), false },
  { "weight-decay", NULL, "X", N_ ("Adds X times the weights to their gradient (default 0)."),
    false },
  { "schedule", NULL, "NAME",
    /* xgettext:no-c-format */
    N_ ("constant (default), cosine (to zero at the end), or step (a tenth at 50 % and again at "
        "75 % of the run)."),
    false },
  { "warmup-epochs", NULL, "X", N_ ("Raises the learning rate linearly over X epochs."), false },
  { "patience", NULL, "N",
    N_ ("Stops early when the best test accuracy is N epochs old (default 0: never)."), false },
  { "seed", NULL, "N", N_ ("Seed of all that is drawn (default 42)."), false },
  { NULL, NULL, NULL, N_ ("Device"), false },
  { "device", NULL, "NAME",
    N_ ("auto (default, the best that works) or a name that \"layerwise doctor\" lists."), false },
  { "precision", NULL, "NAME", N_ ("fp32 (default); bf16 and tf32 where the device has them."),
    false },
  { "threads", NULL, "N", N_ ("Processor threads (default: all)."), false },
  { "algorithms", NULL, "NAME", LW_HELP_ALGORITHMS, false },
  { "batch-norm-statistics", NULL, "OF",
    N_ ("Where mpirun or srun starts several workers, which share each batch: synchronized "
        "(default: batch normalization sees the whole batch, as one worker would), or local (each "
        "sees its part, which saves messages)."),
    false },
  { NULL, NULL, NULL, N_ ("Run"), false },
  { "output", NULL, "DIR",
    N_ ("The run's folder, new or empty (default: a new one below the runs folder). Of several "
        "runs "
        "it gets a folder each."),
    false },
  { "resume", NULL, "RUN",
    N_ ("Goes on where that run stopped, with its own settings; only --epochs and --steps may be "
        "raised. It ends as the uninterrupted run would."),
    false },
  { "repeat", NULL, "RUN",
    N_ ("Trains anew what that run was, from its folder alone: settings, algorithms, threads, "
        "initial weights, what was changed meanwhile. Says at the end whether it is the same bits, "
        "or where it first differs. --threads and --device take others than the run's."),
    false },
  { "checkpoint-every", NULL, "N",
    N_ ("Saves every N steps (default: after each epoch, and when stopped)."), false },
  { "snapshots", NULL, "MIB",
    N_ ("Room for the weights of past epochs, which the workbench plays back (default: 256 MiB; 0 "
        "keeps none)."),
    false },
  { "json", NULL, NULL,
    N_ ("Prints JSON Lines: start, init (of --init-partial), step after every optimizer step, "
        "epoch, setting, waiting and going-on (a full disk), end, error."),
    false },
  { NULL, NULL, NULL, NULL, false },
};

const LwCommand lw_command_train = {
  .name = "train",
  .synopsis = "MODEL [OPTIONS] | --resume RUN | --repeat RUN",
  .summary = N_ ("Trains a network and writes a run: curves, checkpoints, settings."),
  .description = N_ (
      "Trains MODEL with the book's recipe (\"layerwise list\" shows it) unless options say "
      "otherwise: Xavier-uniform weights, plain SGD, softmax cross-entropy, images resized "
      "bilinearly and scaled to 0 … 1. After each epoch it prints the mean loss and accuracy over "
      "the epoch while training, and those of the test images.\n\n"
      "A list of values makes one run of each, one after the other: --learning-rate 0.1,0.3,1 "
      "three, "
      "with --seed 42,43 six; at most 64. Lists may be given for all numbers and choices under "
      "Training and Augmentation, --limit-train, --resize, --precision and --set.\n\n"
      "Everything goes into the run's folder: run.json (settings), metrics.csv (all numbers), "
      "checkpoints. Ctrl-C saves the run and says how to go on with it. While the "
      "disk is full the training waits for room. Channels and classes "
      "follow the data unless they are given."),
  .options = options,
  .examples =
      N_ ("train lenet-bn|The book's training of LeNet with batch normalization.\n"
          "train lenet --data shapes --epochs 2|Without any file.\n"
          "train resnet18 --resize 32 --limit-train 5000 --epochs 3|Small enough for a "
          "laptop.\n"
          "train lenet --learning-rate 0.1,0.3,0.9 --epochs 3|Three runs, to compare in the "
          "workbench.\n"
          "train lenet --augment none,flip,crop|Does it help to see no image twice?\n"
          "train --resume RUN --epochs 20|Goes on with a run, for longer.\n"
          "train --repeat RUN|The same numbers once more, compared bit by bit."),
  .least = 0,
  .most = 1,
  .shared = true,
  .run = run,
};
