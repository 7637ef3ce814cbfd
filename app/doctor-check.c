#include "app/doctor-check.h"

#include "app/app.h"
#include "app/backends.h"
#include "app/check.h"
#include "app/json-writer.h"
#include "app/progress.h"
#include "app/table.h"
#include "engine/device_choice.h"
#include "kernels/reference/reference.h"

#include <glib/gi18n.h>
#include <math.h>

static const struct {
  const char *name, *title;
} directions[] = {
  { "forward", N_ ("forward") },
  { "backward_data", N_ ("gradient of inputs") },
  { "backward_weights", N_ ("gradient of weights") },
  { "update", N_ ("update") },
  { "losses", N_ ("losses") },
};

static const char *
title_of (const char *direction)
{
  for (guint i = 0; i < G_N_ELEMENTS (directions); i++)
    if (g_str_equal (directions[i].name, direction))
      return _ (directions[i].title);
  return direction;
}

static void
print_plain (const LwCheck *check)
{
  g_autoptr (LwTable) table = lw_table_new ("lllrrl");

  lw_table_cell (table, "%s", _ ("operation"));
  lw_table_cell (table, "%s", _ ("case"));
  lw_table_cell (table, "%s", _ ("direction"));
  lw_table_cell (table, "%s", _ ("error"));
  lw_table_cell (table, "%s", _ ("allowed"));
  lw_table_take (table, NULL);
  for (guint i = 0; i < check->rows->len; i++) {
    const LwCheckRow *row = &g_array_index (check->rows, LwCheckRow, i);
    const bool measured = row->tolerance > 0 && (!isnan (row->error) || !row->passed);

    lw_table_cell (table, "%s", row->operation);
    lw_table_cell (table, "%s", row->name);
    lw_table_cell (table, "%s", title_of (row->direction));
    lw_table_take (table, measured ? g_strdup_printf ("%.1e", row->error) : g_strdup ("–"));
    lw_table_take (table,
                   row->tolerance > 0 ? g_strdup_printf ("%.0e", row->tolerance) : g_strdup ("–"));
    lw_table_cell (table, "%s", row->passed ? _ ("passed") : _ ("FAILED"));
    if (row->message != NULL) {
      g_autofree char *line = g_strconcat ("  ", row->message, NULL);

      lw_table_line (table, line);
    }
  }
  lw_table_print (table, 2);
}

static void
print_json (const LwCheck *check, const LwCheckOptions *options, const GError *failure)
{
  g_autoptr (LwJson) json = lw_json_new ();
  g_autofree char *description = options->backend->describe (options->device_index);

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "device", options->backend->name);
  lw_json_integer (json, "index", options->device_index);
  lw_json_string (json, "description", description);
  lw_json_begin_array (json, "checks");
  for (guint i = 0; i < check->rows->len; i++) {
    const LwCheckRow *row = &g_array_index (check->rows, LwCheckRow, i);

    lw_json_begin_object (json, NULL);
    lw_json_string (json, "operation", row->operation);
    lw_json_string (json, "case", row->name);
    lw_json_string (json, "direction", row->direction);
    lw_json_double (json, "error", row->error);
    if (row->tolerance > 0)
      lw_json_double (json, "tolerance", row->tolerance);
    else
      lw_json_null (json, "tolerance");
    lw_json_boolean (json, "passed", row->passed);
    lw_json_string (json, "message", row->message);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
  lw_json_integer (json, "passed", check->passed);
  lw_json_integer (json, "failed", check->failed);
  /* What ended the check before it was over. */
  lw_json_string (json, "error", failure != NULL ? failure->message : NULL);
  lw_json_end_object (json);
  lw_json_print (json);
}

static void
show_progress (const char *name, double fraction, void *data)
{
  LwProgress *progress = data;

  if (lw_progress_due (progress))
    lw_progress_update (
        progress,
        &(LwProgressState){
            .label = name, .fraction = fraction, .loss = NAN, .accuracy = NAN, .left_s = -1 });
}

static bool
read_options (const LwArgs *args, LwCheckOptions *options, GError **error)
{
  static const char *const precisions[] = { "fp32", "bf16", "tf32", NULL };
  const char *precision = lw_args_value (args, "precision");

  for (int i = 0; precision != NULL && !g_str_equal (precision, precisions[i]);)
    if (precisions[++i] == NULL) {
      lw_args_unknown (error, _ ("precision"), precision, precisions);
      return false;
    }
  *options = (LwCheckOptions){
    .oracle = &lw_reference_backend,
    .only = lw_args_value (args, "only"),
    .precision = g_strcmp0 (precision, "bf16") == 0   ? LW_PRECISION_BF16
                 : g_strcmp0 (precision, "tf32") == 0 ? LW_PRECISION_TF32
                                                      : LW_PRECISION_FP32,
  };
  return true;
}

static void
set_result (const LwCheckOptions *options, const LwCheck *check, const GError *failure,
            GError **error)
{
  if (failure != NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE, _ ("The check of %s could not be finished: %s"),
                 options->backend->name, failure->message);
  else if (check->failed > 0)
    g_set_error (error, LW_ERROR, LW_ERROR_DEVICE,
                 _ ("%d of %d checks of %s failed, so do not trust its results: choose another "
                    "device, and report the table above."),
                 check->failed, check->passed + check->failed, options->backend->name);
  else if (check->passed == 0)
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("No case has \"%s\" in its operation or its name."), options->only);
}

int
lw_doctor_check (const LwArgs *args, GError **error)
{
  const bool json = lw_args_flag (args, "json");
  g_autoptr (LwProgress) progress = lw_progress_new ();
  g_autoptr (LwCheck) check = NULL;
  g_autoptr (GError) failure = NULL, result = NULL;
  LwCheckOptions options;

  if (!read_options (args, &options, error))
    return LW_EXIT_USAGE;
  options.backend = lw_device_choose (lw_app_backends (), lw_args_value (args, "check"),
                                      &options.device_index, &result);
  if (options.backend == NULL) {
    const bool unknown = g_error_matches (result, LW_ERROR, LW_ERROR_UNKNOWN) ||
                         g_error_matches (result, LW_ERROR, LW_ERROR_INVALID);

    g_propagate_error (error, g_steal_pointer (&result));
    return unknown ? LW_EXIT_USAGE : LW_EXIT_FAILED;
  }
  if (!json) {
    g_autofree char *description = options.backend->describe (options.device_index);

    lw_app_print (_ ("%s (%s), compared with %s\n\n"), options.backend->name, description,
                  options.oracle->name);
    lw_app_flush (NULL);
  }
  lw_check_run (&options, show_progress, progress, &check, &failure);
  lw_progress_clear (progress);
  set_result (&options, check, failure, &result);
  if (json) {
    print_json (check, &options, failure);
  } else {
    print_plain (check);
    lw_app_print (_ ("\n%d checks: %d passed, %d failed\n"), check->passed + check->failed,
                  check->passed, check->failed);
  }
  if (result == NULL)
    return LW_EXIT_DONE;
  g_propagate_error (error, g_steal_pointer (&result));
  return LW_EXIT_FAILED;
}
