#include "app/check.h"

#include "kernels/check/judge.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef struct {
  const LwCheckOptions *options;
  LwKernelTrial trial;
  LwCheck *check;
  LwCheckProgress progress;
  void *progress_data;
  int done, all;
} Work;

static void
clear_row (void *row)
{
  g_free (((LwCheckRow *)row)->message);
}

void
lw_check_free (LwCheck *check)
{
  g_array_unref (check->rows);
  g_free (check);
}

/* Takes the row's message. */
static void
add (Work *work, LwCheckRow row)
{
  g_array_append_val (work->check->rows, row);
  if (row.passed)
    work->check->passed++;
  else
    work->check->failed++;
}

static void
add_verdict (Work *work, const LwKernelVerdict *verdict, const char *direction)
{
  static const char *const directions[LW_N_DIRECTIONS] = { "forward", "backward_data",
                                                           "backward_weights" };

  add (work,
       (LwCheckRow){ .operation = verdict->op,
                     .name = verdict->name,
                     .direction = direction != NULL ? direction : directions[verdict->direction],
                     .error = verdict->error,
                     .tolerance = verdict->tolerance,
                     .passed = verdict->passed,
                     .message = verdict->message });
}

/* Whether a case is asked for; then it is told what comes. */
static bool
wants (Work *work, const char *operation, const char *name)
{
  const char *only = work->options->only;

  work->done++;
  if (only != NULL && strstr (operation, only) == NULL && strstr (name, only) == NULL)
    return false;
  if (work->progress != NULL)
    work->progress (name, (double)(work->done - 1) / work->all, work->progress_data);
  return true;
}

static bool
check_cases (Work *work, const LwKernelCase *cases, int n, GError **error)
{
  for (int i = 0; i < n; i++) {
    LwKernelVerdict verdicts[LW_N_DIRECTIONS];
    g_autoptr (GError) failure = NULL;
    const char *operation = lw_op_info (cases[i].op)->name;

    if (work->trial.backend->kernels[cases[i].op].forward == NULL ||
        !wants (work, operation, cases[i].name))
      continue;

    const int n_verdicts = lw_kernel_judge (&work->trial, &cases[i], verdicts, &failure);

    for (int k = 0; k < n_verdicts; k++)
      add_verdict (work, &verdicts[k], NULL);
    if (failure != NULL) {
      add (work, (LwCheckRow){ .operation = operation,
                               .name = cases[i].name,
                               .direction = "forward",
                               .error = NAN,
                               .message = g_strdup (failure->message) });
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  }
  return true;
}

static bool
check_not_a_number (Work *work, GError **error)
{
  for (int i = 0; i < lw_n_not_a_number_ops; i++) {
    const char *operation = lw_op_info (lw_not_a_number_ops[i])->name;
    g_autoptr (GError) failure = NULL;
    LwCheckRow row = {
      .operation = operation, .name = "not a number", .direction = "forward", .error = NAN
    };
    int lost;

    if (!wants (work, operation, row.name))
      continue;
    lost = lw_kernel_loses_nan (work->trial.backend, work->trial.device, lw_not_a_number_ops[i],
                                &failure);
    row.passed = lost < 0 && failure == NULL;
    if (lost >= 0)
      row.message = g_strdup_printf (_ ("What is not a number in place %d is lost."), lost);
    else if (failure != NULL)
      row.message = g_strdup (failure->message);
    add (work, row);
    if (failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  }
  return true;
}

static bool
check_optimizers (Work *work, GError **error)
{
  LwKernelVerdict verdicts[LW_N_OPTIMIZER_CASES];

  if (!wants (work, "optimizer", "optimizer"))
    return true;
  if (!lw_kernel_judge_optimizers (&work->trial, verdicts, error))
    return false;
  for (int i = 0; i < LW_N_OPTIMIZER_CASES; i++)
    add_verdict (work, &verdicts[i], "update");
  return true;
}

static bool
check_training (Work *work, GError **error)
{
  for (int i = 0; i < lw_n_check_networks; i++) {
    LwCheckRow rows[2];

    if (!wants (work, "training", lw_check_networks[i].name))
      continue;
    if (!lw_check_training (work->options, &lw_check_networks[i], rows, error))
      return false;
    add (work, rows[0]);
    add (work, rows[1]);
  }
  return true;
}

static bool
check_all (Work *work, GError **error)
{
  return check_cases (work, lw_kernel_cases, lw_n_kernel_cases, error) &&
         check_cases (work, lw_kernel_large_cases, lw_n_kernel_large_cases, error) &&
         check_not_a_number (work, error) && check_optimizers (work, error);
}

bool
lw_check_run (const LwCheckOptions *options, LwCheckProgress progress, void *data,
              LwCheck **ret_check, GError **error)
{
  const LwDeviceOptions device = { .precision = options->precision };
  const LwBackend *backend =
      options->backend->variant != NULL ? options->backend->variant (&device) : options->backend;
  Work work = {
    .options = options,
    .trial = { .backend = backend, .oracle = options->oracle, .precision = options->precision },
    .check = g_new0 (LwCheck, 1),
    .progress = progress,
    .progress_data = data,
    .all = lw_n_kernel_cases + lw_n_kernel_large_cases + lw_n_not_a_number_ops + 1 +
           lw_n_check_networks
  };
  bool done = false;

  work.check->rows = g_array_new (FALSE, FALSE, sizeof (LwCheckRow));
  g_array_set_clear_func (work.check->rows, clear_row);
  *ret_check = work.check;
  work.trial.oracle_device = options->oracle->open (0, &(LwDeviceOptions){ 0 }, error);
  if (work.trial.oracle_device == NULL)
    return false;
  work.trial.device = backend->open (options->device_index, &device, error);
  if (work.trial.device != NULL) {
    done = check_all (&work, error);
    backend->close (work.trial.device);
  }
  options->oracle->close (work.trial.oracle_device);
  /* A session has a device of its own. */
  return done && check_training (&work, error);
}
