/* Every family learns: narrow and on small images, each fits 32 figures until it names all of them
 * rightly, which no network does that has a wrong gradient somewhere. */
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <string.h>

#define N_IMAGES 32

typedef struct {
  const char *model;
  int32_t steps; /* at most; about twice what it needs */
  const char *options[8];
} Case;

static const Case cases[] = {
  { "lenet", 300, { "lr=0.01", "optimizer=adam" } },
  { "lenet-bn", 100, { "lr=0.5" } },
  { "alexnet",
    150,
    { "resize=67", "set=width=0.1", "set=dropout=0", "lr=0.003", "optimizer=adam" } },
  { "vgg11-small",
    300,
    { "resize=32", "set=width=0.1", "set=hidden=128", "set=dropout=0", "lr=0.001",
      "optimizer=adam" } },
  { "nin", 700, { "resize=67", "set=width=0.25", "set=dropout=0", "lr=0.002", "optimizer=adam" } },
  { "googlenet", 400, { "resize=32", "set=width=0.25", "lr=0.001", "optimizer=adam" } },
  { "resnet18", 50, { "resize=28", "set=width=0.25", "lr=0.05" } },
  { "densenet", 50, { "resize=32", "set=growth_rate=8", "lr=0.1" } },
};

/* Stops the run at the first step that names all images rightly. */
static int64_t
steps_until_fitted (LwTrainer *trainer)
{
  LwRunLog *log = lw_trainer_log (trainer);
  int64_t fitted = -1;

  lw_trainer_start (trainer);
  for (int64_t i = 0; fitted < 0 && lw_trainer_state (trainer) < LW_RUN_FINISHED;) {
    for (; i < lw_run_log_length (log) && fitted < 0; i++) {
      const LwEvent *event = lw_run_log_get (log, i);

      if (event->kind == LW_EVENT_STEP && event->accuracy == 1 && event->loss < 0.2f)
        fitted = event->step;
    }
    g_usleep (1000);
  }
  lw_trainer_stop (trainer);
  lw_trainer_join (trainer);
  return fitted;
}

static void
test_overfit (gconstpointer data)
{
  const Case *c = data;
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *steps = g_strdup_printf ("steps=%d", c->steps);
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_IMAGES, 1);
  g_autoptr (LwSettings) settings =
      lw_test_settings (c->model, "data=shapes", "batch=32", "threads=2", steps, NULL);
  g_autoptr (LwTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;
  int64_t fitted;

  for (int i = 0; c->options[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (c->options[i], "=", 2);

    if (!lw_settings_set (settings, parts[0], parts[1], &error))
      g_error ("%s", error->message);
  }
  trainer = lw_trainer_new (settings, lw_test_backends, dataset, path, &error);
  g_assert_no_error (error);
  fitted = steps_until_fitted (trainer);
  if (fitted < 0) {
    LwRunLog *log = lw_trainer_log (trainer);
    const LwEvent *event = lw_run_log_get (log, MAX (0, lw_run_log_length (log) - 3));

    g_error ("%s has not fitted %d images after %d steps: accuracy %.3f, loss %.3f", c->model,
             N_IMAGES, c->steps, (double)event->accuracy, (double)event->loss);
  }
  g_test_message ("%s: %d steps of at most %d", c->model, (int)fitted, c->steps);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/learning/", cases[i].model, NULL);

    g_test_add_data_func (path, &cases[i], test_overfit);
  }
  return g_test_run ();
}
