/* What `layerwise doctor --check` says of kernels with one mistake each: backends that are the
 * reference but for one function. */
#include "kernels/check/judge.h"
#include "kernels/reference/reference.h"

#include <math.h>
#include <string.h>

typedef LwKernelVerdict Verdicts[LW_N_DIRECTIONS];

static LwDevice *device;

static const LwKernelCase *
find_case (const char *name)
{
  for (int i = 0; i < lw_n_kernel_cases; i++)
    if (strcmp (lw_kernel_cases[i].name, name) == 0)
      return &lw_kernel_cases[i];
  g_error ("there is no case %s", name);
}

static int
judge (const LwBackend *backend, const char *name, Verdicts verdicts, GError **error)
{
  const LwKernelTrial trial = {
    .backend = backend, .device = device, .oracle = &lw_reference_backend, .oracle_device = device
  };

  return lw_kernel_judge (&trial, find_case (name), verdicts, error);
}

static void
clear (Verdicts verdicts, int n)
{
  for (int i = 0; i < n; i++)
    lw_kernel_verdict_clear (&verdicts[i]);
}

/* The reference judges itself: everything passes, without any error. */
static void
test_right (void)
{
  for (int i = 0; i < lw_n_kernel_cases; i++) {
    g_autoptr (GError) error = NULL;
    Verdicts verdicts;
    const int n = judge (&lw_reference_backend, lw_kernel_cases[i].name, verdicts, &error);

    g_assert_no_error (error);
    g_assert_cmpint (n, >=, 1);
    for (int k = 0; k < n; k++) {
      g_assert_true (verdicts[k].passed);
      g_assert_null (verdicts[k].message);
      g_assert_cmpfloat (verdicts[k].error, ==, 0);
    }
    clear (verdicts, n);
  }
}

/* --- planted mistakes ------------------------------------------------------------------------- */

/* Some numbers are off by a little, and none changes its sign, which is what backward reads. */
static bool
wrong_forward (LwDevice *on, const LwStep *step, GError **error)
{
  const bool done = lw_reference_backend.kernels[LW_OP_RELU].forward (on, step, error);

  for (int i = 0; i < 8; i++)
    ((float *)step->y)[i] *= 1.001f;
  return done;
}

static bool
wrong_backward (LwDevice *on, const LwStep *step, GError **error)
{
  const bool done = lw_reference_backend.kernels[LW_OP_RELU].backward (on, step, error);

  if (step->dx[0] != NULL)
    ((float *)step->dx[0])[1] = NAN;
  return done;
}

static bool
past_the_end (LwDevice *on, const LwStep *step, GError **error)
{
  ((float *)step->y)[step->batch * lw_shape_size (step->y_shape)] = 0;
  return lw_reference_backend.kernels[LW_OP_RELU].forward (on, step, error);
}

static bool
before_the_start (LwDevice *on, const LwStep *step, GError **error)
{
  ((float *)step->y)[-2] = 0;
  return lw_reference_backend.kernels[LW_OP_RELU].forward (on, step, error);
}

/* Right within the tolerance, but other bits each time. */
static bool
other_bits (LwDevice *on, const LwStep *step, GError **error)
{
  static int calls;
  const bool done = lw_reference_backend.kernels[LW_OP_RELU].forward (on, step, error);
  float *y = step->y;

  for (int i = 0; i < 8; i++)
    if (y[i] > 0)
      y[i] = nextafterf (y[i], (float)(calls % 2 * 2));
  calls++;
  return done;
}

static bool
loses_nan (LwDevice *on, const LwStep *step, GError **error)
{
  const bool done = lw_reference_backend.kernels[LW_OP_RELU].forward (on, step, error);
  float *y = step->y;

  for (int i = 0; i < 4; i++)
    y[i] = isnan (y[i]) ? 0 : y[i];
  return done;
}

static bool
lost (LwDevice *on, const LwStep *step, GError **error)
{
  (void)on;
  (void)step;
  g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, "the device is lost");
  return false;
}

static bool
refuses (LwDevice *on, const LwStep *step, GError **error)
{
  (void)on;
  (void)step;
  g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED, "not these shapes");
  return false;
}

static LwBackend
with (bool (*forward) (LwDevice *, const LwStep *, GError **))
{
  LwBackend backend = lw_reference_backend;

  backend.kernels[LW_OP_RELU].forward = forward;
  return backend;
}

/* What is wrong forwards is said there, and backwards passes. */
static void
test_wrong_forward (void)
{
  const LwBackend backend = with (wrong_forward);
  Verdicts verdicts;
  const int n = judge (&backend, "relu", verdicts, NULL);

  g_assert_cmpint (n, ==, 2);
  g_assert_cmpint (verdicts[0].direction, ==, LW_FORWARD);
  g_assert_false (verdicts[0].passed);
  g_assert_cmpstr (verdicts[0].array, ==, "y");
  g_assert_cmpfloat (verdicts[0].error, >, 1e-5);
  g_assert_cmpfloat (verdicts[0].error, <, 1e-2);
  g_assert_true (verdicts[1].passed);
  clear (verdicts, n);
}

static void
test_wrong_backward (void)
{
  LwBackend backend = lw_reference_backend;
  Verdicts verdicts;
  int n;

  backend.kernels[LW_OP_RELU].backward = wrong_backward;
  n = judge (&backend, "relu", verdicts, NULL);
  g_assert_cmpint (n, ==, 2);
  g_assert_true (verdicts[0].passed);
  g_assert_cmpint (verdicts[1].direction, ==, LW_BACKWARD_DATA);
  g_assert_false (verdicts[1].passed);
  g_assert_true (isnan (verdicts[1].error));
  clear (verdicts, n);
}

static const struct {
  const char *name;
  bool (*forward) (LwDevice *, const LwStep *, GError **);
  const char *sentence;
} mistakes[] = {
  { "past-the-end", past_the_end, "wrote past the end of buffer" },
  { "before-the-start", before_the_start, "wrote before the beginning of buffer" },
  { "other-bits", other_bits, "gives other bits" },
  { "refuses", refuses, "not these shapes" },
};

static void
test_mistake (gconstpointer data)
{
  const int i = GPOINTER_TO_INT (data);
  const LwBackend backend = with (mistakes[i].forward);
  g_autoptr (GError) error = NULL;
  Verdicts verdicts;
  const int n = judge (&backend, "relu", verdicts, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 1);
  g_assert_false (verdicts[0].passed);
  g_assert_nonnull (verdicts[0].message);
  if (strstr (verdicts[0].message, mistakes[i].sentence) == NULL)
    g_error ("it says: %s", verdicts[0].message);
  clear (verdicts, n);
}

/* Nothing more can be computed: the check ends with the device's sentence, and leaves nothing. */
static void
test_lost (void)
{
  const LwBackend backend = with (lost);
  g_autoptr (GError) error = NULL;
  Verdicts verdicts;

  g_assert_cmpint (judge (&backend, "relu", verdicts, &error), ==, 0);
  g_assert_error (error, LW_ERROR, LW_ERROR_DEVICE);
}

static void
test_not_a_number (void)
{
  const LwBackend backend = with (loses_nan);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < lw_n_not_a_number_ops; i++) {
    const bool planted = lw_not_a_number_ops[i] == LW_OP_RELU;

    g_assert_cmpint (
        lw_kernel_loses_nan (&lw_reference_backend, device, lw_not_a_number_ops[i], &error), ==,
        -1);
    g_assert_no_error (error);
    g_assert_cmpint (lw_kernel_loses_nan (&backend, device, lw_not_a_number_ops[i], &error), ==,
                     planted ? 0 : -1);
    g_assert_no_error (error);
  }
}

/* Adam that forgets its second correction. */
static bool
wrong_update (LwDevice *on, const LwUpdate *update, GError **error)
{
  LwUpdate other = *update;

  if (update->optimizer == LW_OPTIMIZER_ADAM)
    other.t++;
  return lw_reference_backend.update (on, &other, error);
}

static void
test_optimizers (void)
{
  LwBackend backend = lw_reference_backend;
  LwKernelTrial trial = { .backend = &lw_reference_backend,
                          .device = device,
                          .oracle = &lw_reference_backend,
                          .oracle_device = device };
  LwKernelVerdict verdicts[LW_N_OPTIMIZER_CASES];
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_kernel_judge_optimizers (&trial, verdicts, &error));
  for (int i = 0; i < LW_N_OPTIMIZER_CASES; i++)
    g_assert_true (verdicts[i].passed);
  backend.update = wrong_update;
  trial.backend = &backend;
  g_assert_true (lw_kernel_judge_optimizers (&trial, verdicts, &error));
  for (int i = 0; i < LW_N_OPTIMIZER_CASES; i++)
    g_assert_true (verdicts[i].passed == (strcmp (verdicts[i].name, "Adam") != 0));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  device = lw_reference_backend.open (0, &(LwDeviceOptions){ .threads = 1 }, NULL);
  g_assert_nonnull (device);
  g_test_add_func ("/kernel-judge/right", test_right);
  g_test_add_func ("/kernel-judge/wrong-forward", test_wrong_forward);
  g_test_add_func ("/kernel-judge/wrong-backward", test_wrong_backward);
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autofree char *path = g_strconcat ("/kernel-judge/", mistakes[i].name, NULL);

    g_test_add_data_func (path, GINT_TO_POINTER ((int)i), test_mistake);
  }
  g_test_add_func ("/kernel-judge/lost", test_lost);
  g_test_add_func ("/kernel-judge/not-a-number", test_not_a_number);
  g_test_add_func ("/kernel-judge/optimizers", test_optimizers);
  status = g_test_run ();
  lw_reference_backend.close (device);
  return status;
}
