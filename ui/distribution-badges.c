/* What a layer's numbers say at the newest moment. */
#include "ui/distribution-set-private.h"

#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

/* What the badges warn of: ui.md, "Inspect, Distributions". */
#define SATURATED_FROM 0.40
#define UPDATE_LEAST   0.5e-3
#define UPDATE_MOST    20e-3
#define DEAD_FROM      0.10

static bool
newest_of (const LwDistributionSet *set, LwDistributionOf of, LwNodeId node, LwDistribution *ret)
{
  LwDistribution all[LW_DISTRIBUTION_MOMENTS];
  const int32_t n = lw_distributions_read (set->record, of, node, NULL, all);

  if (n == 0 || all[n - 1].count == all[n - 1].not_finite)
    return false;
  *ret = all[n - 1];
  return true;
}

/* The step's length by the weights': η ‖g‖ / ‖w‖, which is what plain SGD does; not of others. */
static bool
update_of (const LwDistributionSet *set, LwNodeId layer, double *ret)
{
  const LwSettings *settings = lw_run_item_settings (set->run);
  LwDistribution weights, gradients;

  if (settings->optimizer != LW_OPTIMIZER_SGD || settings->momentum > 0 ||
      !newest_of (set, LW_OF_WEIGHTS, layer, &weights) ||
      !newest_of (set, LW_OF_GRADIENTS, layer, &gradients) || !(lw_distribution_rms (&weights) > 0))
    return false;
  *ret =
      set->newest.learning_rate * lw_distribution_rms (&gradients) / lw_distribution_rms (&weights);
  return true;
}

static void
write_share (LwRidgeBadge *badge, const char *format, double share)
{
  g_snprintf (badge->text, sizeof badge->text, format, (int)lround (share * 100));
}

int
lw_distribution_set_badges (const LwDistributionSet *set, int row, LwRidgeBadge *badges)
{
  const LwLayerRow *r = &set->rows[row];
  LwDistribution d;
  double update;
  int n = 0;

  if (newest_of (set, LW_OF_OUTPUTS, r->activation, &d)) {
    const bool relu = lw_graph_node (set->graph, r->activation)->op == LW_OP_RELU;
    const double share = (double)d.flat / (double)(d.count - d.not_finite);

    badges[n].warns = !relu && share >= SATURATED_FROM;
    write_share (&badges[n++], relu ? _ ("%d %% zeros") : _ ("%d %% saturated"), share);
  }
  if (update_of (set, r->layer, &update)) {
    char number[LW_TICK_TEXT];

    lw_value_text_fixed (update * 1000, update < 10e-3 ? 1 : 0, number);
    badges[n].warns = !(update >= UPDATE_LEAST && update <= UPDATE_MOST);
    g_snprintf (badges[n].text, sizeof badges[n].text, _ ("update %s ‰"), number);
    n++;
  }
  if (r->activation != LW_NO_NODE && newest_of (set, LW_OF_OUTPUTS, r->activation, &d)) {
    badges[n].warns = d.dead > 0 && d.dead >= DEAD_FROM * d.units;
    g_snprintf (badges[n].text, sizeof badges[n].text, _ ("%d of %d dead"), d.dead, d.units);
    n++;
  }
  return n;
}
