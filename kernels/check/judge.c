#include "kernels/check/judge.h"

#include "engine/i18n.h"

#include <math.h>
#include <string.h>

double
lw_kernel_tolerance (LwOp op, LwPrecision precision)
{
  const bool products = op == LW_OP_CONV2D || op == LW_OP_LINEAR;

  if (precision == LW_PRECISION_BF16)
    return op == LW_OP_CONV2D || op == LW_OP_SIGMOID || op == LW_OP_TANH ? 3e-2 : 4e-3;
  return precision == LW_PRECISION_TF32 && products ? 2e-3 : 1e-5;
}

void
lw_kernel_verdict_clear (LwKernelVerdict *verdict)
{
  g_clear_pointer (&verdict->message, g_free);
}

static LwDirection
direction_of (const char *array)
{
  if (g_str_has_prefix (array, "dx"))
    return LW_BACKWARD_DATA;
  return array[0] == 'd' ? LW_BACKWARD_WEIGHTS : LW_FORWARD;
}

/* A sentence; the first one stays. Takes it. */
static void
condemn (LwKernelVerdict *verdict, char *sentence)
{
  verdict->passed = false;
  if (verdict->message == NULL)
    verdict->message = sentence;
  else
    g_free (sentence);
}

/* The verdict about an array's direction keeps the worst array. */
static void
weigh (LwKernelVerdict *verdict, const LwKernelArray *array, const LwKernelArray *expected)
{
  const LwKernelDistance distance =
      lw_kernel_distance (array->values, expected->values, expected->n);
  const double error = distance.off == 0 ? 0 : distance.off / distance.length;

  if (!lw_kernel_is_near (distance, expected->n, verdict->tolerance))
    verdict->passed = false;
  /* NaN is worse than any number. */
  if (verdict->array == NULL || isnan (error) || error > verdict->error) {
    verdict->error = error;
    verdict->array = expected->name;
  }
}

/* dx was added to something and rounded then: the sums are compared. */
static void
restore_sums (LwKernelResult *result)
{
  for (int i = 0; i < result->n_arrays; i++)
    if (direction_of (result->arrays[i].name) == LW_BACKWARD_DATA)
      for (int64_t k = 0; k < result->arrays[i].n; k++)
        result->arrays[i].values[k] += LW_KERNEL_BEFORE;
}

static void
compare (const LwKernelResult *result, const LwKernelResult *expected, LwKernelVerdict *verdicts)
{
  for (int i = 0; i < expected->n_arrays; i++) {
    const LwKernelArray *b = &expected->arrays[i];
    const LwKernelArray *a = lw_kernel_result_find (result, b->name);
    LwKernelVerdict *verdict = &verdicts[direction_of (b->name)];

    if (a != NULL && a->n == b->n)
      weigh (verdict, a, b);
    else
      condemn (verdict, g_strdup_printf (_ ("There is no result \"%s\"."), b->name));
  }
  if (result->batches != expected->batches)
    condemn (&verdicts[LW_FORWARD], g_strdup (_ ("The number of batches is wrong.")));
}

/* Whether the check can go on. */
static bool
judge_variant (const LwKernelTrial *trial, const LwKernelSubject *subject, const LwKernelData *data,
               LwKernelVariant variant, LwKernelVerdict *verdicts, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (LwKernelResult) result = NULL, again = NULL;
  g_autoptr (LwKernelResult) expected =
      lw_kernel_try (trial->oracle, trial->oracle_device, subject, data, variant, error);

  if (expected == NULL)
    return false;
  result = lw_kernel_try (trial->backend, trial->device, subject, data, variant, &failure);
  if (result != NULL && variant == LW_KERNEL_ACCUMULATE && trial->precision == LW_PRECISION_BF16) {
    restore_sums (result);
    restore_sums (expected);
  }
  if (result != NULL)
    compare (result, expected, verdicts);
  if (result != NULL && variant == LW_KERNEL_TRAINING)
    again = lw_kernel_try (trial->backend, trial->device, subject, data, variant, &failure);
  if (again != NULL && !lw_kernel_results_equal (again, result))
    condemn (&verdicts[LW_FORWARD], g_strdup (_ ("The same work again gives other bits.")));
  if (g_error_matches (failure, LW_ERROR, LW_ERROR_DEVICE)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  if (failure != NULL)
    condemn (&verdicts[LW_FORWARD], g_strdup (failure->message));
  return true;
}

int
lw_kernel_judge (const LwKernelTrial *trial, const LwKernelCase *info,
                 LwKernelVerdict ret_verdicts[LW_N_DIRECTIONS], GError **error)
{
  LwKernelVerdict all[LW_N_DIRECTIONS];
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (info);
  g_autoptr (LwKernelData) data = NULL;
  const double tolerance = lw_kernel_tolerance (info->op, trial->precision);
  bool goes_on = true;
  int n = 0;

  for (int direction = 0; direction < LW_N_DIRECTIONS; direction++)
    all[direction] = (LwKernelVerdict){ .op = lw_op_info (info->op)->name,
                                        .name = info->name,
                                        .direction = (LwDirection)direction,
                                        .error = NAN,
                                        .tolerance = tolerance,
                                        .passed = true };
  if (subject == NULL)
    condemn (&all[LW_FORWARD], g_strdup (_ ("The case describes no network.")));
  else
    data = lw_kernel_data_new (subject);
  if (data != NULL && trial->precision == LW_PRECISION_BF16)
    lw_kernel_data_round (subject, data);
  for (int variant = 0; data != NULL && variant <= LW_KERNEL_INFERENCE && goes_on; variant++)
    goes_on = judge_variant (trial, subject, data, (LwKernelVariant)variant, all, error);
  for (int direction = 0; direction < LW_N_DIRECTIONS; direction++) {
    if (goes_on &&
        (direction == LW_FORWARD || all[direction].array != NULL || !all[direction].passed))
      ret_verdicts[n++] = all[direction];
    else
      lw_kernel_verdict_clear (&all[direction]);
  }
  return n;
}

/* --- not a number ----------------------------------------------------------------------------- */

const LwOp lw_not_a_number_ops[] = { LW_OP_RELU,     LW_OP_SIGMOID,  LW_OP_TANH,
                                     LW_OP_MAX_POOL, LW_OP_AVG_POOL, LW_OP_CROSS_ENTROPY };
const int lw_n_not_a_number_ops = G_N_ELEMENTS (lw_not_a_number_ops);

enum { NAN_PLACES = 4 };

int
lw_kernel_loses_nan (const LwBackend *backend, LwDevice *device, LwOp op, GError **error)
{
  const bool flat = op == LW_OP_CROSS_ENTROPY;
  const LwKernelCase info = { .name = lw_op_info (op)->name,
                              .op = op,
                              .x = flat ? (LwShape){ NAN_PLACES, 1, 1, true }
                                        : (LwShape){ 1, 2, 2, false },
                              .window = { 2, 2, 0 },
                              .batch = 1,
                              .n = 1 };
  g_autoptr (LwKernelSubject) subject = lw_kernel_subject_new (&info);
  g_autoptr (LwKernelData) data = lw_kernel_data_new (subject);

  for (int at = 0; at < NAN_PLACES; at++) {
    const float kept = data->x[0][at];
    bool found = false;

    data->x[0][at] = NAN;

    g_autoptr (LwKernelResult) result =
        lw_kernel_try (backend, device, subject, data, LW_KERNEL_TRAINING, error);

    if (result == NULL)
      return -1;

    const LwKernelArray *y = lw_kernel_result_find (result, "y");

    for (int64_t i = 0; y != NULL && i < y->n; i++)
      found = found || isnan (y->values[i]);
    if (!found)
      return at;
    data->x[0][at] = kept;
  }
  return -1;
}
