/* What is said of a repeated run. */
#include "app/app.h"
#include "app/json-writer.h"
#include "app/train-report.h"
#include "engine/run_same.h"

#include <glib/gi18n.h>
#include <inttypes.h>

static void
print_json (const LwRunSame *same, const LwRun *first, const LwRun *again)
{
  g_autoptr (LwJson) json = lw_json_new ();

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "event", "repeat");
  lw_json_boolean (json, "same", same->same);
  lw_json_integer (json, "steps", same->steps);
  lw_json_integer (json, "epochs", same->epochs);
  lw_json_integer (json, "tensors", same->tensors);
  if (same->difference != NULL) {
    lw_json_string (json, "difference", same->difference);
    lw_json_integer (json, "step", same->step);
  }
  lw_json_double (json, "largest_loss_difference", same->loss);
  lw_json_string (json, "of", first->folder);
  lw_json_string (json, "run", again->folder);
  lw_json_end_object (json);
  lw_json_print (json);
}

int
lw_train_report_same (const char *first, const char *again, bool json, bool differs, GError **error)
{
  g_autoptr (LwRun) a = lw_run_open (first, error);
  g_autoptr (LwRun) b = a != NULL ? lw_run_open (again, error) : NULL;
  LwRunSame same;
  int status = LW_EXIT_DONE;

  if (b == NULL || !lw_run_same (a, b, &same, error))
    return LW_EXIT_FAILED;
  if (json)
    print_json (&same, a, b);
  else if (same.same)
    lw_app_print (_ ("The same bits: %" PRId64 " steps, %" PRId64
                     " epochs with their tests, %" PRId64 " tensors of the last checkpoint.\n"),
                  same.steps, same.epochs, same.tensors);
  else if (differs)
    lw_app_print (_ ("Not the same bits. %s The losses of the steps differ by at most %.3g %%.\n"),
                  same.difference, 100 * same.loss);
  if (!same.same && !differs) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("The repeated run is not the same. %s"),
                 same.difference);
    status = LW_EXIT_FAILED;
  }
  lw_run_same_clear (&same);
  return status;
}
