/* What the runs of an experiment have measured. */
#include "ui/experiment-set-private.h"

#include "engine/record_health.h"

bool
lw_run_gradients (LwRunItem *run, LwNodeId **ret_layers, double **ret_norms, int *ret_n)
{
  LwHealthRecord *health = lw_records_health (lw_run_item_records (run));

  return health != NULL &&
         lw_gradients_by_depth (health, lw_run_item_graph (run), ret_layers, ret_norms, ret_n);
}

static bool
wants (const LwExperiment *experiment, LwMeasure measure)
{
  for (int i = 0; experiment->rows[i] != LW_MEASURE_NONE; i++)
    if (experiment->rows[i] == measure)
      return true;
  return false;
}

void
lw_experiment_set_numbers (LwExperimentSet *self, const LwExperiment *experiment,
                           LwExperimentSize size, LwNumbers *ret_numbers)
{
  const LwExperimentSlot *slot = lw_experiment_slot (self, experiment, size);

  for (int i = 0; i < experiment->n_runs; i++) {
    LwRunItem *run = lw_experiment_slot_run (self, slot, i);

    lw_numbers_init (&ret_numbers[i]);
    if (i == 0 && slot->studied == LW_STUDIED)
      ret_numbers[i] = slot->study;
    if (run == NULL)
      continue;
    lw_experiment_measure (experiment, lw_run_item_settings (run), lw_run_item_graph (run),
                           lw_run_item_log (run), lw_run_item_state (run), &ret_numbers[i]);
    if (wants (experiment, LW_MEASURE_GRADIENT))
      ret_numbers[i].values[LW_MEASURE_GRADIENT] = lw_gradient_ratio (
          lw_records_health (lw_run_item_records (run)), lw_run_item_graph (run));
  }
}

const LwFilters *
lw_experiment_set_filters (LwExperimentSet *self, const LwExperiment *experiment,
                           LwExperimentSize size)
{
  return lw_experiment_slot (self, experiment, size)->filters;
}
