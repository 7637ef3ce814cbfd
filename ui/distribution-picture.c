#include "ui/distribution-picture.h"

#include "engine/same_place.h"
#include "ui/draw/export.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define BESIDE_WIDTH 880.0 /* two panels from here on */
#define PANEL_GAP    12.0
#define EXPORT_WIDTH 1000.0

void
lw_distribution_picture_lay_out (LwDistributionPicture *picture, double width)
{
  const bool beside = picture->other != NULL && width >= BESIDE_WIDTH;
  const double one = beside ? floor ((width - PANEL_GAP) / 2) : width;

  picture->n_panels = picture->set == NULL ? 0 : beside ? 2 : 1;
  for (int i = 0; i < picture->n_panels; i++)
    picture->panels[i] =
        lw_ridge_panel (i * (one + PANEL_GAP), one,
                        lw_distribution_set_n_columns (lw_distribution_picture_set (picture, i)));
}

LwDistributionSet *
lw_distribution_picture_set (const LwDistributionPicture *picture, int panel)
{
  return panel == 0 ? picture->set : picture->other;
}

int *
lw_distribution_match (const LwDistributionSet *set, const LwDistributionSet *other)
{
  const int n = lw_distribution_set_n_rows (set), n_other = lw_distribution_set_n_rows (other);
  int *rows = g_new (int, MAX (n, 1));
  g_autofree LwNodeId *same =
      lw_same_nodes (lw_distribution_set_graph (set), lw_distribution_set_graph (other));
  bool any = false;

  for (int i = 0; i < n; i++) {
    rows[i] = lw_distribution_set_find (other, same[lw_distribution_set_row_node (set, i)], NULL);
    any |= rows[i] >= 0;
  }
  for (int i = 0; !any && i < n; i++)
    rows[i] = i < n_other ? i : -1;
  return rows;
}

int
lw_distribution_picture_row (const LwDistributionPicture *picture, int panel, int row)
{
  return panel == 0 ? row : picture->other_rows[row];
}

/* The other's column with the same words. */
static int
column_of_other (const LwDistributionPicture *picture, int column)
{
  const char *words = lw_distribution_set_column (picture->set, column);
  const int n = lw_distribution_set_n_columns (picture->other);

  for (int i = 0; i < n; i++)
    if (g_str_equal (lw_distribution_set_column (picture->other, i), words))
      return i;
  /* What arrives, and what leaves. */
  return column == 0 ? 0 : column == lw_distribution_set_n_columns (picture->set) - 1 ? n - 1 : -1;
}

/* The first set's column that stands beside another's; −1: none. */
static int
column_in_first (const LwDistributionPicture *picture, int column)
{
  const int n = lw_distribution_set_n_columns (picture->set);

  for (int i = 0; i < n; i++)
    if (column_of_other (picture, i) == column)
      return i;
  return -1;
}

/* Widens the axis by a set's; the rows that share one are those with an activation: the last
 * layer's outputs, which no other takes, would make all others narrow. */
static void
widen (const LwDistributionPicture *picture, const LwDistributionSet *set, int row, int column,
       double *min, double *max)
{
  bool shared;

  if (row < 0 || column < 0) /* the other has no such layer */
    return;
  shared = picture->same_axis && lw_distribution_set_is_hidden (set, row);
  lw_distribution_set_axis (set, shared ? -1 : row, column, min, max);
}

/* One for both runs, so that they can be compared. */
static void
choose_axis (const LwDistributionPicture *picture, int panel, int row, int column, LwRidges *ridges)
{
  const int first = panel == 0 ? column : column_in_first (picture, column);
  double min = 1, max = 0;

  widen (picture, picture->set, first >= 0 ? row : -1, first, &min, &max);
  if (picture->other != NULL)
    widen (picture, picture->other, picture->other_rows[row],
           panel == 1 ? column : column_of_other (picture, column), &min, &max);
  if (min > max) {
    min = 0;
    max = 1;
  }
  /* Rounded outwards, and as far to either side where there are negative values. */
  max = MAX (-min, max);
  if (max != 1) {
    const double step = lw_ticks_step (max, 8, false);

    max = ceil (max / step - 1e-9) * step;
  }
  ridges->min = min < 0 ? -max : 0;
  ridges->max = max;
}

static void
add_outline (const LwDistributionPicture *picture, int row, int column, const LwTheme *theme,
             LwDistributionCell *cell)
{
  LwDistribution all[LW_RIDGES_SHOWN];
  LwDistributionMoment moments[LW_RIDGES_SHOWN];
  const int other_row = picture->other_rows[row], other = column_of_other (picture, column);
  const int n = other_row >= 0 && other >= 0
                    ? lw_distribution_set_read (picture->other, other_row, other, all, moments)
                    : 0;

  if (n == 0)
    return;
  cell->other = all[n - 1];
  cell->cell.other = &cell->other;
  cell->cell.other_colour = theme->text;
}

bool
lw_distribution_picture_cell (const LwDistributionPicture *picture, int panel, int row, int column,
                              const LwTheme *theme, LwDistributionCell *cell)
{
  const LwDistributionSet *set = lw_distribution_picture_set (picture, panel);
  const int own = lw_distribution_picture_row (picture, panel, row);

  cell->cell = (LwRidges){ .ridges = cell->ridges, .ground = theme->canvas };
  if (own < 0 || lw_distribution_set_node (set, own, column) == LW_NO_NODE)
    return false;
  cell->cell.n = lw_distribution_set_read (set, own, column, cell->ridges, cell->moments);
  lw_distribution_set_style (set, own, column, theme, &cell->cell);
  choose_axis (picture, panel, row, column, &cell->cell);
  if (picture->other != NULL && picture->n_panels == 1)
    add_outline (picture, row, column, theme, cell);
  return cell->cell.n > 0;
}

void
lw_distribution_picture_head (const LwDistributionPicture *picture, cairo_t *cr,
                              const LwTheme *theme, LwText *text)
{
  for (int p = 0; p < picture->n_panels; p++) {
    const LwDistributionSet *set = lw_distribution_picture_set (picture, p);
    LwRunItem *run = lw_distribution_set_run (set);
    LwSeries *tests = lw_run_item_series (run, LW_CURVE_TEST_ACCURACY);
    const gsize n = lw_series_length (tests);
    g_autofree char *rate =
        g_strdup_printf (_ ("lr %g"), lw_run_item_settings (run)->learning_rate);
    g_autofree char *remark = NULL;
    LwRidgeHead head = { .title = lw_run_item_title (run),
                         .subtitle = rate,
                         .n_columns = lw_distribution_set_n_columns (set) };

    if (n > 0)
      remark = g_strdup_printf (_ ("last test accuracy %.3f"), lw_series_y (tests)[n - 1]);
    head.remark = remark;
    for (int c = 0; c < head.n_columns; c++)
      head.columns[c] = lw_distribution_set_column (set, c);
    lw_ridge_head_paint (cr, theme, text, &head, &picture->panels[p], 0);
  }
}

void
lw_distribution_picture_paint (const LwDistributionPicture *picture, int panel, int row,
                               cairo_t *cr, const LwTheme *theme, LwText *text, double y)
{
  const LwDistributionSet *set = lw_distribution_picture_set (picture, panel);
  const int own = lw_distribution_picture_row (picture, panel, row);
  g_autofree LwDistributionCell *cells = g_new (LwDistributionCell, LW_RIDGE_COLUMNS);
  LwRidgeRow ridge_row = { 0 };

  if (own < 0)
    return;
  ridge_row.name = lw_distribution_set_name (set, own);
  ridge_row.place = lw_distribution_set_place (set, own);
  ridge_row.n_badges = lw_distribution_set_badges (set, own, ridge_row.badges);
  for (int c = 0; c < lw_distribution_set_n_columns (set); c++)
    if (lw_distribution_picture_cell (picture, panel, row, c, theme, &cells[c]))
      ridge_row.cells[c] = cells[c].cell;
  lw_ridge_row_paint (cr, theme, text, &ridge_row, &picture->panels[panel], y, true);
}

/* --- files ---------------------------------------------------------------------------------------
 */

typedef struct {
  LwDistributionPicture picture;
  LwText *text;
} Export;

static void
paint_export (cairo_t *cr, gpointer data)
{
  const Export *export = data;
  const LwTheme *theme = lw_theme (false);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_distribution_picture_head (&export->picture, cr, theme, export->text);
  for (int row = 0; row < lw_distribution_set_n_rows (export->picture.set); row++)
    for (int p = 0; p < export->picture.n_panels; p++)
      lw_distribution_picture_paint (&export->picture, p, row, cr, theme, export->text,
                                     LW_RIDGE_HEAD_HEIGHT + row * LW_RIDGE_ROW_HEIGHT);
}

bool
lw_distribution_picture_export (const LwDistributionPicture *picture, LwText *text,
                                const char *path, GError **error)
{
  Export export = { *picture, text };
  const double height = LW_RIDGE_HEAD_HEIGHT + 8 +
                        lw_distribution_set_n_rows (picture->set) * (double)LW_RIDGE_ROW_HEIGHT;

  lw_distribution_picture_lay_out (&export.picture, EXPORT_WIDTH);
  return lw_export_picture (path, EXPORT_WIDTH, height, 1, paint_export, &export, error);
}
