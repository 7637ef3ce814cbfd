/* What is read off the bands: at the pointer, and by assistive tools. */
#include "ui/draw/bn-bands-private.h"

#include <glib/gi18n.h>
#include <math.h>

int
lw_bn_bands_point (const LwBnBands *bands, const LwBnBandsLayout *layout, int *ret_row,
                   int *ret_column)
{
  for (int row = 0; row < bands->n_rows; row++)
    for (int column = 0; column < 2; column++) {
      const LwBnPlot *plot = &layout->plots[row][column];
      const int n = column == 0 ? bands->n : bands->rows[row].recent != NULL ? bands->n_recent : 0;
      double nearest = INFINITY, x;
      int at = -1;

      if (!(bands->rule_x >= plot->plot.x - 4 &&
            bands->rule_x <= plot->plot.x + plot->plot.width + 4 &&
            bands->rule_y >= plot->plot.y - LW_BN_TITLE &&
            bands->rule_y <= plot->plot.y + plot->plot.height + 8))
        continue;
      for (int i = 0; i < n; i++) {
        x = lw_bn_plot_x (plot, column == 0 ? bands->epochs[i] : (double)bands->steps[i]);
        if (fabs (x - bands->rule_x) < nearest) {
          nearest = fabs (x - bands->rule_x);
          at = i;
        }
      }
      *ret_row = row;
      *ret_column = column;
      return at;
    }
  return -1;
}

char *
lw_bn_bands_readout (const LwBnBands *bands, const LwBnBandsLayout *layout)
{
  int row, column;
  const int at = lw_bn_bands_point (bands, layout, &row, &column);
  const LwBnBand *band;
  char x[LW_TICK_TEXT], value[4][LW_TICK_TEXT];

  if (at < 0)
    return NULL;
  band = &bands->rows[row];
  lw_position_text (column == 0 ? bands->epochs[at] : (double)bands->steps[at], x);
  if (column == 1) {
    lw_value_text ((double)band->recent[at], value[0]);
    lw_value_text ((double)band->recent_running[at], value[1]);
    return g_strdup_printf (_ ("iteration %s: batch %s, running %s"), x, value[0], value[1]);
  }
  lw_value_text ((double)band->batch[at], value[0]);
  if (band->running == NULL)
    return g_strdup_printf (_ ("epoch %s: %s"), x, value[0]);
  lw_value_text ((double)band->running[at], value[1]);
  if (band->low == NULL)
    return g_strdup_printf (_ ("epoch %s: batch %s, running %s"), x, value[0], value[1]);
  lw_value_text ((double)band->low[at], value[2]);
  lw_value_text ((double)band->high[at], value[3]);
  return g_strdup_printf (_ ("epoch %s: batch %s (%s to %s), running %s"), x, value[0], value[2],
                          value[3], value[1]);
}

/* The last one up to the epoch that is looked at. */
static int
last_point (const LwBnBands *bands)
{
  int last = bands->n - 1;

  while (last > 0 && bands->epochs[last] > bands->until) /* not, where that is NAN */
    last--;
  return last;
}

char *
lw_bn_bands_describe (const LwBnBands *bands, int row)
{
  const LwBnBand *band = &bands->rows[row];
  const int last = last_point (bands);
  char batch[LW_TICK_TEXT], running[LW_TICK_TEXT], epoch[LW_TICK_TEXT];

  if (bands->n == 0)
    return g_strdup_printf (_ ("%s, nothing recorded yet"), band->title);
  lw_value_text ((double)band->batch[last], batch);
  lw_position_text (bands->epochs[last], epoch);
  if (band->running == NULL)
    return g_strdup_printf (_ ("%s %s, epoch %s"), band->title, batch, epoch);
  lw_value_text ((double)band->running[last], running);
  return g_strdup_printf (_ ("%s, batch %s, running %s, epoch %s"), band->title, batch, running,
                          epoch);
}
