#include "engine/roofline.h"

#include "engine/analysis.h"

#include <math.h>

#define SHORT_S 1e-6
/* Winograd's F(4,5) in both directions multiplies 8 · 8 times where the definition does 4 · 4 · 5 ·
 * 5 times, 6.25 times as often, and its transforms take about as long as what is left: no layer by
 * itself comes further over the peak. */
#define MOST_SAVED (400.0 / 64 / 2)

LwWork
lw_step_work (const LwStep *step, bool backward, LwPrecision precision)
{
  const double number = precision == LW_PRECISION_BF16 ? 2 : 4;
  const LwOpInfo *info = lw_op_info (step->op);
  const LwCost cost = lw_node_cost (step->graph, step->id);
  const double macs = (double)cost.macs * step->n, parameters = 4.0 * (double)cost.parameters;
  const double y = number * (double)lw_shape_size (step->y_shape) * step->n;
  double x = 0, dx = 0;

  for (int32_t i = 0; i < step->n_x; i++) {
    x += number * (double)lw_shape_size (step->x_shape[i]) * step->n;
    if (step->dx[i] != NULL)
      dx += number * (double)lw_shape_size (step->x_shape[i]) * step->n;
  }
  /* A flatten in place does nothing. */
  if (step->op == LW_OP_FLATTEN && (backward ? step->dx[0] == step->dy : step->y == step->x[0]))
    return (LwWork){ 0, 0 };
  if (!backward)
    return (LwWork){ 2 * macs, x + y + parameters };
  return (LwWork){ 2 * macs * (step->dx[0] != NULL ? 2 : 1),
                   y + dx + (info->saves & LW_SAVES_INPUT ? x : 0) +
                       (info->saves & LW_SAVES_OUTPUT ? y : 0) + 2 * parameters };
}

LwRoofline
lw_roofline (LwWork work, LwPeaks peaks, double seconds)
{
  LwRoofline roofline = { peaks.flops > 0 ? work.flops / peaks.flops : 0,
                          peaks.bytes_s > 0 ? work.bytes / peaks.bytes_s : 0, NAN, false };
  const double least_s = MAX (roofline.arithmetic_s, roofline.memory_s);

  roofline.together = roofline.arithmetic_s > MOST_SAVED * seconds;
  if (least_s > 0 && !roofline.together && (work.flops <= 0 || peaks.flops > 0) &&
      peaks.bytes_s > 0 && seconds >= SHORT_S)
    roofline.share = least_s / seconds;
  return roofline;
}
