#include "engine/settings.h"

#include "engine/i18n.h"

#include <math.h>

LwSettings *
lw_settings_new (LwOptions *options)
{
  const LwRecipe recipe = lw_options_model (options)->recipe;
  LwSettings *settings = g_new0 (LwSettings, 1);

  *settings = (LwSettings){
    .options = options,
    .data = g_strdup ("fashion-mnist"),
    .epochs = recipe.epochs,
    .batch = recipe.batch_size,
    .learning_rate = recipe.learning_rate,
    .seed = 42,
    .shuffle = true,
    .augmentation.crop_area = 1,
    .normalize = g_strdup ("none"),
    .optimizer = LW_OPTIMIZER_SGD,
    .schedule = LW_SCHEDULE_CONSTANT,
    .device = g_strdup ("auto"),
    .precision = LW_PRECISION_FP32,
    .algorithms = LW_ALGORITHMS_TIMED,
    .snapshots = 256,
  };
  return settings;
}

LwSettings *
lw_settings_copy (const LwSettings *settings)
{
  LwSettings *copy = g_new (LwSettings, 1);

  *copy = *settings;
  copy->options = lw_options_copy (settings->options);
  copy->data = g_strdup (settings->data);
  copy->normalize = g_strdup (settings->normalize);
  copy->init = g_strdup (settings->init);
  copy->init_partial = g_strdup (settings->init_partial);
  copy->device = g_strdup (settings->device);
  return copy;
}

void
lw_settings_free (LwSettings *settings)
{
  if (settings == NULL)
    return;
  lw_options_free (settings->options);
  g_free (settings->data);
  g_free (settings->normalize);
  g_free (settings->init);
  g_free (settings->init_partial);
  g_free (settings->device);
  g_free (settings);
}

static bool
between (double value, double low, double high)
{
  return value >= low && value <= high; /* false for NaN */
}

const char *
lw_settings_problem (const LwSettings *settings, const char **ret_field)
{
  const LwSettings *s = settings;
  const bool adam = s->optimizer == LW_OPTIMIZER_ADAM;
  const struct {
    const char *field, *sentence;
    bool holds;
  } problems[] = {
    { "data", N_ ("No data set is chosen; name one, like fashion-mnist, or a folder."),
      s->data == NULL || *s->data == '\0' },
    { "epochs", N_ ("A run needs at least one epoch or one step."),
      s->steps < 0 || (s->steps == 0 && s->epochs < 1) },
    { s->limit_train < 0 ? "limit-train" : "limit-test",
      N_ ("The limits of training and test examples cannot be negative; 0 means all."),
      s->limit_train < 0 || s->limit_test < 0 },
    { "batch", N_ ("The batch size must be from 1 to 65536."), s->batch < 1 || s->batch > 65536 },
    { "learning-rate", N_ ("The learning rate must be a number from 0 to 1e9."),
      !between (s->learning_rate, 0, 1e9) },
    { "momentum", N_ ("The momentum must be at least 0 and less than 1."),
      !(s->momentum >= 0 && s->momentum < 1) },
    { "weight-decay", N_ ("The weight decay must be a number from 0 to 1e6."),
      !between (s->weight_decay, 0, 1e6) },
    { s->momentum > 0 ? "momentum" : "nesterov",
      N_ ("Momentum and Nesterov belong to SGD; Adam keeps averages of its own. Choose the "
          "optimizer sgd, or leave momentum at 0 and nesterov off."),
      adam && (s->momentum > 0 || s->nesterov) },
    { "nesterov",
      N_ ("Nesterov looks ahead along the momentum, so it needs one; set momentum to 0.9 or "
          "switch nesterov off."),
      s->nesterov && s->momentum <= 0 },
    { "warmup-epochs", N_ ("The warm-up must be a number of epochs from 0 to 1e6."),
      !between (s->warmup_epochs, 0, 1e6) },
    { "warmup-epochs", N_ ("The warm-up is longer than the whole run; use fewer warm-up epochs."),
      s->steps == 0 && s->warmup_epochs > s->epochs },
    { "patience",
      N_ ("The patience cannot be negative; 0 means that the run is never stopped early."),
      s->patience < 0 },
    { "init-partial",
      N_ ("The first weights come from one file: choose init, of which all must fit, or "
          "init-partial."),
      s->init != NULL && s->init_partial != NULL },
    { "snapshots", N_ ("The room for snapshots cannot be negative; 0 keeps none."),
      s->snapshots < 0 },
    { s->threads < 0 ? "threads" : "checkpoint-every",
      N_ ("The threads and the steps between checkpoints cannot be negative."),
      s->threads < 0 || s->checkpoint_every < 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (problems); i++)
    if (problems[i].holds) {
      if (ret_field != NULL)
        *ret_field = problems[i].field;
      return _ (problems[i].sentence);
    }
  return NULL;
}

bool
lw_settings_check (const LwSettings *settings, GError **error)
{
  const char *problem = lw_settings_problem (settings, NULL);

  if (problem != NULL)
    g_set_error_literal (error, LW_ERROR, LW_ERROR_INVALID, problem);
  return problem == NULL;
}

/* Constant: η. Cosine: η/2 (1 + cos πt/T) (Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5,
 * without restarts). Step: η ÷ 10 from T/2 on, ÷ 100 from 3T/4 on. Each is multiplied by
 * (t + 1)/W in the first W steps, the warm-up, so that step W − 1 has the full rate. */
double
lw_settings_learning_rate (const LwSettings *settings, int64_t step, int64_t total,
                           int64_t steps_per_epoch)
{
  const double warmup = ceil (settings->warmup_epochs * (double)steps_per_epoch);
  const double done = total > 0 ? CLAMP ((double)step / (double)total, 0, 1) : 0;
  double rate = settings->learning_rate;

  switch (settings->schedule) {
  case LW_SCHEDULE_COSINE:
    rate *= 0.5 * (1 + cos (G_PI * done));
    break;
  case LW_SCHEDULE_STEP:
    rate *= done >= 0.75 ? 0.01 : done >= 0.5 ? 0.1 : 1;
    break;
  case LW_SCHEDULE_CONSTANT:
    break;
  }
  return (double)step + 1 < warmup ? rate * (double)(step + 1) / warmup : rate;
}
