#include "ui/answer-grid.h"

#include "ui/draw/answers.h"
#include "ui/image-tile.h"
#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define RIM         3.0 /* room for the frame of the marked one */
#define GAP         8.0
#define LEAST_WIDTH 84.0 /* of a tile: two numbers and a name */
#define SMALL_LEAST 6    /* small ones in a row, the narrowest pane has so many */
#define SMALL_WIDTH 64.0

struct _LwAnswerGrid {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwText *text;
  bool small;
  int32_t *examples;
  int n;
};

G_DEFINE_FINAL_TYPE (LwAnswerGrid, lw_answer_grid, GTK_TYPE_WIDGET)

static guint marked_signal;

typedef struct {
  int columns;
  int shown;                 /* of a row of small ones those that fit */
  double width, height, row; /* of a tile; from row to row */
} Cells;

static Cells
cells_for (const LwAnswerGrid *self, double room)
{
  Cells cells;

  room = MAX (room - 2 * RIM, LEAST_WIDTH);
  cells.columns = self->small ? MAX (SMALL_LEAST, (int)((room + GAP) / (SMALL_WIDTH + GAP)))
                              : MAX (1, (int)((room + GAP) / (LEAST_WIDTH + GAP)));
  cells.width = floor ((room - (cells.columns - 1) * GAP) / cells.columns);
  cells.shown = self->small ? MIN (self->n, cells.columns) : self->n;
  cells.height = lw_answer_height (cells.width, self->small);
  cells.row = cells.height + GAP;
  return cells;
}

static int
rows_of (const Cells *cells)
{
  return (cells->shown + cells->columns - 1) / cells->columns;
}

static void
lw_answer_grid_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwAnswerGrid *self = LW_ANSWER_GRID (widget);

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = (int)(2 * LEAST_WIDTH + GAP + 2 * RIM);
    *natural = (int)(4 * LEAST_WIDTH + 3 * GAP + 2 * RIM);
    return;
  }
  const Cells cells = cells_for (self, for_size > 0 ? for_size : 380);

  *minimum = *natural =
      (int)ceil (MAX (self->small ? 1 : rows_of (&cells), 1) * cells.row - GAP + 2 * RIM);
}

static GtkSizeRequestMode
lw_answer_grid_get_request_mode (GtkWidget *widget)
{
  (void)widget;
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static bool
answer_at (LwAnswerGrid *self, int index, LwAnswer *ret_answer)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);
  const char *const *names = lw_predictions_source_names (self->source);
  LwDataset *dataset = lw_predictions_source_dataset (self->source);
  const int32_t example = self->examples[index];

  if (set == NULL || example >= set->n)
    return false;
  *ret_answer = (LwAnswer){
    .predicted = names[set->predicted[example]],
    .label = names[set->labels[example]],
    .predicted_share =
        (double)lw_prediction_set_probability (set, example, set->predicted[example]),
    .label_share = (double)lw_prediction_set_probability (set, example, set->labels[example]),
    .right = set->predicted[example] == set->labels[example],
    .marked = example == lw_predictions_source_image (self->source),
  };
  if (dataset != NULL && example < lw_dataset_size (dataset, LW_SPLIT_TEST))
    ret_answer->image = lw_image_tile (dataset, example);
  return true;
}

static void
lw_answer_grid_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwAnswerGrid *self = LW_ANSWER_GRID (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  const double width = gtk_widget_get_width (widget);
  const Cells cells = cells_for (self, width);
  const cairo_rectangle_t seen = lw_seen_of (widget);
  const double top = seen.y, bottom = seen.y + seen.height;
  cairo_t *cr;

  if (self->n == 0 || bottom <= top)
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, (float)top, (float)width, (float)(bottom - top)));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  for (int row = MAX ((int)((top - RIM) / cells.row), 0);
       row < rows_of (&cells) && RIM + row * cells.row < bottom; row++)
    for (int column = 0; column < cells.columns; column++) {
      const int index = row * cells.columns + column;
      LwAnswer answer;

      if (index < cells.shown && answer_at (self, index, &answer))
        lw_answer_paint (cr, theme, self->text, &answer, RIM + column * (cells.width + GAP),
                         RIM + row * cells.row, cells.width, self->small);
    }
  cairo_destroy (cr);
}

int
lw_answer_grid_n (LwAnswerGrid *self)
{
  return self->n;
}

int
lw_answer_grid_marked (LwAnswerGrid *self)
{
  const int32_t image = lw_predictions_source_image (self->source);

  for (int i = 0; i < self->n; i++)
    if (self->examples[i] == image)
      return i;
  return -1;
}

static void
describe (LwAnswerGrid *self)
{
  const int marked = lw_answer_grid_marked (self);
  g_autofree char *words = NULL, *place = NULL;
  LwAnswer answer;

  if (marked >= 0 && answer_at (self, marked, &answer)) {
    words = lw_answer_describe (&answer);
    place = g_strdup_printf (_ ("Image %d of %d: %s"), marked + 1, self->n, words);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  place != NULL ? place : _ ("No image is marked here"), -1);
}

void
lw_answer_grid_show (LwAnswerGrid *self, const int32_t *examples, int n)
{
  g_free (self->examples);
  self->examples = n > 0 ? g_memdup2 (examples, sizeof *examples * (gsize)n) : NULL;
  self->n = n;
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Scrolls so that a tile is seen whole. */
static void
reveal (LwAnswerGrid *self, int index)
{
  const Cells cells = cells_for (self, gtk_widget_get_width (GTK_WIDGET (self)));
  GtkAdjustment *scroll = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL);
  const double top = index / cells.columns * cells.row;

  if (scroll != NULL && !self->small)
    gtk_adjustment_clamp_page (scroll, top, top + cells.row);
}

static void
mark (LwAnswerGrid *self, int index)
{
  const Cells cells = cells_for (self, gtk_widget_get_width (GTK_WIDGET (self)));

  if (self->n == 0)
    return;
  index = CLAMP (index, 0, cells.shown - 1);
  reveal (self, index);
  lw_predictions_source_mark_image (self->source, self->examples[index]);
  g_signal_emit (self, marked_signal, 0, self->examples[index]);
}

void
lw_answer_grid_step (LwAnswerGrid *self, int by)
{
  const int marked = lw_answer_grid_marked (self);

  mark (self, marked < 0 ? 0 : marked + by);
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwAnswerGrid *self)
{
  const Cells cells = cells_for (self, gtk_widget_get_width (GTK_WIDGET (self)));
  const int column = (int)floor ((x - RIM) / (cells.width + GAP)),
            row = (int)floor ((y - RIM) / cells.row), index = row * cells.columns + column;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (column >= 0 && column < cells.columns && row >= 0 && index < cells.shown)
    mark (self, index);
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwAnswerGrid *self = LW_ANSWER_GRID (widget);
  const Cells cells = cells_for (self, gtk_widget_get_width (widget));
  int rows, columns;

  (void)data;
  g_variant_get (by, "(ii)", &rows, &columns);
  lw_answer_grid_step (self, rows * cells.columns + columns);
  return TRUE;
}

static void
image_changed (LwAnswerGrid *self)
{
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_answer_grid_dispose (GObject *object)
{
  g_clear_object (&LW_ANSWER_GRID (object)->source);
  G_OBJECT_CLASS (lw_answer_grid_parent_class)->dispose (object);
}

static void
lw_answer_grid_finalize (GObject *object)
{
  lw_text_free (LW_ANSWER_GRID (object)->text);
  g_free (LW_ANSWER_GRID (object)->examples);
  G_OBJECT_CLASS (lw_answer_grid_parent_class)->finalize (object);
}

static void
lw_answer_grid_class_init (LwAnswerGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct {
    guint key;
    int rows, columns;
  } moves[] = {
    { GDK_KEY_Up, -1, 0 },   { GDK_KEY_Down, 1, 0 },        { GDK_KEY_Left, 0, -1 },
    { GDK_KEY_Right, 0, 1 }, { GDK_KEY_Home, 0, -1000000 }, { GDK_KEY_End, 0, 1000000 }
  };

  G_OBJECT_CLASS (klass)->dispose = lw_answer_grid_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_answer_grid_finalize;
  widget_class->snapshot = lw_answer_grid_snapshot;
  widget_class->measure = lw_answer_grid_measure;
  widget_class->get_request_mode = lw_answer_grid_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (widget_class, moves[i].key, 0, move, "(ii)", moves[i].rows,
                                  moves[i].columns);
  marked_signal = g_signal_new ("marked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lw_answer_grid_init (LwAnswerGrid *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->text = lw_text_new (NULL, NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_answer_grid_new (LwPredictionsSource *source, bool small, const char *name)
{
  LwAnswerGrid *self = g_object_new (LW_TYPE_ANSWER_GRID, NULL);

  self->source = g_object_ref (source);
  self->small = small;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (source, "image-changed", G_CALLBACK (image_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
