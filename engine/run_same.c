#include "engine/run_same.h"

#include "engine/checkpoint.h"
#include "engine/i18n.h"
#include "engine/live_setting.h"
#include "engine/number.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void
lw_run_same_clear (LwRunSame *same)
{
  g_free (same->difference);
  *same = (LwRunSame){ .step = -1 };
}

/* The first difference stays. Takes the sentence. */
static void
differ (LwRunSame *same, int64_t step, char *sentence)
{
  if (same->difference == NULL) {
    same->difference = sentence;
    same->step = step;
  } else
    g_free (sentence);
}

/* The next event at or after *index that is a measurement or a change; NULL at the end. */
static const LwEvent *
next_event (const LwRun *run, int64_t *index)
{
  while (*index < lw_run_log_length (run->log)) {
    const LwEvent *event = lw_run_log_get (run->log, (*index)++);

    if (event->kind != LW_EVENT_START && event->kind != LW_EVENT_END)
      return event;
  }
  return NULL;
}

/* Bits, so that a NaN is itself. */
static void
compare_value (LwRunSame *same, int64_t step, const char *what, float a, float b)
{
  char x[LW_NUMBER_SIZE], y[LW_NUMBER_SIZE];

  if (memcmp (&a, &b, sizeof a) == 0)
    return;
  differ (same, step,
          g_strdup_printf (/* "loss"; two numbers. */
                           _ ("After step %" PRId64 " the %s is %s in the first run and %s in the "
                              "second."),
                           step, what, g_ascii_formatd (x, sizeof x, "%.9g", (double)a),
                           g_ascii_formatd (y, sizeof y, "%.9g", (double)b)));
}

static void
compare_events (const LwEvent *a, const LwEvent *b, LwRunSame *same)
{
  const bool tested = a->kind == LW_EVENT_EPOCH;

  compare_value (same, a->step, tested ? _ ("training loss") : _ ("loss"), a->loss, b->loss);
  compare_value (same, a->step, _ ("training accuracy"), a->accuracy, b->accuracy);
  compare_value (same, a->step, _ ("learning rate"), a->learning_rate, b->learning_rate);
  if (tested) {
    compare_value (same, a->step, _ ("test loss"), a->test_loss, b->test_loss);
    compare_value (same, a->step, _ ("test accuracy"), a->test_accuracy, b->test_accuracy);
  }
  if (a->kind == LW_EVENT_STEP && a->loss != b->loss)
    same->loss = fmax (same->loss, fabs ((double)a->loss - (double)b->loss) /
                                       fmax (fabs ((double)a->loss), 1e-9));
}

static void
compare_logs (const LwRun *first, const LwRun *again, LwRunSame *same)
{
  const LwEvent *a, *b;
  int64_t i = 0, j = 0;

  while ((a = next_event (first, &i)) != NULL) {
    b = next_event (again, &j);
    if (b == NULL || a->kind != b->kind || a->step != b->step || a->setting != b->setting ||
        a->value != b->value) {
      differ (same, a->step,
              g_strdup_printf (_ ("After step %" PRId64 " the second run went another way: it "
                                  "stopped, or a setting changed in one of the two only."),
                               a->step));
      return;
    }
    compare_events (a, b, same);
    if (same->difference == NULL) {
      same->steps += a->kind == LW_EVENT_STEP;
      same->epochs += a->kind == LW_EVENT_EPOCH;
    }
  }
}

/* The first value of two tensors that differs; −1: none. */
static int64_t
first_difference (const LwFileTensor *a, const LwFileTensor *b)
{
  const gsize size = a->dtype == LW_I64 ? sizeof (int64_t) : sizeof (float);

  for (int64_t i = 0; i < a->size; i++)
    if (memcmp ((const char *)a->data + (gsize)i * size, (const char *)b->data + (gsize)i * size,
                size) != 0)
      return i;
  return -1;
}

static void
compare_tensors (const LwTensorFile *a, const LwTensorFile *b, int64_t step, LwRunSame *same)
{
  for (int32_t i = 0; i < lw_tensor_file_n (a); i++) {
    const LwFileTensor *x = lw_tensor_file_get (a, i), *y = lw_tensor_file_find (b, x->name);
    int64_t where;

    if (y == NULL || y->size != x->size || y->dtype != x->dtype) {
      differ (same, step, g_strdup_printf (_ ("The second run has no tensor \"%s\"."), x->name));
      return;
    }
    where = first_difference (x, y);
    if (where >= 0) {
      differ (same, step,
              g_strdup_printf (
                  _ ("After step %" PRId64 " value %" PRId64 " of the tensor \"%s\" differs."),
                  step, where, x->name));
      return;
    }
    same->tensors++;
  }
}

/* The last checkpoint that both have. */
static bool
compare_checkpoints (const LwRun *first, const LwRun *again, LwRunSame *same, GError **error)
{
  g_autoptr (GArray) steps = lw_checkpoint_list (first->folder);
  g_autoptr (LwTensorFile) a = NULL, b = NULL;

  for (guint i = steps->len; i-- > 0;) {
    const int64_t step = g_array_index (steps, int64_t, i);
    g_autofree char *x = lw_checkpoint_path (first->folder, step);
    g_autofree char *y = lw_checkpoint_path (again->folder, step);

    if (!g_file_test (y, G_FILE_TEST_EXISTS))
      continue;
    if ((a = lw_tensor_file_open (x, error)) == NULL ||
        (b = lw_tensor_file_open (y, error)) == NULL)
      return false;
    compare_tensors (a, b, step, same);
    return true;
  }
  return true;
}

bool
lw_run_same (const LwRun *first, const LwRun *again, LwRunSame *ret_same, GError **error)
{
  *ret_same = (LwRunSame){ .step = -1 };
  compare_logs (first, again, ret_same);
  if (!compare_checkpoints (first, again, ret_same, error)) {
    lw_run_same_clear (ret_same);
    return false;
  }
  ret_same->same = ret_same->difference == NULL;
  return true;
}
