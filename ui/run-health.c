#include "ui/run-health.h"

/* Only a run that went on until now, or to its end, is judged by its loss. */
bool
lw_run_is_not_learning (LwRunItem *run)
{
  const LwRunState state = lw_run_item_state (run);

  return state != LW_RUN_READY && state != LW_RUN_STARTING && state != LW_RUN_FAILED &&
         state != LW_RUN_DIVERGED &&
         lw_is_not_learning (lw_run_item_log (run), lw_graph_classes (lw_run_item_graph (run)),
                             lw_run_item_progress (run).steps_per_epoch);
}

int64_t
lw_run_health_version (LwRunItem *run)
{
  LwHealthRecord *record = lw_records_health (lw_run_item_records (run));

  if (record == NULL)
    return 0;
  return 1 + 2 * lw_record_version ((LwRecord *)record) + lw_run_is_not_learning (run);
}

LwHealthReport *
lw_run_health_report (LwRunItem *run)
{
  LwHealthRecord *record = lw_records_health (lw_run_item_records (run));
  LwHealthReport *report =
      record != NULL ? lw_health_report_new (record, lw_run_item_graph (run)) : NULL;

  if (report != NULL && lw_run_is_not_learning (run))
    lw_health_report_add_not_learning (report);
  return report;
}
