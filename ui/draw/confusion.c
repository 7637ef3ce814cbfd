#include "ui/draw/confusion.h"

#include <glib/gi18n.h>
#include <math.h>

#define SIDE_TITLE   22.0 /* "true class", upright */
#define NAME_GAP     8.0
#define HEAD_TITLE   24.0 /* "predicted" */
#define TWO_HEIGHTS  36.0 /* neighbours' names in turn */
#define FOUND_WIDTH  100.0
#define PRECISION    26.0
#define LEGEND       34.0
#define LEAST_BOTTOM 400.0 /* what the legend is wide */

static int32_t
at_place (const LwConfusion *m, int32_t place)
{
  return m->order != NULL ? m->order[place] : place;
}

static int32_t
place_of (const LwConfusion *m, int32_t label)
{
  for (int32_t i = 0; m->order != NULL && i < m->classes; i++)
    if (m->order[i] == label)
      return i;
  return label;
}

static int32_t
count_at (const LwConfusion *m, int32_t row, int32_t column)
{
  return m->counts[(gsize)row * (gsize)m->classes + (gsize)column];
}

static int64_t
row_sum (const LwConfusion *m, int32_t row)
{
  int64_t sum = 0;

  for (int32_t c = 0; c < m->classes; c++)
    sum += count_at (m, row, c);
  return sum;
}

double
lw_confusion_recall (const LwConfusion *m, int32_t label)
{
  const int64_t sum = row_sum (m, label);

  return sum > 0 ? (double)count_at (m, label, label) / (double)sum : NAN;
}

double
lw_confusion_precision (const LwConfusion *m, int32_t label)
{
  int64_t sum = 0;

  for (int32_t r = 0; r < m->classes; r++)
    sum += count_at (m, r, label);
  return sum > 0 ? (double)count_at (m, label, label) / (double)sum : NAN;
}

/* --- layout -------------------------------------------------------------------------------------
 */

static double
widest_name (const LwConfusion *m, LwText *text)
{
  double widest = 0;

  for (int32_t c = 0; c < m->classes; c++)
    widest = MAX (widest, lw_text_width (text, LW_TEXT_CAPTION, m->names[c]));
  return widest;
}

static void
measure_counts (const LwConfusion *m, LwConfusionLayout *layout)
{
  layout->images = (int32_t)row_sum (m, 0);
  for (int32_t r = 0; r < m->classes; r++) {
    if (row_sum (m, r) != layout->images)
      layout->images = 0;
    for (int32_t c = 0; c < m->classes; c++)
      if (r != c)
        layout->most = MAX (layout->most, count_at (m, r, c));
  }
}

void
lw_confusion_layout (const LwConfusion *m, LwText *text, double room, LwConfusionLayout *ret_layout)
{
  LwConfusionLayout *l = ret_layout;
  const double widest = ceil (widest_name (m, text));

  *l = (LwConfusionLayout){ .cell = LW_CONFUSION_CELL, .names_width = widest };
  l->left =
      MAX (SIDE_TITLE + widest, ceil (lw_text_width (text, LW_TEXT_CAPTION, _ ("precision")))) +
      NAME_GAP;
  if (m->classes > LW_CONFUSION_FITS)
    l->cell = LW_CONFUSION_LEAST_CELL;
  else if (room > 0)
    l->cell = CLAMP (floor ((room - l->left - FOUND_WIDTH) / MAX (m->classes, 1)),
                     LW_CONFUSION_LEAST_CELL, LW_CONFUSION_CELL);
  l->upright = widest > 2 * l->cell - 6;
  l->head = HEAD_TITLE + (l->upright ? widest + NAME_GAP : TWO_HEIGHTS);
  l->top = l->head;
  l->width = MAX (l->left + l->cell * m->classes + FOUND_WIDTH, l->left + LEAST_BOTTOM);
  l->height = l->top + l->cell * m->classes + PRECISION + LEGEND;
  measure_counts (m, l);
}

cairo_rectangle_t
lw_confusion_cell (const LwConfusion *m, const LwConfusionLayout *l, int32_t row, int32_t column)
{
  return (cairo_rectangle_t){ l->left + l->cell * place_of (m, column),
                              l->top + l->cell * place_of (m, row), l->cell, l->cell };
}

bool
lw_confusion_at (const LwConfusion *m, const LwConfusionLayout *l, double x, double y,
                 int32_t *ret_row, int32_t *ret_column)
{
  const double column = floor ((x - l->left) / l->cell), row = floor ((y - l->top) / l->cell);

  if (!(column >= 0) || !(row >= 0) || column >= m->classes || row >= m->classes)
    return false;
  *ret_row = at_place (m, (int32_t)row);
  *ret_column = at_place (m, (int32_t)column);
  return true;
}

int32_t
lw_confusion_beside (const LwConfusion *m, int32_t label, int32_t by)
{
  const int64_t place = (int64_t)place_of (m, label) + by;

  return at_place (m, (int32_t)CLAMP (place, 0, m->classes - 1));
}

char *
lw_confusion_describe (const LwConfusion *m, int32_t row, int32_t column)
{
  const int32_t n = count_at (m, row, column);

  return g_strdup_printf (
      ngettext ("true %s, predicted %s, %d image", "true %s, predicted %s, %d images", (gulong)n),
      m->names[row], m->names[column], n);
}

/* --- order --------------------------------------------------------------------------------------
 */

typedef struct {
  const LwConfusion *confusion;
  LwConfusionOrder order;
  double *keys;
} Sorting;

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Sorting *sorting = data;
  const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;

  if (sorting->order == LW_CONFUSION_BY_NAME) {
    const int names = g_utf8_collate (sorting->confusion->names[i], sorting->confusion->names[j]);

    return names != 0 ? names : i - j;
  }
  if (sorting->keys[i] != sorting->keys[j])
    return sorting->keys[i] < sorting->keys[j] ? -1 : 1;
  return i - j;
}

int32_t *
lw_confusion_order (const LwConfusion *m, LwConfusionOrder order)
{
  int32_t *places = g_new (int32_t, m->classes);
  g_autofree double *keys = g_new0 (double, m->classes);
  Sorting sorting = { m, order, keys };

  for (int32_t c = 0; c < m->classes; c++) {
    const double share = order == LW_CONFUSION_BY_PRECISION ? lw_confusion_precision (m, c)
                                                            : lw_confusion_recall (m, c);

    places[c] = c;
    keys[c] = isnan (share) ? 2 : share;
  }
  if (order != LW_CONFUSION_AS_NUMBERED)
    g_qsort_with_data (places, m->classes, sizeof *places, compare, &sorting);
  return places;
}
