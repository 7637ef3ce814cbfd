#include "ui/class-rows-view.h"

#include "ui/draw/class-rows.h"
#include "ui/scrolled.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEAST_WIDTH 420

struct _LwClassRowsView {
  GtkWidget parent;
  LwDataSamples *samples;
  LwText *text;
  int32_t row, column;           /* marked */
  int32_t over_row, over_column; /* under the pointer; −1 */
  char *words;
};

G_DEFINE_FINAL_TYPE (LwClassRowsView, lw_class_rows_view, GTK_TYPE_WIDGET)

static guint hovered_signal;

/* False: there is nothing to show yet. */
static bool
get_rows (LwClassRowsView *self, LwClassRows *ret_rows)
{
  const LwDataSummary *summary = lw_data_samples_summary (self->samples);

  if (summary == NULL)
    return false;
  *ret_rows = (LwClassRows){ .classes = summary->classes,
                             .names = lw_data_samples_names (self->samples),
                             .counts = { summary->counts[0], summary->counts[1] },
                             .row = self->row,
                             .column = self->column };
  ret_rows->tiles = lw_data_samples_tiles (self->samples, &ret_rows->per_class);
  return true;
}

static void
lw_class_rows_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  LwClassRowsView *self = LW_CLASS_ROWS_VIEW (widget);
  LwClassRows rows;
  LwClassRowsLayout layout;

  (void)for_size;
  *minimum_baseline = *natural_baseline = -1;
  *minimum = *natural = LEAST_WIDTH;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  *minimum = *natural = 100;
  if (!get_rows (self, &rows))
    return;
  lw_class_rows_layout (&rows, self->text, LEAST_WIDTH, &layout);
  *minimum = *natural = (int)ceil (layout.height);
}

static void
lw_class_rows_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwClassRowsView *self = LW_CLASS_ROWS_VIEW (widget);
  const LwTheme *theme = lw_theme (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  LwClassRows rows;
  LwClassRowsLayout layout;
  cairo_t *cr;

  if (!get_rows (self, &rows) || (cr = lw_append_seen (widget, snapshot)) == NULL)
    return;
  lw_class_rows_layout (&rows, self->text, gtk_widget_get_width (widget), &layout);
  lw_text_set_scale (self->text, gtk_widget_get_scale_factor (widget));
  lw_class_rows_paint (cr, theme, self->text, &rows, &layout);
  cairo_destroy (cr);
}

/* --- what is said ------------------------------------------------------------------------------
 */

/* "dress: 6,000 training and 1,000 test images; training image 4,211"; g_free. */
static char *
words_of (LwClassRowsView *self, const LwClassRows *rows, int32_t row, int32_t column)
{
  const int32_t index = lw_data_samples_index (self->samples, row, column);
  g_autofree char *whole = lw_class_rows_describe (rows, row);

  if (index < 0)
    return g_steal_pointer (&whole);
  return g_strdup_printf (lw_data_samples_split (self->samples) == LW_SPLIT_TRAIN
                              ? _ ("%s; training image %d")
                              : _ ("%s; test image %d"),
                          whole, index);
}

static void
describe (LwClassRowsView *self)
{
  g_autofree char *marked = NULL;
  LwClassRows rows;

  g_clear_pointer (&self->words, g_free);
  if (get_rows (self, &rows)) {
    marked = self->row >= 0 ? words_of (self, &rows, self->row, self->column) : NULL;
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    marked != NULL ? marked : "", -1);
    self->words = self->over_row >= 0 && self->over_row < rows.classes
                      ? words_of (self, &rows, self->over_row, self->over_column)
                      : g_steal_pointer (&marked);
  }
  g_signal_emit (self, hovered_signal, 0);
}

const char *
lw_class_rows_view_words (LwClassRowsView *self)
{
  return self->words != NULL ? self->words : "";
}

static void
changed (LwClassRowsView *self)
{
  LwClassRows rows;

  if (!get_rows (self, &rows) || self->row >= rows.classes)
    self->row = self->column = -1;
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- pointer and keys --------------------------------------------------------------------------
 */

static bool
find (LwClassRowsView *self, double x, double y, int32_t *ret_row, int32_t *ret_column)
{
  LwClassRows rows;
  LwClassRowsLayout layout;

  if (!get_rows (self, &rows))
    return false;
  lw_class_rows_layout (&rows, self->text, gtk_widget_get_width (GTK_WIDGET (self)), &layout);
  return lw_class_rows_at (&rows, &layout, x, y, ret_row, ret_column);
}

static void
hover (LwClassRowsView *self, double x, double y)
{
  int32_t row, column;

  if (x < 0 || !find (self, x, y, &row, &column))
    row = column = -1;
  if (row == self->over_row && column == self->over_column)
    return;
  self->over_row = row;
  self->over_column = column;
  describe (self);
}

static void
moved (GtkEventControllerMotion *motion, double x, double y, LwClassRowsView *self)
{
  (void)motion;
  hover (self, x, y);
}

static void
left (GtkEventControllerMotion *motion, LwClassRowsView *self)
{
  (void)motion;
  hover (self, -1, -1);
}

static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwClassRowsView *self)
{
  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!find (self, x, y, &self->row, &self->column))
    return;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwClassRowsView *self = LW_CLASS_ROWS_VIEW (widget);
  GtkAdjustment *down = lw_scroll_of (widget, GTK_ORIENTATION_VERTICAL);
  LwClassRows rows;
  LwClassRowsLayout layout;
  cairo_rectangle_t place;
  int across, along;

  (void)data;
  g_variant_get (by, "(ii)", &along, &across);
  if (!get_rows (self, &rows))
    return FALSE;
  lw_class_rows_layout (&rows, self->text, gtk_widget_get_width (widget), &layout);
  self->row = CLAMP (MAX (self->row, 0) + along, 0, rows.classes - 1);
  self->column =
      CLAMP (MAX (self->column, 0) + across, 0, MAX (MIN (layout.columns, rows.per_class) - 1, 0));
  place = lw_class_rows_place (&layout, self->row, self->column);
  if (down != NULL)
    gtk_adjustment_clamp_page (down, self->row == 0 ? 0 : place.y - 8, place.y + place.height + 8);
  describe (self);
  gtk_widget_queue_draw (widget);
  return TRUE;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
lw_class_rows_view_finalize (GObject *object)
{
  LwClassRowsView *self = LW_CLASS_ROWS_VIEW (object);

  g_clear_object (&self->samples);
  lw_text_free (self->text);
  g_free (self->words);
  G_OBJECT_CLASS (lw_class_rows_view_parent_class)->finalize (object);
}

static void
lw_class_rows_view_class_init (LwClassRowsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct {
    guint key;
    int down, across;
  } moves[] = { { GDK_KEY_Up, -1, 0 },        { GDK_KEY_Down, 1, 0 },
                { GDK_KEY_Left, 0, -1 },      { GDK_KEY_Right, 0, 1 },
                { GDK_KEY_Home, -100000, 0 }, { GDK_KEY_End, 100000, 0 },
                { GDK_KEY_Page_Up, -5, 0 },   { GDK_KEY_Page_Down, 5, 0 } };

  G_OBJECT_CLASS (klass)->finalize = lw_class_rows_view_finalize;
  widget_class->snapshot = lw_class_rows_view_snapshot;
  widget_class->measure = lw_class_rows_view_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (widget_class, moves[i].key, 0, move, "(ii)", moves[i].down,
                                  moves[i].across);
  hovered_signal = g_signal_new ("hovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
lw_class_rows_view_init (LwClassRowsView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->text = lw_text_new (NULL, NULL);
  self->row = self->column = self->over_row = self->over_column = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  lw_redraw_when_scrolled (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Classes, their numbers and some of their images"), -1);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (motion, "motion", G_CALLBACK (moved), self);
  g_signal_connect (motion, "leave", G_CALLBACK (left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lw_class_rows_view_new (LwDataSamples *samples)
{
  LwClassRowsView *self = g_object_new (LW_TYPE_CLASS_ROWS_VIEW, NULL);

  self->samples = g_object_ref (samples);
  g_signal_connect_object (samples, "changed", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
