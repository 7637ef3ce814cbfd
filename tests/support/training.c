#include "tests/support/training.h"

#include "engine/formats/safetensors.h"
#include "kernels/reference/reference.h"

#include <string.h>

const LwBackend *const lw_test_backends[] = { &lw_reference_backend, NULL };

LwSettings *
lw_test_settings (const char *model, ...)
{
  g_autoptr (GError) error = NULL;
  const LwModel *row = lw_model_find (model, &error);
  LwSettings *settings;
  const char *assignment;
  va_list list;

  g_assert_no_error (error);
  settings = lw_settings_new (lw_options_new (row));
  g_assert_true (lw_settings_set (settings, "device", "reference", NULL));
  g_assert_true (lw_settings_set (settings, "threads", "1", NULL));
  va_start (list, model);
  while ((assignment = va_arg (list, const char *)) != NULL) {
    g_auto (GStrv) parts = g_strsplit (assignment, "=", 2);

    if (!lw_settings_set (settings, parts[0], parts[1], &error))
      g_error ("%s: %s", assignment, error->message);
  }
  va_end (list);
  return settings;
}

LwDataset *
lw_test_shapes (int32_t n_train, int32_t n_test)
{
  return lw_dataset_new_shapes (n_train, n_test, 1);
}

LwTrainer *
lw_test_new (const LwSettings *settings, LwDataset *dataset, const char *folder)
{
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_new (settings, lw_test_backends, dataset, folder, &error);

  g_assert_no_error (error);
  return trainer;
}

void
lw_test_wait (LwTrainer *trainer, LwRunState state)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  LwRunState now;

  while ((now = lw_trainer_state (trainer)) != state) {
    if (now >= LW_RUN_FINISHED || g_get_monotonic_time () > end) {
      g_autofree char *message = lw_trainer_message (trainer);

      g_error ("the run is in state %d, not %d: %s", now, state, message);
    }
    g_usleep (200);
  }
}

int64_t
lw_test_steps (LwTrainer *trainer)
{
  LwRunLog *log = lw_trainer_log (trainer);
  int64_t n = 0;

  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    n += lw_run_log_get (log, i)->kind == LW_EVENT_STEP;
  return n;
}

void
lw_test_step (LwTrainer *trainer)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  const int64_t before = lw_test_steps (trainer);

  lw_trainer_step (trainer);
  while (lw_test_steps (trainer) == before) /* it may rest again before anybody saw it run */
    if (g_get_monotonic_time () > end || lw_trainer_state (trainer) >= LW_RUN_FINISHED)
      g_error ("no step was made");
    else
      g_usleep (200);
  lw_test_wait (trainer, LW_RUN_PAUSED);
  g_assert_cmpint (lw_test_steps (trainer), ==, before + 1);
}

void
lw_test_run (LwTrainer *trainer, LwRunState state)
{
  lw_trainer_start (trainer);
  lw_trainer_join (trainer);
  if (lw_trainer_state (trainer) != state) {
    g_autofree char *message = lw_trainer_message (trainer);

    g_error ("the run ended in state %d: %s", lw_trainer_state (trainer), message);
  }
}

LwRunLog *
lw_test_train (const LwSettings *settings, LwDataset *dataset, const char *folder)
{
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, folder);

  lw_test_run (trainer, LW_RUN_FINISHED);
  return lw_run_log_ref (lw_trainer_log (trainer));
}

/* The next STEP or EPOCH event at or after *index; NULL at the end. */
static const LwEvent *
next_event (LwRunLog *log, int64_t *index)
{
  while (*index < lw_run_log_length (log)) {
    const LwEvent *event = lw_run_log_get (log, (*index)++);

    if (event->kind == LW_EVENT_STEP || event->kind == LW_EVENT_EPOCH)
      return event;
  }
  return NULL;
}

void
lw_test_assert_same_log (LwRunLog *a, LwRunLog *b)
{
  int64_t i = 0, j = 0;

  for (;;) {
    const LwEvent *x = next_event (a, &i), *y = next_event (b, &j);

    g_assert_true ((x == NULL) == (y == NULL));
    if (x == NULL)
      return;
    g_assert_cmpint (x->kind, ==, y->kind);
    g_assert_cmpint (x->step, ==, y->step);
    /* Rows that were read back from a file have nine digits: all of a float's, not of a double's.
     */
    g_assert_cmpfloat_with_epsilon (x->epoch, y->epoch, 1e-7 * (1 + x->epoch));
    g_assert_cmpfloat (x->loss, ==, y->loss);
    g_assert_cmpfloat (x->accuracy, ==, y->accuracy);
    g_assert_cmpfloat (x->test_loss, ==, y->test_loss);
    g_assert_cmpfloat (x->test_accuracy, ==, y->test_accuracy);
    g_assert_cmpfloat (x->learning_rate, ==, y->learning_rate);
  }
}

void
lw_test_assert_same_tensors (const char *path_a, const char *path_b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTensorFile) a = lw_tensor_file_open (path_a, &error);
  g_autoptr (LwTensorFile) b = a != NULL ? lw_tensor_file_open (path_b, &error) : NULL;

  g_assert_no_error (error);
  g_assert_cmpint (lw_tensor_file_n (a), ==, lw_tensor_file_n (b));
  g_assert_cmpint (lw_tensor_file_n (a), >, 0);
  for (int32_t i = 0; i < lw_tensor_file_n (a); i++) {
    const LwFileTensor *x = lw_tensor_file_get (a, i);
    const LwFileTensor *y = lw_tensor_file_find (b, x->name);

    g_assert_nonnull (y);
    g_assert_cmpint (x->size, ==, y->size);
    g_assert_cmpint (x->dtype, ==, y->dtype);
    if (memcmp (x->data, y->data, (gsize)x->size * (x->dtype == LW_I64 ? 8 : 4)) != 0)
      g_error ("%s: tensor %s differs from %s", path_a, x->name, path_b);
  }
}

void
lw_test_assert_sentence (GError **error, int code, const char *part)
{
  g_assert_error (*error, LW_ERROR, code);
  if (strstr ((*error)->message, part) == NULL)
    g_error ("\"%s\" does not say \"%s\"", (*error)->message, part);
  /* A sentence ends; messages of unknown names end with the question. */
  g_assert_true (g_str_has_suffix ((*error)->message, ".") ||
                 g_str_has_suffix ((*error)->message, "?"));
  g_clear_error (error);
}
