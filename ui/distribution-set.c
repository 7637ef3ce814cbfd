#include "ui/distribution-set-private.h"

#include "engine/op.h"
#include "engine/same_place.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Values beyond the axis, of each curve at most. */
#define OUTSIDE 0.005

/* --- rows and columns ----------------------------------------------------------------------------
 */

/* Its blocks: "Stage 2 · Residual 1"; "" for those of the network itself. */
static char *
place_of (const LwGraph *graph, LwNodeId id)
{
  g_autofree char *place = lw_place_of_node (graph, id);
  char *end = strrchr (place, '/');
  g_auto (GStrv) parts = NULL;

  if (end == NULL)
    return g_strdup ("");
  *end = '\0';
  parts = g_strsplit (place, "/", -1);
  return g_strjoinv (" · ", parts);
}

static void
find_rows (LwDistributionSet *set)
{
  set->rows = lw_layer_rows (set->graph, &set->n_rows);
  set->names = g_new0 (char *, (gsize)set->n_rows + 1);
  set->places = g_new0 (char *, (gsize)set->n_rows + 1);
  set->axes = g_new0 (LwDistributionAxis, (gsize)set->n_rows * LW_RIDGE_COLUMNS);
  set->norms = g_new0 (double, MAX (set->n_rows, 1));
  set->activation = LW_OP_INPUT;
  for (int32_t i = 0; i < set->n_rows; i++) {
    const LwLayerRow *row = &set->rows[i];

    set->names[i] = g_strdup (lw_graph_node (set->graph, lw_layer_row_node (row))->title);
    set->places[i] = place_of (set->graph, lw_layer_row_node (row));
    set->has_norms |= row->norm != LW_NO_NODE;
    if (row->activation != LW_NO_NODE) {
      const LwOp op = lw_graph_node (set->graph, row->activation)->op;

      set->activation = set->activation == LW_OP_INPUT || set->activation == op ? op : LW_N_OPS;
    }
  }
}

static const char *
activation_words (const LwDistributionSet *set, bool after)
{
  switch (set->activation) {
  case LW_OP_SIGMOID:
    return after ? _ ("after the sigmoid") : _ ("before the sigmoid");
  case LW_OP_RELU:
    return after ? _ ("after the ReLU") : _ ("before the ReLU");
  case LW_OP_TANH:
    return after ? _ ("after tanh") : _ ("before tanh");
  default:
    return after ? _ ("after the activation") : _ ("before the activation");
  }
}

static void
name_columns (LwDistributionSet *set)
{
  const char *words[LW_RIDGE_COLUMNS] = { NULL };

  set->n_columns = 0;
  if (set->of == LW_OF_OUTPUTS) {
    words[set->n_columns++] = set->has_norms ? _ ("before BN") : activation_words (set, false);
    if (set->has_norms)
      words[set->n_columns++] = _ ("after BN");
    words[set->n_columns++] = activation_words (set, true);
  } else {
    const bool weights = set->of == LW_OF_WEIGHTS;

    words[set->n_columns++] = weights ? _ ("weights") : _ ("gradients of the weights");
    if (set->has_norms)
      words[set->n_columns++] = weights ? _ ("scale γ of BN") : _ ("gradients of γ");
  }
  for (int i = 0; i < LW_RIDGE_COLUMNS; i++) {
    g_free (set->columns[i]);
    set->columns[i] = g_strdup (words[i]);
  }
}

LwNodeId
lw_distribution_set_node (const LwDistributionSet *set, int row, int column)
{
  const LwLayerRow *r = &set->rows[row];
  LwNodeId node = LW_NO_NODE;

  if (set->of != LW_OF_OUTPUTS)
    node = column == 0 ? r->layer : column == 1 && set->has_norms ? r->norm : LW_NO_NODE;
  else if (column == 0)
    node = r->before;
  else if (column == 1 && set->has_norms)
    node = r->norm;
  else
    node = r->activation;
  return lw_distributions_has (set->record, set->of, node) ? node : LW_NO_NODE;
}

LwNodeId
lw_distribution_set_row_node (const LwDistributionSet *set, int row)
{
  return lw_layer_row_node (&set->rows[row]);
}

int
lw_distribution_set_find (const LwDistributionSet *set, LwNodeId node, int *ret_column)
{
  const int row = lw_layer_rows_find (set->rows, set->n_rows, node);

  if (ret_column != NULL) {
    *ret_column = -1;
    for (int c = set->n_columns - 1; row >= 0 && c >= 0; c--)
      if (lw_distribution_set_node (set, row, c) == node)
        *ret_column = c;
  }
  return row;
}

/* --- life ----------------------------------------------------------------------------------------
 */

LwDistributionSet *
lw_distribution_set_new (LwRunItem *run)
{
  LwRecords *records = lw_run_item_records (run);
  LwRecord *record = records != NULL ? lw_records_get (records, LW_RECORD_DISTRIBUTIONS) : NULL;
  LwDistributionSet *set;

  if (record == NULL)
    return NULL;
  set = g_new0 (LwDistributionSet, 1);
  set->run = g_object_ref (run);
  set->records = lw_records_ref (records);
  set->record = record;
  set->graph = lw_graph_ref (lw_run_item_graph (run));
  set->version = -1;
  find_rows (set);
  name_columns (set);
  return set;
}

void
lw_distribution_set_free (LwDistributionSet *set)
{
  if (set == NULL)
    return;
  for (int i = 0; i < LW_RIDGE_COLUMNS; i++)
    g_free (set->columns[i]);
  g_strfreev (set->names);
  g_strfreev (set->places);
  g_free (set->rows);
  g_free (set->axes);
  g_free (set->norms);
  lw_graph_unref (set->graph);
  lw_records_unref (set->records);
  g_object_unref (set->run);
  g_free (set);
}

static void
measure_axis (const LwDistributionSet *set, int row, int column, LwDistributionAxis *ret)
{
  const LwNodeId node = lw_distribution_set_node (set, row, column);
  LwDistribution all[LW_DISTRIBUTION_MOMENTS];
  double reach = 0;
  bool negative = false;
  int32_t n;

  *ret = (LwDistributionAxis){ 1, 0 };
  if (node == LW_NO_NODE)
    return;
  if (set->of == LW_OF_OUTPUTS && lw_graph_node (set->graph, node)->op == LW_OP_SIGMOID) {
    *ret = (LwDistributionAxis){ 0, 1 };
    return;
  }
  n = lw_distributions_read (set->record, set->of, node, NULL, all);
  for (int32_t i = 0; i < n; i++) {
    if (all[i].count == all[i].not_finite)
      continue;
    reach = MAX (reach, lw_distribution_reach (&all[i], OUTSIDE));
    negative |= all[i].min < 0;
  }
  if (reach > 0)
    *ret = (LwDistributionAxis){ negative ? -reach : 0, reach };
}

static void
measure_norms (LwDistributionSet *set)
{
  LwDistribution all[LW_DISTRIBUTION_MOMENTS];

  for (int32_t i = 0; i < set->n_rows; i++) {
    const int32_t n =
        lw_distributions_read (set->record, LW_OF_GRADIENTS, set->rows[i].layer, NULL, all);

    set->norms[i] = n > 0 && all[n - 1].count > all[n - 1].not_finite
                        ? lw_distribution_rms (&all[n - 1]) * sqrt ((double)all[n - 1].count)
                        : (double)NAN;
  }
}

bool
lw_distribution_set_refresh (LwDistributionSet *set)
{
  const int64_t version = lw_record_version (set->record);
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];

  if (version == set->version)
    return false;
  set->version = version;
  set->n_moments = lw_distributions_moments (set->record, moments);
  if (set->n_moments > 0)
    set->newest = moments[set->n_moments - 1];
  for (int32_t r = 0; r < set->n_rows; r++)
    for (int c = 0; c < set->n_columns; c++)
      measure_axis (set, r, c, &set->axes[r * LW_RIDGE_COLUMNS + c]);
  measure_norms (set);
  return true;
}

void
lw_distribution_set_show (LwDistributionSet *set, LwDistributionOf of)
{
  if (of == set->of)
    return;
  set->of = of;
  set->version = -1;
  name_columns (set);
}

/* --- what it knows -------------------------------------------------------------------------------
 */

LwDistributionOf
lw_distribution_set_shown (const LwDistributionSet *set)
{
  return set->of;
}

LwRunItem *
lw_distribution_set_run (const LwDistributionSet *set)
{
  return set->run;
}

LwGraph *
lw_distribution_set_graph (const LwDistributionSet *set)
{
  return set->graph;
}

int
lw_distribution_set_moments (const LwDistributionSet *set, LwDistributionMoment *ret_newest)
{
  if (ret_newest != NULL)
    *ret_newest = set->newest;
  return set->n_moments;
}

int
lw_distribution_set_images (const LwDistributionSet *set)
{
  return lw_distributions_images (set->record);
}

int
lw_distribution_set_n_rows (const LwDistributionSet *set)
{
  return set->n_rows;
}

int
lw_distribution_set_n_columns (const LwDistributionSet *set)
{
  return set->n_columns;
}

const char *
lw_distribution_set_column (const LwDistributionSet *set, int column)
{
  return set->columns[column];
}

const char *
lw_distribution_set_name (const LwDistributionSet *set, int row)
{
  return set->names[row];
}

const char *
lw_distribution_set_place (const LwDistributionSet *set, int row)
{
  return set->places[row];
}

const double *
lw_distribution_set_norms (const LwDistributionSet *set)
{
  return set->norms;
}

bool
lw_distribution_set_is_hidden (const LwDistributionSet *set, int row)
{
  return set->rows[row].activation != LW_NO_NODE;
}

void
lw_distribution_set_axis (const LwDistributionSet *set, int row, int column, double *min,
                          double *max)
{
  for (int r = row >= 0 ? row : 0; r < (row >= 0 ? row + 1 : set->n_rows); r++) {
    const LwDistributionAxis *axis = &set->axes[r * LW_RIDGE_COLUMNS + column];

    if (axis->min > axis->max || (row < 0 && !lw_distribution_set_is_hidden (set, r)))
      continue;
    if (*min > *max) {
      *min = axis->min;
      *max = axis->max;
    }
    *min = MIN (*min, axis->min);
    *max = MAX (*max, axis->max);
  }
}

int
lw_distribution_set_read (const LwDistributionSet *set, int row, int column,
                          LwDistribution *ret_ridges, LwDistributionMoment *ret_moments)
{
  LwDistribution all[LW_DISTRIBUTION_MOMENTS];
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  const int n = lw_distributions_read (set->record, set->of,
                                       lw_distribution_set_node (set, row, column), moments, all);
  const int shown = MIN (n, LW_RIDGES_SHOWN);

  for (int i = 0; i < shown; i++) {
    const int at = shown > 1 ? (i * (n - 1) + (shown - 1) / 2) / (shown - 1) : 0;

    ret_ridges[i] = all[at];
    ret_moments[i] = moments[at];
  }
  return shown;
}

/* --- style ---------------------------------------------------------------------------------------
 */

void
lw_distribution_set_style (const LwDistributionSet *set, int row, int column, const LwTheme *theme,
                           LwRidges *ridges)
{
  const LwNodeId node = lw_distribution_set_node (set, row, column);
  const LwOp op = node != LW_NO_NODE ? lw_graph_node (set->graph, node)->op : LW_OP_CONV2D;

  ridges->colour = theme->kind_line[lw_op_info (op)->kind];
  ridges->n_tints = 0;
  if (set->of != LW_OF_OUTPUTS)
    return;
  if (op == LW_OP_SIGMOID) {
    ridges->tints[ridges->n_tints++] = (LwRidgeTint){ 0, 0.05 };
    ridges->tints[ridges->n_tints++] = (LwRidgeTint){ 0.95, 1 };
  } else if (op == LW_OP_TANH) {
    ridges->tints[ridges->n_tints++] = (LwRidgeTint){ -1, -0.9 };
    ridges->tints[ridges->n_tints++] = (LwRidgeTint){ 0.9, 1 };
  }
}

char *
lw_distribution_moment_words (const LwDistributionMoment *moment)
{
  char number[LW_TICK_TEXT];

  if (moment->step == 0)
    return g_strdup (_ ("before training"));
  lw_position_text (moment->epoch, number);
  return g_strdup_printf (_ ("epoch %s"), number);
}
