#include "ui/confusion-view.h"

#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LwConfusionView {
  GtkWidget parent;
  LwPredictionsSource *source;
  LwText *text;
  LwConfusionOrder order;
  int32_t *places;
  LwConfusionLayout layout;
  double room; /* that the layout was made for */
  bool laid_out;
  int32_t row, column; /* under the pointer; −1 */
  char *words;
};

G_DEFINE_FINAL_TYPE (LwConfusionView, lw_confusion_view, GTK_TYPE_WIDGET)

enum { HOVERED, OPENED, N_SIGNALS };
static guint signals[N_SIGNALS];

bool
lw_confusion_view_matrix (LwConfusionView *self, LwConfusion *ret_matrix)
{
  const LwPredictionSet *set = lw_predictions_source_set (self->source);

  if (set == NULL)
    return false;
  *ret_matrix = (LwConfusion){ .classes = set->classes,
                               .counts = lw_predictions_source_counts (self->source),
                               .names = lw_predictions_source_names (self->source),
                               .order = self->places,
                               .row = -1,
                               .column = -1 };
  lw_predictions_source_cell (self->source, &ret_matrix->row, &ret_matrix->column);
  return true;
}

static void
lay_out (LwConfusionView *self, const LwConfusion *matrix, double room)
{
  if (self->laid_out && self->room == room)
    return;
  lw_confusion_layout (matrix, self->text, room, &self->layout);
  self->room = room;
  self->laid_out = true;
}

static void
lw_confusion_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  LwConfusionView *self = LW_CONFUSION_VIEW (widget);
  LwConfusion matrix;
  LwConfusionLayout least, full;

  *minimum = *natural = 100;
  *minimum_baseline = *natural_baseline = -1;
  if (!lw_confusion_view_matrix (self, &matrix))
    return;
  lw_confusion_layout (&matrix, self->text, 1, &least);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    lw_confusion_layout (&matrix, self->text, 0, &full);
    *minimum = (int)ceil (least.width);
    *natural = (int)ceil (full.width);
  } else {
    lw_confusion_layout (&matrix, self->text, for_size > 0 ? for_size : 1, &full);
    *minimum = *natural = (int)ceil (full.height);
  }
}

static GtkSizeRequestMode
lw_confusion_view_get_request_mode (GtkWidget *widget)
{
  (void)widget;
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lw_confusion_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwConfusionView *self = LW_CONFUSION_VIEW (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  LwConfusion matrix;
  cairo_t *cr;

  if (!lw_confusion_view_matrix (self, &matrix) ||
      (cr = lw_append_seen (widget, snapshot)) == NULL) /* of 1000 classes a few dozen */
    return;
  lay_out (self, &matrix, gtk_widget_get_width (widget));
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_confusion_paint (cr, theme, self->text, &matrix, &self->layout);
  cairo_destroy (cr);
}

/* --- what is said -------------------------------------------------------------------------------
 */

static void
describe (LwConfusionView *self)
{
  g_autofree char *marked = NULL;
  LwConfusion matrix;

  g_clear_pointer (&self->words, g_free);
  if (lw_confusion_view_matrix (self, &matrix) && matrix.row >= 0) {
    marked = lw_confusion_describe (&matrix, matrix.row, matrix.column);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    marked, -1);
    if (self->row >= 0 && self->row < matrix.classes && self->column < matrix.classes)
      self->words = lw_confusion_describe (&matrix, self->row, self->column);
    else
      self->words = g_steal_pointer (&marked);
  }
  g_signal_emit (self, signals[HOVERED], 0);
}

const char *
lw_confusion_view_words (LwConfusionView *self)
{
  return self->words;
}

static void
order_classes (LwConfusionView *self)
{
  LwConfusion matrix;

  g_clear_pointer (&self->places, g_free);
  if (self->order != LW_CONFUSION_AS_NUMBERED && lw_confusion_view_matrix (self, &matrix))
    self->places = lw_confusion_order (&matrix, self->order);
}

static void
changed (LwConfusionView *self)
{
  self->laid_out = false;
  order_classes (self);
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_confusion_view_set_order (LwConfusionView *self, LwConfusionOrder order)
{
  self->order = order;
  changed (self);
}

static void
cell_changed (LwConfusionView *self)
{
  GtkAdjustment *across = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL),
                *down = lw_scroll_of (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL);
  LwConfusion matrix;

  if (lw_confusion_view_matrix (self, &matrix) && self->laid_out && matrix.row >= 0 &&
      across != NULL) {
    const cairo_rectangle_t cell =
        lw_confusion_cell (&matrix, &self->layout, matrix.row, matrix.column);

    gtk_adjustment_clamp_page (across, cell.x - 4, cell.x + cell.width + 4);
    gtk_adjustment_clamp_page (down, cell.y - 4, cell.y + cell.height + 4);
  }
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- pointer and keys ---------------------------------------------------------------------------
 */

static void
hover (LwConfusionView *self, double x, double y)
{
  LwConfusion matrix;
  int32_t row = -1, column = -1;

  if (x >= 0 && lw_confusion_view_matrix (self, &matrix) &&
      !lw_confusion_at (&matrix, &self->layout, x, y, &row, &column))
    row = column = -1;
  if (row == self->row && column == self->column)
    return;
  self->row = row;
  self->column = column;
  describe (self);
}

static void
moved (GtkEventControllerMotion *motion, double x, double y, LwConfusionView *self)
{
  (void)motion;
  hover (self, x, y);
}

static void
left (GtkEventControllerMotion *motion, LwConfusionView *self)
{
  (void)motion;
  hover (self, -1, -1);
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwConfusionView *self)
{
  LwConfusion matrix;
  int32_t row, column;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!lw_confusion_view_matrix (self, &matrix) ||
      !lw_confusion_at (&matrix, &self->layout, x, y, &row, &column))
    return;
  lw_predictions_source_mark_cell (self->source, row, column);
  g_signal_emit (self, signals[OPENED], 0);
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwConfusionView *self = LW_CONFUSION_VIEW (widget);
  int rows, columns;
  LwConfusion matrix;

  (void)data;
  g_variant_get (by, "(ii)", &rows, &columns);
  if (!lw_confusion_view_matrix (self, &matrix))
    return FALSE;
  lw_predictions_source_mark_cell (self->source,
                                   lw_confusion_beside (&matrix, MAX (matrix.row, 0), rows),
                                   lw_confusion_beside (&matrix, MAX (matrix.column, 0), columns));
  return TRUE;
}

static gboolean
open_cell (GtkWidget *widget, GVariant *by, gpointer data)
{
  (void)by;
  (void)data;
  g_signal_emit (widget, signals[OPENED], 0);
  return TRUE;
}

/* --- set-up -------------------------------------------------------------------------------------
 */

static void
lw_confusion_view_dispose (GObject *object)
{
  g_clear_object (&LW_CONFUSION_VIEW (object)->source);
  G_OBJECT_CLASS (lw_confusion_view_parent_class)->dispose (object);
}

static void
lw_confusion_view_finalize (GObject *object)
{
  LwConfusionView *self = LW_CONFUSION_VIEW (object);

  lw_text_free (self->text);
  g_free (self->places);
  g_free (self->words);
  G_OBJECT_CLASS (lw_confusion_view_parent_class)->finalize (object);
}

static void
lw_confusion_view_class_init (LwConfusionViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct {
    guint key;
    GdkModifierType modifiers;
    int rows, columns;
  } moves[] = { { GDK_KEY_Up, 0, -1, 0 },
                { GDK_KEY_Down, 0, 1, 0 },
                { GDK_KEY_Left, 0, 0, -1 },
                { GDK_KEY_Right, 0, 0, 1 },
                { GDK_KEY_Home, 0, 0, -100000 },
                { GDK_KEY_End, 0, 0, 100000 },
                { GDK_KEY_Home, GDK_CONTROL_MASK, -100000, -100000 },
                { GDK_KEY_End, GDK_CONTROL_MASK, 100000, 100000 } };

  G_OBJECT_CLASS (klass)->dispose = lw_confusion_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_confusion_view_finalize;
  widget_class->snapshot = lw_confusion_view_snapshot;
  widget_class->measure = lw_confusion_view_measure;
  widget_class->get_request_mode = lw_confusion_view_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (widget_class, moves[i].key, moves[i].modifiers, move, "(ii)",
                                  moves[i].rows, moves[i].columns);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, open_cell, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_space, 0, open_cell, NULL);
  signals[HOVERED] = g_signal_new ("hovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[OPENED] = g_signal_new ("opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_confusion_view_init (LwConfusionView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->text = lw_text_new (NULL, NULL);
  self->row = self->column = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Confusion matrix"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (motion, "motion", G_CALLBACK (moved), self);
  g_signal_connect (motion, "leave", G_CALLBACK (left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_confusion_view_new (LwPredictionsSource *source)
{
  LwConfusionView *self = g_object_new (LW_TYPE_CONFUSION_VIEW, NULL);

  self->source = g_object_ref (source);
  g_signal_connect_object (source, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "cell-changed", G_CALLBACK (cell_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
