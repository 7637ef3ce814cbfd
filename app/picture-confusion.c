/* The confusion matrix of a run's test images: rows are true classes, columns predictions. */
#include "app/picture.h"

#include "app/evaluate.h"
#include "engine/analysis.h"
#include "ui/draw/scale.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>

#define MARGIN      24.0
#define HEAD        64.0 /* title and sub-title */
#define COLUMN_HEAD 60.0 /* "predicted" and two rows of names, neighbours in turn */
#define CELL        41.0
#define BAR         44.0 /* of the share found */
#define FOOT        44.0
#define LEGEND_BAR  120
#define LEAST_WIDTH 420.0

typedef struct {
  LwText *text;
  LwEvaluation *evaluation;
  char **names;  /* of the classes, as the rows show them */
  bool numbered; /* columns have numbers: the names are too long for them */
  double names_width;
  int32_t most; /* the largest count of a mistake */
  char *heading, *subheading;
} Confusion;

static void
free_confusion (gpointer data)
{
  Confusion *confusion = data;

  lw_text_free (confusion->text);
  lw_evaluation_free (confusion->evaluation);
  g_strfreev (confusion->names);
  g_free (confusion->heading);
  g_free (confusion->subheading);
  g_free (confusion);
}

static int32_t
count_of (const Confusion *confusion, int32_t row, int32_t column)
{
  return confusion->evaluation->confusion[row * confusion->evaluation->classes + column];
}

static double
cell_x (const Confusion *confusion, int32_t column)
{
  return MARGIN + confusion->names_width + 8 + column * CELL;
}

static double
cell_y (int32_t row)
{
  return MARGIN + HEAD + COLUMN_HEAD + row * CELL;
}

/* Mistakes are coloured by the square root of their number, so that rare ones show as well. */
static LwScale
scale_of (const Confusion *confusion)
{
  return (LwScale){ LW_MAP_COST, 0, MAX (1, confusion->most) };
}

static void
paint_cell (cairo_t *cr, const LwTheme *theme, const Confusion *confusion, int32_t row,
            int32_t column)
{
  const int32_t count = count_of (confusion, row, column);
  const double x = cell_x (confusion, column), y = cell_y (row);
  const LwScale scale = scale_of (confusion);
  LwColour fill = lw_scale_colour (&scale, false, count);
  g_autofree char *number = g_strdup_printf ("%d", count);

  lw_path_rounded (cr, x + 1, y + 1, CELL - 2, CELL - 2, 3);
  if (row == column)
    fill = theme->kind_fill[LW_KIND_JOIN];
  lw_set_colour (cr, count > 0 || row == column ? fill : theme->canvas, 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->border, 1);
  cairo_stroke (cr);
  if (count > 0)
    lw_text_paint (cr, confusion->text, row == column ? LW_TEXT_TABLE_BOLD : LW_TEXT_TABLE, number,
                   x + CELL / 2, y + CELL / 2 + lw_text_middle (LW_TEXT_TABLE), 0.5,
                   lw_contrast (fill), 1);
}

static void
paint_heads (cairo_t *cr, const LwTheme *theme, const Confusion *confusion)
{
  const int32_t n = confusion->evaluation->classes;
  const double bottom = cell_y (0) - 8;

  lw_text_paint (cr, confusion->text, LW_TEXT_TABLE_BOLD, _ ("predicted"),
                 cell_x (confusion, 0) + n * CELL / 2, bottom - 34, 0.5, theme->text, 1);
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, _ ("found"), cell_x (confusion, n) + 14,
                 bottom, 0, theme->dim, 1);
  for (int32_t c = 0; c < n; c++) {
    g_autofree char *number = g_strdup_printf ("%d", c);
    /* Names of neighbours stand on two heights, so that each has two cells' width. */
    const double y = !confusion->numbered && c % 2 == 1 ? bottom - 16 : bottom;

    lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION,
                   confusion->numbered ? number : confusion->names[c],
                   cell_x (confusion, c) + CELL / 2, y, 0.5, theme->dim, 1);
  }
}

static void
paint_row (cairo_t *cr, const LwTheme *theme, const Confusion *confusion, int32_t row)
{
  const int32_t n = confusion->evaluation->classes;
  const double middle = cell_y (row) + CELL / 2, x = cell_x (confusion, n) + 14;
  const double baseline = middle + lw_text_middle (LW_TEXT_TABLE);
  int32_t images = 0;
  g_autofree char *share = NULL;

  for (int32_t c = 0; c < n; c++) {
    paint_cell (cr, theme, confusion, row, c);
    images += count_of (confusion, row, c);
  }
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, confusion->names[row],
                 cell_x (confusion, 0) - 8, baseline, 1, theme->text, 1);
  if (images == 0)
    return;
  lw_path_rounded (cr, x, middle - 5, BAR, 10, 3);
  lw_set_colour (cr, theme->grid, 1);
  cairo_fill (cr);
  lw_path_rounded (cr, x, middle - 5, BAR * count_of (confusion, row, row) / images, 10, 3);
  lw_set_colour (cr, theme->series[0], 1);
  cairo_fill (cr);
  share = g_strdup_printf ("%.3f", (double)count_of (confusion, row, row) / images);
  lw_text_paint (cr, confusion->text, LW_TEXT_TABLE, share, x + BAR + 8, baseline, 0, theme->text,
                 1);
}

/* From 0 to the most frequent mistake. */
static void
paint_legend_bar (cairo_t *cr, const LwTheme *theme, const Confusion *confusion, double x,
                  double middle)
{
  const LwScale scale = scale_of (confusion);
  const double baseline = middle + lw_text_middle (LW_TEXT_CAPTION);
  g_autofree char *most = g_strdup_printf ("%d", MAX (1, confusion->most));

  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, "0", x, baseline, 0, theme->dim, 1);
  for (int i = 0; i < LEGEND_BAR; i++) {
    lw_set_colour (cr, lw_scale_colour (&scale, false, scale.max * (i + 0.5) / LEGEND_BAR), 1);
    cairo_rectangle (cr, x + 14 + i, middle - 5, 1.2, 10);
    cairo_fill (cr);
  }
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, most, x + 14 + LEGEND_BAR + 6, baseline, 0,
                 theme->dim, 1);
}

static void
paint_confusion (cairo_t *cr, gpointer data)
{
  const Confusion *confusion = data;
  const LwTheme *theme = lw_theme (false);
  const double foot = cell_y (confusion->evaluation->classes) + FOOT / 2;
  const double x = cell_x (confusion, 0), words = x + 20;
  const double baseline = foot + lw_text_middle (LW_TEXT_CAPTION);
  const double wrong = words + lw_text_width (confusion->text, LW_TEXT_CAPTION, _ ("right")) + 24;

  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  lw_text_paint (cr, confusion->text, LW_TEXT_HEADING, confusion->heading, MARGIN, MARGIN + 18, 0,
                 theme->text, 1);
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, confusion->subheading, MARGIN, MARGIN + 40,
                 0, theme->dim, 1);
  paint_heads (cr, theme, confusion);
  for (int32_t row = 0; row < confusion->evaluation->classes; row++)
    paint_row (cr, theme, confusion, row);
  lw_path_rounded (cr, x, foot - 6, 12, 12, 3);
  lw_set_colour (cr, theme->kind_fill[LW_KIND_JOIN], 1);
  cairo_fill (cr);
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, _ ("right"), words, baseline, 0, theme->dim,
                 1);
  lw_text_paint (cr, confusion->text, LW_TEXT_CAPTION, _ ("wrong:"), wrong, baseline, 0, theme->dim,
                 1);
  paint_legend_bar (cr, theme, confusion,
                    wrong + 12 + lw_text_width (confusion->text, LW_TEXT_CAPTION, _ ("wrong:")),
                    foot);
}

/* Names for rows and columns; columns get numbers when a name is wider than two cells. */
static void
name_classes (Confusion *confusion, const LwDataset *dataset)
{
  const int32_t n = confusion->evaluation->classes;
  double widest = 0;

  confusion->names = g_new0 (char *, n + 1);
  for (int32_t c = 0; c < n; c++) {
    confusion->names[c] = c < lw_dataset_classes (dataset)
                              ? g_strdup (lw_dataset_class_name (dataset, c))
                              : g_strdup_printf ("%d", c);
    widest = MAX (widest, lw_text_width (confusion->text, LW_TEXT_CAPTION, confusion->names[c]));
  }
  confusion->numbered = widest > 2 * CELL - 6;
  for (int32_t c = 0; c < n && confusion->numbered; c++) {
    g_autofree char *name = confusion->names[c];

    confusion->names[c] = g_strdup_printf ("%s  %d", name, c);
    widest = MAX (widest, lw_text_width (confusion->text, LW_TEXT_CAPTION, confusion->names[c]));
  }
  confusion->names_width = widest;
}

bool
lw_picture_confusion (LwPicture *picture, const LwWeights *weights, const char *device,
                      GError **error)
{
  g_autoptr (LwDataset) dataset = lw_dataset_open (weights->settings->data, error);
  g_autoptr (LwSession) session =
      dataset != NULL ? lw_weights_session (weights, device, LW_ALGORITHMS_FIXED, 0, error) : NULL;
  LwEvaluation *evaluation = session != NULL
                                 ? lw_evaluate_split (session, dataset, LW_SPLIT_TEST,
                                                      weights->settings->limit_test, error)
                                 : NULL;
  Confusion *confusion;
  g_autofree char *images = NULL;

  if (evaluation == NULL)
    return false;
  confusion = g_new0 (Confusion, 1);
  confusion->evaluation = evaluation;
  confusion->text = lw_picture_text ();
  name_classes (confusion, dataset);
  for (int32_t i = 0; i < evaluation->classes * evaluation->classes; i++) {
    if (i / evaluation->classes != i % evaluation->classes)
      confusion->most = MAX (confusion->most, evaluation->confusion[i]);
  }
  images = lw_format_exact (evaluation->count);
  confusion->heading = g_strdup_printf (_ ("%s: confusion matrix"),
                                        lw_options_model (weights->settings->options)->title);
  confusion->subheading = g_strdup_printf (_ ("%s, %s test images, accuracy %.3f"),
                                           lw_dataset_name (dataset), images, evaluation->accuracy);
  *picture = (LwPicture){
    .width = MAX (LEAST_WIDTH, cell_x (confusion, evaluation->classes) + 14 + BAR + 60 + MARGIN),
    .height = cell_y (evaluation->classes) + FOOT + MARGIN,
    .paint = paint_confusion,
    .data = confusion,
    .free = free_confusion,
  };
  return true;
}
