/* The rule under the pointer and its table. */
#include "ui/draw/chart-internal.h"

#include <glib/gi18n.h>
#include <math.h>

enum {
  PAD = 13,
  KEY = 18,
  KEY_GAP = 6,
  COLUMN_GAP = 18,
  ROW = 19,
  LEAST_ROW = 16,
  AWAY = 12,
  FOOT = 20
};

static const char *
readout_name (const LwChartLine *line)
{
  const char *name = line->readout_name != NULL ? line->readout_name : line->name;

  return name != NULL ? name : "";
}

static const LwChartLine *
line_of (const LwChartStack *stack, const LwReadout *row)
{
  return &stack->charts[row->chart].lines[row->line];
}

static double
raw_at (const LwChartLine *line, size_t index)
{
  if (line->raw == NULL || line->raw == line->series || index >= lw_series_length (line->raw))
    return NAN;
  return lw_series_y (line->raw)[index];
}

/* A value of a band's edge, which has its mean's x. */
static double
range_at (const LwChartLine *line, const LwSeries *edge, size_t index)
{
  if (line->form != LW_LINE_RANGE || edge == NULL || index >= lw_series_length (edge))
    return NAN;
  return lw_series_y (edge)[index];
}

/* Where the painted line crosses the rule: test results are read out from the point before, but
 * their line runs on to the next. */
static double
line_pixel (const LwChartStack *stack, const LwChartPlot *plot, const LwChartLine *line,
            size_t index)
{
  const double *xs = lw_series_x (line->series), *ys = lw_series_y (line->series);
  double here = isfinite (ys[index]) ? lw_chart_pixel_y (plot, ys[index]) : NAN, next, share;

  if (line->at != LW_AT_LAST_BEFORE ||
      (line->form != LW_LINE_CURVE && line->form != LW_LINE_RANGE) ||
      index + 1 >= lw_series_length (line->series) || !isfinite (ys[index + 1]) ||
      !(xs[index + 1] > xs[index]))
    return here;
  next = lw_chart_pixel_y (plot, ys[index + 1]);
  share = (stack->rule_x - xs[index]) / (xs[index + 1] - xs[index]);
  return here + share * (next - here);
}

/* Nearest to the pointer first, what lies outside of its plot last; of equals the order stays. */
static void
order_by_nearness (const LwChartStack *stack, LwReadout *rows, int n)
{
  if (!isfinite (stack->pointer_y))
    return;
  for (int i = 1; i < n; i++) {
    const LwReadout row = rows[i];
    const double far = isnan (row.pixel_y) ? INFINITY : fabs (row.pixel_y - stack->pointer_y);
    int place = i;

    for (; place > 0; place--) {
      const double before = rows[place - 1].pixel_y;

      if ((isnan (before) ? INFINITY : fabs (before - stack->pointer_y)) <= far)
        break;
      rows[place] = rows[place - 1];
    }
    rows[place] = row;
  }
  if (n > 0 && !isnan (rows[0].pixel_y))
    rows[0].nearest = true;
}

int
lw_charts_readout (const LwChartStack *stack, const LwChartLayout *layout, LwReadout *ret_rows,
                   int max_rows)
{
  int n = 0;

  if (!isfinite (stack->rule_x))
    return 0;
  for (int c = 0; c < layout->n_plots; c++) {
    const LwChartSpec *chart = &stack->charts[c];
    const LwChartPlot *plot = &layout->plots[c];

    for (int i = 0; i < chart->n_lines && n < max_rows; i++) {
      const LwChartLine *line = &chart->lines[i];
      LwReadout *row = &ret_rows[n];
      size_t index;

      if (line->hidden || line->series == NULL ||
          !lw_series_at_x (line->series, stack->rule_x, line->at, &index))
        continue;
      *row = (LwReadout){ .chart = c, .line = i, .pixel_y = NAN };
      row->value = lw_series_y (line->series)[index];
      row->raw = raw_at (line, index);
      row->x = lw_series_x (line->series)[index];
      row->low = range_at (line, line->low, index);
      row->high = range_at (line, line->high, index);
      if (isnan (row->value))
        continue;
      row->pixel_y = line_pixel (stack, plot, line, index);
      if (!(row->pixel_y >= plot->plot.y - 1.0 &&
            row->pixel_y <= plot->plot.y + plot->plot.height + 1.0))
        row->pixel_y = NAN;
      n++;
    }
  }
  order_by_nearness (stack, ret_rows, n);
  return n;
}

/* --- the table */

typedef struct {
  LwReadout rows[LW_CHART_READOUT_ROWS];
  int n;
  double row_height;
  bool smoothed, details; /* a raw column is worth showing; raw and x columns are shown */
  double name, value, raw, range, x; /* widths of columns, 0: left out */
  int n_more;                        /* rows without room */
  char *foot;                        /* below the rows; NULL: none */
  cairo_rectangle_t rectangle;
} Table;

static double
widest (double width, LwText *text, LwTextStyle style, const char *words)
{
  return MAX (width, ceil (lw_text_width (text, style, words)));
}

static const char *
value_head (const Table *table)
{
  return table->smoothed ? _ ("smoothed") : _ ("value");
}

/* "0.841 – 0.872"; "" for a line without a band. */
static void
range_text (const LwReadout *row, char *ret_text, gsize size)
{
  char low[LW_TICK_TEXT], high[LW_TICK_TEXT];

  ret_text[0] = '\0';
  if (isnan (row->low) || isnan (row->high))
    return;
  lw_value_text (row->low, low);
  lw_value_text (row->high, high);
  g_snprintf (ret_text, size, "%s – %s", low, high);
}

static void
measure_table (const LwChartStack *stack, LwText *text, Table *table)
{
  char words[LW_TICK_TEXT], range[2 * LW_TICK_TEXT];

  table->name = table->range = 0.0;
  table->value = widest (0.0, text, LW_TEXT_DETAIL, value_head (table));
  table->raw =
      table->smoothed && table->details ? widest (0.0, text, LW_TEXT_DETAIL, _ ("batch")) : 0.0;
  table->x = table->details ? widest (0.0, text, LW_TEXT_DETAIL, stack->x_name) : 0.0;
  for (int i = 0; i < table->n; i++) {
    const LwReadout *row = &table->rows[i];

    /* Bold for all: the table must not change its width as the nearest row changes. */
    table->name =
        widest (table->name, text, LW_TEXT_TABLE_BOLD, readout_name (line_of (stack, row)));
    lw_value_text (row->value, words);
    table->value = widest (table->value, text, LW_TEXT_TABLE_BOLD, words);
    if (table->raw > 0.0 && !isnan (row->raw)) {
      lw_value_text (row->raw, words);
      table->raw = widest (table->raw, text, LW_TEXT_TABLE, words);
    }
    range_text (row, range, sizeof range);
    if (table->details && range[0] != '\0') {
      table->range = widest (table->range, text, LW_TEXT_DETAIL, _ ("range"));
      table->range = widest (table->range, text, LW_TEXT_TABLE, range);
    }
    if (table->details) {
      lw_position_text (row->x, words);
      table->x = widest (table->x, text, LW_TEXT_TABLE, words);
    }
  }
  table->rectangle.width = 2 * PAD + KEY + KEY_GAP + table->name + COLUMN_GAP + table->value;
  if (table->raw > 0.0)
    table->rectangle.width += COLUMN_GAP + table->raw;
  if (table->range > 0.0)
    table->rectangle.width += COLUMN_GAP + table->range;
  if (table->details)
    table->rectangle.width += COLUMN_GAP + table->x;
  if (table->foot != NULL)
    table->rectangle.width = MAX (
        table->rectangle.width, 2 * PAD + ceil (lw_text_width (text, LW_TEXT_DETAIL, table->foot)));
  table->rectangle.height =
      26.0 + table->n * table->row_height + (table->foot != NULL ? FOOT : 0) + 6.0;
}

/* Keeps the rows of the chart under the pointer, or of the first. */
static void
keep_one_chart (const LwChartStack *stack, const LwChartLayout *layout, Table *table)
{
  int chart =
      isfinite (stack->pointer_y) ? lw_charts_at (layout, layout->area.x, stack->pointer_y) : 0;
  int n = 0;

  for (int i = 0; i < table->n; i++) {
    if (table->rows[i].chart == MAX (chart, 0))
      table->rows[n++] = table->rows[i];
  }
  table->n = n;
}

/* What has no room, and for a pinned table its keys. NULL: nothing. */
static char *
foot_of (const LwChartStack *stack, int n_more)
{
  g_autofree char *more = NULL;

  if (n_more > 0)
    more = g_strdup_printf (ngettext ("%d more", "%d more", n_more), n_more);
  if (more != NULL && stack->rule_pinned)
    return g_strdup_printf ("%s · %s", more, _ ("Ctrl+C copies, Esc closes"));
  if (stack->rule_pinned)
    return g_strdup (_ ("Ctrl+C copies, Esc closes"));
  return g_steal_pointer (&more);
}

/* Ever smaller tables until one fits: lower rows, no details, only the chart under the pointer. */
static bool
fit_table (const LwChartStack *stack, const LwChartLayout *layout, LwText *text,
           const cairo_rectangle_t *bounds, Table *table)
{
  double rule = lw_chart_pixel_x (layout, stack->rule_x);
  int most;

  table->n = lw_charts_readout (stack, layout, table->rows, LW_CHART_READOUT_ROWS);
  table->foot = foot_of (stack, 0);
  for (int i = 0; i < table->n; i++)
    table->smoothed = table->smoothed || !isnan (table->rows[i].raw);
  for (int attempt = 0; attempt < 4 && table->n > 0; attempt++) {
    double room;

    table->row_height = attempt == 0 ? ROW : LEAST_ROW;
    table->details = !stack->compact_table && attempt < 2;
    if (attempt == 3)
      keep_one_chart (stack, layout, table);
    measure_table (stack, text, table);
    room = MAX (bounds->x + bounds->width - rule, rule - bounds->x) - AWAY;
    if (table->rectangle.width <= room && table->rectangle.height <= bounds->height)
      return table->n > 0;
  }
  /* As many rows as there is room for, if that is one at least. */
  most = (int)((bounds->height - 32.0 - FOOT) / LEAST_ROW);
  if (most < 1)
    return false;
  table->n_more = MAX (0, table->n - most);
  table->n = MIN (table->n, most);
  g_free (table->foot);
  table->foot = foot_of (stack, table->n_more);
  measure_table (stack, text, table);
  return table->n > 0 && table->rectangle.height <= bounds->height &&
         table->rectangle.width <= MAX (bounds->x + bounds->width - rule, rule - bounds->x) - AWAY;
}

static bool
make_table (const LwChartStack *stack, const LwChartLayout *layout, LwText *text, Table *table)
{
  cairo_rectangle_t bounds = stack->bounds.width > 0.0 ? stack->bounds : layout->area;
  cairo_rectangle_t *rectangle = &table->rectangle;
  double rule;

  *table = (Table){ 0 };
  if (layout->n_plots == 0 || !isfinite (stack->rule_x) || layout->plots[0].plot.width < 1.0)
    return false;
  rule = lw_chart_pixel_x (layout, stack->rule_x);
  if (!(rule >= layout->plots[0].plot.x - 0.5 &&
        rule <= layout->plots[0].plot.x + layout->plots[0].plot.width + 0.5))
    return false;
  if (!fit_table (stack, layout, text, &bounds, table))
    return false;
  rectangle->x = rule + AWAY;
  if (rectangle->x + rectangle->width > bounds.x + bounds.width)
    rectangle->x = rule - AWAY - rectangle->width;
  rectangle->y = MIN (layout->plots[0].plot.y + 2.0, bounds.y + bounds.height - rectangle->height);
  rectangle->y = MAX (rectangle->y, bounds.y);
  return true;
}

bool
lw_charts_readout_rectangle (const LwChartStack *stack, const LwChartLayout *layout, LwText *text,
                             cairo_rectangle_t *ret_rectangle)
{
  Table table;
  bool shown = make_table (stack, layout, text, &table);

  g_free (table.foot);
  if (shown)
    *ret_rectangle = table.rectangle;
  return shown;
}

static void
paint_cell (const LwChartPainter *painter, LwTextStyle style, const char *words, double right,
            double middle, LwColour colour)
{
  lw_text_paint (painter->cr, painter->text, style, words, right, middle + lw_text_middle (style),
                 1.0, colour, 1.0);
}

static void
paint_table (const LwChartPainter *painter, const Table *table)
{
  const LwTheme *theme = painter->theme;
  const cairo_rectangle_t *r = &table->rectangle;
  double value_right = r->x + PAD + KEY + KEY_GAP + table->name + COLUMN_GAP + table->value;
  double raw_right = value_right + (table->raw > 0.0 ? COLUMN_GAP + table->raw : 0.0);
  double range_right = raw_right + (table->range > 0.0 ? COLUMN_GAP + table->range : 0.0);
  double x_right = range_right + COLUMN_GAP + table->x;
  double middle = r->y + 16.0;
  char words[LW_TICK_TEXT], range[2 * LW_TICK_TEXT];

  lw_paint_card (painter->cr, theme, r->x, r->y, r->width, r->height, 9.0);
  paint_cell (painter, LW_TEXT_DETAIL, value_head (table), value_right, middle, theme->dim);
  if (table->raw > 0.0)
    paint_cell (painter, LW_TEXT_DETAIL, _ ("batch"), raw_right, middle, theme->dim);
  if (table->range > 0.0)
    paint_cell (painter, LW_TEXT_DETAIL, _ ("range"), range_right, middle, theme->dim);
  if (table->details)
    paint_cell (painter, LW_TEXT_DETAIL, painter->stack->x_name, x_right, middle, theme->dim);
  middle = r->y + 26.0 + table->row_height / 2.0 - 0.5;
  for (int i = 0; i < table->n; i++, middle += table->row_height) {
    const LwReadout *row = &table->rows[i];
    const LwChartLine *line = line_of (painter->stack, row);
    LwTextStyle name_style = row->nearest ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE;
    double x = r->x + PAD;

    lw_chart_paint_key (painter, line, x, middle, KEY, 1.0);
    /* From the seventh curve on the marker tells it from an earlier one. */
    if (line->marker >= LW_MARKER_SQUARE)
      lw_paint_marker (painter->cr, line->marker, x + KEY / 2.0, middle, line->colour, theme->card);
    lw_text_paint (painter->cr, painter->text, name_style, readout_name (line), x + KEY + KEY_GAP,
                   middle + lw_text_middle (name_style), 0.0, theme->text, 1.0);
    lw_value_text (row->value, words);
    paint_cell (painter, LW_TEXT_TABLE_BOLD, words, value_right, middle, theme->text);
    if (table->raw > 0.0 && !isnan (row->raw)) {
      lw_value_text (row->raw, words);
      paint_cell (painter, LW_TEXT_TABLE, words, raw_right, middle, theme->dim);
    }
    range_text (row, range, sizeof range);
    if (table->range > 0.0)
      paint_cell (painter, LW_TEXT_TABLE, range, range_right, middle, theme->dim);
    if (table->details) {
      lw_position_text (row->x, words);
      paint_cell (painter, LW_TEXT_TABLE, words, x_right, middle, theme->dim);
    }
  }
  if (table->foot != NULL)
    lw_text_paint (painter->cr, painter->text, LW_TEXT_DETAIL, table->foot, r->x + PAD,
                   middle - table->row_height / 2.0 + FOOT / 2.0 + lw_text_middle (LW_TEXT_DETAIL),
                   0.0, theme->dim, 1.0);
}

void
lw_chart_paint_readout (const LwChartPainter *painter)
{
  const LwChartLayout *layout = painter->layout;
  cairo_t *cr = painter->cr;
  double x = lw_chart_pixel_x (layout, painter->stack->rule_x);
  const cairo_rectangle_t *plot = &layout->plots[0].plot;
  Table table;
  bool shown;

  if (!isfinite (painter->stack->rule_x) ||
      !(x >= plot->x - 0.5 && x <= plot->x + plot->width + 0.5))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_width (cr, 1.0);
  lw_set_colour (cr, painter->theme->dim, 1.0);
  for (int c = 0; c < layout->n_plots; c++) {
    cairo_move_to (cr, floor (x) + 0.5, layout->plots[c].plot.y - 4.0);
    cairo_line_to (cr, floor (x) + 0.5, layout->plots[c].plot.y + layout->plots[c].plot.height);
  }
  cairo_stroke (cr);
  shown = make_table (painter->stack, layout, painter->text, &table);
  for (int i = 0; shown && i < table.n; i++) {
    const LwReadout *row = &table.rows[i];
    const LwChartLine *line = line_of (painter->stack, row);

    /* A test result belongs to its epoch, not to the place of the rule: no dot. */
    if (isnan (row->pixel_y) || line->at == LW_AT_LAST_BEFORE)
      continue;
    cairo_arc (cr, x, row->pixel_y, row->nearest ? 5.2 : 4.8, 0.0, 2.0 * G_PI);
    lw_set_colour (cr, painter->ground, 1.0);
    cairo_fill (cr);
    cairo_arc (cr, x, row->pixel_y, row->nearest ? 4.2 : 3.6, 0.0, 2.0 * G_PI);
    lw_set_colour (cr, line->colour, 1.0);
    cairo_fill (cr);
  }
  cairo_restore (cr);
  if (shown)
    paint_table (painter, &table);
  g_free (table.foot);
}

char *
lw_charts_readout_text (const LwChartStack *stack, const LwChartLayout *layout)
{
  LwReadout rows[LW_CHART_READOUT_ROWS];
  int n = lw_charts_readout (stack, layout, rows, LW_CHART_READOUT_ROWS);
  g_autoptr (GString) text = g_string_new (NULL);
  bool ranges = false;

  if (n == 0)
    return NULL;
  for (int i = 0; i < n; i++)
    ranges = ranges || !isnan (rows[i].low);
  g_string_append_printf (text, "%s\t%s\t%s\t%s%s\n", _ ("name"), _ ("smoothed"), _ ("batch"),
                          stack->x_name != NULL ? stack->x_name : "x", ranges ? "\tmin\tmax" : "");
  for (int i = 0; i < n; i++) {
    char number[3][G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd (number[0], sizeof number[0], "%.6g", rows[i].value);
    g_ascii_formatd (number[1], sizeof number[1], "%.6g", rows[i].raw);
    g_ascii_formatd (number[2], sizeof number[2], "%.6g", rows[i].x);
    g_string_append_printf (text, "%s\t%s\t%s\t%s", readout_name (line_of (stack, &rows[i])),
                            number[0], isnan (rows[i].raw) ? "" : number[1], number[2]);
    if (ranges && isnan (rows[i].low)) {
      g_string_append (text, "\t\t");
    } else if (ranges) {
      g_ascii_formatd (number[0], sizeof number[0], "%.6g", rows[i].low);
      g_ascii_formatd (number[1], sizeof number[1], "%.6g", rows[i].high);
      g_string_append_printf (text, "\t%s\t%s", number[0], number[1]);
    }
    g_string_append_c (text, '\n');
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
